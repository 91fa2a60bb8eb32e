import { collectDefaultMetrics, Registry } from "prom-client";

/** A timer that fires so often measures the delay of the event loop: often enough to see a second, too rarely to be seen itself. */
const EVENT_LOOP_MS = 100;

/** The one registry of a process, with what Node tells of itself: `process_*`, `nodejs_*`. */
export function processRegistry(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: EVENT_LOOP_MS });
  return register;
}

const BEAT_MS = 1_000;
const LATE_MS = 10_000;

export interface Heartbeat {
  /** @returns why the event loop counts as stuck */
  problem(): string | undefined;
  stop(): void;
}

/**
 * A timer that notes each second that timers still fire. An event loop that is blocked altogether answers no probe at all; this finds
 * the one that answers and starves its timers.
 */
export function startHeartbeat(): Heartbeat {
  let last = performance.now();
  const timer = setInterval(() => {
    last = performance.now();
  }, BEAT_MS);
  timer.unref();
  return {
    problem() {
      const silentMs = performance.now() - last;
      return silentMs > LATE_MS ? `timers have not fired for ${Math.round(silentMs / 1000)} s` : undefined;
    },
    stop: () => clearInterval(timer),
  };
}

/** What asks a process to end: Ctrl-C, `kill`, and a terminal that is closed; with the exit codes shells give them. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Those signals as one that work can listen to. A second one ends the process at once. */
export interface Interrupt {
  readonly signal: AbortSignal;
  readonly interrupted: Promise<void>;
  release(): void;
}

export function untilInterrupted(): Interrupt {
  const controller = new AbortController();
  const interrupted = new Promise<void>((resolve) =>
    controller.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  const onSignal = (name: (typeof SIGNALS)[number]): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODES[name]);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    interrupted,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

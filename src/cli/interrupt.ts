/** SIGINT and SIGTERM as a signal that work can listen to. A second one ends the process at once. */
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
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === "SIGINT" ? 130 : 143);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    interrupted,
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

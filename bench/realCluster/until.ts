const WITHIN_MS = 60_000;
const PAUSE_MS = 20;

/** Tries until it works. @param what is said when it never does */
export async function until<T>(what: string, attempt: () => Promise<T>, pauseMs = PAUSE_MS): Promise<T> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`not within ${WITHIN_MS / 1000} s: ${what}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

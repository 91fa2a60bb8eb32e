import { clockTime, counted } from "./playText.ts";

interface Progress {
  show(progress: { readonly upgraded: number; readonly now: number }): void;
  clear(): void;
}

const INTERVAL_MS = 200;
const CLEAR_LINE = "\r\x1b[2K";

/** How far a long run has come, on one line that goes away; nothing where no person looks. */
export function progressLine(
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  pods: number,
  env: NodeJS.ProcessEnv = process.env,
): Progress {
  if (stream.isTTY !== true || env.TERM === "dumb") return { show: () => {}, clear: () => {} };
  let shownAt = performance.now();
  let start: number | undefined;
  return {
    show({ upgraded, now }) {
      start ??= now;
      if (performance.now() - shownAt < INTERVAL_MS) return;
      shownAt = performance.now();
      stream.write(
        `${CLEAR_LINE}${counted(upgraded)} of ${counted(pods)} pods, ${clockTime((now - start) / 1000)} of their time`,
      );
    },
    clear: () => void stream.write(CLEAR_LINE),
  };
}

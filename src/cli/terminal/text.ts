import type { Style, Symbols } from "./style.ts";

/** How texts for people are drawn. */
export interface Look {
  readonly style: Style;
  readonly symbols: Symbols;
}

/** How long something took or lasts, as kubectl has it: `45s`, `2m41s`, `3h5m`, `41d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 1) return `${days}d`;
  if (days === 1) return `${24 + hours}h`;
  if (hours > 0) return minutes > 0 ? `${hours}h${minutes}m` : `${hours}h`;
  if (minutes > 0) return minutes < 10 && seconds % 60 > 0 ? `${minutes}m${seconds % 60}s` : `${minutes}m`;
  return `${seconds}s`;
}

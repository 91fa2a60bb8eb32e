/** `BENCH_SCALE=0.05` tries a benchmark out with a twentieth of its pods and seconds; figures are taken with 1. */
const SCALE = Number(process.env.BENCH_SCALE ?? 1);

export function scaled(count: number): number {
  return Math.ceil(count * SCALE);
}

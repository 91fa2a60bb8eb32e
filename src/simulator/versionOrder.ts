const STAGES: Readonly<Record<string, number>> = { "": 2, beta: 1, alpha: 0 };

/** Kubernetes' order of versions: stable before beta before alpha, higher numbers first. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : 1;
  const position = left.findIndex((part, index) => part !== right[index]);
  return position < 0 ? 0 : right[position]! - left[position]!;
}

function rankOf(version: string): readonly number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  return match ? [STAGES[match[2] ?? ""]!, Number(match[1]), Number(match[3] ?? 0)] : undefined;
}

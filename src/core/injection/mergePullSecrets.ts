type PullSecret = { readonly name?: string };

/** The pod's secrets, then those of the SidecarSets; of each name the first one stays, also among the pod's own. */
export function mergePullSecrets(incoming: readonly PullSecret[], added: readonly PullSecret[]): readonly PullSecret[] {
  const byName = new Map<string, PullSecret>();
  for (const secret of [...incoming, ...added]) {
    const name = secret.name ?? "";
    if (!byName.has(name)) byName.set(name, secret);
  }
  return [...byName.values()];
}

/** The kubeconfig of the control plane that `npm run test:real` started for this run. */
export function realKubeconfig(): string {
  return fromRun("REAL_CLUSTER_KUBECONFIG");
}

/** kubectl of the control plane's version. */
export function realKubectl(): string {
  return fromRun("REAL_CLUSTER_KUBECTL");
}

function fromRun(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: start these tests by \`npm run test:real\``);
  return value;
}

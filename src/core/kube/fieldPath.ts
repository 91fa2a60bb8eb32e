/** The path of a member as Kubernetes writes it: `spec.containers`, `metadata.labels[example.com/a]`. */
export function memberPath(path: string, name: string): string {
  if (!/^\w+$/.test(name)) return `${path}[${name}]`;
  return path === "" ? name : `${path}.${name}`;
}

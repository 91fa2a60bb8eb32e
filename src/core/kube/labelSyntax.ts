/** Kubernetes' rules for label keys and values; each check answers with what is wrong, or nothing. */

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** `name` or `dns.subdomain/name`, the form of label keys, annotation keys and extended resource names. */
export function qualifiedNameProblem(key: string): string | undefined {
  const parts = key.split("/");
  if (parts.length > 2) return "a key has at most one '/': an optional DNS prefix and a name";
  const name = parts.at(-1)!;
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === "") return "the prefix before '/' must not be empty";
    const problem = dnsSubdomainProblem(prefix);
    if (problem) return `the prefix before '/' is no DNS name: ${problem}`;
  }
  if (name === "") return "the name must not be empty";
  if (name.length > 63) return "the name must be no more than 63 characters";
  if (!NAME.test(name)) {
    return "the name consists of letters, digits, '-', '_' and '.', and starts and ends with a letter or digit";
  }
  return undefined;
}

export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return "a label value must be no more than 63 characters";
  if (value !== "" && !NAME.test(value)) {
    return "a label value is empty or consists of letters, digits, '-', '_' and '.', starting and ending with a letter or digit";
  }
  return undefined;
}

/** RFC 1123 label: container, volume and port-free object names. */
export function dnsLabelProblem(name: string): string | undefined {
  if (name.length > 63) return "must be no more than 63 characters";
  if (!DNS_LABEL.test(name)) {
    return "must consist of lower-case letters, digits and '-', and start and end with a letter or digit";
  }
  return undefined;
}

export function dnsSubdomainProblem(name: string): string | undefined {
  if (name.length > 253) return "must be no more than 253 characters";
  if (!DNS_SUBDOMAIN.test(name)) {
    return "must consist of lower-case letters, digits, '-' and '.', and start and end with a letter or digit";
  }
  return undefined;
}

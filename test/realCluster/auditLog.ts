import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What an API server wrote down about one request for an object or a list. */
export interface AuditedRequest {
  readonly user: string;
  readonly verb: string;
  readonly group: string;
  /** With its subresource: `pods/status`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  /** Also of a list or watch that asks for one name. */
  readonly name: string | undefined;
  readonly uri: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The rights did not allow it; an admission plugin may refuse what they do. */
  readonly forbidden: boolean;
}

interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Service accounts, but for those of Kubernetes itself. */
const POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", userGroups: ["system:serviceaccounts:kube-system"] },
    { level: "Metadata", userGroups: ["system:serviceaccounts"] },
    { level: "None" },
  ],
};

/** The audit log of one API server, in a folder of the test's. */
export class AuditLog {
  readonly #path: string;
  readonly #policy: string;

  constructor(folder: string) {
    this.#path = join(folder, "audit.log");
    this.#policy = join(folder, "audit-policy.json");
    writeFileSync(this.#policy, JSON.stringify(POLICY));
  }

  /** For the API server that writes it. */
  get flags(): readonly string[] {
    return [`--audit-policy-file=${this.#policy}`, `--audit-log-path=${this.#path}`];
  }

  /** So far. */
  requests(): readonly AuditedRequest[] {
    const lines = readFileSync(this.#path, "utf8").split("\n").slice(0, -1);
    return lines.flatMap((line) => requestOf(JSON.parse(line) as AuditEvent));
  }

  requestsOf(user: string): readonly AuditedRequest[] {
    return this.requests().filter((request) => request.user === user);
  }
}

function requestOf({
  user,
  verb,
  requestURI: uri,
  objectRef,
  annotations,
  ...event
}: AuditEvent): readonly AuditedRequest[] {
  if (objectRef === undefined) return [];
  const { apiGroup: group = "", resource, subresource, namespace, name } = objectRef;
  return [
    {
      user: user.username,
      verb,
      group,
      resource: subresource === undefined ? resource : `${resource}/${subresource}`,
      namespace,
      name,
      uri,
      at: Date.parse(event.requestReceivedTimestamp),
      forbidden: annotations?.["authorization.k8s.io/decision"] !== "allow",
    },
  ];
}

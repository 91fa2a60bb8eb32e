import type { Cluster, Patch } from "../../../src/cluster/cluster.ts";
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  NAMESPACES,
  PODS,
  type ResourceType,
  SIDECAR_SETS,
} from "../../../src/cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../../src/core/kube/object.ts";
import { type Loose, objectBecomes } from "../../contract/fixtures.ts";
import { runProgram } from "../../program/runProgram.ts";

/** A person's shell on a cluster: the few commands that an explanation may tell to type, done as kubectl does them. */
export class Shell {
  readonly #cluster: Cluster;
  readonly #flags: readonly string[];

  /** @param flags that `sidecarset` needs to reach the cluster */
  constructor(cluster: Cluster, flags: readonly string[]) {
    this.#cluster = cluster;
    this.#flags = flags;
  }

  /** Commands joined by `&&`, one after the other. Rejects where one fails or is not known. */
  async run(line: string): Promise<void> {
    for (const command of line.split(" && ")) await this.#one(command);
  }

  async #one(command: string): Promise<void> {
    const replaced = /^kubectl get pod (\S+) -n (\S+) -o json \| kubectl replace --force -f -$/.exec(command);
    if (replaced) return this.#replace({ name: replaced[1]!, namespace: replaced[2]! });
    const [program, verb = "", ...words] = wordsOf(command);
    if (program === "sidecarset") return this.#sidecarset([verb, ...words]);
    if (program !== "kubectl") throw new Error(`not a command that is known here: ${command}`);
    const named = namedIn(words);
    switch (verb) {
      case "delete":
        return this.#delete(named);
      case "patch":
        return this.#patch(named, JSON.parse(words[words.indexOf("-p") + 1]!) as JsonObject);
      case "label":
        return this.#patch(named, { metadata: { labels: marksIn(words) } });
      case "annotate":
        return this.#patch(named, { metadata: { annotations: marksIn(words) } });
      case "wait":
        return this.#wait(words);
      default:
        throw new Error(`not a command that is known here: ${command}`);
    }
  }

  async #sidecarset(args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await runProgram([...args, ...this.#flags]);
    if (code !== 0) throw new Error(`sidecarset ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
  }

  async #delete({ type, ...name }: Named): Promise<void> {
    await this.#cluster.delete(type, name);
    await this.#vanished(type, name);
  }

  async #replace(name: { readonly namespace: string; readonly name: string }): Promise<void> {
    const pod = await this.#cluster.get<Loose>(PODS, name);
    await this.#cluster.delete(PODS, name, { gracePeriodSeconds: 0 });
    await this.#vanished(PODS, name, pod.metadata.uid);
    const { resourceVersion: _, ...metadata } = pod.metadata;
    await this.#cluster.create(PODS, { ...pod, metadata });
  }

  async #vanished(type: ResourceType, name: Omit<Named, "type">, uid?: string): Promise<void> {
    await objectBecomes(
      this.#cluster,
      type,
      name,
      (object) => object === undefined || (uid !== undefined && object.metadata.uid !== uid),
    );
  }

  async #patch({ type, ...name }: Named, patch: JsonObject): Promise<void> {
    await this.#cluster.patch<KubeObject>(type, name, { type: "merge", patch } satisfies Patch);
  }

  async #wait(words: readonly string[]): Promise<void> {
    const [, condition] = /^--for=condition=(\w+)$/.exec(words[0]!)!;
    const [, name = ""] = words[1]!.split("/");
    await objectBecomes(this.#cluster, SIDECAR_SETS, { name }, (object) =>
      object?.status?.conditions?.some(
        ({ type, status }: { type: string; status: string }) => type === condition && status === "True",
      ),
    );
  }
}

interface Named {
  readonly type: ResourceType;
  readonly name: string;
  readonly namespace?: string;
}

const TYPES: Readonly<Record<string, ResourceType>> = {
  pod: PODS,
  namespace: NAMESPACES,
  configmap: CONFIG_MAPS,
  deployment: DEPLOYMENTS,
  sidecarset: SIDECAR_SETS,
};

function namedIn([kind = "", name = "", ...words]: readonly string[]): Named {
  const at = words.indexOf("-n");
  const type = TYPES[kind];
  if (kind.startsWith("--")) return { type: SIDECAR_SETS, name };
  if (!type) throw new Error(`not a kind that is known here: ${kind}`);
  return { type, name, ...(at >= 0 && { namespace: words[at + 1]! }) };
}

/** `a=b` sets, `a-` takes away. */
function marksIn(words: readonly string[]): Readonly<Record<string, string | null>> {
  const marks = words.slice(2).filter((word) => /^[\w./-]+(=.*|-)$/.test(word) && !word.startsWith("-"));
  return Object.fromEntries(
    marks.map((mark) => {
      const equals = mark.indexOf("=");
      return equals < 0 ? [mark.slice(0, -1), null] : [mark.slice(0, equals), mark.slice(equals + 1)];
    }),
  );
}

/** With single quotes, as a shell takes them. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}

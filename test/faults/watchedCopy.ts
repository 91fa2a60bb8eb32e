import type { Cluster } from "../../src/cluster/cluster.ts";
import type { Environment } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import type { LocalCopy } from "../../src/cluster/localCopy.ts";
import type { ResourceType } from "../../src/cluster/resource.ts";
import { isNewerVersion } from "../../src/cluster/resourceVersion.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";

export interface WatchedCopyOptions {
  readonly cluster: Cluster;
  readonly type: ResourceType;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly namespace: string;
  readonly pageSize: number;
}

/** A local copy under observation: whatever its changes tell that cannot be is a contradiction. */
export class WatchedCopy {
  readonly type: ResourceType;
  readonly copy: LocalCopy<KubeObject>;
  readonly contradictions: string[] = [];
  changes = 0;
  /** As the changes tell it. */
  readonly #told = new Map<string, KubeObject>();
  readonly #gone = new Set<string>();

  constructor({ type, namespace, ...common }: WatchedCopyOptions) {
    this.type = type;
    // Pods come over protobuf then, everything else as JSON.
    const listOptions = { namespace, sparse: true } as const;
    this.copy = startInformer<KubeObject, KubeObject>({ ...common, type, listOptions, transform: (object) => object });
    this.copy.subscribe((change) => {
      this.changes++;
      const object = change.type === "deleted" ? change.old : change.object;
      const uid = object.metadata.uid ?? "";
      const known = this.#told.get(uid);
      const tells = `${change.type} ${object.metadata.name} ${uid} ${object.metadata.resourceVersion}`;
      if ((change.type === "added") === (known !== undefined)) this.contradictions.push(`${tells}: out of turn`);
      if (change.type === "added" && this.#gone.has(uid)) this.contradictions.push(`${tells}: it was deleted before`);
      if (change.type !== "added" && change.old !== known)
        this.contradictions.push(`${tells}: old is not what was told`);
      if (change.type === "updated" && !isNewerVersion(object.metadata.resourceVersion, versionOf(change.old)))
        this.contradictions.push(`${tells}: not newer than ${versionOf(change.old)}`);
      if (change.type !== "deleted") this.#told.set(uid, object);
      else if (this.#told.delete(uid)) this.#gone.add(uid);
    });
  }

  get content(): readonly KubeObject[] {
    return sorted(this.copy.values());
  }

  get told(): readonly KubeObject[] {
    return sorted(this.#told.values());
  }
}

export function sorted(objects: Iterable<KubeObject>): readonly KubeObject[] {
  return [...objects].sort((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1));
}

function versionOf({ metadata }: KubeObject): string {
  return metadata.resourceVersion ?? "";
}

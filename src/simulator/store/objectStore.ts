import { ResourceTable } from "./resourceTable.ts";

/** All resources under one rising version, the embedded server's etcd. */
export class ObjectStore {
  readonly #tables = new Map<string, ResourceTable>();
  readonly #historyLimit: number;
  #version = 1;

  /** @param historyLimit changes a resource remembers at least; watches from before that answer 410 */
  constructor(historyLimit = 10_000) {
    this.#historyLimit = historyLimit;
  }

  /** Version of the last change anywhere. */
  get version(): number {
    return this.#version;
  }

  table(resource: { readonly group: string; readonly plural: string }): ResourceTable {
    const key = `${resource.group}/${resource.plural}`;
    const existing = this.#tables.get(key);
    if (existing) return existing;
    const table = new ResourceTable(() => {
      this.#version += 1;
      return this.#version;
    }, this.#historyLimit);
    this.#tables.set(key, table);
    return table;
  }

  /** Forgets all history up to now: every watch from an earlier version has to list again. */
  compact(): void {
    for (const table of this.#tables.values()) table.compact(this.#version);
  }
}

import type { ResourceDefinition } from "./resourceDefinition.ts";

/** What the server serves right now. Custom resources come and go with their definitions. */
export class ResourceRegistry {
  readonly #definitions = new Map<string, ResourceDefinition>();

  constructor(definitions: readonly ResourceDefinition[]) {
    for (const definition of definitions) this.register(definition);
  }

  register(definition: ResourceDefinition): void {
    this.#definitions.set(`${definition.group}/${definition.plural}`, definition);
  }

  unregister(group: string, plural: string): void {
    this.#definitions.delete(`${group}/${plural}`);
  }

  find(group: string, plural: string): ResourceDefinition | undefined {
    return this.#definitions.get(`${group}/${plural}`);
  }

  all(): readonly ResourceDefinition[] {
    return [...this.#definitions.values()];
  }
}

import { type ApiObject, sameJson } from "./apiObject.ts";
import { asDefinition, CUSTOM_RESOURCE_DEFINITION } from "./builtin/customResourceDefinitions.ts";
import { customResource, establishedStatus } from "./customResourceDefinition.ts";
import { type ServerContext, timestamp } from "./serverContext.ts";
import type { StoredEvent } from "./store/resourceTable.ts";

/**
 * Serves what the stored CustomResourceDefinitions declare, from the moment they are stored. Their Established condition follows a
 * moment later, as from the controller of a real server. A deleted definition takes its objects with it.
 */
export function registerCustomResources(context: ServerContext): void {
  const definitions = context.store.table(CUSTOM_RESOURCE_DEFINITION);
  definitions.subscribe((event) => {
    if (event.type === "DELETED") return unregister(context, event);
    const built = customResource(asDefinition(event.object));
    if (!built.ok) return;
    context.registry.register(built.value);
    queueMicrotask(() => establish(context, event.object));
  });
}

function establish(context: ServerContext, { metadata }: ApiObject): void {
  const definitions = context.store.table(CUSTOM_RESOURCE_DEFINITION);
  const current = definitions.get(undefined, metadata.name!);
  if (!current || current.metadata.uid !== metadata.uid) return;
  const status = establishedStatus(asDefinition(current), timestamp(context.environment.clock.now()));
  if (!sameJson(withoutTimes(status), withoutTimes(current.status))) definitions.put({ ...current, status });
}

function unregister(context: ServerContext, { object }: StoredEvent): void {
  const { group, names } = asDefinition(object).spec;
  context.registry.unregister(group, names.plural);
  const table = context.store.table({ group, plural: names.plural });
  for (const custom of table.list()) table.remove(custom);
}

function withoutTimes(status: unknown): unknown {
  return JSON.parse(JSON.stringify(status ?? null, (key, value) => (key === "lastTransitionTime" ? undefined : value)));
}

import type { Json, JsonObject } from "./object.ts";
import { isJsonList, isJsonObject } from "./object.ts";

/** A default as a value: takes an object as a person wrote it and answers with the completed one. Unknown fields stay. */
export type Defaulting = (object: JsonObject) => JsonObject;

/** Sets the field when it is absent. */
export function absent(field: string, value: Json): Defaulting {
  return (object) => ((object[field] ?? null) === null ? { ...object, [field]: value } : object);
}

/** Sets the field when it is absent, "" or 0, which the Go types cannot tell apart. */
export function unset(field: string, value: Json): Defaulting {
  return (object) => (object[field] ? object : { ...object, [field]: value });
}

/** Completes the object in the field, if there is one. */
export function within(field: string, ...defaultings: readonly Defaulting[]): Defaulting {
  return (object) => {
    const value = object[field];
    return isJsonObject(value) ? withChanged(object, field, all(...defaultings)(value)) : object;
  };
}

/** Completes the object in the field, which need not be there. */
export function ensured(field: string, ...defaultings: readonly Defaulting[]): Defaulting {
  return (object) => within(field, ...defaultings)(absent(field, {})(object));
}

/** Completes every object in the list of the field, if there is one. */
export function each(field: string, ...defaultings: readonly Defaulting[]): Defaulting {
  const complete = all(...defaultings);
  return (object) => {
    const list = object[field];
    if (!isJsonList(list)) return object;
    return withChanged(
      object,
      field,
      list.map((item) => complete(isJsonObject(item) ? item : {})),
    );
  };
}

export function all(...defaultings: readonly Defaulting[]): Defaulting {
  return (object) => defaultings.reduce((result, defaulting) => defaulting(result), object);
}

function withChanged(object: JsonObject, field: string, value: Json): JsonObject {
  return object[field] === value ? object : { ...object, [field]: value };
}

import type { Result } from "../result.ts";
import { err } from "../result.ts";
import type { Json, JsonObject } from "./object.ts";

export function applyStrategicMergePatch(_target: JsonObject, _patch: JsonObject): Result<Json, string> {
  return err("not yet");
}

import { RE2JS, RE2JSException } from "re2js";
import type { CompilePattern } from "../core/kube/pattern.ts";
import { err, ok } from "../core/result.ts";

/** Go's regular expressions, for patterns that users wrote for Go: in linear time, whatever the pattern. */
export const compileGoPattern: CompilePattern = (pattern) => {
  try {
    const compiled = RE2JS.compile(pattern);
    return ok((text) => compiled.matcher(text).find());
  } catch (error) {
    if (error instanceof RE2JSException) return err(error.message);
    throw error;
  }
};

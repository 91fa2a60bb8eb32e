import type { Result } from "../result.ts";

/**
 * Compiles a regular expression of Go's dialect (RE2: linear time, no look-around, no back-references) to a test that is not
 * anchored. Handed to the decisions that need it, because the engine is a package and core has none.
 * @returns the error says what is wrong with the pattern
 */
export type CompilePattern = (pattern: string) => Result<(text: string) => boolean, string>;

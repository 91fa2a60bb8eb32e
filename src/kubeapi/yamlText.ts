/** Loaded where a YAML text is read, and only there. In the bundle the package itself has no names when it is imported so late. */
export { parse } from "yaml";

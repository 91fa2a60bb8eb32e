/**
 * `npm run generate:types -- KUBECONFIG` writes which fields the built-in kinds have, out of the OpenAPI documents of a real API server:
 * the facts the embedded one prunes, merges and explains by. A contract case holds the file to the server.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { kubeconfigAccess } from "../src/kubeapi/kubeconfig.ts";
import { BUILTIN_RESOURCES } from "../src/simulator/builtin/builtinResources.ts";
import { describedTypes, type OpenApiSchemas } from "../test/contract/describedTypes.ts";
import { httpDoor } from "../test/contract/httpDoor.ts";

const FILE = join(import.meta.dirname, "../src/simulator/schema/builtinTypes.json");

const [kubeconfig] = process.argv.slice(2);
if (kubeconfig === undefined)
  throw new Error("the kubeconfig of a real API server is needed: npm run generate:types -- PATH");
const http = httpDoor(await (await kubeconfigAccess({ path: kubeconfig }, {})).read());
const places = new Set(
  BUILTIN_RESOURCES.map(({ group, storageVersion }) =>
    group === "" ? `api/${storageVersion}` : `apis/${group}/${storageVersion}`,
  ),
);
const schemas: OpenApiSchemas = {};
for (const place of [...places, "apis/autoscaling/v1", "apis/policy/v1"]) {
  const { json } = await http.request("GET", `/openapi/v3/${place}`);
  Object.assign(schemas, json.components.schemas);
}
http.close();
const kinds = BUILTIN_RESOURCES.map(({ group, storageVersion: version, kind }) => ({ group, version, kind }));
writeFileSync(FILE, `${JSON.stringify(describedTypes(schemas, kinds), null, 2)}\n`);
console.log(`wrote ${FILE}`);

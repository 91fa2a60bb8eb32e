import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { NAMESPACES } from "../../src/cluster/resource.ts";
import { CHAPTERS } from "./chapters.ts";
import { installSidecarSets } from "./sidecarSetsKind.ts";
import type { CaseContext, ContractTarget } from "./target.ts";

/** Registers every case for one cluster; cases that need HTTPS are left out where the target has none. */
export function describeContract(
  name: string,
  { http: hasHttp }: { readonly http: boolean },
  open: () => Promise<ContractTarget>,
): void {
  describe(name, () => {
    let target: ContractTarget;
    beforeAll(async () => {
      target = await open();
      await installSidecarSets(target.cluster);
    });
    afterAll(() => target?.close());
    for (const { title, cases = [], httpCases = [] } of CHAPTERS) {
      if (cases.length > 0) {
        describe(title, () => {
          for (const { promise, run } of cases) it(promise, () => inFreshNamespace(target, run));
        });
      }
      if (!hasHttp || httpCases.length === 0) continue;
      describe(`${title}, over HTTPS`, () => {
        for (const { promise, run } of httpCases) {
          it(promise, () => inFreshNamespace(target, (context) => run({ ...context, http: target.http! })));
        }
      });
    }
  });
}

async function inFreshNamespace(target: ContractTarget, run: (context: CaseContext) => Promise<void>): Promise<void> {
  const { cluster } = target;
  const unique = (prefix: string): string => `${prefix}-${randomBytes(4).toString("hex")}`;
  const namespace = unique("contract");
  const undo: (() => Promise<unknown>)[] = [];
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  try {
    await target.namespaceReady(namespace);
    await run({
      cluster,
      expiredVersion: () => target.expiredVersion(),
      namespace,
      unique,
      afterwards: (step) => undo.push(step),
    });
  } finally {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    await cluster.delete(NAMESPACES, { name: namespace });
  }
}

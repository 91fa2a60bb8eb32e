import { describe, expect, it } from "vitest";
import { parsePod } from "../../src/core/injection/parsePod.ts";
import { mergePatchText } from "../../src/core/kube/mergePatchText.ts";
import { formatHashRecord, parseHashRecord } from "../../src/core/pod/hashRecord.ts";
import { sidecarSetHashes } from "../../src/core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { validateSidecarSet } from "../../src/core/sidecarSet/validateSidecarSet.ts";
import { parseAdmissionReview } from "../../src/webhook/admissionReview.ts";
import { admitPod } from "../../src/webhook/admitPod.ts";
import { compileGoPattern } from "../../src/webhook/goPattern.ts";
import { aPodObject } from "../aPod.ts";
import { aSidecarSet, aSidecarSetObject } from "../aSidecarSet.ts";

const SMALL = 200;
const TIMES = 16;
/** In between growing like the size (16) and like its square (256), with room for a busy machine on both sides. */
const MOST = 110;
/** Below this the clock and the compiler say more than the work. */
const NOTHING_MS = 25;

const named = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, index) => ({ name: `n-${index}`, ...more }));
const keyed = (count: number, value: unknown) => Object.fromEntries(named(count).map(({ name }) => [name, value]));
const set = aSidecarSet({
  containers: [
    {
      name: "side",
      image: "s:1",
      shareVolumePolicy: { type: "enabled" },
      transferEnv: [{ sourceContainerName: "app", envNames: ["n-0"] }],
    },
  ],
  volumes: [{ name: "n-1", emptyDir: {} }],
});
const app = { name: "app", image: "a:1" };

function admit(spec: object, annotations: object = {}) {
  const { spec: _, status: __, ...pod } = aPodObject();
  const object = { ...pod, metadata: { ...pod.metadata, annotations }, spec };
  const request = { uid: "u", operation: "CREATE", resource: { group: "", version: "v1", resource: "pods" }, object };
  const review = parseAdmissionReview(
    JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request }),
  );
  if (!review.ok) throw new Error(review.error);
  admitPod(review.value, { sidecarSets: [set], revisions: [], namespaceLabels: {} }, { now: 0 });
}

function judge(spec: Record<string, unknown>) {
  const sidecarSet = aSidecarSetObject(spec);
  const rest = { existing: [set], revisions: [], metadataRules: { allowedByDefault: true } };
  validateSidecarSet({ ...rest, sidecarSet, old: sidecarSet, compilePattern: compileGoPattern });
  const parsed = parseSidecarSet(sidecarSet);
  if (parsed.ok) sidecarSetHashes(parsed.value);
}

const WORK: Readonly<Record<string, (size: number) => void>> = {
  "a pod with many variables": (size) => admit({ containers: [{ ...app, env: named(size, { value: "$(n-0)" }) }] }),
  "a pod with many containers": (size) => admit({ containers: named(size, { image: "a:1", env: named(2) }) }),
  "a pod with many volumes and mounts": (size) =>
    admit({
      volumes: named(size, { emptyDir: {} }),
      containers: [{ ...app, volumeMounts: named(size).map(({ name }) => ({ name, mountPath: `/${name}` })) }],
    }),
  "a pod with many pull secrets": (size) => admit({ containers: [app], imagePullSecrets: named(size) }),
  "a pod with many annotations": (size) => admit({ containers: [app] }, keyed(size, "x")),
  "a pod of which everything is wrong": (size) =>
    void parsePod({ metadata: {}, spec: { containers: named(size, { env: 1 }) } }),
  "a SidecarSet with many variables": (size) => judge({ containers: [{ ...app, env: named(size, { value: "x" }) }] }),
  "a SidecarSet with many selector labels": (size) => judge({ selector: { matchLabels: keyed(size, "x") } }),
  "a long expression": (size) =>
    judge({
      containers: [
        {
          ...app,
          resourcesPolicy: {
            targetContainersMode: "sum",
            resourcesExpr: { limits: { cpu: Array.from({ length: size }, () => "cpu").join("+") } },
          },
        },
      ],
    }),
  "a record of many SidecarSets": (size) => {
    const { salvaged } = parseHashRecord(JSON.stringify(keyed(size, { hash: "h" })));
    formatHashRecord(salvaged);
  },
  "a merge of many members": (size) =>
    void mergePatchText(JSON.stringify(keyed(size, "x")), JSON.stringify(keyed(size, "y"))),
  "a merge of a long text": (size) => void mergePatchText(JSON.stringify(['\\"{'.repeat(size * 20)]), '{"a":1}'),
};

describe("the work grows no faster than the input", () => {
  it.each(Object.entries(WORK))("%s", (_, work) => {
    const [small, large] = [shortest(() => work(SMALL)), shortest(() => work(SMALL * TIMES))];
    expect(large).toBeLessThan(Math.max(small * MOST, NOTHING_MS));
  });
});

/** The shortest of a few: what else the machine does only ever adds. */
function shortest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round += 1) {
    const began = performance.now();
    work();
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

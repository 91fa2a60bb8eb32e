import { describe, expect, it } from "vitest";
import { chosenSidecar, injectedSidecars } from "./injectedSidecars.ts";

const RECORD = {
  "log-agent": { hash: "a", sidecarSetName: "log-agent", sidecarList: ["logtail", "rotate"], updateTimestamp: null },
  mesh: { hash: "b", sidecarSetName: "mesh", sidecarList: ["envoy"], updateTimestamp: null },
};
const ANNOTATIONS = {
  "kruise.io/sidecarset-hash": JSON.stringify(RECORD),
  "kruise.io/sidecarset-working-hotupgrade-container": JSON.stringify({ envoy: "envoy-2" }),
};
const SIDECARS = injectedSidecars(ANNOTATIONS);

describe("the sidecars of a pod", () => {
  it("are those of its records, of a pair the half that works", () => {
    expect(SIDECARS).toEqual([
      { sidecarSet: "log-agent", name: "logtail", container: "logtail" },
      { sidecarSet: "log-agent", name: "rotate", container: "rotate" },
      { sidecarSet: "mesh", name: "envoy", container: "envoy-2" },
    ]);
    expect(injectedSidecars({})).toEqual([]);
  });

  it.each([
    ["the only one of a SidecarSet", { sidecarSet: "mesh" }, "envoy-2"],
    ["by its name", { container: "rotate" }, "rotate"],
    ["a pair by the name in the SidecarSet", { container: "envoy" }, "envoy-2"],
    ["the idle half, by the container's name", { container: "envoy-1" }, "envoy-1"],
  ])("one is meant: %s", (_name, wanted, container) => {
    expect(chosenSidecar(SIDECARS, wanted)).toMatchObject({ ok: true, value: { container } });
  });

  it.each([
    ["several are there", {}, 3],
    ["several are there of that SidecarSet", { sidecarSet: "log-agent" }, 2],
    ["a name fits none", { container: "web" }, 3],
    ["a half is named of what is no pair", { container: "logtail-1" }, 3],
    ["there is none", { sidecarSet: "trace" }, 0],
  ])("what there is to choose from is told when %s", (_name, wanted, count) => {
    const chosen = chosenSidecar(SIDECARS, wanted);
    expect(chosen.ok ? [] : chosen.error).toHaveLength(count);
    expect(chosen.ok).toBe(false);
  });
});

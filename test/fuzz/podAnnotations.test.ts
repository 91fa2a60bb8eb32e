import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergePatchText } from "../../src/core/kube/mergePatchText.ts";
import {
  formatInjectedList,
  formatWorkingContainers,
  parseWorkingContainers,
  readBookkeeping,
} from "../../src/core/pod/bookkeeping.ts";
import { formatHashRecord, parseHashRecord, withInjected, withUpgraded } from "../../src/core/pod/hashRecord.ts";
import { formatInPlaceStates, parseInPlaceStates, withImageChange } from "../../src/core/pod/inPlaceState.ts";
import { formatUpgradeStates, parseUpgradeStates } from "../../src/core/pod/upgradeState.ts";
import {
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  IN_PLACE_UPDATE_STATE_ANNOTATION,
  INJECTED_LIST_ANNOTATION,
  WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION,
} from "../../src/core/sidecarSet/annotations.ts";
import { FUZZ_TIMEOUT_MS, fuzz } from "./fuzzRun.ts";
import { anyJson, anyText, jsonText, mutated } from "./mutation.ts";
import { recordTexts } from "./validDocuments.ts";

const texts = fc.oneof(
  { arbitrary: mutated(recordTexts), weight: 4 },
  { arbitrary: anyJson.map(jsonText), weight: 1 },
  { arbitrary: anyText, weight: 1 },
);
const ENTRY = {
  updateTimestamp: "2026-06-01T00:00:00Z",
  hash: "h",
  sidecarSetName: "logging",
  sidecarList: ["a"],
  controllerRevision: "",
};

describe("whatever text stands in a pod's annotations", { timeout: FUZZ_TIMEOUT_MS }, () => {
  it("is read, and what is written from it reads the same again", async () => {
    await fuzz(fc.tuple(texts, texts), ([text, other]) => {
      readBookkeeping({
        [HASH_ANNOTATION]: text,
        [HASH_WITHOUT_IMAGE_ANNOTATION]: other,
        [INJECTED_LIST_ANNOTATION]: text,
        [IN_PLACE_UPDATE_STATE_ANNOTATION]: text,
        [WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION]: text,
      });
      const hash = parseHashRecord(text);
      const written = formatHashRecord(withInjected(hash, [ENTRY]));
      expect(parseHashRecord(written).form).toBe("current");
      expect(formatHashRecord(parseHashRecord(written).entries)).toBe(written);
      expect(parseHashRecord(withUpgraded({ hash, hashWithoutImage: parseHashRecord(other) }, ENTRY).hash).form).toBe(
        "current",
      );

      const { states } = parseInPlaceStates(text);
      const change = {
        sidecarSet: "logging",
        hash: "h",
        updateTimestamp: ENTRY.updateTimestamp,
        imageIds: new Map([["a", "i"]]),
      };
      const changed = formatInPlaceStates(withImageChange(states, change));
      expect(parseInPlaceStates(changed).readable).toBe(true);
      // Other writers' infinite numbers are null once written, and gone the next time.
      const settled = formatInPlaceStates(parseInPlaceStates(changed).states);
      expect(formatInPlaceStates(parseInPlaceStates(settled).states)).toBe(settled);

      const upgrades = formatUpgradeStates(parseUpgradeStates(text));
      expect(formatUpgradeStates(parseUpgradeStates(upgrades))).toBe(upgrades);
      const working = formatWorkingContainers(parseWorkingContainers(text));
      expect(formatWorkingContainers(parseWorkingContainers(working))).toBe(working);
      formatInjectedList(text.split(","));
    });
  });

  it("is merged with any patch, or told why not", async () => {
    await fuzz(fc.tuple(texts, texts), ([text, patch]) => {
      const merged = mergePatchText(text, patch);
      if (merged.ok) JSON.parse(merged.value);
      else expect(merged.error).not.toBe("");
    });
  });
});

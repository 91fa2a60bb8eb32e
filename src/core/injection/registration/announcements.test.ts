import { describe, expect, it } from "vitest";
import {
  announcedSet,
  announcementOf,
  announcementsText,
  isSameAnnouncement,
  readAnnouncements,
  withAnnouncement,
} from "./announcements.ts";

const manifest = (name: string, app = "web") => ({
  apiVersion: "apps.kruise.io/v1beta1",
  kind: "SidecarSet",
  metadata: { name, annotations: { secret: "not announced" } },
  spec: {
    selector: { matchLabels: { app } },
    injectionStrategy: { failurePolicy: "Ignore" },
    containers: [{ name: "log", image: "log:1" }],
  },
});

describe("an announcement", () => {
  it("holds what selects, and nothing else", () => {
    const announced = announcementOf(manifest("a"))!;
    expect(JSON.stringify(announced)).not.toMatch(/log:1|secret/);
    expect(announcedSet(announced)!.spec).toMatchObject({
      selector: { matchLabels: { app: "web" } },
      injectionStrategy: { failurePolicy: "Ignore" },
    });
  });

  it("comes out of the annotation as it went in, the newest of a name", () => {
    const first = announcementOf(manifest("a"))!;
    const second = announcementOf(manifest("a", "other"))!;
    const other = announcementOf(manifest("b"))!;
    const kept = withAnnouncement(withAnnouncement([first], other), second);
    expect(readAnnouncements(announcementsText(kept))).toEqual([other, second]);
    expect(isSameAnnouncement(first, second)).toBe(false);
    expect(isSameAnnouncement({ ...first, registeredUntil: 5 }, first)).toBe(true);
    expect(announcementsText([])).toBeUndefined();
  });

  it("is not made of a selection that is too long, and does not crowd out without end", () => {
    expect(announcementOf(manifest("a", "x".repeat(5000)))).toBeUndefined();
    const many = Array.from({ length: 200 }, (_, index) => announcementOf(manifest(`s${index}`))!);
    const read = readAnnouncements(announcementsText(many));
    expect(read).toHaveLength(50);
    expect(read.at(-1)!.name).toBe("s199");
  });

  it.each(["", "nonsense", "{}", "null", '[1, null, {"name":1}]', '[{"name":"a","manifest":[]}]'])(
    "is not read from %s",
    (text) => {
      expect(readAnnouncements(text)).toEqual([]);
    },
  );
});

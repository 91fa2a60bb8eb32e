import { describe, expect, it } from "vitest";
import { cutTo, widthOf } from "./lineWidth.ts";

describe("fitting a line into the terminal", () => {
  it("leaves a line that just fits as it is", () => {
    expect(cutTo("\x1b[32m✔\x1b[39m done", 6, "…")).toBe("\x1b[32m✔\x1b[39m done");
  });

  it("cuts a longer one, and counts what it ends with", () => {
    expect(cutTo("twelve nodes", 8, "…")).toBe("twelve …");
    expect(cutTo("twelve nodes", 8, "...")).toBe("twelv...");
  });

  it("neither counts nor breaks colours, and closes them at the cut", () => {
    const cut = cutTo("\x1b[32mgreen and more\x1b[39m", 6, "…");
    expect(cut).toBe("\x1b[32mgreen\x1b[0m…");
    expect(widthOf(cut)).toBe(6);
  });

  it("survives a terminal without room", () => {
    expect(cutTo("line", 0, "…")).toBe("");
    expect(cutTo("line", 1, "…")).toBe("…");
  });
});

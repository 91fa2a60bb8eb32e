import { describe, expect, it } from "vitest";
import { andThen, orElse } from "./soon.ts";

describe("what follows from a value", () => {
  it("is there at once when the value is", () => {
    expect(andThen(1, (value) => value + 1)).toBe(2);
  });

  it("comes later when the value does", async () => {
    await expect(andThen(Promise.resolve(1), (value) => value + 1)).resolves.toBe(2);
  });
});

describe("work that fails", () => {
  const message = (error: unknown): string => (error as Error).message;

  it("at once is replaced at once", () => {
    expect(orElse(() => raise("now"), message)).toBe("now");
  });

  it("later is replaced later", async () => {
    await expect(orElse(() => Promise.reject(new Error("later")), message)).resolves.toBe("later");
  });

  it("not at all keeps its value", async () => {
    expect(orElse(() => "here", message)).toBe("here");
    await expect(orElse(() => Promise.resolve("there"), message)).resolves.toBe("there");
  });
});

function raise(message: string): never {
  throw new Error(message);
}

import { describe, expect, it } from "vitest";
import { type HealthCheck, healthEndpoints } from "./health.ts";
import type { HttpAnswer } from "./httpServer.ts";

const FINE: HealthCheck = { name: "copies", problem: () => undefined };
const BROKEN: HealthCheck = { name: "webhook", problem: async () => "no answer\nwithin 1 s" };
const FAILING: HealthCheck = {
  name: "certificate",
  problem: () => {
    throw new Error("cannot be read");
  },
};

describe("a health endpoint", () => {
  it("says ok when all is well, and lists the checks when asked", async () => {
    expect(await readyz([FINE], "")).toEqual({ code: 200, contentType: "text/plain", body: "ok\n" });
    expect((await readyz([FINE], "?verbose")).body).toBe("[+]copies ok\nreadyz check passed\n");
    expect((await readyz([FINE], "?verbose=true&x")).body).toContain("[+]copies ok");
  });

  it("lists the checks by itself when one fails, each on one line", async () => {
    expect(await readyz([FINE, BROKEN, FAILING], "")).toEqual({
      code: 503,
      contentType: "text/plain",
      body: "[+]copies ok\n[-]webhook failed: no answer within 1 s\n[-]certificate failed: cannot be read\nreadyz check failed\n",
    });
  });

  it("asks each of the two for its own checks", async () => {
    const endpoints = healthEndpoints({ live: [FINE], ready: [BROKEN] });
    const answers = await Promise.all(["/livez", "/readyz"].map((path) => ask(endpoints, path)));
    expect(answers.map(({ code }) => code)).toEqual([200, 503]);
  });
});

function readyz(ready: readonly HealthCheck[], query: string): Promise<HttpAnswer> {
  return ask(healthEndpoints({ live: [], ready }), `/readyz${query}`);
}

async function ask(endpoints: ReturnType<typeof healthEndpoints>, url: string): Promise<HttpAnswer> {
  const endpoint = endpoints.get(url.split("?")[0]!);
  if (endpoint?.method !== "GET") throw new Error(`${url} is not there`);
  return endpoint.answer(url);
}

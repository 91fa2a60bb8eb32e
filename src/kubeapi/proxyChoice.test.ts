import { describe, expect, it } from "vitest";
import { proxyFromEnvironment } from "./proxyChoice.ts";

const PROXY = "http://proxy.example:3128";

describe("proxy from the environment", () => {
  it.each<[string, string, Record<string, string>, string | undefined]>([
    ["HTTPS_PROXY for https", "https://api.example", { HTTPS_PROXY: PROXY, HTTP_PROXY: "http://other" }, PROXY],
    ["in small letters, too", "https://api.example", { https_proxy: PROXY }, PROXY],
    ["HTTP_PROXY for http", "http://api.example", { HTTPS_PROXY: "http://other", HTTP_PROXY: PROXY }, PROXY],
    ["without a scheme it is http", "https://api.example", { HTTPS_PROXY: "proxy.example:3128" }, PROXY],
    ["none without the variable", "https://api.example", { HTTP_PROXY: PROXY }, undefined],
    ["none for this machine", "https://127.0.0.1:6443", { HTTPS_PROXY: PROXY }, undefined],
    ["none for this machine by name", "https://localhost:6443", { HTTPS_PROXY: PROXY }, undefined],
    ["none for this machine over IPv6", "https://[::1]:6443", { HTTPS_PROXY: PROXY }, undefined],
  ])("%s", (_case, server, variables, proxy) => {
    expect(proxyFromEnvironment(server, variables)).toBe(proxy);
  });

  it.each<[string, string, boolean]>([
    ["*", "https://api.example", true],
    ["example", "https://example", true],
    ["example", "https://api.example", true],
    ["ample", "https://api.example", false],
    [".example", "https://api.example", true],
    ["*.example", "https://api.example", true],
    [".example", "https://example", false],
    ["API.Example", "https://api.example", true],
    ["api.example:443", "https://api.example", true],
    ["api.example:6443", "https://api.example", false],
    ["other, api.example", "https://api.example", true],
    ["10.0.0.1", "https://10.0.0.1:6443", true],
    ["0.0.1", "https://10.0.0.1:6443", false],
    ["10.0.0.0/8", "https://10.96.0.1", true],
    ["10.0.0.0/16", "https://10.96.0.1", false],
    ["10.0.0.0/99", "https://10.96.0.1", false],
    ["fd00::/8", "https://[fd00::1]", true],
    ["fd00::1", "https://[fd00::1]", true],
    ["", "https://api.example", false],
  ])("NO_PROXY %j for %s: without a proxy %s", (exceptions, server, direct) => {
    const proxy = proxyFromEnvironment(server, { HTTPS_PROXY: PROXY, NO_PROXY: exceptions });
    expect(proxy).toBe(direct ? undefined : PROXY);
  });

  it.each(["socks5://user:secret@proxy:1080", "proxy:port:1"])("refuses %s without repeating it", (url) => {
    const attempt = (): unknown => proxyFromEnvironment("https://api.example", { HTTPS_PROXY: url });
    expect(attempt).toThrow(/^the environment variable HTTPS_PROXY is (a socks5 proxy|no address); only http/);
    expect(attempt).not.toThrow("secret");
  });
});

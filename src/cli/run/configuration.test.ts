import { describe, expect, it } from "vitest";
import { type ConfigurationSources, readConfiguration, rolesOf } from "./configuration.ts";

const HEAD = { apiVersion: "config.sidecarset/v1", kind: "ManagerConfiguration" };

describe("the configuration", () => {
  it("has a default for all that is left out", () => {
    expect(read({ flags: {} })).toEqual({
      port: 9443,
      listen: "0.0.0.0",
      service: "sidecarset-webhook",
      systemNamespace: "kruise-system",
      excludedNamespaces: ["kube-system", "kube-node-lease"],
      defaultFailurePolicy: "Fail",
      leaseDuration: 15,
      logLevel: "info",
      logFormat: "json",
    });
  });

  it("takes flags before the file, and the file before the defaults", () => {
    const content = { ...HEAD, port: 1000, leaseDuration: 30, excludedNamespaces: ["build"] };
    const flags = { port: "2000", logLevel: "debug" };
    expect(read({ flags, file: { path: "m.yaml", content } })).toMatchObject({
      port: 2000,
      leaseDuration: 30,
      excludedNamespaces: ["build"],
      logLevel: "debug",
    });
  });

  it("takes a comma list; an empty one excludes none", () => {
    expect(read({ flags: { excludedNamespaces: "kube-system, build" } }).excludedNamespaces).toEqual([
      "kube-system",
      "build",
    ]);
    expect(read({ flags: { excludedNamespaces: "" } }).excludedNamespaces).toEqual([]);
  });

  it("tells every error at once, each with its place, its value and what is expected", () => {
    const content = { kind: "Config", prot: 1, port: "many", logFormat: "xml", healthPort: null };
    const flags = {
      systemNamespace: "Bad_NS",
      leaseDuration: "1",
      excludedNamespaces: "kube-system,Build",
      webhookUrl: "foo",
    };
    expect(errors({ flags, file: { path: "m.yaml", content } })).toEqual([
      "m.yaml: apiVersion (missing): config.sidecarset/v1 is expected",
      'm.yaml: kind "Config": ManagerConfiguration is expected',
      "m.yaml: prot 1: there is no such setting; did you mean port?",
      'm.yaml: port "many": a whole number from 0 (any free one) to 65535 is expected',
      "m.yaml: healthPort null: a whole number from 0 (any free one) to 65535 is expected",
      '--webhook-url "foo": https://HOST[:PORT] is expected, as the API server reaches us',
      '--system-namespace "Bad_NS": lower-case letters, digits and "-" are expected, at most 63',
      '--excluded-namespaces "Build": lower-case letters, digits and "-" are expected, at most 63',
      "--lease-duration 1: a whole number of seconds is expected, from 2 to 3600",
      'm.yaml: logFormat "xml": one of json, text is expected',
    ]);
  });

  it.each([
    ["port", "99999"],
    ["port", "-1"],
    ["port", "0x10"],
    ["healthPort", "1.5"],
    ["shutdownDelay", "301"],
    ["kubeconfig", ""],
    ["defaultFailurePolicy", "fail"],
    ["logLevel", "trace"],
  ])("refuses --%s %s", (key, value) => {
    expect(errors({ flags: { [key]: value } })).toHaveLength(1);
  });

  it("takes one certificate from outside, whose authority cert-manager may register", () => {
    const given = { certificateSecret: "webhook-tls", injectCaFrom: "kruise-system/webhook" };
    expect(read({ flags: given })).toMatchObject(given);
    expect(read({ flags: { certificateDir: "/certificates" } })).toMatchObject({ certificateDir: "/certificates" });
    expect(errors({ flags: { certificateSecret: "a", certificateDir: "/b" } })).toEqual([
      "certificateSecret and certificateDir are both set: the certificate comes from one of them",
    ]);
    expect(errors({ flags: { injectCaFrom: "kruise-system/webhook" } })).toEqual([
      "injectCaFrom is set without certificateSecret or certificateDir: cert-manager does not know the authority of our own certificate",
    ]);
    expect(errors({ flags: { certificateSecret: "A_b", injectCaFrom: "webhook" } })).toEqual([
      '--certificate-secret "A_b": the name of a Secret is expected: lower-case letters, digits, "-" and "."',
      '--inject-ca-from "webhook": NAMESPACE/NAME of a cert-manager Certificate is expected',
    ]);
  });

  it("tells of a value once, however much is wrong with it", () => {
    expect(errors({ flags: {}, file: { path: "m.yaml", content: { ...HEAD, leaseDuration: 1.5 } } })).toEqual([
      "m.yaml: leaseDuration 1.5: a whole number of seconds is expected, from 2 to 3600",
    ]);
  });

  it.each([[], "text", 5, null])("refuses a file that holds %j", (content) => {
    expect(errors({ flags: {}, file: { path: "m.yaml", content } })).toEqual([
      "m.yaml: an object of kind ManagerConfiguration is expected",
    ]);
  });
});

describe("the address of the webhook", () => {
  it.each(["https://127.0.0.1:9443", "https://manager.example/hooks/", "https://[::1]:9443"])(
    "may be %s",
    (webhookUrl) => {
      expect(read({ flags: { webhookUrl } })).toMatchObject({ webhookUrl });
    },
  );

  it.each(["foo", "", "127.0.0.1:9443", "http://127.0.0.1:9443", "https://host/?a=b", "https://host#x"])(
    "may not be %j",
    (webhookUrl) => {
      expect(errors({ flags: { webhookUrl } })[0]).toContain(
        `--webhook-url "${webhookUrl}": https://HOST[:PORT] is expected`,
      );
    },
  );

  it("that holds a password is refused without telling it", () => {
    expect(errors({ flags: { webhookUrl: "https://u:hidden@host" } })[0]).toContain('--webhook-url "https://***@host"');
  });
});

describe("what a manager runs", () => {
  const both = { controller: true, webhook: true };
  const cases: [string, ConfigurationSources["flags"], Record<string, boolean>, object][] = [
    ["both, when nothing is said", {}, {}, both],
    ["the one that a flag names", { webhook: true }, {}, { controller: false, webhook: true }],
    ["both, when flags name both", { webhook: true, controller: true }, {}, both],
    ["the one that the file names", {}, { controller: true }, { controller: true, webhook: false }],
    ["the other one, when the file says no to one", {}, { webhook: false }, { controller: true, webhook: false }],
    [
      "what the flags say, when the file says something else",
      { webhook: true },
      { controller: true },
      { controller: false, webhook: true },
    ],
  ];
  it.each(cases)("is %s", (_name, flags, file, expected) => {
    expect(rolesOf(read({ flags, file: { path: "m.yaml", content: { ...HEAD, ...file } } }))).toEqual(expected);
  });

  it("is never nothing", () => {
    const content = { ...HEAD, controller: false, webhook: false };
    expect(errors({ flags: {}, file: { path: "m.yaml", content } })).toEqual([
      "controller and webhook are both false: one of them has to run",
    ]);
  });
});

function read(sources: ConfigurationSources) {
  const configuration = readConfiguration(sources);
  if (!configuration.ok) throw new Error(configuration.error.join("\n"));
  return configuration.value;
}

function errors(sources: ConfigurationSources): readonly string[] {
  const configuration = readConfiguration(sources);
  return configuration.ok ? [] : configuration.error;
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lease } from "../../src/cluster/lease.ts";
import { LEASES } from "../../src/cluster/resource.ts";
import { type ManagedCluster, type RunningManager, startManagedCluster } from "./managedCluster.ts";
import { runProgram, startProgram } from "./runProgram.ts";

const LEASE = { namespace: "kruise-system", name: "sidecarset-manager" };

let cluster: ManagedCluster;
let folder: string;
beforeAll(async () => {
  cluster = await startManagedCluster();
  folder = mkdtempSync(join(tmpdir(), "run-"));
});
afterAll(async () => {
  await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("several managers", () => {
  it("have one leader; told to end it hands over within 2 s, and ends with 0", async () => {
    const first = await cluster.startManager();
    const second = await cluster.startManager();
    expect(first.log().find(({ message }) => message === "manager started")).toMatchObject({ leads: true });
    expect(second.log().find(({ message }) => message === "manager started")).toMatchObject({ leads: false });
    const { holderIdentity } = await lease();
    expect(first.log().find(({ message }) => message === "leading")).toMatchObject({ identity: holderIdentity });

    first.process.kill("SIGTERM");
    const endedAt = Date.now();
    await second.said('"message":"leading"');
    const leading = second.log().find(({ message }) => message === "leading")!;
    expect(Date.parse(leading.time) - endedAt).toBeLessThanOrEqual(2_000);
    expect(leading).toMatchObject({ transitions: 1 });
    expect(await first.ended).toMatchObject({ code: 0, stdout: "" });
    expect(first.log().map(({ message }) => message)).toContain("the lease is given back");
    second.process.kill("SIGTERM");
    expect(await second.ended).toMatchObject({ code: 0 });
    expect((await lease()).holderIdentity).toBe("");
  });

  it("one for the webhook alone never takes the Lease, one for the controller alone serves health all the same", async () => {
    const webhook = await cluster.startManager("--webhook");
    expect((await lease()).holderIdentity).toBe("");
    const controller = await cluster.startManager("--controller");
    const { holderIdentity } = await lease();
    expect(controller.log().find(({ message }) => message === "leading")).toMatchObject({ identity: holderIdentity });
    expect((await health(controller, "/readyz")).status).toBe(200);
    expect((await health(controller, "/metrics")).status).toBe(200);
    await expect(overHttps(controller, "/livez")).rejects.toThrow("ECONNREFUSED");
    expect(webhook.log().map(({ message }) => message)).not.toContain("leading");
    for (const manager of [webhook, controller]) {
      manager.process.kill("SIGTERM");
      expect(await manager.ended).toMatchObject({ code: 0 });
    }
  });
});

describe("the health of a manager", () => {
  it("is told line by line, over HTTPS and over plain HTTP", async () => {
    const manager = await cluster.startManager();
    const lines = "[+]shutdown ok\n[+]certificate ok\n[+]copies ok\n[+]webhook ok\nreadyz check passed\n";
    expect(await health(manager, "/readyz?verbose")).toEqual({ status: 200, body: lines });
    expect(await overHttps(manager, "/readyz?verbose")).toEqual({ status: 200, body: lines });
    expect(await health(manager, "/livez?verbose")).toEqual({
      status: 200,
      body: "[+]eventloop ok\n[+]leadership ok\nlivez check passed\n",
    });
    expect((await health(manager, "/metrics")).body).toContain("sidecarset_injections_total");
    expect((await health(manager, "/self-test-record")).body).toMatch(/^\{"windows":\[.*\]\}\n$/);
    expect((await health(manager, "/mutate-pods")).status).toBe(404);
    manager.process.kill("SIGTERM");
    await manager.ended;
  });
});

describe("a manager that is told to end", () => {
  it("is not ready any more, answers the admission under way, and then ends with 0", async () => {
    const manager = await cluster.startManager();
    const admission = openAdmission(manager);
    await admission.connected;
    manager.process.kill("SIGTERM");
    await manager.said('"message":"stopping"');
    const { status, body } = await health(manager, "/readyz?verbose");
    expect(status).toBe(503);
    expect(body).toContain("[-]shutdown failed: closing");
    admission.finish();
    expect(await admission.answer).toBe(200);
    expect(await manager.ended).toMatchObject({ code: 0 });
  });

  it("serves on while others do not know yet, for the shutdown delay", async () => {
    const manager = await cluster.startManager("--shutdown-delay", "2");
    manager.process.kill("SIGTERM");
    await manager.said('"message":"the lease is given back"');
    expect((await overHttps(manager, "/livez")).status).toBe(200);
    expect((await overHttps(manager, "/readyz")).status).toBe(503);
    expect(await manager.ended).toMatchObject({ code: 0 });
  });

  it("twice ends at once", async () => {
    const manager = await cluster.startManager("--shutdown-delay", "300");
    manager.process.kill("SIGTERM");
    await manager.said('"message":"stopping"');
    manager.process.kill("SIGTERM");
    expect((await manager.ended).code).toBe(143);
  });
});

describe("a configuration file", () => {
  it("is taken, flags before it, and the log may be for people", async () => {
    const path = join(folder, "manager.yaml");
    const head = "apiVersion: config.sidecarset/v1\nkind: ManagerConfiguration\n";
    const rest = `kubeconfig: ${cluster.kubeconfigPath}\nwebhookUrl: https://127.0.0.1:9\nlisten: 127.0.0.1\nport: 99\n`;
    writeFileSync(path, `${head}${rest}leaseDuration: 4\n`);
    const manager = startProgram(["run", "--config", path, "--port", "0", "--log-format", "text"]);
    await manager.said("manager started  runs=controller+webhook");
    // The manager of the test before was ended so quickly that it may have kept the Lease.
    await manager.said("leading  lease=sidecarset-manager");
    expect(await lease()).toMatchObject({ leaseDurationSeconds: 4 });
    manager.process.kill("SIGTERM");
    const { code, stderr } = await manager.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\d\d:\d\d:\d\d info {2}leading {2}lease=sidecarset-manager/m);
  });

  it("that is wrong is refused with every error at once", async () => {
    const path = join(folder, "wrong.yaml");
    writeFileSync(path, "apiVersion: config.sidecarset/v1\nkind: ManagerConfiguration\nlogLvl: info\nport: 70000\n");
    expect(await runProgram(["run", "--config", path, "--log-format", "xml"])).toEqual({
      code: 2,
      stdout: "",
      stderr: [
        "error: 3 settings are wrong:",
        `  ${path}: logLvl "info": there is no such setting; did you mean logLevel?`,
        `  ${path}: port 70000: a whole number from 0 (any free one) to 65535 is expected`,
        '  --log-format "xml": one of json, text is expected\n',
      ].join("\n"),
    });
  });

  it.each([
    ["is not there", "nowhere.yaml", undefined, "there is no such file"],
    ["is no YAML", "broken.yaml", "a: [", "Flow sequence"],
  ])("that %s is named", async (_why, name, text, reason) => {
    const path = join(folder, name);
    if (text !== undefined) writeFileSync(path, text);
    const { code, stderr } = await runProgram(["run", "--config", path]);
    expect(code).toBe(2);
    expect(stderr).toContain(`error: --config ${path}: ${reason}`);
    expect(stderr).not.toMatch(/:\n$/);
  });
});

describe("a certificate that is not there", () => {
  it.each([
    ["a Secret", ["--certificate-secret", "nowhere"], "there is no Secret kruise-system/nowhere"],
    ["a folder", ["--certificate-dir", "/nowhere"], "folder /nowhere: tls.crt is missing or empty"],
  ])("of %s ends the manager with one line that names it", async (_what, flags, message) => {
    const { kubeconfigPath } = cluster;
    const common = ["--kubeconfig", kubeconfigPath, "--listen", "127.0.0.1", "--port", "0", "--log-level", "error"];
    const ended = await runProgram(["run", "--webhook-url", "https://127.0.0.1:9", ...common, ...flags]);
    expect(ended).toEqual({ code: 1, stdout: "", stderr: `error: ${message}\n` });
  });
});

async function lease() {
  return (await cluster.cluster.get<Lease>(LEASES, LEASE)).spec!;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function health({ healthPort }: RunningManager, path: string): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${healthPort}${path}`);
  return { status: answer.status, body: await answer.text() };
}

function overHttps({ port }: RunningManager, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, rejectUnauthorized: false, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => {
        body += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode!, body }));
    });
    call.on("error", reject);
    call.end();
  });
}

/** An admission call whose body has come half way. */
function openAdmission({ port }: RunningManager) {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web" },
    spec: { containers: [{ name: "a", image: "a" }] },
  };
  const review = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "1",
      operation: "CREATE",
      resource: { group: "", version: "v1", resource: "pods" },
      namespace: "default",
      object: pod,
    },
  };
  const text = JSON.stringify(review);
  const half = Math.floor(text.length / 2);
  const call = request({
    ...{ host: "127.0.0.1", port, path: "/mutate-pods", method: "POST", rejectUnauthorized: false, agent: false },
    headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
  });
  const answer = new Promise<number>((resolve, reject) => {
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    call.on("error", reject);
  });
  const connected = new Promise<void>((resolve) => call.on("socket", (socket) => socket.on("secureConnect", resolve)));
  call.write(text.slice(0, half));
  return { connected, answer, finish: () => call.end(text.slice(half)) };
}

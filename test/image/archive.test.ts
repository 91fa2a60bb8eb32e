import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, inject, it } from "vitest";
import { ROOT } from "../../image/bundledPackages.ts";
import { imageConfig, imageLayers } from "../../image/imageFiles.ts";
import { NODE_PACKAGE } from "../../image/nodeBinary.ts";
import { ociArchive } from "../../image/ociArchive.ts";

const folder = mkdtempSync(join(tmpdir(), "image-"));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
/** Small stand-ins for the runtime, which is a hundred megabytes from npm. The program is the real one. */
const SOURCES = {
  node: { program: file("node", "a runtime"), licence: file("node-licence", "its licence") },
  system: [
    {
      ...{ name: "libc6", version: "2", architecture: "amd64", licence: "LGPL-2.1-or-later" },
      files: [file("libc.so.6", "a library")],
    },
  ],
  programFolder: dirname(inject("program")),
  softwareBill: "{}",
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the image", () => {
  it("is an archive in the OCI layout: every blob has its digest for a name, every layer unpacks", async () => {
    const { bytes, digests } = await packed();
    const root = unpacked(bytes);
    expect(json(root, "oci-layout")).toEqual({ imageLayoutVersion: "1.0.0" });
    const blobs = readdirSync(join(root, "blobs/sha256"));
    for (const name of blobs) expect(sha256(readFileSync(join(root, "blobs/sha256", name)))).toBe(name);
    const { manifests } = json(root, "index.json") as { manifests: Descriptor[] };
    expect(manifests.map(({ digest }) => digest)).toEqual(digests);
    const { config, layers } = blob(root, digests[0]!) as { config: Descriptor; layers: Descriptor[] };
    expect(blobs).toHaveLength(layers.length + 2);
    const { rootfs } = blob(root, config.digest) as { rootfs: { diff_ids: string[] } };
    expect(rootfs.diff_ids).toEqual(layers.map(({ digest }) => digest));
    const tree = join(folder, "tree");
    execFileSync("mkdir", [tree]);
    for (const { digest } of layers) execFileSync("tar", ["-xpf", blobPath(root, digest), "-C", tree]);
    expect(readFileSync(join(tree, "bin/node"), "utf8")).toBe("a runtime");
    expect(statSync(join(tree, "bin/node")).mode & 0o777).toBe(0o755);
    expect(statSync(join(tree, "tmp")).mode & 0o7777).toBe(0o1777);
    expect(readFileSync(join(tree, "sidecarset/sidecarset.js"))).toEqual(readFileSync(inject("program")));
    expect(readdirSync(join(tree, "usr/share/doc/sidecarset"))).toEqual([
      "LICENSE",
      "THIRD-PARTY-NOTICES",
      "sbom.cdx.json",
    ]);
    expect(readFileSync(join(tree, "etc/passwd"), "utf8")).toContain("nonroot:x:65532:65532:");
  });

  it("has the same digest for the same files, and another one when a file changes", async () => {
    const { bytes, digests } = await packed();
    expect((await packed()).bytes.equals(bytes)).toBe(true);
    expect((await packed({ softwareBill: "{ }" })).digests).not.toEqual(digests);
  });

  it("runs the program as a user without rights, and holds nothing that is for other programs", async () => {
    expect(imageConfig("1.2.3")).toMatchObject({ User: "65532:65532", Entrypoint: ["/bin/node", expect.any(String)] });
    const paths = (await imageLayers(SOURCES)).flat().map(({ path }) => path);
    expect(paths).toContain((imageConfig("1.2.3").Entrypoint as string[])[1]!.slice(1));
    expect(paths.filter((path) => /library\.js|types\/|bundled\.json/.test(path))).toEqual([]);
  });

  it("is what the Dockerfile describes, from the same list of files and the same runtime", () => {
    const lines = readFileSync(join(ROOT, "Dockerfile"), "utf8").split("\n");
    const settings = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).at(-1);
    const { User, Env, Entrypoint } = imageConfig("1.2.3") as Record<string, string | string[]>;
    expect(settings("USER")).toBe(`USER ${User as string}`);
    expect(settings("ENV")).toBe(`ENV ${(Env as string[]).join(" ")}`);
    expect(settings("ENTRYPOINT")).toBe(`ENTRYPOINT [${(Entrypoint as string[]).map((one) => `"${one}"`).join(", ")}]`);
    expect(lines).toContain(`FROM node:${NODE_PACKAGE.version}-bookworm AS build`);
    expect(settings("RUN")).toContain("npm run image -- --root");
  });

  it("names every folder before what is in it, so that no runtime has to guess its mode", async () => {
    for (const layer of await imageLayers(SOURCES)) {
      const seen = new Set<string>([""]);
      for (const { path } of layer) {
        expect([...seen]).toContain(path.replace(/[^/]+\/?$/, ""));
        seen.add(path);
      }
    }
  });
});

interface Descriptor {
  readonly digest: string;
}

async function packed(more: Partial<typeof SOURCES> = {}) {
  const layers = await imageLayers({ ...SOURCES, ...more });
  return ociArchive([{ reference: "localhost/sidecarset:1.2.3", layers, config: imageConfig("1.2.3") }]);
}

function unpacked(archive: Buffer): string {
  const root = mkdtempSync(join(folder, "layout-"));
  execFileSync("tar", ["-x", "-C", root], { input: archive });
  return root;
}

function blobPath(root: string, digest: string): string {
  return join(root, "blobs", digest.replace(":", "/"));
}

function blob(root: string, digest: string): unknown {
  return JSON.parse(readFileSync(blobPath(root, digest), "utf8"));
}

function json(root: string, name: string): unknown {
  return JSON.parse(readFileSync(join(root, name), "utf8"));
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { tarArchive } from "../../../image/tarArchive.ts";
import { judgeInstallation } from "../../core/installation/judgeInstallation.ts";
import { type BundleFiles, collectBundle } from "../bundle/bundleFiles.ts";
import { yamlText } from "../change/yamlText.ts";
import { readInstallation } from "../check/readInstallation.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { dnsLabel } from "../preflight.ts";
import { VERSION } from "../version.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";

interface SupportBundleOptions extends ClusterOptions {
  readonly file?: string;
  readonly systemNamespace: string;
}

/** Packs what tells how an installation stands, without secrets, for somebody who is to help. */
export async function supportBundle(options: SupportBundleOptions): Promise<void> {
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  const now = new Date();
  const name = `sidecarset-support-${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  const { files, remarks } = await withCluster(options, async (cluster) => {
    const collected = await collectBundle(cluster, systemNamespace);
    const facts = await readInstallation(cluster, { systemNamespace, isBefore: false });
    const checks = judgeInstallation(facts, { systemNamespace, isBefore: false });
    const about = {
      generatedAt: now.toISOString(),
      client: VERSION,
      server: cluster.serverVersion,
      systemNamespace,
      leftOut: collected.remarks,
    };
    const own: [string, string][] = [
      ["about.yaml", yamlText(about)],
      ["check.yaml", yamlText(checks)],
    ];
    return { files: new Map([...own, ...collected.files]), remarks: collected.remarks };
  });
  const archive = packed(name, files);
  const file = options.file ?? `${name}.tar.gz`;
  if (file === "-") process.stdout.write(archive);
  else await store(file, archive);
  const size = `${files.size} files, ${Math.ceil(archive.length / 1024)} KiB`;
  process.stderr.write(
    [
      ...remarks.map((remark) => `left out: ${remark}`),
      `${file === "-" ? name : file}: ${size}; no Secrets, values of variables redacted`,
      ...(file === "-" ? [] : [`look into it before you send it: tar xzOf ${file} | less`]),
    ]
      .map((line) => `${line}\n`)
      .join(""),
  );
}

function packed(folder: string, files: BundleFiles): Buffer {
  const entries = [...files].map(([path, text]) => ({
    path: `${folder}/${path}`,
    content: Buffer.from(text),
    mode: 0o600,
  }));
  return gzipSync(tarArchive(entries));
}

/** For the owner's eyes; what is there stays. */
async function store(file: string, archive: Buffer): Promise<void> {
  try {
    await writeFile(file, archive, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "EEXIST" ? "the file is there already; name another one" : message;
    throw new CommandError(`--file ${file}: ${why}`, EXIT.usage);
  }
}

import { Command } from "commander";
import { addWriteOptions, systemNamespaceOption } from "./options.ts";

/** Change one thing of a SidecarSet. */
export function setVerb(): Command {
  return new Command("set").description("change the images of a SidecarSet").addCommand(imageVerb());
}

function imageVerb(): Command {
  const image = new Command("image")
    .argument("<name>", "SidecarSet")
    .argument("<container=image...>", "sidecar and its new image")
    .description("give sidecars of a SidecarSet other images: pods follow in place")
    .addOption(systemNamespaceOption());
  return addWriteOptions(image)
    .addHelpText(
      "after",
      `
Examples:
  $ sidecarset set image log-agent fluent-bit=fluent-bit:3.2.1
  $ sidecarset set image log-agent fluent-bit=fluent-bit:3.2.1 --dry-run=server
  $ sidecarset set image mesh envoy=envoy:1.31 proxy-init=proxy-init:7 --print-patch -o yaml`,
    )
    .action(async (name, images, options) => (await import("../commands/setImage.ts")).setImage(name, images, options));
}

import { Argument, Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { completionRequest } from "./completionRequest.ts";

/** As everyVerb.ts has them, in small. */
function program(): Command {
  const image = new Command("image").argument("<name>", "SidecarSet").argument("<container=image...>");
  return new Command("sidecarset")
    .option("--no-color")
    .addCommand(
      new Command("promote")
        .argument("<name>", "SidecarSet")
        .option("--to <pods>")
        .option("-y, --yes")
        .option("--kubeconfig <file>")
        .addOption(new Option("-o, --output <format>").choices(["text", "json"])),
    )
    .addCommand(new Command("set").addCommand(image))
    .addCommand(new Command("stop").addArgument(new Argument("[what...]").choices(["updates", "injection"])))
    .addCommand(new Command("check").alias("doctor").option("--wait <time>"));
}

function asked(...words: string[]) {
  const { prefix, typed, wants } = completionRequest(program(), words);
  const texts = wants.kind === "these" ? wants.candidates.map(({ text }) => text) : wants.kind;
  return { prefix, typed, wants: texts };
}

describe("what may come next", () => {
  it.each<[string, string[], unknown]>([
    ["verbs", [""], ["promote", "set", "stop", "check"]],
    ["verbs below a verb", ["set", ""], ["image"]],
    ["a SidecarSet", ["promote", "lo"], "sidecarSets"],
    ["nothing after the last argument", ["promote", "log-agent", ""], "nothing"],
    ["its images, as often as they are given", ["set", "image", "log-agent", "a=b", ""], "images"],
    ["choices of an argument, again and again", ["stop", "updates", ""], ["updates", "injection"]],
    [
      "options of the verb and of the program",
      ["promote", "--"],
      ["--to", "--yes", "--kubeconfig", "--output", "--no-color", "--help"],
    ],
    ["values of an option", ["promote", "-o", ""], ["text", "json"]],
    ["files", ["promote", "log-agent", "--kubeconfig", "./k"], "files"],
    ["nothing where a value is free", ["promote", "--to", ""], "nothing"],
    [
      "a SidecarSet after options with and without a value",
      ["promote", "--to", "5", "-y", "-o", "json", ""],
      "sidecarSets",
    ],
    ["options by another name of the verb", ["doctor", "-"], ["--wait", "--no-color", "--help"]],
    ["nothing after an option that is none", ["promote", "--nothing=x"], "nothing"],
  ])("is %s", (_name, words, wants) => {
    expect(asked(...words).wants).toEqual(wants);
  });

  it("is completed behind the sign of equality", () => {
    expect(asked("promote", "--output=js")).toEqual({ prefix: "--output=", typed: "js", wants: ["text", "json"] });
  });

  it("knows which cluster the line is about", () => {
    const { line } = completionRequest(program(), ["promote", "--kubeconfig=a", "log-agent", "--kubeconfig", "b", ""]);
    expect([line.positionals, line.values.get("kubeconfig")]).toEqual([["log-agent"], "b"]);
  });
});

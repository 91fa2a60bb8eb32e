import { Command, Option } from "commander";
import { defaultOf, flagOf, SETTINGS, type Setting } from "../run/settings.ts";

/** The manager. */
export function runVerb(): Command {
  const run = new Command("run")
    .description("run the manager: admission webhook and rollout controller")
    .option("--config <file>", "settings as a file of kind ManagerConfiguration; flags win over it");
  for (const option of SETTINGS.map(settingOption)) run.addOption(option);
  return run
    .addHelpText(
      "after",
      `
Several managers may run: every one serves the webhook, one of them leads.

Examples:
  $ sidecarset run                                                   inside the cluster
  $ sidecarset run --kubeconfig ./kubeconfig --webhook-url https://127.0.0.1:9443 --listen 127.0.0.1
  $ sidecarset run --config manager.yaml --log-format text
  $ sidecarset run --observe --kubeconfig ./kubeconfig               beside OpenKruise, as somebody who may only read`,
    )
    .action(async ({ config, ...options }: RunOptions, command: Command) => {
      const given = Object.entries(options).filter(([key]) => command.getOptionValueSource(key) === "cli");
      const flags = Object.fromEntries(given) as Record<string, string | boolean>;
      await (await import("../commands/run.ts")).run({ flags, ...(config === undefined ? {} : { config }) });
    });
}

type RunOptions = { readonly config?: string } & Readonly<Record<string, unknown>>;

function settingOption(setting: Setting): Option {
  const { takes, description, defaultText } = setting;
  const flag = takes === undefined ? flagOf(setting.key) : `${flagOf(setting.key)} <${takes}>`;
  const left = defaultText === undefined ? "" : `; left out: ${defaultText}`;
  const option = new Option(flag, `${description}${left}`);
  return setting.default === undefined ? option : option.default(setting.default, defaultOf(setting));
}

import { type Grant, MANAGER_GRANTS, PEOPLE_GRANTS, REMOVAL_GRANTS } from "./rights.ts";

/** docs/reference/rights.md: every verb on every resource, and what it is for. */
export function rightsReference(): string {
  return `# Rights

Generated from \`generate/install/rights.ts\` by \`npm run generate\`, as are the roles of every way to install. A test runs the manager with these rights and compares
the audit log of a real API server with this table, both ways: nothing is refused, and nothing stands here that was not used.

No Secret outside of the manager's own namespace can be read or written, and in it one by name. Kubernetes cannot bind \`create\` to a name, nor \`patch\` to
fields; where that makes a right wider than its use, the reason says so.

## The manager

ServiceAccount \`sidecarset-manager\`.

${MANAGER_GRANTS.map(section).join("\n\n")}

With \`webhook.certificate.mode\` \`provided\` or \`certManager\` the Role \`sidecarset-manager-certificate\` holds \`list\` and \`watch\` of that one Secret instead.

## The Job before an uninstall

ServiceAccount \`sidecarset-removal\`, which Helm makes for the time of the Job.

${REMOVAL_GRANTS.map(section).join("\n\n")}

## People

${PEOPLE_GRANTS.map(section).join("\n\n")}

\`sidecarset preview\`, \`inject --from-cluster\` and \`undo --dry-run\` read with the rights of who calls them: SidecarSets, pods, namespaces, and revisions of the
manager's namespace.
`;
}

function section(grant: Grant): string {
  const { role, scope, about, rules, aggregatedTo = [] } = grant;
  const kind = scope === "cluster" ? "ClusterRole" : "Role";
  const aggregated =
    aggregatedTo.length === 0 ? "" : ` (part of ${aggregatedTo.map((name) => `\`${name}\``).join(" and ")})`;
  const rows = rules.flatMap(({ group, resource, names, verbs }) =>
    Object.entries(verbs).map(
      ([verb, why]) =>
        `| ${resource}${group === "" ? "" : ` (${group})`} | ${names?.map((name) => `\`${name}\``).join(", ") ?? "any"} | ${verb} | ${why} |`,
    ),
  );
  return [
    `${kind} \`${role}\`${aggregated}, ${about}:`,
    "",
    "| resource | name | verb | what for |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

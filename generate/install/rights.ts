import { LEASE_NAME } from "../../src/cli/run/leader.ts";
import {
  CONTROLLER_REVISIONS,
  LEASES,
  MUTATING_WEBHOOKS,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import { OPENKRUISE } from "../../src/core/migration/openKruise.ts";
import { CONFIGURATION_CONFIG_MAP } from "../../src/core/sidecarSet/annotations.ts";
import { STOP_SWITCHES } from "../../src/core/sidecarSet/stopSwitches.ts";
import { CERTIFICATE_SECRET } from "../../src/webhook/certificates/ownCertificate.ts";
import { CONFIGURATION_NAMES } from "../../src/webhook/registration.ts";

/** Verbs on one resource, each with what it is used for: what is in no story of the tests does not stand here. */
export interface Rule {
  readonly group: string;
  /** With its subresource: `pods/status`. */
  readonly resource: string;
  /** Of these objects alone; absent: of all. Creating cannot be bound to names. */
  readonly names?: readonly string[];
  readonly verbs: Readonly<Record<string, string>>;
}

/** Where the rules hold: everywhere, in the manager's own namespace, or in `default`. */
export type Scope = "cluster" | "system" | "default";

/** One Role or ClusterRole and, where somebody of ours holds it, its binding. */
export interface Grant {
  readonly role: string;
  readonly scope: Scope;
  readonly holder: "manager" | "removal" | "people";
  /** For the reader of the reference. */
  readonly about: string;
  readonly rules: readonly Rule[];
  /** Names of ClusterRoles that take these rules in. */
  readonly aggregatedTo?: readonly string[];
}

const { group: KRUISE } = SIDECAR_SETS;
const { group: ADMISSION } = MUTATING_WEBHOOKS;
const MANAGER = "sidecarset-manager";
export const REMOVAL = "sidecarset-removal";

const webhookConfigurations: readonly Rule[] = [
  { plural: MUTATING_WEBHOOKS.plural, name: CONFIGURATION_NAMES.mutating },
  { plural: VALIDATING_WEBHOOKS.plural, name: CONFIGURATION_NAMES.validating },
].flatMap(({ plural: resource, name }): readonly Rule[] => [
  {
    group: ADMISSION,
    resource,
    verbs: { create: "the registration, when there is none; Kubernetes cannot bind creating to a name" },
  },
  {
    group: ADMISSION,
    resource,
    names: [name],
    verbs: {
      get: "what is registered is read before it is written",
      list: "every replica serves only a certificate that is registered, and the leader sees when somebody changes the registration; asked where the API server does not stream lists",
      watch: "the same",
      update: "the registration follows the SidecarSets and the certificate",
      delete: "the stop switch `registration: stopped` takes the registration away",
    },
  },
]);

const managerEverywhere: Grant = {
  role: MANAGER,
  scope: "cluster",
  holder: "manager",
  about: "in the whole cluster",
  rules: [
    {
      group: "",
      resource: "pods",
      verbs: {
        list: "a leader begins only when it has seen the newest state of all pods",
        watch: "which pods there are, what they carry and whether they are ready",
        get: "a pod whose change was written but does not show is read again",
        patch: "image and annotations of a pod that is upgraded in place",
      },
    },
    {
      group: "",
      resource: "pods/status",
      verbs: { patch: "the condition SidecarSetUpgradable, for pods that cannot be upgraded in place" },
    },
    {
      group: "",
      resource: "namespaces",
      verbs: {
        get: "at the start, whether the own one is there; at admission, a namespace too new to be known",
        list: "their labels, which SidecarSets select by; asked where the API server does not stream lists",
        watch: "the same",
      },
    },
    {
      group: KRUISE,
      resource: SIDECAR_SETS.plural,
      verbs: { list: "at the start, whether the kind is served", watch: "the SidecarSets" },
    },
    {
      group: KRUISE,
      resource: `${SIDECAR_SETS.plural}/status`,
      verbs: { patch: "the status; the spec is never written" },
    },
    {
      group: KRUISE,
      resource: `${SIDECAR_SETS.plural}/finalizers`,
      verbs: {
        update:
          "revisions are owned by their SidecarSet; API servers that enforce rights of owners (OpenShift) ask for this",
      },
    },
    ...webhookConfigurations,
  ],
};

const managerAtHome: Grant = {
  role: MANAGER,
  scope: "system",
  holder: "manager",
  about: "in its own namespace",
  rules: [
    {
      group: CONTROLLER_REVISIONS.group,
      resource: CONTROLLER_REVISIONS.plural,
      verbs: {
        create: "the history of a SidecarSet",
        get: "one of the same name that is there already is compared",
        list: "pinned and older revisions are injected and counted; asked where the API server does not stream lists",
        watch: "the same",
        patch: "one that is used again becomes the newest, or gets its custom version",
        delete: "beyond revisionHistoryLimit",
      },
    },
    {
      group: "",
      resource: "configmaps",
      names: [STOP_SWITCHES],
      verbs: { list: "the stop switches; asked where the API server does not stream lists", watch: "the same" },
    },
    {
      group: "",
      resource: "configmaps",
      names: [CONFIGURATION_CONFIG_MAP],
      verbs: { get: "the white list of pod metadata, when a SidecarSet patches some" },
    },
    {
      group: LEASES.group,
      resource: LEASES.plural,
      verbs: { create: "the Lease, once; Kubernetes cannot bind creating to a name" },
    },
    {
      group: LEASES.group,
      resource: LEASES.plural,
      names: [LEASE_NAME],
      verbs: { get: "who leads", watch: "when it is given back", update: "to take, renew and give it back" },
    },
    {
      group: LEASES.group,
      resource: LEASES.plural,
      names: [OPENKRUISE.lease],
      verbs: { get: "whether OpenKruise's manager runs: only one of both may own SidecarSets" },
    },
    {
      group: "",
      resource: "pods",
      verbs: {
        create: "the self-test asks, as a dry run, what would become of a pod; Kubernetes cannot grant dry runs alone",
      },
    },
  ],
};

const managerOwnCertificate: Grant = {
  role: `${MANAGER}-certificate`,
  scope: "system",
  holder: "manager",
  about: "in its own namespace, for a certificate of its own",
  rules: [
    {
      group: "",
      resource: "secrets",
      verbs: { create: "the certificate, once; Kubernetes cannot bind creating to a name" },
    },
    {
      group: "",
      resource: "secrets",
      names: [CERTIFICATE_SECRET],
      verbs: {
        get: "the certificate, before it is served or renewed",
        list: "its renewals; asked where the API server does not stream lists",
        watch: "the same",
        update: "to renew it",
      },
    },
  ],
};

const managerEvents: Grant = {
  role: `${MANAGER}-events`,
  scope: "default",
  holder: "manager",
  about: "in the namespace `default`, where Kubernetes keeps the Events of cluster-wide objects",
  rules: [
    {
      group: "",
      resource: "events",
      verbs: { create: "Events of SidecarSets", patch: "the count of one that happens again" },
    },
  ],
};

const removalEverywhere: Grant = {
  role: REMOVAL,
  scope: "cluster",
  holder: "removal",
  about: "the Job that runs before `helm uninstall`, and only then: in the whole cluster",
  rules: [
    { plural: MUTATING_WEBHOOKS.plural, name: CONFIGURATION_NAMES.mutating },
    { plural: VALIDATING_WEBHOOKS.plural, name: CONFIGURATION_NAMES.validating },
  ].map(({ plural, name }) => ({
    group: ADMISSION,
    resource: plural,
    names: [name],
    verbs: { delete: "the registration", get: "whether it stays away" },
  })),
};

const removalAtHome: Grant = {
  role: REMOVAL,
  scope: "system",
  holder: "removal",
  about: "that Job, in the own namespace",
  rules: [
    {
      group: "",
      resource: "configmaps",
      names: [STOP_SWITCHES],
      verbs: { patch: "no manager registers the webhook again" },
    },
    { group: "", resource: "configmaps", verbs: { create: "the same, when somebody has deleted the ConfigMap" } },
  ],
};

/** What of all this the manager holds, whatever the values. */
export const MANAGER_GRANTS: readonly Grant[] = [
  managerEverywhere,
  managerAtHome,
  managerOwnCertificate,
  managerEvents,
];
export const OWN_CERTIFICATE_ROLE = managerOwnCertificate.role;
export const REMOVAL_GRANTS: readonly Grant[] = [removalEverywhere, removalAtHome];

/** Bound by whoever runs the cluster. */
export const PEOPLE_GRANTS: readonly Grant[] = [
  {
    role: "sidecarset-view",
    scope: "cluster",
    holder: "people",
    about: "for everybody who may view the cluster",
    aggregatedTo: ["view"],
    rules: [
      {
        group: KRUISE,
        resource: SIDECAR_SETS.plural,
        verbs: { get: "see one", list: "see all", watch: "see them change" },
      },
    ],
  },
  {
    role: "sidecarset-edit",
    scope: "cluster",
    holder: "people",
    about: "for everybody who may edit what is in the cluster",
    aggregatedTo: ["edit", "admin"],
    rules: [
      {
        group: KRUISE,
        resource: SIDECAR_SETS.plural,
        verbs: {
          create: "make one",
          update: "change one",
          patch: "change one",
          delete: "remove one",
          deletecollection: "remove several",
        },
      },
    ],
  },
  {
    role: "sidecarset-operator",
    scope: "cluster",
    holder: "people",
    about: "for those who steer rollouts but neither make nor remove SidecarSets",
    rules: [
      {
        group: KRUISE,
        resource: SIDECAR_SETS.plural,
        verbs: {
          get: "see one",
          list: "see all",
          watch: "see them change",
          patch: "pause, promote, undo: fields of the spec; Kubernetes cannot bind patching to fields",
        },
      },
    ],
  },
  {
    role: "sidecarset-operator",
    scope: "system",
    holder: "people",
    about: "for the same people, in the manager's namespace",
    rules: [
      {
        group: CONTROLLER_REVISIONS.group,
        resource: CONTROLLER_REVISIONS.plural,
        verbs: { list: "`sidecarset undo` looks for the revision to go back to" },
      },
    ],
  },
];

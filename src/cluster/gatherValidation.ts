import type { Labels } from "../core/kube/labelSelector.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { CONFIGURATION_CONFIG_MAP, METADATA_WHITELIST_KEY } from "../core/sidecarSet/annotations.ts";
import type { MetadataRules, Proposal } from "../core/sidecarSet/validation/proposal.ts";
import { type BriefReader, readBriefly } from "./briefRead.ts";
import { isClusterError } from "./clusterError.ts";
import { type InjectionCopies, knownSidecarSets } from "./gatherInjection.ts";
import { CONFIG_MAPS } from "./resource.ts";

/** All that judging a SidecarSet depends on besides the request. */
export type GatheredValidation = Pick<Proposal, "existing" | "revisions" | "metadataRules"> & {
  /** Labels of every namespace; absent: not known. */
  readonly namespaces?: readonly Labels[];
};

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Reads from the copies, and the white list from the cluster, which only a SidecarSet that patches pod metadata needs. Rejects with a
 * ClusterError when the SidecarSets are not known yet.
 */
export async function gatherValidation(
  copies: InjectionCopies,
  needs: { readonly whitelist: boolean; readonly systemNamespace: string },
  reader: BriefReader,
): Promise<GatheredValidation> {
  return {
    existing: knownSidecarSets(copies),
    revisions: [...copies.revisions.values()],
    namespaces: [...copies.namespaces.values()].map(({ metadata }) => metadata.labels ?? {}),
    metadataRules: needs.whitelist ? await readMetadataRules(needs.systemNamespace, reader) : NOTHING_ALLOWED,
  };
}

/** Pods' annotations and labels are other people's: without a white list a SidecarSet may write none. */
const NOTHING_ALLOWED: MetadataRules = { allowedByDefault: false };

async function readMetadataRules(namespace: string, reader: BriefReader): Promise<MetadataRules> {
  const rules = { ...NOTHING_ALLOWED, namespace };
  try {
    const name = { namespace, name: CONFIGURATION_CONFIG_MAP };
    const whitelist = (await readBriefly<ConfigMap>(CONFIG_MAPS, name, reader))?.data?.[METADATA_WHITELIST_KEY];
    return whitelist === undefined ? rules : { ...rules, whitelist };
  } catch (error) {
    // The refusal says where the white list should be; a failed call would only say that something is out of reach.
    if (isClusterError(error)) return { ...rules, unreadable: error.message };
    throw error;
  }
}

/** A bug the simulator might have: one change of its sources that no case of the contract may let through. */
export interface SeededDefect {
  /** What is broken, as a sentence. */
  readonly broken: string;
  /** Below the repository's root. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly text: string;
  readonly replacement: string;
  /** Where it shows; left out: in memory, which is faster. */
  readonly target?: "in memory" | "over HTTPS";
}

const VERBS = "src/simulator/verbs";
const BUILTIN = "src/simulator/builtin";
const ADMISSION = "src/simulator/admission";
const FIELDS = "src/simulator/fieldManagement";
const COLLECTOR = "src/simulator/workloads/garbageCollector.ts";

export const SEEDED_DEFECTS: readonly SeededDefect[] = [
  {
    broken: "an update of a stale version overwrites the newer one",
    file: `${VERBS}/update.ts`,
    text: "if (named !== current.metadata.resourceVersion) throw conflict(target.definition, target.name!, OBJECT_MODIFIED);",
    replacement: "",
  },
  {
    broken: "an update that changes nothing moves the version on",
    file: `${VERBS}/update.ts`,
    text: "return sameJson(next, current) ? current : target.table.put(next);",
    replacement: "return target.table.put(next);",
  },
  {
    broken: "what others write while a webhook thinks is overwritten",
    file: `${VERBS}/update.ts`,
    text: "const untouched = target.table.get(target.namespace, target.name!) === current;",
    replacement: "const untouched = true;",
  },
  {
    broken: "a patch does not start again after others were faster",
    file: `${VERBS}/update.ts`,
    text: "if (next.namesVersion || attempt === MOST_ATTEMPTS) {",
    replacement: "if (attempt >= 1) {",
  },
  {
    broken: "the labels of a changed object are not checked",
    file: "src/simulator/objectMeta.ts",
    text: "return [...errors, ...metaErrors(object)];",
    replacement: "return errors;",
  },
  {
    broken: "a dry run of a creation is stored",
    file: `${VERBS}/create.ts`,
    text: "const stored = dryRun ? prepared : table.put(inStorageVersion(prepared, definition));",
    replacement: "const stored = table.put(inStorageVersion(prepared, definition));",
  },
  {
    broken: "a dry run of a patch is stored",
    file: `${VERBS}/update.ts`,
    text: "if (target.dryRun) return next;",
    replacement: "",
  },
  {
    broken: "a dry run of a deletion deletes",
    file: `${VERBS}/delete.ts`,
    text: "if (target.dryRun) return answer(next, target, gone);",
    replacement: "",
  },
  {
    broken: "a watch is not told what leaves its selection",
    file: `${VERBS}/watch.ts`,
    text: "if (!before && !now) return;",
    replacement: 'if (!now && !(before && event.type === "DELETED")) return;',
  },
  {
    broken: "a watch is shown what left its selection as it is now",
    file: `${VERBS}/watch.ts`,
    text: 'type === "DELETED" && event.type !== "DELETED" ? lastSeen(event) : event.object;',
    replacement: "event.object;",
  },
  {
    broken: "a deletion is told under the version before it",
    file: "src/simulator/store/resourceTable.ts",
    text: "const removed = withMeta(object, { resourceVersion: String(version) });",
    replacement: "const removed = object;",
  },
  {
    broken: "a watch from a forgotten version just goes on: 410 is never said",
    file: "src/simulator/store/resourceTable.ts",
    text: "if (version < this.#forgottenUpTo) return undefined;\n    let start",
    replacement: "let start",
  },
  {
    broken: "a watch from a version tells everything that is there first",
    file: `${VERBS}/watch.ts`,
    text: 'options.sendInitialEvents ?? (start === "" || start === "0");',
    replacement: "options.sendInitialEvents ?? true;",
  },
  {
    broken: "the next page begins with the last item of the one before",
    file: `${VERBS}/read.ts`,
    text: "keyOf(object) > page.after",
    replacement: "keyOf(object) >= page.after",
  },
  {
    broken: "a later page is of a later version",
    file: `${VERBS}/read.ts`,
    text: "const version = page?.version ?? versionAsked(context, options);",
    replacement: "const version = versionAsked(context, options);",
  },
  {
    broken: "a field selector takes != for =",
    file: "src/simulator/objectFilter.ts",
    text: 'equal: operator !== "!="',
    replacement: "equal: true",
  },
  {
    broken: "a change of a pod's image leaves its generation",
    file: `${BUILTIN}/pods.ts`,
    text: "generationOf: (object) => object.spec,",
    replacement: "generationOf: (object) => (object.spec as { nodeName?: string }).nodeName,",
  },
  {
    broken: "a status write raises the generation",
    file: `${VERBS}/update.ts`,
    text: "return subresource.changesGeneration ? withGeneration(written, old, target) : written;",
    replacement: "return withMeta(written, { generation: (old.metadata.generation ?? 0) + 1 });",
  },
  {
    broken: "a status write changes the spec too",
    file: `${BUILTIN}/statusSubresource.ts`,
    text: "withoutUndefined({ ...object, metadata, status: body.status })",
    replacement: "withoutUndefined({ ...object, ...body, metadata })",
  },
  {
    broken: "a write of a pod changes its status too",
    file: `${BUILTIN}/pods.ts`,
    text: "prepareForUpdate: (object, old) => ({ ...object, status: old.status }),",
    replacement: "",
  },
  {
    broken: "a pod may be created as running",
    file: `${BUILTIN}/pods.ts`,
    text: "({ ...object, status: firstStatus(object, now) })",
    replacement: "({ ...object, status: object.status ?? firstStatus(object, now) })",
  },
  {
    broken: "a write of a deployment changes its status too",
    file: `${BUILTIN}/workloads.ts`,
    text: "prepareForUpdate: (object: ApiObject, old: ApiObject) => ({ ...object, status: old.status }),",
    replacement: "",
  },
  {
    broken: "scaling leaves the generation",
    file: `${BUILTIN}/scaleSubresource.ts`,
    text: "changesGeneration: true",
    replacement: "changesGeneration: false",
  },
  {
    broken: "every field of a StatefulSet may change",
    file: `${BUILTIN}/statefulSets.ts`,
    text: "...errors(object), ...forbiddenChange(object, old)]",
    replacement: "...errors(object)]",
  },
  {
    broken: "the completions and the template of a Job may change",
    file: `${BUILTIN}/jobs.ts`,
    text: "...errors(object), ...forbiddenChanges(object, old)]",
    replacement: "...errors(object)]",
  },
  {
    broken: "a Job does not choose its pods by its uid",
    file: `${BUILTIN}/jobs.ts`,
    text: "if (spec.manualSelector === true) return object;",
    replacement: "if (spec.manualSelector !== undefined) return object;",
  },
  {
    broken: "a volume may be added to a pod",
    file: `${BUILTIN}/podUpdateRule.ts`,
    text: 'for (const field of ["activeDeadlineSeconds", "tolerations", "schedulingGates"]) {',
    replacement: 'for (const field of ["activeDeadlineSeconds", "tolerations", "schedulingGates", "volumes"]) {',
  },
  {
    broken: "a bound pod is bound again to another node",
    file: `${BUILTIN}/pods.ts`,
    text: 'if ((spec.nodeName ?? "") !== "") return `pod',
    replacement: "if (spec.hostname !== undefined) return `pod",
  },
  {
    broken: "a pod on a node goes at once instead of in grace",
    file: `${BUILTIN}/pods.ts`,
    text: "gracePeriodOf: (object, requested) => gracePeriod(asPod(object), requested),",
    replacement: "",
  },
  {
    broken: "a grace period that runs cannot be shortened",
    file: `${VERBS}/delete.ts`,
    text: "return requested === undefined || requested >= metadata.deletionGracePeriodSeconds!;",
    replacement: "return requested !== 0;",
  },
  {
    broken: "a pod that has ended is deleted in grace",
    file: `${BUILTIN}/pods.ts`,
    text: 'if (status?.phase === "Failed" || status?.phase === "Succeeded") return 0;',
    replacement: "",
  },
  {
    broken: "finalizers do not hold what is being deleted",
    file: `${VERBS}/update.ts`,
    text: "(finalizers ?? []).length > 0 || ",
    replacement: "",
  },
  {
    broken: "a deletion does not mind whose uid it was meant for",
    file: `${VERBS}/delete.ts`,
    text: "if (preconditions?.uid !== undefined && preconditions.uid !== uid) {",
    replacement: "if (preconditions?.uid === uid && uid === undefined) {",
  },
  {
    broken: "a namespace that is being deleted still takes things in",
    file: `${VERBS}/create.ts`,
    text: "if (!found.metadata.deletionTimestamp) return;",
    replacement: "if (found) return;",
  },
  {
    broken: "a failed test of a JSON patch does not stop it",
    file: "src/core/kube/jsonPatch.ts",
    text: "if (!next.ok) return err(`operation",
    replacement: 'if (!next.ok && operation.op === "test") continue;\n    if (!next.ok) return err(`operation',
  },
  {
    broken: "null in a merge patch sets null",
    file: "src/core/kube/mergePatch.ts",
    text: "if (value === null) merged.delete(key);\n    else ",
    replacement: "",
  },
  {
    broken: "a strategic patch replaces lists",
    file: "src/core/kube/strategicMergePatch.ts",
    text: "return key === undefined ? withoutNullsDeep(value) : mergeLists(list, value, key, patch[ELEMENT_ORDER + field]);",
    replacement: "return withoutNullsDeep(value);",
  },
  {
    broken: "fields a custom resource does not declare are kept",
    file: "src/simulator/customResourcePruning.ts",
    text: "changed.set(field, undefined);",
    replacement: "changed.set(field, content);",
  },
  {
    broken: "fields a custom resource does not declare are kept below lists",
    file: "src/simulator/customResourcePruning.ts",
    text: "return items.some((item, index) => item !== value[index]) ? items : value;",
    replacement: "return value;",
  },
  {
    broken: "fields a built-in kind does not declare are kept",
    file: "src/simulator/resourceDefinition.ts",
    text: "return { ...pruned, object: decode(pruned.object) };",
    replacement: "return { ...pruned, object: decode(object) };",
  },
  {
    broken: "a list that is a map takes a key twice",
    file: "src/simulator/customResourceValidation.ts",
    text: "...listErrors(value, schema, path),",
    replacement: "",
  },
  {
    broken: "a custom resource's status write changes its labels too",
    file: "src/simulator/customResourceDefinition.ts",
    text: "{ ...rest, status: body.status } : rest",
    replacement: "{ ...rest, metadata: body.metadata, status: body.status } : rest",
  },
  {
    broken: "a missing field of a custom resource is reported without its path",
    file: "src/simulator/customResourceValidation.ts",
    text: 'errors.push({ field: fieldPath(path, field), type: "FieldValueRequired", detail: "" });',
    replacement: 'errors.push({ field: at(""), type: "FieldValueRequired", detail: "" });',
  },
  {
    broken: "a custom resource written in one version is not shown in the other",
    file: `${VERBS}/target.ts`,
    text: "if (object.apiVersion === apiVersion) return object;",
    replacement: "if (object.apiVersion !== undefined) return object;",
  },
  {
    broken: "a webhook's namespaceSelector is ignored",
    file: `${ADMISSION}/webhookMatch.ts`,
    text: "if (!namespaceMatches(context, webhook.namespaceSelector, attributes)) return undefined;",
    replacement: "",
  },
  {
    broken: "a webhook is not asked about what its objectSelector chose before the update",
    file: `${ADMISSION}/webhookMatch.ts`,
    text: "[object, oldObject].some(",
    replacement: "[object].some(",
  },
  {
    broken: "a webhook for pods is asked about their status as well",
    file: `${ADMISSION}/webhookMatch.ts`,
    text: '(sub === "*" || sub === subresource)',
    replacement: '(sub === "" || sub === "*" || sub === subresource)',
  },
  {
    broken: "a webhook is asked about operations that its rules do not name",
    file: `${ADMISSION}/webhookMatch.ts`,
    text: "includes(rule.operations, operation) &&",
    replacement: "",
  },
  {
    broken: "a webhook for one version misses the others",
    file: `${ADMISSION}/webhookMatch.ts`,
    text: 'webhook.matchPolicy === "Equivalent" ? Object.keys(attributes.definition.versions) : []',
    replacement: "[] as string[]",
  },
  {
    broken: "a match condition that cannot be evaluated counts more than one that says no",
    file: `${ADMISSION}/matchCondition.ts`,
    text: "if (answers.some((answer) => answer.ok && !answer.value)) return ok(false);",
    replacement: "if (answers.every((answer) => answer.ok && !answer.value)) return ok(false);",
  },
  {
    broken: "a match condition that cannot be evaluated passes an object under Fail",
    file: `${ADMISSION}/webhookAdmission.ts`,
    text: 'if (failurePolicy === "Fail") throw forbidden(definition, object, answer.error);',
    replacement: "",
  },
  {
    broken: "a webhook with failurePolicy Ignore fails the request",
    file: `${ADMISSION}/webhookAdmission.ts`,
    text: 'if (webhook.failurePolicy === "Ignore") {',
    replacement: "if (webhook.timeoutSeconds < 0) {",
  },
  {
    broken: "a webhook is not asked again after others changed the object",
    file: `${ADMISSION}/webhookAdmission.ts`,
    text: 'if (webhook.reinvocationPolicy === "IfNeeded") interested.add(id);',
    replacement: "",
  },
  {
    broken: "a webhook is asked again though nobody changed the object",
    file: `${ADMISSION}/webhookAdmission.ts`,
    text: "if (changed && !sameJson(changed, object)) {",
    replacement: "if (changed) {",
  },
  {
    broken: "what a webhook added is not defaulted",
    file: `${ADMISSION}/webhookAdmission.ts`,
    text: "return definition.versions[attributes.version]!.decode(inVersion(changed, definition, attributes.version)).object;",
    replacement: "return inVersion(changed, definition, attributes.version);",
  },
  {
    broken: "dependents outlive their owner",
    file: COLLECTOR,
    text: "if (!present.includes(true)) await this.#delete(uid);",
    replacement: "if (!present.includes(true)) return;",
  },
  {
    broken: "a dependent goes with the first of its owners",
    file: COLLECTOR,
    text: "if (!present.includes(true)) await",
    replacement: "if (present.includes(false)) await",
  },
  {
    broken: "an owner deleted in the foreground does not wait for its dependents",
    file: COLLECTOR,
    text: "if (blocking.length === 0) await",
    replacement: "await",
  },
  {
    broken: "an apply takes what others own without being forced",
    file: `${FIELDS}/ownership.ts`,
    text: "if (conflicts.length > 0 && !force) return err(conflicts);",
    replacement: "",
    target: "over HTTPS",
  },
  {
    broken: "what a configuration no longer holds stays",
    file: `${FIELDS}/configuration.ts`,
    text: "if (wasHeld && !isOwned) return [];",
    replacement: "",
    target: "over HTTPS",
  },
  {
    broken: "an apply takes away what others own as well",
    file: `${FIELDS}/configuration.ts`,
    text: "const isOwned = part.declared ? !isEmptySet(now) : now.member;",
    replacement: "const isOwned = part.declared && !isEmptySet(now);",
    target: "over HTTPS",
  },
  {
    broken: "an update leaves the fields it changes to their owners",
    file: `${FIELDS}/ownership.ts`,
    text: "const others = managers.filter((one) => !isSame(one, writer)).map((one) => losing(one, taken));",
    replacement: "const others = managers.filter((one) => !isSame(one, writer));",
    target: "over HTTPS",
  },
  {
    broken: "ports are told apart by their number alone",
    file: "src/simulator/schema/builtinTypes.ts",
    text: '{ "x-kubernetes-list-map-keys": held.keys }',
    replacement: '{ "x-kubernetes-list-map-keys": held.keys.slice(0, 1) }',
    target: "over HTTPS",
  },
  {
    broken: "the log of a pod with several containers is that of its first",
    file: `${VERBS}/log.ts`,
    text: "if (names.length === 1) return names[0]!;",
    replacement: "if (names.length >= 1) return names[0]!;",
    target: "over HTTPS",
  },
  {
    broken: "creating answers 200",
    file: "src/simulator/apiServer.ts",
    text: "object(201, await createObject(",
    replacement: "object(200, await createObject(",
    target: "over HTTPS",
  },
  {
    broken: "the warnings of a webhook do not reach the client",
    file: `${ADMISSION}/webhookAdmission.ts`,
    text: "for (const warning of answer.warnings) attributes.warn(warning);",
    replacement: "",
    target: "over HTTPS",
  },
];

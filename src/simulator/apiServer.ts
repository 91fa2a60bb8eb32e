import type { Environment } from "../cluster/environment.ts";
import type { Status } from "../core/kube/object.ts";
import { webhookAdmission } from "./admission/webhookAdmission.ts";
import { NO_WEBHOOKS, type WebhookCaller } from "./admission/webhookCaller.ts";
import { type ApiObject, cloneJson } from "./apiObject.ts";
import type { ApiRequest, ApiResult } from "./apiRequest.ts";
import { BUILTIN_RESOURCES } from "./builtin/builtinResources.ts";
import { initialNamespaces } from "./builtin/namespaces.ts";
import { registerCustomResources } from "./customResourceRegistration.ts";
import { ResourceRegistry } from "./resourceRegistry.ts";
import type { ServerContext } from "./serverContext.ts";
import { newUid, timestamp } from "./serverContext.ts";
import { ObjectStore } from "./store/objectStore.ts";
import type { WatchStream } from "./store/watchStream.ts";
import { actOnObject } from "./verbs/act.ts";
import { createObject } from "./verbs/create.ts";
import { deleteCollection, deleteObject } from "./verbs/delete.ts";
import { readLog } from "./verbs/log.ts";
import { getObject, listObjects } from "./verbs/read.ts";
import { type Target, targetOf } from "./verbs/target.ts";
import { updateObject } from "./verbs/update.ts";
import { watchObjects } from "./verbs/watch.ts";

export interface ApiServerSettings {
  readonly environment: Environment;
  /** How admission webhooks are reached; left out: they are not, and a registered one fails. */
  readonly webhooks?: WebhookCaller;
  /** Changes per resource that watches can catch up with. */
  readonly historyLimit?: number;
}

/**
 * A Kubernetes API server in memory, without sockets: the verbs, admission and watches of kube-apiserver for the resources in its
 * registry. Everything else it refuses by name. Every refusal is a ClusterError with the Status a real server would answer.
 */
export class ApiServer {
  readonly #context: ServerContext;

  constructor({ environment, webhooks = NO_WEBHOOKS, historyLimit }: ApiServerSettings) {
    this.#context = {
      store: new ObjectStore(historyLimit),
      registry: new ResourceRegistry(BUILTIN_RESOURCES),
      environment,
      admission: webhookAdmission(() => this.#context, webhooks),
      watches: new Set<WatchStream>(),
    };
    const identity = { now: timestamp(environment.clock.now()), newUid: () => newUid(environment.random) };
    const namespaces = this.#context.store.table({ group: "", plural: "namespaces" });
    for (const namespace of initialNamespaces(identity)) namespaces.put(namespace);
    registerCustomResources(this.#context);
  }

  async handle(request: ApiRequest): Promise<ApiResult> {
    const target = targetOf(this.#context, request);
    const plain = request.body === undefined ? request : { ...request, body: cloneJson(request.body) };
    return this.#perform(target, plain);
  }

  /** Throws when there is no such resource here, or not this verb of it: before anyone reads a body. */
  checkServed(request: ApiRequest): void {
    targetOf(this.#context, request);
  }

  /** What is served right now, for discovery. */
  get registry(): ResourceRegistry {
    return this.#context.registry;
  }

  get environment(): Environment {
    return this.#context.environment;
  }

  /** Forgets the history: every watch that starts from an earlier version is told 410, as after etcd's compaction. */
  compact(): void {
    this.#context.store.compact();
  }

  /** Ends all watches. */
  close(): void {
    for (const watch of [...this.#context.watches]) watch.close();
  }

  async #perform(target: Target, request: ApiRequest): Promise<ApiResult> {
    const context = this.#context;
    switch (request.verb) {
      case "get":
        if (target.subresource?.type === "log") return { type: "text", chunks: readLog(context, target, request) };
        return object(200, getObject(target), target);
      case "list":
        return { type: "list", list: listObjects(context, target, request) };
      case "watch":
        return { type: "watch", stream: watchObjects(context, target, request) };
      case "create": {
        const { subresource } = target;
        return subresource?.type === "action"
          ? object(201, await actOnObject(context, target, subresource, request), target)
          : object(201, await createObject(context, target, request), target);
      }
      case "update":
      case "patch": {
        const written = await updateObject(context, target, request);
        return object(written.created ? 201 : 200, written.object, target);
      }
      case "delete":
        return object(200, await deleteObject(context, target, request), target);
      case "deletecollection":
        return { type: "list", list: await deleteCollection(context, target, request) };
    }
  }
}

function object(code: number, value: ApiObject | Status, { warnings }: Target): ApiResult {
  return { type: "object", code, object: value, warnings };
}

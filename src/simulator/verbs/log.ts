import type { Pod } from "../../core/kube/pod.ts";
import type { FieldError } from "../../core/result.ts";
import type { ApiObject } from "../apiObject.ts";
import type { ApiRequest, LogOptions } from "../apiRequest.ts";
import { badRequest, invalid } from "../apiStatus.ts";
import { type ContainerRun, type LogLine, loggedRun, logLines, nextLineAt } from "../kubelet/containerLog.ts";
import type { ServerContext } from "../serverContext.ts";
import { existing, type Target } from "./target.ts";

/**
 * The log of a container, as text; a followed one goes on until the container ends. Refused before the first line or not at all.
 * @returns undefined when the pod is on no node yet
 */
export function readLog(
  context: ServerContext,
  target: Target,
  { log: options = {}, signal }: ApiRequest,
): AsyncIterable<string> | undefined {
  const pod = asPod(existing(target));
  const container = chosenContainer(pod, options.container);
  const errors = optionErrors(options);
  if (errors.length > 0) throw invalid({ group: "", kind: "PodLogOptions" }, target.name!, errors);
  if (!pod.spec.nodeName) return undefined;
  const run = loggedRun(pod, container, options.previous ?? false);
  if (!run.ok) throw badRequest(run.error);
  return limited(textOf(context, target, run.value, { ...options, signal }), options.limitBytes);
}

function chosenContainer({ metadata, spec }: Pod, asked: string | undefined): string {
  const names = spec.containers.map(({ name }) => name);
  const inits = (spec.initContainers ?? []).map(({ name }) => name);
  if (asked !== undefined && asked !== "") {
    if ([...names, ...inits].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  if (names.length === 1) return names[0]!;
  const choice = [...inits, ...names].join(" ");
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${choice}]`);
}

function optionErrors({ tailLines, limitBytes, sinceSeconds, sinceTime }: LogOptions): FieldError[] {
  const atLeast = (field: string, value: number | undefined, least: number, detail: string): FieldError[] =>
    value !== undefined && value < least ? [{ field, type: "FieldValueInvalid", value, detail }] : [];
  const both = sinceSeconds !== undefined && sinceTime !== undefined;
  return [
    ...atLeast("tailLines", tailLines, 0, "must be greater than or equal to 0"),
    ...atLeast("limitBytes", limitBytes, 1, "must be greater than 0"),
    ...(both ? [{ field: "[]", type: "FieldValueForbidden", detail: ONE_START } as const] : []),
    ...(both ? [] : atLeast("sinceSeconds", sinceSeconds, 1, "must be greater than 0")),
  ];
}

const ONE_START = "at most one of `sinceTime` or `sinceSeconds` may be specified";

async function* textOf(
  context: ServerContext,
  target: Target,
  run: ContainerRun,
  options: LogOptions & { readonly signal: AbortSignal | undefined },
): AsyncGenerator<string> {
  const { clock } = context.environment;
  const start = startOf(options, clock.now());
  const known = logLines(run, clock.now()).filter(({ at }) => at >= start);
  let told = known.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  yield textOfLines(options.tailLines === undefined ? known : known.slice(known.length - options.tailLines), options);
  for (let current = run; options.follow && !current.end && !options.signal?.aborted; ) {
    await changed(context, target, { at: nextLineAt(current, clock.now())!, signal: options.signal });
    current = followed(target, current, clock.now());
    const lines = logLines(current, clock.now()).filter(({ at }) => at > told);
    told = lines.at(-1)?.at ?? told;
    yield textOfLines(lines, options);
  }
}

/** The same run, later; gone with its pod or followed by another one, it has ended. */
function followed(target: Target, run: ContainerRun, now: number): ContainerRun {
  const object = target.table.get(target.namespace, target.name!);
  const runs = object ? [false, true].map((previous) => loggedRun(asPod(object), run.container, previous)) : [];
  const same = runs.find((one) => one.ok && one.value.id === run.id);
  return same?.ok
    ? { ...same.value, restarts: run.restarts, image: run.image }
    : { ...run, end: { at: now, exitCode: 0 } };
}

interface Until {
  readonly at: number;
  readonly signal: AbortSignal | undefined;
}

/** Settles at the time, when the pod has changed, or when nobody listens any more. */
function changed(
  { environment }: ServerContext,
  { table, name, namespace }: Target,
  { at, signal }: Until,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      unsubscribe();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    signal?.addEventListener("abort", done);
    const cancel = environment.clock.after(Math.max(0, at - environment.clock.now()), done);
    const unsubscribe = table.subscribe(({ object: { metadata } }) => {
      if (metadata.name === name && metadata.namespace === namespace) done();
    });
  });
}

function startOf({ sinceSeconds, sinceTime }: LogOptions, now: number): number {
  if (sinceTime !== undefined) return Date.parse(sinceTime);
  return sinceSeconds === undefined ? Number.NEGATIVE_INFINITY : now - sinceSeconds * 1000;
}

function textOfLines(lines: readonly LogLine[], { timestamps }: LogOptions): string {
  return lines.map(({ at, text }) => `${timestamps ? `${new Date(at).toISOString()} ` : ""}${text}\n`).join("");
}

async function* limited(chunks: AsyncIterable<string>, limitBytes: number | undefined): AsyncGenerator<string> {
  let left = limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const chunk of chunks) {
    const text = Buffer.from(chunk)
      .subarray(0, Math.min(left, chunk.length * 4))
      .toString();
    left -= Buffer.byteLength(text);
    yield text;
    if (left <= 0) return;
  }
}

function asPod(object: ApiObject): Pod {
  return object as unknown as Pod;
}

import { type Attributes, ROOT_CONTEXT, type Span, type Tracer, trace } from "@opentelemetry/api";
import type { PodEnded, RolloutEnded, RolloutEvent, RolloutId } from "../../../controller/rolloutEvent.ts";
import { unreachable } from "../../../core/result.ts";

/** So many pods of a wave have a span of their own; the others are counted. */
const MOST_PODS = 100;

interface OpenWave {
  readonly span: Span;
  readonly pods: Map<string, Span>;
  traced: number;
  untraced: number;
}

interface OpenTrace {
  readonly span: Span;
  readonly waves: Map<number, OpenWave>;
}

/**
 * One trace for each rollout, a span for each wave, a span for each pod from our write to the pod being available. Spans are given to
 * the tracer when they end. What belongs to no rollout, as a pod that came late, is not traced.
 */
export function rolloutTraces(tracer: Tracer): (event: RolloutEvent) => void {
  const traces = new Map<string, OpenTrace>();
  const waveOf = ({ rollout, wave }: { readonly rollout: RolloutId; readonly wave: number }): OpenWave | undefined =>
    traces.get(keyOf(rollout))?.waves.get(wave);
  return (event) => {
    const key = keyOf(event.rollout);
    switch (event.kind) {
      case "rolloutBegan": {
        const { sidecarSet, revision } = event.rollout;
        const attributes = { ...ofRollout(event.rollout), "sidecarset.resumed": event.resumed };
        const span = child(tracer, `rollout ${sidecarSet} to ${revision}`, { at: event.at, attributes });
        traces.set(key, { span, waves: new Map() });
        return;
      }
      case "waveBegan": {
        const { at, rollout, wave } = event;
        const open = traces.get(key);
        const attributes = { ...ofRollout(rollout), "sidecarset.wave": wave };
        const of = open?.span;
        if (of) {
          const span = child(tracer, `wave ${wave}`, { at, attributes, of });
          open.waves.set(wave, { span, pods: new Map(), traced: 0, untraced: 0 });
        }
        return;
      }
      case "podBegan": {
        const open = waveOf(event);
        if (open) beginPod(tracer, open, event);
        return;
      }
      case "podEnded": {
        const open = waveOf(event);
        if (open) endPod(open, event);
        return;
      }
      case "waveEnded": {
        const open = waveOf(event);
        traces.get(key)?.waves.delete(event.wave);
        if (open) endWave(open, event.at);
        return;
      }
      case "rolloutEnded":
        endTrace(traces.get(key), event);
        traces.delete(key);
        return;
      default:
        unreachable(event);
    }
  };
}

function beginPod(
  tracer: Tracer,
  wave: OpenWave,
  { pod, at, rollout }: { readonly pod: string; readonly at: number; readonly rollout: RolloutId },
): void {
  if (wave.traced >= MOST_PODS) {
    wave.untraced++;
    return;
  }
  const [namespace = "", name = ""] = pod.split("/");
  const attributes = { ...ofRollout(rollout), "k8s.namespace.name": namespace, "k8s.pod.name": name };
  wave.traced++;
  wave.pods.set(pod, child(tracer, `pod ${pod}`, { at, attributes, of: wave.span }));
}

function endPod(wave: OpenWave, { pod, at, result }: PodEnded): void {
  wave.pods.get(pod)?.setAttribute("sidecarset.result", result).end(new Date(at));
  wave.pods.delete(pod);
}

function endWave({ span, traced, untraced }: OpenWave, at: number): void {
  span.setAttributes({ "sidecarset.pods": traced + untraced, "sidecarset.pods.untraced": untraced }).end(new Date(at));
}

function endTrace(open: OpenTrace | undefined, { result, pods, pausedMs, at }: RolloutEnded): void {
  open?.span
    .setAttributes({
      "sidecarset.result": result,
      "sidecarset.pods": pods,
      "sidecarset.paused_seconds": pausedMs / 1000,
    })
    .end(new Date(at));
}

/** @param of the span above; absent: it begins a trace */
function child(
  tracer: Tracer,
  name: string,
  { at, attributes, of }: { readonly at: number; readonly attributes: Attributes; readonly of?: Span },
): Span {
  const above = of ? trace.setSpan(ROOT_CONTEXT, of) : ROOT_CONTEXT;
  return tracer.startSpan(name, { startTime: new Date(at), attributes, ...(of ? {} : { root: true }) }, above);
}

function ofRollout({ sidecarSet, revision }: RolloutId): Attributes {
  return { "sidecarset.name": sidecarSet, "sidecarset.revision": revision };
}

function keyOf({ sidecarSet, revision }: RolloutId): string {
  return `${sidecarSet}/${revision}`;
}

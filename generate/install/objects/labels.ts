import { APP_VERSION, type Node } from "../slots.ts";

/** What every object of the installation is called by. */
export function labelled(component: string): Readonly<Record<string, Node>> {
  return { ...selectedBy(component), "app.kubernetes.io/version": APP_VERSION };
}

/** Those that never change: selectors are made of them. */
export function selectedBy(component: string): Readonly<Record<string, string>> {
  return { "app.kubernetes.io/name": "sidecarset", "app.kubernetes.io/component": component };
}

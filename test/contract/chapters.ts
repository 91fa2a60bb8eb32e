import { deletion } from "./cases/deletion.ts";
import { lists } from "./cases/lists.ts";
import { objects } from "./cases/objects.ts";
import { patches } from "./cases/patches.ts";
import { pods } from "./cases/pods.ts";
import { watches } from "./cases/watches.ts";
import type { Chapter } from "./target.ts";

export const CHAPTERS: readonly Chapter[] = [objects, lists, watches, patches, pods, deletion];

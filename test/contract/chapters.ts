import { lists } from "./cases/lists.ts";
import { objects } from "./cases/objects.ts";
import { watches } from "./cases/watches.ts";
import type { Chapter } from "./target.ts";

export const CHAPTERS: readonly Chapter[] = [objects, lists, watches];

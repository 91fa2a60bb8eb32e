import { describe } from "vitest";
import { playAll } from "./codeStory.ts";
import { CodeWorld } from "./codeWorld.ts";
import { UPDATE_STORIES } from "./updateStories.ts";

describe("why a pod was not upgraded", () => playAll(UPDATE_STORIES, () => CodeWorld.embedded()));

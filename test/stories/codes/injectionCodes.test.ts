import { describe } from "vitest";
import { playAll } from "./codeStory.ts";
import { CodeWorld } from "./codeWorld.ts";
import { INJECTION_STORIES } from "./injectionStories.ts";

describe("why a pod was not injected", () => playAll(INJECTION_STORIES, () => CodeWorld.embedded()));

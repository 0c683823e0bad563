/** What the pure rooms cost in Node, as the pilot runs them. */
import { test } from "vitest";
import { openMemory } from "../../worker/storage/memory.ts";
import { baseBenches } from "./base.ts";
import { blockBench } from "./block.ts";
import { runAll } from "./print.ts";

test("signatures, hashes, votes", () => runAll("Node", baseBenches));
test("a full block", () => runAll("Node", [blockBench("disk in memory", () => openMemory())]));

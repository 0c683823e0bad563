/** What the pure rooms cost in Node, as the pilot runs them. */
import { test } from "vitest";
import { startWasmBls } from "../../worker/cli/wasm-bls.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { baseBenches, blockVotesOn, votesOn } from "./base.ts";
import { certificateBench } from "./certificate.ts";
import { blockBench } from "./block.ts";
import { chainBench } from "./chain.ts";
import { decoderBench } from "./decoders.ts";
import { proofBench } from "./proof.ts";
import { questionBench } from "./questions.ts";
import { runAll } from "./print.ts";

test("signatures, hashes, votes", () => runAll("Node", baseBenches));
test("votes of a pilot", async () => {
  const bls = await startWasmBls();
  await runAll("Node", [votesOn("mcl-wasm", bls), blockVotesOn("mcl-wasm", bls)]);
});
test("a block of a thousand members", () => runAll("Node", [certificateBench]));
test("a full block", () => runAll("Node", [blockBench("disk in memory", () => openMemory())]));
test("decoders", () => runAll("Node", [decoderBench]));
test("proof files", () => runAll("Node", [proofBench]));
test("a long chain", () => runAll("Node", [chainBench("disk in memory")]));
test("what neighbours ask", () => runAll("Node", [questionBench]));

/**
 * What each question of a neighbour costs the processor, beside what the librarian charges for it (PROTOCOL.md §8.6): a unit
 * is to be about a tenth of a millisecond of a small computer. The disk is memory, so what a real one adds to a row is not
 * in it. Time is this process's own, so that a busy machine changes little.
 */
import { openMemory } from "../../worker/storage/memory.ts";
import { Librarian, type Errand } from "../../worker/shell/librarian.ts";
import type { Core } from "../../worker/node/core.ts";
import { blockKey } from "../../worker/node/disk.ts";
import type { Question } from "../../worker/node/messages.ts";
import type { Store } from "../../worker/storage/store.ts";
import { settled, SMALL, writtenChain } from "../lab/synthetic.ts";
import type { Bench, Figure } from "./base.ts";

const MEMBERS = 50;
const STEPS = 400;
const ROUNDS = 24;
const PEER = 1;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

type Asked = Question | Omit<Extract<Errand, { kind: "serve" }>, "peer">;
/** Every round with something that was not asked before, from a librarian that knows nothing yet, or one that answered it once. */
const costOf = async (core: Core, store: Store, name: string, of: (i: number) => Asked, isKnown = false) => {
  let [units, ms, answered] = [0, 0, 0];
  for (let i = 0; i < ROUNDS; i++) {
    const librarian = new Librarian(core, store);
    if (isKnown) await librarian.answer(PEER, of(i));
    let isCounted = true;
    librarian.counter.spend = (_, cost) => void (units += isCounted ? cost : 0);
    const from = cpuMs();
    const answer = await librarian.answer(PEER, of(i));
    isCounted = false;
    ms += cpuMs() - from;
    answered += answer !== null && answer.kind !== "declined" ? 1 : 0;
  }
  if (answered < ROUNDS) throw new Error(`${name}: ${answered} of ${ROUNDS} answered`);
  return [
    { name, value: ms / ROUNDS, unit: "ms of the processor" },
    { name, value: units / ROUNDS, unit: "units" },
    { name, value: (ms * 1_000) / units, unit: "µs a unit" },
  ] satisfies Figure[];
};

export const questionBench: Bench = {
  name: `questions, ${MEMBERS} members`,
  run: async () => {
    const plan = { ...SMALL, seed: "questions", members: MEMBERS, founders: MEMBERS, roofs: 10, steps: STEPS };
    const { lab } = await settled(writtenChain(plan), { holders: 1 });
    const { core } = lab.node(0);
    const store = await openMemory({ disk: lab.inhabitant(0).disk });
    const { height } = core.chain.final.header;
    const hashAt = (back: number): never => (core.summaries.hashOf(height - back) ?? "") as never;
    const keysAt = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, i) => blockKey(from + i, core.summaries.hashOf(from + i) ?? ("" as never)));
    const at = core.chain.final.hash;
    const cost = (name: string, of: (i: number) => Asked, isKnown?: boolean): Promise<Figure[]> =>
      costOf(core, store, name, of, isKnown);
    const rows = { kind: "ask-rows", paths: ["totals/", "voters/"], tables: ["allocation"] } as const;
    const steps = { from: 100 as never, to: 195 as never };
    return [
      await cost("64 blocks", (i) => ({ kind: "serve", keys: keysAt(1 + i * 8, 64), more: false })),
      await cost("one block", (i) => ({ kind: "serve", keys: keysAt(1 + i * 8, 1), more: false })),
      await cost("64 blocks below a beginning", (i) => ({ kind: "ask-range", from: 1 + i * 8, count: 64 })),
      await cost("300 hashes", () => ({ kind: "ask-history", from: 0, count: 300 })),
      await cost("list of a state's chunks", (i) => ({ kind: "ask-manifest", at: hashAt(i) })),
      await cost("list of a state's chunks, once more", (i) => ({ kind: "ask-manifest", at: hashAt(i) }), true),
      await cost("chunk", () => ({ kind: "ask-chunk", at, index: 0 }), true),
      await cost("hops", () => ({ kind: "ask-hops", set: 0, height: 0 })),
      await cost("hops, once more", () => ({ kind: "ask-hops", set: 0, height: 0 }), true),
      await cost("rows", (i) => ({ ...rows, at: hashAt(i) })),
      await cost("rows, once more", (i) => ({ ...rows, at: hashAt(i) }), true),
      await cost("credits of a day", () => ({ kind: "ask-credits", at, ...steps, above: 0 })),
      await cost("credits of a day, once more", () => ({ kind: "ask-credits", at, ...steps, above: 0 }), true),
    ].flat();
  },
};

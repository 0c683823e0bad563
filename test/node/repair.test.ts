/** A damaged row of a final block is fetched again (PROTOCOL.md §8.4): only what is right to the last byte is taken. */
import { describe, expect, it } from "vitest";
import { communityId } from "../../worker/community/contract.ts";
import { encodeBlock, type Block } from "../../worker/consensus/block.ts";
import { blockKey, readBlockRow } from "../../worker/node/disk.ts";
import { Out } from "../../worker/node/events.ts";
import type { Message } from "../../worker/node/messages.ts";
import { Repair } from "../../worker/node/repair.ts";
import { REAL, SMALL, writtenChain } from "../lab/synthetic.ts";

const { chain, nodes } = writtenChain({ ...SMALL, steps: 12, changes: 0 });
const HEIGHT = 5;
const node = nodes[HEIGHT];
if (node === undefined) throw new Error("the chain is long enough");
const other = nodes[HEIGHT + 1]?.block ?? node.block;

/** Asks the neighbours in turn; answers whom it asked, and the block that it wrote. */
const mend = (answers: readonly (Block | null)[]) => {
  const out = new Out();
  const asked: number[] = [];
  const host = {
    community: communityId(chain.signed.contract),
    bls: REAL,
    now: 0 as never,
    out,
    sources: () => answers.map((_, i) => i),
    send: (peer: number, message: Message) => {
      expect(message).toEqual({ kind: "ask-range", from: HEIGHT, count: 1 });
      asked.push(peer);
    },
  };
  const summaries = { hashOf: (at: number) => nodes[at]?.hash } as never;
  const core = { chain: { final: nodes.at(-1), state: chain.state } as never, summaries, isChecked: () => true };
  const repair = new Repair(host, core);
  repair.add(blockKey(HEIGHT, node.hash));
  for (let i = 0; i < asked.length; i++) {
    const block = answers[asked[i] ?? 0];
    const blocks = block === null || block === undefined ? [] : [encodeBlock(block)];
    repair.message(asked[i] ?? 0, { kind: "range", from: HEIGHT, blocks });
  }
  const effects = out.effects();
  const rows = effects.flatMap((e) => (e.kind === "commit" ? e.ops : []));
  const written = rows.map(({ value }) => value && readBlockRow(value).block);
  return { asked, written, dropped: effects.flatMap((e) => (e.kind === "drop" ? [e.peer] : [])) };
};

describe("a block whose row is damaged", () => {
  it("is asked of one neighbour after another, and written as it was", () => {
    expect(mend([null, other, node.block])).toEqual({ asked: [0, 1, 2], written: [node.block], dropped: [1] });
  });

  it.each([
    ["signature", { ...node.block, signature: new Uint8Array(64).fill(7) }],
    ["draw", { ...node.block, draw: other.draw }],
  ] as const)("is not taken with a false %s, which no hash holds: who is given it would drop this node", (_, bad) => {
    expect(mend([bad, node.block])).toEqual({ asked: [0, 1], written: [node.block], dropped: [] });
  });
});

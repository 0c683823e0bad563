/** A block on disk without what follows from the rest of it is the very block again. */
import { describe, expect, it } from "vitest";
import { encodeBlock, type Block } from "../../worker/consensus/block.ts";
import { packBlock, unpackBlock } from "../../worker/node/packed-block.ts";
import { SMALL, writtenChain } from "../lab/synthetic.ts";

const { nodes } = writtenChain({ ...SMALL, steps: 130, auctionEvery: 5 });
const kindsOf = (blocks: readonly Block[]): Set<string> =>
  new Set(blocks.flatMap((b) => b.txs.map((tx) => tx.body.kind)));

describe("a packed block", () => {
  it("is the same to the byte when it is unpacked, and smaller", () => {
    const blocks = nodes.map((n) => n.block);
    expect([...kindsOf(blocks)].toSorted()).toEqual(
      ["ballot", "candidacy", "distribution", "generation", "proposal", "transfer", "winner"].toSorted(),
    );
    for (const block of blocks) {
      const packed = packBlock(block);
      expect(encodeBlock(unpackBlock(packed))).toEqual(encodeBlock(block));
      expect(packed.length).toBeLessThan(encodeBlock(block).length);
    }
  });

  it("keeps as it is what does not follow: inputs of earlier blocks, votes for other blocks, another's candidacy", () => {
    const whole = nodes.map((n) => n.block).find((b) => b.txs.some(({ body }) => body.kind === "winner"));
    if (whole === undefined) throw new Error("the chain has auctions");
    const odd: Block = {
      ...whole,
      votes: whole.votes.map((v) => ({ ...v, block: whole.header.stateRoot })),
      // Without the generations nothing refers to this block any more.
      txs: whole.txs.filter(({ body }) => body.kind !== "generation" && body.kind !== "candidacy"),
    };
    const { txs, votes } = unpackBlock(packBlock(odd));
    expect(txs).toEqual(odd.txs);
    expect(votes).toEqual(odd.votes);
  });
});

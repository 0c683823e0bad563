/**
 * A member that signs blocks without end for one step (PROTOCOL.md §8): each is true, and two are enough to convict it.
 * A third is taken only for the sake of somebody else, so nobody is kept busy and nobody is left behind.
 */
import { describe, expect, it } from "vitest";
import { stepIndex, type MemberIndex } from "../../worker/base/units.ts";
import { encodeBlock, hashOf, signHeader, type Block } from "../../worker/consensus/block.ts";
import { executeBlock } from "../../worker/consensus/transition.ts";
import { bitfieldOf } from "../../worker/consensus/vote.ts";
import { ownBlock, voteFor } from "../../worker/lab/sim/forge.ts";
import { itemsMessage, Puppet } from "../../worker/lab/sim/puppet.ts";
import { key } from "../../worker/ledger/rows.ts";
import { Draft } from "../../worker/ledger/state.ts";
import { Trial } from "./trial.ts";

const LIAR = 3 as MemberIndex;
const SLEEPER = 2;
const FLOOD = 12;

/** Blocks of the liar on node 0's head, each of which carries another vote of its own. */
const siblings = (trial: Trial, liar: Puppet): Block[] => {
  const core = liar.core(trial.core(0).chain, trial.core(0));
  const { chain } = core;
  const step = stepIndex(chain.head.header.step + 1);
  const base = ownBlock(liar, core, step);
  if (base === undefined) throw new Error("the liar has a turn");
  return Array.from({ length: FLOOD }, (_, n) => {
    const target = { set: 0, round: 1_000 + n, kind: "approval", step: stepIndex(0), block: chain.head.hash } as const;
    const { signature } = voteFor(liar, target);
    const votes = [{ ...target, voters: bitfieldOf([LIAR]), signature }];
    const content = { rank: base.header.rank, miner: LIAR, draw: base.draw, votes, txs: base.txs };
    const made = executeBlock(chain.contextOn(new Draft(chain.state), step), chain.head.header, content);
    if (!made.ok) throw new Error(made.error.message);
    return { ...base, header: made.value, votes, signature: signHeader(made.value, liar.keys.memberSecret) };
  });
};
const item = (block: Block): Uint8Array => itemsMessage({ kind: "block", block: encodeBlock(block) });

describe("a flood of true blocks of one miner and step", () => {
  it("leaves two of them with everybody, and a third where a vote of somebody else lies on it", async () => {
    const trial = await Trial.begin({ members: 4, absent: [LIAR, SLEEPER], owners: [0] });
    const liar = new Puppet(trial.lab, trial.time, LIAR);
    liar.stand();
    await trial.until(3, 9_800);
    const blocks = siblings(trial, liar);
    expect(new Set(blocks.map(({ header }) => hashOf(header))).size).toBe(FLOOD);
    const ofLiar = () =>
      trial.cores.map(({ chain }) => [...chain.tree.nodes()].filter(({ header }) => header.miner === LIAR).length);
    await trial.time.runUntil(trial.end(4) + 6_000);
    for (const block of blocks) await liar.tell(0, item(block), 5);
    await trial.time.runUntil(trial.time.now + 1_000);
    expect(ofLiar()).toEqual([2, 2]);

    const last = blocks[FLOOD - 1];
    const sleeper = trial.lab.inhabitant(SLEEPER).keys;
    const { position } = trial.core(0).chain.finality;
    if (last === undefined) throw new Error("the flood has a last block");
    const target = { ...position, kind: "approval", step: last.header.step, block: hashOf(last.header) } as const;
    const voter = { me: SLEEPER as MemberIndex, keys: sleeper, community: liar.community, bls: liar.bls };
    await liar.tell(0, itemsMessage({ kind: "vote", vote: voteFor(voter, target) }), 500);
    await liar.tell(0, item(last), 1_000);
    expect(ofLiar()).toEqual([3, 3]);

    await trial.until(6);
    for (const { chain } of trial.cores) {
      expect(chain.state.get("member", key(LIAR))).toMatchObject({ convicted: true });
      expect(chain.head.header.step).toBe(6);
    }
    expect(liar.downs).toEqual([]);
  });
});

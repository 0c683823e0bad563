/**
 * A member that lies (PROTOCOL.md §9): whoever sends what no honest sender would is dropped with the refusal that says
 * what was wrong, and the others go on. The liar has a true key and a true link; what it sends is made here.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { stepIndex, type Hash, type MemberIndex } from "../../worker/base/units.ts";
import { encodeBlock, signHeader, type Block } from "../../worker/consensus/block.ts";
import { ownBlock, signed as signedBy, tickOf, voteFor } from "../../worker/lab/sim/forge.ts";
import { itemsMessage as items, Puppet } from "../../worker/lab/sim/puppet.ts";
import type { Body } from "../../worker/ledger/transaction.ts";
import { encodeMessage, type Item } from "../../worker/node/messages.ts";
import { Trial } from "./trial.ts";

const LIAR = 3 as MemberIndex;
const VICTIM = 0;

class Liar extends Puppet {
  readonly #trial: Trial;
  constructor(trial: Trial) {
    super(trial.lab, trial.time, LIAR);
    this.#trial = trial;
    this.stand();
  }
  /** Why the link to the victim ended after this, if it did. */
  tellVictim(bytes: Uint8Array, wait?: number): Promise<string | undefined> {
    return this.tell(VICTIM, bytes, wait);
  }
  /** A true block of the liar's own rank for the step after the head. */
  block(): Block {
    const core = this.core(this.#trial.core(VICTIM).chain);
    const made = ownBlock(this, core, stepIndex(core.chain.head.header.step + 1));
    if (made === undefined) throw new Error("the liar has no turn");
    return made;
  }
  altered(change: Partial<Block["header"]>): Block {
    const made = this.block();
    const header = { ...made.header, ...change };
    return { ...made, header, signature: signHeader(header, this.keys.memberSecret) };
  }
}

const blockItem = (block: Block): Uint8Array => items({ kind: "block", block: encodeBlock(block) });
const ZEROS = new Uint8Array(64);
const RUBBISH = new Uint8Array(60).fill(7);

let trial: Trial;
let liar: Liar;
const signed = (body: Body) => signedBy(liar, body);

/** A tick of the liar's meter from a register to another. */
const tick = (from: number, to: number): Item => {
  const step = trial.core(VICTIM).chain.head.header.step + 1;
  return tickOf(liar, { generator: 0, step, from, to, at: trial.time.now });
};
const vote = (): Extract<Item, { kind: "vote" }> => {
  const { chain } = trial.core(VICTIM);
  const target = { kind: "approval", step: chain.head.header.step, block: chain.head.hash } as const;
  const position = { ...chain.finality.position, round: chain.finality.position.round + 1 };
  return { kind: "vote", vote: { ...target, ...position, member: LIAR, signature: new Uint8Array(48).fill(1) } };
};
const ballot = (): Body => ({
  kind: "ballot",
  member: LIAR,
  step: 0 as never,
  proposal: "ab".repeat(32) as never,
  yes: true,
});

const begin = async (absent: readonly number[]): Promise<void> => {
  trial = await Trial.begin({ members: 4, absent, owners: [] });
  liar = new Liar(trial);
  await trial.until(1);
};

describe("a member that sends what is wrong at first sight is dropped", () => {
  beforeAll(() => begin([LIAR]));

  const messages: readonly (readonly [string, string | undefined, () => Uint8Array])[] = [
    ["rubbish instead of a message", "malformed", () => RUBBISH],
    [
      "a message with one byte too many",
      "malformed",
      () => Uint8Array.of(...encodeMessage({ kind: "have", ids: [] }), 0),
    ],
    ["rubbish instead of an item", "malformed", () => encodeMessage({ kind: "items", items: [RUBBISH] })],
    ["rubbish instead of a block", "malformed", () => items({ kind: "block", block: RUBBISH })],
    [
      "rubbish in an answer with blocks",
      "malformed",
      () => encodeMessage({ kind: "blocks", blocks: [RUBBISH], more: false }),
    ],
    ["a vote with a false signature", "bad-signature", () => items(vote())],
    [
      "a vote with its signature of another vote",
      "bad-signature",
      () =>
        items({
          kind: "vote",
          vote: { ...vote().vote, signature: voteFor(liar, { ...vote().vote, step: 0 as never }).signature },
        }),
    ],
    [
      "a ballot with a false signature",
      "bad-signature",
      () => items({ kind: "tx", tx: { ...signed(ballot()), signature: ZEROS } }),
    ],
    [
      "a ballot in another member's name",
      "signer-mismatch",
      () => items({ kind: "tx", tx: signed({ ...ballot(), member: 1 } as Body) }),
    ],
    [
      "a generation without its transfer",
      "tick-pair",
      () => items({ kind: "tx", tx: (tick(0, 1_000) as Extract<Item, { kind: "tick" }>).generation }),
    ],
    [
      "another's generation with a transfer of its own meter, which would keep the true pair out",
      "tick-pair",
      () => {
        const { generation, transfer } = tick(0, 1_000) as Extract<Item, { kind: "tick" }>;
        const body = { ...transfer.body, generator: 1 } as Body;
        return items({ kind: "tick", generation, transfer: { ...transfer, body, signer: 1 } });
      },
    ],
    ["a tick of a meter that nobody registered", undefined, () => items(tick(0, 1_000))],
    [
      "a true vote for a round far ahead",
      undefined,
      () => items({ kind: "vote", vote: { ...vote().vote, round: 9_999 } }),
    ],
  ];
  it.each(messages)("%s: %s", async (_, code, make) => {
    expect(await liar.tellVictim(make())).toBe(code);
  });

  it("and the others go on to finality", async () => {
    const last = trial.core(VICTIM).summaries.length;
    await trial.until(last);
    expect(trial.cores.map(({ chain }) => chain.final.header.step)).toEqual([last, last, last]);
    expect(trial.witness.faults).toEqual([]);
  });
});

describe("a member that sends a forged block is dropped", () => {
  const SLEEPER = 2;
  // With two of four there is no quorum, so that no block of the liar's comes too late to be looked at.
  beforeAll(() => begin([LIAR, SLEEPER]));

  const blocks: readonly (readonly [string, string | undefined, () => Block])[] = [
    ["its true block of a later rank, which is welcome", undefined, () => liar.block()],
    ["a block with another state root", "header-mismatch", () => liar.altered({ stateRoot: "00".repeat(32) as Hash })],
    [
      "a block whose transactions were exchanged after signing",
      "header-mismatch",
      () => liar.altered({ txRoot: "11".repeat(32) as Hash }),
    ],
    ["a block that it did not sign", "bad-signature", () => ({ ...liar.block(), signature: ZEROS })],
    [
      "a block with another's draw",
      "bad-signature",
      () => ({ ...liar.block(), draw: trial.core(VICTIM).chain.head.block.draw }),
    ],
    ["a block of the winner's rank", "not-its-turn", () => liar.altered({ rank: 0 })],
    ["a block of another community", "other-community", () => liar.altered({ community: "22".repeat(32) as Hash })],
    [
      "a block for a step that is over",
      "step-order",
      () => liar.altered({ step: stepIndex(trial.core(VICTIM).chain.head.header.step) }),
    ],
  ];
  it.each(blocks)("%s: %s", async (_, code, make) => {
    const { step } = trial.core(VICTIM).chain.head.header;
    await trial.until(step, 9_800);
    expect(await liar.tellVictim(blockItem(make()), 7_000)).toBe(code);
  });

  it("its true block was taken up; the others have one chain without a gap, and finality when a third is back", async () => {
    const { chain, summaries } = trial.core(VICTIM);
    expect([...chain.tree.nodes()].filter((node) => node.header.miner === LIAR)).toHaveLength(1);
    await trial.lab.start(SLEEPER);
    const last = summaries.length + 1;
    await trial.until(last);
    expect(new Set(trial.heads).size).toBe(1);
    expect(summaries.map((line) => line.step)).toEqual(summaries.map((_, i) => i));
    expect(trial.cores.map((core) => core.chain.final.header.step)).toEqual([last, last, last]);
    expect(trial.witness.faults).toEqual([]);
  });
});

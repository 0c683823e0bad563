/**
 * A member that lies (PROTOCOL.md §9): whoever sends what no honest sender would is dropped with the refusal that says
 * what was wrong, and the others go on. The liar has a true key and a true link; what it sends is made here.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { nobleBls } from "../../worker/base/bls.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { ok } from "../../worker/base/result.ts";
import { mwh, stepIndex, type GeneratorIndex, type Hash, type MemberIndex } from "../../worker/base/units.ts";
import { communityId } from "../../worker/community/contract.ts";
import { encodeBlock, signHeader, type Block } from "../../worker/consensus/block.ts";
import { idOf, signTx, type Body } from "../../worker/ledger/transaction.ts";
import { createMemoryNetwork } from "../../worker/network/memory.ts";
import type { Network, NetworkEvent } from "../../worker/network/network.ts";
import { assembleBlock, ranksOf } from "../../worker/node/assemble.ts";
import { Core, emptyJournal } from "../../worker/node/core.ts";
import { Desk } from "../../worker/node/desk.ts";
import { Out } from "../../worker/node/events.ts";
import { encodeItem, encodeMessage, type Item } from "../../worker/node/messages.ts";
import { Trial } from "./trial.ts";

const LIAR = 3 as MemberIndex;
const VICTIM = 0;

class Liar {
  readonly #trial: Trial;
  readonly #network: Network;
  readonly downs: string[] = [];
  #link: number | null = null;
  constructor(trial: Trial) {
    this.#trial = trial;
    const { memberKey, memberSecret } = this.keys;
    this.#network = createMemoryNetwork({
      hub: trial.lab.hub,
      address: trial.address(LIAR),
      self: {
        community: this.community,
        identity: { key: memberKey, role: "member" },
        secret: memberSecret,
        admit: () => ok(undefined),
      },
      surroundings: trial.time.surroundings,
    });
    this.#network.start((event) => this.#hear(event));
  }
  get keys() {
    return this.#trial.lab.inhabitant(LIAR).keys;
  }
  get community(): Hash {
    return communityId(this.#trial.contract);
  }
  #hear(event: NetworkEvent): void {
    if (event.kind === "up" && event.identity.key === this.#trial.lab.inhabitant(VICTIM).keys.memberKey)
      this.#link = event.peer;
    if (event.kind === "down" && event.peer === this.#link) {
      this.#link = null;
      this.downs.push(event.reason);
    }
  }
  /** Sends to the victim once there is a link; the answer tells why that link ended, if it did. */
  async tell(bytes: Uint8Array, wait = 3_000): Promise<string | undefined> {
    const { time } = this.#trial;
    for (let tries = 0; this.#link === null && tries < 30; tries++) {
      this.#network.dial(this.#trial.address(VICTIM));
      await time.runUntil(time.now + 200);
    }
    if (this.#link === null) throw new Error("the liar found no way in");
    const before = this.downs.length;
    this.#network.send(this.#link, bytes);
    await time.runUntil(time.now + wait);
    return this.downs[before];
  }
  /** A core with the liar's keys on the victim's chain, to make blocks with. */
  core(): Core {
    const { memberKey, memberSecret, blsSecret } = this.keys;
    const { chain } = this.#trial.core(VICTIM);
    return new Core({
      keys: { memberKey, memberSecret, blsSecret },
      bls: nobleBls,
      signed: this.#trial.signed,
      chain,
      desk: new Desk(),
      own: emptyJournal(),
      summaries: [],
      out: new Out(),
    });
  }
  /** A true block of the liar's own rank for the step after the head. */
  block(): Block {
    const core = this.core();
    const step = stepIndex(core.chain.head.header.step + 1);
    const rank = ranksOf(core, LIAR, step)[0] ?? -1;
    const made = assembleBlock(core, LIAR, step, rank);
    if (made === undefined) throw new Error("the liar has no turn");
    return made;
  }
  altered(change: Partial<Block["header"]>): Block {
    const made = this.block();
    const header = { ...made.header, ...change };
    return { ...made, header, signature: signHeader(header, this.keys.memberSecret) };
  }
}

const items = (...list: readonly Item[]): Uint8Array => encodeMessage({ kind: "items", items: list.map(encodeItem) });
const blockItem = (block: Block): Uint8Array => items({ kind: "block", block: encodeBlock(block) });
const ZEROS = new Uint8Array(64);
const RUBBISH = new Uint8Array(60).fill(7);

let trial: Trial;
let liar: Liar;
const signed = (body: Body, secret = liar.keys.memberSecret, signer: number = LIAR) =>
  signTx(body, signer, liar.community, secret);

/** A tick of the liar's meter from a register to another. */
const tick = (from: number, to: number): Item => {
  const secret = cryptometerSecret(liar.keys.seed, 0);
  const step = stepIndex(trial.core(VICTIM).chain.head.header.step + 1);
  const generator = 0 as GeneratorIndex;
  const at = trial.time.now;
  const generation = signed(
    { kind: "generation", generator, step, from: mwh(from), to: mwh(to), at, estimated: false },
    secret,
    generator,
  );
  const input = idOf(generation.body, liar.community);
  return { kind: "tick", generation, transfer: signed({ kind: "transfer", generator, input }, secret, generator) };
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
    ["a tick of a meter that nobody registered", undefined, () => items(tick(0, 1_000))],
    [
      "a true vote for a round far ahead",
      undefined,
      () => items({ kind: "vote", vote: { ...vote().vote, round: 9_999 } }),
    ],
  ];
  it.each(messages)("%s: %s", async (_, code, make) => {
    expect(await liar.tell(make())).toBe(code);
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
    expect(await liar.tell(blockItem(make()), 7_000)).toBe(code);
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

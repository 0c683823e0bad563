/** The paper's tables I to IV (§IV.B), sentence by sentence, each as a test that a broken rule fails. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fromHex } from "../../worker/base/bytes.ts";
import { publicKeyOf, verify } from "../../worker/base/ed25519.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { memberIndex, stepIndex } from "../../worker/base/units.ts";
import { endOf, gateClosure, gateOpening, lastEnded, stepAt } from "../../worker/community/market-step.ts";
import { checksOfTx } from "../../worker/consensus/checks.ts";
import { drawMessage, drawOf } from "../../worker/consensus/draw.ts";
import { Finality } from "../../worker/consensus/finality.ts";
import { rankCandidates, wealthOf, type Candidate } from "../../worker/consensus/selection.ts";
import { key } from "../../worker/ledger/rows.ts";
import { idOf, signTx, type Tx } from "../../worker/ledger/transaction.ts";
import { configOf, TERMS, Trial } from "../lab/trial.ts";
import { adopt, amend } from "../ledger/decisions.ts";
import { codeOf, keysOf, valueOf, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker, drawFrom } from "../consensus/chain-maker.ts";
import { membersTo, TreeMaker } from "../consensus/tree-maker.ts";

const KWH = 1_000_000;
let world: World;
let chain: ChainMaker;
/** The example of §IV.B.2a: generators A and B of 15 and 10 kWh, participants X and Y who agreed on 8 : 17. */
beforeAll(() => {
  const { contract, ...rest } = worldOf({ members: 2, owners: [0, 1], weights: [8, 17] });
  const generators = contract.generators.map((g) => ({ ...g, pMaxW: 100_000 }));
  world = { ...rest, contract: { ...contract, generators } };
});
beforeEach(() => {
  chain = new ChainMaker(world);
});
const meters = (): number[] => chain.state.scan("member").map(([, m]) => m.meter);
const supplies = (step = 1): { a: [Tx, Tx]; b: [Tx, Tx] } => ({
  a: chain.supply(0, step, 15 * KWH),
  b: chain.supply(1, step, 10 * KWH),
});
/** Transactions 1 to 5 of the example, in the order of a block. */
const example = (): Tx[] => {
  const { a, b } = supplies();
  return [a[0], b[0], a[1], b[1], chain.distribution(1, [a[1], b[1]], 25 * KWH)];
};

describe("table I: the transactional model", () => {
  it("each generation unit that creates V has to digitally sign it", () => {
    const [{ body }] = supplies().a;
    const secret = cryptometerSecret(keysOf(0).seed, 0);
    const signedBy = (by: Uint8Array): boolean => {
      const job = valueOf(checksOfTx(chain.state, world.community, signTx(body, 0, world.community, by))).ed25519[0];
      return job !== undefined && verify(job);
    };
    expect(signedBy(secret)).toBe(true);
    expect(signedBy(keysOf(0).memberSecret)).toBe(false);
    expect(signedBy(cryptometerSecret(keysOf(1).seed, 0))).toBe(false);
  });

  it("each V has to be consumed into a transaction, and is consumed once", () => {
    const { a, b } = supplies();
    expect(codeOf(chain.try(1, [a[0], b[0]]))).toBe("energy-kept");
    expect(codeOf(chain.try(1, [a[0], b[0], a[1]]))).toBe("energy-kept");
    chain.grow(1, [a[0], b[0], a[1], b[1]]);
    expect(chain.state.scan("energy").map(([, e]) => e.owner)).toEqual(["vpp", "vpp"]);
    expect(meters()).toEqual([0, 0]);
    expect(codeOf(chain.try(2, [a[1]]))).toBe("input-unknown");
  });

  it("each generator sends its V by putting it into a transaction to the VPP", () => {
    const { a, b } = supplies();
    const foreign: Tx = { ...b[1], body: { kind: "transfer", generator: 0 as never, input: chain.id(b[0]) } };
    expect(codeOf(chain.try(1, [a[0], b[0], a[1], foreign]))).toBe("input-not-own");
    chain.grow(1, [a[0], b[0], a[1], b[1]]);
    expect(chain.state.get("energy", chain.id(a[1]))).toEqual({ owner: "vpp", generator: 0, step: 1, mwh: 15 * KWH });
  });

  it("all the public keys are known by the participants of the community", () => {
    expect(chain.state.scan("member").map(([, m]) => m.key)).toEqual(world.keys.map((k) => k.memberKey));
    const meterKeys = world.keys.map((k) => publicKeyOf(cryptometerSecret(k.seed, 0)));
    expect(chain.state.scan("generator").map(([, g]) => g.terms.key)).toEqual(meterKeys);
    const stranger = chain.candidacy(1, { member: 2 });
    expect(codeOf(checksOfTx(chain.state, world.community, stranger))).toBe("signer-unknown");
  });

  it("the VPP distributes the generated kilowatt-hours using a predefined repartition rule: 8 to X and 17 to Y", () => {
    const other = new ChainMaker(world);
    const txs = example();
    chain.grow(1, txs);
    expect(meters()).toEqual([8 * KWH, 17 * KWH]);
    const last = txs.pop();
    if (last?.body.kind !== "distribution") throw new Error("the example ends with the distribution");
    const shares = [
      { member: memberIndex(0), mwh: (8 * KWH + 1) as never },
      { member: memberIndex(1), mwh: (17 * KWH - 1) as never },
    ];
    expect(codeOf(other.try(1, [...txs, { ...last, body: { ...last.body, shares } }]))).toBe("wrong-shares");
  });

  it("the VPP has to digitally sign this transaction", () => {
    const distribution = example()[4] as Tx;
    const signed = signTx(distribution.body, 1, world.community, keysOf(1).memberSecret);
    const job = valueOf(checksOfTx(chain.state, world.community, signed)).ed25519[0];
    expect(job && verify(job)).toBe(true);
    expect(job?.message).toEqual(fromHex(idOf(distribution.body, world.community)));
    const members = world.contract.members.map((m, i) => ({ ...m, vpp: i === 0 }));
    const oneVpp = new ChainMaker({ ...world, contract: { ...world.contract, members } });
    const txs = [...example().slice(0, 4), { ...distribution, signer: 1 }];
    expect(codeOf(oneVpp.try(1, txs))).toBe("not-vpp");
  });

  it("the sum of the outputs must be equal to or less than the sum of all inputs; the difference is the fee", () => {
    const paying = { ...world, contract: { ...world.contract, feePpm: 40_000 } };
    chain = new ChainMaker(paying);
    const { miner } = chain.grow(1, example()).block.header;
    const rest = [7_680_000, 16_320_000];
    expect(meters()).toEqual(rest);
    expect(chain.state.scan("reward").map(([, r]) => r)).toEqual([{ miner, mwh: 1 * KWH }]);
    chain.grow(1 + paying.contract.rewardDelay);
    expect(meters()).toEqual(rest.map((v, m) => v + (m === miner ? KWH : 0)));
  });
});

describe("table II: the consensus algorithm", () => {
  it("1) new transactions are broadcast to all nodes: one member's is with everybody, and in the next block", async () => {
    const trial = await Trial.begin({ members: 4, owners: [0] });
    await trial.until(1);
    const before = trial.core(3).chain.state.scan("proposal").length;
    const secret = cryptometerSecret(trial.lab.inhabitant(2).keys.seed, 0);
    const config = configOf(trial.contract);
    const order = { kind: "add-meter", meter: "m", label: "m", keyNumber: 0, config, terms: TERMS, secret } as const;
    await trial.lab.node(2).runner.order(order);
    await trial.until(1, 6_000);
    for (const { pool } of trial.cores)
      expect([...pool.others.values()].map((h) => h.body.kind).toSorted()).toEqual(["ballot", "proposal"]);
    await trial.until(2);
    for (const { chain } of trial.cores) expect(chain.state.scan("proposal").length).toBe(before + 1);
    expect(trial.witness.faults).toEqual([]);
  });

  it("2) each node creates a block with all the valid new transactions: the same content gives the same block", () => {
    const other = new ChainMaker(world);
    expect(other.block(1, example()).header).toEqual(chain.block(1, example()).header);
  });

  it("3) at each market period T_i a node is randomly selected and broadcasts its block", () => {
    const winners = new Set<number>();
    for (let step = 1; step <= 16; step++) {
      const candidacies = [0, 1].map((member) => chain.candidacy(step, { member, draw: 16 * member + step }));
      const { header } = chain.grow(step, [...candidacies, chain.winner(step, candidacies)]).block;
      expect(endOf(world.contract, header.step)).toBe(world.contract.t0 + step * world.contract.stepMs);
      expect(header.step).toBe(step);
      winners.add(header.miner);
    }
    expect(winners.size).toBe(2);
  });

  it("3) nobody can know in advance whom: it takes the draws of the current miner and of each candidate", () => {
    const firsts = (minerDraw: number, draws: readonly number[]): number | undefined => {
      const stands = [0, 1].map((member) => chain.candidacy(1, { member, draw: draws[member] ?? 0 }));
      return chain.ranking(1, stands, drawFrom(minerDraw))[0];
    };
    const tries = Array.from({ length: 40 }, (_, n) => n);
    expect(new Set(tries.map((n) => firsts(n, [1, 2])))).toEqual(new Set([0, 1]));
    expect(new Set(tries.map((n) => firsts(200, [n, 2])))).toEqual(new Set([0, 1]));
    expect(new Set(tries.map((n) => firsts(200, [1, n])))).toEqual(new Set([0, 1]));
  });

  it("4) other nodes check the validity of the block and, if they agree, increment their chain", () => {
    const other = new ChainMaker(world);
    const block = chain.block(1, example());
    other.add(block);
    expect(other.parent).toEqual(block.header);
    const theft = { ...block, txs: block.txs.slice(0, 4) };
    expect(() => new ChainMaker(world).add(theft)).toThrow("header-mismatch");
  });

  it("5) if the majority of nodes agree, the block is definitively approved", () => {
    const maker = new TreeMaker(5).line("root", "block");
    const finality = new Finality(maker.tree());
    const agree = (n: number): string | undefined => {
      for (const kind of ["approval", "confirmation"] as const)
        for (const m of membersTo(n)) finality.add(m, maker.target(kind, "block"));
      finality.advance();
      return maker.nameOf(finality.final);
    };
    expect([agree(1), agree(2), agree(3)]).toEqual(["root", "root", "block"]);
  });
});

describe("table III: the miner selection", () => {
  const candidate = (over: Partial<Candidate>): Candidate => ({
    member: memberIndex(0),
    energy: 100,
    age: 10,
    reputation: 5,
    luck: 1n,
    ...over,
  });
  const second = (over: Partial<Candidate>): Candidate => candidate({ member: memberIndex(1), ...over });

  it("1) W_k = α·E_k + β·A_k + γ·R_k, each criterion relative to the other candidates", () => {
    const [x, y] = wealthOf([candidate({}), second({ energy: 300, age: 30, reputation: 15 })], world.contract);
    expect([x?.total, y?.total].map((w) => Number((1_000n * (w ?? 0n)) / (x?.denominator ?? 1n)))).toEqual([
      25_000, 75_000,
    ]);
  });

  it.each([
    ["E: more kilowatt-hours", { energy: 101 }],
    ["A: an older last block", { age: 11 }],
    ["R: more blocks created", { reputation: 6 }],
  ] as const)("1) %s make it more probable to create the next block", (_, more) => {
    const [x, y] = wealthOf([candidate({}), second(more)], world.contract);
    expect(y?.total).toBeGreaterThan(x?.total ?? 0n);
    expect(
      rankCandidates([candidate({ luck: 10n ** 30n }), second({ ...more, luck: 10n ** 30n })], world.contract)[0],
    ).toBe(1);
  });

  it("2) U_k is generated for every candidate in ]0, 1]", () => {
    for (let n = 0; n < 100; n++) {
      const u = drawOf(drawFrom(n), drawFrom(200), memberIndex(n));
      expect(u > 0n && u <= 2n ** 256n).toBe(true);
    }
  });

  it("2) with a uniform distribution: 2,000 of them fill ten bins alike, and no two candidates share one", () => {
    const bins = Array.from({ length: 10 }, () => 0);
    const seen = new Set<bigint>();
    for (let n = 0; n < 2_000; n++) {
      const u = drawOf(drawFrom(n % 250), drawFrom(Math.floor(n / 250)), memberIndex(n % 7));
      seen.add(u);
      const bin = Number((10n * (u - 1n)) / 2n ** 256n);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    // 200 in each, with a standard deviation of 13.4.
    expect(bins.every((count) => Math.abs(count - 200) < 54)).toBe(true);
    expect(seen.size).toBe(2_000);
  });

  it("the weights are agreed on within the community: a ballot changes them, and with them the ranking", () => {
    const poor = candidate({ energy: 0, age: 30, reputation: 0, luck: 100n });
    const rich = second({ energy: 300, age: 1, reputation: 0, luck: 100n });
    expect(rankCandidates([poor, rich], world.contract)[0]).toBe(0);
    const other = { weightEnergy: 69, weightAge: 70, weightReputation: 1 };
    expect(
      rankCandidates(
        [
          { ...poor, age: 10, luck: 100n },
          { ...rich, age: 9, luck: 100n },
        ],
        other,
      )[0],
    ).toBe(1);
    adopt(chain, 1, amend(world.contract, other));
    chain.grow(2);
    expect(chain.context(3).contract).toMatchObject(other);
  });

  it("3) the selected node has the maximum ratio W_k/U_k", () => {
    // W of 25 and 75 (see above): the poorer one is selected as soon as its U is less than a third of the other's.
    const rich = { energy: 300, age: 30, reputation: 15, luck: 300n };
    const selected = (luck: bigint): number | undefined =>
      rankCandidates([candidate({ luck }), second(rich)], world.contract)[0];
    expect([selected(99n), selected(100n), selected(101n)]).toEqual([0, 0, 1]);
  });
});

describe("table IV: the transactions for candidate selection", () => {
  it("1) for every created V an associated voting token E follows the same flow", () => {
    chain.grow(1, example());
    expect(chain.state.scan("token").map(([, t]) => [t.owner, t.birth, t.amount])).toEqual([
      [0, 1, 8 * KWH],
      [1, 1, 17 * KWH],
    ]);
  });

  it("1) this token has a limited validity of d market periods", () => {
    expect(world.contract.tokenValidity).toBe(4);
    chain.grow(1, example());
    const staked = chain.candidacy(2, { member: 0 });
    if (staked.body.kind !== "candidacy") throw new Error("a candidacy is one");
    const { tokens } = staked.body;
    for (const step of [2, 3, 4, 5]) {
      const tx = chain.candidacy(step, { member: 0, tokens });
      expect(chain.try(step, [tx, chain.winner(step, [tx])]).ok).toBe(true);
      chain.grow(step);
    }
    expect(codeOf(chain.try(6, [chain.candidacy(6, { member: 0, tokens })]))).toBe("token-spent");
    chain.grow(6);
    expect(chain.state.scan("token")).toEqual([]);
  });

  it("2) a candidacy is sent between T_{i-1} + t_d and T_i − t_e", () => {
    const { contract } = world;
    expect(gateOpening(contract, 5) - endOf(contract, 4)).toBe(contract.openDelayMs);
    expect(endOf(contract, 5) - gateClosure(contract, 5)).toBe(contract.closeLeadMs);
    const wins = (at: number): boolean => {
      const tx = chain.candidacy(1, { member: 0, at });
      return chain.try(1, [tx, chain.winner(1, [tx])]).ok;
    };
    const [open, close] = [gateOpening(contract, 1), gateClosure(contract, 1)];
    expect([open - 1, open, close, close + 1].map(wins)).toEqual([false, true, true, false]);
  });

  it("2) it contains as input the tokens that k wants to spend, signed by k", () => {
    chain.grow(1, example());
    const tx = chain.candidacy(2, { member: 0 });
    const others = chain.candidacy(2, { member: 1 });
    if (others.body.kind !== "candidacy") throw new Error("a candidacy is one");
    expect(codeOf(chain.try(2, [chain.candidacy(2, { member: 0, tokens: others.body.tokens })]))).toBe("token-not-own");
    const signed = signTx(tx.body, 0, world.community, keysOf(1).memberSecret);
    const job = valueOf(checksOfTx(chain.state, world.community, signed)).ed25519[0];
    expect(job && verify(job)).toBe(false);
  });

  it("2) its output goes to the current selected node, whom the block header names", () => {
    chain.grow(1, example());
    const candidacies = [0, 1].map((member) => chain.candidacy(2, { member }));
    const stranger = memberIndex(1 - chain.parent.miner);
    expect(codeOf(chain.try(2, [...candidacies, chain.winner(2, candidacies, { member: stranger })]))).toBe(
      "not-current-miner",
    );
    expect(chain.winner(2, candidacies).body).toMatchObject({ member: chain.parent.miner });
  });

  it("3) the candidacies that arrive too late get the same volume of E back", () => {
    chain.grow(1, example());
    const before = chain.state.scan("token").map(([, t]) => t);
    const late = [0, 1].map((member) => chain.candidacy(2, { member, at: gateClosure(world.contract, 2) + 1 }));
    chain.grow(2, [...late, chain.refund(2, late)]);
    const after = chain.state.scan("token").map(([, t]) => t);
    expect(after.toSorted((a, b) => a.owner - b.owner)).toEqual(before);
  });

  it("4) the winner transaction has as input all the voting tokens received and as output the winner", () => {
    chain.grow(1, example());
    const candidacies = [0, 1].map((member) => chain.candidacy(2, { member }));
    const winner = chain.winner(2, candidacies);
    chain.grow(2, [...candidacies, winner]);
    const tokens = chain.state.scan("token").map(([, t]) => t);
    expect(tokens).toEqual([{ owner: chain.parent.miner, birth: 1, amount: 25 * KWH }]);
  });

  it("4) together with its signature: the current miner's, and its draw share is its own as well", () => {
    const candidacies = [0, 1].map((member) => chain.candidacy(1, { member }));
    const { body } = chain.winner(1, candidacies);
    const { miner } = chain.parent;
    const job = (by: number): boolean => {
      const signed = signTx(body, miner, world.community, keysOf(by).memberSecret);
      const [first] = valueOf(checksOfTx(chain.state, world.community, signed)).ed25519;
      return first !== undefined && verify(first);
    };
    expect([job(miner), job(1 - miner)]).toEqual([true, false]);
    expect(valueOf(checksOfTx(chain.state, world.community, { ...chain.winner(1, candidacies) })).bls).toEqual([
      {
        keys: [keysOf(miner).blsKey],
        message: drawMessage(world.community, chain.parent.beacon, stepIndex(1)),
        signature: drawFrom(200),
      },
    ]);
    const other = signTx(body, 1 - miner, world.community, keysOf(1 - miner).memberSecret);
    expect(codeOf(checksOfTx(chain.state, world.community, other))).toBe("signer-mismatch");
  });

  it("5) it is integrated in the block created by the winner at T_i", () => {
    const candidacies = [0, 1].map((member) => chain.candidacy(1, { member }));
    const txs = [...candidacies, chain.winner(1, candidacies)];
    const [first, other] = chain.ranking(1, candidacies) as [never, never];
    expect(codeOf(chain.try(1, txs, { rank: 0, miner: other }))).toBe("not-its-turn");
    expect(valueOf(chain.try(1, txs, { rank: 0, miner: first })).miner).toBe(first);
  });

  it("5) at T_i it is broadcast to all the nodes: seconds later everybody has the same block, of exactly T_i", async () => {
    const trial = await Trial.begin({ members: 4, owners: [0] });
    for (const step of [1, 2, 3]) {
      await trial.until(step, -500);
      const earlier = trial.cores.map(({ chain }) => chain.head.header.step);
      await trial.until(step);
      expect(earlier).toEqual([0, 0, 0, 0].map(() => step - 1));
      expect(new Set(trial.heads).size).toBe(1);
      const { block } = trial.core(3).chain.head;
      const won = block.txs.find((tx) => tx.body.kind === "winner")?.body;
      expect([block.header.step, block.header.miner]).toEqual([step, won?.kind === "winner" ? won.ranking[0] : null]);
    }
  });
});

describe("§IV.B.1: accuracy", () => {
  it("a block is created exactly at every market step: its time is T_i, and energy is booked to the step it was read in", () => {
    const { contract } = world;
    const now = endOf(contract, 7);
    expect([stepAt(contract, now), lastEnded(contract, now), stepAt(contract, now + 1)]).toEqual([7, 7, 8]);
    const [generation] = chain.supply(0, 7, 1_000);
    if (generation.body.kind !== "generation") throw new Error("a generation is one");
    const read = (at: number): Tx => ({ ...generation, body: { ...generation.body, at } as Tx["body"] });
    expect(chain.try(7, chain.withTransfer(read(now))).ok).toBe(true);
    expect(codeOf(chain.try(7, chain.withTransfer(read(now + 1))))).toBe("generation-time");
    chain.grow(8, chain.withTransfer(read(now)));
    expect(chain.state.get("book", key(stepIndex(7)))?.generated).toMatchObject([{ mwh: 1_000 }]);
  });
});

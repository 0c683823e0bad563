/** §IV.C, resilience against cyber attacks, sentence by sentence, each as a test that a broken rule fails. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { inclusionProof, leafHash, verifyInclusion } from "../../worker/base/merkle.ts";
import { fromHex } from "../../worker/base/bytes.ts";
import { verify } from "../../worker/base/ed25519.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { memberIndex, mwh, stepIndex, type MemberIndex } from "../../worker/base/units.ts";
import { validateContract } from "../../worker/community/contract.ts";
import { PRESETS } from "../../worker/community/presets.ts";
import { hashOf, signHeader, txLeaf } from "../../worker/consensus/block.ts";
import { checksOfTx } from "../../worker/consensus/checks.ts";
import { drawOf } from "../../worker/consensus/draw.ts";
import { caseOfHeaders } from "../../worker/consensus/evidence.ts";
import { Finality } from "../../worker/consensus/finality.ts";
import { chooseHead } from "../../worker/consensus/fork-choice.ts";
import { rankCandidates, wealthOf, type Candidate } from "../../worker/consensus/selection.ts";
import { stateRoot } from "../../worker/ledger/state.ts";
import { maxPerStep } from "../../worker/ledger/energy.ts";
import { signTx, type Tx } from "../../worker/ledger/transaction.ts";
import { leave, rowOf } from "../ledger/decisions.ts";
import { codeOf, keysOf, refusal, valueOf, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker, drawFrom, unsigned } from "../consensus/chain-maker.ts";
import { membersTo, nameHash, TreeMaker } from "../consensus/tree-maker.ts";

let world: World;
let chain: ChainMaker;
beforeAll(() => {
  world = worldOf({ members: 3, owners: [0, 1], weights: [1, 2, 3] });
});
beforeEach(() => {
  chain = new ChainMaker(world);
});
const supplied = (): [Tx, Tx, Tx] => {
  const [generation, transfer] = chain.supply(0, 1, 600);
  return [generation, transfer, chain.distribution(1, [transfer], 600)];
};

describe("greedy self-interested attacks", () => {
  it("theft of energy: every node checks all transactions, so energy out of nothing is refused", () => {
    const [generation, transfer, distribution] = supplied();
    expect(codeOf(chain.try(1, [distribution]))).toBe("input-unknown");
    expect(codeOf(chain.try(1, [generation, distribution]))).toBe("input-unknown");
    expect(chain.try(1, [generation, transfer, distribution]).ok).toBe(true);
  });

  it("double spend: the miner can select only one of two distributions of the same energy", () => {
    const [generation, transfer, distribution] = supplied();
    expect(codeOf(chain.try(1, [generation, transfer, distribution, distribution]))).toBe("input-unknown");
    chain.grow(1, [generation, transfer, distribution]);
    expect(codeOf(chain.try(2, [distribution]))).toBe("input-unknown");
  });

  it("double spend: nor of two different ones that sell it to two different participants in one market period", () => {
    const [generation, transfer, distribution] = supplied();
    if (distribution.body.kind !== "distribution") throw new Error("a distribution is one");
    const { inputs } = distribution.body;
    const sold = (member: number): Tx => ({
      ...distribution,
      body: { ...distribution.body, inputs, shares: [{ member: memberIndex(member), mwh: mwh(600) }] } as Tx["body"],
    });
    expect(codeOf(chain.try(1, [generation, transfer, sold(0), sold(1)]))).toBe("wrong-shares");
    // Each of two that follow the rule spends the same inputs: the second finds them spent, whoever signs it.
    const again = { ...distribution, signer: 1 };
    expect(codeOf(chain.try(1, [generation, transfer, distribution, again]))).toBe("input-unknown");
  });

  it("by checking the block, the aggrieved participant discovers that it did not receive what it was entitled to", () => {
    const [generation, transfer, distribution] = supplied();
    if (distribution.body.kind !== "distribution") throw new Error("a distribution is one");
    const [a, b, c] = distribution.body.shares;
    if (!a || !b || !c) throw new Error("all three have a share");
    const greedy = [{ ...a, mwh: (a.mwh + c.mwh) as typeof a.mwh }, b];
    const forged = { ...distribution, body: { ...distribution.body, shares: greedy } };
    expect(refusal(chain.try(1, [generation, transfer, forged]))).toMatchObject({
      code: "wrong-shares",
      verdict: "penalise",
    });
  });

  it("other nodes maintain support on the last valid block: the branch with most approvals is the chain", () => {
    const maker = new TreeMaker(5).line("root", "valid bad1 bad2 bad3").line("valid", "good");
    const tree = maker.tree();
    const approvals = ["bad3", "bad3", "good", "good", "good"].map(nameHash);
    expect(maker.nameOf(chooseHead(tree, tree.root, approvals))).toBe("good");
    const finality = new Finality(tree);
    for (const m of membersTo(5)) {
      const name = m < 2 ? "bad3" : "good";
      finality.add(m, maker.target("approval", name));
      finality.add(m, maker.target("confirmation", m < 2 ? "valid" : "good"));
    }
    finality.advance();
    expect(maker.nameOf(finality.final)).toBe("good");
  });
});

describe("injection and modification", () => {
  it("a fabricated transaction needs the private key of the generator and of the VPP: without them it is found", () => {
    const txs = supplied();
    const outsider = new Uint8Array(32).fill(66);
    for (const { body, signer } of txs) {
      const { ed25519 } = valueOf(
        checksOfTx(chain.state, world.community, signTx(body, signer, world.community, outsider)),
      );
      expect(ed25519.map(verify)).toEqual([false]);
    }
  });

  it("even with the generator's key no more than P_max can be injected in a step", () => {
    const most = maxPerStep(4_000, world.contract.stepMs, 1_000);
    expect(chain.try(1, chain.supply(0, 1, most)).ok).toBe(true);
    expect(codeOf(chain.try(1, chain.supply(0, 1, most + 1)))).toBe("too-much-power");
    chain.grow(1, chain.supply(0, 1, most));
    expect(codeOf(chain.try(2, chain.supply(0, 1, 1)))).toBe("too-much-power");
  });

  it("replay: what is on the chain is refused the second time, every kind of it", () => {
    const energy = supplied();
    chain.grow(1, energy);
    const [proposal, ballot] = chain.ballot(2, leave(2), 0, [0]) as [Tx, Tx];
    const stands = [0, 1].map((member) => chain.candidacy(2, { member }));
    chain.grow(2, [...stands, chain.winner(2, stands), proposal, ballot]);
    const again = [...energy, ...stands, proposal, ballot].map((tx) => codeOf(chain.try(3, [tx])));
    expect(again).toEqual([
      "register-gap",
      "input-unknown",
      "input-unknown",
      "candidacy-elsewhere",
      "candidacy-elsewhere",
      "proposal-known",
      "ballot-old",
    ]);
  });

  it("replay: what was signed in one community means nothing in another", () => {
    const other = worldOf({ members: 3, owners: [0, 1], change: { name: "Rue de la Lune" } });
    const [generation] = supplied();
    const secret = cryptometerSecret(keysOf(0).seed, 0);
    const signed = signTx(generation.body, 0, world.community, secret);
    const isGood = (community: World["community"]): boolean => {
      const [job] = valueOf(checksOfTx(chain.state, community, signed)).ed25519;
      return job !== undefined && verify(job);
    };
    expect([isGood(world.community), isGood(other.community)]).toEqual([true, false]);
  });

  it("a register with a gap is refused: no V is left out or signed twice", () => {
    chain.grow(1, supplied());
    expect(codeOf(chain.try(2, chain.supply(0, 2, 100, 700)))).toBe("register-gap");
    expect(codeOf(chain.try(2, chain.supply(0, 2, 100, 500)))).toBe("register-gap");
    expect(chain.try(2, chain.supply(0, 2, 100, 600)).ok).toBe(true);
  });

  it("a transaction tampered with changes the hash that the block names", () => {
    const { block } = chain.grow(1, supplied());
    const leaves = block.txs.map(txLeaf);
    const proof = inclusionProof(leaves, 1);
    const root = fromHex(block.header.txRoot);
    const isMember = (tx: Tx): boolean => verifyInclusion(txLeaf(tx), 1, leaves.length, proof, root);
    const [, transfer] = block.txs as [Tx, Tx];
    expect(isMember(transfer)).toBe(true);
    expect(isMember({ ...transfer, signer: 1 })).toBe(false);
    expect(isMember({ ...transfer, signature: new Uint8Array(64).fill(1) })).toBe(false);
  });

  it("figure 1: by the path alone it is proved that a block is a member of the root and was not changed", () => {
    const hashes = [hashOf(chain.parent)];
    for (let step = 1; step <= 8; step++) hashes.push(hashOf(chain.grow(step).block.header));
    const leaves = hashes.slice(0, -1).map((h) => leafHash(fromHex(h)));
    const root = fromHex(chain.parent.historyRoot);
    const proof = inclusionProof(leaves, 6);
    const leafOf = (at: number): Uint8Array => leafHash(fromHex(hashes[at] ?? ""));
    expect(verifyInclusion(leafOf(6), 6, leaves.length, proof, root)).toBe(true);
    expect(verifyInclusion(leafOf(5), 6, leaves.length, proof, root)).toBe(false);
  });
});

describe("extortion: the recommendations", () => {
  it("γ < α < β: presets keep it, and a contract that does not is refused", () => {
    for (const { weightEnergy, weightAge, weightReputation } of Object.values(PRESETS)) {
      expect(weightReputation < weightEnergy && weightEnergy < weightAge).toBe(true);
    }
    const field = (change: object): unknown =>
      refusal(validateContract({ ...world.contract, ...change })).data?.["field"];
    expect(field({ weightReputation: 20, weightEnergy: 20 })).toBe("weightReputation");
    expect(field({ weightEnergy: 70, weightAge: 70 })).toBe("weightEnergy");
  });

  it("the voting token E has a limited validity of 4 market periods", () => {
    expect(Object.values(PRESETS).map((p) => p.tokenValidity)).toEqual([4, 4]);
    chain.grow(1, supplied());
    chain.grow(5);
    expect(chain.state.scan("token").length).toBe(3);
    chain.grow(6);
    expect(chain.state.scan("token").length).toBe(0);
  });

  it("with a high β age directs the choice: who has waited outweighs any amount of E", () => {
    const candidate = (member: number, energy: number, age: number): Candidate => ({
      member: memberIndex(member),
      energy,
      age,
      reputation: 0,
      luck: 2n ** 200n,
    });
    const attacker = candidate(0, 10 ** 15, 1);
    const patient = candidate(1, 0, 100);
    expect(rankCandidates([attacker, patient], world.contract)).toEqual([1, 0]);
    // However much E it gathers, the attacker's first term ends at α: 20 of 100.
    const [w] = wealthOf([attacker, candidate(1, 0, 0), candidate(2, 0, 1)], world.contract);
    expect(Number((100n * (w?.energy ?? 0n)) / (w?.denominator ?? 1n))).toBe(2_000);
  });

  it("whoever has just made a block has age 0 in the next auction but for the steps that passed", () => {
    const { block } = chain.grow(3);
    const { miner } = block.header;
    const candidacies = [0, 1, 2].map((member) => chain.candidacy(4, { member }));
    chain.grow(4, [...candidacies, chain.winner(4, candidacies)]);
    const ages = chain.state.get("auction", "00000004")?.candidates.map((c) => [c.member, c.age]);
    expect(ages?.find(([m]) => m === miner)).toEqual([miner, 1]);
    expect(ages?.filter(([m]) => m !== miner).map(([, age]) => age)).toEqual([4, 4]);
  });
});

describe("Sybil attack", () => {
  type Weights = Pick<World["contract"], "weightEnergy" | "weightAge" | "weightReputation">;
  /** Auctions of `members` candidates; the first of them stakes so many times what each other one does. Its blocks. */
  const shareOf = (members: number, times: number, weights: Weights = world.contract): number => {
    const steps = 800;
    const last = Array.from({ length: members }, () => 0);
    const made: number[] = [];
    for (let step = 1; step <= steps; step++) {
      const candidates = last.map((at, m) => ({
        member: memberIndex(m),
        energy: m === 0 ? times * 1_000 : 1_000,
        age: Math.min(672, step - at),
        reputation: made.slice(-96).filter((x) => x === m).length,
        luck: drawOf(drawFrom(step % 251), drawFrom(m + 7), memberIndex(step * members + m)),
      }));
      const [winner] = rankCandidates(candidates, weights);
      made.push(winner ?? 0);
      last[winner ?? 0] = step;
    }
    return made.filter((m) => m === 0).length / steps;
  };

  it("avoiding concentration of wealth: nearly all tokens of ten members buy less than a third of the blocks", () => {
    const shares = [1, 10, 1_000].map((times) => shareOf(10, times));
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect([Math.abs((shares[0] ?? 0) - 0.1) < 0.03, (shares[2] ?? 1) < 1 / 3]).toEqual([true, true]);
    // With α and β exchanged, against the recommendation, they would buy most of them.
    const { weightAge, weightEnergy, weightReputation } = world.contract;
    const against = { weightEnergy: weightAge, weightAge: weightEnergy, weightReputation };
    expect(shareOf(10, 1_000, against)).toBeGreaterThan(0.6);
  });

  it("a large number of candidate miners: the more there are, the less often the attacker's turn comes", () => {
    const shares = [3, 6, 12, 24].map((members) => shareOf(members, 1));
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect(shares.at(-1)).toBeLessThan(0.06);
  });
});

describe("punishment", () => {
  it("three strikes: deemed eligible three times without creating a block, a node may not create future blocks", () => {
    // Member 0 stands with the luck of the winner and member 1 beside it; 0 never delivers.
    let step = 1;
    for (let strikes = 1; strikes <= 3; strikes++, step++) {
      const stands = [0, 1].map((member) => chain.candidacy(step, { member }));
      const draw = Array.from({ length: 200 }, (_, n) => drawFrom(n)).find(
        (d) => chain.ranking(step, stands, d)[0] === 0,
      );
      if (draw === undefined) throw new Error("no draw lets it win");
      const winner = chain.winner(step, stands, { draw, ranking: chain.ranking(step, stands, draw) });
      chain.grow(step, [...stands, winner], { rank: 1, miner: memberIndex(1) });
      expect(rowOf(chain, 0)).toMatchObject({ strikes, barred: strikes === 3 ? step : null });
    }
    expect(codeOf(chain.try(step, [chain.candidacy(step, { member: 0 })]))).toBe("barred");
  });

  it("three strikes: or created a bad one; nobody takes it, so the next in rank delivers, and the bad one is owed", () => {
    const stands = [0, 1, 2].map((member) => chain.candidacy(1, { member }));
    const txs = [...stands, chain.winner(1, stands)];
    const ranking = chain.ranking(1, stands);
    const [bad, next] = ranking as [MemberIndex, MemberIndex];
    const block = chain.block(1, txs);
    const lied = { ...block, header: { ...block.header, stateRoot: "0".repeat(64) as never } };
    expect(codeOf(chain.validate(lied))).toBe("header-mismatch");
    chain.grow(1, txs, { rank: 1, miner: next });
    expect(rowOf(chain, bad).strikes).toBe(1);
  });

  it("something to stake: who signs its block on every branch loses the fees of it to the next miner's evidence", () => {
    chain = new ChainMaker({ ...world, contract: { ...world.contract, feePpm: 100_000 } });
    const [left] = [chain.grow(1, supplied()).block];
    const offender = left.header.miner;
    const fee = chain.state.scan("reward").reduce((sum, [, r]) => sum + r.mwh, 0);
    expect(fee).toBe(60);
    const secret = keysOf(offender).memberSecret;
    const right = { ...left.header, txRoot: "1".repeat(64) as never };
    const [a, b] = [left.header, right].map((header) => ({ header, signature: signHeader(header, secret) }));
    if (a === undefined || b === undefined) throw new Error("two headers");
    const reporter = memberIndex((offender + 1) % 3);
    const before = rowOf(chain, reporter).meter;
    chain.grow(2, [unsigned({ kind: "evidence", member: reporter, ...caseOfHeaders(a, b) }, reporter)]);
    expect(rowOf(chain, reporter).meter).toBe(before + fee);
    expect(rowOf(chain, offender)).toMatchObject({ convicted: true, barred: 2 });
    chain.grow(40);
    expect(rowOf(chain, offender).meter).toBe([90, 180, 270][offender]);
  });
});

describe("motivation", () => {
  it("the fee of a block is its miner's, some steps later", () => {
    chain = new ChainMaker({ ...world, contract: { ...world.contract, feePpm: 100_000 } });
    const { miner } = chain.grow(1, supplied()).block.header;
    const meters = (): number[] => [0, 1, 2].map((m) => rowOf(chain, m).meter);
    expect(meters()).toEqual([90, 180, 270]);
    chain.grow(1 + world.contract.rewardDelay);
    expect(meters()).toEqual([90, 180, 270].map((v, m) => v + (m === miner ? 60 : 0)));
  });

  it("the fee is a fixed percentage of the input, equal to zero unless the community says otherwise", () => {
    expect(Object.values(PRESETS).map((p) => p.feePpm)).toEqual([0, 0]);
    const distributed = (feePpm: number): number => {
      chain = new ChainMaker({ ...world, contract: { ...world.contract, feePpm } });
      const [generation, transfer, distribution] = supplied();
      chain.grow(1, [generation, transfer, distribution]);
      if (distribution.body.kind !== "distribution") throw new Error("a distribution is one");
      return distribution.body.shares.reduce((sum, s) => sum + s.mwh, 0);
    };
    expect([0, 10_000, 500_000].map(distributed)).toEqual([600, 594, 300]);
  });

  it("a distribution that keeps a larger fee than agreed is refused", () => {
    const [generation, transfer] = supplied();
    const smaller = chain.distribution(1, [transfer], 594);
    expect(codeOf(chain.try(1, [generation, transfer, smaller]))).toBe("wrong-shares");
  });
});

describe("forks", () => {
  it("a block that is refused leaves every node where it was", () => {
    const before = toHex(stateRoot(chain.state));
    const [generation, transfer, distribution] = supplied();
    expect(chain.try(1, [generation, transfer, distribution], { miner: memberIndex(0), rank: 99 }).ok).toBe(false);
    expect([toHex(stateRoot(chain.state)), chain.parent.step]).toEqual([before, stepIndex(0)]);
  });
});

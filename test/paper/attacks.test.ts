/** §IV.C, resilience against attacks: the sentences that the honest path already has to keep. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { inclusionProof, leafHash, verifyInclusion } from "../../worker/base/merkle.ts";
import { fromHex } from "../../worker/base/bytes.ts";
import { memberIndex, stepIndex } from "../../worker/base/units.ts";
import { validateContract } from "../../worker/community/contract.ts";
import { PRESETS } from "../../worker/community/presets.ts";
import { hashOf, txLeaf } from "../../worker/consensus/block.ts";
import { Finality } from "../../worker/consensus/finality.ts";
import { chooseHead } from "../../worker/consensus/fork-choice.ts";
import { rankCandidates, wealthOf, type Candidate } from "../../worker/consensus/selection.ts";
import { stateRoot } from "../../worker/ledger/state.ts";
import type { Tx } from "../../worker/ledger/transaction.ts";
import { codeOf, refusal, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker } from "../consensus/chain-maker.ts";
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

describe("motivation", () => {
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

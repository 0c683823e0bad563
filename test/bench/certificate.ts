/**
 * What a full block of a large community costs in the pure rooms: 1,000 transactions and a certificate of 1,000 members,
 * from its bytes to the next state, against nothing but the checks of the very same signatures. Round by round in turn, so
 * that a busy machine slows both, and each time with votes and transactions that were never checked before.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { blsPublicKey, blsSecretFrom, blsSign, nobleBls } from "../../worker/base/bls.ts";
import { publicKeyOf } from "../../worker/base/ed25519.ts";
import { cryptometerSecret, keysFromSeed } from "../../worker/base/keys.ts";
import { memberIndex, mwh, stepIndex, type Hash, type MemberIndex, type Millis } from "../../worker/base/units.ts";
import { communityId, type Contract } from "../../worker/community/contract.ts";
import { endOf } from "../../worker/community/market-step.ts";
import { contractFrom } from "../../worker/community/presets.ts";
import { decodeBlock, encodeBlock, hashOf, signHeader, type Block, type Header } from "../../worker/consensus/block.ts";
import { allTrue, checksOfBlock, type Checks } from "../../worker/consensus/checks.ts";
import { drawMessage } from "../../worker/consensus/draw.ts";
import { genesisBlock, genesisState } from "../../worker/consensus/genesis.ts";
import { standInOrder } from "../../worker/consensus/selection.ts";
import { beginStep, executeBlock, validateBlock } from "../../worker/consensus/transition.ts";
import { bitfieldOf, voteMessage, type Target } from "../../worker/consensus/vote.ts";
import type { Context } from "../../worker/ledger/context.ts";
import { expectedShares } from "../../worker/ledger/energy.ts";
import { newMember } from "../../worker/ledger/members.ts";
import { contractAt } from "../../worker/ledger/parameters.ts";
import { key } from "../../worker/ledger/rows.ts";
import { Draft, type State } from "../../worker/ledger/state.ts";
import { idOf, signTx, type Tx } from "../../worker/ledger/transaction.ts";
import { createVerifier, VerdictMemory } from "../../worker/shell/verifier.ts";
import { bareWebCrypto, type Bench } from "./base.ts";

const MEMBERS = 1_000;
const GENERATORS = 499;
const ROUNDS = 9;
const T0 = 1_700_000_000_000 as Millis;
const STEP = stepIndex(1);

const seedOf = (n: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => (n * 31 + i * 7 + (n >> 8)) & 255);

/** A community of so many: the founder from the contract, the others and all meters as if ballots had admitted them. */
class Town {
  readonly contract: Contract;
  readonly community: Hash;
  readonly state: State;
  readonly parent: Header;
  readonly #founder = keysFromSeed(seedOf(1));
  readonly #meters = Array.from({ length: GENERATORS }, (_, n) => cryptometerSecret(this.#founder.seed, n));
  readonly #voting = Array.from({ length: MEMBERS }, (_, i) => blsSecretFrom(seedOf(i + 2)));

  constructor() {
    const { memberKey, blsProof } = this.#founder;
    const blsKeys = this.#voting.map(blsPublicKey);
    const [blsKey] = blsKeys;
    if (blsKey === undefined) throw new Error("a town has a founder");
    const members = [{ key: memberKey, blsKey, blsProof, weight: 1, vpp: true }];
    const owner = memberIndex(0);
    const terms = { owner, resolutionMwh: 1_000, pMinW: 57, mpePpm: 20_000, pMaxW: 10_000, endorsement: null };
    const ask = { name: "Bench", preset: "paper", quorum: "majority", t0: T0, members } as const;
    this.contract = contractFrom(ask);
    this.community = communityId(this.contract);
    this.state = genesisState(this.contract);
    const draft = new Draft(this.state);
    // One Ed25519 key for all of them: only the founder signs anything with it here.
    for (let i = 1; i < MEMBERS; i++)
      draft.put(
        "member",
        key(i),
        newMember({ ...members[0], key: memberKey, blsKey: blsKeys[i] ?? blsKey, weight: 1, vpp: false }, STEP, STEP),
      );
    this.#meters.forEach((secret, n) => {
      draft.put("generator", key(n), { terms: { ...terms, key: publicKeyOf(secret) }, joined: STEP, register: mwh(0) });
    });
    const everybody = Array.from({ length: MEMBERS }, (_, i) => memberIndex(i));
    const rule = draft.get("allocation", key(0));
    const voters = draft.get("voters", "");
    if (rule === undefined || voters === undefined) throw new Error("a genesis has a rule and voters");
    draft.put("allocation", key(0), {
      ...rule,
      weights: everybody.map((member) => ({ member, weight: 1 + (member % 7) })),
    });
    draft.put("voters", "", { ...voters, members: everybody, quorum: MEMBERS / 2 + 1 });
    this.state.apply(draft.delta());
    this.parent = genesisBlock(this.contract, this.state).header;
  }
  context(): Context {
    const draft = new Draft(this.state);
    return { contract: contractAt(draft, this.contract, STEP), community: this.community, step: STEP, draft };
  }
  /** Distinct for each n: other readings, another round of votes. */
  block(n: number): Uint8Array {
    const { community, parent } = this;
    const ctx = this.context();
    beginStep(ctx);
    const rank = 1 + standInOrder(ctx.draft, parent.beacon, STEP).indexOf(memberIndex(0));
    const draw = blsSign(drawMessage(community, parent.beacon, STEP), this.#voting[0] as Uint8Array);
    const content = { rank, miner: memberIndex(0), draw, txs: this.#transactions(n), votes: [this.#certificate(n)] };
    const made = executeBlock(this.context(), parent, content);
    if (!made.ok) throw new Error(made.error.code);
    const signature = signHeader(made.value, this.#founder.memberSecret);
    return encodeBlock({ header: made.value, signature, draw, votes: content.votes, txs: content.txs });
  }
  #transactions(n: number): Tx[] {
    const { community, contract } = this;
    const generations = this.#meters.map((secret, i) => {
      const reading = { from: mwh(0), to: mwh(1_000 + n), at: endOf(contract, STEP), estimated: false };
      return signTx({ kind: "generation", generator: i as never, step: STEP, ...reading }, i, community, secret);
    });
    const transfers = generations.map((tx, i) =>
      signTx(
        { kind: "transfer", generator: i as never, input: idOf(tx.body, community) },
        i,
        community,
        this.#meters[i] as Uint8Array,
      ),
    );
    const inputs = transfers.map((tx) => idOf(tx.body, community)).toSorted();
    const shares = expectedShares(this.state, STEP, GENERATORS * (1_000 + n))?.shares ?? [];
    const distribution = { kind: "distribution", step: STEP, inputs, shares } as const;
    const proposal = {
      kind: "proposal",
      member: memberIndex(0),
      step: STEP,
      action: { kind: "leave", member: memberIndex(1) },
    } as const;
    const others = [distribution, proposal].map((body) => signTx(body, 0, community, this.#founder.memberSecret));
    return [...generations, ...transfers, ...others];
  }
  /** All members' votes for one block as one signature: of the sum of their secrets, which is the sum of theirs. */
  #certificate(round: number) {
    const { Fr } = bls12_381.fields;
    const sum = this.#voting.reduce((total, secret) => Fr.add(total, Fr.fromBytes(secret)), Fr.ZERO);
    const target: Target = { set: 0, round, kind: "approval", step: stepIndex(0), block: hashOf(this.parent) };
    const signature = blsSign(voteMessage(this.community, target), Fr.toBytes(sum));
    return { ...target, voters: bitfieldOf(Array.from({ length: MEMBERS }, (_, i) => i as MemberIndex)), signature };
  }
}

const read = (raw: Uint8Array): Block => {
  const block = decodeBlock(raw);
  if (!block.ok) throw new Error(block.error.code);
  return block.value;
};
const checksOf = (town: Town, block: Block): Checks => {
  const ctx = town.context();
  beginStep(ctx);
  const checks = checksOfBlock(ctx.draft, town.community, town.parent, block);
  if (!checks.ok) throw new Error(checks.error.code);
  return checks.value;
};

/** As a node that receives it: bytes, signatures, every rule, the new state. */
const validate = async (town: Town, raw: Uint8Array): Promise<void> => {
  const block = read(raw);
  const verdicts = await createVerifier(new VerdictMemory())(checksOf(town, block));
  const ctx = town.context();
  const valid = validateBlock(ctx, town.parent, block);
  if (!allTrue(verdicts) || !valid.ok) throw new Error("the block is good");
  const delta = ctx.draft.delta();
  town.state.apply(delta);
  town.state.undo(delta);
};

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

export const certificateBench: Bench = {
  name: `A block of ${2 * GENERATORS + 2} transactions with a certificate of ${MEMBERS} members`,
  run: async () => {
    const town = new Town();
    const [full, alone]: [number[], number[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round++) {
      const [one, other] = [town.block(2 * round), town.block(2 * round + 1)];
      const checks = checksOf(town, read(other));
      // Keys imported and members' keys decoded before, as for any block but the first.
      const bare = await bareWebCrypto(checks.ed25519);
      if (bare === null) return [];
      const from = performance.now();
      const good = (await bare()) && nobleBls.verifyMany(checks.bls).every(Boolean);
      const between = performance.now();
      await validate(town, one);
      const end = performance.now();
      if (!good) throw new Error("the signatures are good");
      // The first round warms up.
      if (round === 0) continue;
      alone.push(between - from);
      full.push(end - between);
    }
    return [
      { name: "signature checks alone", value: median(alone), unit: "ms" },
      { name: "full validation", value: median(full), unit: "ms" },
      // Round by round, as each has the machine's mood of one moment.
      { name: "of its time, its signatures", value: median(alone.map((ms, i) => ms / (full[i] ?? ms))), unit: "of 1" },
    ];
  },
};

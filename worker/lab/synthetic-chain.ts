/**
 * A made-up chain, block after block, as fast as one process can make it: valid to the last signature, since whoever makes
 * it holds every secret (votes of all are one signature, with the sum of the secrets). Sun by day, nothing but votes by
 * night, auctions now and then, members who come, go and change keys. For measuring and testing what costs time only a
 * year later. Takes short cuts in making blocks, none in what they are: everything goes through executeBlock.
 */
import type { Bls, BlsSecret } from "../base/bls-scheme.ts";
import { fromHex, toHex, utf8ToBytes } from "../base/bytes.ts";
import { taggedHash } from "../base/hash.ts";
import { cryptometerSecret, ENTROPY_BYTES, keysFromPhrase, phraseFrom, type MemberKeys } from "../base/keys.ts";
import { assert } from "../base/result.ts";
import { generatorIndex, memberIndex, millis, mwh, stepIndex, type BlsKey, type MemberIndex } from "../base/units.ts";
import { communityId, type SignedContract } from "../community/contract.ts";
import { endOf, gateOpening } from "../community/market-step.ts";
import { PRESETS, type Preset } from "../community/presets.ts";
import { signHeader } from "../consensus/block.ts";
import { candidatesOf } from "../consensus/candidacy.ts";
import { changeOf, votersIn, type Certificate, type Hop, type VoterSet } from "../consensus/certificate.ts";
import { drawMessage } from "../consensus/draw.ts";
import { genesisBlock, genesisState } from "../consensus/genesis.ts";
import { rankCandidates, standInOrder } from "../consensus/selection.ts";
import { beginStep, executeBlock } from "../consensus/transition.ts";
import type { TreeNode } from "../consensus/tree.ts";
import { bitfieldOf, voteMessage, type Target, type VoteGroup, type VoteKind } from "../consensus/vote.ts";
import type { Context } from "../ledger/context.ts";
import { expectedShares } from "../ledger/energy.ts";
import { presentMembers, votingKeyOf } from "../ledger/members.ts";
import { contractAt } from "../ledger/parameters.ts";
import { Draft, type State } from "../ledger/state.ts";
import { spendableTokens, spendTokens } from "../ledger/tokens.ts";
import { idOf, kindOrder, MAX_TOKEN_INPUTS, signTx, type Action, type Body, type Tx } from "../ledger/transaction.ts";
import { treeNode } from "../node/chain.ts";
import { labContract, memberKeys } from "./community.ts";
import { sunnyDay } from "./sunny-day.ts";

export type SyntheticPlan = {
  readonly seed: string;
  readonly steps: number;
  /** Once the founders (256 at most) have let the others in, which they do in the first steps. */
  readonly members: number;
  readonly founders: number;
  /** How often somebody comes, goes or changes keys, evenly over the steps. */
  readonly changes: number;
  /** Generators, one each of the first members. */
  readonly roofs: number;
  readonly preset: Preset;
  readonly t0: number;
  /** Every so many steps there is an auction; 0 for none. */
  readonly auctionEvery: number;
  /** How many stand in it. */
  readonly candidates: number;
  /** Every so many steps nobody makes a block; 0 for never. */
  readonly gapEvery: number;
  readonly feePpm: number;
};

/** A year of quarter-hours in a street of fifty, as the issue has it. */
export const YEAR: SyntheticPlan = {
  seed: "year",
  steps: 35_040,
  members: 50,
  founders: 50,
  changes: 6,
  roofs: 10,
  preset: "paper",
  t0: 1_735_689_600_000,
  auctionEvery: 4,
  candidates: 3,
  gapEvery: 500,
  feePpm: 0,
};

/** A founder's twelve words, so that a device can be it. */
export const wordsOf = (seed: string, i: number): string[] =>
  phraseFrom(taggedHash("synthetic-words", utf8ToBytes(`${seed}/${i}`)).subarray(0, ENTROPY_BYTES));

/** A block and what comes with it: the proof that it is final, and where it ends a voter set, the hop beyond it. */
export type Made = { readonly node: TreeNode; readonly certificate: Certificate; readonly hop: Hop | null };

const PEAK_W = 10_000;
const DAYS = 365;
const SOLSTICE = 172;
const CLOUDS = 7;
const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

const sumOfSecrets = (secrets: readonly BlsSecret[]): BlsSecret => {
  const sum = secrets.reduce((a, s) => (a + BigInt(`0x${toHex(s)}`)) % ORDER, 0n);
  return fromHex(sum.toString(16).padStart(64, "0"));
};

export class SyntheticChain {
  readonly plan: SyntheticPlan;
  readonly signed: SignedContract;
  /** By member; the keys in force. Those of before a change are `retired`. */
  readonly keys: MemberKeys[];
  readonly state: State;
  readonly genesis: TreeNode;
  readonly #bls: Bls;
  readonly #secrets = new Map<BlsKey, BlsSecret>();
  readonly #meters: Uint8Array[];
  readonly #sums = new Map<string, BlsSecret>();
  readonly #days: readonly (readonly number[])[];
  readonly #registers: number[];
  #head: TreeNode;
  /** Who votes on the head. */
  #judges: VoterSet;
  #base = 0;
  #votes: readonly VoteGroup[] = [];
  #step = 0;
  #unbooked: number[] = [];
  #coming: { readonly from: number; readonly keys: MemberKeys; readonly member: number }[] = [];
  #made = 0;

  constructor(plan: SyntheticPlan, bls: Bls) {
    this.plan = plan;
    this.#bls = bls;
    this.keys = Array.from({ length: plan.founders }, (_, i) => keysFromPhrase(wordsOf(plan.seed, i)));
    for (const k of this.keys) this.#secrets.set(k.blsKey, k.blsSecret);
    const terms = { resolutionMwh: 1, pMinW: 57, mpePpm: 20_000, pMaxW: PEAK_W };
    this.signed = labContract(
      this.keys,
      { name: "Synthetic Street", preset: plan.preset, quorum: "two-thirds", t0: millis(plan.t0) },
      Array.from({ length: plan.roofs }, (_, i) => ({ owner: i, terms })),
      { feePpm: plan.feePpm },
    );
    this.#meters = this.keys.slice(0, plan.roofs).map((k) => cryptometerSecret(k.seed, 0));
    this.#registers = this.#meters.map(() => 0);
    const { stepMs } = PRESETS[plan.preset];
    this.#days = Array.from({ length: CLOUDS }, (_, i) => sunnyDay(PEAK_W, stepMs, i * stepMs * 3));
    this.state = genesisState(this.signed.contract);
    const voters = this.state.get("voters", "");
    assert(voters !== undefined, "a state has voters");
    this.genesis = treeNode(genesisBlock(this.signed.contract, this.state), [], voters);
    this.#head = this.genesis;
    this.#judges = votersIn(this.state);
  }
  get head(): TreeNode {
    return this.#head;
  }
  /** Tells of every secret that signs, also of those to come. */
  signAll(tell: (secret: Uint8Array) => void): void {
    this.#tell = tell;
    for (const secret of [...this.keys.map((k) => k.memberSecret), ...this.#meters]) tell(secret);
  }
  #tell: (secret: Uint8Array) => void = () => {};
  /** Approvals and confirmations of the head by everybody, as the next block carries them. */
  get votes(): readonly VoteGroup[] {
    return this.#votes;
  }
  /** The round in which the head is voted on, and the set that does. */
  get position(): { readonly set: number; readonly round: number } {
    return { set: this.#judges.set, round: Math.max(0, this.#head.header.height - this.#base - 1) };
  }
  /** The next block; null when all steps of the plan are over. */
  next(): Made | null {
    const { steps, gapEvery } = this.plan;
    for (this.#step += 1; this.#step <= steps; this.#step += 1) {
      this.#unbooked.push(this.#step);
      if (gapEvery === 0 || this.#step % gapEvery !== 0) return this.#make(this.#step);
    }
    return null;
  }
  #make(number: number): Made {
    const { community, header: parent } = { ...this.#head, community: communityId(this.signed.contract) };
    const step = stepIndex(number);
    const contract = contractAt(this.state, this.signed.contract, step);
    const context = (): Context => ({ draft: new Draft(this.state), step, contract, community });
    const scratch = context();
    beginStep(scratch);
    this.#arrive(step);
    const drawOf = (m: MemberIndex): Uint8Array =>
      this.#bls.sign(drawMessage(community, parent.beacon, step), this.#keysOf(m).blsSecret);
    const [standIn] = standInOrder(scratch.draft, parent.beacon, step);
    assert(standIn !== undefined, "somebody is of the community");
    const auction = this.#auction(scratch, parent.miner, drawOf);
    const miner = auction.winner ?? standIn;
    const txs = [...this.#energy(scratch, miner), ...auction.txs, ...this.#governance(scratch)];
    txs.sort((a, b) => kindOrder(a.body.kind) - kindOrder(b.body.kind));
    const content = { rank: auction.winner === null ? 1 : 0, miner, votes: this.#votes, txs, draw: drawOf(miner) };
    const ctx = context();
    const header = executeBlock(ctx, parent, content);
    assert(header.ok, `a synthetic block is valid: ${header.ok ? "" : header.error.message}`);
    const before = votersIn(this.state);
    const delta = ctx.draft.delta();
    this.state.apply(delta);
    const voters = this.state.get("voters", "");
    assert(voters !== undefined, "a state has voters");
    const { votes, draw } = content;
    const signature = signHeader(header.value, this.#keysOf(miner).memberSecret);
    this.#head = treeNode({ header: header.value, signature, draw, votes, txs }, delta, voters);
    return this.#judge(before);
  }
  /** Votes of the set that was in office before the block, which is the last of that set if its state names another. */
  #judge(before: VoterSet): Made {
    if (before.set !== this.#judges.set) this.#base = this.#head.header.height - 1;
    this.#judges = before;
    this.#votes = [this.#vote("approval"), this.#vote("confirmation")];
    const { header } = this.#head;
    const certificate = { header, above: [], votes: this.#votes.slice(1) };
    const after = votersIn(this.state);
    const hop = after.set === before.set ? null : { certificate, next: changeOf(before, after) };
    return { node: this.#head, certificate, hop };
  }
  #vote(kind: VoteKind): VoteGroup {
    const { step } = this.#head.header;
    const { set } = this.#judges;
    const target: Target = { ...this.position, kind, step, block: this.#head.hash };
    const office = new Set(this.#judges.voters.map((v) => v.member));
    const isGrowing = this.#made < this.plan.members - this.plan.founders;
    const voters = presentMembers(this.state, stepIndex(step + 1)).flatMap(({ index, row }) => {
      const blsKey = votingKeyOf(row, set);
      const votes = office.has(index) || (kind === "approval" && !isGrowing);
      return votes && blsKey !== null ? [{ index, blsKey }] : [];
    });
    const signature = this.#bls.sign(
      voteMessage(communityId(this.signed.contract), target),
      this.#sumOf(voters.map((v) => v.blsKey)),
    );
    return { ...target, voters: bitfieldOf(voters.map((v) => v.index)), signature };
  }
  #sumOf(keys: readonly BlsKey[]): BlsSecret {
    const name = keys.join();
    let sum = this.#sums.get(name);
    if (sum === undefined) {
      sum = sumOfSecrets(keys.map((k) => this.#secrets.get(k) ?? fromHex("00")));
      this.#sums.clear();
      this.#sums.set(name, sum);
    }
    return sum;
  }
  #keysOf(member: number): MemberKeys {
    const keys = this.keys[member];
    assert(keys !== undefined, "a member has keys");
    return keys;
  }
  #arrive(step: number): void {
    for (const { from, keys, member } of this.#coming) if (from <= step) this.keys[member] = keys;
    this.#coming = this.#coming.filter(({ from }) => from > step);
  }
  /** mWh of a roof in a step. */
  #sun(roof: number, step: number): number {
    const perDay = this.#days[0]?.length ?? 1;
    const day = Math.floor((step - 1) / perDay);
    const clear = this.#days[(roof + day) % CLOUDS]?.[(step - 1) % perDay] ?? 0;
    const season = 100 - Math.floor((60 * Math.abs((day % DAYS) - SOLSTICE)) / SOLSTICE / 2);
    return Math.floor((clear * season) / 100);
  }
  #energy(ctx: Context, by: MemberIndex): Tx[] {
    const txs: Tx[] = [];
    for (const step of this.#unbooked.splice(0)) {
      const inputs: { readonly id: ReturnType<typeof idOf>; readonly mwh: number }[] = [];
      this.#meters.forEach((secret, roof) => {
        const amount = this.#sun(roof, step);
        if (amount === 0) return;
        const generator = generatorIndex(roof);
        const from = this.#registers[roof] ?? 0;
        this.#registers[roof] = from + amount;
        const at = millis(endOf(ctx.contract, step) - 500 - roof);
        const register = { from: mwh(from), to: mwh(from + amount) };
        const generation: Body = {
          kind: "generation",
          generator,
          step: stepIndex(step),
          ...register,
          at,
          estimated: false,
        };
        const transfer: Body = { kind: "transfer", generator, input: idOf(generation, ctx.community) };
        for (const body of [generation, transfer]) txs.push(signTx(body, generator, ctx.community, secret));
        inputs.push({ id: idOf(transfer, ctx.community), mwh: amount });
      });
      if (inputs.length > 0) txs.push(this.#distribution(ctx, by, step, inputs));
    }
    return txs;
  }
  #distribution(ctx: Context, by: MemberIndex, step: number, inputs: readonly { id: string; mwh: number }[]): Tx {
    const expected = expectedShares(
      ctx.draft,
      stepIndex(step),
      inputs.reduce((sum, i) => sum + i.mwh, 0),
    );
    assert(expected !== undefined, "every step has a rule");
    const ids = inputs.map((i) => i.id).toSorted() as never[];
    return this.#signed(ctx, by, {
      kind: "distribution",
      step: stepIndex(step),
      inputs: ids,
      shares: expected.shares,
    });
  }
  #signed(ctx: Context, by: MemberIndex, body: Body): Tx {
    return signTx(body, by, ctx.community, this.#keysOf(by).memberSecret);
  }
  /** `ctx.draft` is spent on it. */
  #auction(
    ctx: Context,
    miner: MemberIndex,
    drawOf: (m: MemberIndex) => Uint8Array,
  ): { readonly winner: MemberIndex | null; readonly txs: readonly Tx[] } {
    const { auctionEvery, candidates } = this.plan;
    const present = presentMembers(ctx.draft, ctx.step).map((m) => m.index);
    const none = { winner: null, txs: [] };
    if (auctionEvery === 0 || ctx.step % auctionEvery !== 0 || !present.includes(miner)) return none;
    const { hash: parent, header } = this.#head;
    const { beacon } = header;
    const chosen = present.filter((_, i) => (i + ctx.step) % present.length < candidates);
    const named = chosen.flatMap((member) => {
      const tokens = spendableTokens(ctx.draft, member, ctx.step, ctx.contract.tokenValidity).slice(
        0,
        MAX_TOKEN_INPUTS,
      );
      if (tokens.length === 0) return [];
      const at = millis(gateOpening(ctx.contract, ctx.step) + 1 + member);
      const draw = drawOf(member);
      const tx = this.#signed(ctx, member, {
        kind: "candidacy",
        member,
        step: ctx.step,
        parent,
        beacon,
        at,
        tokens: tokens.map((t) => t.ref),
        draw,
      });
      assert(tx.body.kind === "candidacy", "as it was made");
      const staked = spendTokens(ctx, tx.body);
      return staked.ok ? [{ id: idOf(tx.body, ctx.community), tx, staked: staked.value }] : [];
    });
    named.sort((a, b) => (a.id < b.id ? -1 : 1));
    const draw = drawOf(miner);
    const staked = named.map((n) => n.staked);
    const ranking = rankCandidates(candidatesOf(ctx.draft, ctx.contract, staked, draw), ctx.contract);
    const [winner] = ranking;
    if (winner === undefined) return none;
    const candidacies = named.map((n) => n.id);
    const body: Body = { kind: "winner", member: miner, step: ctx.step, parent, beacon, candidacies, draw, ranking };
    return { winner, txs: [...named.map((n) => n.tx), this.#signed(ctx, miner, body)] };
  }
  /** First all who are to come; then a change now and then. */
  #governance(ctx: Context): Tx[] {
    const { founders, members, changes, steps } = this.plan;
    const still = members - founders - this.#made;
    if (still > 0) {
      // One each: that always has a place, however many there are.
      const count = Math.min(still, founders);
      return Array.from({ length: count }, (_, i) => this.#admit(ctx, memberIndex(i % founders))).flat();
    }
    const every = Math.floor(steps / (changes + 1));
    if (changes === 0 || ctx.step % every !== 0 || ctx.step / every > changes) return [];
    const present = presentMembers(ctx.draft, ctx.step).map((m) => m.index);
    const [first = memberIndex(0)] = present;
    const last = present.at(-1) ?? first;
    switch ((ctx.step / every) % 3) {
      case 1:
        return this.#admit(ctx, first);
      case 2:
        return this.#decide(ctx, last, { kind: "leave", member: last }, []);
      default:
        return this.#rotate(ctx, first, present[present.length >> 1] ?? first);
    }
  }
  #admit(ctx: Context, by: MemberIndex): Tx[] {
    const index = this.keys.length;
    const keys = memberKeys(this.plan.seed, index);
    this.keys.push(keys);
    this.#tell(keys.memberSecret);
    this.#secrets.set(keys.blsKey, keys.blsSecret);
    this.#made += 1;
    const { memberKey, blsKey, blsProof } = keys;
    const office = this.state.get("voters", "")?.members ?? [];
    const terms = { key: memberKey, blsKey, blsProof, weight: 1, vpp: true };
    return this.#decide(ctx, by, { kind: "member", terms }, office);
  }
  #rotate(ctx: Context, by: MemberIndex, member: MemberIndex): Tx[] {
    const keys = memberKeys(`${this.plan.seed}/again/${ctx.step}`, member);
    this.#secrets.set(keys.blsKey, keys.blsSecret);
    this.#tell(keys.memberSecret);
    this.#coming.push({ from: ctx.step + ctx.contract.adoptionDelay, keys, member });
    const { memberKey, blsKey, blsProof } = keys;
    const present = presentMembers(ctx.draft, ctx.step).map((m) => m.index);
    return this.#decide(ctx, by, { kind: "rotate", member, key: memberKey, blsKey, blsProof }, present);
  }
  #decide(ctx: Context, by: MemberIndex, action: Action, electorate: readonly MemberIndex[]): Tx[] {
    const proposal: Body = { kind: "proposal", member: by, step: ctx.step, action };
    const id = idOf(proposal, ctx.community);
    const needed = electorate.length === 0 ? 0 : Math.floor(electorate.length / 2) + 1;
    const ballots = electorate
      .slice(0, needed)
      .map((member) => this.#signed(ctx, member, { kind: "ballot", member, step: ctx.step, proposal: id, yes: true }));
    return [this.#signed(ctx, by, proposal), ...ballots];
  }
}

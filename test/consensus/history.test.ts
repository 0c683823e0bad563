/** Laws of whole histories: energy and voting tokens are conserved, meters only grow, everything can be undone. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { gateClosure } from "../../worker/community/market-step.ts";
import { repartition, allocationAt } from "../../worker/community/repartition.ts";
import { memberIndex, mwh, stepIndex } from "../../worker/base/units.ts";
import { caseOfHeaders, isNews, type SignedHeader } from "../../worker/consensus/evidence.ts";
import type { Content } from "../../worker/consensus/transition.ts";
import { allocationsOf } from "../../worker/ledger/allocations.ts";
import { isClosing } from "../../worker/ledger/energy.ts";
import { key, numberOf } from "../../worker/ledger/rows.ts";
import { stateRoot, type State } from "../../worker/ledger/state.ts";
import type { Tx } from "../../worker/ledger/transaction.ts";
import { kindOrder } from "../../worker/ledger/transaction.ts";
import { valueOf, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker, unsigned } from "./chain-maker.ts";

const MEMBERS = 3;
const GENERATORS = 2;

/** What happens in one step; a distribution that is held back comes with a later block. */
const turn = fc.record({
  gap: fc.nat({ max: 2 }),
  values: fc.array(fc.nat(900_000), { minLength: GENERATORS, maxLength: GENERATORS }),
  back: fc.nat({ max: 6 }),
  distributes: fc.boolean(),
  atOnce: fc.boolean(),
  candidates: fc.subarray([0, 1, 2]),
  late: fc.subarray([0, 1, 2]),
  holdBack: fc.boolean(),
  /** How many of the ranked do not deliver, where there are so many. */
  missing: fc.nat({ max: 2 }),
  /** Who reports whom. */
  evidence: fc.option(fc.record({ offender: fc.nat({ max: 2 }), other: fc.integer({ min: 1, max: 2 }) }), { freq: 3 }),
});
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;
type Distributes = Pick<Turn, "distributes" | "atOnce">;

/** Plays one history; the chain's blocks are made of nothing but what each turn says. */
class Player {
  readonly chain: ChainMaker;
  #step = 0;
  readonly #used = new Set<string>();
  constructor(world: World) {
    this.chain = new ChainMaker(world);
  }
  play(t: Turn): void {
    this.#step += 1 + t.gap;
    const supplies = [...this.#supplies(t)];
    const txs: Tx[] = [...supplies.flat(), ...this.#distributions(supplies, t)];
    txs.push(...this.#auction(t), ...this.#evidence(t));
    this.chain.grow(
      this.#step,
      txs.toSorted((a, b) => kindOrder(a.body.kind) - kindOrder(b.body.kind)),
      this.#missing(t, txs),
    );
  }
  #missing({ missing }: Turn, txs: readonly Tx[]): Partial<Content> {
    const won = txs.find((tx) => tx.body.kind === "winner")?.body;
    const miner = won?.kind === "winner" ? won.ranking[missing] : undefined;
    return miner === undefined ? {} : { rank: missing, miner };
  }
  #evidence({ evidence }: Turn): Tx[] {
    if (evidence === null) return [];
    const offender = memberIndex(evidence.offender);
    const row = this.chain.state.get("member", key(offender));
    if (row === undefined || !isNews(row, this.#step)) return [];
    const headers = [1, 2].map((n) => ({
      header: { ...this.chain.parent, step: stepIndex(this.#step), miner: offender, height: n },
      signature: new Uint8Array(64),
    }));
    const member = memberIndex((offender + evidence.other) % MEMBERS);
    const [a, b] = headers as [SignedHeader, SignedHeader];
    return [unsigned({ kind: "evidence", member, ...caseOfHeaders(a, b) }, member)];
  }
  *#supplies(t: Turn): Iterable<readonly [Tx, Tx]> {
    const booked = Math.max(1, this.#step - t.back);
    for (const [generator, value] of t.values.entries()) {
      if (value === 0 || this.#used.has(`${booked}/${generator}`)) continue;
      this.#used.add(`${booked}/${generator}`);
      yield this.chain.supply(generator, booked, value);
    }
  }
  /** Of what the VPP has: of what earlier blocks left to it if asked, of this one's too, and all of a step that closes. */
  #distributions(supplies: readonly (readonly [Tx, Tx])[], { distributes, atOnce }: Distributes): Tx[] {
    const { contract } = this.chain.world;
    const waiting = new Map<number, { txs: Tx[]; total: number }>();
    const add = (step: number, tx: Tx | undefined, value: number, isAsked: boolean): void => {
      if (tx === undefined || !(isAsked || isClosing(contract, step, this.#step))) return;
      const entry = waiting.get(step) ?? { txs: [], total: 0 };
      entry.txs.push(tx);
      waiting.set(step, { ...entry, total: entry.total + value });
    };
    for (const [id, row] of this.chain.state.scan("energy")) {
      const sent = this.chain.made.flatMap((m) => m.block.txs).find((tx) => this.chain.id(tx) === id);
      add(row.step, sent, row.mwh, distributes);
    }
    for (const [{ body }, transfer] of supplies)
      if (body.kind === "generation") add(body.step, transfer, body.to - body.from, atOnce);
    return [...waiting].map(([step, { txs, total }]) => this.chain.distribution(step, txs, total));
  }
  /** A block by which everything is distributed, and every fee due. */
  close(): void {
    const { state, parent, world } = this.chain;
    const steps = [
      ...state.scan("reward").map(([k]) => numberOf(k, 2)),
      ...state.scan("energy").map(([, row]) => row.step),
    ];
    this.#step = Math.max(parent.step + 1, ...steps.map((step) => step + world.contract.lateWindow));
    this.chain.grow(this.#step, this.#distributions([], { distributes: true, atOnce: true }));
  }
  #auction(t: Turn): Tx[] {
    const step = this.#step;
    const { contract } = this.chain.world;
    const stands = t.candidates
      .filter((m) => this.chain.state.get("member", key(m))?.barred === null)
      .map((member) => {
        const at = gateClosure(contract, step) + (t.late.includes(member) ? 1 : 0);
        return {
          late: t.late.includes(member),
          tx: this.chain.candidacy(step, { member, at, ...(t.holdBack ? { tokens: [] } : {}) }),
        };
      });
    const late = stands.filter((s) => s.late).map((s) => s.tx);
    const timely = stands.filter((s) => !s.late).map((s) => s.tx);
    return [
      ...stands.map((s) => s.tx),
      ...(late.length > 0 ? [this.chain.refund(step, late)] : []),
      ...(timely.length > 0 ? [this.chain.winner(step, timely)] : []),
    ];
  }
}

const sum = (list: Iterable<number>): number => [...list].reduce((a, b) => a + b, 0);
const metersOf = (state: State): number[] => state.scan("member").map(([, m]) => m.meter);
/** By birth step, the tokens that a block after `step` may spend. */
const liveTokens = (state: State, step: number, validity: number): Map<number, number> => {
  const live = new Map<number, number>();
  for (const [, t] of state.scan("token")) {
    if (t.birth + validity > step) live.set(t.birth, (live.get(t.birth) ?? 0) + t.amount);
  }
  return live;
};
/** By birth step, E born with what a block distributed. */
const bornIn = (txs: readonly Tx[]): Map<number, number> => {
  const born = new Map<number, number>();
  for (const { body } of txs) {
    if (body.kind === "distribution")
      born.set(body.step, (born.get(body.step) ?? 0) + sum(body.shares.map((s) => s.mwh)));
  }
  return born;
};

const checkEnergy = ({ state }: ChainMaker): void => {
  const totals = state.get("totals", "");
  const pending = sum(state.scan("energy").map(([, e]) => e.mwh));
  expect(totals?.generated).toBe(sum(state.scan("generator").map(([, g]) => g.register)));
  expect(totals?.generated).toBe((totals?.distributed ?? 0) + (totals?.lost ?? 0) + pending);
  expect(totals?.distributed).toBe(sum(metersOf(state)) + sum(state.scan("reward").map(([, r]) => r.mwh)));
  const booked = state.scan("book").flatMap(([, b]) => b.shares);
  for (const [member, meter] of metersOf(state).entries()) {
    expect(sum(booked.filter((s) => s.member === member).map((s) => s.mwh))).toBe(meter);
  }
};
const checkTokens = (chain: ChainMaker, before: ReadonlyMap<number, number>): void => {
  const { tokenValidity } = chain.world.contract;
  const made = chain.made.at(-1);
  const step = made?.block.header.step ?? 0;
  const expected = new Map<number, number>();
  for (const source of [before, bornIn(made?.block.txs ?? [])]) {
    for (const [birth, amount] of source) {
      if (birth + tokenValidity > step && amount > 0) expected.set(birth, (expected.get(birth) ?? 0) + amount);
    }
  }
  const sorted = (m: ReadonlyMap<number, number>): [number, number][] => [...m].toSorted(([a], [b]) => a - b);
  expect(sorted(liveTokens(chain.state, step, tokenValidity))).toEqual(sorted(expected));
};

const plainPlayer = (): Player => new Player(worldOf({ members: MEMBERS, owners: [0, 1], weights: [8, 17, 3] }));
const worlds = [
  { feePpm: 0, lossPpm: 0 },
  { feePpm: 12_345, lossPpm: 33_333 },
  { feePpm: 250_000, lossPpm: 0, rewardDelay: 4, lateWindow: 6 },
].map((change) => () => worldOf({ members: MEMBERS, owners: [0, 1], weights: [8, 17, 3], change }));
const histories = fc.array(turn, { minLength: 1, maxLength: 14 });

describe("any history", () => {
  it("conserves energy: generated = distributed + lost + on its way; distributed = on the meters + held back for miners", () => {
    fc.assert(
      fc.property(fc.constantFrom(...worlds), histories, (world, turns) => {
        const player = new Player(world());
        for (const t of turns) {
          player.play(t);
          checkEnergy(player.chain);
        }
      }),
      { numRuns: 80 },
    );
  });

  it("conserves voting tokens: those of a step stay as many until d steps are over, then there are none", () => {
    fc.assert(
      fc.property(histories, (turns) => {
        const player = plainPlayer();
        const { chain } = player;
        const { tokenValidity } = chain.world.contract;
        for (const t of turns) {
          const before = liveTokens(chain.state, chain.parent.step, tokenValidity);
          player.play(t);
          checkTokens(chain, before);
          const oldest = Math.min(...chain.state.scan("token").map(([, x]) => x.birth));
          expect(oldest).toBeGreaterThanOrEqual(chain.parent.step - tokenValidity);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("lets virtual meters and registers only grow, and undone block by block is the genesis again", () => {
    fc.assert(
      fc.property(fc.constantFrom(...worlds), histories, (world, turns) => {
        const player = new Player(world());
        const { chain } = player;
        const roots = [toHex(stateRoot(chain.state))];
        for (const t of turns) {
          const before = metersOf(chain.state);
          player.play(t);
          expect(metersOf(chain.state).every((m, i) => m >= (before[i] ?? 0))).toBe(true);
          expect(chain.state.scan("reward").every(([k]) => numberOf(k) > chain.parent.step)).toBe(true);
          roots.push(toHex(stateRoot(chain.state)));
        }
        for (const { delta } of chain.made.toReversed()) {
          expect(toHex(stateRoot(chain.state))).toBe(roots.pop());
          chain.state.undo(delta);
        }
        expect(toHex(stateRoot(chain.state))).toBe(roots.pop());
        expect(sum(metersOf(chain.state))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("pays every fee in the end, to its miner or to who reported it, at the latest when the energy's step is closed", () => {
    fc.assert(
      fc.property(fc.constantFrom(...worlds.slice(1)), histories, (world, turns) => {
        const player = new Player(world());
        const { chain } = player;
        for (const t of turns) player.play(t);
        player.close();
        expect(chain.state.scan("energy")).toEqual([]);
        expect(chain.state.scan("reward")).toEqual([]);
        checkEnergy(chain);
        expect(chain.state.get("totals", "")?.distributed).toBe(sum(metersOf(chain.state)));
      }),
      { numRuns: 40 },
    );
  });

  it("is validated by another node to the same headers", () => {
    fc.assert(
      fc.property(histories, (turns) => {
        const player = plainPlayer();
        for (const t of turns) player.play(t);
        const other = new ChainMaker(player.chain.world);
        for (const { block } of player.chain.made) {
          expect(valueOf(other.validate(structuredClone(block)))).toEqual(block.header);
          other.add(block);
        }
        expect(other.state.paths("")).toEqual(player.chain.state.paths(""));
      }),
      { numRuns: 15 },
    );
  });

  it("shares each distribution by the rule, to the mWh", () => {
    const player = plainPlayer();
    const t = {
      gap: 0,
      back: 0,
      distributes: true,
      atOnce: true,
      candidates: [0, 1, 2],
      late: [],
      holdBack: false,
      missing: 0,
      evidence: null,
    };
    for (let n = 1; n <= 8; n++) player.play({ ...t, values: [n * 7_919, n * 104_729] });
    const rule = allocationAt(allocationsOf(player.chain.state), stepIndex(0));
    for (const { body } of player.chain.made.flatMap((m) => m.block.txs)) {
      if (body.kind !== "distribution" || rule === undefined) continue;
      expect(body.shares).toEqual(repartition(mwh(sum(body.shares.map((s) => s.mwh))), rule));
    }
    expect(metersOf(player.chain.state).every((m) => m > 0)).toBe(true);
  });
});

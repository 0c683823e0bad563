/**
 * What a device has to know to choose its kind (kind.ts): the member's own choice and when it was last full, on disk; what
 * the page says of battery and data; whether the community needs its vote. Knows no node's inside but its voters.
 */
import { decode, encode, flag, option, struct, uint, word, type Codec } from "../base/codec.ts";
import { lastEnded } from "../community/market-step.ts";
import { key } from "../ledger/rows.ts";
import type { Core } from "../node/core.ts";
import type { Light } from "../node/light.ts";
import type { Kind, KindChoice, KindReason, KindView, SurroundingsAsk } from "../port-kind.ts";
import type { Op, Store } from "../storage/store.ts";
import { chooseKind, type Facts } from "./kind.ts";

type Kept = { readonly choice: KindChoice; readonly lastFull: number | null; readonly needed: boolean | null };
const keptCodec: Codec<Kept> = struct({
  choice: word(["auto", "light", "full"] as const),
  lastFull: option(uint),
  needed: option(flag),
});
const ROW = "kind";
export const kindOp = (kept: Kept): Op => ({ table: "settings", key: ROW, value: encode(keptCodec, kept) });
/** How often the disk is told that this device is still full. */
const NOTE_MS = 3_600_000;
/** Between two changes by itself. */
const DWELL_MS = 300_000;
/** A voter whose approval is older is not counted on. */
const RECENT_STEPS = 8;

/** Whether those who voted lately are a quorum without this member. Lately by the clock: of a chain that stands still nobody does. */
export const isNeeded = ({ chain, me, contract, now }: Core): boolean => {
  const voters = chain.state.get("voters", "");
  if (voters === undefined || me === null || !voters.members.includes(me)) return false;
  const step = Math.max(chain.head.header.step, lastEnded(contract, now));
  const others = voters.members.filter(
    (m) => m !== me && (chain.state.get("member", key(m))?.approved ?? -RECENT_STEPS) + RECENT_STEPS >= step,
  );
  return others.length < voters.quorum;
};
/** Of what a light node has proved: too few others vote, or nothing becomes final any more though neighbours are there. */
export const isMissed = ({ state, signed, peers }: Light, now: number): boolean | null => {
  const { figures, trust } = state;
  if (figures?.member === null || figures === null) return null;
  const { members, quorum } = figures.voters;
  if (!members.includes(figures.member.index as never)) return false;
  if (members.length - 1 < quorum) return true;
  return peers.all.size > 0 && lastEnded(signed.contract, now) - trust.header.step > RECENT_STEPS;
};

/** Whether any meter is paired with this device, of either kind. */
export const hasMeter = async (store: Pick<Store, "entries">): Promise<boolean> => {
  // How many keys were given to meters is a row as well, and stays once the last of them is gone.
  const rows = await Promise.all([
    store.entries("own", { from: "meter/", to: "meter0", limit: 1 }),
    store.entries("own", { from: "meter-settings/", to: "meter-settings0", limit: 1 }),
    store.entries("home", { from: "meter/", to: "meter0", limit: 1 }),
  ]);
  return rows.some((found) => found.length > 0);
};

export class Kinds {
  readonly #store: Store;
  #kept: Kept = { choice: "auto", lastFull: null, needed: null };
  #seen: SurroundingsAsk = { battery: null, saveData: null, memoryGb: null };
  #now: Kind | null = null;
  #since = 0;
  #noted = 0;
  quotaBytes: number | null = null;
  joining = false;
  meter = false;
  reason: KindReason = "able";

  constructor(store: Store) {
    this.#store = store;
  }
  async load(): Promise<void> {
    const row = await this.#store.get("settings", ROW);
    const read = row && decode(keptCodec, row, "kind");
    if (read?.ok === true) this.#kept = read.value;
  }
  #op(): Op {
    return kindOp(this.#kept);
  }
  get view(): KindView | null {
    return this.#now === null ? null : { now: this.#now, choice: this.#kept.choice, reason: this.reason };
  }
  see(seen: SurroundingsAsk): void {
    this.#seen = seen;
  }
  async choose(choice: KindChoice): Promise<void> {
    this.#kept = { ...this.#kept, choice };
    this.#since = 0;
    await this.#store.commit([this.#op()]);
  }
  /** What a running node knows of the community. Written now and then, so that the next start knows it too. */
  async note(needed: boolean | null, now: number): Promise<void> {
    const isFull = this.#now === "full";
    if (needed === this.#kept.needed && (!isFull || now - this.#noted < NOTE_MS)) return;
    this.#noted = now;
    this.#kept = { ...this.#kept, needed, lastFull: isFull ? now : this.#kept.lastFull };
    await this.#store.commit([this.#op()]);
  }
  /** What it should be, by what is known now. */
  wish(now: number): { readonly kind: Kind; readonly reason: KindReason } {
    const { choice, lastFull, needed } = this.#kept;
    const facts: Facts = {
      ...this.#seen,
      choice,
      needed,
      now: this.#now,
      joining: this.joining,
      meter: this.meter,
      quotaBytes: this.quotaBytes,
      sinceFull: lastFull === null ? null : Math.max(0, now - lastFull),
    };
    return chooseKind(facts);
  }
  /** It begins, or goes on, as this. */
  become({ kind, reason }: { readonly kind: Kind; readonly reason: KindReason }, now: number): void {
    if (kind !== this.#now) this.#since = now;
    this.#now = kind;
    this.reason = reason;
  }
  /** Whether it should now be another than it is; the reason is up to date in any case. */
  isOther(now: number): boolean {
    const wish = this.wish(now);
    if (wish.kind === this.#now) {
      this.reason = wish.reason;
      return false;
    }
    const isUrgent = wish.reason === "chosen" || wish.reason === "meter" || wish.reason === "needed";
    return isUrgent || now - this.#since >= DWELL_MS;
  }
  forget(): void {
    this.#kept = { choice: "auto", lastFull: null, needed: null };
    this.#now = null;
  }
}

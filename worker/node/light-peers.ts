/**
 * The neighbours of a light node (PROTOCOL.md §8.1): where they say they are, how far their clocks are, and who is not
 * asked for a while because of what it did. Knows nothing of what is asked.
 */
import type { Refusal } from "../base/result.ts";
import type { Millis, PublicKey } from "../base/units.ts";
import { encodeItem, encodeMessage, type Item, type Message, type Status } from "./messages.ts";
import type { Out, PeerIdentity } from "./events.ts";

export type LightPeer = {
  readonly identity: PeerIdentity;
  readonly address: string;
  readonly since: Millis;
  status: Status | null;
  rtt: number | null;
  offset: number | null;
  pinged: number;
};

const PING_MS = 60_000;
const MAX_RTT_MS = 20_000;
/** Who fails again and again is asked eight times as seldom. */
const MOST_DOUBLINGS = 3;
/** Who lied is not asked so soon again, even under another link. */
const LIAR_MS = 600_000;
const MAX_SHUNNED = 256;

export class LightPeers {
  readonly all = new Map<number, LightPeer>();
  /** What the last refused neighbour did, for the screen. */
  refused: { readonly key: PublicKey; readonly refusal: Refusal; readonly at: Millis } | null = null;
  /** Until when, and how often in a row it failed. */
  readonly #shunned = new Map<PublicKey, { readonly until: number; readonly times: number }>();
  readonly #now: () => Millis;
  readonly #out: () => Out;

  constructor(now: () => Millis, out: () => Out) {
    this.#now = now;
    this.#out = out;
  }
  send(peer: number, message: Message): void {
    this.#out().push({ kind: "send", peer, bytes: encodeMessage(message) });
  }
  up(id: number, identity: PeerIdentity, address: string, profile: Item | null): void {
    const now = this.#now();
    this.all.set(id, { identity, address, since: now, status: null, rtt: null, offset: null, pinged: now });
    this.send(id, { kind: "light" });
    this.send(id, { kind: "ping", sent: now });
    if (profile !== null) this.send(id, { kind: "items", items: [encodeItem(profile)] });
  }
  down(id: number): void {
    this.all.delete(id);
  }
  get wakeAt(): number | null {
    const next = [...this.all.values()].map((p) => p.pinged + PING_MS);
    return next.length === 0 ? null : Math.min(...next);
  }
  time(): void {
    const now = this.#now();
    for (const [id, peer] of this.all) {
      if (now < peer.pinged + PING_MS) continue;
      peer.pinged = now;
      this.send(id, { kind: "ping", sent: now });
    }
  }
  pong(peer: LightPeer, sent: number, theirs: number): void {
    const now = this.#now();
    const rtt = now - sent;
    if (rtt < 0 || rtt > MAX_RTT_MS || (peer.rtt !== null && rtt > peer.rtt * 2)) return;
    peer.rtt = rtt;
    peer.offset = Math.round(theirs - (sent + now) / 2) + 0;
  }
  /** The clock went back: nobody is waited for longer than a liar. */
  setRight(): void {
    const now = this.#now();
    for (const peer of this.all.values()) peer.pinged = Math.min(peer.pinged, now);
    for (const [key, { until, times }] of this.#shunned)
      this.#shunned.set(key, { until: Math.min(until, now + LIAR_MS), times });
  }
  /** Not asked for so long, and twice as long each time in a row; dropped as well where no honest node does what it did. */
  refuse(id: number, refusal: Refusal, againMs: number): void {
    const peer = this.all.get(id);
    if (peer === undefined) return;
    const { key } = peer.identity;
    const isLie = refusal.verdict === "penalise";
    this.refused = { key, refusal, at: this.#now() };
    if (this.#shunned.size >= MAX_SHUNNED) this.#shunned.clear();
    const times = this.failures(peer) + 1;
    const wait = isLie ? LIAR_MS : againMs * 2 ** Math.min(times - 1, MOST_DOUBLINGS);
    this.#shunned.set(key, { until: this.#now() + wait, times });
    if (isLie) {
      this.all.delete(id);
      this.#out().push({ kind: "drop", peer: id, refusal });
    }
    this.#out().changed();
  }
  /** For the screen only: others are asked before it anyway. */
  blame({ identity: { key } }: LightPeer, refusal: Refusal): void {
    this.refused = { key, refusal, at: this.#now() };
  }
  /** It showed all that it was asked for. */
  praise({ identity }: LightPeer): void {
    this.#shunned.delete(identity.key);
  }
  /** How often in a row it did not show what it should. */
  failures({ identity }: LightPeer): number {
    return this.#shunned.get(identity.key)?.times ?? 0;
  }
  isShunned({ identity }: LightPeer): boolean {
    return (this.#shunned.get(identity.key)?.until ?? 0) > this.#now();
  }
  /** The height of the last final block, as the neighbours say who have kept their word so far. */
  get claimed(): number {
    const good = [...this.all.values()].filter((p) => this.failures(p) === 0);
    return Math.max(0, ...good.map((p) => p.status?.finalHeight ?? 0));
  }
  /** When somebody may be asked again that is not now; null where nobody is waited for. */
  get nextChance(): number | null {
    const waits = [...this.all.values()].flatMap((p) =>
      this.isShunned(p) ? [this.#shunned.get(p.identity.key)?.until ?? 0] : [],
    );
    return waits.length === 0 ? null : Math.min(...waits);
  }
}

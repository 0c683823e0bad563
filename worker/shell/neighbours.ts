/**
 * Keeps a bounded number of neighbours: carries out the plan of network/mesh.ts on a network and a clock. Members whom
 * nobody has told us about are looked for at the addresses that follow from their keys.
 */
import { isAddress } from "../network/address.ts";
import {
  createMesh,
  EXPLORE_MS,
  isSearching,
  kept,
  learn,
  note,
  plan,
  readyCount,
  restore,
  TARGET_DEGREE,
  type Kept,
  type Mesh,
} from "../network/mesh.ts";
import type { Network, NetworkEvent, PeerId } from "../network/network.ts";
import { createSweep, encourage, nextNames, type Sweep } from "../network/sweep.ts";
import type { PublicKey } from "../base/units.ts";
import type { Clock } from "./runner.ts";

/** While there are too few neighbours, and when there are enough. */
const LOOK_MS = 2_000;
const LOOK_AGAIN_MS = 30_000;
/** As many members' names are at hand as could be dialled before the next look. */
const NAMES_AT_HAND = 32;
/** A burst of links is one write. */
const KEEP_MS = 5_000;
/** Ends of a dial that say nothing about us: nobody there, no place left, linked already. */
const NO_VERDICT = new Set(["unreachable", "busy", "duplicate"]);

export class Neighbours {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #mesh: Mesh;
  readonly #sweep: Sweep;
  readonly #keep: (book: readonly Kept[]) => void;
  readonly #members: () => readonly PublicKey[];
  #cancel: () => void = () => {};
  #stopped = false;
  #cancelKeep: (() => void) | null = null;
  readonly #exploreMs: number;
  readonly #degree: number;
  signalling: "off" | "connecting" | "open" | "retrying" = "off";
  /** The last refusal by a member of the community, until a link comes up. */
  refusedBy: string | null = null;

  constructor(o: {
    network: Network;
    clock: Clock;
    self: PublicKey;
    community: string;
    stepMs: number;
    /** Links to keep; the mesh's own target by default. */
    degree?: number | undefined;
    /** How often somebody else is called though there are neighbours enough; by default once a step or a minute. */
    exploreMs?: number | undefined;
    members: () => readonly PublicKey[];
    /** What an earlier run kept, and where to keep it for the next. */
    book?: readonly Kept[];
    keep?: (book: readonly Kept[]) => void;
  }) {
    this.#exploreMs = o.exploreMs ?? Math.max(EXPLORE_MS, o.stepMs);
    this.#degree = o.degree ?? TARGET_DEGREE;
    this.#network = o.network;
    this.#clock = o.clock;
    this.#sweep = createSweep(o.community, o.self);
    this.#keep = o.keep ?? (() => {});
    this.#members = o.members;
    this.#mesh = createMesh(o.self, o.clock.now());
    restore(this.#mesh, o.book ?? []);
  }
  /** Addresses to begin with, e.g. of an invitation. */
  start(addresses: readonly string[]): void {
    learn(
      this.#mesh,
      addresses.map((address) => ({ address, key: null })),
    );
    this.#look();
  }
  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#cancelKeep?.();
  }
  /** Addresses that a neighbour told us; of a member only, and bounded by who tells. */
  hear(peer: PeerId, addresses: readonly string[]): void {
    const teller = this.#mesh.neighbours.get(peer)?.identity;
    if (teller?.role !== "member") return;
    learn(
      this.#mesh,
      addresses.filter(isAddress).map((address) => ({ address, key: null })),
      teller.key,
    );
  }
  /** Addresses of neighbours that answered, for an invitation. */
  get linked(): string[] {
    return [...this.#mesh.neighbours.values()].map((n) => n.address).filter(isAddress);
  }
  /** For who takes our place: where somebody answered. */
  get book(): Kept[] {
    return kept(this.#mesh);
  }
  note(event: NetworkEvent): void {
    note(this.#mesh, event, this.#clock.now());
    if (event.kind === "up") {
      this.refusedBy = null;
      encourage(this.#sweep);
      this.#keepSoon();
    }
    if (event.kind === "refused" && event.by === "them" && !NO_VERDICT.has(event.refusal.code)) {
      this.refusedBy = event.refusal.code;
    }
    if (event.kind === "down") this.#again(LOOK_MS);
    // Whoever has nobody does not wait for the next look: of many who sleep, one may be awake.
    if (event.kind === "refused" && event.dialled && isSearching(this.#mesh)) this.#again(0);
    if (event.kind !== "signalling") return;
    this.signalling = event.state;
    // Within the call that tells us, the network may not yet take a dial.
    if (event.state === "open") this.#again(0);
  }
  #keepSoon(): void {
    if (this.#cancelKeep !== null) return;
    this.#cancelKeep = this.#clock.at(this.#clock.now() + KEEP_MS, () => {
      this.#cancelKeep = null;
      this.#keep(this.book);
    });
  }
  #look(): void {
    if (this.#stopped) return;
    const members = this.#members();
    // Without signalling every dial fails at once, and would only lengthen the back-off of neighbours who are there.
    if (this.signalling !== "open") return;
    const now = this.#clock.now();
    const missing = NAMES_AT_HAND - readyCount(this.#mesh, now);
    learn(this.#mesh, nextNames(this.#sweep, members, missing, now));
    const { dial, drop } = plan(this.#mesh, now, this.#exploreMs, this.#degree);
    for (const address of dial) this.#network.dial(address);
    for (const peer of drop) this.#network.disconnect(peer, "busy");
    const enough = this.#mesh.neighbours.size >= Math.min(this.#degree, members.length);
    this.#again(enough ? LOOK_AGAIN_MS : LOOK_MS);
  }
  #again(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.at(this.#clock.now() + ms, () => this.#look());
  }
}

/**
 * Keeps a bounded number of neighbours: carries out the plan of network/mesh.ts on a network and a clock. Members whom
 * nobody has told us about are looked for at the addresses that follow from their keys.
 */
import { createMesh, EXPLORE_MS, learn, note, plan, TARGET_DEGREE, type Mesh } from "../network/mesh.ts";
import type { Network, NetworkEvent } from "../network/network.ts";
import { rendezvous } from "../network/address.ts";
import type { PublicKey } from "../base/units.ts";
import type { Clock } from "./runner.ts";

/** While there are too few neighbours, and when there are enough. */
const LOOK_MS = 2_000;
const LOOK_AGAIN_MS = 30_000;
/** Ends of a dial that say nothing about us: nobody there, no place left, linked already. */
const NO_VERDICT = new Set(["unreachable", "busy", "duplicate"]);

export class Neighbours {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #mesh: Mesh;
  readonly #community: string;
  readonly #members: () => readonly PublicKey[];
  #cancel: () => void = () => {};
  #stopped = false;
  readonly #looked = new Set<PublicKey>();
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
  }) {
    this.#exploreMs = o.exploreMs ?? Math.max(EXPLORE_MS, o.stepMs);
    this.#degree = o.degree ?? TARGET_DEGREE;
    this.#network = o.network;
    this.#clock = o.clock;
    this.#community = o.community;
    this.#members = o.members;
    this.#mesh = createMesh(o.self, o.clock.now());
  }
  /** Addresses to begin with, e.g. of an invitation. */
  start(addresses: readonly string[]): void {
    this.learn(addresses);
    this.#look();
  }
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }
  learn(addresses: readonly string[]): void {
    learn(
      this.#mesh,
      addresses.map((address) => ({ address, key: null })),
    );
  }
  /** Addresses of neighbours that answered, for an invitation. */
  get linked(): string[] {
    return [...this.#mesh.neighbours.values()].map((n) => n.address);
  }
  note(event: NetworkEvent): void {
    note(this.#mesh, event, this.#clock.now());
    if (event.kind === "up") this.refusedBy = null;
    if (event.kind === "refused" && event.by === "them" && !NO_VERDICT.has(event.refusal.code)) {
      this.refusedBy = event.refusal.code;
    }
    if (event.kind === "down") this.#again(LOOK_MS);
    if (event.kind !== "signalling") return;
    this.signalling = event.state;
    // Within the call that tells us, the network may not yet take a dial.
    if (event.state === "open") this.#again(0);
  }
  #look(): void {
    if (this.#stopped) return;
    const members = this.#members();
    for (const key of members) {
      if (this.#looked.has(key)) continue;
      this.#looked.add(key);
      learn(
        this.#mesh,
        rendezvous(this.#community, key).map((address) => ({ address, key })),
      );
    }
    // Without signalling every dial fails at once, and would only lengthen the back-off of neighbours who are there.
    if (this.signalling !== "open") return;
    const { dial, drop } = plan(this.#mesh, this.#clock.now(), this.#exploreMs, this.#degree);
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

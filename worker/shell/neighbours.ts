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
  signalling: "off" | "connecting" | "open" | "retrying" = "off";
  /** The last refusal by a member of the community, until a link comes up. */
  refusedBy: string | null = null;

  constructor(o: {
    network: Network;
    clock: Clock;
    self: PublicKey;
    community: string;
    stepMs: number;
    members: () => readonly PublicKey[];
  }) {
    this.#exploreMs = Math.max(EXPLORE_MS, o.stepMs);
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
    if (event.kind === "signalling") this.signalling = event.state;
    if (event.kind === "up") this.refusedBy = null;
    if (event.kind === "refused" && event.by === "them") this.refusedBy = event.refusal.code;
    note(this.#mesh, event, this.#clock.now());
    if (event.kind === "down") this.#again(LOOK_MS);
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
    const { dial, drop } = plan(this.#mesh, this.#clock.now(), this.#exploreMs);
    for (const address of dial) this.#network.dial(address);
    for (const peer of drop) this.#network.disconnect(peer, "busy");
    const enough = this.#mesh.neighbours.size >= Math.min(TARGET_DEGREE, members.length);
    this.#again(enough ? LOOK_AGAIN_MS : LOOK_MS);
  }
  #again(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.at(this.#clock.now() + ms, () => this.#look());
  }
}

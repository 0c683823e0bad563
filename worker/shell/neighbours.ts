/**
 * Keeps a bounded number of neighbours: carries out the plan of network/mesh.ts on a network and a clock. Members whom
 * nobody has told us about are looked for at the addresses that follow from their keys.
 */
import { createMesh, learn, note, plan, type Mesh } from "../network/mesh.ts";
import type { Network, NetworkEvent } from "../network/network.ts";
import { rendezvous } from "../network/address.ts";
import type { PublicKey } from "../base/units.ts";
import type { Clock } from "./runner.ts";

const LOOK_MS = 2_000;

export class Neighbours {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #mesh: Mesh;
  readonly #community: string;
  readonly #members: () => readonly PublicKey[];
  #cancel: () => void = () => {};
  #stopped = false;
  signalling: "off" | "connecting" | "open" | "retrying" = "off";
  /** The last refusal by a member of the community, until a link comes up. */
  refusedBy: string | null = null;

  constructor(o: { network: Network; clock: Clock; self: PublicKey; community: string; members: () => readonly PublicKey[] }) {
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
    learn(this.#mesh, addresses.map((address) => ({ address, key: null })));
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
  }
  #look(): void {
    if (this.#stopped) return;
    for (const key of this.#members()) learn(this.#mesh, rendezvous(this.#community, key).map((address) => ({ address, key })));
    const { dial, drop } = plan(this.#mesh, this.#clock.now());
    for (const address of dial) this.#network.dial(address);
    for (const peer of drop) this.#network.disconnect(peer, "busy");
    this.#cancel = this.#clock.at(this.#clock.now() + LOOK_MS, () => this.#look());
  }
}

/**
 * Which credits somebody in front of a light node wants to see (PROTOCOL.md §8.1): those of today always, older ones once,
 * of whoever keeps them. Knows no messages.
 */
import type { PublicKey } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import type { LightState } from "./light-disk.ts";
import type { LightPeer } from "./light-peers.ts";
import { planOf, type Planned } from "./light-plan.ts";

export class LightWishes {
  /** The first step whose credits a screen shows. */
  wanted = Infinity;
  /** The first step that was asked for once, further back; null when it is here. */
  #back: number | null = null;
  /** Who does not keep the blocks of `#back` any more, or leaves something of them out. */
  readonly #lacking = new Set<PublicKey>();

  reach(step: number): void {
    this.#back = Math.max(1, step);
    this.#lacking.clear();
  }
  lacks(key: PublicKey): void {
    this.#lacking.add(key);
  }
  /** What to ask of this neighbour. */
  plan(state: LightState, contract: Contract, key: PublicKey): Planned[] {
    return planOf(state, contract, { wanted: this.wanted, back: this.#lacking.has(key) ? null : this.#back });
  }
  /** Something more is known. */
  settle(state: LightState, contract: Contract): void {
    const open = planOf(state, contract, { wanted: this.wanted, back: this.#back });
    if (state.covered !== null && open.every((ask) => !ask.isBack)) this.#back = null;
  }
  reaching(peers: Iterable<LightPeer>): { readonly from: number; readonly isRefused: boolean } | null {
    if (this.#back === null) return null;
    const members = [...peers].filter((p) => p.identity.role === "member");
    const isRefused = members.length > 0 && members.every((p) => this.#lacking.has(p.identity.key));
    return { from: this.#back, isRefused };
  }
}

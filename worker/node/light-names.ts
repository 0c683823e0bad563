/**
 * What the neighbours of a light node are called (PROTOCOL.md §8): each says its own name on its own link, signed; nobody's
 * word is taken for somebody else's. Kept where a full node of this device keeps them. Knows no links.
 */
import { encode } from "../base/codec.ts";
import type { Hash, PublicKey } from "../base/units.ts";
import { MAX_MEMBERS } from "../community/repartition.ts";
import { allTrue, type Checks, type Verdicts } from "../consensus/checks.ts";
import { profileRow } from "./disk.ts";
import type { DiskOp } from "./events.ts";
import { decodeItem, profileMessage, type Profile } from "./messages.ts";

export type NameSurroundings = {
  readonly community: Hash;
  readonly verify: (checks: Checks, then: (verdicts: Verdicts) => void) => void;
  readonly keep: (op: DiskOp) => void;
  /** From this device's own disk. */
  readonly held: readonly Profile[];
};

export class LightNames {
  readonly #o: NameSurroundings;
  /** The first heard first. */
  readonly #known: Map<PublicKey, Profile>;
  /** Who was heard since this node began, and not before. */
  readonly #fresh = new Set<PublicKey>();

  constructor(surroundings: NameSurroundings) {
    this.#o = surroundings;
    this.#known = new Map(surroundings.held.map((profile) => [profile.key, profile]));
  }
  of(key: PublicKey): string | null {
    return this.#known.get(key)?.name ?? null;
  }
  /** What came on the link of `key`; all but its own name is nothing to a light node. */
  hear(key: PublicKey, items: readonly Uint8Array[]): void {
    for (const raw of items) {
      const item = decodeItem(raw);
      if (!item.ok || item.value.kind !== "profile" || item.value.profile.key !== key) continue;
      const { profile } = item.value;
      if (!this.#isNewer(profile)) continue;
      const message = profileMessage(this.#o.community, profile);
      this.#o.verify({ ed25519: [{ key, message, signature: profile.signature }], bls: [] }, (verdicts) => {
        if (!allTrue(verdicts) || !this.#isNewer(profile)) return;
        if (!this.#hasRoom(key)) return;
        this.#known.set(key, profile);
        this.#o.keep({ table: "settings", key: `name/${key}`, value: encode(profileRow, profile) });
      });
      return;
    }
  }
  /** Whoever says to be a member has a link, so names are no more than a community has members; the first of the new ones gives way. */
  #hasRoom(key: PublicKey): boolean {
    if (this.#known.has(key)) return true;
    const [first] = this.#fresh;
    if (this.#known.size >= MAX_MEMBERS) {
      if (first === undefined) return false;
      this.#fresh.delete(first);
      this.#known.delete(first);
      this.#o.keep({ table: "settings", key: `name/${first}`, value: null });
    }
    this.#fresh.add(key);
    return true;
  }
  #isNewer({ key, at }: Profile): boolean {
    return at > (this.#known.get(key)?.at ?? -1);
  }
}

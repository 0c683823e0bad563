/**
 * How many blocks of one miner and step a node takes (PROTOCOL.md §8): two show that it lies, and more show nothing new,
 * however true each is. A third is taken only where somebody else relies on it.
 */
import { fromHex } from "../base/bytes.ts";
import { verify } from "../base/ed25519.ts";
import type { Hash } from "../base/units.ts";
import { hashOf, type Block, type Header } from "../consensus/block.ts";
import { key } from "../ledger/rows.ts";
import type { Core } from "./core.ts";

const MAX_SIBLINGS = 2;

export class Siblings {
  readonly #core: Core;
  /** By `step/miner`. */
  readonly #known = new Map<string, Set<Hash>>();

  constructor(core: Core) {
    this.#core = core;
    for (const { header } of core.chain.tree.nodes()) this.note(header);
  }
  /** A header that its miner signed, of a block that is valid or that another is waiting for. */
  note(header: Header): void {
    const at = `${header.step}/${header.miner}`;
    this.#known.set(at, (this.#known.get(at) ?? new Set()).add(hashOf(header)));
  }
  #hasRoom(header: Header): boolean {
    const known = this.#known.get(`${header.step}/${header.miner}`);
    return known === undefined || known.size < MAX_SIBLINGS || known.has(hashOf(header));
  }
  /** @param orphans blocks that wait for a parent, whose signatures have not been looked at. */
  admits(header: Header, orphans: readonly Block[]): boolean {
    return this.#hasRoom(header) || this.#isNeeded(header, orphans);
  }
  /** Whether somebody other than its miner voted for it or built on it, or on a block of the miner's above it. */
  #isNeeded(header: Header, orphans: readonly Block[]): boolean {
    const hash = hashOf(header);
    const { miner } = header;
    const votes = this.#core.pool.voteGroups().filter(({ target }) => target.block === hash);
    if (votes.some((group) => [...group.votes.keys()].some((member) => member !== miner))) return true;
    return orphans.some(
      (orphan) =>
        orphan.header.parent === hash &&
        (orphan.header.miner === miner ? this.#isNeeded(orphan.header, orphans) : this.#isFrom(orphan)),
    );
  }
  /** Whether its miner signed this, and not one too many itself: friends of a liar build on whatever it makes. */
  #isFrom({ header, signature }: Block): boolean {
    const row = this.#core.chain.state.get("member", key(header.miner));
    if (row === undefined || !this.#hasRoom(header)) return false;
    if (!verify({ key: row.key, message: fromHex(hashOf(header)), signature })) return false;
    this.note(header);
    return true;
  }
  /** Blocks up to a final one are asked for no more. */
  forget(step: number): void {
    for (const at of this.#known.keys()) if (Number(at.split("/")[0]) <= step) this.#known.delete(at);
  }
}

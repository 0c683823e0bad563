/**
 * Answers who asks to be led on (PROTOCOL.md §8.1, 8.3): hops from the voters it trusts to the last final block, and hand-overs
 * from set to set, for who wants them all. Reads one node's chain and disk, changes nothing; what whoever asked would have to
 * refuse is not sent.
 */
import { decode, encode, type Codec } from "../base/codec.ts";
import type { HistoryTree } from "../base/history-tree.ts";
import { headerCodec, type Header } from "../consensus/block.ts";
import {
  changeOf,
  hopCodec,
  jobsOfHop,
  MAX_ABOVE,
  votersAfter,
  votersIn,
  type Hop,
  type VoterSet,
} from "../consensus/certificate.ts";
import { genesisState } from "../consensus/genesis.ts";
import { latestCertificate } from "../node/certifier.ts";
import type { Core } from "../node/core.ts";
import { belowKey, hopKey, skipKey } from "../node/disk.ts";
import {
  handOverCodec,
  MAX_ANSWER_BYTES,
  MAX_HOPS,
  type HandOver,
  type Leading,
  type Message,
} from "../node/messages.ts";
import type { Store } from "../storage/store.ts";

/** What a certificate costs that is made. */
const CERTIFICATE_UNITS = 50;

type Latest = { readonly at: string; readonly voters: VoterSet; readonly hops: Map<number, Hop | null> };
type Ask<K extends Leading["kind"]> = Extract<Leading, { readonly kind: K }>;
type Answer<K extends Message["kind"]> = Extract<Message, { readonly kind: K }>;
/** What else the node knows. */
export type HopsHelp = {
  /** Of all final blocks below a height; null where a hash is not known here. */
  readonly history: (height: number) => HistoryTree | null;
  /** Of a block whose body is here. */
  readonly headerAt: (height: number) => Promise<Header | null>;
  /** Told what an answer has cost besides rows. */
  readonly spent: (units: number) => void;
};

export class Hops {
  readonly #core: Core;
  readonly #store: Pick<Store, "get">;
  readonly #help: HopsHelp;
  /** By number, as far as they were asked for: what is on disk leads from one to the next, or further. */
  readonly #sets = new Map<number, VoterSet>();
  /** Of the last final block: who votes on top, and by set what convinces who trusts that; null where votes are lacking. */
  #latest: Latest | null = null;

  constructor(core: Core, store: Pick<Store, "get">, help: HopsHelp) {
    this.#core = core;
    this.#store = store;
    this.#help = help;
  }
  /** Null where nothing is to be said. One at a time. @throws StoreError when the disk does not answer. */
  answer(question: Leading): Promise<Message | null> {
    return question.kind === "ask-hops" ? this.#hops(question) : this.#handOvers(question);
  }
  async #hops({ set, height }: Ask<"ask-hops">): Promise<Answer<"hops"> | null> {
    const final = this.#core.chain.final.header.height;
    const known = await this.#votersOf(set);
    const block = this.#core.summaries.hashOf(height);
    if (known === null || block === undefined || height > final) return null;
    const hops: Hop[] = [];
    let [trusted, at] = [known, height];
    while (at < final && hops.length < MAX_HOPS) {
      const next = this.#toFinal(trusted) ?? (await this.#furthest(trusted, at));
      const after = next && votersAfter(trusted, next);
      if (!next || after?.ok !== true) break;
      hops.push(next);
      trusted = after.value;
      at = next.certificate.header.height;
    }
    // Who has more and nothing that proves it hides nothing: others may have the proof.
    if (hops.length === 0 && height < final) return null;
    const more = hops.length === MAX_HOPS && at < final;
    const history = at > height ? this.#help.history(at) : null;
    const proof = history === null ? [] : history.beside([height], at);
    return { kind: "hops", hops: history === null ? [] : hops, block, proof, more };
  }
  #holds(trusted: VoterSet, hop: Hop): boolean {
    return jobsOfHop(trusted, this.#core.chain.community, hop).ok;
  }
  /** Straight to the last final block, where those of its voters whom the asker knows are enough. */
  #toFinal(trusted: VoterSet): Hop | null {
    const { voters, hops } = this.#ofFinal();
    const known = hops.get(trusted.set);
    if (known !== undefined) return known;
    this.#help.spent(CERTIFICATE_UNITS + trusted.voters.length);
    const certificate = latestCertificate(this.#core, trusted);
    const hop = certificate === null ? null : { certificate, next: changeBetween(trusted, voters) };
    const found = hop !== null && this.#holds(trusted, hop) ? hop : null;
    hops.set(trusted.set, found);
    return found;
  }
  /** Made once for each final block and head: of a thousand voters it takes half a second. */
  #ofFinal(): Latest {
    const { final, head, tree, state } = this.#core.chain;
    const at = `${final.hash}/${head.hash}`;
    if (this.#latest?.at !== at)
      this.#latest = { at, voters: votersIn(tree.viewAt(state, head, final)), hops: new Map() };
    return this.#latest;
  }
  /**
   * The furthest of the kept proofs that the asker can check: of the block before one that ended a later set, which names
   * that set; or, where too many voters changed, of what led this node on from there, or of the block that ended the asker's own.
   */
  async #furthest(trusted: VoterSet, above: number): Promise<Hop | null> {
    for (let set = this.#ofFinal().voters.set; set > trusted.set; set--) {
      const [kept, voters] = [await this.#handOver(set), await this.#votersOf(set)];
      if (kept === null || voters === null) continue;
      const { header, above: higher, votes } = kept.certificate;
      const below = votes.length === 0 ? null : await this.#below(set, kept);
      if (below === null || below.height <= above || higher.length >= MAX_ABOVE) continue;
      const certificate = { header: below, above: [header, ...higher], votes };
      const hop = { certificate, next: changeBetween(trusted, voters) };
      if (this.#holds(trusted, hop)) return hop;
    }
    for (const own of [await this.#row(skipKey(trusted.set), hopCodec), await this.#handOver(trusted.set)])
      if (own !== null && own.certificate.header.height > above && this.#holds(trusted, own)) return own;
    return null;
  }
  async #row<T>(key: string, codec: Codec<T>): Promise<T | null> {
    const row = await this.#store.get("chain", key);
    const read = row === undefined ? null : decode(codec, row, "row");
    return read?.ok === true ? read.value : null;
  }
  #handOver(set: number): Promise<Hop | null> {
    return this.#row(hopKey(set), hopCodec);
  }
  async #below(set: number, { certificate }: Hop): Promise<Header | null> {
    return (await this.#row(belowKey(set), headerCodec)) ?? (await this.#help.headerAt(certificate.header.height - 1));
  }
  /** As what is on disk tells, from the contract's members on; the last ones as the state does. */
  async #votersOf(set: number): Promise<VoterSet | null> {
    const latest = this.#ofFinal().voters;
    if (set >= latest.set) return set === latest.set ? latest : null;
    if (this.#sets.size === 0) this.#sets.set(0, votersIn(genesisState(this.#core.chain.signed)));
    const from = [...this.#sets.keys()].filter((known) => known <= set);
    for (let last = this.#sets.get(Math.max(...from)); last !== undefined && last.set < set;) {
      const next = (await this.#onward(hopKey(last.set), last)) ?? (await this.#onward(skipKey(last.set), last));
      if (next === null || next.set > set) return null;
      this.#sets.set(next.set, next);
      last = next;
    }
    return this.#sets.get(set) ?? null;
  }
  async #onward(key: string, voters: VoterSet): Promise<VoterSet | null> {
    const hop = await this.#row(key, hopCodec);
    const after = hop === null ? null : votersAfter(voters, hop);
    return after?.ok === true ? after.value : null;
  }
  /** As many as one message holds; those without votes too, since who asks needs to know who voted next. */
  async #handOvers({ from, count }: Ask<"ask-hand-overs">): Promise<Answer<"hand-overs">> {
    const handOvers: HandOver[] = [];
    let size = 0;
    for (let set = from; handOvers.length < Math.min(count, MAX_HOPS); set++) {
      const hop = await this.#handOver(set);
      const below = hop === null ? null : await this.#below(set, hop);
      if (hop === null || below === null) break;
      size += encode(handOverCodec, { below, hop }).length;
      if (handOvers.length > 0 && size > MAX_ANSWER_BYTES) break;
      handOvers.push({ below, hop });
    }
    return { kind: "hand-overs", from, handOvers };
  }
}

const changeBetween = (from: VoterSet, to: VoterSet): Hop["next"] => (from.set === to.set ? null : changeOf(from, to));

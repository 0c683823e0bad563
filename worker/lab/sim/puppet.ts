/**
 * An adversary with a member's keys: alone behind a raw link into the memory hub, or between an unchanged node with the
 * same keys and its network, whose messages it alters or keeps back. It may sign and say anything; it sees whatever any
 * node knows, which is more than a real one does. What it forges is made in forge.ts.
 */
import { nobleBls } from "../../base/bls.ts";
import type { Bls } from "../../base/bls-scheme.ts";
import type { MemberKeys } from "../../base/keys.ts";
import { ok } from "../../base/result.ts";
import type { Hash, MemberIndex } from "../../base/units.ts";
import { communityId } from "../../community/contract.ts";
import { createMemoryNetwork } from "../../network/memory.ts";
import type { Network, NetworkEvent, PeerId } from "../../network/network.ts";
import type { Chain } from "../../node/chain.ts";
import { Core, emptyJournal } from "../../node/core.ts";
import { Lines } from "../../node/lines.ts";
import { Desk } from "../../node/desk.ts";
import { Out } from "../../node/events.ts";
import { decodeItem, decodeMessage, encodeItem, encodeMessage, type Item, type Message } from "../../node/messages.ts";
import type { LabCommunity } from "../community.ts";
import type { VirtualTime } from "../virtual-time.ts";

/** What becomes of an item on its way to member `to`. */
export type AlterItem = (to: number, item: Item) => readonly Item[];
/** What becomes of any other message; null keeps it back. */
export type AlterMessage = (to: number, message: Message) => Message | null;

export const itemsMessage = (...list: readonly Item[]): Uint8Array =>
  encodeMessage({ kind: "items", items: list.map(encodeItem) });

export class Puppet {
  readonly me: MemberIndex;
  readonly keys: MemberKeys;
  readonly community: Hash;
  readonly #lab: LabCommunity;
  readonly #time: VirtualTime;
  #network: Network | null = null;
  readonly #peers = new Map<PeerId, number>();
  #node: (event: NetworkEvent) => void = () => {};
  alterItem: AlterItem = (_, item) => [item];
  alterMessage: AlterMessage = (_, message) => message;
  /** Why links ended, by the member at the other end. */
  readonly downs: { readonly from: number; readonly reason: string }[] = [];

  readonly bls: Bls;

  constructor(lab: LabCommunity, time: VirtualTime, me: number, bls: Bls = nobleBls) {
    this.bls = bls;
    this.#lab = lab;
    this.#time = time;
    this.me = me as MemberIndex;
    this.keys = lab.inhabitant(me).keys;
    this.community = communityId(lab.signed.contract);
  }
  #hear(event: NetworkEvent): void {
    if (event.kind === "up") {
      const at = this.#lab.inhabitants.findIndex(({ keys }) => keys.memberKey === event.identity.key);
      this.#peers.set(event.peer, at);
    }
    if (event.kind !== "down") return;
    this.downs.push({ from: this.#peers.get(event.peer) ?? -1, reason: event.reason });
    this.#peers.delete(event.peer);
  }
  /** Takes its place behind a link of its own; no node runs with these keys. */
  stand(): void {
    const { surroundings } = this.#time;
    this.#network = createMemoryNetwork({
      hub: this.#lab.hub,
      address: this.#lab.inhabitant(this.me).address,
      self: {
        community: this.community,
        identity: { key: this.keys.memberKey, role: "member" },
        secret: this.keys.memberSecret,
        admit: () => ok(undefined),
      },
      surroundings,
    });
    this.#network.start((event) => this.#hear(event));
  }
  /** Takes its place between the node with its keys and that node's network. */
  over(network: Network): Network {
    this.#network = network;
    this.#peers.clear();
    return {
      ...network,
      start: (onEvent) =>
        network.start((event) => {
          this.#node = onEvent;
          this.#hear(event);
          onEvent(event);
        }),
      send: (peer, bytes) => {
        const altered = this.#altered(this.#peers.get(peer) ?? -1, bytes);
        if (altered !== null) network.send(peer, altered);
      },
    };
  }
  #altered(to: number, bytes: Uint8Array): Uint8Array | null {
    const read = decodeMessage(bytes);
    if (!read.ok) return bytes;
    const message = read.value;
    if (message.kind !== "items") {
      const altered = this.alterMessage(to, message);
      return altered === null ? null : altered === message ? bytes : encodeMessage(altered);
    }
    let same = true;
    const items = message.items.flatMap((raw) => {
      const item = decodeItem(raw);
      if (!item.ok) return [raw];
      const altered = this.alterItem(to, item.value);
      if (altered.length === 1 && altered[0] === item.value) return [raw];
      same = false;
      return altered.map(encodeItem);
    });
    if (same) return bytes;
    return items.length === 0 ? null : encodeMessage({ kind: "items", items });
  }
  /** Members it has a link to. */
  get linked(): number[] {
    return [...this.#peers.values()];
  }
  /** Says it to one member, or to everybody; answers how many heard it. */
  say(bytes: Uint8Array, to?: number): number {
    let heard = 0;
    for (const [peer, member] of this.#peers) {
      if (to !== undefined && member !== to) continue;
      this.#network?.send(peer, bytes);
      heard += 1;
    }
    return heard;
  }
  /** Lets the node with its keys hear something, as if a neighbour had said it. */
  whisper(bytes: Uint8Array): void {
    const [peer] = this.#peers.keys();
    if (peer !== undefined) this.#node({ kind: "message", peer, bytes });
  }
  dial(to: number): void {
    this.#network?.dial(this.#lab.inhabitant(to).address);
  }
  /** Sends to `to` once there is a link; the answer tells why that link ended, if it did. */
  async tell(to: number, bytes: Uint8Array, wait = 3_000): Promise<string | undefined> {
    for (let tries = 0; !this.linked.includes(to) && tries < 30; tries++) {
      this.dial(to);
      await this.#time.runUntil(this.#time.now + 200);
    }
    if (!this.linked.includes(to)) throw new Error("the adversary found no way in");
    const before = this.downs.length;
    this.say(bytes, to);
    await this.#time.runUntil(this.#time.now + wait);
    return this.downs.slice(before).find(({ from }) => from === to)?.reason;
  }
  /** A core with its keys on somebody's chain, knowing what `from` has heard; to make blocks with. */
  core(chain: Chain, from?: Core): Core {
    const { memberKey, memberSecret, blsSecret } = this.keys;
    // A core sets how its chain chooses; this one only looks at somebody else's.
    const { passesOver } = chain;
    const core = new Core({
      keys: { memberKey, memberSecret, blsSecret },
      bls: this.bls,
      signed: this.#lab.signed,
      chain,
      desk: new Desk(),
      own: emptyJournal(),
      summaries: new Lines([]),
      out: new Out(),
    });
    chain.passesOver = passesOver;
    if (from !== undefined) copyPool(from, core);
    // It objects to nothing, least of all to itself.
    core.winnerFor = (step) => core.pool.winner(chain.head.hash, step, chain.currentMiner);
    return core;
  }
}

const copyPool = (from: Core, to: Core): void => {
  for (const list of from.pool.ticks.values()) for (const tick of list) to.pool.addTick(tick);
  for (const held of from.pool.others.values()) to.pool.addOther(held);
  for (const { votes, items } of from.pool.voteGroups())
    for (const [member, vote] of votes) {
      const voter = from.pool.votedWith.get(vote);
      if (voter !== undefined) to.pool.votedWith.set(vote, voter);
      to.pool.addVote(vote, items.get(member) ?? ("" as never));
    }
  const { hash, header } = from.chain.head;
  for (let step = header.step + 1; step <= header.step + 3; step++)
    for (const held of from.pool.candidacies(hash, step as never)) to.pool.addCandidacy(held);
};

/**
 * The one witness of every run in this room: looks at each node whenever it has changed, at each message that a node
 * sends and at each row of its own journal, and writes down whatever must never happen. A liar is not watched for what it
 * signs; whatever the honest know, sign or pass on is. Knows the checks, not the stories.
 */
import { toHex } from "../base/bytes.ts";
import type { Contract } from "../community/contract.ts";
import { decodeBlock, hashOf } from "../consensus/block.ts";
import type { Vote } from "../consensus/vote.ts";
import { toleranceMs, type Core } from "../node/core.ts";
import { decodeItem, decodeMessage, encodeMessage, itemIdOf, type Item } from "../node/messages.ts";
import type { Network } from "../network/network.ts";
import type { SortedTable } from "../storage/memory.ts";
import {
  energyFaults,
  isPicture,
  meterFaults,
  pictureOf,
  stateFaults,
  timeFaults,
  tokenFaults,
  type Picture,
} from "./checks.ts";

export const CHECKERS = {
  state: "same head, same state to the byte",
  energy: "energy is conserved",
  tokens: "voting tokens are conserved",
  finality: "no two final blocks conflict",
  signatures: "no honest node signs a conflict",
  meters: "virtual meters only grow",
  time: "no node has a block before its step is over and its rank may publish; steps ascend",
} as const;
export type Checker = keyof typeof CHECKERS;
export type Fault = { readonly checker: Checker; readonly at: number; readonly text: string };

export type WitnessOptions = {
  readonly contract: Contract;
  readonly now: () => number;
  /** Who is honest; everybody by default. */
  readonly honest?: (member: number) => boolean;
  /** What a node's own clock shows; the true time by default. */
  readonly clockOf?: (node: number) => number;
  /** How far such a clock may be behind others beyond what nodes grant each other anyway. */
  readonly aheadMs?: number;
};

/** The first byte of every message that carries items; others need no decoding. */
const ITEMS = encodeMessage({ kind: "items", items: [] })[0];
const OWN = /^(vote|candidacy|winner|refund|block)\//;

export class Witness {
  readonly faults: Fault[] = [];
  /** Steps for which some honest node once had a block, whatever became of it. */
  readonly closedSteps = new Set<number>();
  /** Hears of every block once, when an honest node first has it as final. */
  onFinal: (hash: string, step: number) => void = () => {};
  /** Hears when a node leaves blocks of its chain. */
  onReorganised: (node: number, replaced: number) => void = () => {};
  readonly #o: Required<Pick<WitnessOptions, "honest" | "aheadMs" | "clockOf">> & WitnessOptions;
  readonly #said = new Map<string, string>();
  readonly #finals = new Map<number, string>();
  readonly #states = new Map<string, Picture>();
  readonly #heard = new Set<string>();
  /** Votes and blocks that nodes hold and that contradict nothing known: what was said once stays said. */
  readonly #sound = new WeakSet<object>();
  readonly #heads = new Map<number, { head: string; final: string; height: number }>();
  readonly #meters = new Map<number, readonly number[]>();

  constructor(o: WitnessOptions) {
    this.#o = { honest: () => true, aheadMs: 0, clockOf: () => o.now(), ...o };
  }
  fault(checker: Checker, text: string): void {
    this.faults.push({ checker, at: this.#o.now(), text });
  }
  /** True when it is the one thing said so far. */
  #once(checker: Checker, what: string, value: string): boolean {
    const known = this.#said.get(what);
    if (known === undefined) this.#said.set(what, value);
    else if (known !== value) this.fault(checker, `${what}: ${known.slice(0, 16)} and ${value.slice(0, 16)}`);
    return known === undefined || known === value;
  }
  /** Hears of everything that a node writes into its own journal. */
  tap(i: number, own: SortedTable): void {
    const put = own.put.bind(own);
    own.put = (key, value) => {
      if (value !== null) this.wrote(i, key, value);
      put(key, value);
    };
  }
  wrote(i: number, key: string, value: Uint8Array): void {
    if (this.#o.honest(i) && OWN.test(key)) this.#once("signatures", `node ${i}, own ${key}`, toHex(value));
  }
  /** A message that an honest node sends: what it carries was signed by its own hand, or verified by it. */
  sent(i: number, bytes: Uint8Array): void {
    if (!this.#o.honest(i) || bytes[0] !== ITEMS) return;
    const message = decodeMessage(bytes);
    if (!message.ok || message.value.kind !== "items")
      return this.fault("signatures", `node ${i} sent what nobody reads`);
    for (const raw of message.value.items) {
      const id = itemIdOf(raw);
      if (this.#heard.has(id)) continue;
      this.#heard.add(id);
      const item = decodeItem(raw);
      if (item.ok) this.#carried(item.value);
    }
  }
  #carried(item: Item): void {
    if (item.kind === "vote") return this.voted(item.vote);
    if (item.kind === "block") {
      const block = decodeBlock(item.block);
      if (block.ok) this.closed(block.value.header.miner, block.value.header.step, hashOf(block.value.header));
    }
    if (item.kind !== "tx" && item.kind !== "auction") return;
    const tx = item.kind === "tx" ? item.tx : item.winner;
    const { body } = tx;
    if (body.kind !== "candidacy" && body.kind !== "winner" && body.kind !== "refund") return;
    if (this.#o.honest(body.member))
      this.#once(
        "signatures",
        `${body.kind} of ${body.member} for ${body.step} on ${body.parent}`,
        toHex(tx.signature),
      );
  }
  voted(vote: Vote): void {
    const { member, set, round, kind, step, block } = vote;
    if (!this.#o.honest(member) || this.#sound.has(vote)) return;
    const what = `vote of ${member}, set ${set}, round ${round}, ${kind}`;
    if (this.#once("signatures", what, `${block} ${step}`)) this.#sound.add(vote);
  }
  closed(miner: number, step: number, hash: string): boolean {
    this.closedSteps.add(step);
    if (step === 0 || !this.#o.honest(miner)) return true;
    return this.#once("signatures", `block of ${miner} for step ${step}`, hash);
  }
  /** The node lost what it had not written: it may know less than before, never something else. */
  restarted(i: number): void {
    this.#heads.delete(i);
    this.#meters.delete(i);
  }
  /** For a network: hears what the node sends. */
  listening(i: number, network: Network): Network {
    return {
      ...network,
      send: (peer, bytes) => {
        this.sent(i, bytes);
        network.send(peer, bytes);
      },
    };
  }
  look(i: number, core: Core): void {
    const { chain } = core;
    const { head, final } = chain;
    const before = this.#heads.get(i);
    if (before?.head === head.hash && before.final === final.hash) return;
    this.#heads.set(i, { head: head.hash, final: final.hash, height: head.header.height });
    const fork = before === undefined ? undefined : core.summaries.heightOf(before.head as never);
    if (before !== undefined && fork === undefined) this.#replaced(i, core, before);
    for (const { votes } of core.pool.voteGroups()) for (const vote of votes.values()) this.voted(vote);
    for (const node of chain.tree.nodes()) {
      if (this.#sound.has(node)) continue;
      if (this.closed(node.header.miner, node.header.step, node.hash)) this.#sound.add(node);
      this.#time(i, chain.tree.get(node.header.parent)?.header, node.header);
    }
    this.#state(i, core);
    this.#finality(i, core);
  }
  #replaced(i: number, core: Core, before: { head: string; height: number }): void {
    let at = core.chain.tree.get(before.head as never);
    let count = 0;
    while (at !== undefined && !core.summaries.has(at.hash)) {
      count += 1;
      at = core.chain.tree.get(at.header.parent);
    }
    this.onReorganised(i, Math.max(1, count));
  }
  /** Each node that has a block answers for its own clock, whoever had it first. */
  #time(i: number, parent: Parameters<typeof timeFaults>[1], header: Parameters<typeof timeFaults>[2]): void {
    const { contract, clockOf, aheadMs } = this.#o;
    const now = clockOf(i) + toleranceMs(contract.stepMs) + aheadMs;
    for (const text of timeFaults(contract, parent, header, now)) this.fault("time", `node ${i}: ${text}`);
  }
  #state(i: number, core: Core): void {
    const { state, head } = core.chain;
    const known = this.#states.get(head.hash);
    if (known !== undefined) {
      if (!isPicture(state, known))
        this.fault("state", `node ${i} has another state at ${head.hash.slice(0, 8)} than others`);
      return;
    }
    this.#states.set(head.hash, pictureOf(state));
    const validity = core.contract.tokenValidity;
    for (const text of stateFaults(state, head.header)) this.fault("state", `node ${i}: ${text}`);
    for (const text of energyFaults(state)) this.fault("energy", `node ${i}: ${text}`);
    for (const text of tokenFaults(state, head.header.step, validity)) this.fault("tokens", `node ${i}: ${text}`);
  }
  #finality(i: number, core: Core): void {
    const { chain, summaries } = core;
    const { final } = chain;
    for (let height = 0; height <= final.header.height; height++) this.final(i, height, summaries.get(height));
    const values = chain.tree
      .viewAt(chain.state, chain.head, final)
      .scan("member")
      .map(([, row]) => row.meter as number);
    for (const text of meterFaults(this.#meters.get(i) ?? [], values)) this.fault("meters", `node ${i}: ${text}`);
    this.#meters.set(i, values);
  }
  /** A node has this block as final at this height. */
  final(i: number, height: number, line: { readonly hash: string; readonly step: number } | undefined): void {
    const known = this.#finals.get(height);
    if (known === line?.hash && line !== undefined) return;
    if (line === undefined || known !== undefined)
      return this.fault(
        "finality",
        `node ${i}: final at ${height} is ${known?.slice(0, 8)} and ${line?.hash.slice(0, 8)}`,
      );
    this.#finals.set(height, line.hash);
    this.onFinal(line.hash, line.step);
  }
  /** What the checkers found, by their names. */
  verdicts(): { readonly checker: Checker; readonly says: string; readonly ok: boolean; readonly faults: number }[] {
    return (Object.keys(CHECKERS) as Checker[]).map((checker) => {
      const faults = this.faults.filter((f) => f.checker === checker).length;
      return { checker, says: CHECKERS[checker], ok: faults === 0, faults };
    });
  }
}

/**
 * The figures of one run: what its report and its comparison with other runs are made of. Hears of events, asks nothing,
 * changes nothing. The fingerprint covers every message that left a node, with its moment.
 */
import type { Contract } from "../../community/contract.ts";
import { endOf } from "../../community/market-step.ts";
import type { Network } from "../../network/network.ts";
import { numberOf, type Rows } from "../../ledger/rows.ts";
import type { Core } from "../../node/core.ts";

const sum = (list: Iterable<number>): number => [...list].reduce((a, b) => a + b, 0);

export class Figures {
  readonly #contract: Contract;
  readonly #now: () => number;
  readonly #honest: (i: number) => boolean;
  /** For each final block, steps from its T_i until the first honest node had it final. */
  readonly #waits = new Map<number, number>();
  readonly #incidents = new Map<number, Rows["incident"]>();
  /** Blocks that honest nodes object to, and by which of them. */
  readonly #passedOver = new Map<string, string>();
  readonly #withheld = new Set<string>();
  #noted = "";
  readonly refused = new Map<string, number>();
  reorganisations = 0;
  replaced = 0;
  crashes = 0;
  messages = 0;
  bytes = 0;
  /** FNV-1a over all messages and their moments. */
  hash = 0x811c9dc5;

  constructor(contract: Contract, now: () => number, honest: (i: number) => boolean) {
    this.#contract = contract;
    this.#now = now;
    this.#honest = honest;
  }
  final(_hash: string, step: number): void {
    if (step > 0) this.#waits.set(step, (this.#now() - endOf(this.#contract, step)) / this.#contract.stepMs);
  }
  waitOf(step: number): number | undefined {
    return this.#waits.get(step);
  }
  /** Objections end when a better block is final, rows of incidents when their step is closed: they are noted while they are there. */
  note(i: number, core: Core): void {
    for (const [hash, { reason }] of core.objections.all) {
      this.#withheld.add(`${i}/${hash}`);
      this.#passedOver.set(hash, reason);
    }
    if (core.chain.head.hash === this.#noted) return;
    this.#noted = core.chain.head.hash;
    for (const [k, row] of core.chain.state.scan("incident")) this.#incidents.set(numberOf(k), row);
  }
  reorganised(replaced: number): void {
    this.reorganisations += 1;
    this.replaced += replaced;
  }
  #mix(byte: number): void {
    this.hash = Math.imul(this.hash ^ byte, 0x01000193) >>> 0;
  }
  watching(i: number, network: Network): Network {
    return {
      ...network,
      send: (peer, bytes) => {
        this.messages += 1;
        this.bytes += bytes.length;
        const now = this.#now();
        for (const n of [i, peer, bytes.length, now & 255, (now >> 8) & 255, (now >> 16) & 255]) this.#mix(n);
        for (const byte of bytes) this.#mix(byte);
        network.send(peer, bytes);
      },
      disconnect: (peer, reason) => {
        if (this.#honest(i)) this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
        network.disconnect(peer, reason);
      },
    };
  }
  /** What the chain of `core` came to after `steps`. */
  of(core: Core, steps: number, members: number) {
    const lines = core.summaries.slice(1).filter((line) => line.step <= steps);
    const { chain } = core;
    const finalSteps = lines.filter((line) => line.height <= chain.final.header.height).length;
    const waits = [...this.#waits].filter(([step]) => step <= steps).map(([, wait]) => wait);
    const blocks = Array.from({ length: members }, (_, m) => lines.filter((line) => line.miner === m).length);
    const rows = chain.state.scan("member").map(([, row]) => row);
    const onChain = new Set(lines.map((line) => line.step));
    const evidence = [...this.#incidents].flatMap(([step, row]) => (onChain.has(step) ? row.evidence : []));
    const totals = chain.state.get("totals", "");
    const reasons = [...this.#passedOver.values()];
    return {
      stepsWithBlock: lines.length,
      finalBlocks: finalSteps,
      finalWithinTwoSteps: waits.filter((w) => w <= 2).length,
      stepsUntilFinal: {
        mean: waits.length === 0 ? null : Number((sum(waits) / waits.length).toFixed(3)),
        most: waits.length === 0 ? null : Number(Math.max(...waits).toFixed(3)),
      },
      reorganisations: this.reorganisations,
      blocksReplaced: this.replaced,
      blocksByMember: blocks,
      takenOver: lines.filter((line) => line.rank > 0).length,
      strikes: rows.map((row) => row.strikes),
      barred: rows.flatMap((row, m) => (row.barred === null ? [] : [m])),
      passedOver: {
        forCandidates: reasons.filter((r) => r === "candidacy-omitted").length,
        forTicks: reasons.filter((r) => r === "tick-omitted").length,
        approvalsWithheld: this.#withheld.size,
      },
      evidence: evidence.length,
      confiscatedMwh: sum(evidence.map((e) => e.confiscated)),
      refusedMessages: Object.fromEntries([...this.refused].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      crashes: this.crashes,
      messages: this.messages,
      bytes: this.bytes,
      generatedMwh: totals?.generated ?? 0,
      distributedMwh: totals?.distributed ?? 0,
      head: chain.head.hash,
      final: chain.final.hash,
    };
  }
}

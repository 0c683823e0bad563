/**
 * The meters of this device (§IV.B.1): each a cryptometer whose journal is on disk before anything is signed. What is
 * to be signed follows from the journal and the ledger's register at the head, so lost messages, restarts and
 * reorganisations all mend themselves. Counting begins when the community has the generator in force.
 */
import { branded, encode, struct, text, uint, word, type Codec } from "../base/codec.ts";
import { publicKeyOf } from "../base/ed25519.ts";
import type { Refusal } from "../base/result.ts";
import type { GeneratorIndex, Millis, MilliwattHours, PublicKey, StepIndex } from "../base/units.ts";
import type { GeneratorTerms } from "../community/contract.ts";
import { endOf, startOf, stepAt } from "../community/market-step.ts";
import { bookedBy, maxPerStep } from "../ledger/energy.ts";
import { key, numberOf, type GeneratorRow } from "../ledger/rows.ts";
import { idOf, signTx, type Generation, type Transfer } from "../ledger/transaction.ts";
import {
  confirm,
  exchange,
  newCryptometer,
  onReading,
  onTime,
  writeDown,
  type Cryptometer,
  type CryptometerConfig,
  type CryptometerReading,
  type Outcome,
} from "../metering/cryptometer.ts";
import { pendingGenerations, prune, unbooked } from "../metering/generations.ts";
import { closeKey, encodeEntry, entryKey } from "../metering/journal.ts";
import type { Core } from "./core.ts";
import { encodeItem, itemIdOf } from "./messages.ts";

export type MeterTerms = Omit<GeneratorTerms, "owner" | "key" | "endorsement">;
export type Meter = {
  readonly id: string;
  readonly label: string;
  /** Which of the seed's cryptometer keys this is. */
  readonly keyNumber: number;
  readonly key: PublicKey;
  readonly secret: Uint8Array;
  readonly config: CryptometerConfig;
  readonly terms: MeterTerms;
  cryptometer: Cryptometer | null;
  refusal: Refusal | null;
};

type MeterRow = Pick<Meter, "label" | "keyNumber" | "config" | "terms">;
export const meterRowCodec: Codec<MeterRow> = struct({
  label: text(80),
  keyNumber: uint,
  config: struct({
    stepMs: uint,
    t0: branded<Millis>(),
    quantumMwh: branded<MilliwattHours>(),
    mode: word(["per-V", "per-step"] as const),
    tickMinMs: uint,
    graceMs: uint,
    journalMs: uint,
    pMaxW: uint,
    resolutionMwh: uint,
  }),
  terms: struct({ resolutionMwh: uint, pMinW: uint, mpePpm: uint, pMaxW: uint }),
});

export const makeMeter = (id: string, row: MeterRow, secret: Uint8Array): Meter => ({
  id,
  ...row,
  key: publicKeyOf(secret),
  secret,
  cryptometer: null,
  refusal: null,
});

export class Desk {
  readonly meters = new Map<string, Meter>();

  generatorOf(core: Core, meter: Meter): { index: GeneratorIndex; row: GeneratorRow } | null {
    const found = core.chain.state.scan("generator").find(([, row]) => row.terms.key === meter.key);
    return found ? { index: numberOf(found[0]) as GeneratorIndex, row: found[1] } : null;
  }
  add(core: Core, meter: Meter): void {
    this.meters.set(meter.id, meter);
    const { label, keyNumber, config, terms } = meter;
    core.out.commit("own", `meter/${meter.id}`, encode(meterRowCodec, { label, keyNumber, config, terms }));
  }
  forget(core: Core, id: string): void {
    const meter = this.meters.get(id);
    if (meter === undefined) return;
    this.meters.delete(id);
    core.out.commit("own", `meter/${id}`, null);
    core.out.commit("journal", `${id}/count`, null);
    for (const { step } of meter.cryptometer?.closes ?? []) core.out.commit("journal", `${id}/${closeKey(step)}`, null);
  }
  #take(core: Core, meter: Meter, outcome: Outcome): void {
    meter.cryptometer = outcome.state;
    meter.refusal = outcome.refusal;
    let sign = false;
    for (const effect of outcome.effects) {
      if (effect.kind === "journal")
        core.out.commit("journal", `${meter.id}/${entryKey(effect.entry)}`, encodeEntry(effect.entry));
      else sign = true;
    }
    if (sign) this.publish(core, meter);
  }
  reading(core: Core, id: string, reading: CryptometerReading): void {
    const meter = this.meters.get(id);
    if (meter === undefined) return;
    const generator = this.generatorOf(core, meter);
    if (generator === null) return;
    meter.cryptometer ??= newCryptometer(meter.config, generator.row.register);
    this.#take(core, meter, onReading(meter.cryptometer, reading));
    core.out.changed();
  }
  time(core: Core): void {
    for (const meter of this.meters.values()) {
      if (meter.cryptometer === null) continue;
      const outcome = onTime(meter.cryptometer, core.now);
      if (outcome.effects.length > 0) this.#take(core, meter, outcome);
    }
  }
  /** Everything that was counted is on disk after this: the reading ends. */
  writeDown(core: Core): void {
    for (const meter of this.meters.values())
      if (meter.cryptometer !== null) this.#take(core, meter, writeDown(meter.cryptometer));
  }
  /** @param from where another meter stands that is read from now on; null when the register itself had jumped. */
  confirm(core: Core, id: string, from: CryptometerReading | null): boolean {
    const meter = this.meters.get(id);
    if (meter !== undefined && from !== null) {
      // Before the generator is in force nothing was counted: the first reading begins it.
      if (meter.cryptometer !== null) this.#take(core, meter, exchange(meter.cryptometer, from));
      return true;
    }
    if (!meter?.cryptometer?.count?.stop) return false;
    this.#take(core, meter, confirm(meter.cryptometer));
    return true;
  }
  /** Signs and announces whatever the journal has and the head's ledger has not. */
  publish(core: Core, meter: Meter): void {
    const generator = this.generatorOf(core, meter);
    if (generator === null || meter.cryptometer === null) return;
    const { contract } = core;
    const currentStep = stepAt(contract, core.now);
    const oldest = Math.max(1, generator.row.joined, currentStep - contract.lateWindow);
    const pending = pendingGenerations(meter.cryptometer, {
      register: generator.row.register,
      currentStep,
      lateWindow: Math.max(0, currentStep - oldest),
      stepLimitMwh: maxPerStep(generator.row.terms.pMaxW, contract.stepMs, generator.row.terms.resolutionMwh),
      booked: (step) => bookedBy(core.chain.state, step, generator.index),
    });
    for (const { step, from, to, estimated } of pending) {
      this.#sign(core, meter, {
        generator: generator.index,
        step,
        from,
        to,
        estimated,
        at: this.#readAt(core, meter, step),
      });
    }
  }
  /** When the figure was read: now for the running step, T_i for one that is over. */
  #readAt(core: Core, meter: Meter, step: StepIndex): Millis {
    const end = endOf(core.contract, step);
    const at = meter.cryptometer?.journaled?.at ?? end;
    return at > startOf(core.contract, step) && at < end ? at : end;
  }
  #sign(core: Core, meter: Meter, body: Generation): void {
    const known = core.pool.ticks.get(body.generator) ?? [];
    if (known.some((t) => t.body.from === body.from && t.body.step === body.step && t.body.to >= body.to)) return;
    const { community } = core.chain;
    const generation = signTx({ kind: "generation", ...body }, body.generator, community, meter.secret);
    const transferBody: Transfer = { generator: body.generator, input: idOf(generation.body, community) };
    const transfer = signTx({ kind: "transfer", ...transferBody }, body.generator, community, meter.secret);
    // What was just signed here needs no check before it goes into a block of ours.
    for (const tx of [generation, transfer]) core.pool.signedBy.set(tx, [meter.key]);
    const item = { kind: "tick", generation, transfer } as const;
    const { taken, superseded } = core.pool.addTick({
      item: itemIdOf(encodeItem(item)),
      generation,
      transfer,
      body,
      heard: core.now,
    });
    if (!taken) return;
    for (const id of superseded) core.gossip.release(id);
    core.publish(item);
  }
  /** After the head moved: sign what is missing there, forget what is final. */
  headMoved(core: Core): void {
    for (const meter of this.meters.values()) this.publish(core, meter);
  }
  finalMoved(core: Core): void {
    const step = core.chain.final.header.step;
    const oldest = Math.max(1, step - core.contract.lateWindow) as StepIndex;
    for (const meter of this.meters.values()) {
      const generator = this.generatorOf(core, meter);
      if (generator === null || meter.cryptometer === null) continue;
      const pruned = prune(meter.cryptometer, this.#finalRegister(core, generator.index), oldest);
      meter.cryptometer = pruned.state;
      for (const s of pruned.forget) core.out.commit("journal", `${meter.id}/${closeKey(s)}`, null);
    }
  }
  /** What no reorganisation can take back. */
  #finalRegister(core: Core, index: GeneratorIndex): MilliwattHours {
    const { chain } = core;
    const view = chain.tree.viewAt(chain.state, chain.head, chain.final);
    return view.get("generator", key(index))?.register ?? (0 as MilliwattHours);
  }
  unbooked(core: Core, meter: Meter): number {
    const generator = this.generatorOf(core, meter);
    return meter.cryptometer === null || generator === null ? 0 : unbooked(meter.cryptometer, generator.row.register);
  }
}

/**
 * The meters of this device at work: serial port → decoder or dialogue → readings to the node, with what a screen says of each
 * (PROTOCOL.md §9). Bytes are read in the worker; the page only asked for permission.
 */
import { assert } from "../base/result.ts";
import { mwh, type Hash, type Millis, type MilliwattHours } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import { accuracyBudget, type Budget, type BudgetInput } from "../metering/accuracy.ts";
import type { CryptometerConfig } from "../metering/cryptometer.ts";
import { protocol } from "../metering/protocols.ts";
import { pulseResolution } from "../metering/pulses.ts";
import type { DecodeEvent, Decoder, Reading } from "../metering/reading.ts";
import { readMeter } from "../metering/sources/read-meter.ts";
import { serialFor, SerialError } from "../metering/sources/serial.ts";
import type { Meter, MeterTerms } from "../node/desk.ts";
import type { Core } from "../node/core.ts";
import { StoreError, type Store } from "../storage/store.ts";
import type { MeterSettings, MeterView } from "../port-meter.ts";
import type { MeterRole } from "../port-home.ts";
import { isProposed } from "./lookup.ts";
import { gridOf, importOf, needsOf, powerOf, registerOf } from "./meter-role.ts";
import { loadMeterIdentity, meterIdentityOp } from "./meter-identities.ts";
import { lineOf } from "./meter-settings.ts";
import { delayOn, type Clock } from "./runner.ts";

const WH = 1_000;
const SILENT_MS = 60_000;
/** The pulse constant, where it is pulses that are read. */
const countedBy = (s: MeterSettings): number | null => (protocol(s.protocol).counts ? s.impPerKwh : null);
const resolutionOf = (s: MeterSettings): number => {
  const counted = countedBy(s);
  return counted === null ? (s.resolutionMwh ?? WH) : pulseResolution(counted);
};

export const budgetInput = (
  s: Pick<MeterSettings, "phases" | "iMinMa" | "accuracyClass" | "impPerKwh">,
  resolutionMwh: number,
  stepMs: number,
  clockErrorMs: number,
): BudgetInput => {
  const { phases, iMinMa, accuracyClass, impPerKwh } = s;
  return { phases, iMinMa, accuracyClass, stepMs, resolutionMwh, impPerKwh, clockErrorMs };
};

export const budgetOf = (s: MeterSettings, stepMs: number, clockErrorMs: number): Budget =>
  accuracyBudget(budgetInput({ ...s, impPerKwh: countedBy(s) }, resolutionOf(s), stepMs, clockErrorMs));

/** The cryptometer's configuration and the generator's terms that follow from the meter's marking (§IV.B.1). */
export const termsFor = (s: MeterSettings, contract: Contract): { config: CryptometerConfig; terms: MeterTerms } => {
  const budget = budgetOf(s, contract.stepMs, 0);
  const resolutionMwh = resolutionOf(s);
  const quick = contract.stepMs < 60_000;
  return {
    config: {
      stepMs: contract.stepMs,
      t0: contract.t0,
      quantumMwh: mwh(Math.max(1, budget.quantumMwh)),
      mode: contract.metering,
      tickMinMs: quick ? 1_000 : 5_000,
      // The first reading after T_i says what belongs before it; past this the block would not wait.
      graceMs: Math.floor((contract.publishDelayMs * 3) / 4),
      journalMs: 5_000,
      pMaxW: s.pMaxW,
      resolutionMwh,
    },
    terms: { resolutionMwh, pMinW: Math.floor(budget.pMinMw / 1_000), mpePpm: budget.mpePpm, pMaxW: s.pMaxW },
  };
};

/** What another meter than the paired one said last. */
export type OtherMeter = {
  readonly role: MeterRole;
  readonly identity: Hash;
  readonly exported: MilliwattHours | null;
  readonly imported: MilliwattHours | null;
  readonly at: Millis;
};

type Live = {
  readonly settings: MeterSettings;
  readonly role: MeterRole;
  readonly stop: AbortController;
  /** Resolves when its port is closed. */
  ended: Promise<void>;
  state: "waiting-port" | "listening" | "unplugged";
  readonly decoder: Decoder;
  reading: Reading | null;
  lastAt: number | null;
  liveW: number | null;
  refused: number;
  /** Why the last telegram that was refused was: it stays beside its count. */
  refusal: string | null;
  /** What is wrong with the port, until a telegram comes through. */
  portTrouble: string | null;
  /** Whose readings are counted; null until a meter has said who it is. */
  identity: Hash | null;
  /** Another meter answers, and nothing is counted until the owner confirms it or the own one is back. */
  other: OtherMeter | null;
};
export type MetersOptions = {
  readonly core: Core;
  readonly clock: Clock;
  readonly store: Pick<Store, "get" | "commit">;
  readonly onStoreError: (error: StoreError) => void;
  /** Of this device: hides the meters' serial numbers. */
  readonly salt: Uint8Array;
  readonly onReading: (meter: string, register: MilliwattHours, at: number, counter: Reading["counter"]) => void;
  /** What came from the grid: for this device only. */
  readonly onImport: (
    meter: string,
    register: MilliwattHours,
    at: number,
    counter: Reading["counter"],
    role: MeterRole,
  ) => void;
  /** Where a consumption meter's pulses stood; a generation meter's are in its journal. */
  readonly counterOf: (meter: string) => Reading["counter"];
  readonly onChange: () => void;
};

/** Said once when a port is opened in the middle of a telegram: nothing is wrong. */
const HARMLESS = new Set(["no-start", "cut-short"]);

export class Meters {
  readonly #o: MetersOptions;
  readonly #live = new Map<string, Live>();
  constructor(options: MetersOptions) {
    this.#o = options;
  }
  open(id: string, settings: MeterSettings): void {
    this.close(id);
    const live: Live = {
      settings,
      role: settings.role ?? "generation",
      stop: new AbortController(),
      ended: Promise.resolve(),
      state: "waiting-port",
      decoder: this.#decoder(id, settings),
      reading: null,
      lastAt: null,
      liveW: null,
      refused: 0,
      refusal: null,
      portTrouble: null,
      identity: null,
      other: null,
    };
    this.#live.set(id, live);
    live.ended = this.#read(id, live);
  }
  close(id: string): void {
    this.#live.get(id)?.stop.abort();
    this.#live.delete(id);
  }
  closeAll(): void {
    for (const id of this.#live.keys()) this.close(id);
  }
  /** As {@link closeAll}; resolves when no port is open any more and nothing is decoded. */
  async stopAll(): Promise<void> {
    const ended = [...this.#live.values()].map((live) => live.ended);
    this.closeAll();
    await Promise.all(ended);
  }
  #decoder(id: string, settings: MeterSettings): Decoder {
    const resume = this.#o.core.desk.meters.get(id)?.cryptometer?.count?.counter ?? this.#o.counterOf(id);
    const impPerKwh = settings.impPerKwh ?? 1_000;
    const needs = needsOf(settings.role ?? "generation");
    return protocol(settings.protocol).decoder({ salt: this.#o.salt, needs, impPerKwh, resume, live: true });
  }
  async #read(id: string, live: Live): Promise<void> {
    const { clock } = this.#o;
    const { settings, stop, decoder } = live;
    try {
      live.identity = await loadMeterIdentity(this.#o.store, id, live.role);
      await readMeter(
        {
          serial: await serialFor(settings.via),
          port: settings.port,
          protocol: settings.protocol,
          line: lineOf(settings),
          pulseInput: settings.pulseInput ?? "rx",
          needs: needsOf(live.role),
          salt: this.#o.salt,
          decoder,
          delay: delayOn(clock),
          now: () => clock.now(),
          onDecoded: (events) => this.#take(id, live, events),
          onState: (state) => {
            live.state = state;
            this.#o.onChange();
          },
          onTrouble: (code) => {
            live.portTrouble = code;
            this.#o.onChange();
          },
        },
        stop.signal,
      );
    } catch (error) {
      if (error instanceof StoreError) return this.#o.onStoreError(error);
      if (!(error instanceof SerialError)) throw error;
      live.state = "waiting-port";
      live.portTrouble = error.code;
      this.#o.onChange();
    }
  }
  #take(id: string, live: Live, events: readonly DecodeEvent[]): void {
    const at = this.#o.clock.now();
    for (const event of events) {
      if (event.kind === "refused") {
        if (HARMLESS.has(event.refusal.code) && live.reading === null) continue;
        live.refused += 1;
        live.refusal = event.refusal.code;
        continue;
      }
      this.#counted(id, live, event.reading, at);
    }
    this.#o.onChange();
  }
  #counted(id: string, live: Live, reading: Reading, at: Millis): void {
    const { role } = live;
    const register = registerOf(reading, role);
    assert(register !== null, "a telegram without the register that its meter is for is refused by the decoder");
    if (!this.#isOwn(id, live, reading, at)) return;
    const before = live.reading === null ? null : registerOf(live.reading, role);
    const gained =
      before === null || live.lastAt === null || at <= live.lastAt
        ? null
        : ((register - before) * 3_600) / (at - live.lastAt);
    live.liveW = powerOf(reading, role) ?? (gained === null ? live.liveW : Math.max(0, Math.round(gained)));
    live.reading = reading;
    live.lastAt = at;
    live.portTrouble = null;
    const imported = importOf(reading, role);
    const { counter } = reading;
    if (role === "generation") this.#o.onReading(id, register, at, counter);
    if (imported !== null) this.#o.onImport(id, imported, at, role === "consumption" ? counter : null, role);
  }
  /**
   * Whether the reading is the paired meter's. One that does not say whose it is belongs to the meter that answered last:
   * some send their serial number with few of their telegrams, pulses never.
   */
  #isOwn(id: string, live: Live, reading: Reading, at: Millis): boolean {
    const { role } = live;
    const { identity, exportMwh } = reading;
    if (identity === null) return live.other === null;
    if (live.identity === null) {
      live.identity = identity;
      if (this.#live.get(id) === live) void this.#remember(id, role, identity);
    }
    if (identity === live.identity) {
      live.other = null;
      return true;
    }
    const exported = role === "generation" ? exportMwh : null;
    live.other = { role, identity, exported, imported: importOf(reading, role), at };
    // What the other one shows is not this meter's, and what this one showed is not now.
    live.reading = null;
    live.liveW = null;
    live.portTrouble = null;
    return false;
  }
  async #remember(id: string, role: MeterRole, identity: Hash): Promise<void> {
    try {
      await this.#o.store.commit([meterIdentityOp(id, role, identity)]);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#o.onStoreError(error);
    }
  }
  /** The other meter that answers in this one's place; null when none does. */
  otherAt(id: string): OtherMeter | null {
    const live = this.#live.get(id);
    return live?.state === "listening" ? live.other : null;
  }
  /** It is the paired one from now on. @throws StoreError when the disk refuses. */
  async takeOther(id: string, { role, identity }: OtherMeter): Promise<void> {
    await this.#o.store.commit([meterIdentityOp(id, role, identity)]);
    const live = this.#live.get(id);
    if (live === undefined) return;
    live.identity = identity;
    live.other = null;
    this.#o.onChange();
  }
  views(clockErrorMs: number): MeterView[] {
    const { core, clock } = this.#o;
    const now = clock.now();
    return [...this.#live].flatMap(([id, live]) => {
      if (live.role === "consumption") return [consumptionView(id, live, now)];
      const meter = core.desk.meters.get(id);
      return meter === undefined ? [] : [meterView(core, meter, live, now, clockErrorMs)];
    });
  }
}

const stateOf = (meter: Meter | null, live: Live, now: number): MeterView["state"] => {
  if (live.other !== null && live.state === "listening") return "other-meter";
  if ((meter?.cryptometer?.count?.stop ?? null) !== null) return "stopped";
  if (live.state !== "listening") return live.state;
  if (live.lastAt === null) return "listening";
  return now - live.lastAt > SILENT_MS ? "silent" : "counting";
};

const meterView = (core: Core, meter: Meter, live: Live, now: number, clockErrorMs: number): MeterView => {
  const generator = core.desk.generatorOf(core, meter);
  const budget = budgetOf(live.settings, core.contract.stepMs, clockErrorMs);
  const count = meter.cryptometer?.count;
  const stop = count?.stop;
  const state = stateOf(meter, live, now);
  return {
    id: meter.id,
    label: meter.label,
    protocol: live.settings.protocol,
    state,
    registerMwh: live.reading?.exportMwh ?? null,
    liveW: state === "counting" ? live.liveW : null,
    lastReading: live.lastAt,
    generator: generator?.index ?? null,
    registered: generator !== null ? "yes" : isProposed(core, meter.key) ? "proposed" : "no",
    quantumMwh: budget.quantumMwh,
    resolutionMwh: meter.terms.resolutionMwh,
    meetsBudget: budget.meets,
    refusedTelegrams: live.refused,
    lastRefusal: stop?.code ?? live.portTrouble ?? live.refusal,
    stop: stop === null || stop === undefined ? null : { beforeMwh: count?.meterMwh ?? 0, nowMwh: stop.meterMwh },
    countedNotBookedMwh: core.desk.unbooked(core, meter),
    role: live.role,
    grid: gridOf(live.reading, live.role, live.liveW),
  };
};

/** A household's own meter: no key, no generator, nothing to agree on. */
const consumptionView = (id: string, live: Live, now: number): MeterView => {
  const state = stateOf(null, live, now);
  const liveW = state === "counting" ? live.liveW : null;
  return {
    id,
    label: live.settings.label,
    protocol: live.settings.protocol,
    state,
    registerMwh: live.reading === null ? null : registerOf(live.reading, live.role),
    liveW,
    lastReading: live.lastAt,
    generator: null,
    registered: "no",
    quantumMwh: 0,
    resolutionMwh: resolutionOf(live.settings),
    meetsBudget: true,
    refusedTelegrams: live.refused,
    lastRefusal: live.portTrouble ?? live.refusal,
    stop: null,
    countedNotBookedMwh: 0,
    role: live.role,
    grid: gridOf(live.reading, live.role, liveW),
  };
};

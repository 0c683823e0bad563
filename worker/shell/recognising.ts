/**
 * Finding out what speaks on a port before its meter is paired: one setting after the other, then whatever was found
 * goes on live, so that the member compares it with the meter. One port at a time; it is closed whenever this ends.
 * Knows no community and writes nothing.
 */
import { lineAt, probePlan, protocol, type Probe } from "../metering/protocols.ts";
import type { DecodeEvent, Protocol, PulseCounter } from "../metering/reading.ts";
import type { Recognition } from "../metering/recognise.ts";
import { probePort } from "../metering/sources/probing.ts";
import { readMeter } from "../metering/sources/read-meter.ts";
import { serialFor, SerialError, type SerialLike } from "../metering/sources/serial.ts";
import type { ListenAsk, ListeningView, LiveView, ProbeView, Recognised } from "../port-meter.ts";
import { delayOn, type Clock } from "./runner.ts";

/** Nobody looks at a number for longer: a tab that was closed meanwhile does not keep the port for ever. */
const LIVE_MS = 15 * 60_000;
/** A pulse may be this far from the next one: 180 W at 1,000 imp/kWh. */
const PULSE_LISTEN_MS = 20_000;
/** Said once when a port is opened in the middle of a telegram: nothing is wrong. */
const HARMLESS = new Set(["no-start", "cut-short"]);
const NO_LIVE: LiveView = {
  exportMwh: null,
  importMwh: null,
  resolutionMwh: null,
  powerExportW: null,
  powerImportW: null,
  pulses: null,
  telegrams: 0,
  refused: 0,
  lastRefusal: null,
  lastAt: null,
};
/** A counter's lines say its constant; whatever it is, pulses are counted alike. */
const ANY_CONSTANT = 1_000;

const planFor = (only: ListenAsk["only"]): Probe[] => {
  const all = probePlan().map((probe) =>
    probe.protocols.includes("pulse") ? { ...probe, listenMs: PULSE_LISTEN_MS } : probe,
  );
  return only === null ? all : all.filter(({ protocols }) => protocols.some((name) => only.includes(name)));
};

const probeView = (probe: Probe): ProbeView => ({
  line: probe.line,
  protocols: probe.protocols,
  asks: probe.asks !== null,
  ms: probe.listenMs,
  state: "waiting",
});

const recognised = (recognition: Recognition, probe: Probe): Recognised => {
  const base = {
    line: probe.line,
    pulseInput: "rx",
    impPerKwh: null,
    protocol: null,
    refusal: null,
    registers: null,
  } as const;
  switch (recognition.kind) {
    case "meter": {
      const { protocol: name, refusal, registers, impPerKwh } = recognition;
      return { ...base, kind: "meter", protocol: name, refusal: refusal?.code ?? null, registers, impPerKwh };
    }
    case "encrypted":
      return { ...base, kind: "encrypted", protocol: recognition.protocol, refusal: recognition.refusal.code };
    case "almost":
      return { ...base, kind: "almost", protocol: recognition.protocol };
    case "pulses":
      return { ...base, kind: "pulses", protocol: "pulse" };
    default:
      return { ...base, line: null, kind: recognition.kind };
  }
};

/** What to tell when nothing was found: the most that was heard anywhere. */
const ORDER = ["encrypted", "almost", "wrong-settings", "nothing"] as const;
const best = (all: readonly Recognised[]): Recognised | null =>
  ORDER.flatMap((kind) => all.filter((one) => one.kind === kind))[0] ?? null;

const isFound = ({ kind }: Recognised): boolean => kind === "meter" || kind === "pulses" || kind === "encrypted";

export type RecogniserOptions = { readonly clock: Clock; readonly onChange: () => void };

export class Recogniser {
  readonly #o: RecogniserOptions;
  #view: ListeningView | null = null;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: RecogniserOptions) {
    this.#o = options;
  }
  get view(): ListeningView | null {
    return this.#view;
  }
  /** Whatever was listened to before is closed first. */
  async start(ask: ListenAsk): Promise<void> {
    await this.stop();
    const stop = new AbortController();
    this.#stop = stop;
    const { via, port, only, as } = ask;
    const probes = as === null ? planFor(only).map(probeView) : [];
    const since = this.#o.clock.now();
    this.#view = { via, port, state: "probing", probes, since, bytes: 0, trouble: null, found: null, live: null };
    this.#o.onChange();
    this.#running = this.#run(ask, stop.signal);
  }
  /** Resolves once the port is closed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#view = null;
    this.#o.onChange();
  }
  #change(part: Partial<ListeningView>): void {
    if (this.#view !== null) this.#view = { ...this.#view, ...part };
    this.#o.onChange();
  }
  #mark(at: number, state: ProbeView["state"]): void {
    const probes = this.#view?.probes.map((probe, i) => (i === at ? { ...probe, state } : probe)) ?? [];
    this.#change({ probes });
  }
  async #run(ask: ListenAsk, signal: AbortSignal): Promise<void> {
    try {
      const serial = await serialFor(ask.via);
      const found = ask.as === null ? await this.#find(serial, ask, signal) : taken(ask.as);
      if (signal.aborted) return;
      const { protocol: name } = found ?? { protocol: null };
      if (found === null || name === null || !(found.kind === "meter" || found.kind === "pulses"))
        return this.#change({ state: "done", found });
      this.#change({ state: "live", found, live: NO_LIVE });
      await this.#live(serial, ask, { ...found, protocol: name }, signal);
      if (!signal.aborted) this.#change({ state: "done" });
    } catch (error) {
      if (!(error instanceof SerialError)) throw error;
      this.#change({ state: "done", trouble: error.code });
    }
  }
  async #find(serial: SerialLike, ask: ListenAsk, signal: AbortSignal): Promise<Recognised | null> {
    const { clock } = this.#o;
    const heard: Recognised[] = [];
    let silent = false;
    for (const [at, probe] of planFor(ask.only).entries()) {
      // Where nothing at all came, nothing comes at another speed: only what is asked may speak, or pulse.
      if (silent && probe.asks === null && !probe.protocols.includes("pulse")) {
        this.#mark(at, "skipped");
        continue;
      }
      this.#change({ since: clock.now(), bytes: 0 });
      this.#mark(at, "running");
      const { recognition, speaks, trouble } = await probePort(
        {
          serial,
          port: ask.port,
          probe,
          delay: delayOn(clock),
          now: () => clock.now(),
          onBytes: (bytes) => this.#change({ bytes }),
        },
        signal,
      );
      if (signal.aborted) return null;
      this.#mark(at, recognition.kind);
      if (trouble !== null) {
        this.#change({ trouble });
        return null;
      }
      const one = recognised(recognition, probe);
      if (isFound(one)) return one;
      heard.push(one);
      silent = heard.length === 1 && !speaks && recognition.kind === "nothing" ? true : silent && !speaks;
    }
    return best(heard);
  }
  async #live(
    serial: SerialLike,
    { port }: ListenAsk,
    found: Recognised & { readonly protocol: Protocol },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#o;
    const { protocol: name } = found;
    const enough = new AbortController();
    const cancel = clock.at(clock.now() + LIVE_MS, () => enough.abort());
    let first: PulseCounter | null = null;
    const take = (events: readonly DecodeEvent[]): void => {
      for (const event of events) {
        const live = this.#view?.live ?? NO_LIVE;
        if (event.kind === "refused") {
          if (HARMLESS.has(event.refusal.code)) continue;
          this.#change({ live: { ...live, refused: live.refused + 1, lastRefusal: event.refusal.code } });
          continue;
        }
        const { counter, exportMwh, importMwh, resolutionMwh, powerExportW, powerImportW } = event.reading;
        // What a raw pulse decoder sees first is a pulse already; a counter's first line says where it stood.
        first ??= counter === null ? null : name === "pulse" ? { ...counter, total: 0 } : counter;
        const pulses = counter === null || first === null ? null : counter.total - first.total;
        const register = counter === null ? { exportMwh, importMwh, resolutionMwh } : {};
        const power = counter === null ? { powerExportW, powerImportW } : {};
        const telegrams = live.telegrams + 1;
        this.#change({ live: { ...live, ...register, ...power, pulses, telegrams, lastAt: clock.now() } });
      }
    };
    const impPerKwh = found.impPerKwh ?? ANY_CONSTANT;
    await readMeter(
      {
        serial,
        port,
        protocol: name,
        line: found.line ?? lineAt(name, protocol(name).lines[0]?.baudRate ?? 9_600),
        pulseInput: found.pulseInput,
        needs: "either",
        salt: null,
        decoder: protocol(name).decoder({ salt: null, needs: "either", impPerKwh, resume: null, live: true }),
        delay: delayOn(clock),
        now: () => clock.now(),
        onDecoded: take,
        onState: (state) => this.#change({ trouble: state === "listening" ? null : "port-missing" }),
        onTrouble: (trouble) => this.#change({ trouble }),
      },
      AbortSignal.any([signal, enough.signal]),
    );
    cancel();
  }
}

const taken = (as: NonNullable<ListenAsk["as"]>): Recognised => {
  const { protocol: name, pulseInput, baudRate, dataBits, parity } = as;
  const line = { baudRate, dataBits, parity };
  const kind = name === "pulse" ? "pulses" : "meter";
  return { kind, protocol: name, line, pulseInput, refusal: null, registers: null, impPerKwh: null };
};

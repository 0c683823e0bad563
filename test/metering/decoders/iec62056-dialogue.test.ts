/** The dialogue of IEC 62056-21 with virtual meters of each mode, in virtual time: what is sent, when, at which rate. */
import { describe, expect, test } from "vitest";
import { millis } from "../../../worker/base/units.ts";
import {
  iecDialogue,
  RETRY_MS,
  SIGN_ON_LINE,
  type IecDialogueOptions,
} from "../../../worker/metering/decoders/iec62056-dialogue.ts";
import type { DialogueAction } from "../../../worker/metering/dialogue.ts";
import { latin1 } from "../../../worker/metering/latin1.ts";
import type { DecodeEvent } from "../../../worker/metering/reading.ts";
import { virtualIecMeter, type IecMeter, type IecMeterOptions } from "../../../worker/metering/virtual/iec.ts";
import { expectSentences, readings, refusals } from "./events.ts";

type Happening = { readonly at: number; readonly run: () => void };

/** The reader, a port and a meter on one clock. A byte takes ten bits at its rate. */
class Bench {
  now = 0;
  baudRate = SIGN_ON_LINE.baudRate;
  readonly sent: string[] = [];
  readonly rates: number[] = [];
  readonly events: DecodeEvent[] = [];
  readonly #dialogue;
  readonly #meter: IecMeter;
  #queue: Happening[] = [];
  #wait: Happening | null = null;
  #leavesAt = 0;

  constructor(meter: IecMeter, options: Partial<IecDialogueOptions> = {}) {
    this.#meter = meter;
    this.#dialogue = iecDialogue({ salt: null, pauseMs: 10_000, ...options });
    this.#act(this.#dialogue.start());
  }

  #take(ms: number, run: () => void): void {
    this.#queue.push({ at: this.now + ms, run });
  }

  #act(actions: readonly DialogueAction[]): void {
    for (const action of actions) {
      if (action.kind === "send") this.#send(action.bytes);
      else if (action.kind === "line") {
        this.rates.push(action.settings.baudRate);
        this.baudRate = action.settings.baudRate;
      } else if (action.kind === "wait") {
        this.#wait = { at: this.now + action.ms, run: () => this.#act(this.#dialogue.elapsed()) };
      } else this.events.push(action);
    }
  }

  #send(bytes: Uint8Array): void {
    this.sent.push(latin1(bytes));
    const rate = this.baudRate;
    this.#leavesAt = Math.max(this.now, this.#leavesAt) + Math.ceil((bytes.length * 10_000) / rate);
    this.#take(this.#leavesAt - this.now, () => {
      for (const answer of this.#meter.receive(bytes, rate))
        this.#answer(answer.bytes, answer.baudRate, answer.afterMs);
    });
  }

  /** In pieces of 20 ms; at another rate than the port's it is rubbish. */
  #answer(bytes: Uint8Array, rate: number, afterMs: number): void {
    const perPiece = Math.max(1, Math.floor(rate / 500));
    for (let from = 0; from < bytes.length; from += perPiece) {
      this.#take(afterMs + Math.ceil((from * 10_000) / rate) + 20, () => {
        const piece = bytes.slice(from, from + perPiece);
        this.#act(this.#dialogue.push(rate === this.baudRate ? piece : piece.map((byte) => byte ^ 0x5b)));
      });
    }
  }

  run(untilMs: number): this {
    for (;;) {
      const all = [...this.#queue, ...(this.#wait === null ? [] : [this.#wait])].sort((a, b) => a.at - b.at);
      const next = all[0];
      if (next === undefined || next.at > untilMs) return this;
      this.now = next.at;
      if (next === this.#wait) this.#wait = null;
      else this.#queue = this.#queue.filter((other) => other !== next);
      next.run();
    }
  }
}

let register = 0;
const readout = () => ({
  exportMwh: (register += 1_000_000),
  importMwh: 5_000_000,
  powerExportW: 1_200,
  powerImportW: 0,
  at: millis(1_600_000_000_000),
});
const meter = (options: Partial<IecMeterOptions> = {}): IecMeter => virtualIecMeter({ readout, ...options });
const MUTE: IecMeter = { receive: () => [] };

describe("mode C", () => {
  test.each([
    ["0", []],
    ["4", [4_800, 300]],
    ["5", [9_600, 300]],
    ["6", [19_200, 300]],
  ])("offers rate %s: sign-on at 300, acknowledged, changed, read, and back to 300", (z, rates) => {
    const bench = new Bench(meter({ z })).run(20_000);
    expect(bench.sent.slice(0, 2)).toEqual(["/?!\r\n", `\x060${z}0\r\n`]);
    expect(bench.rates.slice(0, 2)).toEqual(rates);
    expect([readings(bench.events).length > 0, refusals(bench.events)]).toEqual([true, []]);
  });

  test("is asked again after the pause, with less than a minute between two readings at 9600 baud", () => {
    const bench = new Bench(meter()).run(60_000);
    expect(readings(bench.events).length).toBeGreaterThanOrEqual(4);
    expect(refusals(bench.events)).toEqual([]);
  });

  test("the echo of an optical head is not the meter's answer", () => {
    const bench = new Bench(meter({ echo: true })).run(20_000);
    expect([readings(bench.events).length > 0, refusals(bench.events)]).toEqual([true, []]);
  });

  test("an address is sent where one is given, and another meter's address is not answered", () => {
    expect(new Bench(meter({ address: "42" }), { address: "42" }).run(20_000).sent[0]).toBe("/?42!\r\n");
    expect(readings(new Bench(meter({ address: "42" }), { address: "43" }).run(20_000).events)).toEqual([]);
  });
});

describe("the other modes", () => {
  test.each(["A", "C", "E"])("mode B (%s): the meter changes by itself, nothing is acknowledged", (z) => {
    const bench = new Bench(meter({ z })).run(20_000);
    expect(bench.sent[0]).toBe("/?!\r\n");
    expect(bench.sent.some((text) => text.startsWith("\x06"))).toBe(false);
    expect([readings(bench.events).length > 0, refusals(bench.events)]).toEqual([true, []]);
  });

  test("mode A: the block follows the name at 300 baud", () => {
    const bench = new Bench(meter({ z: "*" })).run(30_000);
    expect(bench.rates).toEqual([]);
    expect(readings(bench.events).length).toBeGreaterThan(0);
  });
});

describe("when it fails", () => {
  test("no answer: said each time, tried ever more slowly, with zeros to wake the meter in one of three", () => {
    const bench = new Bench(MUTE).run(120_000);
    expect(new Set(refusals(bench.events))).toEqual(new Set(["no-answer"]));
    expectSentences(bench.events);
    expect(bench.sent.slice(0, 4)).toEqual(["/?!\r\n", "/?!\r\n", "\0".repeat(40), "/?!\r\n"]);
    // After the first attempts there is half a minute between two.
    expect(bench.events.length).toBeLessThan(120_000 / RETRY_MS[3]);
  });

  test("a meter that ignores the acknowledged rate is read at 300 in the end", () => {
    const inner = meter();
    const stubborn: IecMeter = {
      receive: (bytes, rate) => inner.receive(bytes, rate).map((answer) => ({ ...answer, baudRate: 300 })),
    };
    const bench = new Bench(stubborn).run(90_000);
    expect(readings(bench.events).length).toBeGreaterThan(0);
  });

  test("a damaged block is refused and asked for again soon", () => {
    const inner = meter();
    let first = true;
    const noisy: IecMeter = {
      receive: (bytes, rate) =>
        inner.receive(bytes, rate).map((answer) => {
          if (answer.bytes[0] !== 2 || !first) return answer;
          first = false;
          return { ...answer, bytes: answer.bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) };
        }),
    };
    const bench = new Bench(noisy).run(15_000);
    expect(refusals(bench.events)).toEqual(["bad-checksum"]);
    expect(readings(bench.events)).toHaveLength(1);
  });

  test("a name and then nothing is said, and the port's loss refuses what was begun", () => {
    const inner = meter();
    const silent: IecMeter = {
      receive: (bytes, rate) => inner.receive(bytes, rate).filter((a) => a.bytes[0] === 0x2f),
    };
    expect(refusals(new Bench(silent).run(10_000).events)).toContain("no-answer");
    const dialogue = iecDialogue({ salt: null });
    dialogue.start();
    dialogue.push(Uint8Array.from("/ABC0x\r\n", (char) => char.charCodeAt(0)));
    dialogue.push(Uint8Array.from("\x021.8.0(1.0*kWh)\r\n2.8.", (char) => char.charCodeAt(0)));
    expect(refusals(dialogue.end().filter((action): action is DecodeEvent => action.kind === "refused"))).toEqual([
      "cut-short",
    ]);
    expect([dialogue.elapsed(), dialogue.push(Uint8Array.of(1))]).toEqual([[], []]);
    expect(dialogue.start()[0]).toMatchObject({ kind: "send" });
  });
});

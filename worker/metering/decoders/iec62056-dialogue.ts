/**
 * The dialogue of IEC 62056-21 §6.3 and §6.4, reader's side: sign on at 300 baud 7E1 with `/?!`, read the meter's name
 * and its baud rate's character, answer in mode C with ACK 0 Z 0, change to that rate, read the block, and begin again
 * after a pause. Modes A (stays at 300) and B (changes by itself) are recognised by that character. An optical head may
 * echo what we send. Knows nothing of ports and of the block's meaning.
 *
 *   Z  0..6 mode C  300 600 1200 2400 4800 9600 19200     A..F mode B  600 1200 2400 4800 9600 19200     else mode A
 *
 * Three ways of asking, each tried when the one before failed, the one that worked kept: changing the rate 300 ms after
 * the acknowledgement, as most programs do; 220 ms after it, for meters that answer within 20 ms (a small third letter);
 * and with the zeros that wake battery meters, staying at 300 baud, for heads and ports that cannot change.
 */
import { latin1, latin1Bytes } from "../latin1.ts";
import { line7e1 } from "../line.ts";
import { refused, type DecodeEvent, type TelegramOptions } from "../reading.ts";
import type { Dialogue, DialogueAction } from "../dialogue.ts";
import { iecDecoder } from "./iec62056.ts";

export type IecDialogueOptions = TelegramOptions & {
  /** Only where several meters share a line; on a head there is one. */
  readonly address?: string;
  /** From the end of a readout to the next sign-on. Readings more than a minute apart are not interpolated. */
  readonly pauseMs?: number;
};

export const SIGN_ON_LINE = line7e1(300);
const MODE_C = [300, 600, 1_200, 2_400, 4_800, 9_600, 19_200] as const;
const MODE_B: Readonly<Record<string, number>> = { A: 600, B: 1_200, C: 2_400, D: 4_800, E: 9_600, F: 19_200 };

const PAUSE_MS = 15_000;
/** The request takes 200 ms to leave, the meter 1,500 to answer, its name some 700. */
const NAME_MS = 4_000;
/** Without a byte for so long a readout is over (§6.3.14: 1,500 ms between two characters). */
const SILENT_MS = 3_000;
/** Forty zeros at 300 baud and the 1.5 s pause after them (annex A.3 of the standard). */
const WAKE_MS = 3_000;
const WAKE = new Uint8Array(40);
const SWITCH_MS = [300, 220] as const;
const WAYS = 3;
export const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** A name is at most 23 characters; more than this is no name. */
const MAX_NAME_BYTES = 256;

const ACK = 0x06;
const NAME = /\/([A-Za-z]{3})([\x21-\x7e])([\x20-\x7e]{0,40})\r?\n/;

const NO_ANSWER =
  "The meter does not answer; put the optical head on its interface with the cable pointing down, and check that it is a head that sends and receives.";
const NO_DATA =
  "The meter gave its name but not its readout; move the head a little, and if it goes on report the meter's type to the project.";

type State = "closed" | "waking" | "named" | "switching" | "reading" | "resting";

type Plan = { readonly baudRate: number; readonly acknowledge: string | null };

/** What the baud rate's character means, and what is answered. `stay`: ask a mode C meter to remain at 300. */
const planFor = (z: string, stay: boolean): Plan => {
  const fast = /^[0-6]$/.test(z) ? MODE_C[Number(z)] : undefined;
  if (fast !== undefined) return { baudRate: stay ? 300 : fast, acknowledge: stay ? "0" : z };
  return { baudRate: MODE_B[z] ?? 300, acknowledge: null };
};

class IecDialogue implements Dialogue {
  readonly opening = SIGN_ON_LINE;
  readonly #decoder;
  readonly #request: Uint8Array;
  readonly #pauseMs: number;
  #state: State = "closed";
  #way = 0;
  #failures = 0;
  #baudRate = SIGN_ON_LINE.baudRate;
  #next = SIGN_ON_LINE.baudRate;
  #name = "";

  constructor(options: IecDialogueOptions) {
    this.#decoder = iecDecoder({ salt: options.salt, needs: options.needs ?? "export" });
    this.#request = latin1Bytes(`/?${options.address ?? ""}!\r\n`);
    this.#pauseMs = options.pauseMs ?? PAUSE_MS;
  }

  start(): DialogueAction[] {
    this.#baudRate = SIGN_ON_LINE.baudRate;
    return this.#ask();
  }

  push(bytes: Uint8Array): DialogueAction[] {
    if (this.#state === "named") return this.#listenForName(bytes);
    if (this.#state === "reading" || this.#state === "switching") return this.#read(bytes);
    return [];
  }

  elapsed(): DialogueAction[] {
    switch (this.#state) {
      case "waking":
        return this.#signOn();
      case "named":
        return this.#fail([refused("no-answer", NO_ANSWER)]);
      case "switching":
        this.#state = "reading";
        return [...this.#line(this.#next), { kind: "wait", ms: SILENT_MS }];
      case "reading": {
        const events = this.#decoder.end();
        return this.#fail(events.length === 0 ? [refused("no-answer", NO_DATA)] : events);
      }
      case "resting":
        return this.#ask();
      case "closed":
        return [];
    }
  }

  end(): DialogueAction[] {
    const reading = this.#state === "reading" || this.#state === "switching";
    this.#state = "closed";
    this.#name = "";
    const events = this.#decoder.end();
    return reading ? events : [];
  }

  #line(baudRate: number): DialogueAction[] {
    if (baudRate === this.#baudRate) return [];
    this.#baudRate = baudRate;
    return [{ kind: "line", settings: { ...SIGN_ON_LINE, baudRate } }];
  }

  #ask(): DialogueAction[] {
    this.#decoder.end();
    if (this.#way < WAYS - 1) return this.#signOn();
    this.#state = "waking";
    return [
      { kind: "send", bytes: WAKE },
      { kind: "wait", ms: WAKE_MS },
    ];
  }

  #signOn(): DialogueAction[] {
    this.#state = "named";
    this.#name = "";
    return [
      { kind: "send", bytes: this.#request },
      { kind: "wait", ms: NAME_MS },
    ];
  }

  #listenForName(bytes: Uint8Array): DialogueAction[] {
    this.#name = (this.#name + latin1(bytes.map((byte) => byte & 0x7f))).slice(-MAX_NAME_BYTES);
    const match = NAME.exec(this.#name);
    if (match === null) return [];
    const rest = this.#name.slice(match.index + match[0].length);
    this.#name = "";
    const plan = planFor(match[2] ?? "", this.#way === WAYS - 1);
    this.#next = plan.baudRate;
    const actions: DialogueAction[] = [];
    if (plan.acknowledge !== null) {
      const answer = [ACK, 0x30, plan.acknowledge.charCodeAt(0), 0x30, 0x0d, 0x0a];
      actions.push({ kind: "send", bytes: Uint8Array.from(answer) });
    }
    if (plan.baudRate === this.#baudRate) {
      this.#state = "reading";
      actions.push({ kind: "wait", ms: SILENT_MS });
      // In mode A the block follows its name at once, perhaps in the same piece.
      return rest === "" ? actions : [...actions, ...this.#read(latin1Bytes(rest))];
    }
    this.#state = "switching";
    // Mode B gives no acknowledgement to wait for: the meter changes after its reaction time.
    const ms = plan.acknowledge === null ? 50 : (SWITCH_MS[this.#way] ?? SWITCH_MS[0]);
    return [...actions, { kind: "wait", ms }];
  }

  #read(bytes: Uint8Array): DialogueAction[] {
    if (this.#state === "switching") return [];
    const events = this.#decoder.push(bytes);
    const last = events.at(-1);
    if (last === undefined) return [{ kind: "wait", ms: SILENT_MS }];
    if (last.kind === "refused" && ["bad-checksum", "cut-short", "no-checksum"].includes(last.refusal.code)) {
      return this.#fail(events);
    }
    this.#failures = 0;
    this.#state = "resting";
    return [...events, ...this.#line(SIGN_ON_LINE.baudRate), { kind: "wait", ms: this.#pauseMs }];
  }

  #fail(events: readonly DecodeEvent[]): DialogueAction[] {
    const ms = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 0;
    this.#failures += 1;
    this.#way = (this.#way + 1) % WAYS;
    this.#state = "resting";
    return [...events, ...this.#line(SIGN_ON_LINE.baudRate), { kind: "wait", ms }];
  }
}

/**
 * The reader's side of modes A, B and C. Refusals: `no-answer` and those of {@link iecDecoder}; a block's BCC is always
 * demanded here, because a live meter sends one.
 */
export const iecDialogue = (options: IecDialogueOptions): Dialogue => new IecDialogue(options);

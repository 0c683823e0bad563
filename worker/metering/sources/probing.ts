/**
 * A few seconds at one setting of a port: what speaks there. Opens the port, hears or asks, and leaves it closed.
 * Knows nothing of the order in which settings are tried (protocols.ts) nor of what a screen says of it.
 */
import { concatBytes } from "../../base/bytes.ts";
import { protocol, type Probe } from "../protocols.ts";
import { recognise, recogniseEvents, type Recognition } from "../recognise.ts";
import type { DecodeEvent } from "../reading.ts";
import { converse } from "./conversation.ts";
import { readSerial, type SerialErrorCode, type SerialEvent, type SerialSource } from "./serial.ts";

export type Probing = Pick<SerialSource, "serial" | "port" | "delay"> & {
  readonly probe: Probe;
  readonly now: () => number;
  readonly onBytes: (bytes: number) => void;
};

export type Probed = {
  readonly recognition: Recognition;
  /** Something that is neither silence nor a pulse was heard: another setting may make sense of it. */
  readonly speaks: boolean;
  /** Why the port could not be listened to at all. */
  readonly trouble: SerialErrorCode | "port-missing" | null;
};

const LOOK_MS = 250;
/** What is kept of what was heard: the longest telegrams have a few thousand bytes. */
const MAX_BYTES = 32_768;
/** So much rubbish for so long, or something that begins and never ends for longer: these settings are wrong. */
const RUBBISH_BYTES = 64;
const RUBBISH_MS = 2_500;
const ENDLESS_MS = 6_000;
/** A pause this long ends a burst. The first one may have been under way when the port was opened. */
const PAUSE_MS = 400;
/** A port that does not open for so long is given up. */
const NO_PORT_MS = 5_000;
/** A meter that has begun to answer is let finish: whole tables at 300 baud take this long. */
const ANSWER_MS = 60_000;

class Ear {
  chunks: Uint8Array[] = [];
  length = 0;
  breaks = 0;
  speaks = false;
  firstAt: number | null = null;
  lastAt = 0;
  bursts = 0;
  trouble: SerialErrorCode | "port-missing" | null = "port-missing";
  open = false;
  readonly decoded: DecodeEvent[] = [];

  hear(event: SerialEvent, at: number): void {
    switch (event.kind) {
      case "bytes":
        this.chunks.push(event.bytes);
        this.length += event.bytes.length;
        this.firstAt ??= at;
        if (this.bursts === 0 || at - this.lastAt > PAUSE_MS) this.bursts += 1;
        this.lastAt = at;
        this.speaks ||= event.bytes.some((byte) => byte !== 0 && byte !== 0xff);
        while (this.length > MAX_BYTES) this.length -= this.chunks.shift()?.length ?? this.length;
        return;
      case "break":
        this.breaks += 1;
        return;
      case "error": {
        const { code, cause } = event.error;
        if (code === "line-noise") this.speaks ||= !(cause instanceof DOMException && cause.name === "BreakError");
        else this.trouble = code;
        return;
      }
      case "state":
        this.open = event.state === "listening";
        if (this.open) this.trouble = null;
        else if (event.state !== "closed") this.trouble ??= "port-missing";
        return;
      case "level":
    }
  }

  /** Heard enough of: another telegram would be no better. */
  isRubbish({ kind }: Recognition, at: number): boolean {
    if (this.firstAt === null || this.length < RUBBISH_BYTES) return false;
    const flows = this.bursts === 1 && at - this.lastAt <= PAUSE_MS;
    const heardMs = at - this.firstAt;
    if (kind === "wrong-settings") return heardMs >= RUBBISH_MS && (flows || this.bursts > 2);
    return kind === "almost" && heardMs >= ENDLESS_MS && (flows || this.bursts > 4);
  }

  recognise({ line, asks }: Probe): Recognition {
    if (asks !== null) {
      const asked = recogniseEvents([{ name: asks, events: this.decoded }]);
      if (asked.kind !== "wrong-settings") return asked;
    }
    const heard = recognise(line, concatBytes(...this.chunks));
    const pulses = this.breaks + (heard.kind === "pulses" ? heard.count : 0);
    return pulses > 0 && (heard.kind === "nothing" || heard.kind === "pulses")
      ? { kind: "pulses", count: pulses }
      : heard;
  }
}

const isSure = ({ kind }: Recognition): boolean => kind === "meter" || kind === "encrypted" || kind === "pulses";

/** Waits until it is clear, or the time is up. */
const attend = async (ear: Ear, p: Probing, signal: AbortSignal): Promise<Recognition> => {
  const { probe, now, delay } = p;
  const began = now();
  let openedAt: number | null = null;
  let known = -1;
  let recognition: Recognition = { kind: "nothing" };
  while (!signal.aborted) {
    await delay(LOOK_MS, signal);
    const at = now();
    if (ear.open) openedAt ??= at;
    if (openedAt === null) {
      if (at - began > NO_PORT_MS) return recognition;
      continue;
    }
    const news = ear.length + ear.breaks + ear.decoded.length;
    if (news !== known) {
      recognition = ear.recognise(probe);
      known = news;
      p.onBytes(ear.length);
      if (isSure(recognition)) return recognition;
    }
    if (probe.asks === null && ear.isRubbish(recognition, at)) return recognition;
    const answering = probe.asks !== null && ear.length > 0 && at - ear.lastAt < 3_000;
    const most = answering ? ANSWER_MS : probe.listenMs;
    if (at - openedAt >= most) return recognition;
  }
  return recognition;
};

/** Never rejects; the port is closed when it resolves. */
export const probePort = async (p: Probing, signal: AbortSignal): Promise<Probed> => {
  const { serial, port, delay, probe } = p;
  const ear = new Ear();
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const source = { serial, port, delay, onEvent: (event: SerialEvent) => ear.hear(event, p.now()) };
  const dialogue =
    probe.asks === null ? null : protocol(probe.asks).dialogue(probe.line, { salt: null, needs: "either" });
  const closed =
    dialogue === null
      ? readSerial({ ...source, settings: probe.line, breaks: probe.protocols.includes("pulse") }, until)
      : converse({ ...source, dialogue, onDecoded: (events) => ear.decoded.push(...events) }, until);
  const recognition = await attend(ear, p, signal);
  const { trouble } = ear;
  stop.abort();
  await closed;
  return { recognition, speaks: ear.speaks, trouble };
};

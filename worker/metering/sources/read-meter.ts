/**
 * One meter at a port, whatever its protocol: its telegrams decoded as they come, its pulses counted, or the meter asked,
 * for as long as the owner wants. What a paired meter and one that is only looked at have in common. Knows no cryptometer.
 */
import { asPulseDecoder } from "../decoders/pulse.ts";
import type { LineSettings } from "../line.ts";
import { protocol } from "../protocols.ts";
import type { DecodeEvent, Decoder, Needs, Protocol } from "../reading.ts";
import { converse } from "./conversation.ts";
import { readSerial, type ModemLine, type SerialErrorCode, type SerialEvent, type SerialSource } from "./serial.ts";

export type MeterSource = Pick<SerialSource, "serial" | "port" | "delay"> & {
  readonly protocol: Protocol;
  readonly line: LineSettings;
  /** Only for raw pulses. */
  readonly pulseInput: "rx" | ModemLine;
  /** Which register the conversation looks for. */
  readonly needs: Needs;
  /** Makes the identity of a meter that is asked; null for none. */
  readonly salt: Uint8Array | null;
  /** Not used where the meter is asked: the conversation has its own. */
  readonly decoder: Decoder;
  readonly now: () => number;
  readonly onDecoded: (events: readonly DecodeEvent[]) => void;
  readonly onState: (state: "waiting-port" | "listening" | "unplugged") => void;
  readonly onTrouble: (code: SerialErrorCode) => void;
};

/** Modem lines are looked at so often: the shortest pulse, 30 ms, is seen at least twice. */
const POLL_MS = 8;

/** What of a port's events says something of the port itself. */
const report = (meter: MeterSource, event: SerialEvent): void => {
  if (event.kind === "error") meter.onTrouble(event.error.code);
  else if (event.kind === "state" && event.state !== "closed") meter.onState(event.state);
};

const decoded = (meter: MeterSource, event: SerialEvent, polled: boolean): readonly DecodeEvent[] => {
  const { decoder } = meter;
  const at = meter.now();
  switch (event.kind) {
    case "bytes":
      // On a polled line the adapter's RX says nothing.
      return polled ? [] : decoder.push(event.bytes, at);
    case "break":
      return asPulseDecoder(decoder)?.broke(at) ?? [];
    case "level":
      return asPulseDecoder(decoder)?.polled(event.on, at) ?? [];
    case "error":
      // A character is missing now: what was begun must not be read without it.
      return event.error.code === "line-noise" && !polled ? decoder.end() : [];
    case "state":
      return event.state === "unplugged" ? decoder.end() : [];
  }
};

/** Until aborted; never rejects. The port is closed when it resolves. */
export const readMeter = (meter: MeterSource, signal: AbortSignal): Promise<void> => {
  const { serial, port, delay, line, pulseInput } = meter;
  const dialogue = protocol(meter.protocol).dialogue(line, { salt: meter.salt, needs: meter.needs });
  if (dialogue !== null) {
    const onEvent = (event: SerialEvent): void => report(meter, event);
    return converse({ serial, port, delay, dialogue, onEvent, onDecoded: meter.onDecoded }, signal);
  }
  const isPulse = meter.protocol === "pulse";
  const polled = isPulse && pulseInput !== "rx";
  const onEvent = (event: SerialEvent): void => {
    // A hundred polls a second: heard of are pulses only.
    const events = decoded(meter, event, polled);
    if (events.length > 0) meter.onDecoded(events);
    report(meter, event);
  };
  const pulses = polled ? { poll: { line: pulseInput, everyMs: POLL_MS } } : isPulse ? { breaks: true } : {};
  return readSerial({ serial, port, delay, settings: line, onEvent, ...pulses }, signal);
};

/**
 * Messages up to 4 MiB over a channel that carries frames of at most 16 KiB (PROTOCOL.md §9): larger data channel
 * messages are not portable between browsers. One frame = kind (1 byte), message counter (4), part (2), parts (2),
 * big end first, then the payload. The channel is reliable and ordered, so anything out of order is rubbish.
 * Pure; knows nothing of what a message says.
 */
import { assert, ok, refuse, type Result } from "../base/result.ts";
import { MESSAGE_LIMIT } from "./network.ts";

export const FRAME_LIMIT = 16 * 1024;
export const FRAME_HEADER = 9;
const PAYLOAD_LIMIT = FRAME_LIMIT - FRAME_HEADER;
/** Hello, proof and the like: read before anybody is admitted, so kept small. */
export const CONTROL_LIMIT = 8 * 1024;

/** `control`: this file's neighbours hello.ts and link.ts. `data`: the node's own messages. */
export type Channel = "control" | "data";
const CHANNELS: readonly Channel[] = ["control", "data"];
const LIMIT: Readonly<Record<Channel, number>> = { control: CONTROL_LIMIT, data: MESSAGE_LIMIT };

const COUNTERS = 2 ** 32;

/** Big end first. Every frame passes here: a DataView for each would cost more than the frame. */
const writeNumber = (frame: Uint8Array, at: number, count: number, value: number): void => {
  for (let i = at + count - 1, rest = value; i >= at; i--, rest = Math.floor(rest / 256)) frame[i] = rest % 256;
};
const readNumber = (frame: Uint8Array, at: number, count: number): number => {
  let value = 0;
  for (let i = at; i < at + count; i++) value = value * 256 + (frame[i] ?? 0);
  return value;
};

/** Counts the messages of one direction of one link. */
export type Framer = (channel: Channel, message: Uint8Array) => Uint8Array[];

/** @throws Error (in the framer) when a message is longer than its channel's limit: a bug of the caller. */
export const createFramer = (): Framer => {
  let counter = 0;
  return (channel, message) => {
    assert(message.length <= LIMIT[channel], `framing: a ${channel} message has ${message.length} bytes`);
    const of = Math.max(1, Math.ceil(message.length / PAYLOAD_LIMIT));
    const frames: Uint8Array[] = [];
    for (let part = 0; part < of; part++) {
      const payload = message.subarray(part * PAYLOAD_LIMIT, (part + 1) * PAYLOAD_LIMIT);
      const frame = new Uint8Array(FRAME_HEADER + payload.length);
      frame[0] = CHANNELS.indexOf(channel);
      writeNumber(frame, 1, 4, counter);
      writeNumber(frame, 5, 2, part);
      writeNumber(frame, 7, 2, of);
      frame.set(payload, FRAME_HEADER);
      frames.push(frame);
    }
    counter = (counter + 1) % COUNTERS;
    return frames;
  };
};

export type Whole = { readonly channel: Channel; readonly message: Uint8Array };

/** Takes one frame; answers a message when the frame was its last, null before that, or why it is rubbish. */
export type Reassembler = (frame: Uint8Array) => Result<Whole | null>;

const rubbish = (reason: string): Result<never> =>
  refuse("malformed", "A neighbour sent something that cannot be read; it may need an update.", "penalise", { reason });

type Open = { readonly channel: Channel; readonly of: number; readonly parts: Uint8Array[]; size: number };

/**
 * One direction of one link. Holds at most one unfinished message and never more than its channel's limit; only
 * the last part may be short, so every message has exactly one cutting. After a refusal it refuses everything.
 */
export const createReassembler = (): Reassembler => {
  let counter = 0;
  let open: Open | null = null;
  let broken = false;

  const take = (frame: Uint8Array): Result<Whole | null> => {
    if (frame.length < FRAME_HEADER) return rubbish("short frame");
    if (frame.length > FRAME_LIMIT) return rubbish("long frame");
    const channel = CHANNELS[readNumber(frame, 0, 1)];
    const part = readNumber(frame, 5, 2);
    const of = readNumber(frame, 7, 2);
    const payload = frame.subarray(FRAME_HEADER);
    if (channel === undefined) return rubbish("unknown channel");
    if (readNumber(frame, 1, 4) !== counter) return rubbish("message out of order");
    if (of === 0 || (of - 1) * PAYLOAD_LIMIT >= LIMIT[channel]) return rubbish("message too long");
    open ??= { channel, of, parts: [], size: 0 };
    if (open.channel !== channel || open.of !== of || open.parts.length !== part) return rubbish("part out of order");
    const last = part === of - 1;
    if (!last && payload.length !== PAYLOAD_LIMIT) return rubbish("part too short");
    if (last && of > 1 && payload.length === 0) return rubbish("empty last part");
    open.size += payload.length;
    if (open.size > LIMIT[channel]) return rubbish("message too long");
    // The frame may be a view on a buffer of the transport: a part that waits is kept as a copy.
    open.parts.push(last ? payload : payload.slice());
    if (!last) return ok(null);
    const message = join(open);
    open = null;
    counter = (counter + 1) % COUNTERS;
    return ok({ channel, message });
  };

  return (frame) => {
    if (broken) return rubbish("after a refusal");
    const taken = take(frame);
    if (!taken.ok) {
      broken = true;
      open = null;
    }
    return taken;
  };
};

const join = (open: Open): Uint8Array => {
  const message = new Uint8Array(open.size);
  let at = 0;
  for (const part of open.parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
};

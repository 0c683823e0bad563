/** Framing: any message survives the cutting, and no rubbish gets through or makes it throw. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import {
  CONTROL_LIMIT,
  createFramer,
  createReassembler,
  FRAME_HEADER,
  FRAME_LIMIT,
  type Channel,
  type Whole,
} from "../../worker/network/framing.ts";
import { MESSAGE_LIMIT } from "../../worker/network/network.ts";

const PAYLOAD = FRAME_LIMIT - FRAME_HEADER;
const channel = fc.constantFrom<Channel[]>("control", "data");
const message = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: PAYLOAD - 2, max: PAYLOAD * 3 + 2 }).map((n) => new Uint8Array(n).fill(n % 256)),
);

const putTogether = (frames: readonly Uint8Array[]): Whole[] => {
  const reassemble = createReassembler();
  const wholes: Whole[] = [];
  for (const frame of frames) {
    const taken = reassemble(frame);
    expect(taken.ok).toBe(true);
    if (taken.ok && taken.value !== null) wholes.push(taken.value);
  }
  return wholes;
};

/** Whether the frames are refused at some point, with nothing but a refusal. */
const reasonOf = (frames: readonly Uint8Array[]): unknown => {
  const reassemble = createReassembler();
  for (const frame of frames) {
    const taken = reassemble(frame);
    if (!taken.ok) return taken.error.data?.["reason"];
  }
  return null;
};

const frameOf = (counter: number, part: number, of: number, payload: number, kind = 1): Uint8Array => {
  const frame = new Uint8Array(FRAME_HEADER + payload);
  const view = new DataView(frame.buffer);
  view.setUint8(0, kind);
  view.setUint32(1, counter);
  view.setUint16(5, part);
  view.setUint16(7, of);
  return frame;
};

describe("framing", () => {
  it("gives back every message whole, in order, on its channel, in frames of at most 16 KiB", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(channel, message), { maxLength: 8 }), (sent) => {
        const frame = createFramer();
        const fitting = sent.filter(([to, bytes]) => to === "data" || bytes.length <= CONTROL_LIMIT);
        const frames = fitting.flatMap(([to, bytes]) => frame(to, bytes));
        expect(frames.every((one) => one.length <= FRAME_LIMIT)).toBe(true);
        expect(putTogether(frames).map(({ channel: on, message: bytes }) => `${on} ${toHex(bytes)}`)).toEqual(
          fitting.map(([to, bytes]) => `${to} ${toHex(bytes)}`),
        );
      }),
      { numRuns: 50 },
    );
  });

  it("takes the longest message and refuses to cut a longer one: the caller's bug", () => {
    const longest = new Uint8Array(MESSAGE_LIMIT).fill(3);
    expect(putTogether(createFramer()("data", longest))[0]?.message.length).toBe(MESSAGE_LIMIT);
    expect(() => createFramer()("data", new Uint8Array(MESSAGE_LIMIT + 1))).toThrow(/framing/u);
    expect(() => createFramer()("control", new Uint8Array(CONTROL_LIMIT + 1))).toThrow(/framing/u);
  });

  it("keeps no view on the transport's buffer", () => {
    const frames = createFramer()("data", new Uint8Array(PAYLOAD * 2).fill(5));
    const reassemble = createReassembler();
    const buffer = new Uint8Array(FRAME_LIMIT);
    let whole: Whole | null = null;
    for (const frame of frames) {
      buffer.set(frame);
      const taken = reassemble(buffer.subarray(0, frame.length));
      if (taken.ok) whole = taken.value;
      buffer.fill(0);
    }
    expect(whole?.message.every((byte) => byte === 5)).toBe(true);
  });

  it.each<[string, Uint8Array[]]>([
    ["short frame", [new Uint8Array(FRAME_HEADER - 1)]],
    ["short frame", [new Uint8Array()]],
    ["long frame", [frameOf(0, 0, 1, PAYLOAD + 1)]],
    ["unknown channel", [frameOf(0, 0, 1, 0, 2)]],
    ["message out of order", [frameOf(1, 0, 1, 0)]],
    ["message out of order", [frameOf(0, 0, 1, 0), frameOf(0, 0, 1, 0)]],
    ["message out of order", [frameOf(0, 0, 2, PAYLOAD), frameOf(1, 0, 1, 0)]],
    ["part out of order", [frameOf(0, 1, 2, PAYLOAD)]],
    ["part out of order", [frameOf(0, 0, 3, PAYLOAD), frameOf(0, 2, 3, PAYLOAD)]],
    ["part out of order", [frameOf(0, 0, 3, PAYLOAD), frameOf(0, 1, 2, PAYLOAD)]],
    ["part out of order", [frameOf(0, 0, 2, PAYLOAD), frameOf(0, 1, 1, 1, 0)]],
    ["part too short", [frameOf(0, 0, 2, PAYLOAD - 1)]],
    ["empty last part", [frameOf(0, 0, 2, PAYLOAD), frameOf(0, 1, 2, 0)]],
    ["message too long", [frameOf(0, 0, 0, 0)]],
    ["message too long", [frameOf(0, 0, 65_535, PAYLOAD)]],
    ["message too long", [frameOf(0, 0, 2, PAYLOAD, 0)]],
    ["message too long", [frameOf(0, 0, 1, PAYLOAD, 0)]],
  ])("refuses: %s", (reason, frames) => {
    expect(reasonOf(frames)).toBe(reason);
  });

  it("refuses everything after one refusal", () => {
    const reassemble = createReassembler();
    expect(reassemble(new Uint8Array()).ok).toBe(false);
    expect(reassemble(frameOf(0, 0, 1, 3)).ok).toBe(false);
  });

  it("never throws on rubbish, and what it lets through cuts again into the same frames", () => {
    const rubbish = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .tuple(fc.nat(2), fc.nat(2), fc.nat(3), fc.nat(3), fc.constantFrom(0, 1, PAYLOAD))
        .map(([kind, counter, part, of, size]) => frameOf(counter, part, of, size, kind)),
    );
    fc.assert(
      fc.property(fc.array(rubbish, { maxLength: 6 }), (frames) => {
        const reassemble = createReassembler();
        const again = createFramer();
        let open: Uint8Array[] = [];
        for (const frame of frames) {
          const taken = reassemble(frame);
          if (!taken.ok) break;
          open.push(frame);
          if (taken.value === null) continue;
          expect(again(taken.value.channel, taken.value.message).map((one) => toHex(one))).toEqual(
            open.map((one) => toHex(one)),
          );
          open = [];
        }
      }),
      { numRuns: 300 },
    );
  });
});

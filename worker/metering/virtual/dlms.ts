/**
 * A virtual DLMS push meter: the very bytes of a customer interface (IEC 62056-46 frames, IEC 62056-5-3 notification),
 * in the layouts that decoders/dlms-push.ts knows. For the demo, the tests and whoever writes a decoder.
 */
import { concatBytes, utf8ToBytes } from "../../base/bytes.ts";
import { assert } from "../../base/result.ts";
import type { Millis } from "../../base/units.ts";
import { dateTimeAt } from "../calendar.ts";
import { crcX25 } from "../crc-x25.ts";

/** Whose lists and frames: `landis` sends blocks, `iskra` segments, the others one frame. */
export type DlmsStyle = "aidon" | "kamstrup" | "kaifa" | "landis" | "iskra";

export type DlmsPush = {
  readonly style: DlmsStyle;
  /** Registers in mWh; Aidon and Kamstrup show steps of 10 Wh, the others of 1 Wh, cut off. */
  readonly exportMwh: number;
  readonly importMwh: number;
  readonly powerExportW: number;
  readonly powerImportW: number;
  readonly at: Millis;
  /** Minutes that the meter's clock is ahead of UTC. */
  readonly offsetMinutes?: number;
  /** Without registers, as most meters push between full hours. */
  readonly powerOnly?: boolean;
};

/** mWh in one step of the registers of each style. */
export const DLMS_RESOLUTION: Readonly<Record<DlmsStyle, number>> = {
  aidon: 10_000,
  kamstrup: 10_000,
  kaifa: 1_000,
  landis: 1_000,
  iskra: 1_000,
};

const bytesOf = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);

const big = (value: number, width: number): Uint8Array => {
  assert(
    Number.isSafeInteger(value) && value >= 0 && value < 256 ** width,
    `dlms: ${value} does not fit ${width} bytes`,
  );
  return Uint8Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) % 256);
};
const u32 = (value: number): Uint8Array => concatBytes(bytesOf(6), big(value, 4));
const octets = (bytes: Uint8Array): Uint8Array => concatBytes(bytesOf(9, bytes.length), bytes);
const text = (tag: number, value: string): Uint8Array => concatBytes(bytesOf(tag, value.length), utf8ToBytes(value));
const structure = (...items: readonly Uint8Array[]): Uint8Array => concatBytes(bytesOf(2, items.length), ...items);
const array = (...items: readonly Uint8Array[]): Uint8Array => concatBytes(bytesOf(1, items.length), ...items);

type Id = readonly [number, number, number, number, number, number];
const id = (obis: Id): Uint8Array => octets(Uint8Array.from(obis));
const [PLUS_W, MINUS_W]: [Id, Id] = [
  [1, 0, 1, 7, 0, 255],
  [1, 0, 2, 7, 0, 255],
];
const [PLUS_WH, MINUS_WH]: [Id, Id] = [
  [1, 0, 1, 8, 0, 255],
  [1, 0, 2, 8, 0, 255],
];
const CLOCK: Id = [0, 0, 1, 0, 0, 255];
const SERIAL = "7359990000000001";

const clock = (push: DlmsPush): Uint8Array => {
  const offset = push.offsetMinutes ?? 60;
  const [year, month, day, hour, minute, second] = dateTimeAt(Math.floor(push.at / 1000) + offset * 60);
  const deviation = (65_536 - offset) % 65_536;
  return concatBytes(
    big(year, 2),
    bytesOf(month, day, 0xff, hour, minute, second, 0xff),
    big(deviation, 2),
    bytesOf(offset > 60 ? 0x80 : 0),
  );
};

const wh = (push: DlmsPush, mwh: number): number => Math.floor(mwh / DLMS_RESOLUTION[push.style]);

const aidon = (push: DlmsPush): Uint8Array => {
  const scaled = (obis: Id, value: number, scaler: number, unit: number): Uint8Array =>
    structure(id(obis), u32(value), structure(bytesOf(15, scaler), bytesOf(22, unit)));
  const energy = [
    structure(id(CLOCK), octets(clock(push))),
    scaled(PLUS_WH, wh(push, push.importMwh), 1, 30),
    scaled(MINUS_WH, wh(push, push.exportMwh), 1, 30),
  ];
  return array(
    structure(id([1, 1, 0, 2, 129, 255]), text(10, "AIDON_V0001")),
    structure(id([0, 0, 96, 1, 0, 255]), text(10, SERIAL)),
    scaled(PLUS_W, push.powerImportW, 0, 27),
    scaled(MINUS_W, push.powerExportW, 0, 27),
    ...(push.powerOnly === true ? [] : energy),
  );
};

const kamstrup = (push: DlmsPush): Uint8Array => {
  const own = ([a, , ...rest]: Id): Uint8Array => id([a, 1, ...rest]);
  const energy = [
    own(CLOCK),
    octets(clock(push)),
    own(PLUS_WH),
    u32(wh(push, push.importMwh)),
    own(MINUS_WH),
    u32(wh(push, push.exportMwh)),
  ];
  return structure(
    text(10, "Kamstrup_V0001"),
    id([1, 1, 0, 0, 5, 255]),
    text(10, SERIAL),
    own(PLUS_W),
    u32(push.powerImportW),
    own(MINUS_W),
    u32(push.powerExportW),
    ...(push.powerOnly === true ? [] : energy),
  );
};

const kaifa = (push: DlmsPush): Uint8Array => {
  const zeros = Array.from({ length: 8 }, () => u32(0));
  const energy = [
    octets(clock(push)),
    u32(wh(push, push.importMwh)),
    u32(wh(push, push.exportMwh)),
    ...zeros.slice(0, 2),
  ];
  return structure(
    text(9, "KFM_001"),
    text(9, SERIAL),
    text(9, "MA304H3E"),
    u32(push.powerImportW),
    u32(push.powerExportW),
    ...zeros,
    ...(push.powerOnly === true ? [] : energy),
  );
};

/** The list that names its own elements. */
const named = (push: DlmsPush, device: string): Uint8Array => {
  const define = (cls: number, obis: Id): Uint8Array =>
    structure(concatBytes(bytesOf(18), big(cls, 2)), id(obis), bytesOf(15, 2), bytesOf(18, 0, 0));
  const energies: readonly (readonly [Id, number])[] = [
    [PLUS_WH, wh(push, push.importMwh)],
    [MINUS_WH, wh(push, push.exportMwh)],
  ];
  const registers = [
    [PLUS_W, push.powerImportW] as const,
    [MINUS_W, push.powerExportW] as const,
    ...(push.powerOnly === true ? [] : energies),
  ];
  const definitions = [
    define(40, [0, 8, 25, 9, 0, 255]),
    define(1, [0, 0, 42, 0, 0, 255]),
    ...registers.map(([obis]) => define(3, obis)),
  ];
  return structure(array(...definitions), text(9, device), ...registers.map(([, value]) => u32(value)));
};

const LISTS: Readonly<Record<DlmsStyle, (push: DlmsPush) => Uint8Array>> = {
  aidon,
  kamstrup,
  kaifa,
  landis: (push) => named(push, "LGZ1030655000001"),
  iskra: (push) => named(push, "ISK1030775000001"),
};

/** What stands between invoke id and data: Aidon leaves the time out, Kaifa tags it. */
const timeField = (push: DlmsPush): Uint8Array => {
  if (push.style === "aidon") return bytesOf(0);
  return push.style === "kaifa" ? octets(clock(push)) : concatBytes(bytesOf(12), clock(push));
};

const low = (crc: number): Uint8Array => bytesOf(crc & 0xff, crc >> 8);

/** @throws Error for more than a frame takes: a bug of the caller. */
export const hdlcFrame = (info: Uint8Array, segmented = false, source: readonly number[] = [0x83]): Uint8Array => {
  const length = 2 + 1 + source.length + 1 + 2 + info.length + 2;
  assert(length < 2_048, "dlms: the frame is too long");
  const head = bytesOf(0xa0 | (segmented ? 8 : 0) | (length >> 8), length & 0xff, 0x41, ...source, 0x13);
  const body = concatBytes(head, low(crcX25(head)), info);
  return concatBytes(bytesOf(0x7e), body, low(crcX25(body)), bytesOf(0x7e));
};

const LLC = bytesOf(0xe6, 0xe7, 0x00);
const PART_BYTES = 64;

/** In pieces of at most `PART_BYTES`; at least one. */
const pieces = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.max(1, Math.ceil(bytes.length / PART_BYTES)) }, (_, i) =>
    bytes.subarray(i * PART_BYTES, (i + 1) * PART_BYTES),
  );

/** A message in frames, as meters of that style send it. */
export const dlmsFrames = (style: DlmsStyle, message: Uint8Array): Uint8Array[] => {
  if (style === "landis") {
    const parts = pieces(message);
    return parts.map((part, i) => {
      const last = i === parts.length - 1 ? 0x80 : 0;
      const block = concatBytes(bytesOf(0xe0, 0x40 | last), big(i + 1, 2), bytesOf(0, 0, part.length), part);
      return hdlcFrame(i === 0 ? concatBytes(LLC, block) : block, false, [0xce, 0xff]);
    });
  }
  if (style !== "iskra") return [hdlcFrame(concatBytes(LLC, message), false, [0x08, 0x83])];
  const parts = pieces(concatBytes(LLC, message));
  return parts.map((part, i) => hdlcFrame(part, i < parts.length - 1, [0x02, 0x23]));
};

export const dlmsMessage = (push: DlmsPush): Uint8Array =>
  concatBytes(bytesOf(0x0f, 0x40, 0, 0, 0), timeField(push), LISTS[push.style](push));

export const encodeDlms = (push: DlmsPush): Uint8Array => concatBytes(...dlmsFrames(push.style, dlmsMessage(push)));

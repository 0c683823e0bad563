/**
 * One group of information of the Linky TIC (Enedis-NOI-CPT_54E v3, §5.3 and §6.2), without its LF and CR: label, data
 * and in the standard mode perhaps a time stamp, with a checksum character at the end. Knows nothing of frames.
 *
 *   historique   label SP data SP checksum           sum over label..data, the last SP left out
 *   standard     label HT [horodate HT] data HT checksum   sum over label..last HT
 *
 * checksum = (sum & 0x3F) + 0x20. It may itself be a space, and data may hold spaces, so a group is taken apart from
 * its end. Six bits of a sum miss a flipped bit 6: such a byte of a label or a number is no letter or digit any more,
 * and is refused for that.
 */

import { latin1 } from "../latin1.ts";

const SP = 0x20;
const HT = 0x09;
/** The longest group, PJOURF+1, has 109 bytes. */
export const MAX_GROUP_BYTES = 192;

export type TicGroup = {
  readonly label: string;
  /** As written; null where the group has none. */
  readonly horodate: string | null;
  readonly data: string;
};

export type TicMode = "historique" | "standard";

const LABEL = /^[A-Z][A-Z0-9]*(?:[+-]\d+)?$/;
/** S AAMMJJ hhmmss: E summer, H winter, small letters or a space for a clock that is not sure. */
const HORODATE = /^[EHeh ]\d{12}$/;

const text = (bytes: Uint8Array, from: number, to: number): string =>
  from >= to ? "" : latin1(bytes.subarray(from, to));

const lastBefore = (bytes: Uint8Array, separator: number, to: number): number => {
  let i = to - 1;
  while (i >= 0 && bytes[i] !== separator) i--;
  return i;
};

const sumOf = (bytes: Uint8Array, to: number): number => {
  let sum = 0;
  for (let i = 0; i < to; i++) sum += bytes[i] ?? 0;
  return (sum & 0x3f) + 0x20;
};

/** @returns which mode the group's checksum agrees with, null for neither. */
export const groupMode = (bytes: Uint8Array, length: number): TicMode | null => {
  if (length < 4) return null;
  const checksum = bytes[length - 1];
  const separator = bytes[length - 2];
  if (separator === HT) return sumOf(bytes, length - 1) === checksum ? "standard" : null;
  return separator === SP && sumOf(bytes, length - 2) === checksum ? "historique" : null;
};

/**
 * @param bytes seven-bit bytes whose checksum agreed.
 * @returns null for a group that is none in spite of it.
 */
export const readGroup = (bytes: Uint8Array, length: number, mode: TicMode): TicGroup | null => {
  const separator = mode === "standard" ? HT : SP;
  const end = length - 2;
  const first = bytes.indexOf(separator);
  if (first < 1 || first >= end) return null;
  const label = text(bytes, 0, first);
  if (!LABEL.test(label)) return null;
  if (mode === "historique") return { label, horodate: null, data: text(bytes, first + 1, end) };
  const last = lastBefore(bytes, HT, end);
  const data = text(bytes, last + 1, end);
  if (last === first) return { label, horodate: null, data };
  const horodate = text(bytes, first + 1, last);
  return HORODATE.test(horodate) ? { label, horodate, data } : null;
};

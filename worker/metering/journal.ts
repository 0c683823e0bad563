/**
 * The cryptometer's journal on disk: two kinds of entries under stable keys, so a store of keys and values holds it
 * without growing (one count, overwritten; one close a step, deleted when final). An append-only file works as well:
 * of two entries with one key the later wins. What is signed is in here before it is sent (PROTOCOL.md §7.7).
 */
import { branded, decode, encode, flag, option, struct, uint, union, word, type Codec } from "../base/codec.ts";
import { ok, type Result } from "../base/result.ts";
import type { Millis, MilliwattHours, StepIndex } from "../base/units.ts";
import {
  newCryptometer,
  type Close,
  type Count,
  type Cryptometer,
  type CryptometerConfig,
  type JournalEntry,
  type Stop,
} from "./cryptometer.ts";
import type { PulseCounter } from "./reading.ts";

const counter: Codec<PulseCounter> = struct({ boot: uint, count: uint, total: uint });

const stop: Codec<Stop> = struct({
  code: word(["register-backwards", "too-much"]),
  meterMwh: branded<MilliwattHours>(),
  at: branded<Millis>(),
});

const count: Codec<Count> = struct({
  meterMwh: branded<MilliwattHours>(),
  register: branded<MilliwattHours>(),
  at: branded<Millis>(),
  counter: option(counter),
  closed: branded<StepIndex>(),
  closedRegister: branded<MilliwattHours>(),
  estimated: flag,
  unsure: flag,
  tickRegister: branded<MilliwattHours>(),
  tickAt: branded<Millis>(),
  stop: option(stop),
});

const close: Codec<Close> = struct({
  step: branded<StepIndex>(),
  register: branded<MilliwattHours>(),
  estimated: flag,
});

export const journalEntry: Codec<JournalEntry> = union({ count, close });

export const encodeEntry = (entry: JournalEntry): Uint8Array => encode(journalEntry, entry);

/** Refusal: `malformed`. */
export const decodeEntry = (raw: Uint8Array): Result<JournalEntry> => decode(journalEntry, raw, "meter journal entry");

const STEP_DIGITS = 16;

/** The key of a closed step's entry: text order is step order. */
export const closeKey = (step: StepIndex): string => `close/${String(step).padStart(STEP_DIGITS, "0")}`;

/** Where an entry stands in a store of keys and values, below the meter's own prefix. */
export const entryKey = (entry: JournalEntry): string => (entry.kind === "count" ? "count" : closeKey(entry.step));

/**
 * The machine as it was when these entries were written. Entries of one outcome are committed together, so they agree.
 * @param entries in the order written, or in any order when each key stands once.
 * @param origin the ledger's register, for a journal that is empty.
 * Refusal: `malformed` when one of them cannot be read.
 */
export const restore = (
  config: CryptometerConfig,
  entries: readonly Uint8Array[],
  origin: MilliwattHours,
): Result<Cryptometer> => {
  const closes = new Map<number, Close>();
  let latest: Count | null = null;
  for (const raw of entries) {
    const read = decodeEntry(raw);
    if (!read.ok) return read;
    const { kind, ...entry } = read.value;
    if (kind === "count") latest = entry as Count;
    else closes.set((entry as Close).step, entry as Close);
  }
  const sorted = [...closes.values()].sort((a, b) => a.step - b.step);
  return ok({ ...newCryptometer(config, origin), count: latest, journaled: latest, closes: sorted });
};

/**
 * Which meter a paired one is, on this device's own disk (§IV.B.1: an exchange is noticed): the salted hash of its serial
 * number, beside its settings and in the same table, so that a household's own meter stays in `home`. A meter without a
 * row, as one paired by an earlier version, takes the first identity that it says.
 */
import { decode, encode, text } from "../base/codec.ts";
import type { Hash } from "../base/units.ts";
import type { MeterRole } from "../port-home.ts";
import { StoreError, type Op, type Store } from "../storage/store.ts";

const identity = text(64);
const tableOf = (role: MeterRole): "home" | "own" => (role === "consumption" ? "home" : "own");
const keyOf = (meter: string): string => `meter-identity/${meter}`;

/** @param known null forgets it. */
export const meterIdentityOp = (meter: string, role: MeterRole, known: Hash | null): Op => ({
  table: tableOf(role),
  key: keyOf(meter),
  value: known === null ? null : encode(identity, known),
});

/** Null before the meter's first reading. @throws StoreError `corrupt` when the row is damaged. */
export const loadMeterIdentity = async (
  store: Pick<Store, "get">,
  meter: string,
  role: MeterRole,
): Promise<Hash | null> => {
  const raw = await store.get(tableOf(role), keyOf(meter));
  if (raw === undefined) return null;
  const read = decode(identity, raw, "meter identity");
  if (!read.ok) throw new StoreError("corrupt");
  return read.value as Hash;
};

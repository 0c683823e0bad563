/**
 * By which clock this device shows the community's days and months: the zone of who founded it, one row of the table
 * `settings`, brought by the invitation (PROTOCOL.md §9). Nothing that members agree on depends on it.
 */
import { decode, encode, text, type Codec } from "../base/codec.ts";
import { dayBegins } from "../settlement/periods.ts";
import { wallAt, zoneOf, type Zone } from "../settlement/zone.ts";
import type { Op, Store } from "../storage/store.ts";

const ZONE_ROW = "community/zone";
const zoneCodec: Codec<string> = text(64);

export type Place = { readonly name: string; readonly zone: Zone };

/** Null where this engine does not know the name: the device's own clock is shown then. */
export const placeOf = (name: string | null): Place | null => {
  const zone = name === null ? null : zoneOf(name);
  return name !== null && zone?.ok === true ? { name, zone: zone.value } : null;
};

/** Nothing to write where the zone is not known. */
export const placeOps = (name: string | null): Op[] =>
  placeOf(name) === null || name === null ? [] : [{ table: "settings", key: ZONE_ROW, value: encode(zoneCodec, name) }];

/** A damaged row is none. @throws StoreError when the disk refuses. */
export const loadPlace = async (store: Store): Promise<Place | null> => {
  const raw = await store.get("settings", ZONE_ROW);
  const read = raw === undefined ? null : decode(zoneCodec, raw, "zone");
  return read?.ok === true ? placeOf(read.value) : null;
};

/** Midnight before `now` at the place. */
export const dayStartAt = ({ zone }: Place, now: number): number => {
  const at = new Date(wallAt(now, zone));
  return dayBegins(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), zone);
};

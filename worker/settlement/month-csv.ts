/**
 * A month of a community to hand over (RFC 4180: commas, CRLF, a heading): a line a roof and a member, and the sums that
 * show that nothing is left over. For a treasurer's spreadsheet and a grid operator's program; the names of columns and
 * kinds are the same in every language. Times ISO 8601 with the place's offset, energy in kWh with all six decimals of a
 * milliwatt-hour. Makes text of what others have read.
 */
import type { MonthPart } from "../port-operator.ts";
import { csvField } from "./csv.ts";
import { exactKwh, localIso } from "./energy-csv.ts";
import type { Zone } from "./zone.ts";

const COLUMNS = ["kind", "number", "name", "key", "kwh", "from", "to", "status"] as const;
const END = "\r\n";

export type Named = { readonly index: number; readonly name: string; readonly key: string; readonly mwh: number };
export type MonthSums = Pick<
  MonthPart,
  "generatedMwh" | "creditedMwh" | "heldBackMwh" | "waitingMwh" | "lostMwh" | "openSteps" | "unknownSteps"
>;

/** `incomplete`: it has days of before what this device keeps. `provisional`: something may still come late. */
export const monthStatus = ({ openSteps, unknownSteps }: MonthSums): "closed" | "provisional" | "incomplete" =>
  unknownSteps > 0 ? "incomplete" : openSteps > 0 ? "provisional" : "closed";

/** @param range from, before to, ms; `to` is the end of what has passed. */
export const monthCsv = (
  lists: { readonly roofs: readonly Named[]; readonly members: readonly Named[] },
  sums: MonthSums,
  range: { readonly from: number; readonly to: number },
  zone: Zone,
): string => {
  const rest = [localIso(range.from, zone), localIso(range.to, zone), monthStatus(sums)];
  const line = (...fields: readonly string[]): string => [...fields, ...rest].join(",") + END;
  const named =
    (kind: string) =>
    (one: Named): string =>
      line(kind, String(one.index), csvField(one.name), one.key, exactKwh(one.mwh));
  const sum = (kind: string, mwh: number): string => line(kind, "", "", "", exactKwh(mwh));
  return [
    COLUMNS.join(",") + END,
    ...lists.roofs.map(named("roof")),
    ...lists.members.map(named("member")),
    sum("generated", sums.generatedMwh),
    sum("credited", sums.creditedMwh),
    sum("fees_held_back", sums.heldBackMwh),
    sum("not_yet_shared", sums.waitingMwh),
    sum("grid_losses", sums.lostMwh),
  ].join("");
};

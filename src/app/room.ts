/** How many of the steps' records a device may keep, as a person chooses it. Pure; knows no screens. */
import type { KeepView } from "../../worker/port-kind.ts";

/** Bytes; null for all. `normal` is what a device keeps unless somebody says otherwise (PROTOCOL.md §8.5). */
export const ROOMS = { small: 32_000_000, normal: 256_000_000, all: null } as const;
export type Room = keyof typeof ROOMS;

/** Which choice a budget is: the smallest that holds it. */
export const roomOf = (bytes: number | null): Room =>
  bytes === null || bytes > ROOMS.normal ? "all" : bytes > ROOMS.small ? "normal" : "small";

const YEAR_MS = 365 * 86_400_000;
/** Fewer say nothing of a year. */
const ENOUGH_BLOCKS = 96;

/** Bytes that a year adds, by what is kept now; null where that is too little to say. */
export const yearOf = ({ usedBytes, blocks }: Pick<KeepView, "usedBytes" | "blocks">, stepMs: number): number | null =>
  blocks < ENOUGH_BLOCKS ? null : (usedBytes / blocks) * (YEAR_MS / stepMs);

/** "9 months", "3 years": the largest unit of which there are two at least. */
export const lengthOf = (days: number, locale: string): string => {
  const [unit, by] =
    days >= 730 ? (["year", 365] as const) : days >= 60 ? (["month", 365 / 12] as const) : (["day", 1] as const);
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(
    Math.max(1, days / by),
  );
};

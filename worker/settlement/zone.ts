/**
 * Wall-clock times of a place to instants (ISO 8601 local times; the two odd days of summer time included). The rules of
 * the zone come from the engine's own IANA data; what is known here is only how to ask for them.
 */
import { ok, refuse, type Result } from "../base/result.ts";

/** Minutes that the place's clocks are ahead of UTC at an instant. */
export type Zone = (at: number) => number;

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

export const UTC: Zone = () => 0;

/** Refusal: `zone-unknown`. @param name as in the IANA database: Europe/Brussels. */
export const zoneOf = (name: string): Result<Zone> => {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: name,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
      era: "short",
    });
  } catch {
    return refuse("zone-unknown", "This time zone is not known here; choose one such as Europe/Brussels.", "ignore");
  }
  const known = new Map<number, number>();
  const ask = (at: number): number => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - at) / MINUTE);
  };
  // Clocks change at whole quarters of an hour: a file of a year asks some thousand times instead of a hundred thousand.
  return ok((at) => {
    const quarter = Math.floor(at / (HOUR / 4));
    let offset = known.get(quarter);
    if (offset === undefined) {
      offset = ask(quarter * (HOUR / 4));
      known.set(quarter, offset);
    }
    return offset;
  });
};

/**
 * The instants at which a clock of the place shows this: none in the hour that is skipped in spring, two in the one that
 * is repeated in autumn, else one. Ascending.
 * @param wall what the clock shows, as if it were UTC, ms.
 */
export const instantsOf = (wall: number, zone: Zone): number[] => {
  // A day to either side, whatever changes has changed.
  const offsets = new Set([zone(wall - DAY), zone(wall + DAY)]);
  const found = [...offsets].map((minutes) => wall - minutes * MINUTE).filter((at) => wall - at === zone(at) * MINUTE);
  return found.sort((a, b) => a - b);
};

/** What a clock of the place shows at an instant, as if it were UTC, ms. */
export const wallAt = (at: number, zone: Zone): number => at + zone(at) * MINUTE;

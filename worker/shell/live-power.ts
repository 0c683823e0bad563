/**
 * The one power that every screen shows: of a generator whose meter this device reads, what that meter says now; of the
 * others, what their last two ticks say. Pure.
 */
import type { GeneratorView, View } from "../port.ts";

/** @param meters of this device. A generator of its own whose meter says nothing now has no power that is known. */
export const withOwnMeters = (
  generators: readonly GeneratorView[],
  meters: readonly Pick<View["meters"][number], "generator" | "role" | "liveW">[],
): GeneratorView[] =>
  generators.map((generator) => {
    const own = meters.find((meter) => meter.role === "generation" && meter.generator === generator.index);
    return own === undefined ? generator : { ...generator, liveW: own.liveW };
  });

/** Null where nothing is known of any. */
export const sumOfLive = (generators: readonly Pick<GeneratorView, "liveW">[]): number | null => {
  const known = generators.flatMap(({ liveW }) => (liveW === null ? [] : [liveW]));
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
};

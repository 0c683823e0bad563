/** Which generator's meter is silent, so that no screen says all is right beside it. Knows no sentences. Pure. */
import type { GeneratorView, MemberView, View } from "../../worker/port.ts";

/** A meter speaks many times a step; after two without a word it is silent. */
const SILENT_STEPS = 2;

/** `now` and `stepMs` in ms. One that was never heard by this device is not silent by that: it may just have started. */
export const isSilent = (
  { lastSeen }: Pick<GeneratorView, "lastSeen">,
  { now, stepMs }: { readonly now: number; readonly stepMs: number },
): boolean => lastSeen !== null && now - lastSeen > SILENT_STEPS * stepMs;

export type Quietest = {
  readonly generator: GeneratorView;
  readonly owner: MemberView;
  /** Null where this device has not heard it since it started, although it was counted before. */
  readonly lastSeen: number | null;
  /** It is this member's, and this device reads no meter for it. */
  readonly unpaired: boolean;
};

/** The first to tell of the meters that say nothing: this member's own before a neighbour's; of who left none is waited for. */
export const silentMeter = (
  view: Pick<View, "generators" | "members" | "meters" | "community" | "kind">,
  now: number,
): Quietest | null => {
  // Figures of its own only: such a device hears no meter of others.
  if (view.community === null || view.kind?.now === "light") return null;
  const { stepMs } = view.community;
  const quiet = view.generators.flatMap((generator): Quietest[] => {
    const { lastSeen, mine, index } = generator;
    const owner = view.members.find((member) => member.index === generator.owner);
    if (owner === undefined || owner.leftSince !== null) return [];
    if (lastSeen === null ? generator.registerMwh === 0 : !isSilent(generator, { now, stepMs })) return [];
    return [{ generator, owner, lastSeen, unpaired: mine && !view.meters.some((meter) => meter.generator === index) }];
  });
  return quiet.toSorted((a, b) => Number(b.generator.mine) - Number(a.generator.mine))[0] ?? null;
};

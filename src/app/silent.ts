/** Which generator's meter is silent, so that no screen says all is right beside it. Knows no sentences. Pure. */
import type { GeneratorView, MemberView, View } from "../../worker/port.ts";

/** A roof that no meter of its member's device is read for: said after two steps without energy of it, day or night. */
const UNPAIRED_STEPS = 2;

/** By what others' meters said meanwhile: at night every register stands still, and nobody is silent by that. */
export const isSilent = ({ standing }: Pick<GeneratorView, "standing">): boolean =>
  standing === "late" || standing === "silent";

export type Quietest = {
  readonly generator: GeneratorView;
  readonly owner: MemberView;
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
    const { lastHeard, mine, index, registerMwh } = generator;
    const owner = view.members.find((member) => member.index === generator.owner);
    if (owner === undefined || owner.leftSince !== null) return [];
    if (!mine) return isSilent(generator) ? [{ generator, owner, unpaired: false }] : [];
    // What a meter on this device's own cable says, or does not, is that meter's to tell.
    if (view.meters.some((meter) => meter.generator === index)) return [];
    const isQuiet = lastHeard === null ? registerMwh > 0 : now - lastHeard > UNPAIRED_STEPS * stepMs;
    return isQuiet ? [{ generator, owner, unpaired: true }] : [];
  });
  return quiet.toSorted((a, b) => Number(b.generator.mine) - Number(a.generator.mine))[0] ?? null;
};

/** What whoever runs a community looks after, for the app's tests and screenshots: of the fixtures' members and roofs. Pure. */
import type { View } from "../../worker/port.ts";
import type { MonthAsk, MonthPart, OperatorView } from "../../worker/port-operator.ts";
import { fixtureEnergy } from "./fixture-energy.ts";
import { currentStep, type FixtureOptions } from "./fixture-view.ts";

/** `calm`: nothing is to be done. */
export const fixtureOperator = (options: FixtureOptions, view: View, calm: boolean): OperatorView => {
  const over = currentStep({ ...options, t0: view.community?.t0 ?? options.t0 }) - 1;
  const present = view.members.filter((member) => member.leftSince === null);
  const away = calm ? [] : present.filter((member, at) => at % 9 === 8 && !member.me);
  const sums = { generatedMwh: 9_616_450_123, heldBackMwh: 0, waitingMwh: calm ? 0 : 1_884_000, lostMwh: 0 };
  return {
    roles: { vpp: true, dso: false },
    overStep: over,
    headStep: over,
    finalStep: over - 2,
    present: present.length,
    awaySteps: 96,
    away: away.map((member, at) => ({
      member: member.index,
      since: over - 310 + at * 3,
      came: at !== 1,
      counts: at !== 0,
      connected: at === 2,
    })),
    voters: { all: present.length - away.length, away: 0, needed: Math.floor(present.length / 2) + 1 },
    lateSteps: 4,
    bookFrom: Math.max(1, over - 672),
    meters: view.generators
      .map((generator, at) => ({
        generator: generator.index,
        owner: generator.owner,
        ownerLeft: false,
        mine: generator.mine,
        standing: !calm && at % 7 === 1 ? ("late" as const) : ("counting" as const),
        lastStep: !calm && at % 7 === 1 ? over - 19 : over,
        behind: !calm && at % 7 === 1 ? 19 : 0,
        tooCoarse: !calm && at === 0,
        check:
          calm || at > 0
            ? { at: options.now - 20 * 86_400_000, from: options.t0, to: options.now - 21 * 86_400_000, fits: true }
            : null,
      }))
      .toSorted((a, b) => b.behind - a.behind),
    unendorsed: null,
    unbooked: {
      withMetersMwh: 0,
      withVppMwh: sums.waitingMwh,
      since: calm ? null : over - 3,
      steps: calm ? 0 : 2,
      heardMwh: calm ? 0 : 412_000,
    },
    sums: { ...sums, creditedMwh: sums.generatedMwh - sums.waitingMwh, agree: true },
    day: calm
      ? { steps: 96, missing: 0, gaps: [] }
      : {
          steps: 96,
          missing: 4,
          gaps: [
            { first: over - 8, last: over - 8 },
            { first: over - 41, last: over - 39 },
          ],
        },
    clockToleranceMs: 2_000,
  };
};

/** Like the fixtures' energy: what is before the device's records is unknown. In two parts, so that one joins them. */
export const fixtureMonth = (options: FixtureOptions, view: View, ask: MonthAsk): MonthPart => {
  const { from, to } = ask;
  const { bars, heldFrom } = fixtureEnergy(options, { from, to, by: "day", zone: "Europe/Brussels", page: null });
  const half = Math.ceil(bars.length / 2);
  const shown = ask.page === null ? bars.slice(0, half) : bars.slice(half);
  const total = (of: (bar: (typeof bars)[number]) => number): number => shown.reduce((sum, bar) => sum + of(bar), 0);
  const generatedMwh = total((bar) => bar.generatedMwh);
  const steps = total((bar) => bar.steps);
  const weights = view.members.reduce((sum, member) => sum + member.weight, 0);
  const shares = view.members.map(({ index, weight }) => ({
    member: index,
    mwh: Math.floor((generatedMwh * weight) / weights),
  }));
  const given = shares.reduce((sum, { mwh }) => sum + mwh, 0);
  const members = shares.map((share, at) => (at === 0 ? { ...share, mwh: share.mwh + generatedMwh - given } : share));
  const south = Math.round(generatedMwh * 0.72);
  const of = bars.reduce((sum, bar) => sum + bar.steps + bar.unknownSteps, 0);
  const firstStep = shown[0]?.firstStep ?? 1;
  const openSteps = total((bar) => (bar.closed ? 0 : bar.steps));
  const isGap = steps > 200 && ask.page === null;
  return {
    of,
    done: ask.page === null ? Math.ceil(of / 2) : of,
    next: ask.page === null && bars.length > 1 ? (bars[half]?.firstStep ?? null) : null,
    firstStep,
    lastStep: shown.at(-1)?.lastStep ?? 0,
    heldFrom,
    steps,
    unknownSteps: total((bar) => bar.unknownSteps),
    missing: isGap ? 3 : 0,
    gaps: isGap ? [{ first: firstStep + 90, last: firstStep + 92 }] : [],
    unfinalSteps: Math.min(openSteps, 2),
    openSteps,
    roofs:
      steps === 0
        ? []
        : [
            { generator: 0, mwh: south, estimatedSteps: 2 },
            { generator: 1, mwh: generatedMwh - south, estimatedSteps: 0 },
          ],
    members: steps === 0 ? [] : members,
    generatedMwh,
    creditedMwh: generatedMwh,
    heldBackMwh: 0,
    waitingMwh: 0,
    lostMwh: 0,
    uneven: 0,
  };
};

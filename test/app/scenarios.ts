/** The views that the screenshots show, by name. Pure. */
import { fixtureListening } from "./fixture-listening.ts";
import type { View } from "../../worker/port.ts";
import type { RuleView } from "../../worker/port-council.ts";
import { fixtureHousehold, fixtureUseMeter } from "./fixture-home.ts";
import { fixtureEffect, fixtureHex, fixtureMeter, fixtureView, type FixtureOptions } from "./fixture-view.ts";

export const SCENARIOS = [
  "starting",
  "welcome",
  "member",
  "empty",
  "waiting",
  "waiting-offline",
  "waiting-adopted",
  "trouble",
  "meter",
  "household",
  "elder",
  "listening",
  "recognised",
  "busy",
  "council",
  "crowd",
  "healed",
  "barred",
  "left",
  "refused",
  "silent",
  "night",
  "light",
  "fast",
  "blocked",
] as const;
export type Scenario = (typeof SCENARIOS)[number];

const OPEN = { yes: 2, no: 0, needed: 6, mine: null, fromStep: 922, untilStep: 1_592, state: "open" } as const;

/** One decision of each outcome, and enough of them that some are folded away. */
const decisionsOf = (view: View): View["decisions"] => {
  const last = view.head?.step ?? 10;
  const votes = { yes: 7, no: 1, needed: 6 } as const;
  const rule = view.community?.rule;
  if (rule === undefined) return [];
  const before: RuleView = { ...rule, iterations: [{ kind: "fixed", portionPpm: 1_000_000 }] };
  return [
    {
      ...votes,
      id: "fee",
      by: "Dirk",
      what: { kind: "parameters", changes: [{ code: "feePpm", before: 0, after: 10_000 }] },
      outcome: "adopted",
      step: last,
      fromStep: last + 4,
    },
    {
      ...votes,
      id: "equal",
      by: "Esra",
      what: { kind: "rule", before, after: rule },
      outcome: "adopted",
      step: last - 30,
      fromStep: last - 29,
    },
    {
      id: "lou",
      by: "Ana",
      what: { kind: "member", name: "Lou", key: fixtureHex("applicant-lou"), weight: 1 },
      outcome: "rejected",
      yes: 1,
      no: 7,
      needed: 6,
      step: last - 80,
      fromStep: null,
    },
    {
      id: "quorum",
      by: "Guy",
      what: {
        kind: "parameters",
        changes: [
          { code: "quorumNum", before: 1, after: 2 },
          { code: "quorumDen", before: 2, after: 3 },
        ],
      },
      outcome: "expired",
      yes: 2,
      no: 0,
      needed: 6,
      step: last - 200,
      fromStep: null,
    },
  ];
};

/** One open ballot of each kind that changes something for members. */
const councilOf = (view: View, { now }: FixtureOptions): View["proposals"] => {
  const rule = view.community?.rule;
  if (rule === undefined) return [];
  const after: RuleView = {
    iterations: [
      { kind: "equal", portionPpm: 300_000 },
      { kind: "fixed", portionPpm: 1_000_000 },
    ],
    weights: rule.weights.map((one) => (one.member === 0 ? { ...one, weight: 3 } : one)),
  };
  return [
    {
      ...OPEN,
      id: "rule",
      by: "Ana",
      what: { kind: "rule", before: rule, after },
      effect: fixtureEffect(now, 214_000_000),
    },
    {
      ...OPEN,
      id: "terms",
      by: "Dirk",
      what: {
        kind: "parameters",
        changes: [
          { code: "feePpm", before: 0, after: 20_000 },
          { code: "ballotWindow", before: 672, after: 288 },
        ],
      },
      effect: {
        ...fixtureEffect(now, 0),
        members: fixtureEffect(now, 214_000_000).members.map((one) => ({
          ...one,
          afterMwh: Math.floor(one.beforeMwh * 0.98),
          afterPpm: Math.floor(one.beforePpm * 0.98),
        })),
        fee: { beforeMwh: 0, afterMwh: 4_280_000, beforePpm: 0, afterPpm: 20_000 },
      },
    },
    {
      ...OPEN,
      id: "rotate",
      by: "Esra",
      what: { kind: "rotate", name: "Guy", key: fixtureHex("new-phone") },
      effect: null,
    },
    {
      ...OPEN,
      id: "pardon",
      by: "Famke",
      what: { kind: "pardon", name: "Dirk", strikes: 2, barredSince: null },
      effect: null,
    },
    {
      ...OPEN,
      id: "leave",
      by: "Karel",
      what: { kind: "leave", name: "Karel", me: false, own: true },
      effect: null,
      fromStep: (view.head?.step ?? 0) + 2,
      untilStep: 0,
      state: "adopted",
    },
  ];
};

export const scenarioView = (scenario: Scenario, options: FixtureOptions): View => {
  const member = fixtureView(options);
  switch (scenario) {
    case "starting":
      return { ...member, phase: "starting" };
    case "welcome":
      return {
        ...member,
        phase: "welcome",
        community: null,
        me: null,
        step: null,
        today: [],
        blocks: [],
        members: [],
        head: null,
        final: null,
      };
    case "empty":
      return {
        ...member,
        today: [],
        todayGeneratedMwh: 0,
        todayMineMwh: 0,
        totalMineMwh: 0,
        liveCommunityW: null,
        liveMineW: null,
        generators: [],
        blocks: [],
        head: null,
        final: null,
        peers: [],
        members: member.members
          .filter((one) => one.me)
          .map((one) => ({ ...one, todayMwh: 0, creditedMwh: 0, blocksMade: 0 })),
      };
    case "waiting":
      return {
        ...member,
        phase: "waiting-admission",
        peers: member.peers.slice(0, 1),
        proposals: [
          {
            id: "own",
            by: "Ana",
            what: { kind: "member", name: "Chloé", key: member.me?.key ?? "", weight: 1 },
            effect: null,
            yes: 1,
            no: 0,
            needed: 6,
            mine: null,
            fromStep: (member.step?.index ?? 0) + 2,
            untilStep: (member.step?.index ?? 0) + 600,
            state: "open",
          },
        ],
        members: [],
        today: [],
        step: null,
      };
    case "waiting-offline":
      return {
        ...scenarioView("waiting", options),
        peers: [],
        problem: { code: "offline", severity: "task", data: {} },
      };
    case "waiting-adopted": {
      const waiting = scenarioView("waiting", options);
      return { ...waiting, proposals: waiting.proposals.map((one) => ({ ...one, yes: 6, state: "adopted" as const })) };
    }
    case "trouble":
      return {
        ...member,
        peers: [],
        signalling: "retrying",
        verifiedAt: options.now - 12 * 60_000,
        problem: { code: "no-neighbour", severity: "task", data: { minutes: 20 } },
      };
    case "listening":
    case "recognised":
      return { ...member, listening: fixtureListening(options, scenario === "recognised") };
    case "meter":
      return { ...member, meters: [fixtureMeter(options)] };
    case "household":
      return { ...member, household: fixtureHousehold(member), meters: [fixtureUseMeter(options)] };
    case "elder": {
      // A community of years, so that months and years have something to show.
      const { community } = member;
      return {
        ...scenarioView("household", options),
        community: community === null ? null : { ...community, t0: options.dayStart - 500 * 86_400_000 },
        totalMineMwh: 2_312_400_000 + member.todayMineMwh,
      };
    }
    case "busy":
      return {
        ...member,
        problem: { code: "applicant-waiting", severity: "task", data: { name: "Lou", count: 1 } },
        meters: [{ ...fixtureMeter(options), state: "stopped", registered: "proposed" }],
        applicants: [
          {
            key: fixtureHex("applicant-lou"),
            name: "Lou",
            since: options.now - 90_000,
            proposed: false,
            refused: null,
          },
          {
            key: fixtureHex("applicant-max"),
            name: "Max",
            since: options.now - 7_200_000,
            proposed: false,
            refused: "here",
          },
        ],
        proposals: [
          {
            id: "proposal-1",
            by: "Dirk",
            what: { kind: "generator", name: "Bakery roof", owner: "Dirk", pMaxW: 5_400 },
            effect: null,
            yes: 3,
            no: 1,
            needed: 6,
            mine: "yes",
            fromStep: 922,
            untilStep: 1_592,
            state: "open",
          },
        ],
        proposalsOnTheWay: 1,
        decisions: decisionsOf(member),
      };
    case "council":
      return { ...member, proposals: councilOf(member, options), decisions: decisionsOf(member) };
    case "crowd": {
      // A thousand members and their roofs, a ballot and a neighbour at the door among them.
      const busy = scenarioView("elder", options);
      const many = <T extends { readonly index: number; readonly key: string; readonly name: string }>(
        of: readonly T[],
        count: number,
      ): T[] =>
        Array.from({ length: count }, (_, index) => {
          const like = of[index % of.length];
          if (like === undefined) throw new Error("a crowd is made of some");
          const name = index < of.length ? like.name : `${like.name} ${Math.floor(index / of.length) + 1}`;
          return { ...like, index, name, key: fixtureHex(`${like.key}-${index}`), me: index === 2 };
        });
      return {
        ...busy,
        members: many(busy.members, 1_000),
        generators: many(busy.generators, 120),
        applicants: scenarioView("busy", options).applicants,
        proposals: councilOf(member, options),
      };
    }
    case "healed": {
      const last = member.head?.step ?? 4;
      return { ...member, healed: { at: options.now, blocks: 4, firstStep: last - 4, lastStep: last - 1 } };
    }
    case "silent":
    case "night": {
      const isNight = scenario === "night";
      const lastHeard = options.now - 9 * 3_600_000;
      const quiet = { liveW: null, lastHeard, standing: isNight ? "counting" : "late" } as const;
      return {
        ...member,
        liveCommunityW: isNight ? null : member.liveCommunityW,
        liveMineW: isNight ? null : member.liveMineW,
        generators: member.generators.map((one) => (isNight || one.index === 0 ? { ...one, ...quiet } : one)),
      };
    }
    case "barred":
      return {
        ...member,
        problem: { code: "barred", severity: "task" },
        members: member.members.map((one) =>
          one.me || one.index === 3
            ? { ...one, strikes: 3, barredSince: options.now - 86_400_000 }
            : one.index === 8
              ? { ...one, leftSince: options.now - 3 * 86_400_000 }
              : one,
        ),
      };
    case "left":
      return {
        ...member,
        problem: { code: "left-community", severity: "info" },
        voting: null,
        members: member.members.map((one) => (one.me ? { ...one, leftSince: options.now - 60_000 } : one)),
      };
    case "refused":
      return {
        ...scenarioView("waiting", options),
        peers: [],
        problem: { code: "refused-by-peers", severity: "trouble", data: { reason: "invitation-expired" } },
      };
    case "light":
      return {
        ...member,
        kind: { now: "light", choice: "auto", reason: "battery" },
        members: member.members.filter((one) => one.me),
        generators: [],
        blocks: [],
        meters: [],
        proposals: [],
        voting: null,
        liveCommunityW: null,
        liveMineW: null,
        keep: null,
        light: {
          heldFrom: options.dayStart,
          reaching: null,
          unjudgedMwh: 1_412_000,
          unjudgedSteps: 31,
          unjudgedToday: member.today
            .filter(({ stage }) => stage === "final")
            .slice(-2)
            .map(({ step }) => step),
          gap: { mwh: 320_000, from: options.dayStart },
          sureFrom: options.dayStart,
        },
      };
    case "fast":
      return { ...member, demo: true };
    case "blocked":
      return { ...member, phase: "blocked", problem: { code: "storage-denied", severity: "trouble" } };
    default:
      return member;
  }
};

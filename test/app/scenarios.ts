/** The views that the screenshots show, by name. Pure. */
import type { View } from "../../worker/port.ts";
import { fixtureHex, fixtureMeter, fixtureView, type FixtureOptions } from "./fixture-view.ts";

export const SCENARIOS = [
  "starting",
  "welcome",
  "member",
  "empty",
  "waiting",
  "trouble",
  "meter",
  "busy",
  "fast",
  "blocked",
] as const;
export type Scenario = (typeof SCENARIOS)[number];

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
        members: [],
        today: [],
        step: null,
      };
    case "trouble":
      return {
        ...member,
        peers: [],
        signalling: "retrying",
        verifiedAt: options.now - 12 * 60_000,
        problem: { code: "no-neighbour", severity: "task", data: { minutes: 20 } },
      };
    case "meter":
      return { ...member, meters: [fixtureMeter(options)] };
    case "busy":
      return {
        ...member,
        problem: { code: "applicant-waiting", severity: "task", data: { name: "Lou", count: 1 } },
        meters: [{ ...fixtureMeter(options), state: "stopped", registered: "proposed" }],
        applicants: [{ key: fixtureHex("applicant-lou"), name: "Lou", since: options.now - 90_000, proposed: false }],
        proposals: [
          {
            id: "proposal-1",
            by: "Dirk",
            what: { kind: "generator", name: "Bakery roof", owner: "Dirk", pMaxW: 5_400 },
            yes: 3,
            no: 1,
            needed: 6,
            mine: null,
            fromStep: null,
            state: "open",
          },
          {
            id: "proposal-2",
            by: "Ana",
            what: { kind: "member", name: "Karel", key: fixtureHex("member-Karel"), weight: 1 },
            yes: 8,
            no: 0,
            needed: 6,
            mine: "yes",
            fromStep: 40,
            state: "in-force",
          },
        ],
      };
    case "fast":
      return { ...member, demo: true };
    case "blocked":
      return { ...member, phase: "blocked", problem: { code: "storage-denied", severity: "trouble" } };
    default:
      return member;
  }
};

/**
 * Takes the place of `Worker` in a page under test: answers the port from fixtures. Bundled by the screenshot script
 * and put into the page before its own code; never part of the app. The page sets `scenario` first.
 */
import type { CommandKind, Commands, PortRefusal, ToPage, ToWorker } from "../../worker/port.ts";
import { fixtureDetail, fixtureProof, fixtureProofFile } from "./fixture-step.ts";
import { fixtureFind, fixturePage, fixtureWeek } from "./fixture-explore.ts";
import { fixtureEnergy, fixtureRegisters } from "./fixture-energy.ts";
import { fixtureMonth, fixtureOperator } from "./fixture-operator.ts";
import { fixtureCheck } from "./fixture-home.ts";
import { fixtureEffect, fixtureTerms, type FixtureOptions } from "./fixture-view.ts";
import { scenarioView, type Scenario } from "./scenarios.ts";

const WORDS = [
  "apple",
  "bridge",
  "candle",
  "dawn",
  "eagle",
  "forest",
  "garden",
  "harvest",
  "island",
  "jungle",
  "kitchen",
  "lemon",
];

const place = globalThis as unknown as { scenario?: Scenario; Worker: unknown };

const options = (fast = false): FixtureOptions => {
  const now = Date.now();
  const date = new Date(now);
  const dayStart = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return {
    now,
    dayStart,
    stepMs: fast ? 10_000 : 900_000,
    t0: fast ? dayStart + 12.5 * 3_600_000 : dayStart - 9 * 86_400_000,
  };
};

const shownView = () => scenarioView(place.scenario ?? "member", options());

const answers: { [K in CommandKind]: (ask: Commands[K]["ask"]) => Commands[K]["answer"] | null } = {
  "new-phrase": () => ({ words: WORDS, shown: null }),
  create: () => ({ communityId: "c0" }),
  "read-invitation": ({ link }) =>
    link.includes("bad")
      ? null
      : {
          ...fixtureTerms(900_000, options().t0),
          communityName: "Rue du Soleil 12",
          inviter: "Ana",
          expires: Date.now() + 3 * 86_400_000,
          members: 11,
        },
  join: () => ({ communityId: "c0" }),
  "restore-words": ({ words }) => (words.includes("wrong") ? null : { communityId: "c0" }),
  "save-backup": () => ({ file: new Uint8Array(64), made: Date.now() }),
  "read-backup": ({ passphrase }) =>
    passphrase.startsWith("wrong")
      ? null
      : {
          communityName: "Rue du Soleil 12",
          memberName: "Chlo\u00e9",
          made: Date.now() - 3 * 86_400_000,
          meters: 1,
          here: "nothing",
        },
  "restore-backup": () => ({ communityId: "c0" }),
  "dismiss-mended": () => ({}),
  invite: ({ base }) => ({ link: `${base}#/join?i=${"q7Zk2Lx9".repeat(60)}`, expires: Date.now() + 7 * 86_400_000 }),
  ways: () => ({ signalling: [], ice: [] }),
  "set-ways": () => ({}),
  "refuse-applicant": () => ({}),
  propose: () => ({ proposal: "p1" }),
  preview: ({ action }) =>
    action.kind === "parameters" && action.changes["feePpm"] === undefined
      ? { effect: null, refusal: null }
      : { effect: fixtureEffect(Date.now(), 214_000_000), refusal: null },
  reconcile: ({ text }) => fixtureCheck(options(), text),
  "set-strategy": () => ({}),
  "dismiss-healed": () => ({}),
  admit: () => ({ proposal: "p0" }),
  vote: () => ({}),
  "pair-meter": () => ({ id: "meter-1" }),
  "confirm-meter": () => ({}),
  "forget-meter": () => ({}),
  recognise: () => ({}),
  "stop-listening": () => ({}),
  "meter-budget": ({ impPerKwh, resolutionMwh }) => ({
    quantumMicroWh: impPerKwh === null ? resolutionMwh * 1_000 : Math.ceil(1_000_000_000 / impPerKwh),
    clockMicroWh: 607,
    boundMicroWh: 287_500,
    marginMicroWh: 287_500 - 607 - (impPerKwh === null ? resolutionMwh * 1_000 : Math.ceil(1_000_000_000 / impPerKwh)),
    meets: impPerKwh !== null && impPerKwh > 3_500,
    reason: impPerKwh !== null && impPerKwh > 3_500 ? "meets" : "register-too-coarse",
    minImpPerKwh: 3_479,
    classes: [
      { accuracyClass: "A", meets: impPerKwh !== null && impPerKwh > 2_000 },
      { accuracyClass: "B", meets: impPerKwh !== null && impPerKwh > 3_500 },
      { accuracyClass: "C", meets: false },
    ],
  }),
  "my-energy": (ask) => {
    const view = fixtureEnergy(options(), ask);
    // Only who reads an own meter has figures of it.
    return place.scenario === "household" || place.scenario === "elder"
      ? view
      : { ...view, usedFrom: null, bars: view.bars.map((bar) => ({ ...bar, use: null })) };
  },
  "my-energy-file": () => ({ csv: "step_start,step_end\r\n", next: null }),
  operator: () => fixtureOperator(options(), shownView(), place.scenario === "household"),
  "operator-month": (ask) => fixtureMonth(options(), shownView(), ask),
  "operator-file": () => ({ csv: "kind,number,name,key,kwh,from,to,status\r\n", next: null, done: 1, of: 1 }),
  "my-registers": ({ at }) => fixtureRegisters(options(), at),
  "chain-page": (ask) => fixturePage(options(), ask),
  "find-steps": (ask) => fixtureFind(options(), ask),
  "community-week": () => fixtureWeek(options()),
  "step-detail": ({ step }) => fixtureDetail(options(), step),
  "check-proof": ({ step, transaction }) => fixtureProof(options(), step, transaction),
  "make-bundle": ({ from, to }) => ({
    name: `proof-${from}-${to}.cwproof`,
    bytes: new Uint8Array(6_817),
    mwh: 40_100_000,
    end: options().now - 900_000,
  }),
  "check-bundle": ({ bytes }) => (bytes.length < 100 ? null : fixtureProofFile(options())),
  "retry-network": () => ({}),
  surroundings: () => ({}),
  "set-kind": () => ({}),
  "set-budget": () => ({}),
  "reach-back": () => ({}),
  "storage-persisted": () => ({}),
  rest: () => ({}),
  leave: () => ({}),
};

/** Why the answer is null, where it is not the invitation's fault. */
const REFUSED: { readonly [K in CommandKind]?: PortRefusal } = {
  "check-bundle": { code: "bundle-credit", message: "A distribution was changed.", data: { place: "blocks" } },
  "read-backup": { code: "passphrase-wrong", message: "The passphrase does not open this file." },
  "restore-words": { code: "word-unknown", message: "A word is unknown.", data: { word: "wrong", position: 3 } },
};

class FakeWorker extends EventTarget {
  /** The demo's worker shows a fast community, whatever the page's own node shows. */
  readonly #demo: boolean;

  constructor(_url: URL, { name }: { readonly name?: string } = {}) {
    super();
    this.#demo = name === "demo";
  }

  postMessage(message: ToWorker): void {
    if (message.kind === "hello") {
      this.#tell({ kind: "hello", version: message.version, build: message.build });
      this.#tell({
        kind: "view",
        view: scenarioView(this.#demo ? "fast" : (place.scenario ?? "member"), options(this.#demo)),
      });
    } else if (message.kind === "command") {
      const answer = (answers[message.name] as (ask: unknown) => unknown)(message.ask);
      this.#tell(
        answer === null
          ? {
              kind: "answer",
              id: message.id,
              ok: false,
              error: REFUSED[message.name] ?? { code: "invitation-changed", message: "This invitation was changed." },
            }
          : { kind: "answer", id: message.id, ok: true, value: answer },
      );
    }
  }

  terminate(): void {
    // Nothing runs in it.
  }

  #tell(message: ToPage): void {
    queueMicrotask(() => this.dispatchEvent(new MessageEvent("message", { data: message })));
  }
}

place.Worker = FakeWorker;

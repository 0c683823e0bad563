/** The one thing to do (look.md): of all that is wrong at once, what a person can lose comes first. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Core } from "../../worker/node/core.ts";
import { silentFrom } from "../../worker/node/silence.ts";
import type { Problem } from "../../worker/port.ts";
import type { MeterView } from "../../worker/port-meter.ts";
import { Notices } from "../../worker/shell/notices.ts";
import { problemOf, storageProblem, type Circumstances } from "../../worker/shell/problems.ts";
import { createMemoryDisk, openMemory } from "../../worker/storage/memory.ts";
import { StoreError, type StoreErrorCode } from "../../worker/storage/store.ts";
import { Trial } from "../lab/trial.ts";

const METER: MeterView = {
  id: "m",
  label: "Roof",
  protocol: "p1",
  state: "counting",
  registerMwh: 0,
  liveW: 0,
  lastReading: 0,
  generator: 0,
  registered: "yes",
  quantumMwh: 1,
  resolutionMwh: 1,
  meetsBudget: true,
  refusedTelegrams: 0,
  lastRefusal: null,
  stop: null,
  countedNotBookedMwh: 0,
  role: "generation",
  grid: null,
};

let core: Core;
let fine: Circumstances;
const codeOf = (change: Partial<Circumstances>): Problem["code"] | undefined => problemOf({ ...fine, ...change })?.code;

describe("problems", () => {
  beforeAll(async () => {
    const trial = await Trial.begin({ members: 2, owners: [], absent: [1] });
    await trial.until(1, 6_000);
    core = trial.core(0);
    const now = trial.time.now;
    fine = {
      core,
      now,
      storeError: null,
      keeping: null,
      refusedBy: null,
      online: true,
      lonelySince: null,
      meters: [],
      clockOffset: 0,
      notices: new Notices(await openMemory({ disk: createMemoryDisk() })),
      decisions: [],
      wasMember: true,
    };
  });

  it("none when all is right", () => {
    expect(problemOf(fine)).toBeNull();
  });

  it("come in the order of what can be lost", () => {
    const { now } = fine;
    const all: (readonly [Problem["code"], Partial<Circumstances>])[] = [
      ["storage-full", { storeError: new StoreError("full") }],
      ["refused-by-peers", { refusedBy: "not-a-member" }],
      ["meter-backwards", { meters: [{ ...METER, state: "stopped", lastRefusal: "register-backwards" }] }],
      ["offline", { online: false }],
      ["no-neighbour", { lonelySince: now - 60_000 }],
      ["clock-off", { clockOffset: 9_000 }],
    ];
    let worst: Partial<Circumstances> = {};
    for (const [code, change] of all.toReversed()) {
      expect(codeOf(change), code).toBe(code);
      worst = { ...worst, ...change };
      expect(codeOf(worst), `${code} before the rest`).toBe(code);
    }
  });

  it("of a device made from words that nobody knows names the words, not an ended membership", () => {
    const nobody: Core = Object.create(core, {
      me: { value: null },
      keys: { value: { ...core.keys, memberKey: new Uint8Array(32) } },
      silence: { value: silentFrom(1) },
      peers: { value: new Map() },
    });
    expect(codeOf({ core: nobody, refusedBy: "not-a-member" })).toBe("words-unknown");
    expect(codeOf({ core: nobody, refusedBy: "other-version" })).toBe("refused-by-peers");
  });

  it.each([
    ["full", "storage-full"],
    ["denied", "storage-denied"],
    ["failed", "storage-corrupt"],
    ["corrupt", "storage-corrupt"],
    ["closed", "other-tab-old"],
  ] as const)("a disk that is %s is %s", (code: StoreErrorCode, problem) => {
    expect(storageProblem(new StoreError(code))).toEqual({ code: problem, severity: "trouble" });
  });

  it.each([
    [{ state: "stopped", lastRefusal: "register-backwards" }, "meter-backwards"],
    [{ state: "stopped", lastRefusal: "too-much" }, "meter-jumped"],
    [{ state: "other-meter" }, "meter-other"],
    [{ state: "unplugged" }, "meter-unplugged"],
    [{ state: "silent" }, "meter-silent"],
    [{ state: "listening", refusedTelegrams: 3 }, "meter-refused"],
    [{ state: "listening", refusedTelegrams: 1 }, undefined],
    [{ state: "counting", refusedTelegrams: 9 }, undefined],
  ] as const)("a meter that is %j: %s", (change, code) => {
    expect(codeOf({ meters: [METER, { ...METER, ...change }] })).toBe(code);
  });

  it("being offline is one only without a link, and being alone says how long in whole minutes, and who goes on counting", () => {
    fine.core.peers.set(1, {} as never);
    expect(codeOf({ online: false })).toBeUndefined();
    fine.core.peers.delete(1);
    expect(codeOf({ online: false })).toBe("offline");
    const alone = (ms: number, meters: Circumstances["meters"] = []) =>
      problemOf({ ...fine, lonelySince: fine.now - ms, meters })?.data;
    expect(alone(39_000)).toEqual({ minutes: 0, meters: 0 });
    expect(alone(119_000)).toEqual({ minutes: 1, meters: 0 });
    expect(alone(120_000, [METER])).toEqual({ minutes: 2, meters: 1 });
  });

  it("a moment alone, or a clock that is nearly right, is none", () => {
    expect(codeOf({ lonelySince: fine.now - 19_000 })).toBeUndefined();
    expect(codeOf({ clockOffset: 500 })).toBeUndefined();
    expect(codeOf({ clockOffset: -501 })).toBe("clock-off");
  });

  it("a chain that stands still, or that is long not final, is told without alarm", async () => {
    expect(problemOf({ ...fine, now: fine.now + 50_000 })).toMatchObject({ code: "chain-stalled", severity: "info" });
    const trial = await Trial.begin({ members: 2, owners: [], absent: [1] });
    await trial.until(9, 6_000);
    const open = { ...fine, core: trial.core(0), now: trial.time.now };
    expect(problemOf(open)).toEqual({ code: "not-final", severity: "info", data: { steps: 9 } });
  });
});

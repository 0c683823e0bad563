/** `commonwatt pilot`: a community on a file of measured data, every milliwatt-hour accounted for; and wrong arguments. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "../../worker/cli/command.ts";
import { run } from "../../worker/cli/main.ts";
import { makeTerminal } from "./terminal.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "commonwatt-"));
  writeFileSync(join(dir, "energy.csv"), ENERGY);
  writeFileSync(join(dir, "register.csv"), REGISTER);
});
afterAll(() => rmSync(dir, { recursive: true }));

const ENERGY = `utc_timestamp,roof,barn,ana,"bo, the baker"
2025-06-21T10:00:00Z,0.5000,0.123456,0.200,1.0
2025-06-21T10:15:00Z,0.7511,0,0.1,0.300
2025-06-21T10:30:00Z,0,0.001,0.4,0
2025-06-21T10:45:00Z,1.25,0.25,cloudy,0.1
`;
const REGISTER = `utc_timestamp,pv
2025-06-21T10:00:00Z,100.000
2025-06-21T10:15:00Z,100.250
2025-06-21T10:30:00Z,100.100
`;

const DATA = ["pilot", "--data", "energy.csv", "--resolution", "15"];
const ROOFS = [...DATA, "--generators", "roof,barn"];
const HALF_HOUR = ["--days", "0.0208"];
const pilot = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  const terminal = makeTerminal(dir);
  const code = await run(args, terminal);
  return { code, out: terminal.out(), err: terminal.err() };
};

/** The settlement file's sums by member. */
const settled = (): Map<string, number> => {
  const [header, ...lines] = readFileSync(join(dir, "settlement.csv"), "utf8").trimEnd().split("\n");
  expect(header).toBe("step_start_utc,step_end_utc,member,mwh");
  const sums = new Map<string, number>();
  for (const line of lines) {
    const [, member = "", mwh = ""] = /^[^,]+,[^,]+,("(?:[^"]|"")*"|[^,]*),(\d+)$/.exec(line) ?? [];
    sums.set(member, (sums.get(member) ?? 0) + Number(mwh));
  }
  return sums;
};
type Summary = {
  readonly steps: number;
  readonly generatedMwh: number;
  readonly distributedMwh: number;
  readonly usedAtOnceMwh: number | null;
  readonly members: readonly { readonly name: string; readonly creditedMwh: number }[];
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
};

describe("a pilot on a small file", () => {
  it("passes every check, and the settlement's sums are the members' totals to the mWh", async () => {
    const args = ["--consumers", '"bo, the baker"', "--members", "3", "--json"];
    // A column's own comma cannot be asked for: names in --consumers are cut at commas.
    expect((await pilot(...ROOFS, ...HALF_HOUR, ...args)).code).toBe(EXIT_FAILED);
    const { code, out, err } = await pilot(...ROOFS, ...HALF_HOUR, "--consumers", "ana", "--members", "3", "--json");
    expect([code, err]).toEqual([EXIT_OK, expect.stringContaining("step 2 of 2")]);
    const said = JSON.parse(out) as Summary;
    expect(said.checks.filter((c) => !c.ok)).toEqual([]);
    expect(said.checks).toHaveLength(5);
    // The barn's 123.456 Wh are cut to its register's whole watt-hours.
    expect(said).toMatchObject({ steps: 2, generatedMwh: 1_251_000 + 123_000, distributedMwh: 1_374_000 });
    expect(said.usedAtOnceMwh).toBe(200_000 + 100_000);
    expect([...settled()]).toEqual(said.members.map((m) => [m.name, m.creditedMwh]));
    expect(said.members.map((m) => m.name)).toEqual(["ana", "member2", "member3"]);
  });

  it("says so in words, with a line for each check", async () => {
    const { code, out } = await pilot(...DATA, "--generators", "roof", "--days", "0.0105", "--register", "1");
    expect(code).toBe(EXIT_OK);
    expect(out).toContain("Measured data replayed.");
    expect(out).toContain("Generated 0.500 kWh, distributed 0.500 kWh; the file says 0.500 kWh.");
    expect(out.match(/^yes {2}/gm)).toHaveLength(5);
    expect(out).not.toMatch(/^NO/m);
  });

  it("the same seed gives the same head, another seed another", async () => {
    const head = async (seed: string): Promise<unknown> => {
      const { out } = await pilot(...ROOFS, ...HALF_HOUR, "--seed", seed, "--json");
      return (JSON.parse(out) as { heads: string[] }).heads;
    };
    const first = await head("x");
    expect(await head("x")).toEqual(first);
    expect(await head("y")).not.toEqual(first);
  });
});

describe("what makes no sense", () => {
  it.each([
    ["an option that is none", [...ROOFS, "--dyas", "1"], "--dyas"],
    ["no resolution", ["pilot", "--data", "energy.csv", "--generators", "roof", "--days", "1"], "--resolution"],
    [
      "seven minutes",
      ["pilot", "--data", "energy.csv", "--generators", "roof", "--days", "1", "--resolution", "7"],
      "15",
    ],
    ["no days", ROOFS, "--days"],
    ["minus one day", [...ROOFS, "--days=-1"], "--days"],
    ["no generators", [...DATA, "--days", "1"], "--generators"],
    ["columns without a file", ["pilot", "--generators", "roof"], "--data"],
    ["fewer members than generators", [...ROOFS, ...HALF_HOUR, "--members", "1"], "--members"],
    ["more members than one machine", ["pilot", "--members", "65"], "64"],
    ["a start that is no time", [...ROOFS, ...HALF_HOUR, "--start", "noon"], "--start"],
  ])("%s: exit code 2 and one sentence that says what to do", async (_, args, word) => {
    const { code, out, err } = await pilot(...args);
    expect([code, out]).toEqual([EXIT_USAGE, ""]);
    expect(err).toContain(word);
    expect(err).not.toContain("    at ");
  });

  it.each([
    [
      "a file that is not there",
      ["pilot", "--data", "no.csv", "--generators", "a", "--resolution", "15", "--days", "1"],
      "no.csv",
    ],
    ["a folder", ["pilot", "--data", ".", "--generators", "a", "--resolution", "15", "--days", "1"], "cannot be read"],
    ["a column that is missing", [...DATA, "--generators", "shed", ...HALF_HOUR], "There is no column shed"],
    ["too few rows", [...ROOFS, "--days", "1"], "96 are needed"],
    ["rows beyond the end", [...ROOFS, ...HALF_HOUR, "--from", "9"], "0 rows"],
    ["text in a cell", [...ROOFS, "--days", "0.0417", "--consumers", "ana"], 'Row 3, column ana: "cloudy"'],
    [
      "a register that goes backwards",
      ["pilot", "--data", "register.csv", "--generators", "pv", "--resolution", "15", "--cumulative", ...HALF_HOUR],
      "goes backwards",
    ],
    ["a folder for the settlement that is a file", [...ROOFS, "--days", "0.0105", "--out", "energy.csv"], "--out"],
  ])("%s: exit code 1 and one sentence that says what to do", async (_, args, word) => {
    const { code, out, err } = await pilot(...args);
    expect([code, out]).toEqual([EXIT_FAILED, ""]);
    expect(err).toContain(word);
    expect(err).not.toContain("    at ");
  });

  it("--help says how", async () => {
    const { code, out } = await pilot("pilot", "--help");
    expect([code, out]).toEqual([EXIT_OK, expect.stringMatching(/^Usage: commonwatt pilot/)]);
  });

  it("Ctrl-C ends it", async () => {
    const terminal = makeTerminal(dir);
    terminal.interrupt();
    expect(await run([...ROOFS, ...HALF_HOUR], terminal)).toBe(EXIT_FAILED);
    expect(terminal.out()).toBe("");
  });
});

const SHARED = "../shared/data";
describe.skipIf(!existsSync(SHARED))("measured data", () => {
  const shared = (path: string): string => resolve(SHARED, path);
  const hourly = "opsd-household/household_data_60min_singleindex_2017-09-01.csv";
  const quarters = "opsd-household/residential4_15min_2016-08-23.csv";
  it.each([
    [
      "two roofs and three homes of CityLearn, two hours of noon",
      ["citylearn-2022/community_17homes_hourly.csv", "--resolution", "60", "--days", "0.0833", "--from", "12"],
      ["--generators", "pv1_kwh,pv2_kwh", "--consumers", "load1_kwh,load2_kwh,load3_kwh"],
    ],
    [
      "a household of OPSD, its hourly register",
      [hourly, "--resolution", "60", "--days", "0.0833", "--from", "7110", "--cumulative"],
      ["--generators", "DE_KN_residential4_pv", "--members", "2"],
    ],
    [
      "the same household, its register of quarter-hours",
      [quarters, "--resolution", "15", "--days", "0.0417", "--from", "24", "--cumulative"],
      ["--generators", "pv_kwh", "--members", "2"],
    ],
  ])(
    "%s: generated is the file's own, to the watt-hour, and all checks pass",
    async (_, [file = "", ...rest], more) => {
      const { code, out, err } = await pilot("pilot", "--data", shared(file), ...rest, ...more, "--json");
      expect(code, err).toBe(EXIT_OK);
      const said = JSON.parse(out) as Summary;
      expect(said.checks.filter((c) => !c.ok)).toEqual([]);
      expect(said.generatedMwh).toBeGreaterThan(0);
      expect([...settled().values()].reduce((a, b) => a + b, 0)).toBe(said.distributedMwh);
    },
  );
});

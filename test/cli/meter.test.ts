/** `commonwatt meter decode`: lines on standard output, sentences on standard error, exit codes. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { millis } from "../../worker/base/units.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "../../worker/cli/command.ts";
import { run } from "../../worker/cli/main.ts";
import { encodeP1 } from "../../worker/metering/virtual/p1.ts";
import { encodeS0 } from "../../worker/metering/virtual/s0.ts";
import { makeTerminal } from "./terminal.ts";

const telegram = encodeP1({
  style: "be",
  exportMwh: 11_000,
  importMwh: 15_792_000,
  powerExportW: 20,
  powerImportW: 0,
  at: millis(1_589_284_449_000),
  offsetMinutes: 120,
});
const old = "/XMX5XMXABCE000012345\r\n\r\n1-0:2.8.1(00001.000*kWh)\r\n1-0:2.8.2(00002.000*kWh)\r\n!\r\n";
const pulses = encodeS0({ boot: 1, start: 0, seq: 0, count: 3, ms: 1_000, impPerKwh: 3_000 });

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "commonwatt-"));
  const damaged = Uint8Array.from(telegram);
  damaged[40] = 0x39;
  writeFileSync(join(dir, "good"), telegram);
  writeFileSync(join(dir, "damaged"), damaged);
  writeFileSync(join(dir, "both"), Buffer.concat([damaged, telegram, telegram.subarray(0, 90)]));
  writeFileSync(join(dir, "old"), old);
  writeFileSync(join(dir, "pulses"), pulses);
  writeFileSync(join(dir, "rubbish"), "no meter wrote this");
  writeFileSync(join(dir, "empty"), "");
});
afterAll(() => rmSync(dir, { recursive: true }));

const decode = async (...args: string[]) => {
  const terminal = makeTerminal(dir);
  const code = await run(["meter", "decode", ...args], terminal);
  return { code, lines: terminal.out().split("\n").slice(0, -1), err: terminal.err() };
};

describe("decoding", () => {
  test("a valid telegram is one JSON line, with energy in mWh, and exit code 0", async () => {
    const { code, lines, err } = await decode("--protocol", "p1", "good");
    expect([code, err]).toEqual([EXIT_OK, ""]);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        protocol: "p1",
        exportMwh: 11_000,
        importMwh: 15_792_000,
        resolutionMwh: 1_000,
        powerExportW: 20,
        powerImportW: 0,
        meterTime: { text: "200512135409S", valid: true, summer: true },
        identity: null,
      },
    ]);
    expect((await decode("--protocol", "p1", "--json", "good")).lines).toEqual(lines);
  });

  test("each refused one is a code and a sentence on standard error, and the good ones between are still printed", async () => {
    const { code, lines, err } = await decode("--protocol", "p1", "both");
    expect([code, lines.length]).toEqual([EXIT_OK, 1]);
    expect(err).toMatch(/^bad-checksum: [A-Z].*\.\ncut-short: [A-Z].*\.\n$/);
  });

  test.each([
    ["damaged", "bad-checksum"],
    ["rubbish", "no-telegram"],
    ["old", "no-checksum"],
    ["empty", "empty: no valid telegram"],
  ])("no valid telegram in %s: the reason, and exit code 1", async (file, reason) => {
    const { code, lines, err } = await decode("--protocol", "p1", file);
    expect([code, lines]).toEqual([EXIT_FAILED, []]);
    expect(err).toContain(reason);
    expect(err).toContain(`${file}: no valid telegram.\n`);
  });

  test("a meter without checksum is read when the user allows it; a salt makes an identity", async () => {
    const { code, lines } = await decode("--protocol", "p1", "--allow-no-checksum", "old");
    expect([code, (JSON.parse(lines[0] ?? "") as { exportMwh: number }).exportMwh]).toEqual([EXIT_OK, 3_000_000]);
    expect((await decode("--protocol", "p1", "--salt", "00ff", "good")).lines[0]).toMatch(/"identity":"[0-9a-f]{64}"/);
  });

  test("pulses need the number on the meter's face", async () => {
    const { code, lines } = await decode("--protocol", "s0", "--imp-per-kwh", "3000", "pulses");
    expect(code).toBe(EXIT_OK);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      protocol: "s0",
      exportMwh: 1_000,
      importMwh: null,
      resolutionMwh: 334,
      counter: { boot: 1, count: 3, total: 3 },
    });
    expect((await decode("--protocol", "s0", "--imp-per-kwh", "1000", "pulses")).err).toMatch(/^other-constant: /);
  });

  test("standard input is read when the file is -", () => {
    const bin = ["worker/cli/commonwatt.mjs", "meter", "decode", "--protocol", "p1", "-"];
    const done = spawnSync(process.execPath, bin, { input: telegram, encoding: "utf8" });
    expect([done.status, done.stderr]).toEqual([EXIT_OK, ""]);
    expect(JSON.parse(done.stdout)).toMatchObject({ exportMwh: 11_000 });
  });
});

describe("mistakes", () => {
  test.each([
    [["--protocol", "p1", "missing"], /missing: there is no such file; check its name\.\n$/],
    [["--protocol", "p1", "."], /this is a folder; name a file in it\.\n$/],
  ])("a file that is not there is one sentence and exit code 1", async (args, sentence) => {
    const { code, err } = await decode(...args);
    expect(code).toBe(EXIT_FAILED);
    expect(err).toMatch(sentence);
  });

  test.each([
    [[], "name the file"],
    [["good"], "--protocol must be one of p1, s0, tic, iec, sml, dlms, pulse, not nothing"],
    [["--protocol", "modbus", "good"], 'not "modbus"'],
    [["--protocol", "s0", "pulses"], "needs --imp-per-kwh"],
    [["--protocol", "s0", "--imp-per-kwh", "0", "pulses"], "needs --imp-per-kwh"],
    [["--protocol", "s0", "--imp-per-kwh", "1e3", "pulses"], "needs --imp-per-kwh"],
    [["--protocol", "p1", "--imp-per-kwh", "1000", "good"], "for pulses only (s0, pulse)"],
    [["--protocol", "pulse", "good"], "needs --imp-per-kwh"],
    [["--protocol", "sml", "--allow-no-checksum", "good"], "for p1, iec only"],
    [["--protocol", "s0", "--imp-per-kwh", "1000", "--salt", "00", "pulses"], "for p1, tic, iec, sml, dlms only"],
    [["--protocol", "p1", "--salt", "xyz", "good"], "hexadecimal"],
    [["--protocol", "p1", "--needs", "both", "good"], 'export, import, either, not "both"'],
    [["--protocol", "s0", "--imp-per-kwh", "1000", "--needs", "import", "pulses"], "for p1, tic, iec, sml, dlms only"],
    [["--protocol", "p1", "good", "both"], "one file at a time"],
    [["--nonsense"], "--nonsense"],
  ])("%j is not understood: exit code 2 and where to look", async (args, sentence) => {
    const { code, lines, err } = await decode(...args);
    expect([code, lines]).toEqual([EXIT_USAGE, []]);
    expect(err).toContain(sentence);
    expect(err).toContain("commonwatt meter --help");
  });

  test("another verb is not known, and the help names every option", async () => {
    const terminal = makeTerminal(dir);
    expect(await run(["meter", "encode"], terminal)).toBe(EXIT_USAGE);
    expect(await run(["meter", "--help"], terminal)).toBe(EXIT_OK);
    for (const option of ["--protocol", "--imp-per-kwh", "--allow-no-checksum", "--salt", "--needs", "Exit codes"]) {
      expect(terminal.out()).toContain(option);
    }
  });
});

const CAPTURES = "../shared/captures";

describe.skipIf(!existsSync(CAPTURES))("recorded telegrams (../shared/captures)", () => {
  const itron = "iec62056-21/itron-em214-mode-c-export-no-bcc.bin";
  const file = (name: string): string => join(process.cwd(), CAPTURES, name);

  test.each([
    ["p1", "p1/be-fluvius-emucs-1.7.1-a.txt", 11_000],
    ["p1", "p1/nl-dsmr5-iskra-m550-pv.txt", 4_162_465_000],
    ["p1", "p1/nl-dsmr4.2-kaifa.txt", 0],
    ["p1", "p1/at-sagemcom-t210-wh.txt", 58_000],
    ["tic", "tic/standard-producer-tri.bin", 671_631_000],
    ["iec", "iec62056-21/de-easymeter-q3d-mode-d-export.txt", 19_949_322_149],
    ["sml", "sml/holley-dtz541-smartmeter-obis.bin", 4_373_000],
  ])("%s: %s has an export of %i mWh", async (name, capture, exportMwh) => {
    const { code, lines, err } = await decode("--protocol", name, file(capture));
    // The SML recording ends in the middle of a third telegram.
    expect([code, err.replace(/^cut-short: .*\n$/, "")]).toEqual([EXIT_OK, ""]);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ protocol: name, exportMwh });
  });

  test.each([
    ["p1", "p1/NEG-badcrc-kamstrup-omnia-2.8.0.txt", /^bad-checksum: /],
    ["tic", "tic/historique-tempo-pyteleinfo.bin", /^(no-export-register: .*historique.*\n){10}/],
    ["iec", itron, /^no-checksum: /],
  ])("%s: %s is refused for the right reason", async (name, capture, reason) => {
    const { code, err } = await decode("--protocol", name, file(capture));
    expect(code).toBe(EXIT_FAILED);
    expect(err).toMatch(reason);
  });

  test("tic: what a household in historique mode took is read where import is needed", async () => {
    const capture = file("tic/historique-tempo-pyteleinfo.bin");
    const { code, lines, err } = await decode("--protocol", "tic", "--needs", "import", capture);
    expect([code, lines.length, err]).toEqual([EXIT_OK, 10, ""]);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ exportMwh: null, importMwh: 47_371_616_000 });
  });

  test("the readout that was cut before its end is read where the user allows it", async () => {
    const { code, lines } = await decode("--protocol", "iec", "--allow-no-checksum", file(itron));
    expect([code, (JSON.parse(lines[0] ?? "") as { exportMwh: number }).exportMwh]).toEqual([EXIT_OK, 10_452_000_000]);
  });
});

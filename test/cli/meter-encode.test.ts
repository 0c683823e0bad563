/** `commonwatt meter encode`: what it writes, `meter decode` and the decoders read. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "../../worker/cli/command.ts";
import { run } from "../../worker/cli/main.ts";
import { dlmsDecoder } from "../../worker/metering/decoders/dlms.ts";
import { p1Decoder } from "../../worker/metering/decoders/p1.ts";
import { s0Decoder } from "../../worker/metering/decoders/s0.ts";
import { smlDecoder } from "../../worker/metering/decoders/sml.ts";
import { ticDecoder } from "../../worker/metering/decoders/tic.ts";
import { iecDecoder } from "../../worker/metering/decoders/iec62056.ts";
import type { Decoder } from "../../worker/metering/reading.ts";
import { decodeWith, readings } from "../metering/decoders/events.ts";
import { makeTerminal } from "./terminal.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "commonwatt-"));
  writeFileSync(join(dir, "profile.csv"), "# seconds,watts\n0,3600\n5;0\n\n8, 7200\n");
  writeFileSync(join(dir, "bad.csv"), "0,100\n0,200\n");
});
afterAll(() => rmSync(dir, { recursive: true }));

const encode = async (...args: string[]) => {
  const terminal = makeTerminal(dir);
  const code = await run(["meter", "encode", ...args], terminal);
  return { code, err: terminal.err() };
};
const salt = null;
const DECODERS: Readonly<Record<string, () => Decoder>> = {
  p1: () => p1Decoder({ salt }),
  s0: () => s0Decoder({ impPerKwh: 10_000 }),
  tic: () => ticDecoder({ salt }),
  iec: () => iecDecoder({ salt }),
  sml: () => smlDecoder({ salt }),
  dlms: () => dlmsDecoder({ salt }),
};

describe("each protocol", () => {
  test.each(Object.keys(DECODERS))("%s: 3.6 kW for a minute, decoded", async (protocol) => {
    const options = ["--power", "3600", "--seconds", "60", "--register", "5000000"];
    const { code, err } = await encode("--protocol", protocol, ...options, "--out", "out");
    expect([code, err]).toEqual([EXIT_OK, expect.stringMatching(/^out: \d+ bytes\.\n$/)]);
    const decoder = DECODERS[protocol]?.() ?? p1Decoder({ salt });
    const seen = readings(decodeWith(decoder, new Uint8Array(readFileSync(join(dir, "out")))));
    expect(seen.length).toBeGreaterThan(2);
    for (const [i, reading] of seen.entries())
      expect(reading.exportMwh).toBeGreaterThanOrEqual(seen[i - 1]?.exportMwh ?? 5_000_000);
    // A Wh each second; the last telegram is heard before the minute is over.
    expect(seen.at(-1)?.exportMwh).toBeGreaterThanOrEqual(5_050_000);
    expect(seen.at(-1)?.exportMwh).toBeLessThanOrEqual(5_060_000);
  });

  test("raw pulses are a character each", async () => {
    await encode("--protocol", "pulse", "--power", "3600", "--seconds", "60", "--out", "pulses");
    expect([...readFileSync(join(dir, "pulses"))]).toEqual(Array.from({ length: 60 }, () => 0));
  });

  test("a profile: 3.6 kW for 5 s, nothing for 3 s, 7.2 kW for 2 s", async () => {
    const { code } = await encode("--protocol", "sml", "--profile", "profile.csv", "--seconds", "11", "--out", "p");
    expect(code).toBe(EXIT_OK);
    const seen = readings(decodeWith(smlDecoder({ salt }), new Uint8Array(readFileSync(join(dir, "p")))));
    expect(seen.map(({ exportMwh }) => exportMwh)).toEqual([
      0, 1_000, 2_000, 3_000, 4_000, 5_000, 5_000, 5_000, 5_000, 7_000, 9_000,
    ]);
    expect(seen.map(({ powerExportW }) => powerExportW)).toContain(7_200);
  });

  test("minus is taken from the grid", async () => {
    await encode("--protocol", "p1", "--power=-3600", "--seconds", "3", "--out", "import");
    const seen = readings(decodeWith(p1Decoder({ salt }), new Uint8Array(readFileSync(join(dir, "import")))));
    expect(seen.at(-1)).toMatchObject({ exportMwh: 0, importMwh: 2_000, powerImportW: 3_600 });
  });

  test("without --out the bytes go to standard output as they are", () => {
    const bin = ["worker/cli/commonwatt.mjs", "meter", "encode", "--protocol", "sml", "--seconds", "3"];
    const done = spawnSync(process.execPath, bin);
    expect([done.status, done.stderr.toString()]).toEqual([EXIT_OK, ""]);
    expect(readings(decodeWith(smlDecoder({ salt }), new Uint8Array(done.stdout)))).toHaveLength(3);
  });
});

describe("mistakes", () => {
  test.each([
    [[], "not nothing"],
    [["--protocol", "xyz"], 'not "xyz"'],
    [["--protocol", "sml", "--power", "1e3"], "--power 1e3"],
    [["--protocol", "sml", "--power", "1", "--profile", "profile.csv"], "not both"],
    [["--protocol", "sml", "--seconds", "0"], "--seconds 0"],
    [["--protocol", "sml", "--register=-1"], "--register -1"],
    [["--protocol", "sml", "--from", "noon"], "--from noon"],
  ])("%j is not understood: exit code 2 and where to look", async (args, sentence) => {
    const { code, err } = await encode(...args);
    expect(code).toBe(EXIT_USAGE);
    expect(err).toContain(sentence);
  });

  test.each([
    [["--profile", "missing.csv"], "missing.csv: it cannot be read (ENOENT)."],
    [["--profile", "bad.csv"], "bad.csv, line 2: write seconds,watts with growing seconds."],
    [["--out", "no/such/folder"], "no/such/folder: it cannot be written (ENOENT)."],
  ])("%j: one sentence and exit code 1", async (args, sentence) => {
    const { code, err } = await encode("--protocol", "sml", ...args);
    expect(code).toBe(EXIT_FAILED);
    expect(err).toContain(sentence);
  });
});

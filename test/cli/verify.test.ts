/** `commonwatt verify`: a proof file from the vectors, as it is and altered. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex } from "../../worker/base/bytes.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "../../worker/cli/command.ts";
import { run } from "../../worker/cli/main.ts";
import vectors from "../vectors/bundles.json" with { type: "json" };
import { makeTerminal } from "./terminal.ts";

const [step] = vectors.bundles;
if (step === undefined) throw new Error("there are vectors");
const raw = fromHex(step.hex);
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "verify-"));
  writeFileSync(join(folder, "good.cwproof"), raw);
  writeFileSync(
    join(folder, "bad.cwproof"),
    raw.map((byte, i) => (i === 12 ? byte ^ 1 : byte)),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const verify = async (...args: string[]) => {
  const terminal = makeTerminal(folder);
  const code = await run(["verify", ...args], terminal);
  return { code, out: terminal.out(), err: terminal.err() };
};

describe("verify", () => {
  test("says who was credited what and when, each step of the proof, and what it does not show", async () => {
    const { code, out, err } = await verify("good.cwproof");
    expect(code).toBe(EXIT_OK);
    expect(err).toBe("");
    expect(out).toMatch(
      /^HOLDS\. Member 1 \(digits of the key: \d{3} \d{3} \d{3} \d{3}\) was credited 0\.004000 kWh in step 3 \(2023-11-14 22:13:40 UTC to /,
    );
    expect(out).toContain(`Its id is ${step.facts.community}`);
    expect(out).toContain("2 of 3 voters confirm it by signature, and 2 must.");
    expect(out).toContain("not more than 0.032000 kWh");
    expect(out).toContain("8. Nothing in the file was changed");
  });

  test("with --json gives the figures and every credit", async () => {
    const { code, out } = await verify("good.cwproof", "--json");
    expect(code).toBe(EXIT_OK);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      claim: { from: 3, to: 3, mwh: 4_000 },
      credits: [{ step: 3, mwh: 4_000 }],
      community: { id: step.facts.community },
    });
  });

  test("names the place of what was altered", async () => {
    const { code, out } = await verify("bad.cwproof");
    expect(code).toBe(EXIT_FAILED);
    expect(out).toMatch(/^REFUSED, at the part "claim" of the file\.\nThe distributions shown credit 4000 mWh/);
    const json = await verify("bad.cwproof", "--json");
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, code: "bundle-sum", place: "claim" });
  });

  test("refuses another community than the one asked for", async () => {
    expect((await verify("good.cwproof", "--community", step.facts.community)).code).toBe(EXIT_OK);
    const { code, out } = await verify("good.cwproof", "--community", "00".repeat(32), "--json");
    expect(code).toBe(EXIT_FAILED);
    expect(JSON.parse(out)).toMatchObject({ code: "other-community", place: "contract" });
  });

  test.each([[[]], [["a", "b"]], [["good.cwproof", "--community", "12"]], [["good.cwproof", "--colour"]]])(
    "%j is not understood",
    async (args) => {
      expect((await verify(...args)).code).toBe(EXIT_USAGE);
    },
  );

  test("a file that is not there is said to be so", async () => {
    const { code, err } = await verify("none.cwproof");
    expect(code).toBe(EXIT_FAILED);
    expect(err).toContain("there is no such file");
  });
});

/** `commonwatt simulate` and `commonwatt soak` at the terminal. */
import { describe, expect, it } from "vitest";
import { run } from "../../worker/cli/main.ts";
import { SCENARIOS } from "../../worker/lab/sim/catalogue.ts";
import { makeTerminal } from "./terminal.ts";

const at = async (...args: string[]) => {
  const terminal = makeTerminal();
  return { code: await run(args, terminal), out: terminal.out(), err: terminal.err() };
};

describe("simulate", () => {
  it("lists every scenario with what it attacks", async () => {
    const { code, out } = await at("simulate", "--help");
    expect(code).toBe(0);
    for (const { name } of SCENARIOS) expect(out).toContain(`${name} `);
    for (const { attack } of SCENARIOS) expect(out).toContain(attack);
  });
  it("tells what was attacked, what happened, and each checker's verdict", async () => {
    const { code, out } = await at("simulate", "honest", "--nodes", "3", "--steps", "4", "--ideal", "--seed", "tell");
    expect(out).toContain("Attacked: Nobody attacks");
    expect(out).toMatch(/Happened: 4 of 4 steps were closed/);
    const [always = "", here = ""] = out.split("What must hold in this scenario:");
    expect(always.match(/^held /gm)).toHaveLength(7);
    expect(here.match(/^held /gm)?.length ?? 0).toBeGreaterThan(0);
    expect(out).toContain("No connection was ended for a bad message.");
    expect(out).toContain("seed tell, ideal signatures");
    expect(code).toBe(0);
  });
  it("gives the whole report as one line of JSON, with real signatures unless told otherwise", async () => {
    const { code, out } = await at("simulate", "honest", "--nodes", "3", "--steps", "4", "--json");
    const report = JSON.parse(out) as Record<string, unknown>;
    expect(report).toMatchObject({ scenario: "honest", members: 3, steps: 4, seed: "1", signatures: "real", ok: true });
    expect(out.trimEnd()).not.toContain("\n");
    expect(code).toBe(0);
  });
  it("shows on a terminal how far it is, and stops on Ctrl-C without a verdict", async () => {
    const terminal = makeTerminal();
    let shown = "";
    const stderr = (text: string): void => {
      shown += text;
      if (text.includes("step 2 of 400")) terminal.interrupt();
    };
    const args = ["simulate", "honest", "--nodes", "3", "--steps", "400", "--ideal"];
    const code = await run(args, { ...terminal, interactive: true, stderr });
    expect(code).toBe(1);
    expect(shown).toContain("\rstep 1 of 400");
    expect(shown).toMatch(/stopped at step [23] of 400; nothing was judged/);
    expect(terminal.out()).toBe("");
  });
  it.each([
    [["simulate"], "Name one scenario"],
    [["simulate", "weather"], "Name one scenario"],
    [["simulate", "honest", "--nodes", "1"], "--nodes 1"],
    [["simulate", "double-vote", "--nodes", "3"], "at least 4"],
    [["simulate", "honest", "--steps", "x"], "--steps x"],
    [["soak", "--minutes", "0"], "--minutes"],
    [["soak", "--only", "weather"], "no such scenario"],
  ])("%j is not understood", async (args, says) => {
    const { code, err } = await at(...args);
    expect(code).toBe(2);
    expect(err).toContain(says);
  });
});

describe("soak", () => {
  it("runs scenarios in processes of their own and counts them", async () => {
    const { code, out } = await at(
      "soak",
      "--only",
      "honest",
      "--nodes",
      "4",
      "--steps",
      "4",
      "--seeds",
      "2",
      "--minutes",
      "5",
    );
    expect(out).toMatch(/^2 of 2 runs \(1 scenarios, seeds 1 to 2, 4 nodes, 4 steps, ideal signatures\)/);
    expect(out).toContain("2 held, 0 failed");
    expect(code).toBe(0);
  });
});

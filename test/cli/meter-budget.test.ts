/** `commonwatt meter budget`: V and the verdict from a meter's marking. */
import { describe, expect, test } from "vitest";
import { EXIT_OK, EXIT_USAGE } from "../../worker/cli/command.ts";
import { run } from "../../worker/cli/main.ts";
import { makeTerminal } from "./terminal.ts";

const budget = async (...args: string[]) => {
  const terminal = makeTerminal();
  const code = await run(["meter", "budget", ...args], terminal);
  return { code, out: terminal.out(), err: terminal.err() };
};
const plate = (imin: string, itr: string, cls: string, phases: string): string[] =>
  `--imin ${imin} --itr ${itr} --class ${cls} --phases ${phases}`.split(" ");
const bOne = plate("0.25", "0.5", "B", "1");

describe("V", () => {
  test.each([
    [plate("0.25", "0.5", "A", "1"), "V < 0.503125 Wh: 57.5 W for 15 minutes are 14.375 Wh, of which 3.5 %."],
    [plate("0.25", "0.5", "B", "1"), "V < 0.2875 Wh: 57.5 W for 15 minutes are 14.375 Wh, of which 2 %."],
    [plate("0.5", "1", "A", "1"), "V < 1.00625 Wh: 115 W for 15 minutes are 28.75 Wh, of which 3.5 %."],
    [plate("0.5", "1", "B", "1"), "V < 0.575 Wh: 115 W for 15 minutes are 28.75 Wh, of which 2 %."],
    [plate("0.25", "0.5", "A", "3"), "V < 1.509375 Wh: 172.5 W for 15 minutes are 43.125 Wh, of which 3.5 %."],
    [plate("0,25", "0,5", "b", "3"), "V < 0.8625 Wh: 172.5 W for 15 minutes are 43.125 Wh, of which 2 %."],
    [plate("0.5", "1", "A", "3"), "V < 3.01875 Wh: 345 W for 15 minutes are 86.25 Wh, of which 3.5 %."],
    [plate("0.5", "1", "B", "3"), "V < 1.725 Wh: 345 W for 15 minutes are 86.25 Wh, of which 2 %."],
    [plate("0.15", "0.5", "C", "1"), "V < 0.08625 Wh: 34.5 W for 15 minutes are 8.625 Wh, of which 1 %."],
  ])("%j: %s", async (args, first) => {
    const { code, out } = await budget(...args, "--imp-per-kwh", "10000");
    expect(code).toBe(EXIT_OK);
    expect(out.split("\n")[0]).toBe(first);
  });
});

describe("the verdict", () => {
  test("1,000 imp/kWh is too coarse for a common class B meter, and what would do is said", async () => {
    const { out } = await budget(...bOne, "--imp-per-kwh", "1000", "--clock-ms", "0");
    expect(out).toContain("class B  does NOT meet; a pulse output of at least 3479 imp/kWh would  <- this meter");
    expect(out).toContain("use a pulse output of at least 3479 pulses per kWh.");
  });

  test("10,000 imp/kWh meets it, with what is left", async () => {
    const { out } = await budget(...bOne, "--imp-per-kwh", "10000");
    expect(out).toContain(
      "  register  0.1 Wh\n  clock     0.015973 Wh  (1000 ms at 57.5 W)\n  margin    0.171527 Wh\n",
    );
    expect(out).toContain("class B  meets  <- this meter");
    expect(out).toContain("  from 0.5 A         115 W     2 %   V < 0.575 Wh");
  });

  test("a register's step in Wh, another market step, and a clock that no pulse output makes good", async () => {
    const { out } = await budget(...bOne, "--resolution-wh", "0.1", "--step", "1", "--clock-ms", "2000");
    expect(out).toContain("57.5 W for 1 minutes");
    expect(out).toContain("class B  does NOT meet; no pulse output would: the clock alone is too far off");
  });

  test("--json has every figure in one line", async () => {
    const { out } = await budget(...bOne, "--imp-per-kwh", "3479", "--clock-ms", "0", "--json");
    expect(JSON.parse(out)).toMatchObject({
      meets: true,
      iMinMa: 250,
      iTrMa: 500,
      boundMicroWh: 287_500,
      quantumMwh: 287,
      minImpPerKwh: 3_479,
      resolutionMicroWh: 287_439,
      verdicts: [{ accuracyClass: "A", meets: true }, { meets: true }, { meets: false, neededImpPerKwh: 6_957 }],
    });
  });
});

test.each([
  [[...bOne], "one of them"],
  [[...bOne, "--imp-per-kwh", "1000", "--resolution-wh", "1"], "one of them"],
  [[...bOne, "--imp-per-kwh", "0"], "--imp-per-kwh 0"],
  [[...bOne, "--resolution-wh", "0.0001"], "--resolution-wh 0.0001"],
  [[...plate("0.25", "0.5", "D", "1"), "--imp-per-kwh", "1000"], "--class"],
  [[...plate("0.25", "0.5", "B", "2"), "--imp-per-kwh", "1000"], "--phases"],
  [[...plate("0.5", "0.25", "B", "1"), "--imp-per-kwh", "1000"], "--itr must not be below"],
  [[...plate("0", "0.5", "B", "1"), "--imp-per-kwh", "1000"], "--imin 0"],
  [["--itr", "1", "--class", "B", "--phases", "1", "--imp-per-kwh", "1000"], "--imin is missing"],
  [[...bOne, "--imp-per-kwh", "1000", "--step", "0"], "--step 0"],
])("%j is not understood: exit code 2 and where to look", async (args, sentence) => {
  const { code, out, err } = await budget(...args);
  expect([code, out]).toEqual([EXIT_USAGE, ""]);
  expect(err).toContain(sentence);
});

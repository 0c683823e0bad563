/** A meter's own record as people have it: every usual way of writing it is read exactly, the rest is refused by its line. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRegisterFile, type FileForm } from "../../worker/settlement/register-file.ts";
import { instantsOf, UTC, wallAt, zoneOf, type Zone } from "../../worker/settlement/zone.ts";

const zone = (name: string): Zone => {
  const found = zoneOf(name);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
};
const BRUSSELS = zone("Europe/Brussels");
const REGISTER: FileForm = { column: "register", unit: "kWh", stamp: "end", zone: BRUSSELS };
const ENERGY: FileForm = { ...REGISTER, column: "energy" };

const read = (text: string, form: FileForm = REGISTER) => {
  const done = parseRegisterFile(text, form);
  if (!done.ok) throw new Error(`${done.error.code}: ${done.error.message}`);
  return done.value;
};
const refusal = (text: string, form: FileForm = REGISTER) => {
  const done = parseRegisterFile(text, form);
  if (done.ok) throw new Error("it was read");
  return [done.error.code, done.error.data?.["line"] ?? null, done.error.message] as const;
};
const iso = (ms: number): string => new Date(ms).toISOString();

describe("two columns, written as grid operators and people write them", () => {
  const expected = [{ from: "2026-06-21T12:00:00.000Z", to: "2026-06-21T12:15:00.000Z", mwh: 1_500_000 }];
  test.each([
    ["semicolon, comma, day first", "21/06/2026 14:00;1234,5\n21/06/2026 14:15;1236,0\n"],
    ["comma and point, ISO", "2026-06-21 14:00,1234.5\n2026-06-21 14:15,1236"],
    ["tab, T and an offset", "2026-06-21T14:00:00+02:00\t1234.5\r\n2026-06-21T14:15:00+02:00\t1236.0\r\n"],
    ["UTC with Z", "2026-06-21T12:00:00Z;1234.5\n2026-06-21T12:15:00Z;1236"],
    [
      "quoted, with a heading and its unit",
      '\uFEFF"Tijd","Teruglevering (Wh)"\n"21-06-2026 14:00","1234500"\n"21-06-2026 14:15","1236000"',
    ],
    ["quoted decimals with a comma", '"2026-06-21 14:00","1234,5"\n"2026-06-21 14:15","1236,0"'],
    ["an OBIS heading", "Zeit;1-0:2.8.0 [kWh]\n21.06.2026 14:00;1234,5\n21.06.2026 14:15;1236"],
    ["units in the cells, spaces in thousands", "21/06/2026 14:00;1 234,5 kWh\n21/06/2026 14:15;1\u202f236,0 kWh"],
    ["newest first, blank lines, an empty last column", "21/06/2026 14:15;1236;\n\n21/06/2026 14:00;1234,5;\n"],
    ["megawatt-hours", "21/06/2026 14:00;1,2345 MWh\n21/06/2026 14:15;1,236 MWh"],
  ])("%s", (_, text) => {
    const { intervals } = read(text);
    expect(intervals.map(({ from, to, mwh }) => ({ from: iso(from), to: iso(to), mwh }))).toEqual(expected);
  });
  test("energies of intervals, by their end or their beginning, with a gap left as a gap", () => {
    const text = "21/06/2026 14:15;0,5\n21/06/2026 14:30;0,6\n21/06/2026 14:45;0,7\n21/06/2026 15:30;0,8";
    const ends = read(text, ENERGY).intervals;
    expect(ends.map(({ to, mwh }) => [iso(to).slice(11, 16), mwh])).toEqual([
      ["12:15", 500_000],
      ["12:30", 600_000],
      ["12:45", 700_000],
      ["13:30", 800_000],
    ]);
    expect(ends.every(({ from, to }) => to - from === 900_000)).toBe(true);
    const starts = read(text, { ...ENERGY, stamp: "start" }).intervals;
    expect(starts.map(({ from }) => from)).toEqual(ends.map(({ to }) => to));
  });
  test("one line typed is a register with no interval", () => {
    const { intervals, points, unitMwh } = read("21/06/2026 14:15; 12345,678");
    expect([intervals, points, unitMwh]).toEqual([
      [],
      [{ at: Date.UTC(2026, 5, 21, 12, 15), mwh: 12_345_678_000 }],
      1_000,
    ]);
  });
  test("every whole number of Wh comes back exactly, in either unit and with either mark", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 99_999_999 }), { minLength: 2, maxLength: 20 }),
        fc.constantFrom(".", ","),
        fc.constantFrom("kWh", "Wh"),
        (numbers, mark, unit) => {
          const registers = numbers.toSorted((a, b) => a - b);
          const shown = (wh: number): string =>
            unit === "Wh" ? String(wh) : `${Math.floor(wh / 1000)}${mark}${String(wh % 1000).padStart(3, "0")}`;
          const text = registers.map((wh, i) => `2026-06-21 ${String(i).padStart(2, "0")}:00;${shown(wh)}`).join("\n");
          const { points } = read(text, { ...REGISTER, unit: unit === "Wh" ? "Wh" : "kWh" });
          expect(points.map(({ mwh }) => mwh)).toEqual(registers.map((wh) => wh * 1_000));
        },
      ),
    );
  });
});

describe("the two odd days", () => {
  const quarters = (from: number, count: number, place: Zone): string[] =>
    Array.from({ length: count }, (_, i) => {
      const wall = iso(wallAt(from + i * 900_000, place));
      return `${wall.slice(8, 10)}/${wall.slice(5, 7)}/${wall.slice(0, 4)} ${wall.slice(11, 16)};${i}`;
    });
  test.each([
    ["spring, 23 hours", Date.UTC(2026, 2, 28, 23), 92],
    ["autumn, 25 hours", Date.UTC(2026, 9, 24, 22), 100],
  ])("%s: every quarter-hour has its own instant, forwards and backwards", (_, midnight, count) => {
    const lines = quarters(midnight, count + 1, BRUSSELS);
    const wanted = Array.from({ length: count }, (_, i) => midnight + i * 900_000);
    expect(read(lines.join("\n")).intervals.map(({ from }) => from)).toEqual(wanted);
    expect(read(lines.join("\n")).intervals.at(-1)?.to).toBe(midnight + count * 900_000);
  });
  test("days by date alone are from midnight to midnight: 24, 25 and 24 hours", () => {
    const { intervals } = read("24/10/2026;1\n25/10/2026;2\n26/10/2026;3", { ...ENERGY, stamp: "end" });
    expect(intervals.map(({ from, to }) => (to - from) / 3_600_000)).toEqual([24, 25, 24]);
    expect(intervals[1]?.from).toBe(Date.UTC(2026, 9, 24, 22));
  });
  test("an interval's end at the moment of the change is that moment, as 02:00 or as 03:00", () => {
    const [first] = read("2026-03-29 02:00;1\n2026-03-29 03:15;1\n2026-03-29 03:30;1", ENERGY).intervals;
    expect(iso(first?.to ?? 0)).toBe("2026-03-29T01:00:00.000Z");
    const day = read("2026-03-29 01:45;7\n2026-03-29 02:00;8\n2026-03-29 03:15;9");
    expect(day.intervals.map(({ from, to }) => to - from)).toEqual([900_000, 900_000]);
    expect(refusal("2026-03-29 02:00;1\n2026-03-29 03:15;1", { ...ENERGY, stamp: "start" })[0]).toBe(
      "file-skipped-hour",
    );
    expect(refusal("2026-03-29 02:00;1\n2026-03-29 03:00;1")[0]).toBe("file-order");
  });

  test("the skipped hour does not exist, and the line says so", () => {
    expect(refusal("29/03/2026 01:45;1\n29/03/2026 02:15;2").slice(0, 2)).toEqual(["file-skipped-hour", 2]);
  });
  test("24:00 is the next day's midnight", () => {
    expect(read("21/06/2026 23:45;1\n21/06/2026 24:00;2").intervals[0]?.to).toBe(Date.UTC(2026, 5, 21, 22));
  });
  test("an instant and what the clock shows of it belong together, in any zone", () => {
    const names = ["Europe/Brussels", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "UTC"];
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.integer({ min: 1.6e12 / 1000, max: 1.9e12 / 1000 }),
        (name, seconds) => {
          const place = zone(name);
          expect(instantsOf(wallAt(seconds * 1000, place), place)).toContain(seconds * 1000);
        },
      ),
      { numRuns: 300 },
    );
    expect(instantsOf(0, UTC)).toEqual([0]);
    expect(zoneOf("Nowhere/Town")).toMatchObject({ ok: false, error: { code: "zone-unknown" } });
  });
});

describe("what could mean two things is refused, with its line and what to do", () => {
  test.each([
    ["", "file-empty", null],
    ["Tijd;kWh\n", "file-empty", null],
    ["2026-06-21 14:00,1234,5", "file-commas", 1],
    ["2026-06-21 14:00", "file-one-column", 1],
    ["2026-06-21 14:00;1;2", "file-columns", 1],
    ["2026-06-21 14:00;1\n2026-06-21 14:15;", "file-no-number", 2],
    ["2026-06-21 14:00;1\n2026-06-21 14:15;-2", "file-negative", 2],
    ["2026-06-21 14:00;1\n2026-06-21 14:15;1.234,5", "file-thousands", 2],
    ["2026-06-21 14:00;1\n2026-06-21 14:15;abc", "file-number", 2],
    ["2026-06-21 14:00;1\n\n06/21/2026 14:15;2", "file-time", 3],
    ["2026-06-21 14:00;1\n31/06/2026 14:15;2", "file-time", 2],
    ["2026-06-21 14:00;1\n2026-06-21 25:15;2", "file-time", 2],
    ["2026-06-21 14:00;1\n2026-06-21 14:00;2", "file-order", 2],
    ["2026-06-21 14:00;1\n2026-06-21 14:30;3\n2026-06-21 14:15;2\n2026-06-21 14:45;4", "file-order", 3],
    ["2026-06-21 14:00;10\n2026-06-21 14:15;9", "file-backwards", 2],
  ])("%j is %s at line %s", (text, code, line) => {
    const [found, at, message] = refusal(text);
    expect([found, at]).toEqual([code, line]);
    expect(message).toMatch(/^(Line \d+: [a-z0-9]|[A-Z]).*\.$/);
  });
  test.each(["Leistung [kW]", "P (W)", "1-0:4.8.0 kvarh", "kVA", "MW"])(
    "a heading that says %s is no energy: a load profile in kW would be out by four",
    (heading) => {
      const [code, line] = refusal(`Zeit;${heading}\n21.06.2026 14:00;1,5\n21.06.2026 14:15;1,0`, ENERGY);
      expect([code, line]).toEqual(["file-unit", 1]);
    },
  );

  test("one mark before three digits, beside numbers without any, may stand between thousands", () => {
    const text = (...numbers: string[]) => numbers.map((n, i) => `2026-06-21 1${i}:00;${n}`).join("\n");
    const wh: FileForm = { ...ENERGY, unit: "Wh" };
    expect(refusal(text("999", "1.234", "1.100"), wh).slice(0, 2)).toEqual(["file-thousands", 2]);
    expect(refusal(text("0", "85", "1,100"), wh).slice(0, 2)).toEqual(["file-thousands", 3]);
    // These say what the mark is.
    const kwh = (...numbers: string[]) => read(text(...numbers), ENERGY).intervals.map(({ mwh }) => mwh);
    expect(kwh("0", "0.125", "1.234")).toEqual([0, 125_000, 1_234_000]);
    expect(kwh("3", "1.25", "1.234")).toEqual([3_000_000, 1_250_000, 1_234_000]);
    expect(kwh("0", "0", "1.234")).toEqual([0, 0, 1_234_000]);
    expect(kwh("1000", "1.234", "7")).toEqual([1_000_000_000, 1_234_000, 7_000_000]);
  });

  test("energies whose intervals overlap, or one alone", () => {
    expect(refusal("2026-06-21 14:00;1", ENERGY)[0]).toBe("file-one-interval");
    const overlapping = "2026-06-21 14:00;1\n2026-06-21 14:15;1\n2026-06-21 14:30;1\n2026-06-21 14:35;1";
    expect(refusal(overlapping, ENERGY).slice(0, 2)).toEqual(["file-overlap", 4]);
  });
  test("more than a year at once", () => {
    expect(refusal("2026-06-21 14:00;1\n".repeat(36_100))[0]).toBe("file-too-long");
  });
  test("never throws, whatever is pasted", () => {
    const piece = fc.constantFrom(
      "2026-06-21",
      " 14:15",
      ";",
      ",",
      "\t",
      "1.5",
      "\n",
      '"',
      "kWh",
      "-",
      "29/03/2026 02:30",
      "x",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join("")),
        ),
        fc.boolean(),
        (text, isEnergy) => {
          const done = parseRegisterFile(text, isEnergy ? ENERGY : REGISTER);
          const intervals = done.ok ? done.value.intervals : [];
          expect(done.ok || done.error.verdict === "ignore").toBe(true);
          expect(intervals.every(({ from, to, mwh }) => to > from && mwh >= 0)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

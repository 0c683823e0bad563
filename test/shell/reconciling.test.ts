/** A member checks the chain against the MID meter's own record, on the device that reads the meter and on a neighbour's. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { ReconcileAsk } from "../../worker/port-home.ts";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { Lines } from "../../worker/node/lines.ts";
import { found, METER, START, Street, type House } from "./street.ts";

const WH = 1_000;
const ASK: ReconcileAsk = { generator: 0, text: "", column: "register", unit: "Wh", stamp: "end", zone: "UTC" };

let street: Street;
let ana: House;
/** The register at each T_i, as somebody stood before the meter and wrote it down. */
const notes: [number, number][] = [];
/** Asked before there was a meter, and before it had counted. */
const early: string[] = [];
const line = ([at, wh]: readonly [number, number]): string => `${new Date(at).toISOString()};${wh}`;

describe("chain against meter", () => {
  beforeAll(async () => {
    vi.stubGlobal("navigator", { serial: new VirtualSerial() });
    street = new Street();
    ana = await street.open();
    await found(ana, "Rue du Soleil", "Ana");
    await street.until(1, 3_000);
    early.push(await ana.code("reconcile", ASK));
    // Large enough that one step can take all that a gap held back.
    const { id } = await ana.get("pair-meter", { ...METER, pMaxW: 50_000 });
    await street.until(4);
    early.push(await ana.code("reconcile", { ...ASK, text: line([START, 1]) }));
    for (let i = 0; i <= 48; i++) {
      const wh = 7_000 + i * 2;
      // A cable pulled for 70 seconds: longer than what is interpolated.
      if (i < 20 || i > 48 - 8) street.reading(ana, id, wh * WH);
      if (i % 4 === 0) notes.push([street.time.now, wh]);
      if (i < 48) await street.pass(2_500);
    }
    await street.pass(3_000);
  });
  afterAll(() => void vi.unstubAllGlobals());

  it("the registers of every step: the total agrees, and the gap's steps say where their energy stands", async () => {
    const answer = await ana.get("reconcile", { ...ASK, text: notes.map(line).join("\n") });
    expect(answer.total).toMatchObject({ differenceMwh: 0, verdict: "within" });
    expect(answer.rows).toBe(notes.length - 2);
    const gap = answer.out.map((row) => row.reasons.join());
    expect(gap.slice(0, -1).every((reason) => reason === "off")).toBe(true);
    expect(gap.at(-1)).toBe("estimated");
    const [first] = answer.out;
    expect(first?.elsewhere).toBe(answer.out.at(-1)?.to);
    expect(answer.csv.split("\n")).toHaveLength(answer.rows + 2);
    expect([answer.mpePpm, answer.closed, answer.hint]).toEqual([20_000, false, null]);
  });

  it("the check is remembered on this device for whoever runs the community, until another one is made", async () => {
    const checkOf = async () => (await ana.get("operator", {})).meters[0]?.check;
    expect(await checkOf()).toMatchObject({ at: street.time.now, fits: true });
    const wrong = notes.map(([at, wh], i) => line([at, i < 9 ? wh : wh + 900])).join("\n");
    await ana.get("reconcile", { ...ASK, text: wrong });
    expect(await checkOf()).toMatchObject({ fits: false });
  });

  it("one register typed is enough where the meter is read: all since it was paired", async () => {
    const last = notes.at(-1) ?? [0, 0];
    const answer = await ana.get("reconcile", { ...ASK, text: line(last) });
    expect(answer.rows).toBe(1);
    expect(answer.total).toMatchObject({ meterMwh: 96 * WH, chainMwh: 96 * WH, verdict: "within" });
    const kwh = await ana.get("reconcile", { ...ASK, unit: "kWh", text: line([last[0], last[1] / 1_000]) });
    expect(kwh.total).toEqual(answer.total);
    expect(await ana.code("reconcile", { ...ASK, text: line([last[0], 6_999]) })).toBe("reconcile-before");
    expect(await ana.code("reconcile", { ...ASK, text: line([START, 7_010]) })).toBe("reconcile-before");
  });

  it("one register is compared with what this device keeps, where its chain began later than the meter", async () => {
    const { core } = ana.device.node ?? {};
    if (core === undefined) throw new Error("a node is open");
    const kept = core.summaries;
    try {
      Object.assign(core, { summaries: new Lines(kept.slice(8)) });
      const answer = await ana.get("reconcile", { ...ASK, text: line(notes.at(-1) ?? [0, 0]) });
      expect(answer.total).toMatchObject({ differenceMwh: 0, verdict: "within" });
      expect(answer.total.chainMwh).toBeGreaterThan(0);
      expect(answer.total.chainMwh).toBeLessThan(96 * WH);
    } finally {
      Object.assign(core, { summaries: kept });
    }
  });

  it("what cannot be compared is refused with what to do", async () => {
    expect(early).toEqual(["generator-unknown", "reconcile-nothing"]);
    const text = notes.map(line).join("\n");
    expect(await ana.code("reconcile", { ...ASK, text, zone: "Mars/Olympus" })).toBe("zone-unknown");
    expect(await ana.code("reconcile", { ...ASK, text, generator: 7 })).toBe("generator-unknown");
    expect(await ana.code("reconcile", { ...ASK, text: "nonsense" })).toBe("file-one-column");
    const soon: [number, number] = [street.time.now + 60_000, 7_100];
    expect(await ana.code("reconcile", { ...ASK, text: line(soon) })).toBe("reconcile-running");
    const old = [line([START - 86_400_000, 1]), line([START - 80_000_000, 2])].join("\n");
    expect(await ana.code("reconcile", { ...ASK, text: old })).toBe("reconcile-elsewhere");
    const answer = await ana.ask("reconcile", { ...ASK, text: "2026-01-01 00:00;5\n2026-01-01 00:15;4" });
    expect(answer).toMatchObject({ ok: false, error: { code: "file-backwards", data: { line: 2 } } });
  });

  it("one register alone is not enough on a device that does not read the meter", async () => {
    const meter = ana.view.meters[0]?.id ?? "";
    await ana.get("forget-meter", { id: meter });
    expect(await ana.code("reconcile", { ...ASK, text: line(notes.at(-1) ?? [0, 0]) })).toBe("reconcile-one-register");
    const answer = await ana.get("reconcile", { ...ASK, text: notes.map(line).join("\n") });
    expect(answer.total.verdict).toBe("within");
  });
});

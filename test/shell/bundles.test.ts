/** A member takes the proof of its credits along; anybody checks it, on a device without a community too. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { fromHex } from "../../worker/base/bytes.ts";
import vectors from "../vectors/bundles.json" with { type: "json" };
import { found, METER, Street, type House } from "./street.ts";

const WH = 1_000;
let street: Street;
let ana: House;
let stranger: House;

describe("proof files", () => {
  beforeAll(async () => {
    vi.stubGlobal("navigator", { serial: new VirtualSerial() });
    street = new Street();
    stranger = await street.open();
    ana = await street.open();
    await found(ana, "Été, rue 7", "Ana");
    await street.until(1, 3_000);
    const { id } = await ana.get("pair-meter", METER);
    await street.until(3);
    for (let i = 0; i <= 20; i++) {
      street.reading(ana, id, (7_000 + i * 2) * WH);
      await street.pass(2_500);
    }
  });
  afterAll(() => void vi.unstubAllGlobals());

  it("of a time are what the member's screens say it was credited then, and a stranger's device can check them", async () => {
    const { name, bytes, mwh: proved, end } = await ana.get("make-bundle", { from: 1, to: 6 });
    expect(name).toBe("e-te-rue-7-1-6.cwproof");
    const proof = await stranger.get("check-bundle", { bytes });
    const shown = await Promise.all([1, 2, 3, 4, 5, 6].map((step) => ana.get("step-detail", { step })));
    const sum = shown.flatMap(({ shares }) => shares.filter((s) => s.me)).reduce((total, { mwh }) => total + mwh, 0);
    expect(proof.claim).toMatchObject({ from: 1, to: 6, mwh: sum });
    expect(sum).toBeGreaterThan(0);
    expect([proved, end]).toEqual([sum, proof.claim.end]);
    expect(proof.community).toMatchObject({ name: "Été, rue 7", id: ana.view.community?.id });
    expect(proof.member.key).toBe(ana.view.me?.key);
  });

  it("can be made for any member by whoever keeps the whole chain, and then bear its number", async () => {
    const own = await ana.get("make-bundle", { from: 1, to: 6, member: 0 });
    expect(own.name).toBe("e-te-rue-7-member-0-1-6.cwproof");
    expect((await stranger.get("check-bundle", { bytes: own.bytes })).member.key).toBe(ana.view.me?.key);
    expect(await ana.code("make-bundle", { from: 1, to: 6, member: 7 })).toBe("member-unknown");
  });

  it("end before the last final step, whatever is asked", async () => {
    const { bytes } = await ana.get("make-bundle", { from: -5, to: 10 ** 6 });
    const proof = await stranger.get("check-bundle", { bytes });
    expect(proof.claim.from).toBe(1);
    expect(proof.claim.to).toBe(proof.final.step - 1);
  });

  it("are not made of what is not final, of nothing, of no steps, or without a community", async () => {
    expect(await ana.code("make-bundle", { from: 900, to: 900 })).toBe("proof-not-final");
    expect(await ana.code("make-bundle", { from: 1, to: 1 })).toBe("no-credits");
    expect(await ana.code("make-bundle", { from: Number.NaN, to: 3 })).toBe("proof-not-final");
    expect(await stranger.code("make-bundle", { from: 1, to: 3 })).toBe("not-ready");
  });

  it("that were altered are refused with the place", async () => {
    const raw = fromHex(vectors.bundles[0]?.hex ?? "");
    raw[12] = (raw[12] ?? 0) ^ 1;
    const answer = await stranger.ask("check-bundle", { bytes: raw });
    expect(answer).toMatchObject({ ok: false, error: { code: "bundle-sum", data: { place: "claim" } } });
  });
});

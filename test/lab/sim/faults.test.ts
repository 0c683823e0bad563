/** What goes wrong in the simulator does so as it says: clocks, disks, the network, ideal signatures and chance. */
import { describe, expect, it } from "vitest";
import type { BlsKey } from "../../../worker/base/units.ts";
import { memberKeys } from "../../../worker/lab/community.ts";
import { ForgetfulStore } from "../../../worker/lab/sim/forgetful-store.ts";
import { idealBls } from "../../../worker/lab/sim/ideal-bls.ts";
import { Rng } from "../../../worker/lab/sim/rng.ts";
import { SkewedClock } from "../../../worker/lab/sim/skewed-clock.ts";
import { CALM, Weather } from "../../../worker/lab/sim/weather.ts";
import { VirtualTime } from "../../../worker/lab/virtual-time.ts";
import { openMemory } from "../../../worker/storage/memory.ts";
import type { Network, NetworkEvent } from "../../../worker/network/network.ts";

const START = 1_700_000_000_000;

describe("chance", () => {
  it("is the same for the same seed, and stays within its bounds", () => {
    const draw = (seed: string): number[] =>
      Array.from(
        { length: 200 },
        (
          (rng) => () =>
            rng.between(3, 9)
        )(new Rng(seed)),
      );
    expect(draw("a")).toEqual(draw("a"));
    expect(draw("a")).not.toEqual(draw("b"));
    expect(new Set(draw("a"))).toEqual(new Set([3, 4, 5, 6, 7, 8, 9]));
    expect(new Rng("x").shuffled([1, 2, 3, 4]).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  });
});

describe("a clock that is off", () => {
  it.each([
    [400, 0],
    [-350, 250],
    [4_000, -500],
  ])(
    "by %i ms and %i ppm wakes its node when that node's own time has come, and not much later",
    async (offsetMs, driftPpm) => {
      const time = new VirtualTime(START, "clock");
      const clock = new SkewedClock(time.clock, { offsetMs, driftPpm });
      const woken: number[] = [];
      for (const ms of [5_000, 50_000, 500_000]) clock.at(START + ms, () => woken.push(clock.now() - (START + ms)));
      await time.runUntil(START + 600_000);
      expect(woken).toHaveLength(3);
      for (const late of woken) expect([0, 1]).toContain(late);
    },
  );
  it("shows another time once it is set", () => {
    const clock = new SkewedClock(new VirtualTime(START, "clock").clock, { offsetMs: 300, driftPpm: 0 });
    clock.jump(-300);
    expect(clock.aheadMs).toBe(0);
  });
});

describe("a disk that loses power", () => {
  const ops = [
    { table: "own", key: "a", value: Uint8Array.of(1) },
    { table: "own", key: "b", value: Uint8Array.of(2) },
  ] as const;
  it.each([
    [false, 0],
    [true, 2],
  ])("before a commit is durable keeps all of it or nothing (kept: %s)", async (kept, rows) => {
    const time = new VirtualTime(START, "disk");
    const inner = await openMemory();
    const store = new ForgetfulStore(
      inner,
      time,
      () => 50,
      () => {},
    );
    store.slow = true;
    const done = store.commit(ops).then(
      () => "done",
      () => "lost",
    );
    await time.runUntil(START + 49);
    expect(await inner.entries("own")).toEqual([]);
    await store.powerOff(kept);
    expect(await done).toBe("lost");
    await time.runUntil(START + 100);
    expect(await inner.entries("own")).toHaveLength(rows);
  });
  it("after its delay has kept it", async () => {
    const time = new VirtualTime(START, "disk");
    const inner = await openMemory();
    const store = new ForgetfulStore(
      inner,
      time,
      () => 50,
      () => {},
    );
    store.slow = true;
    const done = store.commit(ops);
    await time.runUntil(START + 50);
    await done;
    expect(await inner.entries("own")).toHaveLength(2);
  });
});

describe("the weather", () => {
  const arrivals = async (change: Partial<typeof CALM>, count: number): Promise<{ n: number; at: number }[]> => {
    const time = new VirtualTime(START, "weather");
    const got: { n: number; at: number }[] = [];
    let tell: (event: NetworkEvent) => void = () => {};
    const inner = {
      start: (onEvent: typeof tell) => (tell = onEvent),
      send: (_: number, bytes: Uint8Array) => got.push({ n: bytes[0] ?? 0, at: time.now - START }),
    } as unknown as Network;
    const network = new Weather(time.surroundings, new Rng("weather"), { ...CALM, ...change }).over(0, inner);
    network.start(() => {});
    tell({ kind: "up", peer: 1, identity: { key: "00" as never, role: "member" }, address: "x", dialled: true });
    for (let n = 0; n < count; n++) network.send(1, new Uint8Array(100).fill(n));
    await time.runUntil(START + 60_000);
    return got;
  };
  it("is calm by default", async () => {
    expect(await arrivals({}, 5)).toEqual([0, 1, 2, 3, 4].map((n) => ({ n, at: 0 })));
  });
  it("loses, doubles and reorders messages", async () => {
    expect((await arrivals({ lossPpm: 500_000 }, 100)).length).toBeLessThan(80);
    expect((await arrivals({ twicePpm: 500_000 }, 100)).length).toBeGreaterThan(120);
    const order = (await arrivals({ delayMs: [10, 100] }, 50)).map(({ n }) => n);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    expect(order).toHaveLength(50);
  });
  it("lets through so many bytes a second and no more", async () => {
    const at = (await arrivals({ bandwidth: 1_000 }, 5)).map((a) => a.at);
    expect(at).toEqual([100, 200, 300, 400, 500]);
  });
});

describe("ideal signatures", () => {
  const [a, b, stranger] = [0, 1, 2].map((i) => memberKeys("ideal", i));
  if (!a || !b || !stranger) throw new Error("three members");
  const bls = idealBls([a, b]);
  const [m, n] = [Uint8Array.of(1), Uint8Array.of(2)];
  const check = (keys: BlsKey[], message: Uint8Array, signature: Uint8Array): boolean =>
    bls.verify({ keys, message, signature });
  it("verify for one key and message only, and are unique", () => {
    const signature = bls.sign(m, a.blsSecret);
    expect(check([a.blsKey], m, signature)).toBe(true);
    expect(bls.sign(m, a.blsSecret)).toEqual(signature);
    expect(check([b.blsKey], m, signature)).toBe(false);
    expect(check([a.blsKey], n, signature)).toBe(false);
    expect(check([stranger.blsKey], m, bls.sign(m, stranger.blsSecret))).toBe(false);
    expect(check(["00" as BlsKey], m, signature)).toBe(false);
    expect(
      bls.verifyMany([
        { keys: [a.blsKey], message: m, signature },
        { keys: [b.blsKey], message: m, signature },
      ]),
    ).toEqual([true, false]);
  });
  it("add up, for exactly those who signed", () => {
    const both = bls.aggregate([bls.sign(m, a.blsSecret), bls.sign(m, b.blsSecret)]) ?? new Uint8Array();
    expect(check([a.blsKey, b.blsKey], m, both)).toBe(true);
    expect(check([b.blsKey, a.blsKey], m, both)).toBe(true);
    expect(check([a.blsKey], m, both)).toBe(false);
    expect(check([a.blsKey, b.blsKey, b.blsKey], m, both)).toBe(false);
    expect(check([], m, both)).toBe(false);
  });
  it("prove possession of one's own key", () => {
    expect(bls.verifyPossession(a.blsKey, bls.prove(a.blsKey, a.blsSecret))).toBe(true);
    expect(bls.verifyPossession(a.blsKey, bls.prove(a.blsKey, b.blsSecret))).toBe(false);
  });
});

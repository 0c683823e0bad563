/** The memory network: the acceptance suite, and the faults that the simulator orders at its hub. */
import { describe, expect, it } from "vitest";
import { createMemoryHub, createMemoryNetwork, type MemoryHub } from "../../worker/network/memory.ts";
import type { Tuning } from "../../worker/network/link.ts";
import { bring, link, type NetworkBed } from "../contracts/network-checks.ts";
import { describeNetwork } from "../contracts/network.ts";
import { createVirtualTime, type VirtualTime } from "./virtual.ts";

type MemoryBed = NetworkBed & { readonly hub: MemoryHub; readonly time: VirtualTime };

const createBed = (
  options: { latency?: (from: string, to: string) => number; tuning?: Partial<Tuning> } = {},
): MemoryBed => {
  const time = createVirtualTime();
  const hub = createMemoryHub({ surroundings: time, latency: options.latency ?? (() => 20) });
  let places = 0;
  return {
    hub,
    time,
    join: async (self) =>
      createMemoryNetwork({
        hub,
        address: `place-${(places += 1)}`,
        self,
        surroundings: time,
        tuning: options.tuning ?? {},
      }),
    until: async (done, what) => {
      for (let waited = 0; !done(); waited += 10) {
        if (waited > 60_000) throw new Error(`${what}: not after a minute of virtual time`);
        time.run(10);
      }
    },
    settle: async () => time.run(5_000),
  };
};

describeNetwork("memory, 20 ms", async () => createBed());
describeNetwork("memory, no latency", async () => createBed({ latency: () => 0 }));

describe("faults at the hub", () => {
  it("delivers each link's frames in order however the latency jumps", async () => {
    let n = 0;
    const bed = createBed({ latency: () => (n = (n * 7 + 3) % 50) });
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    await link(bed, a, b);
    const peer = a.of("up")[0]?.peer ?? 0;
    for (let i = 0; i < 100; i++) a.network.send(peer, Uint8Array.of(i));
    await bed.settle();
    expect(b.of("message").map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it("loses a link on both sides, and lets it be dialled again", async () => {
    const bed = createBed();
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    await link(bed, a, b);
    bed.hub.drop(a.address(), b.address());
    expect([a.of("down")[0]?.reason, b.of("down")[0]?.reason]).toEqual(["lost", "lost"]);
    await link(bed, b, a);
  });

  it("cuts two nodes apart until they are healed, and isolates one from all", async () => {
    const bed = createBed();
    const [a, b, c] = [
      await bring(bed, { name: "a" }),
      await bring(bed, { name: "b" }),
      await bring(bed, { name: "c" }),
    ];
    bed.hub.cut(a.address(), b.address());
    a.network.dial(b.address());
    await bed.settle();
    expect(a.of("refused").map(({ refusal }) => refusal.code)).toEqual(["unreachable"]);
    await link(bed, a, c);
    bed.hub.heal(a.address(), b.address());
    await link(bed, a, b);
    bed.hub.isolate(a.address(), true);
    expect(a.of("down")).toHaveLength(2);
    bed.hub.isolate(a.address(), false);
    await link(bed, a, b);
  });

  it("somebody in between with a certificate of their own is found out by both sides", async () => {
    const bed = createBed();
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    bed.hub.intercept(a.address(), b.address());
    a.network.dial(b.address());
    await bed.settle();
    expect([a, b].flatMap((node) => node.of("up"))).toEqual([]);
    expect([a, b].flatMap((node) => node.of("refused").map(({ refusal }) => refusal.code))).toEqual([
      "fingerprint-mismatch",
      "fingerprint-mismatch",
    ]);
  });

  it("an address belongs to whoever joined first", async () => {
    const time = createVirtualTime();
    const hub = createMemoryHub({ surroundings: time });
    expect(hub.join("here", { accept: () => ({ receive: () => {}, lost: () => {} }) })).toBe(true);
    expect(hub.join("here", { accept: () => ({ receive: () => {}, lost: () => {} }) })).toBe(false);
  });

  it("is deterministic: the same seed gives the same events", async () => {
    const story = async (): Promise<string> => {
      const bed = createBed();
      const nodes = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" }), await bring(bed, { name: "c" })];
      for (const from of nodes) for (const to of nodes) if (from !== to) from.network.dial(to.address());
      await bed.settle();
      return JSON.stringify(nodes.map(({ events }) => events));
    };
    expect(await story()).toBe(await story());
  });
});

/** Whom a node calls: enough neighbours, never too many, nobody twice, and found again after any absence. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PublicKey } from "../../worker/base/units.ts";
import { rendezvous } from "../../worker/network/address.ts";
import {
  createMesh,
  forget,
  learn,
  MAX_DEGREE,
  note,
  plan,
  TARGET_DEGREE,
  type Mesh,
} from "../../worker/network/mesh.ts";
import type { NetworkEvent } from "../../worker/network/network.ts";

const keyOf = (n: number): PublicKey => n.toString(16).padStart(64, "0") as PublicKey;
const SELF = keyOf(999);
const placeOf = (n: number): string => `place-${n}`;
const candidates = (count: number) => Array.from({ length: count }, (_, n) => ({ address: placeOf(n), key: keyOf(n) }));
const numberOf = (address: string): number => Number(address.split("-")[1]);

const up = (peer: number, n: number, dialled = true): NetworkEvent => ({
  kind: "up",
  peer,
  identity: { key: keyOf(n), role: "member" },
  address: placeOf(n),
  dialled,
});
const refused = (address: string, code: string): NetworkEvent => ({
  kind: "refused",
  address,
  dialled: true,
  by: "them",
  refusal: { code, message: "", verdict: "ignore" },
});

const meshWith = (count: number): Mesh => {
  const mesh = createMesh(SELF, 0);
  learn(mesh, candidates(count));
  return mesh;
};

/** Carries out plans until nothing more is dialled at this moment; every dial comes up. */
const connect = (mesh: Mesh, now: number): void => {
  for (let dials = plan(mesh, now).dial; dials.length > 0; dials = plan(mesh, now).dial) {
    for (const address of dials) note(mesh, up(numberOf(address) + 1, numberOf(address)), now);
  }
};

describe("the mesh", () => {
  it("dials a few at a time until it has its eight neighbours, then no more", () => {
    const mesh = meshWith(30);
    expect(plan(mesh, 0).dial.length).toBe(4);
    expect(plan(mesh, 0).dial).toEqual([]);
    const again = meshWith(30);
    connect(again, 0);
    expect(again.neighbours.size).toBe(TARGET_DEGREE);
  });

  it("a small community is a full mesh, and its node never dials itself", () => {
    const mesh = meshWith(3);
    learn(mesh, [{ address: "mine", key: SELF }]);
    connect(mesh, 0);
    expect([...mesh.neighbours.values()].map(({ address }) => address).toSorted()).toEqual([
      "place-0",
      "place-1",
      "place-2",
    ]);
  });

  it("different nodes begin with different members", () => {
    const [one, other] = [createMesh(keyOf(500), 0), createMesh(keyOf(501), 0)];
    for (const mesh of [one, other]) learn(mesh, candidates(50));
    expect(plan(one, 0).dial).not.toEqual(plan(other, 0).dial);
  });

  it("dials one address of a member at a time, and none of a member that is linked", () => {
    const community = "ab".repeat(32);
    const mesh = createMesh(SELF, 0);
    learn(
      mesh,
      rendezvous(community, keyOf(1)).map((address) => ({ address, key: keyOf(1) })),
    );
    const [first, ...others] = plan(mesh, 0).dial;
    expect(others).toEqual([]);
    note(mesh, refused(first ?? "", "unreachable"), 0);
    const [second] = plan(mesh, 0).dial;
    expect(second).not.toBe(first);
    note(
      mesh,
      { kind: "up", peer: 1, identity: { key: keyOf(1), role: "member" }, address: second ?? "", dialled: true },
      0,
    );
    expect(plan(mesh, 1_000_000).dial).toEqual([]);
  });

  it("calls whoever does not answer after 2, 4, 8 seconds and so on up to ten minutes", () => {
    const mesh = meshWith(1);
    let now = 0;
    for (const pause of [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]) {
      expect(plan(mesh, now).dial).toEqual([placeOf(0)]);
      note(mesh, refused(placeOf(0), "unreachable"), now);
      expect(plan(mesh, now + pause * 1000 - 1).dial).toEqual([]);
      now += pause * 1000;
    }
  });

  it("a busy one is called again after half a minute, one that refused us after ten", () => {
    for (const [code, pause] of [
      ["busy", 30_000],
      ["not-a-member", 600_000],
    ] as const) {
      const mesh = meshWith(1);
      plan(mesh, 0);
      note(mesh, refused(placeOf(0), code), 0);
      expect(plan(mesh, pause - 1).dial).toEqual([]);
      expect(plan(mesh, pause).dial).toEqual([placeOf(0)]);
    }
  });

  it("replaces a neighbour that is gone, and calls it again itself when it is the only one", () => {
    const mesh = meshWith(1);
    connect(mesh, 0);
    note(mesh, { kind: "down", peer: 1, reason: "lost" }, 1000);
    expect(plan(mesh, 1000).dial).toEqual([]);
    expect(plan(mesh, 3000).dial).toEqual([placeOf(0)]);
  });

  it("two halves that were cut apart find together again: once a minute somebody else is called", () => {
    const mesh = meshWith(30);
    connect(mesh, 0);
    expect(plan(mesh, 59_999).dial).toEqual([]);
    expect(plan(mesh, 60_000).dial).toHaveLength(1);
    const tried = new Set<string>();
    for (let now = 120_000, n = 0; n < 22; n++, now += 60_000) {
      for (const address of mesh.dialling) note(mesh, refused(address, "unreachable"), now);
      for (const address of plan(mesh, now + 600_000 * n).dial) tried.add(address);
    }
    expect(tried.size).toBeGreaterThan(15);
  });

  it("makes room for the one it explores, and drops the youngest beyond the most it may have", () => {
    const mesh = meshWith(40);
    for (let n = 0; n < MAX_DEGREE - 1; n++) note(mesh, up(n + 1, n), n);
    const explored = plan(mesh, 60_000);
    expect(explored.dial).toHaveLength(1);
    expect(explored.drop).toEqual([1]);
    const few = meshWith(40);
    for (let n = 0; n < 4; n++) note(few, up(n + 1, n), n);
    expect(plan(few, 60_000, 60_000, 4)).toMatchObject({ dial: { length: 1 }, drop: [] });
    note(few, up(5, numberOf([...few.dialling][0] ?? "")), 60_001);
    expect(plan(few, 120_001, 60_000, 4)).toMatchObject({ dial: { length: 1 }, drop: [1] });
    const crowded = meshWith(0);
    for (let n = 0; n < MAX_DEGREE + 2; n++) note(crowded, up(n + 1, n, false), n);
    expect(plan(crowded, 100).drop).toEqual([MAX_DEGREE + 1, MAX_DEGREE + 2]);
  });

  it("applicants take no member's place", () => {
    const mesh = meshWith(30);
    for (let n = 0; n < 4; n++) {
      note(
        mesh,
        {
          kind: "up",
          peer: 100 + n,
          identity: { key: keyOf(100 + n), role: "applicant" },
          address: `applicant-${n}`,
          dialled: false,
        },
        0,
      );
    }
    connect(mesh, 0);
    expect(mesh.neighbours.size).toBe(TARGET_DEGREE + 4);
  });

  it("the book is bounded, in all and per member, and what works is kept", () => {
    const mesh = createMesh(SELF, 0);
    learn(
      mesh,
      Array.from({ length: 2000 }, (_, n) => ({ address: placeOf(n), key: null })),
    );
    expect(mesh.book.size).toBe(512);
    learn(
      mesh,
      Array.from({ length: 50 }, (_, n) => ({ address: `many-${n}`, key: keyOf(1) })),
    );
    expect([...mesh.book.values()].filter(({ key }) => key === keyOf(1)).length).toBeLessThanOrEqual(8);
    note(mesh, up(1, 0), 5);
    for (const n of [1, 2, 3]) {
      mesh.dialling.add(placeOf(n));
      note(mesh, refused(placeOf(n), "unreachable"), 6);
    }
    learn(mesh, [{ address: "fresh", key: keyOf(7) }]);
    expect([mesh.book.has("fresh"), mesh.book.has(placeOf(0)), mesh.book.size]).toEqual([true, true, 512]);
  });

  it("forgets whoever is no member any more", () => {
    const mesh = meshWith(5);
    forget(mesh, (key) => key === keyOf(2));
    expect([...mesh.book.keys()]).toEqual([placeOf(2)]);
  });

  it("whatever happens: never more dials than four, never more neighbours wanted than twelve, nobody dialled who is linked", () => {
    const happening = fc.record({
      pause: fc.nat(100_000),
      what: fc.constantFrom("up", "down", "unreachable", "busy"),
      who: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 80 }), (story) => {
        const mesh = meshWith(20);
        let now = 0;
        for (const { pause, what, who } of story) {
          now += pause;
          if (what === "up" && !mesh.neighbours.has(who + 1))
            note(mesh, up(who + 1, who, mesh.dialling.has(placeOf(who))), now);
          else if (what === "down") note(mesh, { kind: "down", peer: who + 1, reason: "lost" }, now);
          else if (mesh.dialling.has(placeOf(who))) note(mesh, refused(placeOf(who), what), now);
          const linked = new Set([...mesh.neighbours.values()].map(({ address }) => address));
          const { dial, drop } = plan(mesh, now);
          expect(mesh.dialling.size).toBeLessThanOrEqual(4);
          expect(dial.filter((address) => linked.has(address))).toEqual([]);
          expect(mesh.neighbours.size - drop.length).toBeLessThanOrEqual(MAX_DEGREE);
        }
      }),
    );
  });
});

/** Whom a node calls: enough neighbours, never too many, nobody twice, and found again after any absence. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PublicKey } from "../../worker/base/units.ts";
import { rendezvous } from "../../worker/network/address.ts";
import {
  BOOK_LIMIT,
  createMesh,
  HEARSAY_LIMIT,
  HEARSAY_PER_PEER,
  isSearching,
  kept,
  KEPT_LIMIT,
  learn,
  LONELY_DIALS,
  MAX_DEGREE,
  MAX_DIALS,
  note,
  plan,
  restore,
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

  it("who finds nobody at the first addresses calls more at a time, and a few again once somebody answers", () => {
    const mesh = meshWith(100);
    const tried = new Set<string>();
    let rounds = 0;
    for (; !tried.has(placeOf(77)); rounds++) {
      const { dial } = plan(mesh, 0);
      expect(dial.length).toBeLessThanOrEqual(rounds === 0 ? MAX_DIALS : LONELY_DIALS);
      expect(dial.length).toBeGreaterThan(0);
      for (const address of dial) {
        expect(tried.has(address)).toBe(false);
        tried.add(address);
        if (address !== placeOf(77)) note(mesh, refused(address, "unreachable"), 0);
      }
    }
    // Nobody is called twice before all were called once: the one who is awake is met within seven answers.
    expect(rounds).toBeLessThanOrEqual(1 + Math.ceil(96 / LONELY_DIALS));
    expect(isSearching(mesh)).toBe(true);
    note(mesh, up(1, 77), 0);
    expect(isSearching(mesh)).toBe(false);
    expect(plan(mesh, 0).dial.length).toBeLessThanOrEqual(MAX_DIALS);
  });

  it("calls first where somebody answered last, and main names before second ones", () => {
    const mesh = createMesh(SELF, 0);
    learn(
      mesh,
      [0, 1, 2, 3, 4, 5].flatMap((n) =>
        [0, 1, 2].map((place) => ({ address: `${placeOf(n)}/${place}`, key: keyOf(n), place })),
      ),
    );
    restore(mesh, [
      { address: "met-1", key: keyOf(11), lastSuccess: 100, failures: 0 },
      { address: "met-2", key: keyOf(12), lastSuccess: 200, failures: 0 },
    ]);
    const { dial } = plan(mesh, 1_000);
    expect(dial.slice(0, 2)).toEqual(["met-2", "met-1"]);
    expect(dial.slice(2).every((address) => address.endsWith("/0"))).toBe(true);
  });

  it("keeps for the next run where somebody answered, the latest first, and no more than a bounded number", () => {
    const mesh = meshWith(100);
    for (let n = 0; n < 100; n++) {
      note(mesh, up(n + 1, n), 1_000 + n);
      note(mesh, { kind: "down", peer: n + 1, reason: "closed" }, 1_000 + n);
    }
    const book = kept(mesh);
    expect(book).toHaveLength(KEPT_LIMIT);
    expect(book[0]).toEqual({ address: placeOf(99), key: keyOf(99), lastSuccess: 1_099, failures: 0 });
    const again = createMesh(SELF, 5_000);
    restore(again, book);
    expect(plan(again, 5_000).dial[0]).toBe(placeOf(99));
    expect(kept(again)).toEqual(book);
  });

  it("those who answered once are called at once when the signalling server has us again", () => {
    const mesh = meshWith(2);
    note(mesh, up(1, 0), 0);
    note(mesh, { kind: "down", peer: 1, reason: "lost" }, 0);
    for (let n = 0; n < 2; n++) {
      mesh.dialling.add(placeOf(n));
      for (let times = 0; times < 8; times++) note(mesh, refused(placeOf(n), "unreachable"), 1_000);
    }
    expect(plan(mesh, 2_000).dial).toEqual([]);
    note(mesh, { kind: "signalling", state: "open" }, 2_000);
    expect(plan(mesh, 2_000).dial).toEqual([placeOf(0)]);
  });

  it("one neighbour that tells rubbish fills its own few places, and nobody else's", () => {
    const mesh = meshWith(20);
    for (let n = 0; n < 2_000; n++) learn(mesh, [{ address: `rubbish-${n}`, key: null }], keyOf(3));
    expect(mesh.book.size).toBe(20 + HEARSAY_PER_PEER);
    // What follows from members' keys comes first.
    expect(plan(mesh, 0).dial.every((address) => address.startsWith("place-"))).toBe(true);
    learn(mesh, [{ address: "true-one", key: null }], keyOf(4));
    expect(mesh.book.has("true-one")).toBe(true);
    for (let teller = 100; teller < 200; teller++)
      for (let n = 0; n < 40; n++) learn(mesh, [{ address: `${teller}-${n}`, key: null }], keyOf(teller));
    expect(mesh.book.size).toBe(20 + HEARSAY_LIMIT);
    learn(mesh, candidates(30));
    expect(mesh.book.size).toBe(30 + HEARSAY_LIMIT);
  });

  it("hearsay gives way only after it was tried again and again, so that rubbish cannot make us dial without end", () => {
    const mesh = createMesh(SELF, 0);
    const tell = (n: number): void => learn(mesh, [{ address: `rubbish-${n}`, key: null }], keyOf(3));
    let told = 0;
    let dials = 0;
    for (let now = 0; now < 600_000; now += 100) {
      tell(told++);
      for (const address of plan(mesh, now).dial) {
        dials += 1;
        note(mesh, refused(address, "unreachable"), now);
      }
    }
    expect(mesh.book.size).toBeLessThanOrEqual(HEARSAY_PER_PEER);
    // Sixteen addresses, five calls each within the 30 s that 2, 4, 8 and 16 s make: fewer than three a second.
    expect(dials).toBeLessThan(600 * 3);
  });

  it("a book full of addresses that nobody answers takes up members all the same", () => {
    const mesh = createMesh(SELF, 0);
    learn(
      mesh,
      Array.from({ length: BOOK_LIMIT }, (_, n) => ({ address: `gone-${n}`, key: null })),
    );
    for (const address of mesh.book.keys()) {
      mesh.dialling.add(address);
      note(mesh, refused(address, "unreachable"), 0);
    }
    learn(mesh, candidates(50));
    expect([...mesh.book.keys()].filter((address) => address.startsWith("place-"))).toHaveLength(50);
    expect(mesh.book.size).toBe(BOOK_LIMIT);
  });

  it("a link that was made by hand has no address to call or to keep", () => {
    const mesh = createMesh(SELF, 0);
    note(mesh, { kind: "up", peer: 1, identity: { key: keyOf(1), role: "member" }, address: "", dialled: true }, 0);
    note(mesh, { kind: "down", peer: 1, reason: "lost" }, 0);
    expect([plan(mesh, 100_000).dial, kept(mesh)]).toEqual([[], []]);
  });

  it("whatever happens: never more dials than sixteen, four with a neighbour, never more neighbours wanted than twelve, nobody dialled who is linked", () => {
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
          const most = linked.size > 0 && dial.length > 0 ? MAX_DIALS : LONELY_DIALS;
          expect(mesh.dialling.size).toBeLessThanOrEqual(most);
          expect(dial.filter((address) => linked.has(address))).toEqual([]);
          expect(mesh.neighbours.size - drop.length).toBeLessThanOrEqual(MAX_DEGREE);
        }
      }),
    );
  });

  it("a clock that was a year ahead and is set right keeps nobody from being called", () => {
    const YEAR_MS = 366 * 86_400_000;
    const mesh = meshWith(1);
    for (const address of plan(mesh, YEAR_MS).dial) note(mesh, refused(address, "unreachable"), YEAR_MS);
    plan(mesh, 0);
    expect(plan(mesh, 600_000).dial).toEqual([placeOf(0)]);
  });
});

/** Whom a node calls, and what it makes of those who do not want it. */
import { expect, test } from "vitest";
import type { Hash, Millis, PublicKey } from "../../worker/base/units.ts";
import { rendezvous } from "../../worker/network/address.ts";
import type { Network, NetworkEvent } from "../../worker/network/network.ts";
import { Neighbours } from "../../worker/shell/neighbours.ts";
import type { Clock } from "../../worker/shell/runner.ts";

const COMMUNITY = "c0".repeat(32) as Hash;
const SELF = "aa".repeat(32) as PublicKey;
const OTHER = "bb".repeat(32) as PublicKey;

/** A clock that stands still until it is moved, and a network that only remembers whom it was to call. */
const street = () => {
  const dialled: string[] = [];
  const waiting = new Map<() => void, number>();
  let now = 1_000;
  const clock: Clock = {
    now: () => now as Millis,
    at: (time, fn) => {
      waiting.set(fn, time);
      return () => waiting.delete(fn);
    },
  };
  const network: Network = {
    start: () => {},
    dial: (address) => dialled.push(address),
    send: () => {},
    disconnect: () => {},
    addresses: () => [],
    stop: () => {},
  };
  const pass = (ms: number): void => {
    now += ms;
    for (const [fn, at] of waiting) if (at <= now && waiting.delete(fn)) fn();
  };
  const neighbours = new Neighbours({
    network,
    clock,
    self: SELF,
    community: COMMUNITY,
    stepMs: 10_000,
    members: () => [OTHER],
  });
  return { neighbours, dialled, pass };
};

const refusedWith = (code: string): NetworkEvent => ({
  kind: "refused",
  address: "somewhere",
  dialled: true,
  by: "them",
  refusal: { code, message: "No.", verdict: "ignore" },
});

test("nobody is called before the signalling server has us, and then at once", () => {
  const { neighbours, dialled, pass } = street();
  neighbours.start(["invited-0"]);
  pass(60_000);
  expect(dialled).toEqual([]);
  neighbours.note({ kind: "signalling", state: "open" });
  pass(0);
  expect(dialled).toContain("invited-0");
  expect(rendezvous(COMMUNITY, OTHER)).toContain(dialled.find((address) => address !== "invited-0"));
});

test("nobody is called while the signalling server is lost", () => {
  const { neighbours, dialled, pass } = street();
  neighbours.start([]);
  neighbours.note({ kind: "signalling", state: "open" });
  neighbours.note({ kind: "signalling", state: "retrying" });
  pass(600_000);
  expect(dialled).toEqual([]);
});

test.each(["unreachable", "busy", "duplicate"])("a call that ends as %s says nothing about us", (code) => {
  const { neighbours } = street();
  neighbours.note(refusedWith(code));
  expect(neighbours.refusedBy).toBeNull();
});

test("a refusal is remembered until somebody takes us in", () => {
  const { neighbours } = street();
  neighbours.note(refusedWith("bad-invitation"));
  neighbours.note(refusedWith("unreachable"));
  expect(neighbours.refusedBy).toBe("bad-invitation");
  neighbours.note({ kind: "up", peer: 1, identity: { key: OTHER, role: "member" }, address: "b", dialled: true });
  expect(neighbours.refusedBy).toBeNull();
});

/** A hundred and twenty nodes that only look for each other: bounded neighbours, one network, found again out of sleep. */
import { expect, test } from "vitest";
import { publicKeyOf } from "../../worker/base/ed25519.ts";
import { taggedHash } from "../../worker/base/hash.ts";
import { utf8ToBytes } from "../../worker/base/bytes.ts";
import { ok } from "../../worker/base/result.ts";
import type { PublicKey } from "../../worker/base/units.ts";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import { deriveAddress, MAIN_DEVICE } from "../../worker/network/address.ts";
import { createMemoryHub, createMemoryNetwork } from "../../worker/network/memory.ts";
import { MAX_DEGREE } from "../../worker/network/mesh.ts";
import type { Identity, Network } from "../../worker/network/network.ts";
import { Neighbours } from "../../worker/shell/neighbours.ts";

const COMMUNITY = "c0".repeat(32);
const START = 1_700_000_000_000;
type Person = { readonly key: PublicKey; readonly secret: Uint8Array; readonly address: string };
type Node = { readonly stop: () => void; readonly links: Map<number, PublicKey>; dials: number };

const crowd = (size: number) => {
  const time = new VirtualTime(START, "crowd");
  const hub = createMemoryHub({ surroundings: time.surroundings, latency: () => 10 });
  const people = Array.from({ length: size }, (_, n): Person => {
    const secret = taggedHash("crowd", utf8ToBytes(String(n)));
    const key = publicKeyOf(secret);
    return { key, secret, address: deriveAddress(COMMUNITY, key, MAIN_DEVICE, 0) };
  });
  const keys = people.map(({ key }) => key);
  const awake = new Map<PublicKey, Node>();

  const wake = ({ key, secret, address }: Person): Node => {
    const identity: Identity = { key, role: "member" };
    const plain = createMemoryNetwork({
      hub,
      address,
      surroundings: time.surroundings,
      self: { community: COMMUNITY, identity, secret, admit: () => ok(undefined) },
    });
    const links = new Map<number, PublicKey>();
    const network: Network = {
      ...plain,
      dial: (to) => {
        node.dials += 1;
        plain.dial(to);
      },
    };
    const neighbours = new Neighbours({
      network,
      clock: time.clock,
      self: key,
      community: COMMUNITY,
      stepMs: 10_000,
      members: () => keys.filter((other) => other !== key),
    });
    const node: Node = {
      links,
      dials: 0,
      stop: () => {
        awake.delete(key);
        neighbours.stop();
        network.stop();
      },
    };
    network.start((event) => {
      if (event.kind === "up") links.set(event.peer, event.identity.key);
      if (event.kind === "down") links.delete(event.peer);
      neighbours.note(event);
    });
    neighbours.start([]);
    awake.set(key, node);
    return node;
  };

  /** How many of those awake can be reached from one of them over links. */
  const reached = (): number => {
    const [first] = awake.keys();
    const seen = new Set(first === undefined ? [] : [first]);
    for (const key of seen) for (const other of awake.get(key)?.links.values() ?? []) seen.add(other);
    return seen.size;
  };
  return { time, people, awake, wake, reached };
};

test("a hundred and twenty members make one network of twelve links each at most, all from the list of members", async () => {
  const { time, people, awake, wake, reached } = crowd(120);
  for (const person of people) {
    wake(person);
    await time.runUntil(time.now + 50);
  }
  await time.runUntil(time.now + 30_000);
  const degrees = [...awake.values()].map(({ links }) => links.size);
  expect(Math.max(...degrees)).toBeLessThanOrEqual(MAX_DEGREE);
  expect(Math.min(...degrees)).toBeGreaterThanOrEqual(4);
  expect(reached()).toBe(120);
});

test("of a hundred and twenty one is awake: whoever returns meets it within a second", async () => {
  const { time, people, awake, wake } = crowd(120);
  const [last, ...others] = people;
  if (last === undefined) throw new Error("somebody is awake");
  wake(last);
  await time.runUntil(time.now + 3_600_000);
  for (const person of others.slice(0, 20)) {
    const node = wake(person);
    await time.runUntil(time.now + 1_000);
    expect(node.links.size).toBeGreaterThan(0);
    node.stop();
    await time.runUntil(time.now + 1_000);
  }
  expect(awake.size).toBe(1);
});

test("one who is alone for hours calls less and less: in the end one call in two seconds", async () => {
  const { time, people, wake } = crowd(600);
  const [alone] = people;
  if (alone === undefined) throw new Error("somebody is awake");
  const node = wake(alone);
  await time.runUntil(time.now + 600_000);
  // Every member's main name was tried, although the book does not hold them all.
  expect(node.dials).toBeGreaterThan(1_800);
  const before = node.dials;
  await time.runUntil(time.now + 3_600_000);
  expect((node.dials - before) / 3_600).toBeLessThanOrEqual(0.5);
});

/** Whom a node that is far behind asks for proofs, and whom it asks no more (PROTOCOL.md §8.3). */
import { describe, expect, it } from "vitest";
import type { Millis } from "../../worker/base/units.ts";
import { endOf } from "../../worker/community/market-step.ts";
import type { Effect, Event } from "../../worker/node/events.ts";
import { beginCore } from "../../worker/node/load.ts";
import { trustInContract } from "../../worker/node/light-trust.ts";
import { Machine } from "../../worker/node/machine.ts";
import { decodeMessage, encodeMessage, type Message } from "../../worker/node/messages.ts";
import { REAL, SMALL, writtenChain } from "../lab/synthetic.ts";

const written = writtenChain({ ...SMALL, steps: 60, changes: 0 });
const { chain, nodes, certificate } = written;
const below = nodes.at(-2) ?? chain.genesis;
const FAR_ABOVE = certificate.header.height + 500;
type Undated = Event extends infer E ? (E extends Event ? Omit<E, "now"> : never) : never;

/** A node that has nothing but the contract; its neighbours say what a test has them say. */
class Driver {
  readonly machine: Machine;
  now: number = endOf(chain.signed.contract, nodes.length);
  constructor() {
    const [own] = chain.keys;
    if (own === undefined) throw new Error("a chain has members");
    const { memberKey, memberSecret, blsSecret } = own;
    this.machine = new Machine(beginCore({ memberKey, memberSecret, blsSecret }, chain.signed, REAL));
  }
  event(event: Undated): readonly Effect[] {
    this.now += 1;
    return this.machine.step({ ...event, now: this.now as Millis });
  }
  /** The kinds of what is sent to whom, and who is dropped why. */
  said(event: Undated): string[] {
    return this.event(event).flatMap((effect) => {
      if (effect.kind === "drop") return [`${effect.peer} dropped: ${effect.refusal.code}`];
      if (effect.kind !== "send") return [];
      const read = decodeMessage(effect.bytes);
      return read.ok && read.value.kind.startsWith("ask-") ? [`${effect.peer} ${read.value.kind}`] : [];
    });
  }
  says(peer: number, message: Message): string[] {
    return this.said({ kind: "message", peer, bytes: encodeMessage(message) });
  }
  /** A link to a member that says to have far more than this node. */
  meet(peer: number, member: number): string[] {
    const key = chain.keys[member]?.memberKey;
    if (key === undefined) throw new Error("there is such a member");
    this.event({ kind: "peer-up", peer, identity: { key, role: "member" }, address: "" });
    const { hash } = nodes.at(-1) ?? chain.genesis;
    const [height, finalHeight] = [FAR_ABOVE + 1, FAR_ABOVE];
    return this.says(peer, { kind: "status", head: hash, height, step: height, final: hash, finalHeight });
  }
  leave(peer: number): string[] {
    return this.said({ kind: "peer-down", peer });
  }
  pass(ms: number): string[] {
    this.now += ms;
    return this.said({ kind: "time" });
  }
}
/** What an honest neighbour says that has nothing beyond what it was asked from. */
const NO_HOPS: Message = { kind: "hops", hops: [], block: below.hash, proof: [], more: false };
/** Who asks from the genesis is shown a block that has nothing to do with it. */
const FALSE_HOPS: Message = { ...NO_HOPS, hops: [{ certificate: { ...certificate, votes: [] }, next: null }] };

describe("a node that is far behind", () => {
  it("does not take a neighbour for a liar that can prove no more than what is proven here, and asks another", () => {
    const driver = new Driver();
    driver.machine.leap.trust({
      header: certificate.header,
      voters: trustInContract(chain.signed.contract).voters,
      hop: { certificate, next: null },
    });
    expect(driver.meet(1, 1)).toEqual(["1 ask-hops"]);
    driver.meet(2, 2);
    expect(driver.says(1, NO_HOPS)).toEqual(["2 ask-hops"]);
  });

  it("asks another at once where one can prove nothing from the contract on, or has no time", () => {
    for (const answer of [NO_HOPS, { kind: "declined", why: "busy" } as const]) {
      const driver = new Driver();
      expect(driver.meet(1, 1)).toEqual(["1 ask-hops"]);
      driver.meet(2, 2);
      expect(driver.says(1, answer)).toEqual(["2 ask-hops"]);
    }
  });

  it("drops who shows a false proof, and asks it for blocks, like everybody, when it comes again", () => {
    const driver = new Driver();
    expect(driver.meet(1, 1)).toEqual(["1 ask-hops"]);
    const [dropped] = driver.says(1, FALSE_HOPS);
    expect(dropped).toMatch(/^1 dropped: /);
    driver.leave(1);
    expect(driver.meet(2, 1)).toEqual(["2 ask-blocks"]);
  });

  it("does not wait again for who never answered and comes by another link", () => {
    const driver = new Driver();
    expect(driver.meet(1, 1)).toEqual(["1 ask-hops"]);
    driver.pass(10_001);
    driver.leave(1);
    expect(driver.meet(2, 1)).toEqual(["2 ask-blocks"]);
  });

  it("nor, for a while, for who leaves with the answer owed", () => {
    const driver = new Driver();
    expect(driver.meet(1, 1)).toEqual(["1 ask-hops"]);
    driver.leave(1);
    expect(driver.meet(2, 1)).toEqual(["2 ask-blocks"]);
    driver.leave(2);
    driver.pass(60_000);
    expect(driver.meet(3, 1)).toEqual(["3 ask-hops"]);
  });
});

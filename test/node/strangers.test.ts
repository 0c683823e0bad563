/**
 * Who says to be a member and is none (PROTOCOL.md §7.8, §8): a node that cannot tell lets it in, believes nothing for it,
 * keeps places for those whom it knows, and parts from it once it can tell.
 */
import { describe, expect, it } from "vitest";
import { lastEnded } from "../../worker/community/market-step.ts";
import { labContract, memberKeys } from "../../worker/lab/community.ts";
import type { Millis, PublicKey } from "../../worker/base/units.ts";
import type { Core } from "../../worker/node/core.ts";
import type { Effect, Event } from "../../worker/node/events.ts";
import { LightPeers } from "../../worker/node/light-peers.ts";
import { Out } from "../../worker/node/events.ts";
import { beginCore } from "../../worker/node/load.ts";
import { Machine } from "../../worker/node/machine.ts";
import { encodeMessage, type Status } from "../../worker/node/messages.ts";
import { knowsNothing, silentFrom } from "../../worker/node/silence.ts";
import { admissionOf } from "../../worker/shell/open-light.ts";
import { admission } from "../../worker/shell/open-node.ts";
import { T0 } from "../lab/trial.ts";

const keys = [0, 1].map((n) => memberKeys("strangers", n));
const [own, other] = keys as [(typeof keys)[0], (typeof keys)[0]];
const signed = labContract(keys, { name: "Two", preset: "fast", quorum: "majority", t0: T0 }, []);
const { stepMs } = signed.contract;
const strangers = Array.from({ length: 12 }, (_, n) => memberKeys("outside", n).memberKey);
const member = (key: PublicKey) => ({ key, role: "member" as const });
type Undated = Event extends infer E ? (E extends Event ? Omit<E, "now"> : never) : never;

class Driver {
  readonly core: Core;
  readonly machine: Machine;
  now = T0 as number;
  constructor() {
    const { memberKey, memberSecret, blsSecret } = own;
    this.core = beginCore({ memberKey, memberSecret, blsSecret }, signed);
    this.machine = new Machine(this.core);
  }
  event(event: Undated): readonly Effect[] {
    return this.machine.step({ ...event, now: this.now as Millis });
  }
  meet(peer: number, key: PublicKey): void {
    this.event({ kind: "peer-up", peer, identity: member(key), address: "" });
  }
  says(peer: number, status: Partial<Status>): void {
    const { genesis } = this.core;
    const bytes = encodeMessage({
      kind: "status",
      head: genesis,
      height: 0,
      step: 0,
      final: genesis,
      finalHeight: 0,
      ...status,
    });
    this.event({ kind: "message", peer, bytes });
  }
  /** As the mesh does: who is let in is linked. */
  knock(key: PublicKey, peer: number): boolean {
    const isIn = admission(this.core, () => this.now)(member(key)).ok;
    if (isIn) this.meet(peer, key);
    return isIn;
  }
}
const [stranger] = strangers as [PublicKey];

describe("who says to be a member, and is not known to be one", () => {
  it("does not make a founder whose device was made anew begin a second chain by saying that there is none", () => {
    const driver = new Driver();
    driver.core.silence = silentFrom(1);
    driver.meet(1, stranger);
    driver.now += 1_000;
    driver.says(1, {});
    expect(knowsNothing(driver.core)).toBe(true);
    driver.meet(2, other.memberKey);
    driver.now += 1_000;
    driver.says(2, {});
    expect(knowsNothing(driver.core)).toBe(false);
  });

  it("holds up duties for the first moments only, whatever it claims to have", () => {
    const driver = new Driver();
    driver.event({ kind: "time" });
    driver.meet(1, stranger);
    driver.says(1, { height: 1_000, step: 2_000, finalHeight: 1_000 });
    expect(driver.core.behind).toBe(true);
    driver.now = driver.core.patientUntil;
    driver.event({ kind: "time" });
    expect(driver.core.behind).toBe(false);
    driver.meet(2, other.memberKey);
    driver.says(2, { height: 1_000, step: 2_000, finalHeight: 1_000 });
    expect(driver.core.behind).toBe(true);
  });

  it("takes no place that is kept for a member, however many come while nothing is final", () => {
    const driver = new Driver();
    driver.now += 10 * stepMs;
    const letIn = strangers.filter((key, n) => driver.knock(key, n + 1));
    expect(letIn.length).toBe(8);
    expect(driver.knock(other.memberKey, 20)).toBe(true);
  });

  it("is let go as soon as this node can tell, and not let in again", () => {
    const driver = new Driver();
    driver.now += 10 * stepMs;
    expect(driver.knock(stranger, 1)).toBe(true);
    expect(driver.knock(other.memberKey, 2)).toBe(true);
    // Final up to now, as far as this node knows.
    const { final } = driver.core.chain;
    Object.defineProperty(driver.core.chain, "final", {
      get: () => ({ ...final, header: { ...final.header, step: lastEnded(signed.contract, driver.now) } }),
    });
    const dropped = (): number[] => {
      driver.now += stepMs;
      return driver.event({ kind: "time" }).flatMap((e) => (e.kind === "drop" ? [e.peer] : []));
    };
    expect([...dropped(), ...dropped()]).toEqual([1]);
    expect(driver.knock(stranger, 3)).toBe(false);
  });

  it("takes no place of a light node that is kept for those whom the contract names", () => {
    const peers = new LightPeers(
      () => T0,
      () => new Out(),
    );
    const admit = admissionOf({ peers, signed });
    const letIn = strangers.filter((key, n) => {
      const { ok } = admit(member(key));
      if (ok) peers.up(n, member(key), "", null);
      return ok;
    });
    expect(letIn.length).toBe(8);
    expect(admit(member(other.memberKey)).ok).toBe(true);
    expect(admit({ key: other.memberKey, role: "applicant" }).ok).toBe(false);
  });
});

/**
 * A light node (PROTOCOL.md §8.1) on chains that real communities made: it reaches the head from the contract alone, skips
 * hand-overs where it can, proves its own figures, and goes on after a restart at any point.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { sign } from "../../worker/base/ed25519.ts";
import type { MemberIndex } from "../../worker/base/units.ts";
import { communityId } from "../../worker/community/contract.ts";
import { amendmentOf } from "../../worker/community/parameters.ts";
import { hashOf } from "../../worker/consensus/block.ts";
import { key } from "../../worker/ledger/rows.ts";
import type { Action } from "../../worker/ledger/transaction.ts";
import { encodeItem, profileMessage, type Message } from "../../worker/node/messages.ts";
import { ownOf } from "../../worker/node/light-disk.ts";
import { openApplicant } from "../lab/applicant.ts";
import { PER_STEP_MWH, Trial } from "../lab/trial.ts";
import { LightWorld } from "./light-world.ts";

const NEW = 5;
const propose = async (trial: Trial, by: number, action: Action, voters: readonly number[]): Promise<void> => {
  const { value } = await trial.lab.node(by).runner.order({ kind: "propose", action });
  await trial.until(trial.core(0).chain.head.header.step + 1);
  for (const i of voters) await trial.lab.node(i).runner.order({ kind: "vote", proposal: value ?? "", yes: true });
};

/** Five members; one joins, one leaves, the quorum becomes two thirds: three sets of voters more. */
const grown = async (): Promise<Trial> => {
  const trial = await Trial.begin({ members: 5, others: 1, owners: [0] });
  await trial.until(1);
  const applicant = await openApplicant(trial, NEW);
  await trial.until(2);
  const { memberKey } = trial.lab.inhabitant(NEW).keys;
  const { value } = await trial.lab.node(1).runner.order({ kind: "admit", key: memberKey, weight: 3 });
  await trial.until(3);
  for (const i of [0, 2]) await trial.lab.node(i).runner.order({ kind: "vote", proposal: value ?? "", yes: true });
  await trial.until(5);
  await applicant.close();
  await trial.lab.start(NEW);
  await trial.until(8);
  await propose(trial, 4, { kind: "leave", member: 4 as MemberIndex }, []);
  await trial.until(12);
  await trial.lab.stop(4);
  const changes = amendmentOf(trial.contract, { quorumNum: 2, quorumDen: 3 });
  await propose(trial, 0, { kind: "parameters", changes }, [1, 2, 3]);
  await trial.until(18);
  return trial;
};
let trial: Trial;
beforeAll(async () => {
  trial = await grown();
}, 60_000);

const isFollowing = (world: LightWorld, member: number): void => {
  const { chain } = trial.core(0);
  const row = chain.state.get("member", key(member));
  const { trust, figures } = world.light.state;
  expect(hashOf(trust.header)).toBe(chain.final.hash);
  expect(figures?.member).toMatchObject({ index: member, row: { meter: row?.meter } });
  for (let step = 1; step <= chain.final.header.step; step++) {
    const book = chain.state.get("book", key(step));
    expect(ownOf(world.light.state, step)).toBe(book?.shares.find((s) => s.member === member)?.mwh ?? 0);
  }
};

describe("a light node with an empty disk", () => {
  it("reaches the head over sets of voters that came after the contract's, and its figures are the chain's", async () => {
    expect(trial.core(0).chain.finality.position.set).toBeGreaterThanOrEqual(3);
    const world = new LightWorld(trial, 1);
    await world.meet(0);
    isFollowing(world, 1);
    expect(world.dropped).toEqual([]);
    expect(world.light.alarms.all).toEqual([]);
    for (const credits of world.light.state.credits.values()) for (const c of credits) expect(c.judged).toBe(true);
  });

  it("skips the hand-overs where enough of the voters whom it knows still vote", async () => {
    const world = new LightWorld(trial, 1);
    const answers: Message[] = [];
    await world.meet(0, (answer) => {
      answers.push(answer);
      return answer;
    });
    const hops = answers.flatMap((a) => (a.kind === "hops" ? a.hops : []));
    expect(hops).toHaveLength(1);
    expect(hops[0]?.certificate.votes[0]?.set).toBeGreaterThanOrEqual(3);
  });

  it("of a member who came later finds its row by its key", async () => {
    const world = new LightWorld(trial, NEW);
    await world.meet(0);
    isFollowing(world, NEW);
    expect(ownOf(world.light.state, 8)).toBeGreaterThan(ownOf(new LightWorld(trial, 1).light.state, 8));
  });

  it("of somebody who is no member has a head and no figures of its own", async () => {
    const world = new LightWorld(trial, 1);
    const stranger = new LightWorld(trial, NEW);
    await world.meet(0);
    expect(world.light.state.figures?.member).not.toBeNull();
    await stranger.meet(0, (answer) =>
      answer.kind === "rows" ? { ...answer, rows: answer.rows.filter((r) => !r.path.startsWith("member/")) } : answer,
    );
    // What was left out makes the proof another one.
    expect(stranger.light.state.figures).toBeNull();
    expect(stranger.dropped).toEqual([{ peer: 0, code: "rows-false" }]);
  });

  it("asks three questions and hears a few kilobytes", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0);
    expect(world.heard).toHaveLength(3);
    expect(world.heard.reduce((a, b) => a + b, 0)).toBeLessThan(20_000);
  });
});

describe("a light node that goes on", () => {
  it("is told of each final block, asks what is new, and adds it to what it has", async () => {
    const own = await Trial.begin({ members: 3, owners: [0] });
    await own.until(2);
    const world = new LightWorld(own, 2);
    await world.meet(0);
    for (let step = 3; step <= 6; step++) {
      await own.until(step);
      await world.status(0);
      const { chain } = own.core(0);
      expect(world.light.state.trust.header.step).toBe(step);
      expect(world.light.state.figures?.member?.row.meter).toBe(chain.state.get("member", key(2))?.meter);
      expect(ownOf(world.light.state, step)).toBe(Math.floor(PER_STEP_MWH / 3));
    }
    const { from, height } = world.light.state.covered ?? {};
    expect({ from, height }).toEqual({ from: 1, height: 6 });
    const asked = world.said.flatMap(({ message }) => (message.kind === "ask-credits" ? [message.above] : []));
    expect(asked).toEqual([0, 2, 3, 4, 5]);
  }, 30_000);

  it("shows what it had at once after a restart, with nobody there", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0);
    const before = world.light.state;
    world.restart();
    expect(world.light.state).toEqual(before);
    isFollowing(world, 1);
  });

  it("killed after any of its commits, it begins again from what it wrote and ends with the same figures", async () => {
    const whole = new LightWorld(trial, 1);
    await whole.meet(0);
    for (let commits = 0; commits < 6; commits++) {
      const world = new LightWorld(trial, 1);
      world.plug = commits;
      await world.meet(0);
      world.restart();
      await world.meet(0);
      isFollowing(world, 1);
      expect(world.disk.size).toBe(whole.disk.size);
    }
  });

  it("a neighbour that says nothing is left for another", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0, () => null);
    await world.meet(2);
    expect(world.light.state.trust.header.height).toBe(0);
    await world.event({ kind: "time" }, world.now + 10_000);
    isFollowing(world, 1);
    expect(world.light.peers.refused?.refusal.code).toBe("no-answer");
    expect(world.dropped).toEqual([]);
  });

  it("takes a neighbour's name from that neighbour alone, signed, and knows it after a restart", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0);
    const profileOf = (member: number, name: string): Uint8Array => {
      const { memberKey, memberSecret } = trial.lab.inhabitant(member).keys;
      const unsigned = { key: memberKey, name, at: world.now };
      const signature = sign(profileMessage(communityId(trial.contract), unsigned), memberSecret);
      return encodeItem({ kind: "profile", profile: { ...unsigned, signature } });
    };
    const nameOf = (member: number) => world.light.names.of(trial.lab.inhabitant(member).keys.memberKey);
    await world.hear(0, { kind: "items", items: [profileOf(2, "Mallory")] });
    expect(nameOf(2)).toBeNull();
    const forged = profileOf(0, "Mallory");
    await world.hear(0, { kind: "items", items: [Uint8Array.from(forged, (b, i) => (i === 40 ? b ^ 1 : b))] });
    expect(nameOf(0)).toBeNull();
    await world.hear(0, { kind: "items", items: [profileOf(0, "Anna")] });
    expect(nameOf(0)).toBe("Anna");
    expect([...world.disk.keys()].filter((path) => path.startsWith("name/"))).toHaveLength(1);
  });

  it("never signs anything of which a member may sign only one, and keeps clear of a full node's rows", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0);
    const kinds = new Set(world.said.map(({ message }) => message.kind));
    expect([...kinds].toSorted()).toEqual(["ask-credits", "ask-hops", "ask-rows", "light", "ping"]);
    for (const path of world.disk.keys()) expect(path.startsWith("light/")).toBe(true);
  });
});

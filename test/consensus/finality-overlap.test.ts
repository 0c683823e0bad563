/** Rounds that overlap: one begins before the confirmations of the last are in (PROTOCOL.md §7.1). */
import { describe, expect, it } from "vitest";
import { memberIndex, stepIndex } from "../../worker/base/units.ts";
import { Scene } from "./scene.ts";
import { membersTo, TreeMaker, twoThirds } from "./tree-maker.ts";

const line = (voters: number): TreeMaker => new TreeMaker(voters).line("root", "a b c");

describe("a round whose approvals are in", () => {
  /** Node `self` of five; a majority has approved a. */
  const approved = (self: number, names = "a a a - -"): Scene => {
    const scene = new Scene(line(5));
    scene.finality.self = memberIndex(self);
    return scene.votes("approval", 0, names);
  };
  const late = (scene: Scene): unknown[] =>
    scene.finality.lateVotes(scene.finality.final).map(({ round, node }) => [round, scene.maker.nameOf(node)]);

  it("is left by a voter that has confirmed in it: the next need not wait for sleepers' confirmations", () => {
    const scene = approved(0);
    expect([scene.round, scene.confirms]).toEqual([0, "a"]);
    scene.votes("confirmation", 0, "a - - - -");
    expect([scene.round, scene.final, scene.anchor]).toEqual([1, "root", "a"]);
    // To say the same again would be idle; b is something new.
    expect([scene.approves("a"), scene.approves("b")]).toEqual([undefined, "b"]);
  });

  it("gets its confirmations from who comes later, while the next is under way", () => {
    const scene = approved(3).votes("approval", 1, "b b - - -").votes("approval", 0, "- - - c -");
    scene.votes("confirmation", 0, "a a - a -");
    expect([scene.final, scene.round]).toEqual(["a", 1]);
    const third = approved(2).votes("confirmation", 0, "a - a - -").votes("approval", 1, "b - b b -");
    expect([third.round, third.confirms, late(third)]).toEqual([1, "b", []]);
    const fourth = approved(3).votes("approval", 1, "b b b - -");
    // It slept through both: it confirms in round 0 what was approved there, and goes on with round 2.
    expect([fourth.round, late(fourth)]).toEqual([
      2,
      [
        [0, "a"],
        [1, "b"],
      ],
    ]);
    fourth.votes("confirmation", 0, "a a - a -");
    expect([fourth.final, late(fourth)]).toEqual(["a", [[1, "b"]]]);
    fourth.votes("confirmation", 1, "b b - b -");
    expect([fourth.final, late(fourth)]).toEqual(["b", []]);
  });

  it("binds the next to the highest block that late approvals could still bring a quorum", () => {
    const scene = approved(0, "a a b - -").votes("confirmation", 0, "a - - - -");
    expect([scene.round, scene.anchor]).toEqual([1, "b"]);
    // The two that were missing approved a: b can have a quorum no more.
    expect(scene.votes("approval", 0, "- - - a a").anchor).toBe("a");
  });

  it("is not left where two branches could still have a quorum", () => {
    const scene = new Scene(new TreeMaker(5).line("root", "a b").line("a", "x"));
    scene.finality.self = memberIndex(0);
    scene.votes("approval", 0, "b x b - -").votes("confirmation", 0, "a - - - -");
    // With the two that are missing b would have four, x three.
    expect([scene.confirms, scene.round]).toEqual(["a", 0]);
    expect(scene.votes("confirmation", 0, "- a a - -").round).toBe(1);
  });

  it("is not left by who does not vote: it has time", () => {
    expect([approved(7).round, approved(7).votes("confirmation", 0, "a a a - -").round]).toEqual([0, 1]);
  });

  it("is past after eight more: who slept for longer confirms in later ones", () => {
    const scene = approved(0).votes("confirmation", 0, "a - - - -");
    for (let round = 1; round <= 12; round++)
      scene.votes("approval", round, "b b b - -").votes("confirmation", round, "b - - - -");
    const near = (round: number): boolean => scene.finality.isNear({ set: 0, round });
    expect(scene.round).toBe(13);
    expect([near(0), near(4), near(5), near(12)]).toEqual([false, false, true, true]);
  });

  it("is confirmed in late only where the round before is known to bind it", () => {
    const scene = new Scene(line(5));
    scene.finality.self = memberIndex(3);
    scene.votes("approval", 1, "a a a - -").votes("approval", 2, "b b b - -");
    // Of round 0 it heard nothing: what that may have made final, a vote of round 1 could leave.
    expect([scene.round, late(scene)]).toEqual([2, []]);
  });

  it("binds to no block beyond the one that hands over, though a liar approved one", () => {
    const maker = new TreeMaker(4, twoThirds);
    const voters = { set: 1, since: stepIndex(1), members: membersTo(4), quorum: 3 };
    const scene = new Scene(maker.on("root", "h", { voters }).on("h", "beyond").on("beyond", "farther"));
    scene.finality.self = memberIndex(0);
    scene.votes("approval", 0, "h h beyond -").votes("confirmation", 0, "h - - -");
    expect([scene.round, scene.anchor]).toEqual([1, "h"]);
  });
});

/** Finality by rounds, scene by scene: who voted what, and what is final then. */
import { describe, expect, it } from "vitest";
import { type BlsKey, memberIndex, stepIndex } from "../../worker/base/units.ts";
import { BOTH } from "../../worker/consensus/electorate.ts";
import { Finality, MAX_ROUNDS_AHEAD, MAX_SETS_AHEAD, ROUNDS_KEPT } from "../../worker/consensus/finality.ts";
import { Scene } from "./scene.ts";
import { majority, membersTo, nameHash, TreeMaker, twoThirds, type Quorum } from "./tree-maker.ts";

const line = (voters: number, quorum: Quorum = majority): TreeMaker =>
  new TreeMaker(voters, quorum).line("root", "a b c");

describe("with everyone online", () => {
  it("each block is final after one round: approvals, confirmations, the next round", () => {
    const scene = new Scene(line(3));
    for (const [round, name] of ["a", "b", "c"].entries()) {
      expect(scene.approves(name)).toBe(name);
      expect(scene.confirms).toBeUndefined();
      scene.votes("approval", round, `${name} ${name} ${name}`);
      expect(scene.confirms).toBe(name);
      expect(scene.round).toBe(round);
      scene.votes("confirmation", round, `${name} ${name} ${name}`);
      expect([scene.final, scene.round]).toEqual([name, round + 1]);
      expect(scene.approves(name)).toBeUndefined();
    }
  });

  it("a community of one finalises alone", () => {
    const scene = new Scene(line(1));
    scene.votes("approval", 0, "c");
    expect(scene.confirms).toBe("c");
    expect(scene.votes("confirmation", 0, "c").final).toBe("c");
  });
});

describe("the quorum", () => {
  it.each([
    ["more than half of 4 is 3", 4, majority, 3],
    ["more than half of 5 is 3", 5, majority, 3],
    ["more than two thirds of 6 is 5", 6, twoThirds, 5],
    ["more than two thirds of 7 is 5", 7, twoThirds, 5],
  ])("%s: one fewer decides nothing, neither approvals nor confirmations", (_, n, quorum, needed) => {
    const scene = new Scene(line(n, quorum));
    expect(scene.finality.quorum).toBe(needed);
    const some = (k: number): string =>
      membersTo(k)
        .map(() => "b")
        .join(" ");
    scene.votes("approval", 0, some(needed - 1));
    expect(scene.confirms).toBeUndefined();
    scene.votes("approval", 0, some(needed));
    expect(scene.confirms).toBe("b");
    expect(scene.votes("confirmation", 0, some(needed - 1)).final).toBe("root");
    expect(scene.votes("confirmation", 0, some(needed)).final).toBe("b");
  });
});

describe("a vote", () => {
  it("for a block counts for all its ancestors", () => {
    const scene = new Scene(line(3)).votes("approval", 0, "c a -");
    expect(scene.confirms).toBe("a");
    scene.votes("approval", 0, "c a b");
    expect(scene.confirms).toBe("b");
    scene.votes("confirmation", 0, "- c a");
    expect(scene.final).toBe("a");
    expect(scene.finality.tallyOf(scene.node("a"))).toEqual({ approvals: 3, confirmations: 2, voters: 3 });
    expect(scene.finality.tallyOf(scene.node("c"))).toEqual({ approvals: 1, confirmations: 1, voters: 3 });
  });

  it("that names another step than its block's counts for nothing", () => {
    const maker = line(3);
    const { finality } = new Scene(maker);
    const root = maker.target("approval", "root");
    for (const m of membersTo(3)) finality.add(m, { ...maker.target("approval", "c"), step: root.step });
    expect(finality.latestApprovals()).toEqual([]);
    expect(finality.confirmationFor()).toBeUndefined();
  });

  it("in a set to come is of the key that is last known to be the member's; in the present one, of the first", () => {
    const maker = line(3);
    const { finality } = new Scene(maker);
    const [lost, fresh] = ["01", "02"] as BlsKey[] as [BlsKey, BlsKey];
    const of = (set: number) => finality.ballots({ set, round: 0 }, "approval").get(memberIndex(0))?.block;
    for (const set of [0, 1]) {
      finality.add(memberIndex(0), maker.target("approval", "a", 0, set), lost);
      finality.add(memberIndex(0), maker.target("approval", "b", 0, set), fresh);
    }
    expect(of(0)).toBe(maker.target("approval", "a").block);
    expect(of(1)).toBe(maker.target("approval", "b").block);
  });

  it("of a round long gone is not kept", () => {
    const maker = line(3);
    const { finality } = new Scene(maker, 5 + ROUNDS_KEPT);
    const add = (round: number): boolean => finality.add(memberIndex(0), maker.target("approval", "a", round));
    expect([4, 5].map(add)).toEqual([false, true]);
  });

  it("is one a member, round and kind: who gives two counts for every block, and a third changes nothing", () => {
    const maker = line(3);
    const { finality } = new Scene(maker);
    const [a, b, c] = (["a", "b", "c"] as const).map((name) => maker.target("approval", name));
    if (!a || !b || !c) throw new Error("three targets");
    const of = () => finality.ballots({ set: 0, round: 0 }, "approval").get(memberIndex(0));
    expect([finality.add(memberIndex(0), b), finality.add(memberIndex(0), b)]).toEqual([true, false]);
    expect(of()?.block).toBe(b.block);
    expect(finality.latestApprovals()).toEqual([b.block]);
    expect([finality.add(memberIndex(0), c), finality.add(memberIndex(0), a)]).toEqual([true, false]);
    expect(of()).toBe(BOTH);
    // In fork choice for none: it could hold two halves on two heads for ever.
    expect(finality.latestApprovals()).toEqual([]);
    expect(finality.takeFresh()).toEqual([
      { member: 0, target: b },
      { member: 0, target: c },
    ]);
    expect(finality.takeFresh()).toEqual([]);
  });

  it("of somebody who is no voter decides nothing", () => {
    const scene = new Scene(line(2));
    for (const kind of ["approval", "confirmation"] as const) scene.votes(kind, 0, "b - b b b");
    expect([scene.final, scene.confirms]).toEqual(["root", undefined]);
    expect(scene.finality.latestApprovals()).toEqual([nameHash("b")]);
  });

  it("for a block that is not here yet counts when it has come", () => {
    const maker = line(2);
    const tree = maker.tree(["a"]);
    const finality = new Finality(tree);
    for (const m of membersTo(2)) finality.add(m, maker.target("approval", "c"));
    for (const m of membersTo(2)) finality.add(m, maker.target("confirmation", "c"));
    finality.advance();
    expect(finality.final.hash).toBe(nameHash("root"));
    tree.add({ ...maker.node("b"), children: new Set() });
    tree.add({ ...maker.node("c"), children: new Set() });
    finality.advance();
    expect(finality.final.hash).toBe(nameHash("c"));
  });

  it("for a block that is not here may be for a child of any: the round is not over, the estimate not lower for it", () => {
    const maker = new TreeMaker(3).line("root", "b c").line("root", "x");
    const finality = new Finality(maker.tree(["b", "x"]));
    for (const m of membersTo(3)) finality.add(m, maker.target("approval", "b"));
    finality.add(memberIndex(0), maker.target("confirmation", "c"));
    finality.add(memberIndex(1), maker.target("confirmation", "root"));
    finality.advance();
    expect([finality.position.round, maker.nameOf(finality.final)]).toEqual([0, "root"]);
    finality.add(memberIndex(2), maker.target("confirmation", "root"));
    finality.advance();
    // Not even with c's vote can b have two of three any more.
    expect([finality.position.round, maker.nameOf(finality.anchor())]).toEqual([1, "root"]);
  });

  it("too far ahead is not kept, one near enough is", () => {
    const maker = line(3);
    const { finality } = new Scene(maker);
    const near = (round: number, set: number): boolean =>
      finality.add(memberIndex(0), maker.target("approval", "a", round, set));
    expect(near(MAX_ROUNDS_AHEAD, 0)).toBe(true);
    expect(near(MAX_ROUNDS_AHEAD + 1, 0)).toBe(false);
    expect(near(MAX_ROUNDS_AHEAD, MAX_SETS_AHEAD)).toBe(true);
    expect(near(0, MAX_SETS_AHEAD + 1)).toBe(false);
  });

  it("later than another of the same member is its latest, for fork choice", () => {
    const scene = new Scene(line(3)).votes("approval", 2, "b - -").votes("approval", 1, "a c -");
    expect(scene.finality.latestApprovals()).toEqual([nameHash("b"), nameHash("c")]);
  });
});

describe("with sleepers", () => {
  it("a round stays open until enough of them drop in, and blocks go on meanwhile", () => {
    const scene = new Scene(line(5)).votes("approval", 0, "a a - - -");
    expect([scene.final, scene.round, scene.confirms]).toEqual(["root", 0, undefined]);
    // Hours later one wakes up, sees c and approves it: a has its quorum.
    scene.votes("approval", 0, "a a c - -");
    expect(scene.confirms).toBe("a");
    expect(scene.votes("confirmation", 0, "a a - - -").final).toBe("root");
    expect(scene.votes("confirmation", 0, "- - - a -").final).toBe("a");
    // The next round makes up for what was missed.
    expect([scene.round, scene.approves("c")]).toEqual([1, "c"]);
    scene.votes("approval", 1, "c c - c -").votes("confirmation", 1, "c - c c -");
    expect(scene.final).toBe("c");
  });

  it("a quorum that is awake does not wait for the others", () => {
    const scene = new Scene(line(5));
    for (const [round, name] of ["a", "b", "c"].entries()) {
      const all = `${name} ${name} ${name} - -`;
      scene.votes("approval", round, all).votes("confirmation", round, all);
      expect([scene.final, scene.round]).toEqual([name, round + 1]);
    }
  });

  it("late votes of a round that is over change nothing that is final", () => {
    const scene = new Scene(line(5)).votes("approval", 0, "a a a - -").votes("confirmation", 0, "a a a - -");
    scene.votes("approval", 0, "- - - c c").votes("confirmation", 0, "- - - a a");
    expect([scene.final, scene.round]).toEqual(["a", 1]);
  });
});

describe("with approvals split over a fork", () => {
  const fork = (voters: number): TreeMaker => new TreeMaker(voters).line("root", "a b").line("a", "x");

  it("what is common to a quorum is confirmed", () => {
    const scene = new Scene(fork(4)).votes("approval", 0, "b b x x");
    expect(scene.confirms).toBe("a");
    expect(scene.votes("confirmation", 0, "a a a -").final).toBe("a");
  });

  it("where nothing new is common, a round waits for the last open vote, then confirms what is final already", () => {
    const scene = new Scene(new TreeMaker(3).line("root", "b").line("root", "x"));
    scene.votes("approval", 0, "b x -");
    expect([scene.confirms, scene.round]).toEqual([undefined, 0]);
    const settled = new Scene(new TreeMaker(3).line("root", "b").line("root", "x").line("root", "y"));
    settled.votes("approval", 0, "b x y");
    expect(settled.confirms).toBe("root");
    settled.votes("confirmation", 0, "root root root");
    expect([settled.final, settled.round, settled.approves("x")]).toEqual(["root", 1, "x"]);
  });

  it("halves of four do not wait for each other, though one of them could lie", () => {
    const scene = new Scene(new TreeMaker(4).line("root", "b").line("root", "x")).votes("approval", 0, "b b x x");
    expect(scene.confirms).toBe("root");
    scene.votes("confirmation", 0, "root root root root");
    expect([scene.final, scene.round]).toEqual(["root", 1]);
  });

  it("the next round may not leave what the last one may have made final", () => {
    const scene = new Scene(fork(3)).votes("approval", 0, "b b x");
    // One confirmation of b is known, another may exist: b could be final somewhere.
    scene.votes("confirmation", 0, "b - a");
    expect([scene.final, scene.round, scene.anchor]).toEqual(["a", 1, "b"]);
    expect([scene.approves("x"), scene.approves("b")]).toEqual([undefined, "b"]);
    scene.votes("confirmation", 0, "- b -");
    expect([scene.final, scene.round, scene.anchor]).toEqual(["b", 1, "b"]);
  });

  it("is freed again once a branch can gather no quorum any more", () => {
    const scene = new Scene(fork(3)).votes("approval", 0, "b b x").votes("confirmation", 0, "b a a");
    expect([scene.final, scene.round, scene.anchor]).toEqual(["a", 1, "a"]);
    expect([scene.approves("x"), scene.approves("b")]).toEqual(["x", "b"]);
  });

  it("nothing beside the last estimate is confirmed before the estimate gives way", () => {
    const scene = new Scene(fork(3)).votes("approval", 0, "b b x").votes("confirmation", 0, "b - a");
    // The others knew already that b was not confirmed, and went over to x.
    scene.votes("approval", 1, "- x x");
    expect([scene.anchor, scene.confirms]).toEqual(["b", undefined]);
    scene.votes("confirmation", 0, "- a -");
    expect([scene.anchor, scene.confirms]).toEqual(["a", "x"]);
  });
});

describe("a new voter set", () => {
  const handover = (): TreeMaker =>
    new TreeMaker(3)
      .line("root", "a")
      .on("a", "change", { voters: { set: 1, since: stepIndex(2), members: [1, 2].map(memberIndex), quorum: 2 } })
      .line("change", "b c");

  it("begins in round 0 when the block that makes it is final; the old one votes no further than that", () => {
    const scene = new Scene(handover());
    expect(scene.approves("c")).toBe("change");
    expect(scene.approves("a")).toBe("a");
    scene.votes("approval", 0, "change change change").votes("confirmation", 0, "change change -");
    expect(scene.final).toBe("change");
    expect([scene.finality.position, scene.finality.members]).toEqual([{ set: 1, round: 0 }, [1, 2]]);
    expect([scene.approves("c"), scene.finality.quorum]).toEqual(["c", 2]);
  });

  it("is not decided by votes of the old set beyond the handover, nor by its own before it", () => {
    const scene = new Scene(handover()).votes("approval", 0, "c c c").votes("confirmation", 0, "c c c");
    expect([scene.final, scene.finality.position.set]).toEqual(["change", 1]);
    const early = new Scene(handover()).votes("approval", 0, "- c c", 1).votes("confirmation", 0, "- c c", 1);
    expect(early.final).toBe("root");
    early.votes("approval", 0, "change change -").votes("confirmation", 0, "change change -");
    expect(early.final).toBe("c");
  });

  it("does not count who left", () => {
    const scene = new Scene(handover())
      .votes("approval", 0, "change change -")
      .votes("confirmation", 0, "change change -");
    scene.votes("approval", 0, "c c -", 1);
    expect(scene.confirms).toBeUndefined();
    scene.votes("approval", 0, "- c c", 1);
    expect(scene.confirms).toBe("c");
  });
});

describe("a round that needs nearly everybody", () => {
  const confirmedByOne = (self: number | null): Scene => {
    const scene = new Scene(line(2));
    scene.finality.self = self === null ? null : memberIndex(self);
    return scene.votes("approval", 0, "a a").votes("confirmation", 0, "- a");
  };

  it("is not left before this node has confirmed in it: else nothing of two members would ever be final", () => {
    const scene = confirmedByOne(0);
    expect([scene.round, scene.confirms, scene.final]).toEqual([0, "a", "root"]);
    scene.votes("confirmation", 0, "a -");
    expect([scene.round, scene.final]).toEqual([1, "a"]);
  });

  it("is left at once by who has confirmed, and by who is no voter", () => {
    for (const self of [1, 7, null]) expect(confirmedByOne(self).round).toBe(1);
  });

  it("is left behind by who wakes up when others have completed a later one", () => {
    const scene = new Scene(line(3));
    scene.finality.self = memberIndex(0);
    scene.votes("approval", 0, "a a a").votes("confirmation", 0, "- a a");
    expect([scene.round, scene.final]).toEqual([0, "a"]);
    scene.votes("approval", 5, "- c c").votes("confirmation", 5, "- c c");
    expect([scene.round, scene.final]).toEqual([6, "c"]);
  });
});

describe("a node started again", () => {
  it("with its votes from disk is in its round, bound to the same estimate", () => {
    const maker = new TreeMaker(4).line("root", "a b").line("a", "x");
    const before = new Scene(maker).votes("approval", 0, "b b b x").votes("confirmation", 0, "b b b -");
    before.votes("approval", 1, "b - - -");
    const again = new Scene(maker, before.round);
    for (const { member, target } of before.finality.takeFresh()) again.finality.add(member, target);
    expect(again.anchor).toBe("b");
    again.finality.advance();
    expect([again.final, again.round, again.anchor]).toEqual([before.final, before.round, before.anchor]);
    expect(again.finality.latestApprovals()).toEqual(before.finality.latestApprovals());
  });
});

describe("what screens show of a block", () => {
  it("the block that names new voters is counted by those who made it final", () => {
    const maker = new TreeMaker(1).on("root", "a", {
      voters: { set: 1, since: stepIndex(1), members: membersTo(3), quorum: 2 },
    });
    const scene = new Scene(maker).votes("approval", 0, "a").votes("confirmation", 0, "a");
    expect(scene.final).toBe("a");
    expect(scene.finality.members).toHaveLength(3);
    expect(scene.finality.tallyOf(scene.node("a"))).toEqual({ approvals: 1, confirmations: 1, voters: 1 });
  });
});

/** Finality among liars and sleepers, and with a new quorum (PROTOCOL.md §7), scene by scene. */
import { describe, expect, it } from "vitest";
import { stepIndex } from "../../worker/base/units.ts";
import { Scene } from "./scene.ts";
import { majority, membersTo, TreeMaker, twoThirds, type Quorum } from "./tree-maker.ts";

describe("a known liar", () => {
  const fork = (): TreeMaker => new TreeMaker(4, twoThirds).line("root", "a x").line("a", "y");

  it("approves every block, so that all who know of it see the same quorum whatever it told them first", () => {
    for (const [first, second] of [
      ["x", "y"],
      ["y", "x"],
    ] as const) {
      const scene = new Scene(fork()).votes("approval", 0, `x x - ${first}`);
      expect(scene.confirms).toBe(first === "x" ? "x" : "a");
      scene.votes("approval", 0, `- - - ${second}`);
      expect(scene.confirms).toBe("x");
    }
  });

  it("confirms every block, too, and is counted once: it does not hold a round open by what it may have said elsewhere", () => {
    const scene = new Scene(fork()).votes("approval", 0, "x x y y").votes("confirmation", 0, "a a - x");
    // As far as anybody knows, x may still have the third one's confirmation, its own, and one of another liar.
    expect([scene.final, scene.round]).toEqual(["a", 0]);
    scene.votes("confirmation", 0, "- - - y");
    expect([scene.final, scene.round, scene.anchor]).toEqual(["a", 1, "a"]);
  });
});

describe("a liar that nobody knows of", () => {
  it("may have confirmed elsewhere what it denies here: the next round must not leave that", () => {
    const scene = new Scene(new TreeMaker(4, twoThirds).line("root", "b").line("root", "x"));
    // With the second one's confirmation and one of the fourth's, b may be final somewhere.
    scene.votes("approval", 0, "b b b b").votes("confirmation", 0, "b - root root");
    expect([scene.final, scene.round, scene.anchor]).toEqual(["root", 1, "b"]);
    expect([scene.approves("x"), scene.approves("b")]).toEqual([undefined, "b"]);
  });

  it("may have approved elsewhere what lets others confirm more: the round is not over before that is out of the question", () => {
    const scene = new Scene(new TreeMaker(4, twoThirds).line("root", "a b").line("a", "x"));
    scene.votes("approval", 0, "b b a a").votes("confirmation", 0, "b - a a");
    expect([scene.final, scene.round]).toEqual(["a", 0]);
    scene.votes("confirmation", 0, "- a - -");
    expect([scene.final, scene.round, scene.anchor]).toEqual(["a", 1, "a"]);
  });
});

describe("a sleeper beside a quorum that is awake", () => {
  it("is waited for as long as there is patience; then what is final is confirmed, and the next round begins", () => {
    const scene = new Scene(new TreeMaker(4).line("root", "b").line("root", "x"));
    scene.votes("approval", 0, "b x b -");
    expect(scene.confirms).toBeUndefined();
    expect(scene.maker.nameOf(scene.finality.confirmationFor(false))).toBe("root");
    scene.votes("confirmation", 0, "root root root -");
    expect([scene.final, scene.round, scene.anchor, scene.approves("b")]).toEqual(["root", 1, "root", "b"]);
  });

  it("is not waited for where too few approve: without a quorum there is nothing to confirm, patient or not", () => {
    const scene = new Scene(new TreeMaker(4).line("root", "b")).votes("approval", 0, "b b - -");
    expect(scene.finality.confirmationFor(false)).toBeUndefined();
  });
});

describe("a new quorum", () => {
  const handover = (quorum: number): TreeMaker =>
    new TreeMaker(4)
      .line("root", "a")
      .on("a", "change", { voters: { set: 1, since: stepIndex(2), members: membersTo(4), quorum } })
      .line("change", "b c");
  const begun = (quorum: number): Scene =>
    new Scene(handover(quorum)).votes("approval", 0, "b b b -").votes("confirmation", 0, "change change change -");

  it("is that of the next set: the block that brings it is still decided by the old one", () => {
    const scene = begun(4);
    expect([scene.final, scene.finality.position, scene.finality.quorum]).toEqual(["change", { set: 1, round: 0 }, 4]);
  });

  it("of all four needs all four, one of three three", () => {
    for (const [quorum, last] of [
      [4, "change"],
      [3, "c"],
    ] as const) {
      const scene = begun(quorum).votes("approval", 0, "c c c c", 1);
      expect(scene.confirms).toBe("c");
      expect(scene.votes("confirmation", 0, "c c c -", 1).final).toBe(last);
      expect(scene.votes("confirmation", 0, "- - - c", 1).final).toBe("c");
    }
  });
});

describe("a liar in a partition", () => {
  /** Two halves that hear only themselves and the liar, who tells each what it wants to hear. */
  const halves = (voters: number, quorum: Quorum, left: string, right: string): (string | undefined)[] => {
    const maker = (): TreeMaker => new TreeMaker(voters, quorum).line("root", "x").line("root", "y");
    return [left, right].map((names) => {
      const scene = new Scene(maker());
      return scene.votes("approval", 0, names).votes("confirmation", 0, names).final;
    });
  };

  it("with a quorum of two thirds finalises nothing twice, as long as liars are fewer than a third", () => {
    // Of 4, the last one lies; of 7, the last two.
    expect(halves(4, twoThirds, "x x - x", "- - y y")).toEqual(["x", "root"]);
    expect(halves(7, twoThirds, "x x x - - x x", "- - - y y y y")).toEqual(["x", "root"]);
  });

  it("with a bare majority of 3 can make both halves final: a conflict that its own two votes prove", () => {
    expect(halves(3, majority, "x - x", "- y y")).toEqual(["x", "y"]);
    expect(halves(4, majority, "x x - x", "- - y y")).toEqual(["x", "root"]);
    expect(halves(3, majority, "x - -", "- y -")).toEqual(["root", "root"]);
  });
});

/** Finality among liars and sleepers, and with a new quorum (PROTOCOL.md §7), scene by scene. */
import { describe, expect, it } from "vitest";
import { memberIndex, stepIndex } from "../../worker/base/units.ts";
import { Finality } from "../../worker/consensus/finality.ts";
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

  it("confirms nothing by that, and does not hold a round open by what it may have said elsewhere", () => {
    const scene = new Scene(fork()).votes("approval", 0, "x x y y").votes("confirmation", 0, "a a - x");
    // As far as anybody knows, x may still have the third one's confirmation, its own, and one of another liar.
    expect([scene.final, scene.round]).toEqual(["a", 0]);
    scene.votes("confirmation", 0, "- - - a");
    expect([scene.final, scene.round, scene.anchor]).toEqual(["a", 1, "a"]);
  });

  it("one more than the quorum allows for approves nothing that it did not say", () => {
    const scene = new Scene(new TreeMaker(3).line("root", "x").line("root", "y"));
    scene.votes("approval", 0, "x y -").votes("approval", 0, "y - -");
    expect(scene.confirms).toBeUndefined();
  });
});

describe("a sleeper beside a quorum that is awake", () => {
  it("is waited for as long as there is no later block; then what is final is confirmed, and the next round begins", () => {
    const maker = new TreeMaker(4).line("root", "b").line("root", "x").line("b", "later");
    const tree = maker.tree(["b", "x"]);
    const finality = new Finality(tree);
    ["b", "x", "b"].forEach((name, m) => finality.add(memberIndex(m), maker.target("approval", name)));
    finality.advance();
    expect(finality.confirmationFor()).toBeUndefined();
    tree.add({ ...maker.node("later"), children: new Set() });
    expect(maker.nameOf(finality.confirmationFor())).toBe("root");
    for (const m of membersTo(3)) finality.add(m, maker.target("confirmation", "root"));
    finality.advance();
    expect([finality.position.round, maker.nameOf(finality.anchor())]).toEqual([1, "root"]);
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

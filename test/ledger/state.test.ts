/** The state: what a delta does it undoes, drafts lie on top of each other, and the root says what is there. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { generatorIndex, memberIndex, mwh, stepIndex } from "../../worker/base/units.ts";
import { key } from "../../worker/ledger/rows.ts";
import { decodeDelta, Draft, encodeDelta, State, stateRoot, type Delta, type View } from "../../worker/ledger/state.ts";

/** Three rooted tables and one, the book, that is not. */
type Op = { readonly table: "energy" | "made" | "token" | "book"; readonly at: number; readonly value: number | null };
const ops = fc.array(
  fc.record({
    table: fc.constantFrom("energy" as const, "made" as const, "token" as const, "book" as const),
    at: fc.nat(6),
    value: fc.option(fc.nat(300), { freq: 3 }),
  }),
  { maxLength: 12 },
);

const run = (draft: Draft, list: readonly Op[]): void => {
  for (const { table, at, value } of list) {
    if (value === null) draft.drop(table, key(at));
    else if (table === "energy")
      draft.put(table, key(at), { owner: "vpp", generator: generatorIndex(1), step: stepIndex(2), mwh: mwh(value) });
    else if (table === "made") draft.put(table, key(at), { miner: memberIndex(value) });
    else if (table === "token")
      draft.put(table, key(at), { owner: memberIndex(1), birth: stepIndex(2), amount: mwh(value) });
    else draft.put(table, key(at), { generated: [], shares: [{ member: memberIndex(0), mwh: mwh(value) }] });
  }
};
const rowsOf = (view: View): Record<string, string> =>
  Object.fromEntries(view.paths("").map((path) => [path, toHex(view.row(path)?.bytes ?? new Uint8Array())]));
const rootOf = (view: View): string => toHex(stateRoot(view));
const applied = (state: State, list: readonly Op[]): Delta => {
  const draft = new Draft(state);
  run(draft, list);
  const delta = draft.delta();
  state.apply(delta);
  return delta;
};

describe("a delta", () => {
  it("undone gives back the same rows and root, however many were applied", () => {
    fc.assert(
      fc.property(fc.array(ops, { maxLength: 6 }), (blocks) => {
        const state = new State();
        const before: [Record<string, string>, string, Delta][] = [];
        for (const block of blocks) {
          const [rows, root] = [rowsOf(state), rootOf(state)];
          before.push([rows, root, applied(state, block)]);
        }
        for (const [rows, root, delta] of before.toReversed()) {
          state.undo(delta);
          expect([rowsOf(state), rootOf(state)]).toEqual([rows, root]);
        }
      }),
    );
  });

  it("comes back from its bytes and does the same", () => {
    fc.assert(
      fc.property(ops, ops, (first, second) => {
        const state = new State();
        applied(state, first);
        const draft = new Draft(state);
        run(draft, second);
        const delta = decodeDelta(encodeDelta(draft.delta()));
        state.apply(delta);
        expect(rowsOf(state)).toEqual(rowsOf(draft));
        state.undo(delta);
        state.apply(draft.delta());
        expect(rowsOf(state)).toEqual(rowsOf(draft));
      }),
    );
  });

  it("that was made for another state is a bug of the caller", () => {
    const state = new State();
    const delta = applied(state, [{ table: "made", at: 1, value: 1 }]);
    expect(() => state.apply(delta)).toThrow("delta fits");
  });
});

describe("a draft", () => {
  it("shows what is beneath with its own changes, and leaves it alone", () => {
    fc.assert(
      fc.property(ops, ops, (first, second) => {
        const state = new State();
        applied(state, first);
        const [rows, root] = [rowsOf(state), rootOf(state)];
        const draft = new Draft(state);
        run(draft, second);
        expect([rowsOf(state), rootOf(state)]).toEqual([rows, root]);
        const [seen, seenRoot] = [rowsOf(draft), rootOf(draft)];
        state.apply(draft.delta());
        expect([rowsOf(state), rootOf(state)]).toEqual([seen, seenRoot]);
      }),
    );
  });

  it("on a draft is the same as one draft, and absorbed it is in the one beneath", () => {
    fc.assert(
      fc.property(ops, ops, ops, (ground, first, second) => {
        const state = new State();
        applied(state, ground);
        const [one, lower] = [new Draft(state), new Draft(state)];
        run(one, [...first, ...second]);
        run(lower, first);
        const upper = new Draft(lower);
        run(upper, second);
        expect(rowsOf(upper)).toEqual(rowsOf(one));
        expect(upper.scan("token")).toEqual(one.scan("token"));
        lower.absorb(upper);
        expect(rowsOf(lower)).toEqual(rowsOf(one));
        expect(rootOf(lower)).toBe(rootOf(one));
      }),
    );
  });

  it("lays deltas forwards and backwards without moving the state", () => {
    fc.assert(
      fc.property(ops, ops, (first, second) => {
        const state = new State();
        const a = applied(state, first);
        const afterA = rowsOf(state);
        const b = applied(state, second);
        const afterB = rowsOf(state);
        const draft = new Draft(state);
        draft.lay(b, "undo");
        expect(rowsOf(draft)).toEqual(afterA);
        draft.lay(a, "undo");
        expect(rowsOf(draft)).toEqual({});
        draft.lay(a, "apply");
        draft.lay(b, "apply");
        expect(rowsOf(draft)).toEqual(afterB);
        expect(rowsOf(state)).toEqual(afterB);
      }),
    );
  });

  it("scans a table in key order, a prefix alone where it is given", () => {
    const draft = new Draft(new State());
    const at = [key(16, 0), key(2, 1), key(2, 0), key(255, 9)];
    for (const [n, k] of at.entries()) draft.put("made", k, { miner: memberIndex(n) });
    expect(draft.scan("made").map(([, row]) => row.miner)).toEqual([2, 1, 0, 3]);
    expect(draft.scan("made", key(2)).map(([k]) => k)).toEqual([key(2, 0), key(2, 1)]);
    draft.drop("made", key(2, 0));
    expect(draft.get("made", key(2, 0))).toBeUndefined();
    expect(draft.scan("made", key(2)).map(([k]) => k)).toEqual([key(2, 1)]);
  });
});

describe("the state root", () => {
  it("does not depend on the order in which rows came", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 20 }), fc.nat(), (keys, turn) => {
        const roots = [
          keys,
          keys.toReversed(),
          [...keys.slice(turn % keys.length), ...keys.slice(0, turn % keys.length)],
        ].map((order) => {
          const state = new State();
          for (const at of order) applied(state, [{ table: "made", at, value: at }]);
          return rootOf(state);
        });
        expect(new Set(roots).size).toBe(1);
      }),
    );
  });

  it("changes with every row and every table but the book, which is derived", () => {
    const roots = new Set<string>();
    for (const table of ["energy", "made", "token"] as const)
      for (const at of [1, 2])
        for (const value of [1, 2]) {
          const state = new State();
          applied(state, [{ table, at, value }]);
          roots.add(rootOf(state));
        }
    expect(roots.size).toBe(12);
    const [state, empty] = [new State(), new State()];
    applied(state, [{ table: "book", at: 1, value: 5 }]);
    expect(rootOf(state)).toBe(rootOf(empty));
  });

  it("is the same for a state that was read from its rows", () => {
    fc.assert(
      fc.property(ops, (list) => {
        const state = new State();
        applied(state, list);
        const rows = state.paths("").map((path) => [path, state.row(path)?.bytes ?? new Uint8Array()] as const);
        const back = State.from(rows.toReversed());
        expect(rowsOf(back)).toEqual(rowsOf(state));
        expect(rootOf(back)).toBe(rootOf(state));
      }),
    );
  });
});

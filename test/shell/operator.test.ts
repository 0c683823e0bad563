/**
 * What whoever runs the community looks after, of one state after the other: who is away and who only sleeps, meters that
 * are behind and meters in the dark, energy in nobody's register, steps without a block, sums that agree.
 */
import { describe, expect, it } from "vitest";
import { key, type BookRow, type MemberRow, type Rows, type Table } from "../../worker/ledger/rows.ts";
import type { Draft } from "../../worker/ledger/state.ts";
import type { Core } from "../../worker/node/core.ts";
import { Lines, type Summary } from "../../worker/node/lines.ts";
import { Pool } from "../../worker/node/pool.ts";
import { operatorOf } from "../../worker/shell/operator.ts";
import { contextOn, genesisOf, idFrom, keysOf, METER, T0, STEP, worldOf } from "../ledger/worlds.ts";

const HEAD = 1_000;
const DAY = 96;
const KWH = 1_000_000;

type Change = (put: <T extends Table>(table: T, at: string, row: Rows[T]) => void, draft: Draft) => void;
type Setting = {
  readonly me?: number;
  readonly owners?: readonly number[];
  readonly members?: number;
  readonly gaps?: readonly number[];
  readonly pool?: Pool;
  readonly dso?: boolean;
};

/** A node at step 1,000 whose members have all just voted and whose roofs have just counted, but for what is changed. */
const coreOf = (change: Change, setting: Setting = {}): Core => {
  const { me = 0, owners = [0, 1], members = 4, gaps = [], pool = new Pool() } = setting;
  const world = worldOf({ members, owners, change: setting.dso === true ? { dso: keysOf(3).memberKey } : {} });
  const state = contextOn(world, genesisOf(world), HEAD).draft;
  for (const [k, row] of state.scan("member"))
    state.put("member", k, { ...row, approved: HEAD, blocks: 3, lastBlock: HEAD - 9 } as unknown as MemberRow);
  for (const [k, row] of state.scan("generator")) state.put("generator", k, { ...row, register: KWH as never });
  change((table, at, row) => state.put(table, at, row), state);
  const steps = Array.from({ length: HEAD + 1 }, (_, i) => i).filter((step) => !gaps.includes(step));
  const lines = steps.map(
    (step, height) =>
      ({
        hash: idFrom(step),
        step,
        height,
        miner: 0,
        rank: 0,
        transactions: 0,
        generatedMwh: 0,
        approvals: 0,
        confirmations: 0,
        voters: 0,
      }) as unknown as Summary,
  );
  return {
    contract: world.contract,
    me,
    keys: { memberKey: keysOf(me).memberKey },
    peers: new Map(),
    names: new Map(),
    desk: { meters: new Map() },
    pool,
    summaries: new Lines(lines),
    chain: { state, head: { header: { step: HEAD } }, final: { header: { step: HEAD - 2 } } },
  } as unknown as Core;
};
const look = (core: Core) => operatorOf(core, new Map(), T0 + (HEAD + 1) * STEP + 1_000);
const booked = (step: number, ...roofs: readonly number[]): [string, BookRow] => [
  key(step),
  { generated: roofs.map((generator) => ({ generator, mwh: KWH, at: 0, estimated: false })), shares: [] } as never,
];
const bright: Change = (put) => {
  for (let step = HEAD - 200; step <= HEAD; step++) put("book", ...booked(step, 0, 1));
};

describe("members", () => {
  const row = (draft: Draft, member: number): MemberRow => {
    const found = draft.get("member", key(member));
    if (found === undefined) throw new Error("there is such a member");
    return found;
  };
  it("who voted today are not away; who did not for a day are, the longest first, and count until the window is over", () => {
    const view = look(
      coreOf((put, draft) => {
        put("member", key(1), { ...row(draft, 1), approved: (HEAD - DAY + 1) as never });
        put("member", key(2), { ...row(draft, 2), approved: (HEAD - DAY) as never, lastBlock: 3 as never });
        put("member", key(3), { ...row(draft, 3), approved: null, blocks: 0, joined: 700 as never });
        put("voters", "", { set: 1, since: 1 as never, members: [0, 1, 2] as never, quorum: 2 });
      }),
    );
    expect(view.awaySteps).toBe(DAY);
    expect(view.away).toEqual([
      { member: 3, since: 700, came: false, counts: false, connected: false },
      { member: 2, since: HEAD - DAY, came: true, counts: true, connected: false },
    ]);
    expect(view.voters).toEqual({ all: 3, away: 1, needed: 2 });
  });
  it("the member of this device itself, and who has left, are never among the away", () => {
    const view = look(
      coreOf((put, draft) => {
        put("member", key(0), { ...row(draft, 0), approved: 1 as never, lastBlock: 1 as never });
        put("member", key(1), { ...row(draft, 1), approved: 1 as never, lastBlock: 1 as never, left: 500 as never });
      }),
    );
    expect(view.away).toEqual([]);
    expect(view.present).toBe(3);
  });
});

describe("meters", () => {
  const standings = (core: Core) => look(core).meters.map((m) => [m.generator, m.standing, m.behind]);
  it("are late once another roof was counted in more than four steps since, and first in the list", () => {
    const behind =
      (steps: number): Change =>
      (put) => {
        for (let step = HEAD - 200; step <= HEAD; step++)
          put("book", ...booked(step, 0, ...(step > HEAD - steps ? [] : [1])));
      };
    expect(standings(coreOf(behind(4)))).toEqual([
      [1, "counting", 4],
      [0, "counting", 0],
    ]);
    expect(standings(coreOf(behind(5)))).toEqual([
      [1, "late", 5],
      [0, "counting", 0],
    ]);
  });
  it("are not late in the dark: no roof was counted all night", () => {
    const night: Change = (put) => {
      for (let step = HEAD - 200; step <= HEAD - 60; step++) put("book", ...booked(step, 0, 1));
    };
    expect(standings(coreOf(night)).map(([, standing]) => standing)).toEqual(["counting", "counting"]);
  });
  it("are silent when nothing was counted for a day, and never seen when nothing ever was", () => {
    const view = look(
      coreOf((put, draft) => {
        for (let step = HEAD - 200; step <= HEAD - DAY; step++) put("book", ...booked(step, 0));
        const row = draft.get("generator", key(1));
        if (row !== undefined) put("generator", key(1), { ...row, register: 0 as never });
      }),
    );
    expect(view.meters.map((m) => [m.generator, m.standing, m.lastStep])).toEqual([
      [0, "silent", HEAD - DAY],
      [1, "never", null],
    ]);
  });
  it("that a tick was heard of since are not late, though no block has it yet", () => {
    const pool = new Pool();
    const body = { generator: 1, from: KWH, to: KWH + 500, step: HEAD, at: 1 };
    pool.addTick({ item: "a", generation: {}, transfer: {}, body, heard: 1 } as never);
    const change: Change = (put) => {
      for (let step = HEAD - 200; step <= HEAD; step++) put("book", ...booked(step, 0));
    };
    const view = look(coreOf(change, { pool }));
    expect(view.meters.map((m) => m.standing)).toEqual(["counting", "counting"]);
    expect(view.unbooked.heardMwh).toBe(500);
  });
  it("of a member who has left come last, whatever they are", () => {
    const left: Change = (put, draft) => {
      for (let step = HEAD - 200; step <= HEAD; step++) put("book", ...booked(step, 1));
      const row = draft.get("member", key(0));
      if (row !== undefined) put("member", key(0), { ...row, left: 900 as never });
    };
    expect(look(coreOf(left)).meters.map((m) => [m.generator, m.ownerLeft])).toEqual([
      [1, false],
      [0, true],
    ]);
  });
  it("whose register is too coarse for their class are said to be, and which check was made of them", () => {
    const core = coreOf(bright, { owners: [0] });
    // 20 W for a quarter of an hour are 5 Wh, of which 2 % are 100 mWh: a register of 1 Wh is too coarse.
    expect(look(core).meters[0]).toMatchObject({ tooCoarse: true, check: null });
    const fine = coreOf(
      (put, draft) => {
        bright(put, draft);
        const row = draft.get("generator", key(0));
        if (row !== undefined) put("generator", key(0), { ...row, terms: { ...row.terms, resolutionMwh: 99 } });
      },
      { owners: [0] },
    );
    const check = { at: 7, from: 1, to: 6, fits: true };
    const [meter] = operatorOf(
      fine,
      new Map([[fine.chain.state.get("generator", key(0))?.terms.key ?? "", check]]),
      T0,
    ).meters;
    expect(meter).toMatchObject({ tooCoarse: false, check });
    expect(METER.pMinW * (STEP / 3_600) * METER.mpePpm).toBe(100_000_000);
  });
});

describe("energy in nobody's register", () => {
  it("is with the meters or with the VPP, since the oldest of its steps", () => {
    const view = look(
      coreOf((put) => {
        const at = (step: number, owner: "generator" | "vpp", mwh: number) =>
          ({ owner, generator: 0, step, mwh }) as unknown as Rows["energy"];
        put("energy", idFrom(1), at(900, "vpp", 30));
        put("energy", idFrom(2), at(901, "vpp", 12));
        put("energy", idFrom(3), at(901, "generator", 5));
        put("totals", "", { generated: 100, distributed: 50, lost: 3 } as never);
        put("reward", key(1_010, 999, 998), { miner: 0, mwh: 10 } as never);
      }),
    );
    expect(view.unbooked).toEqual({ withMetersMwh: 5, withVppMwh: 42, since: 900, steps: 2, heardMwh: 0 });
    expect(view.sums).toMatchObject({ generatedMwh: 100, heldBackMwh: 10, waitingMwh: 47, lostMwh: 3, agree: false });
  });
  it("all that was made is accounted for, to the milliwatt-hour, or it is said that it is not", () => {
    const sums = (credited: number) =>
      look(
        coreOf((put, draft) => {
          const row = draft.get("member", key(1));
          if (row !== undefined) put("member", key(1), { ...row, meter: credited as never });
          put("totals", "", { generated: 100, distributed: 97, lost: 3 } as never);
        }),
      ).sums.agree;
    expect([sums(96), sums(97), sums(98)]).toEqual([false, true, false]);
  });
});

describe("steps without a block", () => {
  it("are those of the last day, newest first, in ranges", () => {
    const view = look(
      coreOf(bright, { gaps: [HEAD - DAY, HEAD - DAY + 1, HEAD - 20, HEAD - 19, HEAD - 18, HEAD - 3] }),
    );
    expect(view.day).toEqual({
      steps: DAY,
      missing: 5,
      gaps: [
        { first: HEAD - 3, last: HEAD - 3 },
        { first: HEAD - 20, last: HEAD - 18 },
        { first: HEAD - DAY + 1, last: HEAD - DAY + 1 },
      ],
    });
    expect([view.overStep, view.headStep, view.finalStep]).toEqual([HEAD + 1, HEAD, HEAD - 2]);
  });
});

describe("who may do what", () => {
  it("a holder of a VPP key and the grid operator are known by the contract", () => {
    expect(look(coreOf(bright)).roles).toEqual({ vpp: true, dso: false });
    expect(look(coreOf(bright)).unendorsed).toBeNull();
  });
  it("where the contract names a grid operator, meters without its word are listed", () => {
    const pool = new Pool();
    const terms = { ...METER, key: "ab".repeat(32), owner: 2, endorsement: null };
    const body = { kind: "proposal", member: 2, step: HEAD, action: { kind: "generator", terms } };
    pool.addOther({ item: "i", id: idFrom(9), tx: { body, signer: 2 }, body, heard: 1 } as never);
    const view = look(coreOf(bright, { me: 3, owners: [], dso: true, pool }));
    expect(view.roles.dso).toBe(true);
    expect(view.unendorsed).toEqual([{ key: terms.key, name: keysOf(2).memberKey.slice(0, 6) }]);
  });
});

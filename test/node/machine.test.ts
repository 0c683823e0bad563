/** The machine without I/O: disk before anything else, the meter's journal before its ticks, the ledger's register. */
import { describe, expect, it } from "vitest";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { mwh, type Millis } from "../../worker/base/units.ts";
import { allTrue } from "../../worker/consensus/checks.ts";
import { labContract, memberKeys } from "../../worker/lab/community.ts";
import { decodeEntry } from "../../worker/metering/journal.ts";
import type { Effect, Event } from "../../worker/node/events.ts";
import { beginCore } from "../../worker/node/load.ts";
import { Machine } from "../../worker/node/machine.ts";
import { createVerifier, VerdictMemory } from "../../worker/shell/verifier.ts";
import { configOf, T0, TERMS } from "../lab/trial.ts";

type Undated = Event extends infer E ? (E extends Event ? Omit<E, "now"> : never) : never;

/** One member alone with a registered roof; every effect is kept. */
class Driver {
  readonly keys = memberKeys("machine", 0);
  readonly signed = labContract([this.keys], { name: "Alone", preset: "fast", quorum: "majority", t0: T0 }, [
    { owner: 0, terms: TERMS },
  ]);
  readonly machine: Machine;
  readonly effects: Effect[] = [];
  readonly #verify = createVerifier(new VerdictMemory());
  constructor() {
    const { memberKey, memberSecret, blsSecret } = this.keys;
    this.machine = new Machine(beginCore({ memberKey, memberSecret, blsSecret }, this.signed));
  }
  /** Carries an event out at `ms` after T_0; answers the effects, those of its verdicts included. */
  async at(ms: number, event: Undated): Promise<Effect[]> {
    const now = (T0 + ms) as Millis;
    const made: Effect[] = [...this.machine.step({ ...event, now })];
    for (const effect of made) {
      if (effect.kind !== "verify") continue;
      const verdicts = await this.#verify(effect.checks);
      if (!allTrue(verdicts)) throw new Error("what this node signs is true");
      made.push(...this.machine.step({ kind: "verdicts", now, ticket: effect.ticket, verdicts }));
    }
    this.effects.push(...made);
    return made;
  }
  async pass(from: number, to: number): Promise<void> {
    for (let ms = from; ms <= to; ms += 100) await this.at(ms, { kind: "time" });
  }
  async pair(): Promise<void> {
    const secret = cryptometerSecret(this.keys.seed, 0);
    const config = configOf(this.signed.contract);
    const meter = { meter: "roof", label: "Roof", keyNumber: 0, config, terms: TERMS, secret };
    await this.at(0, { kind: "order", id: 1, order: { kind: "add-meter", ...meter } });
  }
  reading(ms: number, register: number): Promise<Effect[]> {
    return this.at(ms, { kind: "reading", meter: "roof", register: mwh(register), at: (T0 + ms) as Millis });
  }
  get ticks() {
    return this.machine.core.pool.ticks.get(0 as never)?.map(({ body }) => [body.step, body.from, body.to]) ?? [];
  }
}

/** The registers that a commit writes into the meter's journal. */
const journaled = (effects: readonly Effect[]): number[] =>
  effects.flatMap((e) =>
    e.kind !== "commit"
      ? []
      : e.ops.flatMap(({ table, value }) => {
          const entry = table === "journal" && value !== null ? decodeEntry(value) : null;
          return entry?.ok === true ? [entry.value.register] : [];
        }),
  );

describe("a meter on the desk", () => {
  it("has every count in the journal, with the commit that comes before all else, before a tick says it", async () => {
    const driver = new Driver();
    await driver.pair();
    await driver.reading(100, 500_000);
    expect(driver.ticks).toEqual([]);
    for (const [ms, register] of [
      [2_000, 502_000],
      [4_000, 504_000],
      [6_000, 505_000],
    ] as const) {
      const effects = await driver.reading(ms, register);
      expect(effects[0]?.kind).toBe("commit");
      // The first reading of a meter is where counting begins: our register starts at the ledger's.
      expect(Math.max(...journaled(effects.slice(0, 1)))).toBe(register - 500_000);
      expect(driver.ticks).toEqual([[1, 0, register - 500_000]]);
    }
  });

  it("signs from the ledger's register on: what a block has booked is not signed again, what it lacked is", async () => {
    const driver = new Driver();
    await driver.pair();
    await driver.reading(100, 0);
    await driver.reading(9_000, 6_000);
    await driver.pass(10_000, 13_000);
    const { chain } = driver.machine.core;
    expect(chain.head.header.step).toBe(1);
    expect(chain.state.scan("generator").map(([, g]) => g.register)).toEqual([6_000]);
    expect(driver.ticks).toEqual([]);
    await driver.reading(14_000, 7_000);
    await driver.reading(16_000, 9_000);
    expect(driver.ticks).toEqual([[2, 6_000, 9_000]]);
  });

  it("closes a step by time alone when no reading comes at T_i, and says that it is estimated", async () => {
    const driver = new Driver();
    await driver.pair();
    await driver.reading(100, 0);
    await driver.reading(8_000, 4_400);
    await driver.reading(9_500, 4_600);
    expect(driver.ticks).toEqual([[1, 0, 4_400]]);
    await driver.pass(10_000, 10_300);
    const [tick] = driver.machine.core.pool.ticks.get(0 as never) ?? [];
    expect(tick?.body).toMatchObject({ step: 1, from: 0, to: 4_600, estimated: true });
  });

  it("that is stopped counts on only after it is confirmed", async () => {
    const driver = new Driver();
    await driver.pair();
    await driver.reading(100, 50_000);
    await driver.reading(2_000, 10_000);
    expect(driver.machine.core.desk.meters.get("roof")?.refusal?.code).toBe("register-backwards");
    await driver.reading(3_000, 11_000);
    expect(driver.ticks).toEqual([]);
    const answers = await driver.at(4_000, {
      kind: "order",
      id: 2,
      order: { kind: "confirm-meter", meter: "roof", from: null },
    });
    expect(answers).toContainEqual({ kind: "answer", id: 2, refusal: null });
    await driver.reading(6_000, 13_000);
    expect(driver.ticks).toEqual([[1, 0, 3_000]]);
  });

  it("of which the ledger knows nothing counts nothing", async () => {
    const driver = new Driver();
    await driver.reading(100, 0);
    await driver.reading(3_000, 9_000);
    expect(driver.ticks).toEqual([]);
    expect(journaled(driver.effects)).toEqual([]);
  });
});

describe("effects", () => {
  it("whatever is signed is in the commit, and the commit comes first in every event", async () => {
    const driver = new Driver();
    await driver.pair();
    const { own } = driver.machine.core;
    const signed = (): string[] => [
      ...own.votes.keys(),
      ...own.auctions.keys(),
      ...[...own.candidacies.keys()].map((at) => `candidacy/${at}`),
      ...[...own.blocks.keys()].map((step) => `block/${step}`),
    ];
    const seen = new Set<string>();
    for (let ms = 0; ms <= 23_000; ms += 100) {
      const effects = await driver.at(ms, { kind: "time" });
      const rows = effects.flatMap((e) => (e.kind === "commit" ? e.ops.map((op) => op.key) : []));
      const fresh = signed().filter((at) => !seen.has(at));
      for (const at of fresh) seen.add(at);
      expect(rows).toEqual(expect.arrayContaining(fresh));
    }
    expect(new Set([...seen].map((at) => at.slice(0, at.indexOf("/"))))).toEqual(
      new Set(["candidacy", "winner", "block", "vote"]),
    );
    for (let ms = 23_100; ms <= 30_000; ms += 100) {
      const kinds = driver.machine.step({ kind: "time", now: (T0 + ms) as Millis }).map((e) => e.kind);
      expect(kinds.lastIndexOf("commit")).toBeLessThanOrEqual(0);
    }
  });

  it("the same events make the same effects", async () => {
    const story = async (): Promise<string> => {
      const driver = new Driver();
      await driver.pair();
      await driver.reading(100, 0);
      await driver.reading(5_000, 4_000);
      await driver.pass(6_000, 12_000);
      expect(driver.machine.core.chain.head.header.step).toBe(1);
      return JSON.stringify(driver.effects);
    };
    expect(await story()).toBe(await story());
  });

  it("a message of somebody who is not linked is nothing", () => {
    const driver = new Driver();
    const bytes = new Uint8Array(9);
    expect(driver.machine.step({ kind: "message", peer: 4, bytes, now: (T0 + 5) as Millis })).not.toContainEqual(
      expect.objectContaining({ kind: "drop" }),
    );
  });
});

describe("a clock that was a day ahead and is set right", () => {
  it("is waited for by nothing: links are made anew, and patience begins with the right time", async () => {
    const DAY_MS = 86_400_000;
    const driver = new Driver();
    const { core } = driver.machine;
    const key = memberKeys("machine", 1).memberKey;
    await driver.at(DAY_MS, { kind: "peer-up", peer: 7, identity: { key, role: "member" }, address: "" });
    const made = await driver.at(1_000, { kind: "time" });
    expect(made.flatMap((e) => (e.kind === "drop" ? [e.peer] : []))).toEqual([7]);
    expect(core.patientUntil).toBeLessThan(T0 + 60_000);
  });
});

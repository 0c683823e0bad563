/** What one neighbour's questions cost a full node, and who gets how much (PROTOCOL.md §8.6). */
import { beforeAll, describe, expect, it } from "vitest";
import { hopCodec } from "../../worker/consensus/certificate.ts";
import type { Core } from "../../worker/node/core.ts";
import { heightOfKey, hopKey } from "../../worker/node/disk.ts";
import type { Message, Question } from "../../worker/node/messages.ts";
import { Librarian } from "../../worker/shell/librarian.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import type { Store } from "../../worker/storage/store.ts";
import { settled, SMALL, writtenChain } from "../lab/synthetic.ts";

let core: Core;
let store: Store;
beforeAll(async () => {
  const { lab } = await settled(writtenChain({ ...SMALL, members: 20, founders: 20 }), { holders: 2 });
  core = lab.node(0).core;
  store = await openMemory({ disk: lab.inhabitant(0).disk });
}, 120_000);

const MEMBER = 1;
const STRANGER = 99;
const withPeer = (key: string): Core => {
  const [identity, status] = [{ key: key as never, role: "member" as const }, null];
  const peer = { identity, address: "", since: 0, status, rtt: null, offset: null, pinged: 0, asked: 0, asks: 0 };
  const peers = new Map([[MEMBER, { ...peer, askedFrom: 0, told: 0, lacks: null }]]);
  return Object.create(core, { peers: { value: peers } }) as Core;
};
const memberKey = (): string => core.chain.state.scan("member")[1]?.[1].key ?? "";

type Kind = Message["kind"] | "nothing";
const kindsOf = async (librarian: Librarian, peer: number, of: (i: number) => Question, n: number): Promise<Kind[]> => {
  const out: Kind[] = [];
  for (let i = 0; i < n; i++) out.push((await librarian.answer(peer, of(i)))?.kind ?? "nothing");
  return out;
};
/** Another state each time, the dearest question there is. */
const stateOf = (i: number): Question => {
  const at = core.summaries.hashOf(core.chain.final.header.height - (i % 60));
  return { kind: "ask-manifest", at: at ?? ("" as never) };
};
const darkStep = (): Question => ({
  kind: "ask-credits",
  at: core.chain.final.hash,
  from: 97 as never,
  to: 97 as never,
  above: 0,
});

describe("what a neighbour asks", () => {
  it("costs it what the answer takes: of a second's work it gets a tenth, and a burst", async () => {
    for (const question of [stateOf, darkStep]) {
      const librarian = new Librarian(withPeer(memberKey()), store);
      const kinds = await kindsOf(librarian, MEMBER, question, 2_000);
      expect(kinds[0]).not.toBe("declined");
      expect(kinds.filter((kind) => kind !== "declined" && kind !== "nothing").length).toBeLessThan(1_000);
      expect(kinds.at(-1)).toBe("nothing");
    }
  }, 120_000);

  it("a stranger gets less than a member, and takes nothing from one", async () => {
    const librarian = new Librarian(withPeer(memberKey()), store);
    const strange = await kindsOf(librarian, STRANGER, stateOf, 1_000);
    const known = await kindsOf(librarian, MEMBER, stateOf, 1_000);
    const answered = (kinds: readonly Kind[]): number => kinds.filter((kind) => kind === "manifest").length;
    expect(answered(strange)).toBeGreaterThan(0);
    expect(answered(known)).toBeGreaterThan(2 * answered(strange));
  }, 120_000);

  it("who asks for one state after the other drives nobody's own out", async () => {
    let read = 0;
    const counting = { ...store, get: (...of: Parameters<Store["get"]>) => ((read += 1), store.get(...of)) };
    const librarian = new Librarian(withPeer(memberKey()), counting);
    await librarian.answer(MEMBER, stateOf(20));
    await kindsOf(librarian, STRANGER, stateOf, 10);
    read = 0;
    await librarian.answer(MEMBER, stateOf(20));
    // Its block only: the state is still at hand.
    expect(read).toBe(1);
  });

  it("is declined, not left unanswered, where it is not here", async () => {
    const librarian = new Librarian(withPeer(memberKey()), store);
    const answer = await librarian.answer(MEMBER, { kind: "ask-hops", set: 999, height: 0 });
    expect(answer).toEqual({ kind: "declined", why: "lacks" });
  });

  it("of hand-overs is given from any set on, one after the other, as far as they are here", async () => {
    const ask = async (from: number, count: number, of: Pick<Store, "get"> = store): Promise<number[]> => {
      const answer = await new Librarian(withPeer(memberKey()), of).answer(MEMBER, {
        kind: "ask-hand-overs",
        from,
        count,
      });
      if (answer?.kind !== "hand-overs" || answer.from !== from) throw new Error("it is an answer to that");
      return answer.handOvers.map(({ hop }) => hop.next?.set ?? 0);
    };
    const last = core.chain.final.voters.set;
    expect(last).toBeGreaterThan(2);
    const all = Array.from({ length: last }, (_, i) => i + 1);
    expect(await ask(0, 2 ** 40)).toEqual(all);
    expect(await ask(1, 1)).toEqual([2]);
    expect(await ask(0, 0)).toEqual([]);
    expect(await ask(last, 9)).toEqual([]);
    // One that cannot be read, or whose block below is not here, ends the list.
    const without = (name: (key: string) => boolean): Pick<Store, "get"> => ({
      get: async (table, key) => (name(key) ? Uint8Array.of(1, 2, 3) : store.get(table, key)),
    });
    expect(
      await ask(
        0,
        9,
        without((key) => key === hopKey(1)),
      ),
    ).toEqual([1]);
    const row = await store.get("chain", hopKey(2));
    const height = hopCodec.decode(row ?? new Uint8Array()).certificate.header.height - 1;
    expect(
      await ask(
        0,
        9,
        without((key) => key.startsWith("body/") && heightOfKey(key) === height),
      ),
    ).toEqual([1, 2]);
  });
});

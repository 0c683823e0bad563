/**
 * Neighbours that lie to a light node (PROTOCOL.md §8.1): each lie is refused by its name, and an honest neighbour is
 * believed after it. What a quorum itself did wrong is found out, and proved to others.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { mwh, type Hash, type MemberIndex } from "../../worker/base/units.ts";
import { HistoryTree } from "../../worker/base/history-tree.ts";
import { fromHex, toHex } from "../../worker/base/bytes.ts";
import { leafHash } from "../../worker/base/merkle.ts";
import { hashOf, txLeaf, txRootOf, type Header } from "../../worker/consensus/block.ts";
import {
  changeOf,
  jobsOfHop,
  votersIn,
  rootOfVoters,
  type Certificate,
  type VoterSet,
} from "../../worker/consensus/certificate.ts";
import { bitfieldOf, voteMessage, type Target } from "../../worker/consensus/vote.ts";
import type { Tx } from "../../worker/ledger/transaction.ts";
import { checkAlarm, decodeAlarm, encodeAlarm, type Alarm } from "../../worker/node/light-alarm.ts";
import { ownOf } from "../../worker/node/light-disk.ts";
import type { HopsAnswer, Message } from "../../worker/node/messages.ts";
import { encodeMessage } from "../../worker/node/messages.ts";
import { REAL, Trial } from "../lab/trial.ts";
import { Librarian } from "../../worker/shell/librarian.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { holds, LightWorld, type Bend } from "./light-world.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await Trial.begin({ members: 5, owners: [0] });
  await trial.until(6);
}, 30_000);

const voters = (): VoterSet => votersIn(trial.core(0).chain.state);
/** A proof that `signers` made `header` final: the test holds everybody's keys. */
const certified = (header: Header, signers: readonly number[], set = 0): Certificate => {
  const target: Target = { set, round: 40, kind: "confirmation", step: header.step, block: hashOf(header) };
  const message = voteMessage(header.community, target);
  const signature = REAL.aggregate(signers.map((i) => REAL.sign(message, trial.lab.inhabitant(i).keys.blsSecret)));
  return {
    header,
    above: [],
    votes: [{ ...target, voters: bitfieldOf(signers as MemberIndex[]), signature: signature ?? new Uint8Array(48) }],
  };
};
const hopsOf = (certificate: Certificate, answer: Partial<HopsAnswer> = {}): Message => {
  const genesis = trial.core(0).summaries.hashOf(0) ?? ("" as Hash);
  const history = historyTo(certificate.header.height);
  const proof = history.beside([0], certificate.header.height);
  return { kind: "hops", hops: [{ certificate, next: null }], block: genesis, proof, more: false, ...answer };
};
const historyTo = (height: number, hashes = trial.core(0).summaries.map((s) => s.hash)): HistoryTree => {
  const tree = new HistoryTree();
  for (const hash of hashes.slice(0, height)) tree.append(leafHash(fromHex(hash)));
  return tree;
};
/** Bends answers of one kind only. */
const when =
  <K extends Message["kind"]>(kind: K, bend: (answer: Extract<Message, { kind: K }>) => Message | null): Bend =>
  (answer) =>
    answer.kind === kind ? bend(answer as Extract<Message, { kind: K }>) : answer;

const final = (): Header => trial.core(0).chain.final.header;
const isWhole = (world: LightWorld): void => {
  expect(hashOf(world.light.state.trust.header)).toBe(trial.core(0).chain.final.hash);
  const row = trial.core(0).chain.state.get("member", "00000001");
  expect(world.light.state.figures?.member?.row.meter).toBe(row?.meter);
  expect(world.light.alarms.all).toEqual([]);
  for (let step = 1; step <= final().step; step++) expect(ownOf(world.light.state, step)).toBe(800);
};
/** Refused with this code, and an honest neighbour is believed after it. */
const survives = async (bend: Bend, code: string, isDropped = true): Promise<void> => {
  const world = new LightWorld(trial, 1);
  await world.meet(0, bend);
  expect(world.light.peers.refused?.refusal.code).toBe(code);
  expect(world.dropped).toEqual(isDropped ? [{ peer: 0, code }] : []);
  await world.meet(2);
  isWhole(world);
};

describe("a neighbour that lies about what is final", () => {
  it("shows a certificate of a quorum minus one", () =>
    survives(
      when("hops", () => hopsOf(certified(final(), [0, 1]))),
      "certificate-false",
    ));
  it("counts one who has not signed", () =>
    survives(
      when("hops", (answer) => {
        const certificate = certified(final(), [0, 1]);
        const [group] = certificate.votes;
        if (group === undefined) return answer;
        const votes = [{ ...group, voters: bitfieldOf([0, 1, 2] as MemberIndex[]) }];
        return hopsOf({ ...certificate, votes });
      }),
      "certificate-false",
    ));
  it("has another header certified by a true certificate", () =>
    survives(
      when("hops", (answer) => {
        const [hop] = answer.hops;
        if (hop === undefined) return answer;
        const header = { ...hop.certificate.header, stateRoot: "00".repeat(32) as Hash };
        return { ...answer, hops: [{ ...hop, certificate: { ...hop.certificate, header } }] };
      }),
      "certificate-false",
    ));
  it("names other voters than the block commits to", () =>
    survives(
      when("hops", (answer) => {
        const [hop] = answer.hops;
        if (hop === undefined) return answer;
        const next = { set: 1, quorum: 1, gone: [2, 3, 4] as MemberIndex[], come: [] };
        return { ...answer, hops: [{ ...hop, next }] };
      }),
      "voters-false",
    ));
  it("hands over to a set that is no later one", () =>
    survives(
      when("hops", (answer) => {
        const [hop] = answer.hops;
        if (hop === undefined) return answer;
        const next = { set: 0, quorum: 1, gone: [2, 3, 4] as MemberIndex[], come: [] };
        return { ...answer, hops: [{ ...hop, next }] };
      }),
      "voters-change",
    ));
  it("does not show that its block stands on what is trusted", () =>
    survives(
      when("hops", (answer) => ({ ...answer, proof: [] })),
      "descent-false",
    ));
  it("says that more is final than it proves", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0, (a) => a, { finalHeight: 40, height: 41, step: 41 });
    expect(world.light.peers.refused?.refusal.code).toBe("history-truncated");
    await world.meet(2);
    isWhole(world);
    const none = new LightWorld(trial, 1);
    await none.meet(
      0,
      when("hops", (answer) => ({ ...answer, hops: [] })),
    );
    expect(none.light.peers.refused?.refusal.code).toBe("history-truncated");
    await none.meet(2);
    isWhole(none);
  });
  it("replays an old head", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(2);
    const header = trial.core(0).chain.final.header;
    const old = { ...header, height: 3 };
    await world.meet(
      0,
      when("hops", () => hopsOf(certified(old, [0, 1, 2]))),
      { finalHeight: 40, height: 41, step: 41 },
    );
    expect(world.dropped).toEqual([{ peer: 0, code: "head-old" }]);
    isWhole(world);
  });
});

describe("a neighbour that lies about figures", () => {
  it("raises the member's own register", () =>
    survives(
      when("rows", (answer) => ({
        ...answer,
        rows: answer.rows.map((r) => (r.path.startsWith("member/") ? { ...r, value: r.value.toReversed() } : r)),
      })),
      "rows-false",
    ));
  it("leaves out a neighbour row, so that a version of the rule could be missing", () =>
    survives(
      (answer, question) =>
        answer.kind === "rows" && question.kind === "ask-rows" ? { ...answer, size: 0, rows: [], proof: [] } : answer,
      "rows-missing",
      false,
    ));
  it("changes a share", () =>
    survives(
      when("credits", (answer) => ({
        ...answer,
        blocks: answer.blocks.map((b) => ({
          ...b,
          txs: b.txs.map(({ index, tx }) => ({ index, tx: withShare(tx, 1, 900) })),
        })),
      })),
      "credits-false",
    ));
  it("takes credits of a block that is not final", () =>
    survives(
      when("credits", (answer) => ({
        ...answer,
        blocks: answer.blocks.map((b) => ({ ...b, header: { ...b.header, rank: b.header.rank + 1 } })),
      })),
      "credits-false",
    ));
  it("leaves a credit out, which the register shows", async () => {
    const own = await Trial.begin({ members: 3, owners: [0] });
    await own.until(3);
    const world = new LightWorld(own, 1);
    const without: Bend = when("credits", (answer) => ({ ...answer, blocks: [], proof: [] }));
    let isOff = true;
    await world.meet(0, (answer, q) => (isOff ? answer : without(answer, q)));
    await own.until(4);
    isOff = false;
    await world.status(0);
    expect(world.light.peers.refused?.refusal.code).toBe("credits-short");
    expect(ownOf(world.light.state, 4)).toBe(0);
    await world.meet(2);
    expect(ownOf(world.light.state, 4)).toBe(1_333);
  }, 20_000);
});

const withShare = (tx: Tx, member: number, amount: number): Tx => {
  const { body } = tx;
  if (body.kind !== "distribution") return tx;
  const shares = body.shares.map((s) => (s.member === member ? { ...s, mwh: mwh(amount) } : s));
  return { ...tx, body: { ...body, shares } };
};

describe("skipping hand-overs", () => {
  it("a quorum of the set one trusts is not enough where the set that votes needs more", () => {
    const known = voters();
    const later: VoterSet = { set: 3, quorum: 4, voters: known.voters };
    const header = { ...final(), votersRoot: rootOfVoters(later) };
    const next = { set: 3, quorum: 4, gone: [], come: [] };
    const by = (signers: readonly number[]) =>
      jobsOfHop(known, header.community, { certificate: certified(header, signers, 3), next });
    const three = by([0, 1, 2]);
    expect(three.ok ? "" : three.error.code).toBe("certificate-false");
    expect(by([0, 1, 2, 3]).ok).toBe(true);
  });
});

describe("what a quorum did wrong", () => {
  /** A final block of all five on top of the head, in which member 1 has what is member 0's. */
  const crooked = (): { certificate: Certificate; bend: Bend } => {
    const { chain, summaries } = trial.core(0);
    const parent = chain.final.block;
    const [found] = parent.txs.filter((t) => t.body.kind === "distribution");
    if (found?.body.kind !== "distribution") throw new Error("the head shares energy");
    const tx = withShare(withShare(found, 1, 1_600), 0, 0);
    const { body } = tx;
    if (body.kind !== "distribution") throw new Error("a distribution");
    const bad: Tx = { ...tx, body: { ...body, shares: body.shares.filter((s) => s.mwh > 0) } };
    const height = parent.header.height + 1;
    const hashes = summaries.slice(0, height).map((s) => s.hash);
    const header: Header = {
      ...parent.header,
      height,
      step: (parent.header.step + 1) as Header["step"],
      parent: chain.final.hash,
      txRoot: txRootOf([bad]),
      historyRoot: toHex(historyTo(height, hashes).root()),
    };
    const certificate = certified(header, [0, 1, 2, 3, 4]);
    const at = hashOf(header);
    const tree = new HistoryTree();
    tree.append(txLeaf(bad));
    const bend: Bend = (answer) => {
      if (answer.kind === "hops") return hopsOf(certificate);
      if (answer.kind === "rows") return { ...answer, at };
      if (answer.kind !== "credits") return answer;
      const blocks = [{ header, size: 1, txs: [{ index: 0, tx: bad }], proof: tree.beside([0]) }];
      return { kind: "credits", at, until: height, blocks, proof: [] };
    };
    return { certificate, bend };
  };
  it("a share that breaks the rule is found out, and a compact proof of it convinces a full node, which passes it on", async () => {
    const { bend } = crooked();
    const world = new LightWorld(trial, 1);
    world.pretend = trial.core(0).chain.final.hash;
    await world.meet(0, bend);
    const [alarm] = world.light.alarms.all;
    expect(alarm?.finding).toMatchObject({ kind: "wrong-shares", step: final().step });
    expect(alarm?.raw.length).toBeLessThan(4_000);
    const raw = alarm?.raw ?? new Uint8Array();
    const read = decodeAlarm(raw);
    if (!read.ok) throw new Error(read.error.message);
    const charge = checkAlarm(voters(), final().community, read.value);
    if (!charge.ok) throw new Error(charge.error.message);
    expect(await holds(charge.value.jobs)).toBe(true);
    expect(encodeAlarm(read.value)).toEqual(raw);
    // Kept over a restart.
    world.restart();
    expect(world.light.alarms.all).toHaveLength(1);
    // Said in other bytes it is no other alarm: nobody fills the few places with one.
    const [hop] = read.value.hops;
    if (hop === undefined) throw new Error("an alarm leads to a final block");
    const idle = { certificate: { ...hop.certificate, votes: [] }, next: null };
    const again = encodeAlarm({ ...read.value, hops: [idle, ...read.value.hops] });
    await world.meet(2);
    await world.hear(2, { kind: "alarm", proof: again });
    expect(world.dropped.filter(({ peer }) => peer === 2)).toEqual([]);
    expect(world.light.alarms.all).toHaveLength(1);
    world.restart();
    // A node that hears it from a neighbour checks it, keeps it, and tells the others.
    const { network } = trial.lab.node(1);
    const [peer] = trial.core(1).peers.keys();
    network.send(peer ?? -1, encodeMessage({ kind: "alarm", proof: raw }));
    await trial.until(7);
    for (const core of trial.cores.filter((_, i) => i !== 1)) expect(core.alarms.map((a) => a.id)).toEqual([alarm?.id]);
  });

  it("an alarm that is altered anywhere, or without reason, convinces nobody", async () => {
    const { bend } = crooked();
    const world = new LightWorld(trial, 1);
    world.pretend = trial.core(0).chain.final.hash;
    await world.meet(0, bend);
    const raw = world.light.alarms.all[0]?.raw ?? new Uint8Array();
    for (let at = 0; at < raw.length; at += 7) {
      const altered = raw.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      const read = decodeAlarm(altered);
      const charge = read.ok ? checkAlarm(voters(), final().community, read.value) : read;
      expect(charge.ok && (await holds(charge.value.jobs))).toBe(false);
    }
  });
  it("is told by what proves it and nothing else, whatever else a neighbour showed", async () => {
    const { bend } = crooked();
    const world = new LightWorld(trial, 1);
    world.pretend = trial.core(0).chain.final.hash;
    const { core } = trial.lab.node(0);
    const librarian = new Librarian(core, await openMemory({ disk: trial.lab.inhabitant(0).disk }));
    await world.meet(0, async (answer, question) => {
      if (question.kind !== "ask-rows" || answer.kind !== "rows") return bend(answer, question);
      const tables = ["allocation", "member", "voters", "totals"];
      const more = await librarian.answer(0, { ...question, at: core.chain.final.hash, tables });
      return more?.kind === "rows" ? { ...more, at: question.at } : null;
    });
    const [alarm] = world.light.alarms.all;
    const read = decodeAlarm(alarm?.raw ?? new Uint8Array());
    if (!read.ok || read.value.kind !== "wrong-shares") throw new Error("an alarm about shares");
    expect(read.value.rules.rows.filter((r) => r.path.startsWith("member/")).length).toBeLessThan(2);
    const charge = checkAlarm(voters(), final().community, read.value);
    expect(charge.ok && (await holds(charge.value.jobs))).toBe(true);
  });

  describe("of an alarm", () => {
    const of = (hops: Extract<Alarm, { kind: "wrong-shares" }>["hops"]): Alarm => {
      const header = hops[0]?.certificate.header ?? final();
      const [rules, excerpt] = [
        { size: 0, rows: [], proof: [] },
        { header, size: 1, txs: [], proof: [] },
      ];
      return { kind: "wrong-shares", hops, rules, excerpt, proof: [], step: header.step };
    };
    const codeOf = (known: VoterSet, alarm: Alarm): string => {
      const found = checkAlarm(known, final().community, alarm);
      return found.ok ? "" : `${found.error.code} ${found.error.verdict}`;
    };
    it("that shows no way to its block nobody can say that it is false", () => {
      expect(codeOf(voters(), of([]))).toBe("alarm-beyond ignore");
    });
    it("the way is checked from before a hand-over and from after it", () => {
      const known = voters();
      const later: VoterSet = { set: known.set + 1, quorum: 3, voters: known.voters.slice(0, 4) };
      const header: Header = { ...final(), votersRoot: rootOfVoters(later) };
      const hop = { certificate: certified(header, [0, 1, 2], later.set), next: changeOf(known, later) };
      // As far as the rules, of which it has none.
      expect(codeOf(known, of([hop]))).toBe("alarm-false penalise");
      expect(codeOf(later, of([hop]))).toBe("alarm-false penalise");
      const last = {
        certificate: certified({ ...header, height: header.height + 1 }, [0, 1, 2], later.set),
        next: null,
      };
      expect(codeOf(later, of([hop, last]))).toBe("alarm-false penalise");
      const other: VoterSet = { ...later, voters: later.voters.slice(1) };
      expect(codeOf(other, of([hop, last]))).toBe("alarm-beyond ignore");
    });
  });

  it("two final blocks on two branches: it keeps its own, and shows both certificates", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(2);
    const { header } = world.light.state.trust;
    const other: Header = { ...header, rank: header.rank + 1 };
    const hashes = [
      ...trial
        .core(0)
        .summaries.slice(0, header.height)
        .map((s) => s.hash),
      hashOf(other),
    ];
    const tree = historyTo(hashes.length, hashes);
    const above: Header = {
      ...other,
      height: header.height + 1,
      step: (header.step + 1) as Header["step"],
      parent: hashOf(other),
      historyRoot: toHex(tree.root()),
    };
    const proof = tree.beside([header.height], above.height);
    await world.meet(
      0,
      when("hops", () => hopsOf(certified(above, [0, 1, 2, 3, 4]), { block: hashOf(other), proof })),
      { finalHeight: above.height, height: above.height + 1, step: above.step + 1 },
    );
    expect(world.light.peers.refused?.refusal.code).toBe("two-heads");
    expect(world.light.state.trust.header).toEqual(header);
    const [alarm] = world.light.alarms.all;
    expect(alarm?.finding).toEqual({ kind: "two-heads", height: header.height, step: header.step });
    const read = decodeAlarm(alarm?.raw ?? new Uint8Array());
    const charge = read.ok ? checkAlarm(voters(), header.community, read.value) : read;
    expect(charge.ok && (await holds(charge.value.jobs))).toBe(true);
  });
});

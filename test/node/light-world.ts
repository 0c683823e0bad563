/**
 * A light machine among librarians of real nodes, without a network: its questions are answered at once, by whom the test
 * says and as the test bends it. What it writes is kept as a disk would.
 */
import { nativeEd25519 } from "../../worker/cli/native-ed25519.ts";
import { decodeMessage, encodeMessage, type Message, type Question } from "../../worker/node/messages.ts";
import { allTrue } from "../../worker/consensus/checks.ts";
import type { MemberKeys } from "../../worker/base/keys.ts";
import type { Hash, Millis } from "../../worker/base/units.ts";
import type { Effect, Event } from "../../worker/node/events.ts";
import { readAlarm } from "../../worker/node/alarms.ts";
import { encodeAlarm, type Alarm } from "../../worker/node/light-alarm.ts";
import { Light } from "../../worker/node/light.ts";
import { LIGHT_PREFIX, readLight } from "../../worker/node/light-disk.ts";
import { Librarian } from "../../worker/shell/librarian.ts";
import { createVerifier, engineOn, VerdictMemory } from "../../worker/shell/verifier.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { REAL, type Trial } from "../lab/trial.ts";

/** What becomes of an answer on its way; null is silence. */
export type Bend = (answer: Message, question: Question) => Message | null | Promise<Message | null>;
export const HONEST: Bend = (answer) => answer;

const verify = createVerifier(new VerdictMemory(), engineOn(REAL, nativeEd25519().subtle));
type Undated = Event extends infer E ? (E extends Event ? Omit<E, "now"> : never) : never;

/** A trial, or whatever else has nodes. */
export type Surroundings = Pick<Trial, "lab" | "time" | "signed" | "contract">;
export class LightWorld {
  readonly disk = new Map<string, Uint8Array>();
  readonly dropped: { readonly peer: number; readonly code: string }[] = [];
  /** Everything that the machine said, by peer. */
  readonly said: { readonly peer: number; readonly message: Message }[] = [];
  readonly heard: number[] = [];
  readonly #trial: Surroundings;
  readonly #peers = new Map<
    number,
    { readonly answer: (q: Question) => Promise<Message | null>; readonly bend: Bend }
  >();
  readonly #keys: MemberKeys;
  /** Stops carrying out effects after so many commits: like pulling the plug. */
  plug = Infinity;
  /** What is asked about a head that no librarian knows is asked about this one. */
  pretend: Hash | null = null;
  light: Light;

  constructor(trial: Surroundings, member: number) {
    this.#trial = trial;
    this.#keys = trial.lab.inhabitant(member).keys;
    this.light = this.#open();
  }
  #open(): Light {
    const rows = [...this.disk].filter(([k]) => k.startsWith(LIGHT_PREFIX)).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const alarms = [...this.disk].filter(([k]) => k.startsWith("alarm/")).flatMap(([, row]) => readAlarm(row) ?? []);
    const state = readLight(this.#trial.contract, rows);
    return new Light({ keys: this.#keys, signed: this.#trial.signed, state, alarms, names: [] });
  }
  /** A new machine on the same disk; its links are gone. */
  restart(): void {
    this.plug = Infinity;
    this.#peers.clear();
    this.light = this.#open();
  }
  get now(): Millis {
    return this.#trial.time.now;
  }
  /** Links up with the node of a member, and hears from it where it stands. */
  async meet(member: number, bend: Bend = HONEST, claim: Partial<Message & { kind: "status" }> = {}): Promise<void> {
    const { core } = this.#trial.lab.node(member);
    const { disk, keys } = this.#trial.lab.inhabitant(member);
    const librarian = new Librarian(core, await openMemory({ disk }));
    this.#peers.set(member, { answer: (q) => librarian.answer(member, q), bend });
    const identity = { key: keys.memberKey, role: "member" as const };
    await this.event({ kind: "peer-up", peer: member, identity, address: `at-${member}` });
    await this.status(member, claim);
  }
  async status(member: number, claim: Partial<Message & { kind: "status" }> = {}): Promise<void> {
    const { core } = this.#trial.lab.node(member);
    await this.hear(member, { kind: "status", ...core.status(), ...claim });
  }
  async hear(peer: number, message: Message): Promise<void> {
    await this.event({ kind: "message", peer, bytes: encodeMessage(message) });
  }
  async event(event: Undated, at: number = this.now): Promise<void> {
    await this.#carryOut(this.light.step({ ...event, now: at as Millis }));
  }
  async #carryOut(effects: readonly Effect[]): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === "commit") {
        this.plug -= 1;
        if (this.plug < 0) return;
        for (const { key, value } of effect.ops) {
          if (value === null) this.disk.delete(key);
          else this.disk.set(key, value);
        }
      } else if (effect.kind === "verify") {
        await this.event({ kind: "verdicts", ticket: effect.ticket, verdicts: await verify(effect.checks) });
      } else if (effect.kind === "drop") {
        this.dropped.push({ peer: effect.peer, code: effect.refusal.code });
        this.#peers.delete(effect.peer);
      } else if (effect.kind === "send") await this.#sent(effect.peer, effect.bytes);
    }
  }
  async #sent(to: number, raw: Uint8Array): Promise<void> {
    const read = decodeMessage(raw);
    if (!read.ok) throw new Error(read.error.message);
    const message: Message = read.value;
    this.said.push({ peer: to, message });
    const peer = this.#peers.get(to);
    if (peer === undefined) return;
    if (message.kind !== "ask-hops" && message.kind !== "ask-rows" && message.kind !== "ask-credits") return;
    const { pretend } = this;
    const question = pretend === null || message.kind === "ask-hops" ? message : { ...message, at: pretend };
    const answer = await peer.answer(question);
    const bent = answer === null ? null : await peer.bend(answer, message);
    if (bent === null) return;
    const bytes = encodeMessage(bent);
    this.heard.push(bytes.length);
    await this.event({ kind: "message", peer: to, bytes });
  }
}

export const holds = async (jobs: Parameters<typeof verify>[0]["bls"]): Promise<boolean> =>
  allTrue(await verify({ ed25519: [], bls: jobs }));

/** Bends answers of one kind only. */
export const when =
  <K extends Message["kind"]>(kind: K, bend: (answer: Extract<Message, { kind: K }>) => Message | null): Bend =>
  (answer) =>
    answer.kind === kind ? bend(answer as Extract<Message, { kind: K }>) : answer;

/** The same alarm, led to by one more hop, which is none of anybody's business. */
export const inOtherBytes = (alarm: Alarm): Uint8Array => {
  const [hop] = alarm.hops;
  if (hop === undefined) throw new Error("an alarm leads to a final block");
  return encodeAlarm({
    ...alarm,
    hops: [{ certificate: { ...hop.certificate, votes: [] }, next: null }, ...alarm.hops],
  });
};

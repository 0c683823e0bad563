/**
 * The key that a member or a cryptometer signed with in a step that is over (§II.C): the state has the one of now, and keys
 * are exchanged. What the exchanging block changed says which it was; where that is not on this device, what was adopted
 * before. Reads, never changes.
 */
import type { PublicKey } from "../base/units.ts";
import { key, type GeneratorRow, type MemberRow } from "../ledger/rows.ts";
import type { Delta } from "../ledger/state.ts";
import type { Action } from "../ledger/transaction.ts";
import { deltaIn, deltaKey } from "../node/disk.ts";
import type { Core } from "../node/core.ts";
import type { Store } from "../storage/store.ts";
import type { Decision } from "./decisions.ts";
import { blockFor } from "./lookup.ts";

/** Null where none is known; not sure where a change of it may have gone by unseen on this device. */
export type KeyThen = { readonly key: PublicKey | null; readonly isSure: boolean };
export type Signer = { readonly role: "generator" | "member"; readonly index: number };

/** The key that an adopted exchange brought in; null for any other action. */
const exchanged = (action: Action, { role, index }: Signer): PublicKey | null => {
  if (role === "generator") return action.kind === "meter" && action.generator === index ? action.key : null;
  return action.kind === "rotate" && action.member === index ? action.key : null;
};

const keyIn = (value: unknown, { role }: Signer): PublicKey =>
  role === "generator" ? (value as GeneratorRow).terms.key : (value as MemberRow).key;

/** What the block did that put into force what was due in a step; undefined where this device has it no more. */
const deltaOf = async (core: Core, store: Pick<Store, "get">, step: number): Promise<Delta | undefined> => {
  const line = blockFor(core, step);
  if (line === undefined) return undefined;
  const node = core.chain.tree.get(line.hash);
  if (node !== undefined) return node.delta;
  const raw = await store.get("chain", deltaKey(line.height, line.hash));
  return raw === undefined ? undefined : (deltaIn(raw) ?? undefined);
};

/** In a step; `decisions` as far as this device knows them. */
export const keyAt = async (
  core: Core,
  store: Pick<Store, "get">,
  decisions: readonly Decision[],
  who: Signer,
  step: number,
): Promise<KeyThen> => {
  const { state, head } = core.chain;
  const { role, index } = who;
  const row = role === "generator" ? state.get("generator", key(index)) : state.get("member", key(index));
  if (row === undefined) return { key: null, isSure: true };
  const changes = decisions.flatMap(({ outcome, row: { action, from } }) => {
    const brought = outcome === "adopted" && from !== null && from <= head.header.step ? exchanged(action, who) : null;
    return brought === null || from === null ? [] : [{ from, brought }];
  });
  const later = changes.filter(({ from }) => from > step).toSorted((a, b) => a.from - b.from);
  const path = `${role}/${key(index)}`;
  let isToldAll = true;
  for (const { from } of later) {
    const delta = await deltaOf(core, store, from);
    isToldAll &&= delta !== undefined;
    const before = delta?.find((one) => one.path === path)?.before;
    // An exchange that had become impossible changed nothing: the next one tells.
    if (before !== undefined && before !== null) return { key: keyIn(before.value, who), isSure: isToldAll };
  }
  // Who began later never saw what was decided before, and that may have come into force since.
  if (isToldAll) return { key: keyIn(row, who), isSure: core.summaries.first === 0 };
  const { contract } = core.signed;
  const earlier = changes.filter(({ from }) => from <= step).toSorted((a, b) => b.from - a.from)[0]?.brought;
  const founded = contract[role === "generator" ? "generators" : "members"][index]?.key;
  return { key: earlier ?? founded ?? null, isSure: false };
};

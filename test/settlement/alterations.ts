/** Ways to alter a proof bundle, each a whole file: bits changed as they are, and forgeries sealed anew. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { concatBytes, equalBytes } from "../../worker/base/bytes.ts";
import { encodeBundle, type Bundle } from "../../worker/settlement/bundle.ts";
import { checkBundle } from "../../worker/settlement/bundle-check.ts";
import { opened } from "./proofs.ts";

export type Altered = { readonly name: string; readonly of: string; readonly raw: Uint8Array };

export const flip = (raw: Uint8Array, at: number, bit = 0): Uint8Array =>
  raw.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));

const SEAL = 32;
/** A change as the vectors have it: bytes before the seal give way to others, and another seal where there is one. */
export type Cut = {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
  readonly seal: Uint8Array | null;
};
export const cutOf = (whole: Uint8Array, changed: Uint8Array): Cut => {
  const sealed = changed.length > SEAL;
  const before = sealed ? whole.subarray(0, -SEAL) : whole;
  const after = sealed ? changed.subarray(0, -SEAL) : changed;
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  let end = 0;
  const shorter = Math.min(before.length, after.length);
  while (end < shorter - at && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const [old, seal] = [whole.subarray(-SEAL), changed.subarray(-SEAL)];
  return {
    at,
    remove: before.length - at - end,
    insert: after.slice(at, after.length - end),
    seal: sealed && !equalBytes(old, seal) ? seal : null,
  };
};
export const spliced = (whole: Uint8Array, { at, remove, insert, seal }: Cut): Uint8Array => {
  const changed = concatBytes(whole.subarray(0, at), insert, whole.subarray(at + remove));
  return seal === null ? changed : concatBytes(changed.subarray(0, -SEAL), seal);
};

export const facts = (raw: Uint8Array) => {
  const found = checkBundle(raw);
  if (!found.ok) throw new Error(found.error.message);
  const { community, member, claim, final, credits, blocks, handOvers } = found.value;
  return {
    community: community.id,
    member: member.index,
    registerMwh: member.registerMwh,
    from: claim.from,
    to: claim.to,
    mwh: claim.mwh,
    closed: claim.closed,
    finalHash: final.hash,
    finalHeight: final.height,
    confirmed: final.confirmed,
    quorum: final.quorum,
    voters: final.voters,
    distributions: credits.length,
    blocks,
    handOvers,
  };
};

const SCRIPT = fileURLToPath(new URL("../../worker/settlement/verify-bundle.py", import.meta.url));
type Said = Readonly<Record<string, unknown>>;
/** What the second verifier says of each file. */
export const second = (raws: readonly Uint8Array[]): Said[] => {
  const folder = mkdtempSync(join(tmpdir(), "cwproof-"));
  try {
    const files = raws.map((raw, i) => {
      const file = join(folder, `${i}.cwproof`);
      writeFileSync(file, raw);
      return file;
    });
    const lines = runPython([SCRIPT, ...files, "--json"])
      .trim()
      .split("\n");
    return lines.map((line) => JSON.parse(line) as Said);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
const runPython = (args: readonly string[]): string => {
  try {
    return execFileSync("python3", args, { encoding: "utf8" });
  } catch (error) {
    const { stdout, status } = error as { stdout?: string; status?: number };
    if (status === 1 && stdout !== undefined && stdout !== "") return stdout;
    throw error;
  }
};
/** Where it refuses; null where it does not. */
export const refusedAt = (said: Said | undefined): string | null =>
  said?.["ok"] === true ? null : String(said?.["place"]);

const first = <T>(list: readonly T[]): T => {
  const [one] = list;
  if (one === undefined) throw new Error("it has one at least");
  return one;
};
const changedFirst = <T>(list: readonly T[], change: (one: T) => T): T[] => [change(first(list)), ...list.slice(1)];
const flipped = (bytes: Uint8Array): Uint8Array => flip(bytes, bytes.length - 1);

/** Sealed anew: only what the chain has can stand against these. */
const FORGERIES: readonly (readonly [name: string, of: string, change: (b: Bundle) => Bundle])[] = [
  ["more is claimed", "step", (b) => ({ ...b, claim: { ...b.claim, mwh: (b.claim.mwh + 1) as never } })],
  ["another member claims it", "step", (b) => ({ ...b, claim: { ...b.claim, member: 0 as never } })],
  ["the period leaves a credit out", "day", (b) => ({ ...b, claim: { ...b.claim, from: 2 as never } })],
  ["the period goes beyond the final block", "day", (b) => ({ ...b, claim: { ...b.claim, to: 99 as never } })],
  ["the period ends before it begins", "day", (b) => ({ ...b, claim: { ...b.claim, from: 9 as never } })],
  [
    "the contract has another name",
    "step",
    (b) => ({ ...b, contract: { ...b.contract, contract: { ...b.contract.contract, name: "Trail" } } }),
  ],
  [
    "the founder's signature is false",
    "step",
    (b) => ({ ...b, contract: { ...b.contract, signature: flipped(b.contract.signature) } }),
  ],
  ["a hand-over is left out", "grown", (b) => ({ ...b, hops: b.hops.slice(1) })],
  ["a hand-over stands twice", "grown", (b) => ({ ...b, hops: [...b.hops.slice(0, 1), ...b.hops] })],
  [
    "a hand-over lets everybody go but one",
    "grown",
    (b) => ({
      ...b,
      hops: changedFirst(b.hops, (hop) => ({ ...hop, next: hop.next && { ...hop.next, quorum: 1 } })),
    }),
  ],
  [
    "a signature under a hand-over is false",
    "grown",
    (b) => ({
      ...b,
      hops: changedFirst(b.hops, ({ certificate, next }) => ({
        next,
        certificate: {
          ...certificate,
          votes: changedFirst(certificate.votes, (v) => ({
            ...v,
            signature: b.final.certificate.votes[0]?.signature ?? v.signature,
          })),
        },
      })),
    }),
  ],
  [
    "one less than a quorum confirms",
    "step",
    (b) =>
      finalWith(b, (votes) =>
        changedFirst(votes, (v) => ({ ...v, voters: Uint8Array.of((v.voters[0] ?? 0) & -(v.voters[0] ?? 0)) })),
      ),
  ],
  [
    "others are said to confirm",
    "step",
    (b) =>
      finalWith(b, (votes) =>
        changedFirst(votes, (v) => ({ ...v, voters: Uint8Array.of(7 ^ ((v.voters[0] ?? 0) & -(v.voters[0] ?? 0))) })),
      ),
  ],
  [
    "it was approved, not confirmed",
    "step",
    (b) => finalWith(b, (votes) => votes.map((v) => ({ ...v, kind: "approval" as const }))),
  ],
  [
    "the final block is another",
    "step",
    (b) => ({
      ...b,
      final: {
        ...b.final,
        certificate: {
          ...b.final.certificate,
          header: { ...b.final.certificate.header, stateRoot: b.final.certificate.header.txRoot },
        },
      },
    }),
  ],
  [
    "the register is higher",
    "step",
    (b) => ({
      ...b,
      members: b.members.map((m) =>
        m.member === b.claim.member ? { ...m, row: { ...m.row, meter: (10 ** 9) as never } } : m,
      ),
    }),
  ],
  [
    "the member's key is another",
    "step",
    (b) => ({
      ...b,
      members: b.members.map((m) =>
        m.member === b.claim.member ? { ...m, row: { ...m.row, key: m.row.blsKey.slice(0, 64) as never } } : m,
      ),
    }),
  ],
  [
    "a neighbour's row stands in its place",
    "day",
    (b) => ({ ...b, members: changedFirst(b.members, (m) => ({ ...m, member: 4_000 as never })) }),
  ],
  ["a member's row is missing", "day", (b) => ({ ...b, members: b.members.slice(1) })],
  [
    "a share is larger",
    "step",
    (b) =>
      withTx(b, (tx) =>
        tx.body.kind === "distribution"
          ? { ...tx, body: { ...tx.body, shares: tx.body.shares.map((s) => ({ ...s, mwh: (s.mwh + 1) as never })) } }
          : tx,
      ),
  ],
  [
    "a distribution is of another step",
    "step",
    (b) =>
      withTx(b, (tx) => (tx.body.kind === "distribution" ? { ...tx, body: { ...tx.body, step: 4 as never } } : tx)),
  ],
  [
    "a distribution's signature is another",
    "step",
    (b) => withTx(b, (tx) => ({ ...tx, signature: flipped(tx.signature) })),
  ],
  ["a distribution is another's", "step", (b) => withTx(b, (tx) => ({ ...tx, signer: b.claim.member }))],
  [
    "a credit counts twice",
    "step",
    (b) => ({
      ...b,
      claim: { ...b.claim, mwh: (2 * b.claim.mwh) as never },
      blocks: changedFirst(b.blocks, (block) => ({ ...block, credits: [...block.credits, ...block.credits] })),
    }),
  ],
  ["a block stands twice", "step", (b) => ({ ...b, blocks: [...b.blocks, ...b.blocks] })],
  ["the blocks stand in another order", "day", (b) => ({ ...b, blocks: b.blocks.toReversed() })],
  [
    "a block has no credit",
    "day",
    (b) => ({ ...b, blocks: changedFirst(b.blocks, (block) => ({ ...block, credits: [] })) }),
  ],
  ["there are no blocks", "step", (b) => ({ ...b, blocks: [], claim: { ...b.claim, mwh: 0 as never } })],
  [
    "a distribution is said to be in another block",
    "day",
    (b) => {
      const [one, two, ...rest] = b.blocks;
      if (one === undefined || two === undefined) throw new Error("a day has two blocks");
      return { ...b, blocks: [{ ...one, credits: two.credits }, { ...two, credits: one.credits }, ...rest] };
    },
  ],
  [
    "a block has another height",
    "step",
    (b) => ({
      ...b,
      blocks: changedFirst(b.blocks, (block) => ({
        ...block,
        header: { ...block.header, height: block.header.height + 1 },
      })),
    }),
  ],
  [
    "a block is of another community",
    "step",
    (b) => ({
      ...b,
      blocks: changedFirst(b.blocks, (block) => ({
        ...block,
        header: { ...block.header, community: block.header.parent },
      })),
    }),
  ],
  ["a hash beside the blocks is missing", "step", (b) => ({ ...b, history: b.history.slice(1) })],
  ["a hash beside the blocks is too much", "step", (b) => ({ ...b, history: [...b.history, new Uint8Array(32)] })],
  ["a hash beside the blocks is another", "day", (b) => ({ ...b, history: changedFirst(b.history, flipped) })],
  [
    "a hash on a distribution's way up is another",
    "step",
    (b) => ({
      ...b,
      blocks: changedFirst(b.blocks, (block) => ({
        ...block,
        credits: changedFirst(block.credits, (c) => ({
          ...c,
          path: changedFirst(c.path, (s) => ({ ...s, hash: flipped(s.hash) })),
        })),
      })),
    }),
  ],
];
const finalWith = (
  b: Bundle,
  change: (votes: Bundle["final"]["certificate"]["votes"]) => Bundle["final"]["certificate"]["votes"],
): Bundle => ({
  ...b,
  final: { ...b.final, certificate: { ...b.final.certificate, votes: change(b.final.certificate.votes) } },
});
type Tx = Bundle["blocks"][number]["credits"][number]["tx"];
const withTx = (b: Bundle, change: (tx: Tx) => Tx): Bundle => ({
  ...b,
  blocks: changedFirst(b.blocks, (block) => ({
    ...block,
    credits: changedFirst(block.credits, (c) => ({ ...c, tx: change(c.tx) })),
  })),
});

/** One bit in the middle of each part, the seal as it was. */
const flips = (of: string, raw: Uint8Array): Altered[] => {
  const places: [string, number][] = [
    ["the name of the format", 0],
    ["the version", 7],
    ["the length of a part", 8],
    ["the claimed energy", 12],
    ["the last byte of the seal", raw.length - 1],
  ];
  for (let part = 1; part < 12; part++) places.push([`part ${part} of 12`, Math.floor((raw.length * part) / 12)]);
  return places.map(([name, at]) => ({ name: `a bit of ${name}`, of, raw: flip(raw, at) }));
};

const withByte = (raw: Uint8Array): Uint8Array =>
  concatBytes(raw.subarray(0, -SEAL), Uint8Array.of(0), raw.subarray(-SEAL));

export const alterations = (bundles: ReadonlyMap<string, Uint8Array>): Altered[] => {
  const raw = (name: string): Uint8Array => bundles.get(name) ?? new Uint8Array();
  return [
    ...FORGERIES.map(([name, of, change]) => ({ name, of, raw: encodeBundle(change(opened(raw(of)))) })),
    ...["step", "grown"].flatMap((of) => flips(of, raw(of))),
    {
      name: "some bytes of the end are missing",
      of: "step",
      raw: concatBytes(raw("step").subarray(0, -300), raw("step").subarray(-SEAL)),
    },
    { name: "a byte too many before the seal", of: "step", raw: withByte(raw("step")) },
    { name: "nothing", of: "step", raw: new Uint8Array() },
  ];
};

/**
 * Databases as earlier versions of the app wrote them, for tests in Node and in a page: their tables, and each kind of row
 * in the bytes of that time. Never changed when the app changes: that is what they are for.
 */
import { openDB } from "idb";
import { concatBytes, fromHex, utf8ToBytes } from "../../worker/base/bytes.ts";

type Rows = Readonly<Record<string, Uint8Array>>;
type Tables = Readonly<Record<string, Rows>>;

/** LEB128, as PROTOCOL.md §3 has it. */
const uint = (n: number): Uint8Array => {
  const out: number[] = [];
  for (let rest = n; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...out, rest]);
    out.push((rest % 128) | 128);
  }
};
const text = (value: string): Uint8Array => {
  const raw = utf8ToBytes(value);
  return concatBytes(uint(raw.length), raw);
};
const blob = (raw: Uint8Array): Uint8Array => concatBytes(uint(raw.length), raw);
const hash = (digit: string): Uint8Array => fromHex(digit.repeat(64));

export const WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow".split(" ");
/** The invitation of nobody: founders had none. */
const identity = concatBytes(
  uint(WORDS.length),
  ...WORDS.map(text),
  text("Ana"),
  blob(utf8ToBytes("the contract's own bytes")),
  Uint8Array.of(0),
  uint(1),
  text("address-1"),
  uint(1_700_000_000_000),
);
/** A vote that others gave, without its signature: member, set, round, kind, step, block. */
const heldVote = (member: number, round: number): Uint8Array =>
  concatBytes(uint(member), uint(0), uint(round), Uint8Array.of(round % 2), uint(round + 1), hash("a"));
export const heldVoteKey = (member: number, round: number): string =>
  `vote/0/${round}/${round % 2 === 0 ? "approval" : "confirmation"}/${member}/${"a".repeat(64)}`;
const ownVote = (round: number): Uint8Array =>
  concatBytes(uint(0), uint(round), Uint8Array.of(0), uint(round + 1), hash("a"), uint(0), new Uint8Array(48).fill(7));
const count = concatBytes(Uint8Array.of(0), ...[1, 2, 3, 4].map(uint));

const tablesOf = (withHome: boolean): Tables => ({
  chain: { "block/0000000000/genesis": Uint8Array.of(1, 2), "line/0000000000": Uint8Array.of(3) },
  state: { "totals/": Uint8Array.of(0, 0, 0), "voters/": Uint8Array.of(0, 0, 1, 0, 1) },
  meta: {
    heads: concatBytes(hash("b"), uint(5), hash("a"), uint(4), uint(3), uint(0)),
    place: concatBytes(uint(0), uint(3), hash("a")),
    ...Object.fromEntries([0, 1, 2].flatMap((m) => [0, 1, 2].map((r) => [heldVoteKey(m, r), heldVote(m, r)]))),
  },
  own: {
    identity,
    "meter-count": uint(1),
    "meter/roof": text("a meter's configuration"),
    "meter-settings/roof": text("a meter's plate"),
    ...Object.fromEntries([0, 1, 2].map((r) => [`vote/0/${r}/approval`, ownVote(r)])),
  },
  journal: {
    "roof/count": count,
    ...Object.fromEntries(
      [1, 2, 3].map((step) => [`roof/close/${String(step).padStart(16, "0")}`, uint(step * 1_000)]),
    ),
  },
  settings: { strategy: Uint8Array.of(100), "name/key": text("Bo") },
  ...(withHome ? { home: { "meter/use": text("plate"), "count/use": count, "use/use/0": uint(7) } } : {}),
});

export const EARLIER = [
  { version: 1, tables: tablesOf(false) },
  { version: 2, tables: tablesOf(true) },
] as const;

/** Writes a database as version 1 or 2 of the app did. */
export const writeEarlier = async (name: string, { version, tables }: (typeof EARLIER)[number]): Promise<void> => {
  const db = await openDB(name, version, {
    upgrade: (fresh) => {
      for (const table of Object.keys(tables)) fresh.createObjectStore(table);
    },
  });
  const tx = db.transaction(Object.keys(tables), "readwrite");
  for (const [table, rows] of Object.entries(tables))
    for (const [key, value] of Object.entries(rows)) void tx.objectStore(table).put(value, key);
  await tx.done;
  db.close();
};

/** What the present version makes of it: votes have an absent key and signature behind them, all else is as it was. */
export const expectedRows = (tables: Tables): Map<string, Uint8Array> => {
  const out = new Map<string, Uint8Array>();
  for (const [table, rows] of Object.entries(tables))
    for (const [key, value] of Object.entries(rows)) {
      const isVote = table === "meta" && key.startsWith("vote/");
      out.set(`${table}/${key}`, isVote ? concatBytes(value, Uint8Array.of(0, 0)) : value);
    }
  return out;
};

/** The whole database as it lies there, without the app's code; as text, for comparison. */
export const dump = async (name: string): Promise<{ version: number; rows: Record<string, string> }> => {
  const db = await openDB(name);
  const rows: Record<string, string> = {};
  for (const table of db.objectStoreNames)
    for (const key of await db.getAllKeys(table))
      rows[`${table}/${JSON.stringify(key)}`] = String(await db.get(table, key));
  const { version } = db;
  db.close();
  return { version, rows };
};

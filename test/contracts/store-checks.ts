/** What every Store promises, as checks that run in Node and in a page. */
import {
  numericKey,
  StoreError,
  TABLES,
  type Op,
  type Store,
  type StoreErrorCode,
  type Table,
} from "../../worker/storage/store.ts";
import { holds, rejection, same, type Check } from "./check.ts";

/** One disk of the adapter under test. */
export type StoreBed = {
  /** Opens another handle on the same disk. */
  readonly open: () => Promise<Store>;
  /**
   * Leaves room for a little, but not for 20 MB; `restore` gives the disk its size back,
   * where that takes effect at once. Absent where a disk cannot be filled.
   */
  readonly fill?: () => Promise<{ readonly restore?: () => Promise<void> }>;
  /** Makes the next opening find a browser that keeps no data. Absent where it cannot be arranged. */
  readonly deny?: () => Promise<void>;
};

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (table: Table, key: string, ...values: number[]): Op => ({ table, key, value: bytes(...values) });
const gone = (table: Table, key: string): Op => ({ table, key, value: null });
const keysOf = (entries: readonly [string, Uint8Array][]): string[] => entries.map(([key]) => key);

const expectCode = async (work: Promise<unknown>, code: StoreErrorCode, what: string): Promise<void> => {
  const error = await rejection(work, what);
  holds(error instanceof StoreError, `${what}: a StoreError`);
  same((error as StoreError).code, code, what);
  holds((error as StoreError).message.length > 20, `${what}: a sentence`);
};

const check = (name: string, run: (store: Store, bed: StoreBed) => Promise<void>): Check<StoreBed> => ({
  name,
  run: async (bed) => {
    const store = await bed.open();
    try {
      await run(store, bed);
    } finally {
      await store.close();
    }
  },
});

const reading: readonly Check<StoreBed>[] = [
  check("a key that was never written reads as undefined and its table as empty", async (store) => {
    same(await store.get("chain", "nothing"), undefined, "get");
    for (const table of TABLES) same(await store.entries(table), [], table);
  }),
  check("a value is read back as it was written, and tables do not mix", async (store) => {
    await store.commit([put("chain", "a", 1, 2, 3), put("state", "a", 9)]);
    same(await store.get("chain", "a"), bytes(1, 2, 3), "chain");
    same(await store.get("state", "a"), bytes(9), "state");
    same(await store.get("meta", "a"), undefined, "meta");
  }),
  check("an empty value is a value", async (store) => {
    await store.commit([put("settings", "empty")]);
    same(await store.get("settings", "empty"), bytes(), "get");
    same(await store.entries("settings"), [["empty", bytes()]], "entries");
  }),
  check("a value of 5 MiB and a view into a larger buffer come back exactly", async (store) => {
    const big = Uint8Array.from({ length: 5 * 1024 * 1024 }, (_, i) => (i * 31) % 251);
    const view = big.subarray(1000, 1010);
    await store.commit([
      { table: "chain", key: "big", value: big },
      { table: "chain", key: "view", value: view },
    ]);
    const read = await store.get("chain", "big");
    holds(
      read !== undefined && read.length === big.length && big.every((byte, i) => byte === read[i]),
      "every byte of the big value",
    );
    same(await store.get("chain", "view"), view, "view");
  }),
  check("what is handed in or out is a copy: changing it afterwards changes nothing on disk", async (store) => {
    const value = bytes(1, 2, 3);
    await store.commit([{ table: "own", key: "k", value }]);
    value[0] = 99;
    const read = await store.get("own", "k");
    if (read !== undefined) read[1] = 99;
    same(await store.get("own", "k"), bytes(1, 2, 3), "value on disk");
  }),
  check(
    "entries are ordered by code units of their keys, and numericKey makes that the order of numbers",
    async (store) => {
      const keys = ["b", "a", "B", "é", "10", "9", "", "a b", "\u{1F600}", "\uFFFD"];
      await store.commit(keys.map((key, i) => put("meta", key, i)));
      same(
        keysOf(await store.entries("meta")),
        keys.toSorted((x, y) => (x < y ? -1 : 1)),
        "text keys",
      );
      const numbers = [0, 9, 10, 255, 1_000_000, Number.MAX_SAFE_INTEGER];
      await store.commit(numbers.map((n) => put("chain", numericKey(n), 1)));
      same(keysOf(await store.entries("chain")), numbers.map(numericKey), "numeric keys");
    },
  ),
  check("a range includes its from, excludes its to, and takes limit and reverse", async (store) => {
    await store.commit(["a", "b", "c", "d", "e"].map((key, i) => put("journal", key, i)));
    const keys = async (range: Parameters<Store["entries"]>[1]): Promise<string> => {
      const found = await store.keys("journal", range);
      same(keysOf(await store.entries("journal", range)), found, "keys alone are those of the entries");
      return found.join("");
    };
    same(await keys({ from: "b" }), "bcde", "from");
    same(await keys({ to: "d" }), "abc", "to");
    same(await keys({ from: "b", to: "d" }), "bc", "from and to");
    same(await keys({ from: "aa", to: "cc" }), "bc", "between keys");
    same(await keys({ limit: 2 }), "ab", "limit");
    same(await keys({ limit: 0 }), "", "limit 0");
    same(await keys({ limit: 99 }), "abcde", "limit beyond the end");
    same(await keys({ reverse: true }), "edcba", "reverse");
    same(await keys({ reverse: true, limit: 2 }), "ed", "reverse with limit");
    same(await keys({ from: "b", to: "e", reverse: true, limit: 2 }), "dc", "all four");
    same(await keys({ from: "d", to: "b" }), "", "from after to");
    same(await keys({ from: "c", to: "c" }), "", "from equal to to");
  }),
];

const writing: readonly Check<StoreBed>[] = [
  check("a second write replaces, null deletes, and deleting nothing is allowed", async (store) => {
    await store.commit([put("own", "k", 1), put("own", "stays", 7)]);
    await store.commit([put("own", "k", 2)]);
    same(await store.get("own", "k"), bytes(2), "replaced");
    await store.commit([gone("own", "k"), gone("own", "never")]);
    same(await store.get("own", "k"), undefined, "deleted");
    same(keysOf(await store.entries("own")), ["stays"], "what is left");
  }),
  check("within one commit the last write to a key wins", async (store) => {
    await store.commit([
      put("own", "k", 1),
      gone("own", "k"),
      put("own", "k", 3),
      put("own", "l", 1),
      gone("own", "l"),
    ]);
    same(await store.entries("own"), [["k", bytes(3)]], "entries");
  }),
  check("a commit of nothing does nothing", async (store) => {
    await store.commit([]);
    same(await store.entries("own"), [], "entries");
  }),
  check("commits begun one after the other apply in that order", async (store) => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.commit([put("state", "k", i), put("journal", numericKey(i), i)])),
    );
    same(await store.get("state", "k"), bytes(19), "last");
    same((await store.entries("journal")).length, 20, "all");
  }),
  check("a commit that is refused leaves nothing behind: all or nothing", async (store) => {
    await store.commit([put("chain", "before", 1)]);
    const bad = { table: "nowhere", key: "k", value: bytes(1) } as unknown as Op;
    const error = await rejection(
      store.commit([put("chain", "a", 1), gone("chain", "before"), bad]),
      "commit to no table",
    );
    holds(error instanceof StoreError, "a StoreError");
    same(keysOf(await store.entries("chain")), ["before"], "chain");
  }),
  check("what was committed is there after closing and opening again", async (store, bed) => {
    await store.commit([put("chain", "a", 1), put("journal", "b", 2)]);
    await store.close();
    const again = await bed.open();
    same(await again.get("chain", "a"), bytes(1), "chain");
    same(await again.entries("journal"), [["b", bytes(2)]], "journal");
    await again.close();
  }),
  check("two handles see the same disk", async (store, bed) => {
    const other = await bed.open();
    await store.commit([put("meta", "k", 1)]);
    same(await other.get("meta", "k"), bytes(1), "seen by the other");
    await other.commit([gone("meta", "k")]);
    same(await store.get("meta", "k"), undefined, "deleted by the other");
    await other.close();
  }),
  check("wipe empties every table and the store goes on", async (store) => {
    await store.commit(TABLES.map((table) => put(table, "k", 1)));
    await store.wipe();
    for (const table of TABLES) same(await store.entries(table), [], table);
    await store.commit([put("settings", "k", 2)]);
    same(await store.get("settings", "k"), bytes(2), "after wipe");
  }),
  check("usage counts bytes", async (store) => {
    await store.commit([{ table: "chain", key: "k", value: new Uint8Array(100_000) }]);
    const { usedBytes, quotaBytes, persisted } = await store.usage();
    holds(usedBytes >= 100_000, `used ${usedBytes}`);
    holds(quotaBytes === 0 || quotaBytes >= usedBytes, `quota ${quotaBytes}`);
    holds(persisted === null || typeof persisted === "boolean", "persisted");
  }),
];

const failing: readonly Check<StoreBed>[] = [
  check("after close everything is refused as closed, and closing twice is allowed", async (store) => {
    await store.commit([put("chain", "k", 1)]);
    await store.close();
    await store.close();
    await expectCode(store.get("chain", "k"), "closed", "get");
    await expectCode(store.entries("chain"), "closed", "entries");
    await expectCode(store.commit([put("chain", "k", 2)]), "closed", "commit");
    await expectCode(store.wipe(), "closed", "wipe");
    await expectCode(store.usage(), "closed", "usage");
  }),
  check("close lets a commit that was begun finish", async (store, bed) => {
    const begun = store.commit([put("chain", "k", 1)]);
    await store.close();
    await begun;
    const again = await bed.open();
    same(await again.get("chain", "k"), bytes(1), "value");
    await again.close();
  }),
  check("a full disk says full, nothing of the commit is kept and nothing before it is lost", async (store, bed) => {
    if (bed.fill === undefined) return;
    await store.commit([put("journal", "counted", 1, 2, 3)]);
    const { restore } = await bed.fill();
    const large: Op = { table: "chain", key: "large", value: crypto.getRandomValues(new Uint8Array(60_000)) };
    const many = Array.from({ length: 400 }, (_, i): Op => ({ ...large, key: numericKey(i) }));
    await expectCode(store.commit([put("journal", "counted", 9), ...many]), "full", "commit");
    same(await store.get("journal", "counted"), bytes(1, 2, 3), "what was counted");
    same(await store.entries("chain"), [], "chain");
    if (restore === undefined) return;
    await restore();
    await store.commit([put("journal", "counted", 4)]);
    same(await store.get("journal", "counted"), bytes(4), "after space was freed");
  }),
  {
    name: "where the browser keeps no data, opening says denied",
    run: async (bed) => {
      if (bed.deny === undefined) return;
      await bed.deny();
      await expectCode(bed.open(), "denied", "open");
    },
  },
];

export const storeChecks: readonly Check<StoreBed>[] = [...reading, ...writing, ...failing];

/**
 * A tab that is killed at seeded moments while it fetches a community's state and records from a neighbour over real
 * PeerJS, while it prunes, and while it takes a backup (issue 5): it always comes to its neighbour's head and state, and
 * what it had signed is neither lost nor contradicted.
 */
import { randomBytes } from "node:crypto";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encode } from "../../worker/base/codec.ts";
import { signWith } from "../../worker/base/ed25519.ts";
import type { Millis } from "../../worker/base/units.ts";
import { firstStep, PRESETS } from "../../worker/community/presets.ts";
import { communityId, encodeContract } from "../../worker/community/contract.ts";
import { nativeEd25519 } from "../../worker/cli/native-ed25519.ts";
import type { Hub } from "../../worker/cli/hub.ts";
import { SyntheticChain, wordsOf } from "../../worker/lab/synthetic-chain.ts";
import { rowsOf } from "../../worker/lab/synthetic-rows.ts";
import { isRooted, type Table as LedgerTable } from "../../worker/ledger/rows.ts";
import { deltaKey, headsCodec, heightOfKey, readOwn } from "../../worker/node/disk.ts";
import { BODIES_KEPT, BUDGET_ROW, budgetCodec, DELTAS_KEPT } from "../../worker/node/pruning.ts";
import { sealBackup } from "../../worker/shell/backup-file.ts";
import { identityOp } from "../../worker/shell/identity.ts";
import { kindOp } from "../../worker/shell/kinds.ts";
import { spareRow, isPrecious } from "../../worker/storage/spare.ts";
import type { Op } from "../../worker/storage/store.ts";
import { REAL, SMALL } from "../lab/synthetic.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { openMember, type Member } from "./member.ts";
import { crash, layDisk, readDisk, type Row } from "./raw-disk.ts";
import { ownRowsOf } from "./signed-rows.ts";

const SEED = 55;
/** 50 of each kind with COMMONWATT_KILLS=50. */
const KILLS = Number(process.env["COMMONWATT_KILLS"] ?? 2);
/** Beyond a thousand blocks there are bodies to prune, too; making them takes half a minute. */
const STEPS = KILLS >= 50 ? BODIES_KEPT + 200 : 330;
/** Deltas of branches long gone, so that pruning takes a while. */
const OLD_DELTAS = 4_000;
const MOST_LOOKS = 100;
const PASSPHRASE = "roof and cellar";
const [HEALTHY, KILLED] = [0, 1];

let hub: Hub;
let browser: Browser;
let neighbour: Member;
let killed: Member;
let chain: SyntheticChain;
/** What a full node has of the chain, with every delta. */
let records: readonly Op[];
let deltas: readonly Op[];
/** What the killed device alone has: keys, a meter with its journal, votes. */
let own: readonly Op[];

const seeded = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};
const random = seeded(SEED);
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const withSpares = (ops: readonly Op[]): Op[] =>
  ops.flatMap((op) => {
    const isSpared = isPrecious(op.table, op.key) && op.value !== null;
    return isSpared ? [op, { table: "spare", ...spareRow(op.table, op.key, op.value) } as const] : [op];
  });
const isPreciousRow = ({ table, key }: Op): boolean => isPrecious(table, key);
const identityRows = (member: number): Op[] => {
  const { signed, plan } = chain;
  const identity = {
    words: wordsOf(plan.seed, member),
    name: `Member ${member}`,
    contract: encodeContract(signed),
    invitation: null,
    addresses: [],
    since: signed.contract.t0,
  };
  return [identityOp(identity), kindOp({ choice: "full", lastFull: null, needed: true })];
};

/** In the page: its node's worker, for what screens ask of it. */
const keepWorker = (): void => {
  globalThis.Worker = class extends globalThis.Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      if (String(url).includes("node.worker")) Object.assign(globalThis, { nodeWorker: this });
    }
  };
};

beforeAll(async () => {
  const { stepMs } = PRESETS.paper;
  const t0 = firstStep(Date.now() as Millis, stepMs) - STEPS * stepMs;
  const plan = { ...SMALL, seed: "killed", t0, steps: STEPS, members: 3, founders: 3, changes: 0, auctionEvery: 0 };
  chain = new SyntheticChain(plan, REAL);
  const ed25519 = nativeEd25519();
  chain.signAll((secret) => signWith(secret, ed25519.signer(secret)));
  const changes: Op[] = [];
  records = [...rowsOf(chain, (_, ops) => changes.push(...ops.filter(({ key }) => key.startsWith("delta/"))))];
  deltas = changes;
  own = [...(await ownRowsOf(chain, records, KILLED)), ...identityRows(KILLED)];
  [hub, browser] = await Promise.all([startApp(), launchBrowser()]);
  const open = async (name: string, rows: readonly Op[]): Promise<Member> => {
    const member = await openMember(browser, hub.url, "", { name, before: keepWorker });
    await member.closePage();
    await layDisk(member.context, hub.url, withSpares(rows));
    return member;
  };
  neighbour = await open("Healthy", [...records, ...identityRows(HEALTHY)]);
  killed = await open("Killed", own);
  await neighbour.reopen();
  await neighbour.until("its head", (view) => view.head !== null);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

const disk = (member: Member): Promise<Row[]> => readDisk(member.context, hub.url);
const kill = async (): Promise<void> => {
  const { page } = killed;
  await (random() < 0.5 ? crash(page) : page.close());
};
const mapOf = (rows: readonly Row[], table: string, prefix = ""): Map<string, string> =>
  new Map(
    rows
      .filter((row) => row.table === table && row.key.startsWith(prefix))
      .map(({ key, value }) => [key, Buffer.from(value).toString("hex")]),
  );
const headsIn = (rows: readonly Row[]): { readonly head: string; readonly height: number } | null => {
  const raw = rows.find(({ table, key }) => table === "meta" && key === "heads")?.value;
  return raw === undefined ? null : readOwn(headsCodec, raw, "list of heads");
};

/** Rows of what it may sign once only. */
const OWN = /^own\/(vote|candidacy|winner|refund|block)\//;
/** Everything that this device signed in all its lives, and what of it the disk never may have lost. */
class Journal {
  readonly #signed = new Map<string, string>();
  readonly #kept: ReadonlyMap<string, string>;
  /** What the meter counted goes on, and is never without its last entry. */
  readonly #counted: readonly string[];
  constructor(rows: readonly Op[]) {
    const precious = rows.flatMap(({ table, key, value }) =>
      /^own\/(identity|meter\/)/.test(`${table}/${key}`) && value !== null
        ? [[`${table}/${key}`, Buffer.from(value).toString("hex")] as const]
        : [],
    );
    this.#kept = new Map(precious);
    this.#counted = rows.filter(({ table }) => table === "journal").map(({ key }) => key);
    for (const { table, key, value } of rows)
      if (OWN.test(`${table}/${key}`) && value !== null)
        this.#signed.set(`${table}/${key}`, Buffer.from(value).toString("hex"));
  }
  /** What is lost or contradicted. */
  faults(rows: readonly Row[]): string[] {
    const faults: string[] = [];
    const now = new Map(rows.map(({ table, key, value }) => [`${table}/${key}`, Buffer.from(value).toString("hex")]));
    for (const [path, value] of this.#kept) if (now.get(path) !== value) faults.push(`${path} is lost`);
    for (const key of this.#counted.filter((k) => k.endsWith("/count")))
      if (!now.has(`journal/${key}`)) faults.push(`journal/${key} is lost`);
    for (const [path, value] of now) {
      if (!OWN.test(path)) continue;
      if ((this.#signed.get(path) ?? value) !== value) faults.push(`${path} is contradicted`);
      this.#signed.set(path, value);
    }
    return faults;
  }
  get size(): number {
    return this.#signed.size;
  }
}

const rooted = (rows: readonly Row[]): Map<string, string> =>
  new Map([...mapOf(rows, "state")].filter(([path]) => isRooted(path.slice(0, path.indexOf("/")) as LedgerTable)));
/** How far the fetching is, for the report and to know when to begin anew. */
const stageOf = (rows: readonly Row[]): "nothing" | "chunks" | "state" | "hashes" | "blocks" | "all" => {
  const heads = headsIn(rows);
  if (heads === null) return mapOf(rows, "chain", "snap/").size > 0 ? "chunks" : "nothing";
  const bodies = [...mapOf(rows, "chain", "body/").keys()].map(heightOfKey);
  if (new Set(bodies).size > heads.height) return "all";
  if (bodies.length > 2) return "blocks";
  return mapOf(rows, "chain", "hashes/").size > 0 ? "hashes" : "state";
};
const whole = async (): Promise<Row[]> => {
  for (;;) {
    const rows = await disk(killed);
    if (stageOf(rows) === "all") return rows;
    await pause(200);
  }
};

/** Both have one head, one state and the same blocks; a step that ends meanwhile is waited for. */
const same = async (): Promise<void> => {
  for (let i = 0; ; i++) {
    const [ours, theirs] = [await disk(killed), await disk(neighbour)];
    if (headsIn(ours)?.head !== headsIn(theirs)?.head && i < MOST_LOOKS) {
      await pause(200);
      continue;
    }
    expect(headsIn(ours)).toMatchObject({ head: headsIn(theirs)?.head as string });
    expect(rooted(ours)).toEqual(rooted(theirs));
    return expect(mapOf(ours, "chain", "body/")).toEqual(mapOf(theirs, "chain", "body/"));
  }
};

test(`killed ${KILLS} times while it fetches state and records, it has its neighbour's`, async () => {
  const journal = new Journal(own);
  const begun = performance.now();
  await killed.reopen();
  await killed.until("the neighbour's head", (view) => (view.head?.height ?? 0) >= chain.head.header.height);
  const first = performance.now() - begun;
  await whole();
  const long = performance.now() - begun;
  const stages = new Map<string, number>();
  for (let i = 0; i < KILLS; i++) {
    await kill();
    const rows = await disk(killed);
    expect(journal.faults(rows), `kill ${i}`).toEqual([]);
    const stage = stageOf(rows);
    stages.set(stage, (stages.get(stage) ?? 0) + 1);
    // Another fetching, by a device that has forgotten nothing else.
    if (stage === "all") await layDisk(killed.context, hub.url, withSpares(rows.filter(isPreciousRow)));
    await killed.reopen();
    await pause(random() * first);
  }
  await killed.until("the neighbour's head", (view) => (view.head?.height ?? 0) >= chain.head.header.height);
  const rows = await whole();
  process.stdout.write(`fetching: head after ${Math.round(first)} ms, all after ${Math.round(long)} ms; killed with `);
  process.stdout.write(`${[...stages].map(([stage, n]) => `${stage} ${n}`).join(", ")}; ${journal.size} signed rows\n`);
  expect(journal.faults(rows)).toEqual([]);
  expect(journal.size).toBeGreaterThan(0);
  expect(mapOf(rows, "chain", "snap/").size).toBe(0);
  await same();
}, 900_000);

test(`killed ${KILLS} times while it prunes, it has what it is to keep and no more`, async () => {
  await killed.closePage();
  const pruned: Op[] = Array.from({ length: OLD_DELTAS }, (_, i) => ({
    table: "chain",
    key: deltaKey(1, i.toString(16).padStart(64, "0") as never),
    value: new Uint8Array(100),
  }));
  const budget: Op = { table: "settings", key: BUDGET_ROW, value: encode(budgetCodec, { bodies: 0 }) };
  const lay = (mine: readonly Op[]): Promise<void> =>
    layDisk(killed.context, hub.url, withSpares([...records, ...deltas, ...pruned, ...mine, budget]));
  const journal = new Journal(own);
  // What it has signed in the test before is its own still.
  await lay((await disk(killed)).filter(isPreciousRow));
  const top = chain.head.header.height - 1;
  const left = (rows: readonly Row[]): number => {
    const old = (prefix: string, below: number): number =>
      [...mapOf(rows, "chain", prefix).keys()].filter((key) => heightOfKey(key) > 0 && heightOfKey(key) < below).length;
    return old("delta/", top - DELTAS_KEPT) + old("body/", top - BODIES_KEPT);
  };
  const lefts: number[] = [];
  for (let i = 0; i < KILLS; i++) {
    await killed.reopen();
    await pause(300 + random() * 1_500);
    await kill();
    const rows = await disk(killed);
    expect(journal.faults(rows), `kill ${i}`).toEqual([]);
    expect(headsIn(rows)?.height, `kill ${i}`).toBeGreaterThanOrEqual(chain.head.header.height);
    const heights = [...mapOf(rows, "chain", "delta/").keys()].map(heightOfKey);
    const needed = Array.from({ length: DELTAS_KEPT }, (_, n) => top - n).filter((h) => h > 0);
    expect(heights).toEqual(expect.arrayContaining(needed));
    lefts.push(left(rows));
    if (left(rows) === 0) await lay(rows.filter(isPreciousRow));
  }
  process.stdout.write(`pruning: ${lefts.join(", ")} rows too many when killed\n`);
  await killed.reopen();
  await killed.until("its head", (view) => (view.head?.height ?? 0) >= chain.head.header.height);
  for (let i = 0; left(await disk(killed)) > 0 && i < MOST_LOOKS; i++) await pause(200);
  const rows = await disk(killed);
  expect(journal.faults(rows)).toEqual([]);
  expect(rooted(rows)).toEqual(rooted(await disk(neighbour)));
  expect(left(rows)).toBe(0);
  expect(Math.min(...[...mapOf(rows, "chain", "body/").keys()].map(heightOfKey))).toBe(0);
}, 900_000);

test(`killed ${KILLS} times while it takes a backup, it has nothing of it or all`, async () => {
  await killed.closePage();
  const { contract } = chain.signed;
  const keys = chain.keys[KILLED];
  if (keys === undefined) throw new Error("a member has keys");
  const rows = own.flatMap(({ table, key, value }) =>
    (table === "own" || table === "journal" || table === "settings" || table === "home") && value !== null
      ? [{ table, key, value }]
      : [],
  );
  const file = await sealBackup(
    {
      made: Date.now(),
      community: communityId(contract),
      communityName: contract.name,
      member: keys.memberKey,
      memberName: "Member 1",
      rows,
    },
    PASSPHRASE,
    (length) => new Uint8Array(randomBytes(length)),
    () => {},
    { logN: 8, r: 8, p: 1 },
  );
  if (!file.ok) throw new Error(file.error.message);
  const take = async (): Promise<void> => {
    await killed.until("a fresh device", (view) => view.phase === "welcome");
    await killed.page.evaluate(
      ([bytes, passphrase]) => {
        const { nodeWorker } = globalThis as unknown as { nodeWorker: Worker };
        const command = { kind: "command", build: "" } as const;
        nodeWorker.postMessage({
          ...command,
          id: 1_000_001,
          name: "read-backup",
          ask: { file: Uint8Array.from(bytes), passphrase },
        });
        nodeWorker.addEventListener("message", ({ data }: MessageEvent) => {
          if (data.kind === "answer" && data.id === 1_000_001)
            nodeWorker.postMessage({ ...command, id: 1_000_002, name: "restore-backup", ask: {} });
        });
      },
      [[...file.value], PASSPHRASE] as const,
    );
  };
  let taken = 0;
  for (let i = 0; i < KILLS; i++) {
    await layDisk(killed.context, hub.url, []);
    await killed.reopen();
    await take();
    await pause(random() * 250);
    await kill();
    const left = await disk(killed);
    const isTaken = mapOf(left, "own", "identity").size > 0;
    if (isTaken) taken += 1;
    const rowsLeft = left.filter(({ table }) => ["own", "journal", "home"].includes(table));
    expect(isTaken ? new Journal(own).faults(left) : rowsLeft, `kill ${i}`).toEqual([]);
  }
  process.stdout.write(`backup: taken ${taken} times of ${KILLS} when killed\n`);
  await layDisk(killed.context, hub.url, []);
  await killed.reopen();
  await take();
  await killed.until("the neighbour's head", (view) => (view.head?.height ?? 0) >= chain.head.header.height);
  expect(new Journal(own).faults(await disk(killed))).toEqual([]);
}, 900_000);

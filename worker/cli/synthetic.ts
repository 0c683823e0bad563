/**
 * `commonwatt synthetic`: makes a chain of made-up members and sunshine, as long as wanted, and writes it to a file of
 * rows that benches and browser tests begin with. Says what a block costs in bytes by day and by night.
 */
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { encodeBlock } from "../consensus/block.ts";
import { SyntheticChain, YEAR, type SyntheticPlan } from "../lab/synthetic-chain.ts";
import { packRow, rowsOf } from "../lab/synthetic-rows.ts";
import { signWith } from "../base/ed25519.ts";
import { EXIT_OK, type Command, type Io } from "./command.ts";
import { nativeEd25519 } from "./native-ed25519.ts";
import { wholeNumber } from "./simulate.ts";
import { startWasmBls } from "./wasm-bls.ts";

const HELP = `Usage: commonwatt synthetic [--steps N] [--members N] [--changes N] [--roofs N] [--standing N] [--every N] [--out FILE]

Makes a valid chain of made-up members, quickly, and measures it.

  --steps N     market steps of a quarter of an hour (default ${YEAR.steps}, a year)
  --members N   (default ${YEAR.members})
  --changes N   of membership (default ${YEAR.changes})
  --roofs N     generators (default one for five members)
  --every N     steps from one auction to the next (default ${YEAR.auctionEvery}; 0: none)
  --standing N  candidates in an auction (default ${YEAR.candidates})
  --out FILE    where to write its rows
`;
const OPTIONS = {
  steps: { type: "string" },
  members: { type: "string" },
  changes: { type: "string" },
  roofs: { type: "string" },
  every: { type: "string" },
  standing: { type: "string" },
  out: { type: "string" },
} as const;
/** So many members let in the others, where the community is larger than a contract may be. */
const MOST_FOUNDERS = 200;
const FEW_FOUNDERS = 40;

const planOf = (values: Partial<Record<keyof typeof OPTIONS, string>>): SyntheticPlan => {
  const members = wholeNumber(values.members, "members", YEAR.members, 1);
  const founders = members > MOST_FOUNDERS ? FEW_FOUNDERS : members;
  return {
    ...YEAR,
    members,
    founders,
    steps: wholeNumber(values.steps, "steps", YEAR.steps, 1),
    changes: wholeNumber(values.changes, "changes", YEAR.changes, 0),
    roofs: Math.min(founders, wholeNumber(values.roofs, "roofs", Math.ceil(members / 5), 0)),
    auctionEvery: wholeNumber(values.every, "every", YEAR.auctionEvery, 0),
    candidates: wholeNumber(values.standing, "standing", YEAR.candidates, 0),
  };
};

class Sizes {
  blocks = 0;
  sent = 0;
  packed = 0;
  delta = 0;
  add(sent: number, packed: number, delta: number): void {
    this.blocks += 1;
    this.sent += sent;
    this.packed += packed;
    this.delta += delta;
  }
  says(when: string): string {
    const of = (sum: number): string => (sum / Math.max(1, this.blocks)).toFixed(0);
    return `${when}: ${this.blocks} blocks, ${of(this.sent)} B sent, ${of(this.packed)} B kept, ${of(this.delta)} B of delta each\n`;
  }
}

const run = async (args: readonly string[], io: Io): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  const plan = planOf(values);
  const chain = new SyntheticChain(plan, await startWasmBls());
  const ed25519 = nativeEd25519();
  chain.signAll((secret) => signWith(secret, ed25519.signer(secret)));
  const out = values.out === undefined ? null : resolve(io.cwd, values.out);
  if (out !== null) mkdirSync(dirname(out), { recursive: true });
  const file = out === null ? null : createWriteStream(out);
  const began = performance.now();
  const [day, night] = [new Sizes(), new Sizes()];
  const sizes = (prefix: string, ops: readonly { key: string; value: Uint8Array | null }[]): number =>
    ops.find((op) => op.key.startsWith(prefix))?.value?.length ?? 0;
  // Who founds, and lets in the others, is no ordinary day.
  const settled = Math.ceil((plan.members - plan.founders) / plan.founders) + 8;
  let bytes = 0;
  const rows = rowsOf(chain, (node, ops) => {
    if (node.header.height < settled) return;
    const isDay = node.block.txs.some(({ body }) => body.kind === "generation");
    (isDay ? day : night).add(encodeBlock(node.block).length, sizes("body/", ops), sizes("delta/", ops));
    if (io.interactive && node.header.height % 100 === 0) io.stderr(`\r${node.header.step} of ${plan.steps} steps `);
  });
  for (const row of rows) {
    const packed = packRow(row);
    bytes += packed.length;
    if (file !== null && !file.write(packed)) await once(file, "drain");
    if (io.stop.aborted) break;
  }
  if (file !== null) {
    file.end();
    await once(file, "finish");
  }
  const seconds = (performance.now() - began) / 1_000;
  const { height } = chain.head.header;
  io.stdout(`${plan.members} members, ${plan.roofs} roofs: ${height} blocks in ${seconds.toFixed(1)} s\n`);
  io.stdout(day.says("day") + night.says("night"));
  const state = chain.state.paths("").reduce((sum, path) => sum + (chain.state.row(path)?.bytes.length ?? 0), 0);
  io.stdout(`state: ${chain.state.paths("").length} rows, ${state} B; file: ${bytes} B\n`);
  return EXIT_OK;
};

export const syntheticCommand: Command = {
  name: "synthetic",
  summary: "Make a long chain of made-up members, quickly, and measure it",
  help: HELP,
  run,
};

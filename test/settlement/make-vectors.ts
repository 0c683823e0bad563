/**
 * Writes test/vectors/bundles.json anew: proof bundles of small communities with fixed seeds, and altered ones with the
 * place that must be named. Run on purpose only: npx tsx test/settlement/make-vectors.ts
 */
import { writeFileSync } from "node:fs";
import { toHex } from "../../worker/base/bytes.ts";
import { checkBundle } from "../../worker/settlement/bundle-check.ts";
import { alterations, cutOf, facts, refusedAt, second } from "./alterations.ts";
import { grownTrial, plainTrial, proofOf } from "./proofs.ts";

const plain = await plainTrial();
const grown = await grownTrial();
const bundles = [
  { name: "step", about: "One step of one member; nobody came or went.", raw: await proofOf(plain, 1, 3, 3) },
  { name: "day", about: "All steps of a short day.", raw: await proofOf(plain, 2, 1, 8) },
  {
    name: "grown",
    about: "Two members came in; the founders still awake are no quorum of them, so hand-overs are in it.",
    raw: await proofOf(grown, 1, 1, 17),
  },
];
const base = new Map(bundles.map(({ name, raw }) => [name, raw]));
const all = alterations(base);
const said = second(all.map(({ raw }) => raw));
const altered = all.map(({ name, of, raw }, i) => {
  const found = checkBundle(raw);
  if (found.ok) throw new Error(`${name} holds`);
  const { at, remove, insert, seal } = cutOf(base.get(of) ?? raw, raw);
  return {
    name,
    of,
    at,
    remove,
    insert: toHex(insert),
    seal: seal === null ? null : toHex(seal),
    code: found.error.code,
    place: String(found.error.data?.["place"]),
    placeWithoutSignatures: refusedAt(said[i]),
  };
});
const file = {
  about:
    "Proof bundles (worker/PROTOCOL.md section 12). `altered`: from byte `at` of the bundle `of`, `remove` bytes give way to " +
    "`insert`, and the last 32 bytes to `seal` unless that is null; the whole is refused at `place`. `placeWithoutSignatures` is where who checks no signature refuses it; null: nowhere.",
  bundles: bundles.map(({ name, about, raw }) => ({ name, about, facts: facts(raw), hex: toHex(raw) })),
  altered,
};
writeFileSync(new URL("../vectors/bundles.json", import.meta.url), `${JSON.stringify(file, null, 2)}\n`);

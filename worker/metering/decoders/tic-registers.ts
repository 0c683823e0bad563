/**
 * The energy of a TIC frame: injected EAIT and drawn EAST in standard mode (Enedis-NOI-CPT_54E v3, §6.2), the indexes of
 * the subscribed tariff in historique (§6.1), which has none of injection. All in whole Wh. Knows nothing of frames'
 * bytes, only which groups arrived whole, which were damaged and which contradict each other.
 *
 * An EAIT of 0 in a meter whose status (STGE) says consumer would stay 0: it is no register. In historique a register of
 * one tariff alone would stand still for hours, so all of the subscribed option must be there.
 */
import { refused, type DecodeEvent, type Needs } from "../reading.ts";
import { energiesOf, type Energies, type Found } from "./needed.ts";
import type { TicGroup, TicMode } from "./tic-group.ts";

const WH = 1_000;

const SENTENCES = {
  "bad-checksum":
    "This frame arrived damaged; if it goes on, check the two wires at I1 and I2, the adapter, and the port's speed (9600 in standard mode).",
  "contradictory-registers":
    "An energy index stands twice in this frame with different values; check the wires for a loose contact.",
  "unreadable-register":
    "An energy index of this frame cannot be read; if it happens every time, report the meter's type to the project.",
  "no-export-register":
    "This meter sends no injection index (EAIT); ask Enedis to set it to producer mode, which a contract for your surplus brings with it, and your supplier to switch the TIC to standard mode.",
} as const;

const HISTORIQUE =
  "This meter's TIC is in historique mode, which has no injection index; ask your supplier to switch it to standard mode, then choose 9600 baud.";

type Codes = keyof typeof SENTENCES;
const reject = (code: Codes, data?: Record<string, string | number>): DecodeEvent =>
  refused(code, SENTENCES[code], data);

/** The indexes of each subscribed option; BBR's fourth letter says how the heating is driven. */
const OPTIONS: readonly (readonly [option: RegExp, indexes: readonly string[]])[] = [
  [/^BASE$/, ["BASE"]],
  [/^HC\.\.$/, ["HCHC", "HCHP"]],
  [/^EJP\.$/, ["EJPHN", "EJPHPM"]],
  [/^BBR.$/, ["BBRHCJB", "BBRHPJB", "BBRHCJW", "BBRHPJW", "BBRHCJR", "BBRHPJR"]],
];

/** Labels whose values must not be damaged or contradict each other where they are used. */
export const TIC_REGISTERS: readonly string[] = ["EAIT", "EAST", ...OPTIONS.flatMap(([, indexes]) => indexes)];
/** What tells which registers count. */
export const TIC_STATES: readonly string[] = ["OPTARIF", "STGE"];

export type TicFrame = {
  readonly groups: ReadonlyMap<string, TicGroup>;
  /** Groups whose checksum agreed, and those whose did not. */
  readonly good: number;
  readonly damaged: number;
  /** Registers of which a damaged group surely was one. */
  readonly hurt: ReadonlySet<string>;
  /** Registers that stand twice with different values. */
  readonly twice: ReadonlySet<string>;
  readonly mode: TicMode | null;
};

/** Nine digits of Wh; null for anything else. */
const whOf = ({ data }: TicGroup): number | null => (/^\d{9}$/.test(data) ? Number(data) : null);

/** The sum of these registers; null when none is there and nothing says that it was. */
const sumOf = (frame: TicFrame, labels: readonly string[]): Found => {
  const { groups, damaged, good } = frame;
  if (labels.some((label) => frame.twice.has(label))) return reject("contradictory-registers");
  const present = labels.flatMap((label) => groups.get(label) ?? []);
  const lacks = present.length < labels.length;
  if (labels.some((label) => frame.hurt.has(label)) || (lacks && damaged > 0))
    return reject("bad-checksum", { damaged, good });
  if (present.length === 0) return null;
  const values = present.map(whOf);
  let sum = 0;
  for (const wh of values) {
    if (wh === null || lacks) return reject("unreadable-register");
    sum += wh;
  }
  return { value: sum * WH, unit: WH };
};

/** STGE, eight hex digits: bit 8 is set in producer mode (§6.2.3.14). */
const isConsumer = (group: TicGroup | undefined): boolean =>
  group !== undefined && /^[0-9A-F]{8}$/.test(group.data) && (Number.parseInt(group.data, 16) & 0x100) === 0;

const exportOf = (frame: TicFrame): Found => {
  const found = sumOf(frame, ["EAIT"]);
  const still = found !== null && "value" in found && found.value === 0 && isConsumer(frame.groups.get("STGE"));
  return still ? null : found;
};

const importOf = (frame: TicFrame): Found => {
  if (frame.mode !== "historique") return sumOf(frame, ["EAST"]);
  const { groups, damaged, good } = frame;
  const option = groups.get("OPTARIF");
  // Without the option nobody knows how many indexes there are.
  if (option === undefined) return damaged > 0 ? reject("bad-checksum", { damaged, good }) : null;
  const indexes = OPTIONS.find(([pattern]) => pattern.test(option.data))?.[1];
  return indexes === undefined ? reject("unreadable-register", { option: option.data }) : sumOf(frame, indexes);
};

/**
 * Refusals: `bad-checksum` for an index that may have been damaged, `contradictory-registers`, `unreadable-register`,
 * `no-export-register`, `no-import-register`.
 */
export const readTicEnergies = (frame: TicFrame, needs: Needs): Energies | DecodeEvent => {
  const { mode } = frame;
  const noExport = (): DecodeEvent =>
    mode === "historique" ? refused("no-export-register", HISTORIQUE, { mode }) : reject("no-export-register");
  return energiesOf(needs, exportOf(frame), importOf(frame), noExport);
};

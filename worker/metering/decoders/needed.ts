/**
 * Which of a telegram's two energy registers it must carry to be a reading: a generation meter's export (§IV.B.1), or what
 * came from the grid, of a household that only buys (§IV.B.3). What all decoders of registers have in common once their
 * totals are known; knows nothing of how these were written.
 */
import { mwh } from "../../base/units.ts";
import { refused, type DecodeEvent, type Needs, type Reading } from "../reading.ts";

/** mWh, and what the register's last digit is worth. */
export type Total = { readonly value: number; readonly unit: number };

/** The refusal of a register that cannot be used; null where the meter sends none. */
export type Found = Total | DecodeEvent | null;

export type Energies = Pick<Reading, "exportMwh" | "importMwh" | "resolutionMwh">;

const NO_IMPORT =
  "This meter does not send what comes from the grid (1.8.x); read the household's own grid meter instead, or enter the meter's PIN so that it shows all values.";

const isTotal = (found: Found): found is Total => found !== null && !("kind" in found);
const mwhOf = (found: Found): Reading["importMwh"] => (isTotal(found) ? mwh(found.value) : null);

export const isEnergies = (x: Energies | DecodeEvent): x is Energies => !("kind" in x);

/**
 * What a reading says of energy; the register that is not needed is null where there is none that can be used.
 * Refusals: the one of the needed register, `no-export-register`, `no-import-register`.
 */
export const energiesOf = (
  needs: Needs,
  exported: Found,
  imported: Found,
  noExport: () => DecodeEvent,
): Energies | DecodeEvent => {
  const onlyImport = needs === "import" || (needs === "either" && exported === null && imported !== null);
  const needed = onlyImport ? imported : exported;
  if (needed === null) return onlyImport ? refused("no-import-register", NO_IMPORT) : noExport();
  if (!isTotal(needed)) return needed;
  return { exportMwh: mwhOf(exported), importMwh: mwhOf(imported), resolutionMwh: needed.unit };
};

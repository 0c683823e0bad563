/**
 * Which of a meter's registers counts for what (§IV.B.1, §IV.B.3): a generation meter's export is signed and shared, what
 * came from the grid stays at home; a meter for consumption has only the latter. Knows nothing of ports and screens.
 */
import type { MilliwattHours } from "../base/units.ts";
import type { Needs, Reading } from "../metering/reading.ts";
import type { MeterView } from "../port-meter.ts";
import type { MeterRole } from "../port-home.ts";

/** What a telegram must say to be a reading for it. */
export const needsOf = (role: MeterRole): Needs => (role === "generation" ? "export" : "import");

/** What came from the grid; null where this meter does not say. Pulses have no direction: the role gives them one. */
export const importOf = (reading: Reading, role: MeterRole): MilliwattHours | null =>
  reading.importMwh ?? (role === "consumption" && reading.counter !== null ? reading.exportMwh : null);

/** The register that a meter is paired for; null when it does not send it. */
export const registerOf = (reading: Reading, role: MeterRole): MilliwattHours | null =>
  role === "generation" ? reading.exportMwh : importOf(reading, role);

export const powerOf = (reading: Reading, role: MeterRole): number | null =>
  role === "generation" || reading.counter !== null ? reading.powerExportW : reading.powerImportW;

/** What a screen says of the grid beside a meter. @param liveW of the register that the meter is paired for. */
export const gridOf = (reading: Reading | null, role: MeterRole, liveW: number | null): MeterView["grid"] => {
  const register = reading === null ? null : importOf(reading, role);
  if (reading === null || register === null) return null;
  return { registerMwh: register, liveW: role === "consumption" ? liveW : reading.powerImportW };
};

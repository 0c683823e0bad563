/** A port that is listened to, for the screenshots: in the middle of it, or with a Linky found. Pure. */
import type { ListeningView, ProbeView } from "../../worker/port-meter.ts";
import type { FixtureOptions } from "./fixture-view.ts";

const probe = (baudRate: number, seven: boolean, state: ProbeView["state"]): ProbeView => ({
  line: { baudRate, dataBits: seven ? 7 : 8, parity: seven ? "even" : "none" },
  protocols: ["p1"],
  asks: baudRate === 300,
  ms: 12_000,
  state,
});

export const fixtureListening = ({ now }: FixtureOptions, found: boolean): ListeningView => ({
  via: "serial",
  port: { usbVendorId: 0x0403, usbProductId: 0x6001 },
  state: found ? "live" : "probing",
  probes: [
    probe(115_200, false, "wrong-settings"),
    probe(9_600, false, "wrong-settings"),
    probe(9_600, true, found ? "meter" : "running"),
    probe(2_400, false, "waiting"),
    probe(1_200, true, "waiting"),
    probe(300, true, "waiting"),
  ],
  since: now - 4_000,
  bytes: 812,
  trouble: null,
  found: found
    ? {
        kind: "meter",
        protocol: "tic",
        line: { baudRate: 9_600, dataBits: 7, parity: "even" },
        pulseInput: "rx",
        refusal: null,
        registers: { export: true, import: true },
        impPerKwh: null,
      }
    : null,
  live: found
    ? {
        exportMwh: 7_412_331_000,
        importMwh: 1_204_558_000,
        resolutionMwh: 1_000,
        powerExportW: 2_310,
        powerImportW: 0,
        pulses: null,
        telegrams: 14,
        refused: 0,
        lastRefusal: null,
        lastAt: now,
      }
    : null,
});

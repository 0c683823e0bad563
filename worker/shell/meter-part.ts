/**
 * What only a device with a meter needs, in one piece that is loaded when it does: the meters at work, listening before
 * pairing, and all the decoders behind them.
 */
import { Meters, type MetersOptions } from "./meters.ts";
import { decodeSettings } from "./meter-settings.ts";
import { Recogniser } from "./recognising.ts";

export type MeterPart = {
  readonly meters: Meters;
  readonly recogniser: Recogniser;
  readonly decodeSettings: typeof decodeSettings;
};

export const openMeterPart = (options: MetersOptions): MeterPart => ({
  meters: new Meters(options),
  recogniser: new Recogniser({ clock: options.clock, onChange: options.onChange }),
  decodeSettings,
});

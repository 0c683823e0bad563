/**
 * The part of the port (worker/port.ts) about meters: those of this device, what is known of one that is being paired,
 * and how accurate it would be. Plain data: energy in integer mWh, where that is too coarse in micro-Wh; power in W,
 * times in ms since 1970.
 */
import type { GridView, MeterRole } from "./port-home.ts";

export type MeterView = {
  readonly id: string;
  readonly label: string;
  readonly protocol: MeterProtocol;
  readonly state: "waiting-port" | "listening" | "counting" | "silent" | "unplugged" | "stopped" | "other-meter";
  /** The meter's own export register as last read. */
  readonly registerMwh: number | null;
  readonly liveW: number | null;
  readonly lastReading: number | null;
  readonly generator: number | null;
  readonly registered: "no" | "proposed" | "yes";
  /** V in mWh and the verdict of the accuracy budget (§IV.B.1). */
  readonly quantumMwh: number;
  readonly resolutionMwh: number;
  readonly meetsBudget: boolean;
  readonly refusedTelegrams: number;
  readonly lastRefusal: string | null;
  /** While it is stopped: the last register believed, and the one that was not. */
  readonly stop: { readonly beforeMwh: number; readonly nowMwh: number } | null;
  readonly countedNotBookedMwh: number;
  readonly role: MeterRole;
  /** Null where the meter says nothing of the grid. Of a meter for consumption `registerMwh` is the same. */
  readonly grid: GridView | null;
};

/** As in metering/reading.ts, where each is described. */
export type MeterProtocol = "p1" | "s0" | "tic" | "iec" | "sml" | "dlms" | "pulse";

/** Where raw pulses come in: RX, or one of an adapter's modem lines. */
export type PulseInput = "rx" | "cts" | "dsr" | "dcd" | "ri";

export type MeterSettings = {
  readonly label: string;
  /** Generation when left out. A meter for consumption has no plate that matters: its figures may be 0. */
  readonly role?: MeterRole;
  readonly protocol: MeterProtocol;
  readonly baudRate: number;
  /** What the protocol usually has at that rate, when left out. */
  readonly dataBits?: 7 | 8;
  readonly parity?: "none" | "even" | "odd";
  /** The smallest step of the register as it was seen while pairing; the protocol's usual one when left out. */
  readonly resolutionMwh?: number | null;
  /** Only for raw pulses; RX when left out. */
  readonly pulseInput?: PulseInput;
  /** Only for pulses. */
  readonly impPerKwh: number | null;
  readonly phases: 1 | 3;
  /** From the meter's marking, e.g. 0.25-5(60) A, in mA. */
  readonly iMinMa: number;
  readonly accuracyClass: "A" | "B" | "C";
  readonly pMaxW: number;
  /** Web Serial, or WebUSB through the polyfill (Android), as the member chose. */
  readonly via: "serial" | "usb";
  /** usbVendorId/usbProductId of the port the page was granted, to find it again with getPorts(). */
  readonly port: { readonly usbVendorId: number | null; readonly usbProductId: number | null };
};

/** A port as the page was granted it. */
export type PortAsk = Pick<MeterSettings, "via" | "port">;

export type LineView = {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: "none" | "even" | "odd";
};

/** `only`: what it may be, when the member knows that; `as`: what it is taken for, without finding out. */
export type ListenAsk = PortAsk & {
  readonly only: readonly MeterProtocol[] | null;
  readonly as: (LineView & { readonly protocol: MeterProtocol; readonly pulseInput: PulseInput }) | null;
};

/** What a few seconds at one setting were: as in metering/recognise.ts. */
export type HeardKind = "meter" | "encrypted" | "almost" | "pulses" | "wrong-settings" | "nothing";

export type ProbeView = {
  readonly line: LineView;
  readonly protocols: readonly MeterProtocol[];
  /** The meter is asked there. */
  readonly asks: boolean;
  /** How long at most. */
  readonly ms: number;
  /** Null while it waits; `skipped` where it could not have heard anything. */
  readonly state: "waiting" | "running" | "skipped" | HeardKind;
};

export type Recognised = {
  readonly kind: HeardKind;
  /** Null where none was found. */
  readonly protocol: MeterProtocol | null;
  readonly line: LineView | null;
  readonly pulseInput: PulseInput;
  /** Why its telegrams have no register, or who has the key; a code with a sentence. */
  readonly refusal: string | null;
  /** Which directions its telegrams have a register of; null where that is not known, and for pulses. */
  readonly registers: { readonly export: boolean; readonly import: boolean } | null;
  /** From the pulse counter's own lines; null where nothing says it. */
  readonly impPerKwh: number | null;
};

/** What arrives while the member looks at the meter beside. */
export type LiveView = {
  readonly exportMwh: number | null;
  readonly importMwh: number | null;
  readonly resolutionMwh: number | null;
  readonly powerExportW: number | null;
  readonly powerImportW: number | null;
  /** Pulses since listening began; null where there is a register. */
  readonly pulses: number | null;
  readonly telegrams: number;
  readonly refused: number;
  readonly lastRefusal: string | null;
  readonly lastAt: number | null;
};

export type ListeningView = PortAsk & {
  /** `probing`: finding out; `live`: found, and its telegrams arrive; `done`: not found, the port is closed. */
  readonly state: "probing" | "live" | "done";
  readonly probes: readonly ProbeView[];
  /** When the running probe began. */
  readonly since: number;
  /** Bytes heard in it. */
  readonly bytes: number;
  /** What keeps the port from being read; null when nothing does. */
  readonly trouble: string | null;
  readonly found: Recognised | null;
  readonly live: LiveView | null;
};

/** What a meter's plate and register make of the budget (§IV.B.1), before it is paired. */
export type BudgetAsk = Pick<MeterSettings, "phases" | "iMinMa" | "accuracyClass" | "impPerKwh"> & {
  /** Not looked at where there are pulses. */
  readonly resolutionMwh: number;
};

export type BudgetView = {
  readonly quantumMicroWh: number;
  readonly clockMicroWh: number;
  /** What both together must stay below. */
  readonly boundMicroWh: number;
  /** Below 0 when overdrawn. */
  readonly marginMicroWh: number;
  readonly meets: boolean;
  readonly reason: "meets" | "register-too-coarse" | "clock-too-uncertain";
  /** The smallest pulse constant that would do. */
  readonly minImpPerKwh: number;
  /** Whether it would be fine enough for a meter of each class with the same currents. */
  readonly classes: readonly { readonly accuracyClass: "A" | "B" | "C"; readonly meets: boolean }[];
};

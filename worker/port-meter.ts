/** The part of the messages between page and worker that says how a meter is connected; port.ts has the rest. */
import type { MeterRole } from "./port-home.ts";

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

/** Which virtual meters a test has at which ports of a member's device. Data only: tests and the worker's script share it. */

export type MeterAtPort = {
  /** A virtual meter's name, or `rx-pulses`: one character a pulse at 300 baud, 10,000 a kWh; 0 W: as fast as they come. */
  readonly name: string;
  readonly watts: number;
  readonly since: number;
  readonly usbProductId: number;
};

export const VENDOR = 0x0403;

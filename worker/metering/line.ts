/** How a serial line is set: what a protocol asks of a port. Knows no port. */

export type LineSettings = {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: "none" | "even" | "odd";
};

export const line8n1 = (baudRate: number): LineSettings => ({ baudRate, dataBits: 8, parity: "none" });
export const line7e1 = (baudRate: number): LineSettings => ({ baudRate, dataBits: 7, parity: "even" });

/** What one character takes on the wire: start bit, data, parity, stop bit; whole milliseconds, rounded down. */
export const characterMs = (line: LineSettings): number =>
  Math.floor(((line.dataBits + (line.parity === "none" ? 2 : 3)) * 1_000) / line.baudRate);

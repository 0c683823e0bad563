/**
 * A Web Serial look-alike: played by hand, or by a virtual meter on any clock. Behaves as the specification says: a
 * line error ends the current `readable` only, a lost device leaves it null, a re-plugged one is a new port object
 * announced by `connect`. Opened at another speed than the meter sends at, it delivers rubbish; with other bits or
 * parity, what a real port would make of them. For the demo and the tests.
 */
import { millis } from "../../base/units.ts";
import type { LineSettings } from "../line.ts";
import { withEvenParity } from "../seven-bits.ts";
import type { LineEvent, VirtualMeter } from "../virtual/meter.ts";
import type { SerialLike, SerialPortLike } from "./serial.ts";

export type Ids = { readonly usbVendorId?: number; readonly usbProductId?: number };

/** The runner's clock, or a virtual one. */
export type LineClock = {
  readonly now: () => number;
  /** Calls `run` once at `time`; the answer cancels it. */
  readonly at: (time: number, run: () => void) => () => void;
};

export type Player = { readonly meter: VirtualMeter; readonly clock: LineClock };

/** What a port that is set otherwise makes of bytes: as many as the speeds' ratio says, and none of them right. */
const rubbish = (bytes: Uint8Array, sent: LineSettings, heard: LineSettings): Uint8Array => {
  const length = Math.max(1, Math.floor((bytes.length * heard.baudRate) / sent.baudRate));
  return Uint8Array.from({ length: Math.min(length, 4 * bytes.length) }, (_, i) => {
    const byte = bytes[Math.floor((i * bytes.length) / length)] ?? 0;
    return (byte * 151 + i * 29 + 0x80) & 0xff;
  });
};

/** Bytes as they come out of the port, or the name of the line error that they cause. */
const heardAs = (bytes: Uint8Array, sent: LineSettings, heard: LineSettings): Uint8Array | string => {
  if (sent.baudRate !== heard.baudRate) return rubbish(bytes, sent, heard);
  if (sent.dataBits === heard.dataBits && sent.parity === heard.parity) return bytes;
  // Seven bits and parity are as many as eight: the parity arrives as the eighth.
  if (sent.dataBits === 7 && sent.parity === "even" && heard.dataBits === 8 && heard.parity === "none")
    return withEvenParity(bytes);
  return heard.parity === "none" ? "FramingError" : "ParityError";
};

export class VirtualPort implements SerialPortLike {
  readonly opened: SerialOptions[] = [];
  /** Everything that was written to it. */
  readonly written: Uint8Array[] = [];
  /** The name of the error that `open` ends with. */
  refuseOpen: string | null = null;
  /** What the modem lines say. */
  signals = { dataCarrierDetect: false, clearToSend: false, ringIndicator: false, dataSetReady: false };
  readonly #ids: Ids;
  readonly #player: Player | null;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #readable: ReadableStream<Uint8Array> | null = null;
  #writable: WritableStream<Uint8Array> | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(ids: Ids = {}, player: Player | null = null) {
    this.#ids = ids;
    this.#player = player;
  }

  get readable(): ReadableStream<Uint8Array> | null {
    return this.#readable;
  }

  get writable(): WritableStream<Uint8Array> | null {
    return this.#writable;
  }

  getInfo(): Ids {
    return this.#ids;
  }

  async getSignals(): Promise<typeof this.signals> {
    if (this.#readable === null) throw new DOMException("closed", "InvalidStateError");
    return { ...this.signals };
  }

  async open(options: SerialOptions): Promise<void> {
    if (this.refuseOpen !== null) throw new DOMException("no", this.refuseOpen);
    if (this.#readable !== null) throw new DOMException("open already", "InvalidStateError");
    this.opened.push(options);
    this.#renew();
    this.#writable = new WritableStream<Uint8Array>({ write: (bytes) => this.#hear(bytes) });
    this.#playFrom(this.#player?.clock.now() ?? 0);
  }

  async close(): Promise<void> {
    if (this.#readable?.locked === true || this.#writable?.locked === true) throw new TypeError("locked");
    this.#shut();
  }

  send(bytes: Uint8Array): void {
    this.#controller?.enqueue(bytes);
  }

  /** A break, framing, parity or overrun error: bytes queued before it are lost, as in a browser. */
  fail(name: string): void {
    const broken = this.#controller;
    if (broken === null) return;
    this.#renew();
    broken.error(new DOMException("line", name));
  }

  lose(): void {
    const broken = this.#controller;
    this.#shut();
    broken?.error(new DOMException("gone", "NetworkError"));
  }

  #renew(): void {
    this.#readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
  }

  #shut(): void {
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
    this.#readable = null;
    this.#writable = null;
    this.#controller = null;
  }

  /** How it was opened last. */
  #line(): LineSettings {
    const { baudRate = 0, dataBits = 8, parity = "none" } = this.opened.at(-1) ?? {};
    return { baudRate, dataBits: dataBits === 7 ? 7 : 8, parity };
  }

  #later(event: LineEvent, then: () => void): void {
    const cancel = this.#player?.clock.at(event.at, () => {
      if (cancel !== undefined) this.#waiting.delete(cancel);
      this.#deliver(event);
      then();
    });
    if (cancel !== undefined) this.#waiting.add(cancel);
  }

  #playFrom(after: number): void {
    const event = this.#player?.meter.next(millis(after)) ?? null;
    if (event !== null) this.#later(event, () => this.#playFrom(event.at));
  }

  #deliver(event: LineEvent): void {
    if (event.kind === "break") return this.fail("BreakError");
    const sent = event.line ?? this.#player?.meter.line ?? this.#line();
    const heard = heardAs(event.bytes, sent, this.#line());
    if (typeof heard === "string") this.fail(heard);
    else this.send(heard);
  }

  #hear(bytes: Uint8Array): void {
    this.written.push(bytes.slice());
    const { meter, clock } = this.#player ?? {};
    if (meter?.hear === undefined || clock === undefined) return;
    // What it was asked a meter answers, also while the reader changes the speed by closing and opening the port.
    for (const event of meter.hear(bytes, millis(clock.now()), this.#line()))
      clock.at(event.at, () => this.#deliver(event));
  }
}

export class VirtualSerial implements SerialLike {
  #ports: VirtualPort[] = [];
  readonly #listeners = { connect: new Set<() => void>(), disconnect: new Set<() => void>() };

  async getPorts(): Promise<readonly VirtualPort[]> {
    return [...this.#ports];
  }

  addEventListener(type: "connect" | "disconnect", listener: () => void): void {
    this.#listeners[type].add(listener);
  }

  removeEventListener(type: "connect" | "disconnect", listener: () => void): void {
    this.#listeners[type].delete(listener);
  }

  get listening(): number {
    return this.#listeners.connect.size + this.#listeners.disconnect.size;
  }

  plug(port: VirtualPort): void {
    this.#ports.push(port);
    for (const listener of this.#listeners.connect) listener();
  }

  /** The cable is pulled: the port disappears and its stream breaks. */
  pull(port: VirtualPort): void {
    this.#ports = this.#ports.filter((other) => other !== port);
    port.lose();
    for (const listener of this.#listeners.disconnect) listener();
  }
}

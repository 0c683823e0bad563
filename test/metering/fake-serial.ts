/**
 * A Web Serial look-alike that a test plays by hand: bytes, line errors, a cable pulled in the middle of a telegram, a
 * port in use elsewhere. Behaves as the specification says: a line error ends the current `readable` only, a lost
 * device leaves it null, a re-plugged one is a new port object announced by `connect`.
 */
import type { SerialLike, SerialPortLike } from "../../worker/metering/sources/serial.ts";

export type Ids = { readonly usbVendorId?: number; readonly usbProductId?: number };

export class FakePort implements SerialPortLike {
  readonly opened: SerialOptions[] = [];
  refuseOpen: string | null = null;
  private controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  private stream: ReadableStream<Uint8Array> | null = null;
  private readonly ids: Ids;

  constructor(ids: Ids = {}) {
    this.ids = ids;
  }

  get readable(): ReadableStream<Uint8Array> | null {
    return this.stream;
  }

  getInfo(): Ids {
    return this.ids;
  }

  async open(options: SerialOptions): Promise<void> {
    if (this.refuseOpen !== null) throw new DOMException("no", this.refuseOpen);
    if (this.stream !== null) throw new DOMException("open already", "InvalidStateError");
    this.opened.push(options);
    this.renew();
  }

  async close(): Promise<void> {
    if (this.stream?.locked === true) throw new TypeError("locked");
    this.stream = null;
    this.controller = null;
  }

  send(bytes: Uint8Array): void {
    this.controller?.enqueue(bytes);
  }

  /** A break, framing, parity or overrun error: bytes queued before it are lost, as in a browser. */
  fail(name: string): void {
    const broken = this.controller;
    this.renew();
    broken?.error(new DOMException("line", name));
  }

  lose(): void {
    const broken = this.controller;
    this.stream = null;
    this.controller = null;
    broken?.error(new DOMException("gone", "NetworkError"));
  }

  private renew(): void {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
      },
    });
  }
}

export class FakeSerial implements SerialLike {
  private ports: FakePort[] = [];
  private readonly listeners = new Set<() => void>();

  async getPorts(): Promise<readonly FakePort[]> {
    return [...this.ports];
  }

  addEventListener(_type: "connect", listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: "connect", listener: () => void): void {
    this.listeners.delete(listener);
  }

  get listening(): number {
    return this.listeners.size;
  }

  plug(port: FakePort): void {
    this.ports.push(port);
    for (const listener of this.listeners) listener();
  }

  /** The cable is pulled: the port disappears and its stream breaks. */
  pull(port: FakePort): void {
    this.ports = this.ports.filter((other) => other !== port);
    port.lose();
  }
}

/**
 * Bytes from a serial port, for as long as the owner wants them: Web Serial in a dedicated worker (the page asks for
 * permission, getPorts() finds the port again here) or, where the user chose it, web-serial-polyfill over WebUSB.
 * Survives line errors and pulled cables by itself, writes and changes the baud rate (by closing and opening again: Web
 * Serial has no other way) for whoever has to ask, and polls a modem line where pulses come on one. Knows nothing of
 * protocols: it hands on bytes and says what the port does; whoever decodes calls `decoder.end()` when the port is lost.
 *
 * Web Serial's rules (spec, §SerialPort): break, framing, parity and overrun errors end only the current `readable`, a
 * new one is there at once; a lost device is a NetworkError and `readable` stays null; after a re-plug it is a new port
 * object, announced by `connect`. The polyfill has no such events and rejects with plain strings, so it is polled.
 */

export type SerialSettings = {
  readonly baudRate: number;
  readonly dataBits?: 7 | 8;
  readonly parity?: "none" | "even" | "odd";
  readonly stopBits?: 1 | 2;
  /** Bytes; Web Serial's own 255 overflow when the worker is busy for 20 ms. */
  readonly bufferSize?: number;
};

export const MIN_BUFFER_BYTES = 4_096;

export type PortChoice = { readonly usbVendorId: number | null; readonly usbProductId: number | null };

/** What is used of a SerialPort; the polyfill's has it too. */
export type SerialPortLike = {
  readonly readable: ReadableStream<Uint8Array> | null;
  /** Only used by whoever writes. */
  readonly writable?: WritableStream<Uint8Array> | null;
  open(options: SerialOptions): Promise<void>;
  close(): Promise<void>;
  getInfo(): { usbVendorId?: number | undefined; usbProductId?: number | undefined };
  /** The polyfill has none. */
  getSignals?(): Promise<SerialInputSignals>;
};

export type ModemLine = "cts" | "dsr" | "dcd" | "ri";

/** What is used of navigator.serial. */
export type SerialLike = {
  getPorts(): Promise<readonly SerialPortLike[]>;
  addEventListener?(type: "connect", listener: () => void): void;
  removeEventListener?(type: "connect", listener: () => void): void;
};

export type SerialState = "waiting-port" | "listening" | "unplugged" | "closed";

export type SerialErrorCode = "no-web-serial" | "no-webusb" | "port-busy" | "port-denied" | "line-noise" | "no-signals";

const REMEDY: Readonly<Record<SerialErrorCode, string>> = {
  "no-web-serial":
    "This browser has no serial ports; open the page in Chrome or Edge on a computer, or choose USB on Android.",
  "no-webusb": "This browser cannot reach USB devices; open the page in Chrome or Edge.",
  "port-busy": "The serial port does not open; close other programs that use it, then unplug it and plug it in again.",
  "port-denied": "This page may not use the serial port any more; choose the port again.",
  "line-noise":
    "The serial line is disturbed; check the plug, the port's speed and whether the cable inverts the signal.",
  "no-signals":
    "This adapter does not show its modem lines; connect the pulse output to its RX line, or use another adapter.",
};

/** The environment failed; `message` is a plain sentence that names the remedy. */
export class SerialError extends Error {
  override readonly name = "SerialError";
  readonly code: SerialErrorCode;

  constructor(code: SerialErrorCode, cause?: unknown) {
    super(REMEDY[code], { cause });
    this.code = code;
  }
}

export type SerialEvent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** RX was low for longer than a character; only where `breaks` was asked for. */
  | { readonly kind: "break" }
  /** A modem line, as just polled. */
  | { readonly kind: "level"; readonly on: boolean }
  | { readonly kind: "state"; readonly state: SerialState }
  | { readonly kind: "error"; readonly error: SerialError };

/** For whoever has to ask. Both act on the port that is open now; what it cannot do any more is left undone. */
export type SerialControl = {
  readonly write: (bytes: Uint8Array) => void;
  /** Once everything written has left. */
  readonly reopen: (settings: SerialSettings) => void;
};

export type SerialSource = {
  readonly serial: SerialLike;
  readonly port: PortChoice;
  readonly settings: SerialSettings;
  /** Breaks and framing errors are pulses, not disturbances. */
  readonly breaks?: boolean;
  /** Poll this line so often. */
  readonly poll?: { readonly line: ModemLine; readonly everyMs: number };
  /** The port has just been opened with `settings`, the first time or after a loss; before any of its bytes. */
  readonly onOpen?: (control: SerialControl) => void;
  /** Resolves after `ms`, or at once when aborted; never rejects. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onEvent: (event: SerialEvent) => void;
};

/** Waits between two attempts at a port: grows to the last one, starts over when bytes arrive. */
export const BACK_OFF_MS = [250, 500, 1_000, 2_000, 5_000] as const;
/** Line errors in a row, without a byte between, that are taken at full speed. */
const FAST_ERRORS = 3;

const LINE_ERRORS = new Set(["BreakError", "FramingError", "ParityError", "BufferOverrunError"]);
const PULSE_ERRORS = new Set(["BreakError", "FramingError"]);

const nameOf = (cause: unknown): string => (cause instanceof Error || cause instanceof DOMException ? cause.name : "");

/**
 * The port the page was granted: the same vendor and product; the only one when the choice names none. Of several alike
 * the one that was open before, else one that nobody reads.
 */
export const findPort = <P extends SerialPortLike>(
  ports: readonly P[],
  wanted: PortChoice,
  before: SerialPortLike | null = null,
): P | null => {
  const same = ports.filter((port) => {
    const info = port.getInfo();
    return (info.usbVendorId ?? null) === wanted.usbVendorId && (info.usbProductId ?? null) === wanted.usbProductId;
  });
  const only = wanted.usbVendorId === null && ports.length === 1 ? ports[0] : undefined;
  const own = same.find((port) => port === before) ?? same.find((port) => port.readable?.locked !== true);
  return own ?? same[0] ?? only ?? null;
};

/**
 * Web Serial, or the polyfill over WebUSB, which serves CDC-ACM devices that the system's own driver has not claimed
 * (Android). The user chooses: Android's `navigator.serial` exists for Bluetooth only.
 * @throws SerialError `no-web-serial` or `no-webusb` when the browser has neither.
 */
export const serialFor = async (kind: "serial" | "usb"): Promise<SerialLike> => {
  if (kind === "serial") {
    if (!("serial" in navigator)) throw new SerialError("no-web-serial");
    return navigator.serial;
  }
  if (!("usb" in navigator)) throw new SerialError("no-webusb");
  const polyfill = await import("web-serial-polyfill");
  return polyfill.serial;
};

type Waiter = { readonly wait: (ms: number) => Promise<void>; readonly stop: () => void };

/** Waits for a time, or for a port to be plugged in if that comes first. */
const waiter = (source: SerialSource, signal: AbortSignal): Waiter => {
  let wake: (() => void) | null = null;
  const onConnect = (): void => wake?.();
  source.serial.addEventListener?.("connect", onConnect);
  return {
    wait: async (ms) => {
      const cut = new AbortController();
      const connected = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([source.delay(ms, AbortSignal.any([signal, cut.signal])), connected]);
      wake = null;
      cut.abort();
    },
    stop: () => source.serial.removeEventListener?.("connect", onConnect),
  };
};

type ReadEnd = "aborted" | "lost";

/** Reads one open port to its end. @returns why it ended. */
const readPort = async (
  port: SerialPortLike,
  source: SerialSource,
  signal: AbortSignal,
  onBytes: () => void,
): Promise<ReadEnd> => {
  let errors = 0;
  while (!signal.aborted) {
    const reader = port.readable?.getReader();
    if (reader === undefined) return "lost";
    const cancel = (): void => void reader.cancel().catch(() => undefined);
    signal.addEventListener("abort", cancel, { once: true });
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return signal.aborted ? "aborted" : "lost";
        if (value.length === 0) continue;
        errors = 0;
        onBytes();
        source.onEvent({ kind: "bytes", bytes: value });
      }
    } catch (cause) {
      // A NetworkError leaves `readable` null, which ends the loop above; anything else gets a new stream.
      const name = nameOf(cause);
      if (name === "NetworkError") return "lost";
      if (source.breaks === true && PULSE_ERRORS.has(name)) {
        onBytes();
        source.onEvent({ kind: "break" });
        continue;
      }
      if (LINE_ERRORS.has(name)) source.onEvent({ kind: "error", error: new SerialError("line-noise", cause) });
      errors += 1;
    } finally {
      signal.removeEventListener("abort", cancel);
      reader.releaseLock();
    }
    if (errors > FAST_ERRORS) await source.delay(BACK_OFF_MS[0], signal);
  }
  return "aborted";
};

const openPort = async (port: SerialPortLike, settings: SerialSettings): Promise<SerialError | null> => {
  const bufferSize = Math.max(MIN_BUFFER_BYTES, settings.bufferSize ?? 0);
  const { baudRate, dataBits = 8, parity = "none", stopBits = 1 } = settings;
  try {
    await port.open({ baudRate, dataBits, parity, stopBits, bufferSize, flowControl: "none" });
    return null;
  } catch (cause) {
    // Open already, by an earlier run of this same worker: its stream is there to be read.
    if (nameOf(cause) === "InvalidStateError" && port.readable !== null && !port.readable.locked) return null;
    return new SerialError(nameOf(cause) === "SecurityError" ? "port-denied" : "port-busy", cause);
  }
};

/** Reads a modem line until aborted or the port is gone. */
const pollLine = async (port: SerialPortLike, source: SerialSource, signal: AbortSignal): Promise<void> => {
  const { poll, onEvent } = source;
  if (poll === undefined) return;
  if (port.getSignals === undefined) return onEvent({ kind: "error", error: new SerialError("no-signals") });
  while (!signal.aborted) {
    const signals = await port.getSignals().catch(() => null);
    if (signals === null || signal.aborted) return;
    const { clearToSend, dataSetReady, dataCarrierDetect, ringIndicator } = signals;
    const levels: Record<ModemLine, boolean> = {
      cts: clearToSend,
      dsr: dataSetReady,
      dcd: dataCarrierDetect,
      ri: ringIndicator,
    };
    onEvent({ kind: "level", on: levels[poll.line] });
    await source.delay(poll.everyMs, signal);
  }
};

/** One open port: what is written to it, and whether it is to be opened anew with other settings. */
class Session {
  readonly cut = new AbortController();
  next: SerialSettings | null = null;
  readonly #port: SerialPortLike;
  #writes: Promise<void> = Promise.resolve();

  constructor(port: SerialPortLike) {
    this.#port = port;
  }

  write(bytes: Uint8Array): void {
    this.#writes = this.#writes.then(async () => {
      const writer = this.#port.writable?.getWriter();
      if (writer === undefined) return;
      // A port that is lost says so where it is read.
      await writer.write(bytes).catch(() => undefined);
      writer.releaseLock();
    });
  }

  reopen(settings: SerialSettings): void {
    this.next = settings;
    this.#writes = this.#writes.then(async () => {
      // Closing the stream, and not the port, waits until everything has left.
      await this.#port.writable?.close().catch(() => undefined);
      this.cut.abort();
    });
  }
}

/**
 * Reads until aborted: opens the port when it is there, again after every loss. Events come in order; `bytes` only
 * between `listening` and the next state. Resolves once the port is closed; never rejects.
 */
export const readSerial = async (source: SerialSource, signal: AbortSignal): Promise<void> => {
  const { onEvent } = source;
  const { wait, stop } = waiter(source, signal);
  let attempt = 0;
  let state: SerialState | null = null;
  let before: SerialPortLike | null = null;
  let session: Session | null = null;
  let settings: SerialSettings | null = null;
  const control: SerialControl = {
    write: (bytes) => session?.write(bytes),
    reopen: (other) => session?.reopen(other),
  };
  const enter = (next: SerialState): void => {
    if (next !== state) onEvent({ kind: "state", state: next });
    state = next;
  };
  const backOff = (): Promise<void> => wait(BACK_OFF_MS[Math.min(attempt++, BACK_OFF_MS.length - 1)] ?? 0);
  while (!signal.aborted) {
    const ports = await source.serial.getPorts().catch(() => []);
    const port: SerialPortLike | null = findPort(ports, source.port, before);
    if (port === null) {
      if (state !== "unplugged") enter("waiting-port");
      settings = null;
      await backOff();
      continue;
    }
    const failure = await openPort(port, settings ?? source.settings);
    if (failure !== null) {
      onEvent({ kind: "error", error: failure });
      settings = null;
      await backOff();
      continue;
    }
    before = port;
    session = new Session(port);
    enter("listening");
    if (settings === null) source.onOpen?.(control);
    const until = AbortSignal.any([signal, session.cut.signal]);
    const polled = pollLine(port, source, until);
    const ended = await readPort(port, source, until, () => (attempt = 0));
    session.cut.abort();
    await polled;
    await port.close().catch(() => undefined);
    settings = ended === "aborted" ? session.next : null;
    session = null;
    if (ended === "lost") {
      enter("unplugged");
      await backOff();
    }
  }
  stop();
  enter("closed");
};

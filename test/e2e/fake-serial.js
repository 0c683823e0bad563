/**
 * A meter on a serial port for real browsers: a plain script, put in front of the page's and the worker's code, that
 * replaces navigator.serial. Telegrams go by the wall clock, so a reloaded page finds the register further on, as with
 * a real meter. Chromium lets a script replace navigator.serial in pages and in dedicated workers.
 *
 *   installFakeSerial({ telegramOf: (period) => "latin1 text of one telegram, or empty" })
 *
 * `period` counts periodMs since 1970. Afterwards the global `fakeSerial` has plug(), pull() (breaks off in the middle
 * of a telegram), send(text) and fail(errorName), the name being BreakError, FramingError, ParityError or
 * BufferOverrunError.
 */
{
  /**
   * @typedef {object} FakeSerialOptions
   * @property {(period: number) => string} telegramOf
   * @property {number} [periodMs] between two telegrams, 1,000 by default
   * @property {number} [usbVendorId]
   * @property {number} [usbProductId]
   * @property {boolean} [plugged] whether the cable is in at the start, true by default
   */

  /** @param {string} text one character a byte */
  const bytesOf = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);

  class FakePort extends EventTarget {
    /** @type {ReadableStreamDefaultController<Uint8Array> | null} */
    #controller = null;
    /** @type {ReadableStream<Uint8Array> | null} */
    #stream = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer = undefined;
    connected = true;
    writable = null;
    /** @param {Required<FakeSerialOptions>} options */
    constructor(options) {
      super();
      this.options = options;
    }
    get readable() {
      return this.#stream;
    }
    getInfo() {
      const { usbVendorId, usbProductId } = this.options;
      return { usbVendorId, usbProductId };
    }
    async open() {
      if (!this.connected) throw new DOMException("The device has been lost.", "NetworkError");
      if (this.#stream !== null) throw new DOMException("The port is already open.", "InvalidStateError");
      this.#renew();
      this.#next();
    }
    async close() {
      clearTimeout(this.#timer);
      this.#stream = null;
      this.#controller = null;
    }
    /** @param {string} text */
    send(text) {
      this.#controller?.enqueue(bytesOf(text));
    }
    /** @param {string} name */
    fail(name) {
      const broken = this.#controller;
      if (broken === null) return;
      this.#renew();
      broken.error(new DOMException("The line failed.", name));
    }
    /** Gives what was sent the time to be read: a stream that fails forgets what is in it. */
    lose() {
      clearTimeout(this.#timer);
      this.connected = false;
      setTimeout(() => {
        const broken = this.#controller;
        this.#stream = null;
        this.#controller = null;
        broken?.error(new DOMException("The device has been lost.", "NetworkError"));
      }, 10);
    }
    #renew() {
      this.#stream = new ReadableStream({
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.close(),
      });
    }
    #next() {
      const { periodMs, telegramOf } = this.options;
      const send = () => {
        if (this.#controller === null) return;
        this.send(telegramOf(Math.floor(Date.now() / periodMs)));
        this.#next();
      };
      this.#timer = setTimeout(send, periodMs - (Date.now() % periodMs));
    }
  }

  class FakeSerial extends EventTarget {
    /** @type {FakePort | null} */
    port = null;
    async getPorts() {
      return this.port === null ? [] : [this.port];
    }
    async requestPort() {
      if (this.port === null) throw new DOMException("No port selected by the user.", "NotFoundError");
      return this.port;
    }
  }

  /** @param {FakeSerialOptions} given */
  const installFakeSerial = (given) => {
    const options = { periodMs: 1000, usbVendorId: 0x0403, usbProductId: 0x6001, plugged: true, ...given };
    const serial = new FakeSerial();
    const fakeSerial = {
      plug: () => {
        serial.port ??= new FakePort(options);
        serial.dispatchEvent(new Event("connect"));
      },
      pull: () => {
        const { port } = serial;
        serial.port = null;
        const telegram = options.telegramOf(Math.floor(Date.now() / options.periodMs));
        port?.send(telegram.slice(0, Math.floor(telegram.length / 2)));
        port?.lose();
      },
      /** @param {string} text */
      send: (text) => serial.port?.send(text),
      /** @param {string} name */
      fail: (name) => serial.port?.fail(name),
    };
    if (options.plugged) fakeSerial.plug();
    Object.defineProperty(navigator, "serial", { configurable: true, get: () => serial });
    Object.assign(globalThis, { fakeSerial });
  };

  Object.assign(globalThis, { installFakeSerial });
}

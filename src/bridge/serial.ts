/**
 * Permission to read a cable. It can only be asked on the page and on a tap; the worker then finds the granted
 * port again by its numbers. Web Serial on computers; on Android wired USB only through WebUSB, which the member
 * chooses explicitly because some browsers have both and one of them does not see the cable.
 */

export type CableWay = "serial" | "usb";
/** The numbers by which the worker finds the port again. */
export type Cable = { readonly usbVendorId: number | null; readonly usbProductId: number | null };

/** `cancelled`: nothing was chosen. `denied`: the browser's settings forbid it. */
export class CableError extends Error {
  readonly code: "cancelled" | "denied";
  constructor(code: "cancelled" | "denied") {
    super(code);
    this.name = "CableError";
    this.code = code;
  }
}

const isAndroid = (): boolean => /android/i.test(navigator.userAgent);

/** Ways that this browser offers, the likelier first; empty where neither exists. */
export const cableWays = (): readonly CableWay[] => {
  const ways: CableWay[] = [];
  if ("serial" in navigator) ways.push("serial");
  if ("usb" in navigator && isAndroid()) ways.unshift("usb");
  return ways;
};

const cableOf = (port: {
  getInfo(): { usbVendorId?: number | undefined; usbProductId?: number | undefined };
}): Cable => {
  const { usbVendorId, usbProductId } = port.getInfo();
  return { usbVendorId: usbVendorId ?? null, usbProductId: usbProductId ?? null };
};

/** Those that the browser lets this site read without asking again. */
export const allowedCables = async (
  ways: readonly CableWay[],
): Promise<readonly { readonly way: CableWay; readonly cable: Cable }[]> => {
  const lists = ways.map(async (way) => {
    try {
      const ports =
        way === "serial"
          ? await navigator.serial.getPorts()
          : await (await import("web-serial-polyfill")).serial.getPorts();
      return ports.map((port) => ({ way, cable: cableOf(port) }));
    } catch {
      // Refused by a policy: then the member is asked, and told why it does not work.
      return [];
    }
  });
  return (await Promise.all(lists)).flat();
};

/**
 * Opens the browser's list; call it directly from a tap.
 * @throws CableError
 */
export const chooseCable = async (way: CableWay): Promise<Cable> => {
  try {
    if (way === "serial") return cableOf(await navigator.serial.requestPort());
    const { serial } = await import("web-serial-polyfill");
    return cableOf(await serial.requestPort());
  } catch (error) {
    // Web Serial: NotFoundError when the list is closed, SecurityError when a policy forbids it.
    const denied =
      error instanceof DOMException && (error.name === "SecurityError" || error.name === "NotAllowedError");
    throw new CableError(denied ? "denied" : "cancelled");
  }
};

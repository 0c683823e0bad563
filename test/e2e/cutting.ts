/**
 * Cuts a town of browsers in two, as a dead router between two streets would: what the signalling server would pass on
 * between them is lost, and the channels that are open break. Within each part all goes on.
 */
import type { Member } from "./member.ts";

type Cutting = {
  /** Names that this page has had at the signalling server. */
  readonly names: string[];
  /** Names to which nothing passes. */
  readonly beyond: Set<string>;
  /** Ends every channel; those that may be are soon dialled again. */
  readonly breakAll: () => void;
};
type Global = typeof globalThis & { cutting: Cutting };

/** In the page, before any of its own code. */
export const prepareCutting = (): void => {
  const connections = new Set<RTCPeerConnection>();
  const cutting: Cutting = {
    names: [],
    beyond: new Set(),
    breakAll: () => {
      for (const connection of connections) connection.close();
      connections.clear();
    },
  };
  Object.assign(globalThis, { cutting });
  globalThis.RTCPeerConnection = class extends globalThis.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.add(this);
    }
    override close(): void {
      // A page hears of its own closing only by the channels; a broken line is heard of by both ends.
      super.close();
      this.dispatchEvent(new Event("iceconnectionstatechange"));
    }
  };
  globalThis.WebSocket = class extends globalThis.WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      const name = new URL(url).searchParams.get("id");
      if (name !== null) cutting.names.push(name);
    }
    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
      const to = typeof data === "string" ? (JSON.parse(data) as { dst?: string }).dst : undefined;
      if (to === undefined || !cutting.beyond.has(to)) super.send(data as string);
    }
  };
};

const namesOf = (member: Member): Promise<string[]> => member.page.evaluate(() => (globalThis as Global).cutting.names);

/** From now on nothing passes between the two parts. */
export const cut = async (left: readonly Member[], right: readonly Member[]): Promise<void> => {
  const [ofLeft, ofRight] = await Promise.all(
    [left, right].map(async (part) => (await Promise.all(part.map(namesOf))).flat()),
  );
  const hide = (part: readonly Member[], names: string[] = []): Promise<unknown>[] =>
    part.map((member) =>
      member.page.evaluate((list) => {
        for (const name of list) (globalThis as Global).cutting.beyond.add(name);
      }, names),
    );
  await Promise.all([...hide(left, ofRight), ...hide(right, ofLeft)]);
  await Promise.all(
    [...left, ...right].map((member) => member.page.evaluate(() => (globalThis as Global).cutting.breakAll())),
  );
};

export const heal = async (members: readonly Member[]): Promise<void> => {
  await Promise.all(members.map((member) => member.page.evaluate(() => (globalThis as Global).cutting.beyond.clear())));
};

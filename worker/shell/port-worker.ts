/** A worker's end of worker/port.ts: hello with version and build first, then commands to answers. Same for node and demo. */
import { StoreError } from "../storage/store.ts";
import { PORT_VERSION, type ToPage, type ToWorker, type View } from "../port.ts";
import type { PeerEvent } from "../port-peer.ts";
import type { Answered, Asked } from "./tabs.ts";
import { answeredBy } from "./tabs.ts";
import { runCommand } from "./commands.ts";
import type { Device } from "./device.ts";

export type PageLike = {
  postMessage(message: ToPage): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
};
export type PortHandlers = {
  readonly hello: () => void;
  readonly ask: (asked: Asked) => Promise<Answered>;
  readonly visible: (visible: boolean, online: boolean) => void;
  readonly peer: (event: PeerEvent) => void;
};

/** A disk that refuses is a refusal with the same code; anything else thrown is a bug and stops the command only. */
export const answerOf = async (device: Device, { name, ask }: Asked): Promise<Answered> => {
  try {
    const done = answeredBy(await runCommand(device, name, ask as never));
    device.publishDue();
    return done;
  } catch (error) {
    if (error instanceof StoreError) return { ok: false, error: { code: error.code, message: error.message } };
    // A bug: the page's console is where a developer looks for it; the member gets a sentence.
    reportError(error);
    return {
      ok: false,
      error: { code: "failed", message: "This did not work; reload the app. Nothing already counted is lost." },
    };
  }
};

export const servePort = (page: PageLike, build: string, on: PortHandlers): ((view: View) => void) => {
  page.addEventListener("message", (event) => {
    const data = event.data as ToWorker;
    switch (data.kind) {
      case "hello":
        page.postMessage({ kind: "hello", version: PORT_VERSION, build });
        if (data.version === PORT_VERSION && data.build === build) on.hello();
        return;
      case "command": {
        const { id } = data;
        void on.ask(data).then((answer) => page.postMessage({ kind: "answer", id, ...answer }));
        return;
      }
      case "visible":
        return on.visible(data.visible, data.online);
      case "peer":
        return on.peer(data.event);
    }
  });
  return (view) => page.postMessage({ kind: "view", view });
};

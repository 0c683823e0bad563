/** The demo's worker: a community of this page and four neighbour nodes of the same code, on a replayed sunny day. */
import { startDemo } from "./lab/demo.ts";
import { answerOf, servePort } from "./shell/port-worker.ts";
import { localDayStart, randomBytes, realClock, realSurroundings } from "./shell/realtime.ts";

let demo: ReturnType<typeof startDemo> | null = null;

const show = servePort(self, __BUILD__, {
  hello: () => {
    demo ??= startDemo({
      clock: realClock,
      surroundings: realSurroundings,
      random: randomBytes,
      dayStart: localDayStart,
      publish: (view) => show(view),
    });
  },
  ask: async (asked) => {
    const device = await demo;
    return device === null
      ? { ok: false, error: { code: "not-ready", message: "The demo is still starting; try again in a moment." } }
      : answerOf(device, asked);
  },
  visible: () => {},
  peer: () => {},
});

/** Servers that an invitation names are named to the content policy, and the page loads anew once (src/app/ways.ts). */
import { afterEach, describe, expect, it, vi } from "vitest";
import { allowWays, originOf } from "../../src/app/ways.ts";
import { Refused } from "../../src/bridge/node-client.ts";

const url = "https://signal.example:8443/peers";

/** A page with a service worker that answers as given; none at all for null. */
const play = (isNew: boolean | null) => {
  const told: unknown[] = [];
  const active = {
    postMessage: (message: unknown, [port]: MessagePort[]) => {
      told.push(message);
      port?.postMessage(isNew);
    },
  };
  const serviceWorker = { getRegistration: async () => (isNew === null ? undefined : {}), ready: { active } };
  vi.stubGlobal("navigator", { serviceWorker });
  const asked: string[] = [];
  const node = {
    ask: async (name: string) => {
      asked.push(name);
      return name === "ways" ? { signalling: [url], ice: [] } : {};
    },
  };
  const reload = vi.fn<() => void>();
  return { told, asked, reload, run: () => allowWays({ node } as never, reload) };
};
afterEach(() => void vi.unstubAllGlobals());

describe("servers that are not the host's own", () => {
  it("are named by their origin, as a socket", () => {
    expect(originOf(url)).toBe("wss://signal.example:8443");
    expect(originOf("http://127.0.0.1:9000/")).toBe("ws://127.0.0.1:9000");
  });

  it("let the page load anew when one is new, after what was counted is written down", async () => {
    const page = play(true);
    await page.run();
    expect(page.told).toEqual([{ kind: "servers", list: ["wss://signal.example:8443"] }]);
    expect(page.asked).toEqual(["ways", "rest"]);
    expect(page.reload).toHaveBeenCalledOnce();
  });

  it("that the page may call already leave it alone, and so does a browser that keeps no app", async () => {
    for (const answer of [false, null]) {
      const page = play(answer);
      await page.run();
      expect(page.asked).toEqual(["ways"]);
      expect(page.reload).not.toHaveBeenCalled();
    }
  });

  it("are the leading tab's business", async () => {
    const page = play(true);
    const refused = new Refused({ code: "not-leader", message: "Another tab runs the node." });
    const node = { ask: () => Promise.reject(refused) };
    await allowWays({ node } as never, page.reload);
    expect(page.told).toEqual([]);
    expect(page.reload).not.toHaveBeenCalled();
  });
});

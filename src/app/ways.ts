/**
 * Signalling servers that an invitation or the member has named are named to the content policy (src/bridge/service-worker.ts):
 * a page was loaded with the policy of its host, so it loads anew once when there is one that it may not call yet.
 */
import { allowServers } from "../bridge/service-worker.ts";
import type { NodeState } from "./node.svelte.ts";

/** `https://host:8443/path/` as the policy wants it: `wss://host:8443`. */
export const originOf = (url: string): string => new URL(url).origin.replace(/^http/, "ws");

/** After joining, coming back, or a change; and at each start, since a browser may have cleared the one and not the other. */
export const allowWays = async (app: Pick<NodeState, "node">, reload: () => void): Promise<void> => {
  try {
    const { signalling } = await app.node.ask("ways", {});
    if (!(await allowServers(signalling.map(originOf)))) return;
    // What a meter counted is on disk before the page goes.
    await app.node.ask("rest", {});
    reload();
  } catch {
    // Another tab runs the node, or the disk refuses: that tab, or the next start, does the same.
  }
};

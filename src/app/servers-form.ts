/** Servers as people type them, one a line, and as the node keeps them. Checked there. */
import type { IceServer, Paths } from "../../worker/port-peer.ts";

const lines = (text: string): string[] => text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));

export const pathsOf = (signalling: string, ice: string): Paths => ({
  signalling: lines(signalling),
  ice: lines(ice).map((line): IceServer => {
    const [url = "", username = null, ...credential] = line.split(/\s+/u);
    return { urls: [url], username, credential: credential.length === 0 ? null : credential.join(" ") };
  }),
});

/** One line for each address: several of one server share its name and password. */
export const textOfIce = (ice: readonly IceServer[]): string =>
  ice
    .flatMap(({ urls, username, credential }) =>
      urls.map((url) => [url, username, credential].filter(Boolean).join(" ")),
    )
    .join("\n");

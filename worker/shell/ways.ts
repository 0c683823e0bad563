/**
 * How this device reaches other members beyond the host that served the app (PROTOCOL.md §8): one row of the table
 * `settings`, first filled by the invitation, changed by the member on the screen Connections.
 */
import { decode, encode } from "../base/codec.ts";
import { ok, type Result } from "../base/result.ts";
import { checkWays, waysCodec, type Ways } from "../community/invitation.ts";
import type { Op, Store } from "../storage/store.ts";
import type { Answer, Ask } from "./asking.ts";
import type { Device } from "./device.ts";

const WAYS_ROW = "network/ways";

export const NO_WAYS: Ways = { signalling: [], ice: [] };

export const waysOp = (ways: Ways): Op => ({ table: "settings", key: WAYS_ROW, value: encode(waysCodec, ways) });

/** A damaged row is none: the host that served the app is always a way. @throws StoreError when the disk refuses. */
export const loadWays = async (store: Store): Promise<Ways> => {
  const raw = await store.get("settings", WAYS_ROW);
  const read = raw === undefined ? null : decode(waysCodec, raw, "ways");
  return read?.ok === true && checkWays(read.value).ok ? read.value : NO_WAYS;
};

const HOST_WITH_PATH = /^[a-z]+:\/\/[^/]+\//u;

/** As people type them: without a slash at the end, or without `https://`. */
const tidy = (ways: Ways): Ways => ({
  signalling: [...new Set(ways.signalling.map((url) => url.trim()).filter((url) => url !== ""))]
    .map((url) => (url.includes("://") ? url : `https://${url}`))
    .map((url) => (HOST_WITH_PATH.test(url) ? url : `${url}/`)),
  ice: ways.ice.map(({ urls, username, credential }) => ({
    urls: urls.map((url) => url.trim()).filter((url) => url !== ""),
    username: username === "" ? null : username,
    credential: credential === "" ? null : credential,
  })),
});

export const getWays = async (device: Device): Answer<"ways"> => ok(device.ways);

/** Refusals: `server-unreadable`, `servers-too-many`. */
export const setWays = async (device: Device, ask: Ask<"set-ways">): Answer<"set-ways"> => {
  const checked: Result<Ways> = checkWays(tidy(ask));
  if (!checked.ok) return checked;
  await device.reopen([waysOp(checked.value)]);
  return ok({});
};

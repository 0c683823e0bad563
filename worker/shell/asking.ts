/** What commands share: the refusals that say what is missing first, and an order to the node. */
import { utf8ToBytes } from "../base/bytes.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { Order } from "../node/events.ts";
import type { CommandKind, Commands } from "../port.ts";
import type { Device } from "./device.ts";
import type { OpenNode } from "./open-node.ts";

export type Ask<K extends CommandKind> = Commands[K]["ask"];
export type Answer<K extends CommandKind> = Promise<Result<Commands[K]["answer"]>>;

const MAX_NAME = 80;

export const named = (text: string): Result<string> => {
  const name = text.trim();
  if (name === "") return refuse("name-empty", "Enter a name.", "ignore");
  return utf8ToBytes(name).length <= MAX_NAME
    ? ok(name)
    : refuse("name-long", "This name is too long; shorten it.", "ignore");
};

const LIGHT = refuse(
  "light-device",
  "This device keeps its own figures only; let it keep everything on the screen Health to do this.",
  "ignore",
);
export const nodeOf = (device: Device): Result<OpenNode> =>
  device.light !== null
    ? LIGHT
    : device.node === null
      ? refuse("not-ready", "There is no community on this device yet; create one or open an invitation.", "ignore")
      : ok(device.node);

/** An order to the node; its refusal is the command's. */
export const order = async (device: Device, what: Order): Promise<Result<string>> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { refusal, value } = await node.value.runner.order(what);
  return refusal === null ? ok(value ?? "") : { ok: false, error: refusal };
};

export const nothing = (r: Result<unknown>): Result<Record<never, never>> => (r.ok ? ok({}) : r);

/**
 * A conversation with a meter that has to be asked, as a machine without I/O: bytes and the passing of time go in, what
 * to send, how to set the line and how long to wait come out. Whoever runs it has the port and the clock
 * (sources/conversation.ts). Knows no protocol.
 */
import type { LineSettings } from "./line.ts";
import type { DecodeEvent } from "./reading.ts";

export type DialogueAction =
  /** Hand these bytes to the port. */
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  /** Once everything sent has left, set the line so (Web Serial: close the port and open it again). */
  | { readonly kind: "line"; readonly settings: LineSettings }
  /** Call `elapsed` after so long; a later wait replaces this one, and so does the port's loss. */
  | { readonly kind: "wait"; readonly ms: number }
  | DecodeEvent;

export type Dialogue = {
  /** How the port is opened. */
  readonly opening: LineSettings;
  /** The port is open, with `opening`. */
  start(): DialogueAction[];
  push(bytes: Uint8Array): DialogueAction[];
  elapsed(): DialogueAction[];
  /** The port is lost: what was begun is refused. `start` begins anew. */
  end(): DialogueAction[];
};

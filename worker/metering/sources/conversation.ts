/**
 * Runs a dialogue on a serial port: sends what it says, changes the rate when it says, wakes it when its wait is over,
 * and begins anew when the port comes back. Knows no protocol.
 */
import type { Dialogue, DialogueAction } from "../dialogue.ts";
import type { DecodeEvent } from "../reading.ts";
import { readSerial, type SerialControl, type SerialSource } from "./serial.ts";

export type Conversation = Omit<SerialSource, "settings" | "onOpen"> & {
  readonly dialogue: Dialogue;
  readonly onDecoded: (events: readonly DecodeEvent[]) => void;
};

/** Until aborted; never rejects. `onEvent` has the port's states and errors, and the bytes as they came. */
export const converse = (conversation: Conversation, signal: AbortSignal): Promise<void> => {
  const { dialogue, delay, onDecoded } = conversation;
  let control: SerialControl | null = null;
  let waiting = new AbortController();

  const wait = async (ms: number): Promise<void> => {
    waiting.abort();
    waiting = new AbortController();
    const own = waiting.signal;
    await delay(ms, AbortSignal.any([signal, own]));
    if (!own.aborted && !signal.aborted) act(dialogue.elapsed());
  };
  const act = (actions: readonly DialogueAction[]): void => {
    const events: DecodeEvent[] = [];
    for (const action of actions) {
      if (action.kind === "send") control?.write(action.bytes);
      else if (action.kind === "line") control?.reopen(action.settings);
      else if (action.kind === "wait") void wait(action.ms);
      else events.push(action);
    }
    if (events.length > 0) onDecoded(events);
  };

  return readSerial(
    {
      ...conversation,
      settings: dialogue.opening,
      onOpen: (opened) => {
        control = opened;
        act(dialogue.start());
      },
      onEvent: (event) => {
        conversation.onEvent(event);
        if (event.kind === "bytes") act(dialogue.push(event.bytes));
        if (event.kind === "state" && event.state !== "listening") {
          control = null;
          waiting.abort();
          act(dialogue.end());
        }
      },
    },
    signal,
  );
};

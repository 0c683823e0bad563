/** A transaction as a sentence, by its kind. */
import type { TransactionView } from "../../worker/port-step.ts";
import type { Texts } from "./language.ts";

export const transactionWords = (text: Texts, transaction: Pick<TransactionView, "kind" | "by">): string => {
  const kinds: Readonly<Record<string, ((by: string) => string) | undefined>> = text.step.kinds;
  return (kinds[transaction.kind] ?? text.step.kinds.other)(transaction.by);
};

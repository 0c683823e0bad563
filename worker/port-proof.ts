/** What the page shows of a proof (worker/port.ts has the frame). Hashes are hex. */
import type { TransactionView } from "./port.ts";

/** A proof of membership (paper, figure 1), recomputed at the moment of asking. */
export type ProofView = {
  readonly transaction: TransactionView;
  readonly ok: boolean;
  readonly leaf: string;
  readonly path: readonly { readonly side: "left" | "right"; readonly hash: string }[];
  readonly txRoot: string;
  readonly blockHash: string;
  readonly signatureOk: boolean;
  readonly headerSignatureOk: boolean;
};

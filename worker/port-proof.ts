/** What the page shows of a proof (worker/port.ts has the frame). Hashes are hex. */
import type { TransactionView } from "./port-step.ts";

/**
 * Of an entry or a block: `vouched` where the key of then is not known here, and whoever made the block final answers for
 * it, as in a proof bundle.
 */
export type SignatureState = "valid" | "vouched" | "invalid";

/** A proof of membership (paper, figure 1), recomputed at the moment of asking. */
export type ProofView = {
  readonly transaction: TransactionView;
  /** Leaf, path and root hold. */
  readonly ok: boolean;
  readonly leaf: string;
  readonly path: readonly { readonly side: "left" | "right"; readonly hash: string }[];
  readonly txRoot: string;
  readonly blockHash: string;
  readonly signature: SignatureState;
  readonly headerSignature: SignatureState;
};

/** A proof bundle to keep: one file that others can check without this device (PROTOCOL.md §12). */
export type MadeBundle = {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What it proves, of the steps that were final when it was made, and the end of the last of them. */
  readonly mwh: number;
  readonly end: number;
};

/** What a proof bundle that holds says. Energy in mWh, times in ms since 1970. */
export type ProofFileView = {
  readonly community: { readonly id: string; readonly name: string; readonly founders: number };
  readonly handOvers: number;
  readonly final: {
    readonly hash: string;
    readonly height: number;
    readonly step: number;
    readonly time: number;
    readonly confirmed: number;
    readonly quorum: number;
    readonly voters: number;
  };
  /** The register is the member's virtual generation meter after the final block: all it was ever credited. */
  readonly member: {
    readonly index: number;
    readonly key: string;
    /** Of the key, as on screens and statements. */
    readonly digits: string;
    readonly registerMwh: number;
  };
  readonly claim: {
    readonly from: number;
    readonly to: number;
    /** Beginning of the first step and end of the last. */
    readonly begin: number;
    readonly end: number;
    readonly mwh: number;
    /** Whether nothing can be booked to these steps after the final block. */
    readonly closed: boolean;
  };
  readonly credits: readonly {
    readonly step: number;
    readonly height: number;
    readonly transaction: string;
    readonly mwh: number;
  }[];
  readonly blocks: number;
  /** Signatures of distributions checked here, and those of keys exchanged since, for which the quorum vouches. */
  readonly signatures: { readonly checked: number; readonly vouched: number };
};

/** The part of worker/port.ts about this device's own keeping: space, damage, backups, and being made again. */

export type CareView = {
  /** Found damaged when the app was opened, and put right; `chain`: the records are being fetched again. */
  readonly mended: { readonly rows: number; readonly chain: boolean } | null;
  /** This device may have signed what it does not know of: it listens, and votes again by itself later. */
  readonly silent: boolean;
  /** Set while space runs short; what this app could free without losing anything, where that is known. */
  readonly space: { readonly freeBytes: number; readonly freeableBytes: number | null } | null;
  /** The part of a long computation that is done, 0 to 1. */
  readonly work: number | null;
};

/** What a backup file says of itself once its passphrase was right. */
export type BackupView = {
  readonly communityName: string;
  readonly memberName: string;
  /** When it was made. */
  readonly made: number;
  readonly meters: number;
  /** Whether this device has the same member already, and newer records of it than the file. */
  readonly here: "nothing" | "older" | "same-member" | "other";
};

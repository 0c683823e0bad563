/**
 * What somebody has typed so far to found or join a community: kept for the tab, so that a refresh and Back lose nothing at
 * the twelve words. Never the words themselves. Knows no screen and no worker.
 */
export type SetupDraft = {
  readonly communityName: string;
  readonly memberName: string;
  readonly preset: "paper" | "fast";
  readonly quorum: "majority" | "two-thirds";
};

const NEW: SetupDraft = { communityName: "", memberName: "", preset: "paper", quorum: "majority" };
const KEY = "commonwatt-setup";

/** Each part that cannot be read begins anew. */
export const loadSetup = (): SetupDraft => {
  try {
    const read: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    const kept = (typeof read === "object" && read !== null ? read : {}) as Readonly<Record<string, unknown>>;
    const { communityName, memberName } = kept;
    return {
      communityName: typeof communityName === "string" ? communityName : "",
      memberName: typeof memberName === "string" ? memberName : "",
      preset: kept["preset"] === "fast" ? "fast" : "paper",
      quorum: kept["quorum"] === "two-thirds" ? "two-thirds" : "majority",
    };
  } catch {
    return NEW;
  }
};

/** The other parts stay as they were kept. */
export const keepSetup = (parts: Partial<SetupDraft>): void => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...loadSetup(), ...parts }));
  } catch {
    // Storage is denied: what was typed lives as long as the screen.
  }
};

/** Nothing more is to be set up. */
export const dropSetup = (): void => {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // There was none.
  }
};

/** The system's share sheet and the clipboard, with a plain answer about what happened. */

export const canShare = (): boolean => typeof navigator.share === "function";

export const shareLink = async (title: string, text: string, url: string): Promise<"shared" | "dismissed"> => {
  try {
    await navigator.share({ title, text, url });
    return "shared";
  } catch {
    return "dismissed";
  }
};

/** False where the browser denies the clipboard: the screen then selects the text for the hand. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

/** Something handed to the browser as a file to keep. */

/** Long enough for the browser to have begun to read it. */
const KEPT_MS = 10_000;

const save = (name: string, content: Blob): void => {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
};

/** @param text whole, or in parts: a long file is not joined in memory first. */
export const saveText = (name: string, text: string | readonly string[], type: string): void =>
  save(name, new Blob(typeof text === "string" ? [text] : [...text], { type: `${type};charset=utf-8` }));

export const saveBytes = (name: string, bytes: Uint8Array): void =>
  save(name, new Blob([Uint8Array.from(bytes)], { type: "application/octet-stream" }));

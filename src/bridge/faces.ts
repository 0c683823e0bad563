/**
 * Pictures of neighbours, kept in this browser alone: never sent, never on the chain, not in a backup. In localStorage, by
 * community: a photo is a few kilobytes once it has been scaled down. Knows no screens.
 */

/** One of the app's colours by its place, or a photo as base64; nothing of somebody who has neither. */
export type Face = { readonly colour: number | null; readonly photo: string | null };
export type Faces = Readonly<Record<number, Face>>;

const KEY = "commonwatt-faces";
/** Pixels of a photo's side: twice the largest that is shown. */
const SIDE = 144;
const MAX_CHARACTERS = 40_000;

const isFace = (value: unknown): value is Face => {
  if (typeof value !== "object" || value === null) return false;
  const { colour, photo } = value as Partial<Face>;
  const hasColour = colour === null || Number.isSafeInteger(colour);
  return hasColour && (photo === null || (typeof photo === "string" && /^[A-Za-z0-9+/=]*$/.test(photo)));
};

/** Of one community; of another nothing is kept any more. */
export const storedFaces = (community: string): Faces => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    const { of, faces } = (kept ?? {}) as { of?: unknown; faces?: unknown };
    if (of !== community || typeof faces !== "object" || faces === null) return {};
    return Object.fromEntries(Object.entries(faces).filter(([, face]) => isFace(face))) as Faces;
  } catch {
    return {};
  }
};

/** False where the browser has no room for them, or lets nothing be kept: then they are as before. */
export const keepFaces = (community: string, faces: Faces): boolean => {
  try {
    if (Object.keys(faces).length === 0) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify({ of: community, faces }));
    return true;
  } catch {
    return false;
  }
};

export const forgetFaces = (): void => {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Storage is denied: nothing was kept.
  }
};

const base64 = async (blob: Blob): Promise<string> => {
  let text = "";
  for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
  return btoa(text);
};

/**
 * The middle of a picture, square and small, without what a camera writes beside it (place, time). Null for what is no
 * picture.
 */
export const smallPhoto = async (file: Blob): Promise<string | null> => {
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  const { width, height } = picture;
  const side = Math.min(width, height);
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d");
  if (context === null || side === 0) return null;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  picture.close();
  const photo = await base64(await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 }));
  return photo.length > MAX_CHARACTERS ? null : photo;
};

/** An address for an `img`, good until it is revoked. */
export const photoUrl = (photo: string): string =>
  URL.createObjectURL(new Blob([Uint8Array.from(atob(photo), (one) => one.charCodeAt(0))], { type: "image/jpeg" }));

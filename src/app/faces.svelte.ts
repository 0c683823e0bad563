/**
 * Pictures of neighbours as screens show them: of the community that is shown, with an address for each photo. The demo's
 * are kept nowhere. Knows no layout; what stays on the device is bridge/faces.ts's business.
 */
import { forgetFaces, keepFaces, photoUrl, storedFaces, type Face, type Faces } from "../bridge/faces.ts";

/** Colours with which white letters have a contrast of 4.5 and more; none of them means anything elsewhere. */
export const FACE_COLOURS = ["#6b4c9a", "#8a4b6b", "#4a6741", "#5f6323", "#6f4e37", "#54517f"] as const;

export const NO_FACE: Face = { colour: null, photo: null };

export class FaceBook {
  #community = "";
  #all = $state.raw<Faces>({});
  readonly #urls = new Map<string, string>();

  /** `kept`: whether it outlives the page; the demo's does not. */
  open(community: string, kept: boolean): void {
    const id = kept ? community : "";
    if (id === this.#community && (kept || Object.keys(this.#all).length === 0)) return;
    this.#revoke();
    this.#community = id;
    this.#all = kept ? storedFaces(community) : {};
  }
  of(member: number): Face {
    return this.#all[member] ?? NO_FACE;
  }
  /** The photo's address; null without. */
  url(member: number): string | null {
    const { photo } = this.of(member);
    if (photo === null) return null;
    const known = this.#urls.get(photo) ?? photoUrl(photo);
    this.#urls.set(photo, known);
    return known;
  }
  colour(member: number): string | null {
    const { colour } = this.of(member);
    return colour === null ? null : (FACE_COLOURS[colour] ?? null);
  }
  /** False where there is no room for it. */
  set(member: number, face: Face): boolean {
    const { [member]: _, ...others } = this.#all;
    const all: Faces = face.colour === null && face.photo === null ? others : { ...others, [member]: face };
    if (this.#community !== "" && !keepFaces(this.#community, all)) return false;
    this.#all = all;
    this.#revoke(Object.values(all).flatMap(({ photo }) => photo ?? []));
    return true;
  }
  forget(): void {
    forgetFaces();
    this.#revoke();
    this.#all = {};
    this.#community = "";
  }
  /** Gives back what a photo's address holds, but for those that are still somebody's. */
  #revoke(still: readonly string[] = []): void {
    for (const [photo, url] of this.#urls) {
      if (still.includes(photo)) continue;
      URL.revokeObjectURL(url);
      this.#urls.delete(photo);
    }
  }
}

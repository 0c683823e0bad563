/**
 * One typeface at a time: the app's own is used where both of its weights are there when the first screen is drawn, else
 * the device's own for this visit. So no screen mixes two, and none jumps when a late one comes. Knows no screens.
 */

/** Both are asked for by the page itself (vite.config.ts), beside the scripts: they seldom come much later. */
const WAIT_MS = 150;
const WEIGHTS = [400, 700];

const bothLoaded = async (): Promise<boolean> => {
  const loaded = await Promise.all(
    WEIGHTS.map((weight) => document.fonts.load(`${weight} 1rem "Atkinson Hyperlegible Next"`)),
  );
  return loaded.every((faces) => faces.length > 0);
};

/** Asks for both weights. The function it returns settles which face this visit has; call it before the first screen. */
export const loadTypeface = (): (() => Promise<void>) => {
  const both = bothLoaded().catch(() => false);
  return async () => {
    const late = new Promise<boolean>((done) => setTimeout(() => done(false), WAIT_MS));
    if (await Promise.race([both, late])) document.documentElement.classList.add("typeface");
  };
};

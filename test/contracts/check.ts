/**
 * A check that runs anywhere: under vitest in Node and inside a real browser's page, so it brings its own
 * assertions. An acceptance suite is a list of them; each gets a fresh bed from the adapter's factory.
 */
export type Check<Bed> = { readonly name: string; readonly run: (bed: Bed) => Promise<void> };

const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? `bytes ${inner.length}: ${[...inner.subarray(0, 32)].join(" ")}` : inner,
  ) ?? String(value);

/** @throws Error unless both look the same: bytes by content, everything else by its JSON. */
export const same = (actual: unknown, expected: unknown, what: string): void => {
  if (show(actual) !== show(expected)) throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`);
};

export const holds = (condition: boolean, what: string): void => {
  if (!condition) throw new Error(`${what}: does not hold`);
};

/** The error that `work` rejects with. @throws Error when it resolves. */
export const rejection = async (work: Promise<unknown>, what: string): Promise<unknown> => {
  try {
    await work;
  } catch (cause) {
    return cause;
  }
  throw new Error(`${what}: was not refused`);
};

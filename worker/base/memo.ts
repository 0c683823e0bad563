/**
 * A bounded memo of a pure function of a string: the same answers, sooner. It holds nothing that could not be computed
 * again, so it is no state of the protocol. The oldest entry makes room for a new one.
 */
export const memo = <V>(limit: number, compute: (key: string) => V): ((key: string) => V) => {
  const known = new Map<string, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute(key);
    for (const oldest of known.keys()) {
      if (known.size < limit) break;
      known.delete(oldest);
    }
    known.set(key, value);
    return value;
  };
};

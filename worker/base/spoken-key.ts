/**
 * The digits by which people recognise a key, on screens, on paper and in a terminal (PROTOCOL.md §2): hex is easily
 * misheard, digits are not. Twelve of them, of the key's first 48 bits. The page has the same function (src/app/format.ts).
 */
export const spokenKey = (key: string): string =>
  String(Number.parseInt(key.slice(0, 12), 16) % 1_000_000_000_000)
    .padStart(12, "0")
    .replace(/(\d{3})(?=\d)/gu, "$1 ");

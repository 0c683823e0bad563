/**
 * Canonical binary encoding on micro-packed (PROTOCOL.md §3): one encoding per value, bounded lists, trailing
 * bytes refused. decode(encode(x)) = x, and any bytes are refused or re-encode to themselves.
 */
import * as P from "micro-packed";
import { fromHex, toHex } from "./bytes.ts";
import { ok, refuse, type Result } from "./result.ts";

export type Codec<T> = P.CoderType<T>;
export type Infer<C> = C extends P.CoderType<infer T> ? T : never;

/** Fields in the order written: the order is part of the format. */
export const struct = <T extends object>(fields: { readonly [K in keyof T]: Codec<T[K]> }): Codec<T> =>
  P.struct(fields as Record<string, Codec<unknown>>) as unknown as Codec<T>;

const MAX_VARINT_BYTES = 8;

/** Unsigned safe integer as LEB128, shortest form only. */
export const uint: Codec<number> = P.wrap({
  encodeStream: (w, value: number) => {
    if (!Number.isSafeInteger(value) || value < 0) throw w.err(`uint: ${value} is not a whole number from 0`);
    let rest = value;
    while (rest >= 128) {
      w.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    w.byte(rest);
  },
  decodeStream: (r): number => {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = r.byte();
      value += (byte % 128) * scale;
      if (byte < 128) {
        if (byte === 0 && i > 0) throw r.err("uint: not the shortest form");
        if (!Number.isSafeInteger(value)) throw r.err("uint: too large");
        return value;
      }
      scale *= 128;
    }
    throw r.err("uint: too long");
  },
});

/** A uint that carries a brand: same bytes, another type. */
export const branded = <T extends number>(): Codec<T> => uint as unknown as Codec<T>;

export const flag: Codec<boolean> = P.wrap({
  size: 1,
  encodeStream: (w, value: boolean) => w.byte(value ? 1 : 0),
  decodeStream: (r): boolean => {
    const byte = r.byte();
    if (byte > 1) throw r.err("flag: neither 0 nor 1");
    return byte === 1;
  },
});

/** Exactly `length` bytes. What is decoded is a copy, so that it neither keeps nor follows the buffer it came in. */
export const bytes = (length: number): Codec<Uint8Array> =>
  P.wrap({
    size: length,
    encodeStream: (w, value: Uint8Array) => {
      if (value.length !== length) throw w.err(`bytes: ${value.length} of them, not ${length}`);
      w.bytes(value);
    },
    decodeStream: (r): Uint8Array => r.bytes(length).slice(),
  });

/** Up to `max` bytes, length first. */
export const blob = (max: number): Codec<Uint8Array> =>
  P.wrap({
    encodeStream: (w, value: Uint8Array) => {
      if (value.length > max) throw w.err(`blob: ${value.length} bytes, at most ${max}`);
      uint.encodeStream(w, value.length);
      w.bytes(value);
    },
    decodeStream: (r): Uint8Array => {
      const n = uint.decodeStream(r);
      if (n > max) throw r.err(`blob: ${n} bytes, at most ${max}`);
      return r.bytes(n).slice();
    },
  });

/** `length` bytes shown as lower-case hex. */
export const hex = <H extends string = string>(length: number): Codec<H> =>
  P.wrap({
    size: length,
    encodeStream: (w, value: H) => {
      const raw = fromHex(value);
      if (raw.length !== length || value !== value.toLowerCase()) throw w.err(`hex: not ${length} bytes, lower case`);
      w.bytes(raw);
    },
    decodeStream: (r): H => toHex<H>(r.bytes(length)),
  });

const utf8 = new TextEncoder();
const utf8Strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of at most `max` UTF-8 bytes; ill-formed text is refused both ways. */
export const text = (max: number): Codec<string> =>
  P.wrap({
    encodeStream: (w, value: string) => {
      const raw = utf8.encode(value);
      if (utf8Strict.decode(raw) !== value) throw w.err("text: not well-formed");
      blob(max).encodeStream(w, raw);
    },
    decodeStream: (r): string => utf8Strict.decode(blob(max).decodeStream(r)),
  });

/** At most `max` items, count first. */
export const list = <T>(item: Codec<T>, max: number): Codec<readonly T[]> =>
  P.wrap({
    encodeStream: (w, value: readonly T[]) => {
      if (value.length > max) throw w.err(`list: ${value.length} items, at most ${max}`);
      uint.encodeStream(w, value.length);
      for (const x of value) item.encodeStream(w, x);
    },
    decodeStream: (r): readonly T[] => {
      const n = uint.decodeStream(r);
      if (n > max) throw r.err(`list: ${n} items, at most ${max}`);
      const out: T[] = [];
      for (let i = 0; i < n; i++) out.push(item.decodeStream(r));
      return out;
    },
  });

/** Absent or present. */
export const option = <T>(inner: Codec<T>): Codec<T | null> =>
  P.wrap({
    encodeStream: (w, value: T | null) => {
      flag.encodeStream(w, value !== null);
      if (value !== null) inner.encodeStream(w, value);
    },
    decodeStream: (r): T | null => (flag.decodeStream(r) ? inner.decodeStream(r) : null),
  });

/** One of a fixed set of words, as its place in the list. The order of `words` is part of the format. */
export const word = <W extends string>(words: readonly W[]): Codec<W> =>
  P.wrap({
    encodeStream: (w, value: W) => {
      const i = words.indexOf(value);
      if (i < 0) throw w.err(`word: ${value} is none of ${words.join(", ")}`);
      uint.encodeStream(w, i);
    },
    decodeStream: (r): W => {
      const found = words[uint.decodeStream(r)];
      if (found === undefined) throw r.err("word: out of range");
      return found;
    },
  });

// oxlint-disable-next-line typescript/no-explicit-any -- a codec both takes and gives its type, so no other type holds all
type Kinds = Record<string, Codec<any>>;
type Union<K extends Kinds> = { [N in keyof K]: { kind: N } & Infer<K[N]> }[keyof K];

/** A union on `kind`: the place of the kind in `kinds`, then its fields. The order is part of the format. */
export const union = <K extends Kinds>(kinds: K): Codec<Union<K>> => {
  const names = Object.keys(kinds);
  return P.wrap({
    encodeStream: (w, value: Union<K>) => {
      const i = names.indexOf(value.kind as string);
      const inner = kinds[value.kind as string];
      if (i < 0 || inner === undefined) throw w.err(`union: unknown kind ${String(value.kind)}`);
      uint.encodeStream(w, i);
      inner.encodeStream(w, value);
    },
    decodeStream: (r): Union<K> => {
      const name = names[uint.decodeStream(r)];
      const inner = name === undefined ? undefined : kinds[name];
      if (inner === undefined) throw r.err("union: unknown kind");
      return { kind: name, ...inner.decodeStream(r) } as Union<K>;
    },
  });
};

export const empty: Codec<object> = P.struct({});

/** @throws Error when the value is outside the codec's bounds: a bug of the caller. */
export const encode = <T>(codec: Codec<T>, value: T): Uint8Array => codec.encode(value);

/** Refusal `malformed` for anything that is not exactly one canonical encoding. */
export const decode = <T>(codec: Codec<T>, raw: Uint8Array, what: string): Result<T> => {
  try {
    return ok(codec.decode(raw));
  } catch (cause) {
    return refuse("malformed", `This ${what} cannot be read; it was damaged or made by another version.`, "penalise", {
      what,
      reason: cause instanceof Error ? cause.message : String(cause),
    });
  }
};

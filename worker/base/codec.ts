/**
 * Canonical binary encoding (PROTOCOL.md §3): one encoding per value, bounded lists, trailing bytes refused.
 * decode(encode(x)) = x, and any bytes are refused or re-encode to themselves. Every message, row and hash passes
 * through here, several thousand a second where blocks are made: no field costs more than its bytes.
 */
import { toHex } from "./bytes.ts";
import { Reader, Writer } from "./codec-stream.ts";
import { ok, refuse, type Result } from "./result.ts";

/** `write` and `read` for codecs made of others; `encode` and `decode` for whole values. Both throw. */
export type Codec<T> = {
  readonly write: (w: Writer, value: T) => void;
  readonly read: (r: Reader) => T;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (raw: Uint8Array) => T;
};
// oxlint-disable-next-line typescript/no-explicit-any -- a codec both takes and gives its type, so no other type holds all
type AnyCodec = Codec<any>;
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** Writers at rest: a codec may be asked for a whole value while another is being written. */
const resting: Writer[] = [];

const codec = <T>(write: (w: Writer, value: T) => void, read: (r: Reader) => T): Codec<T> => ({
  write,
  read,
  encode: (value) => {
    const w = resting.pop() ?? new Writer();
    try {
      write(w, value);
      return w.finish();
    } finally {
      w.clear();
      resting.push(w);
    }
  },
  decode: (raw) => {
    const r = new Reader(raw);
    const value = read(r);
    r.end();
    return value;
  },
});

/** Fields in the order written: the order is part of the format. */
export const struct = <T extends object>(fields: { readonly [K in keyof T]: Codec<T[K]> }): Codec<T> => {
  const parts = Object.entries(fields) as [keyof T & string, AnyCodec][];
  return codec(
    (w, value) => {
      for (const [name, part] of parts) part.write(w, value[name]);
    },
    (r) => {
      const out: Partial<T> = {};
      for (const [name, part] of parts) out[name] = part.read(r) as T[typeof name];
      return out as T;
    },
  );
};

const MAX_VARINT_BYTES = 8;

/** Unsigned safe integer as LEB128, shortest form only. */
export const uint: Codec<number> = codec(
  (w, value) => {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`uint: ${value} is not a whole number from 0`);
    let rest = value;
    while (rest >= 128) {
      w.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    w.byte(rest);
  },
  (r) => {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = r.byte();
      value += (byte % 128) * scale;
      if (byte < 128) {
        if (byte === 0 && i > 0) throw new Error("uint: not the shortest form");
        if (!Number.isSafeInteger(value)) throw new Error("uint: too large");
        return value;
      }
      scale *= 128;
    }
    throw new Error("uint: too long");
  },
);

/** A uint that carries a brand: same bytes, another type. */
export const branded = <T extends number>(): Codec<T> => uint as unknown as Codec<T>;

export const flag: Codec<boolean> = codec(
  (w, value) => w.byte(value ? 1 : 0),
  (r) => {
    const byte = r.byte();
    if (byte > 1) throw new Error("flag: neither 0 nor 1");
    return byte === 1;
  },
);

/** Exactly `length` bytes. What is decoded is a copy, so that it neither keeps nor follows the buffer it came in. */
export const bytes = (length: number): Codec<Uint8Array> =>
  codec(
    (w, value) => {
      if (value.length !== length) throw new Error(`bytes: ${value.length} of them, not ${length}`);
      w.bytes(value);
    },
    (r) => r.bytes(length).slice(),
  );

/** A length, then as many bytes; a view of them. */
const readBlob = (r: Reader, max: number): Uint8Array => {
  const n = uint.read(r);
  if (n > max) throw new Error(`blob: ${n} bytes, at most ${max}`);
  return r.bytes(n);
};
const writeBlob = (w: Writer, value: Uint8Array, max: number): void => {
  if (value.length > max) throw new Error(`blob: ${value.length} bytes, at most ${max}`);
  uint.write(w, value.length);
  w.bytes(value);
};

/** Up to `max` bytes, length first. */
export const blob = (max: number): Codec<Uint8Array> =>
  codec(
    (w, value) => writeBlob(w, value, max),
    (r) => readBlob(r, max).slice(),
  );

/** 0 to 15, or -1. Lower case only. */
const digit = (code: number): number =>
  code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;

/** `length` bytes shown as lower-case hex. */
export const hex = <H extends string = string>(length: number): Codec<H> =>
  codec(
    (w, value) => {
      if (value.length !== 2 * length) throw new Error(`hex: not ${length} bytes`);
      for (let i = 0; i < value.length; i += 2) {
        const high = digit(value.charCodeAt(i));
        const low = digit(value.charCodeAt(i + 1));
        if (high < 0 || low < 0) throw new Error("hex: not hex in lower case");
        w.byte(16 * high + low);
      }
    },
    (r) => toHex<H>(r.bytes(length)),
  );

const utf8 = new TextEncoder();
const utf8Strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of at most `max` UTF-8 bytes; ill-formed text is refused both ways. */
export const text = (max: number): Codec<string> =>
  codec(
    (w, value) => {
      const raw = utf8.encode(value);
      // As many bytes as characters are all ASCII.
      if (raw.length !== value.length && utf8Strict.decode(raw) !== value) throw new Error("text: not well-formed");
      writeBlob(w, raw, max);
    },
    (r) => utf8Strict.decode(readBlob(r, max)),
  );

/** At most `max` items, count first. */
export const list = <T>(item: Codec<T>, max: number): Codec<readonly T[]> =>
  codec(
    (w, value) => {
      if (value.length > max) throw new Error(`list: ${value.length} items, at most ${max}`);
      uint.write(w, value.length);
      for (const x of value) item.write(w, x);
    },
    (r) => {
      const n = uint.read(r);
      if (n > max) throw new Error(`list: ${n} items, at most ${max}`);
      const out: T[] = [];
      for (let i = 0; i < n; i++) out.push(item.read(r));
      return out;
    },
  );

/** Absent or present. */
export const option = <T>(inner: Codec<T>): Codec<T | null> =>
  codec(
    (w, value) => {
      flag.write(w, value !== null);
      if (value !== null) inner.write(w, value);
    },
    (r) => (flag.read(r) ? inner.read(r) : null),
  );

/** One of a fixed set of words, as its place in the list. The order of `words` is part of the format. */
export const word = <W extends string>(words: readonly W[]): Codec<W> =>
  codec(
    (w, value) => {
      const i = words.indexOf(value);
      if (i < 0) throw new Error(`word: ${value} is none of ${words.join(", ")}`);
      uint.write(w, i);
    },
    (r) => {
      const found = words[uint.read(r)];
      if (found === undefined) throw new Error("word: out of range");
      return found;
    },
  );

type Kinds = Record<string, AnyCodec>;
type Union<K extends Kinds> = { [N in keyof K]: { kind: N } & Infer<K[N]> }[keyof K];

/** A union on `kind`: the place of the kind in `kinds`, then its fields. The order is part of the format. */
export const union = <K extends Kinds>(kinds: K): Codec<Union<K>> => {
  const names = Object.keys(kinds);
  return codec(
    (w, value) => {
      const i = names.indexOf(value.kind as string);
      const inner = kinds[value.kind as string];
      if (i < 0 || inner === undefined) throw new Error(`union: unknown kind ${String(value.kind)}`);
      uint.write(w, i);
      inner.write(w, value);
    },
    (r) => {
      const name = names[uint.read(r)];
      const inner = name === undefined ? undefined : kinds[name];
      if (inner === undefined) throw new Error("union: unknown kind");
      return { kind: name, ...inner.read(r) } as Union<K>;
    },
  );
};

export const empty: Codec<object> = struct({});

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

/**
 * The only parts of the surroundings that pure code may touch: text encoding, and WebCrypto's signature check as
 * an accelerator (PROTOCOL.md §3). Worded as lib.dom has them, so that pure files also check in programs that
 * have the real declarations. Seen by tsconfig.pure.json alone.
 */
interface TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
declare var TextEncoder: { prototype: TextEncoder; new (): TextEncoder };

interface TextDecoder {
  decode(input?: ArrayBuffer | ArrayBufferView<ArrayBufferLike> | null, options?: { stream?: boolean }): string;
}
declare var TextDecoder: {
  prototype: TextDecoder;
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};

type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;
type KeyUsage = "decrypt" | "deriveBits" | "deriveKey" | "encrypt" | "sign" | "unwrapKey" | "verify" | "wrapKey";

interface CryptoKey {
  readonly extractable: boolean;
  readonly type: "private" | "public" | "secret";
}

interface SubtleCrypto {
  importKey(
    format: "raw",
    keyData: BufferSource,
    algorithm: { name: string } | string,
    extractable: boolean,
    keyUsages: readonly KeyUsage[],
  ): Promise<CryptoKey>;
  verify(
    algorithm: { name: string } | string,
    key: CryptoKey,
    signature: BufferSource,
    data: BufferSource,
  ): Promise<boolean>;
}

interface Crypto {
  readonly subtle: SubtleCrypto;
}
declare var crypto: Crypto;

/** What a session description says of its certificate: one fingerprint or nothing. */
import { describe, expect, it } from "vitest";
import { fingerprintIn } from "../../src/bridge/channel.ts";

const PRINT = "AB:CD:EF:01";
const sdp = (...lines: string[]): string => ["v=0", "s=-", ...lines, "a=setup:actpass"].join("\r\n");

describe("the fingerprint of a session description", () => {
  it("is read in one spelling, also when a description repeats it for each section", () => {
    expect(fingerprintIn(sdp(`a=fingerprint:sha-256 ${PRINT}`))).toBe(`sha-256 ${PRINT}`);
    expect(fingerprintIn(sdp(`a=fingerprint:SHA-256 ${PRINT.toLowerCase()}`, `a=fingerprint:sha-256 ${PRINT}`))).toBe(
      `sha-256 ${PRINT}`,
    );
  });

  it("is nothing when two are listed: a browser would take a certificate that fits either", () => {
    expect(fingerprintIn(sdp(`a=fingerprint:sha-256 ${PRINT}`, "a=fingerprint:sha-256 00:11"))).toBeNull();
    expect(fingerprintIn(sdp(`a=fingerprint:sha-256 ${PRINT}`, "a=fingerprint:sha-512 00:11"))).toBeNull();
  });

  it("is nothing when there is none, or only one of a hash that is too weak", () => {
    expect(fingerprintIn("")).toBeNull();
    expect(fingerprintIn(sdp("a=fingerprint:sha-1 00:11"))).toBeNull();
  });
});

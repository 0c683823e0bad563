#!/usr/bin/env python3
"""A second verifier of Commonwatt proof bundles (worker/PROTOCOL.md, section 12), written from the text alone.

Python's standard library only. It reads every field, and checks every hash, Merkle path, count and sum, and the seal.
It does NOT check, and says so:
 - signatures (Ed25519, BLS12-381), nor proofs that voting keys are possessed: with whoever forges those, it does not help;
 - whether the contract's terms are sound (section 2), but for version, members, quorum and length of the step.
For these, use `commonwatt verify`.

Usage: verify-bundle.py FILE... [--json]      exit codes: 0 all hold, 1 one does not, 2 usage
"""
import bisect
import hashlib
import json
import sys


class Refused(Exception):
    def __init__(self, place, why):
        super().__init__(why)
        self.place = place


def sha(data):
    return hashlib.sha256(data).digest()


def tagged(tag, data):
    t = sha(b"commonwatt/" + tag.encode())
    return sha(t + t + data)


def leaf_hash(data):
    return sha(b"\0" + data)


def node_hash(left, right):
    return sha(b"\1" + left + right)


def tree_root(leaves):
    level = [leaf_hash(x) for x in leaves]
    while len(level) > 1:
        pairs = [node_hash(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0] if level else sha(b"")


def uint_bytes(n):
    out = bytearray()
    while n >= 128:
        out.append(n % 128 + 128)
        n //= 128
    return bytes(out + bytearray([n]))


class Reader:
    """The encoding of section 3. Everything that is not the one encoding of something is refused."""

    def __init__(self, data, place):
        self.data, self.at, self.place = data, 0, place

    def take(self, n):
        if self.at + n > len(self.data):
            raise Refused(self.place, "the bytes end too early")
        self.at += n
        return self.data[self.at - n : self.at]

    def uint(self):
        value = 0
        for i in range(8):
            byte = self.take(1)[0]
            value += (byte & 127) << (7 * i)
            if byte < 128:
                if (byte == 0 and i > 0) or value >= 1 << 53:
                    break
                return value
        raise Refused(self.place, "a number is not written as it must be")

    def flag(self):
        byte = self.take(1)[0]
        if byte > 1:
            raise Refused(self.place, "a yes or no is neither")
        return byte == 1

    def many(self, item):
        return [item() for _ in range(self.uint())]

    def maybe(self, item):
        return item() if self.flag() else None

    def done(self):
        if self.at != len(self.data):
            raise Refused(self.place, "bytes are left over")

    def header(self):
        start = self.at
        h = {"version": self.uint(), "community": self.take(32), "step": self.uint(), "height": self.uint()}
        h["parent"], h["rank"], h["miner"] = self.take(32), self.uint(), self.uint()
        for root in ("txRoot", "stateRoot", "historyRoot", "votersRoot", "beacon", "votesRoot"):
            h[root] = self.take(32)
        h["hash"] = tagged("block", self.data[start : self.at])
        return h

    def votes(self):
        v = {"set": self.uint(), "round": self.uint(), "kind": self.uint(), "step": self.uint(), "block": self.take(32)}
        field = self.take(self.uint())
        v["members"] = [8 * i + b for i, byte in enumerate(field) for b in range(8) if byte >> b & 1]
        if not field or field[-1] == 0 or v["kind"] > 1:
            raise Refused(self.place, "a list of voters is not written as it must be")
        v["signature"] = self.take(48)
        return v

    def hop(self):
        h = {"header": self.header(), "above": self.many(self.header), "votes": self.many(self.votes)}
        h["next"] = self.maybe(
            lambda: {
                "set": self.uint(),
                "quorum": self.uint(),
                "gone": self.many(self.uint),
                "come": self.many(lambda: (self.uint(), self.take(96))),
            }
        )
        return h

    def path(self):
        return self.many(lambda: (self.flag(), self.take(32)))

    def member(self):
        m = {"member": self.uint()}
        start = self.at
        m["key"], _bls, _weight, m["vpp"] = self.take(32), self.take(96), self.uint(), self.flag()
        _joined, m["meter"], _last, _blocks, _reputation = (self.uint() for _ in range(5))
        _approved, _strikes, _barred, _convicted = self.maybe(self.uint), self.uint(), self.maybe(self.uint), self.flag()
        _pardoned, m["left"], m["votesSince"] = self.maybe(self.uint), self.maybe(self.uint), self.uint()
        _old, _since = self.maybe(lambda: self.take(96)), self.uint()
        m["row"] = self.data[start : self.at]
        m["path"] = self.path()
        return m

    def credit(self, community):
        start = self.at
        if self.uint() != 2:
            raise Refused(self.place, "a transaction is no distribution")
        tx = {"step": self.uint(), "inputs": self.many(lambda: self.take(32))}
        tx["shares"] = self.many(lambda: (self.uint(), self.uint()))
        tx["id"] = tagged("tx", community + self.data[start : self.at])
        tx["signer"], _signature = self.uint(), self.take(64)
        tx["leaf"] = leaf_hash(self.data[start : self.at])
        tx["path"] = self.path()
        return tx


def read_contract(data):
    r = Reader(data, "contract")
    c = {"version": r.uint(), "name": r.take(r.uint()).decode("utf-8"), "t0": r.uint(), "stepMs": r.uint()}
    numbers = [r.uint() for _ in range(23)]
    c["num"], c["den"], c["late"] = numbers[11], numbers[12], numbers[14]
    _metering = r.uint()
    _iterations = r.many(lambda: (r.uint(), r.uint()))
    c["members"] = r.many(lambda: (r.take(32), r.take(96), r.take(48), r.uint(), r.flag()))
    r.many(lambda: (r.take(32), [r.uint() for _ in range(5)], r.maybe(lambda: r.take(64))))
    r.maybe(lambda: r.take(32))
    c["id"] = tagged("contract", data[: r.at])
    r.take(64)
    r.done()
    if c["version"] != 3 or not c["members"] or not c["stepMs"]:
        raise Refused("contract", "it is no contract of version 3")
    if not c["num"] < c["den"] <= 2 * c["num"]:
        raise Refused("contract", "its quorum is not at least one half and less than all")
    return c


def voters_root(voters):
    s = uint_bytes(voters["set"])
    leaves = [s + uint_bytes(m) + key for m, key in sorted(voters["keys"].items())]
    return tree_root([s + uint_bytes(voters["quorum"])] + leaves)


def changed(voters, change, place):
    keys = dict(voters["keys"])
    come = [m for m, _ in change["come"]]
    ok = change["gone"] == sorted(set(change["gone"])) and come == sorted(set(come))
    ok = ok and all(m in keys for m in change["gone"]) and not set(come) & set(change["gone"])
    if not ok or any(keys.get(m) == key for m, key in change["come"]):
        raise Refused(place, "the change of the voters is not written as it must be")
    for m in change["gone"]:
        del keys[m]
    keys.update(change["come"])
    return {"set": change["set"], "quorum": change["quorum"], "keys": keys}


def check_certificate(hop, voters, community, place):
    line = [hop["header"]] + hop["above"]
    for below, above in zip(line, line[1:]):
        follows = above["parent"] == below["hash"] and above["height"] == below["height"] + 1
        if not follows or above["step"] <= below["step"]:
            raise Refused(place, "its blocks do not follow one another")
    if any(h["community"] != community for h in line):
        raise Refused(place, "it is of another community")
    steps = {h["hash"]: h["step"] for h in line}
    first, signers = (hop["votes"] or [None])[0], []
    if first is None or first["set"] < voters["set"]:
        raise Refused(place, "it has no votes of the voters in office")
    for v in hop["votes"]:
        if v["kind"] != 1 or (v["set"], v["round"]) != (first["set"], first["round"]) or steps.get(v["block"]) != v["step"]:
            raise Refused(place, "its votes are for something else")
        signers += v["members"]
    if len(set(signers)) != len(signers) or not set(signers) <= set(voters["keys"]):
        raise Refused(place, "it counts somebody twice, or who does not vote")
    if len(signers) < voters["quorum"]:
        raise Refused(place, "%d confirm, and %d must" % (len(signers), voters["quorum"]))
    named = [v["step"] for v in hop["votes"]]
    if named != sorted(set(named)) or hop["votes"][-1]["block"] != line[-1]["hash"]:
        raise Refused(place, "it is not written as a proof is")
    return signers


def check_trust(hops, final, voters, community):
    height = 0
    for n, hop in enumerate(hops):
        check_certificate(hop, voters, community, "hops")
        if hop["header"]["height"] <= height or hop["next"] is None or hop["votes"][0]["set"] != voters["set"]:
            raise Refused("hops", "hand-over %d is not written as a proof is" % (n + 1))
        after = changed(voters, hop["next"], "hops")
        if voters_root(after) != hop["header"]["votersRoot"] or after["set"] <= voters["set"]:
            raise Refused("hops", "hand-over %d names other voters than its block" % (n + 1))
        voters, height = after, hop["header"]["height"]
    signers = check_certificate(final, voters, community, "final")
    if final["header"]["height"] <= height:
        raise Refused("final", "it is not above the last hand-over")
    later = voters if final["next"] is None else changed(voters, final["next"], "final")
    if final["next"] is not None:
        same = [m for m in signers if later["keys"].get(m) == voters["keys"][m]]
        root = voters_root(later) == final["header"]["votersRoot"]
        if not root or later["set"] <= voters["set"] or len(same) < max(len(signers), later["quorum"]):
            raise Refused("final", "those who confirm it are no quorum of the voters that it names")
    if final["votes"][0]["set"] != later["set"]:
        raise Refused("final", "its votes are of another set of voters")
    return later, signers


def fold(leaf, path):
    for left, other in path:
        leaf = node_hash(other, leaf) if left else node_hash(leaf, other)
    return leaf


def history_root(leaves, size, beside):
    """`leaves` by place; `beside` is used up from left to right (section 12.4)."""
    places, beside = sorted(leaves), iter(beside)

    def down(start, end):
        nearest = bisect.bisect_left(places, start)
        if nearest == len(places) or places[nearest] >= end:
            return next(beside)
        if end - start == 1:
            return leaves[start]
        split = 1 << (end - start - 1).bit_length() - 1
        left = down(start, start + split)
        return node_hash(left, down(start + split, end))

    try:
        root = down(0, size)
    except StopIteration:
        return None
    return root if next(beside, None) is None else None


def check(raw):
    if raw[:7] != b"CWPROOF" or len(raw) < 40 or raw[7] != 1:
        raise Refused("file", "this is no proof bundle of version 1")
    parts, body = {}, Reader(raw[8:-32], "file")
    for name in ("claim", "contract", "hops", "final", "members", "blocks", "history"):
        parts[name] = body.take(body.uint())
    body.done()
    c = read_contract(parts["contract"])

    def section(name, read):
        r = Reader(parts[name], name)
        value = read(r)
        r.done()
        return value

    member, start, end, claimed = section("claim", lambda r: [r.uint() for _ in range(4)])
    hops = section("hops", lambda r: r.many(r.hop))
    final = section("final", lambda r: r.hop())
    members = section("members", lambda r: r.many(r.member))
    block = lambda r: lambda: (r.header(), r.many(lambda: r.credit(c["id"])))
    blocks = section("blocks", lambda r: r.many(block(r)))
    history = section("history", lambda r: r.many(lambda: r.take(32)))

    n = len(c["members"])
    first = {"set": 0, "quorum": n * c["num"] // c["den"] + 1, "keys": {i: m[1] for i, m in enumerate(c["members"])}}
    voters, signers = check_trust(hops, final, first, c["id"])
    head = final["header"]

    if start < 1 or start > end or end >= head["step"]:
        raise Refused("claim", "the period is none, or goes beyond the final block")
    rows = {m["member"]: m for m in members}
    needed = {member} | {tx["signer"] for _, txs in blocks for tx in txs}
    for m in members:
        path = b"member/%08x" % m["member"]
        if fold(leaf_hash(bytes([len(path)]) + path + m["row"]), m["path"]) != head["stateRoot"]:
            raise Refused("members", "the row of member %d is not in the final state" % m["member"])
    if [m["member"] for m in members] != sorted(needed):
        raise Refused("members", "the rows are not those that a proof has")

    heights = [h["height"] for h, _ in blocks]
    if not blocks or heights != sorted(set(heights)) or any(h["community"] != c["id"] for h, _ in blocks):
        raise Refused("blocks", "they do not stand in order, or are of another community")
    leaves = {h["height"]: leaf_hash(h["hash"]) for h, _ in blocks}
    if heights[-1] >= head["height"] or history_root(leaves, head["height"], history) != head["historyRoot"]:
        raise Refused("history", "a block is not among those before the final one")

    total, seen = 0, set()
    for h, txs in blocks:
        ids = [tx["id"] for tx in txs]
        if not ids or ids != sorted(set(ids)) or seen & set(ids):
            raise Refused("blocks", "a distribution stands twice or out of order, or there is none")
        seen |= set(ids)
        for tx in txs:
            if fold(tx["leaf"], tx["path"]) != h["txRoot"]:
                raise Refused("blocks", "a distribution is not in block %d" % h["height"])
            if not start <= tx["step"] <= end:
                raise Refused("blocks", "a distribution is of a step outside the period")
            named = [m for m, _ in tx["shares"]]
            if named != sorted(set(named)):
                raise Refused("blocks", "a distribution names a member twice or out of order")
            if member not in named:
                raise Refused("blocks", "a distribution gives the member nothing")
            total += dict(tx["shares"])[member]
            any_member = tx["step"] + c["late"] // 8 <= h["step"]
            if not any_member and not rows[tx["signer"]]["vpp"] and rows[tx["signer"]]["left"] is None:
                raise Refused("blocks", "who may not distribute signed a distribution")
    if total != claimed or total > rows[member]["meter"]:
        raise Refused("claim", "the distributions credit %d mWh, the file claims %d" % (total, claimed))
    if tagged("bundle", raw[:-32]) != raw[-32:]:
        raise Refused("seal", "the period, a signature or the seal itself was changed")
    return {
        "community": c["id"].hex(), "name": c["name"], "member": member, "key": rows[member]["key"].hex(),
        "from": start, "to": end, "begin": c["t0"] + (start - 1) * c["stepMs"], "end": c["t0"] + end * c["stepMs"],
        "mwh": total, "registerMwh": rows[member]["meter"], "distributions": len(seen), "blocks": len(blocks),
        "finalHeight": head["height"], "finalStep": head["step"], "finalHash": head["hash"].hex(),
        "confirmed": len(signers), "quorum": voters["quorum"], "voters": len(voters["keys"]), "handOvers": len(hops),
        "closed": head["step"] >= end + c["late"], "signaturesChecked": False, "contractTermsChecked": False,
    }  # fmt: skip


def tell(file, as_json):
    with open(file, "rb") as opened:
        raw = opened.read()
    try:
        found = check(raw)
    except (Refused, UnicodeDecodeError) as error:
        place = getattr(error, "place", "contract")
        print(json.dumps({"ok": False, "place": place}) if as_json else "REFUSED at %s: %s" % (place, error))
        return False
    if as_json:
        print(json.dumps({"ok": True, **found}))
        return True
    print("Holds, as far as hashes, counts and sums go. NOT CHECKED: signatures, proofs of possession of voting keys, and the")
    print("contract's terms but for version, members, quorum and step. Use `commonwatt verify` for these.")
    for name, value in found.items():
        print("  %-18s %s" % (name, value))
    return True


def main(args):
    files = [a for a in args if a != "--json"]
    if not files:
        sys.stderr.write(__doc__)
        return 2
    return 0 if all([tell(file, "--json" in args) for file in files]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

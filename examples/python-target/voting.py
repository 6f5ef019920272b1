"""A small but complete voting service: what a vendor would have already.

Voters' clients encrypt, a box takes ballots and puts them on a hash-chained
board, t of n trustees decrypt the products of the ciphertexts, anyone verifies.

A voter proves who he is with a token, an HMAC over election and name under the
registrar's key: the box computes it again, so that it needs no list of secrets,
and nobody else can make one. Ballots name election, voter and a number that
grows with each ballot of that voter; the proofs are made for all three, so a
ballot is worth nothing in another's hands, in another election, or after its
successor. Receipts are the board's signature on tracker and place.

Weaknesses can be built in, to see that they are found; see WEAKNESSES.
"""

import hashlib
import hmac
import json
import tempfile

import group
from group import Invalid

WEAKNESSES = {
    "copy": "proofs are not made for a voter, and nobody looks for copies",
    "cross-election": "all elections have one key, and ballots do not say which they are for",
    "anybody": "the voter's token is not looked at",
    "overvote": "the proof of the sum is not looked at",
    "double-vote": "where one ballot counts, a second one is taken as well",
    "older-wins": "a ballot that comes later counts, whatever its number",
    "retry-twice": "a ballot that comes again is put on the board again, and counted again",
    "after-close": "ballots are taken until there is a result",
    "drop": "every fifth ballot is acknowledged and not stored",
    "forget": "ballots are acknowledged before they are stored",
    "early-tally": "running totals can be had before the close",
}


class Refusal(Exception):
    def __init__(self, code, detail):
        super().__init__(detail)
        self.code, self.detail = code, detail


def canonical(x):
    return json.dumps(x, sort_keys=True, separators=(",", ":")).encode()


def digest(*parts):
    return format(group.challenge(*parts), "x")


class Election:
    def __init__(self, name, seed, poll, weak):
        self.name, self.poll, self.weak = name, poll, weak
        self.contests = {c["id"]: c for c in poll["contests"]}
        self.styles = {s["id"]: s["contests"] for s in poll["styles"]}
        self.voters = {v["id"]: v for v in poll["voters"]}
        if not self.contests or any(c["min"] > c["max"] or c["max"] < 1 for c in self.contests.values()):
            raise Refusal("poll", "a contest has no lawful ballot")
        if not 0 < poll["threshold"] <= poll["trustees"]:
            raise Refusal("poll", "so many trustees there are not")
        common = "cross-election" in weak
        self.secret = hashlib.sha256(("test keys|" + ("" if common else name + "|") + seed).encode()).digest()
        self.registrar = hashlib.sha256(b"registrar|" + self.secret).digest()
        self.board_key = group.derived_scalar(self.secret, "board")
        self.board_public = pow(group.G, self.board_key, group.P)
        # A dealer shares the election key (Shamir). A real service would have
        # the trustees make it among themselves.
        coefficients = [group.derived_scalar(self.secret, f"key {i}") for i in range(poll["threshold"])]
        self.key = pow(group.G, coefficients[0], group.P)
        self.trustees = {i: sum(c * pow(i, k, group.Q) for k, c in enumerate(coefficients)) % group.Q for i in range(1, poll["trustees"] + 1)}
        self.trustee_publics = {i: pow(group.G, x, group.P) for i, x in self.trustees.items()}
        self.sequence = {}  # the voters' clients: how many ballots each has made
        self.journal = tempfile.TemporaryFile("w+")  # what survives a crash
        self.arrived = 0
        self.forget_all()

    def forget_all(self):
        self.entries, self.head, self.sealed, self.result = [], digest("head", self.name), False, None

    # The voter's client.

    def token(self, voter):
        return hmac.new(self.registrar, f"{self.name}|{voter}".encode() if "cross-election" not in self.weak else voter.encode(), hashlib.sha256).hexdigest()

    def context(self, voter, number, *more):
        parts = [] if "cross-election" in self.weak else [self.name]
        if "copy" not in self.weak:
            parts += [voter, number]
        return canonical([*parts, *more])

    def fields(self, contest):
        return contest["options"] + (["blank"] if contest["blank"] else [])

    def make_ballot(self, voter, choices, unchecked):
        who = self.voters.get(voter)
        if who is None:
            raise Refusal("voter", "no such voter")
        number = self.sequence[voter] = self.sequence.get(voter, 0) + 1
        ballot = {"voter": voter, "number": number, "style": who["style"], "answers": {}}
        if "cross-election" not in self.weak:
            ballot["election"] = self.name
        for cid in self.styles[who["style"]]:
            contest = self.contests[cid]
            chosen = choices.get(cid, [])
            marks = {f: int(f in chosen) for f in self.fields(contest)}
            total = sum(n * (contest["max"] if f == "blank" else 1) for f, n in marks.items())
            lawful = contest["min"] <= total <= contest["max"] and len(set(chosen)) == len(chosen) == sum(marks.values())
            if not lawful and not unchecked:
                raise Refusal("choices", f"no lawful vote in {cid}")
            ballot["answers"][cid] = self.answer(voter, number, contest, marks, total)
        return canonical(ballot)

    def answer(self, voter, number, contest, marks, total):
        fields, randomness = [], 0
        for f, m in marks.items():
            r = group.random_scalar()
            c = group.encrypt(self.key, m, r)
            randomness += r * (contest["max"] if f == "blank" else 1)
            fields.append({"a": c[0], "b": c[1], "proof": group.prove_one_of(self.context(voter, number, contest["id"], f), self.key, c, r, m, [0, 1])})
        values = list(range(contest["min"], contest["max"] + 1))
        # A total outside the values leaves only simulated branches: a client
        # that does not look at the choices makes a proof that does not hold.
        total_proof = group.prove_one_of(self.context(voter, number, contest["id"], "sum"), self.key, self.summed(contest, fields), randomness % group.Q, total, values)
        return {"fields": fields, "sum": total_proof}

    def summed(self, contest, fields):
        a = b = 1
        for f, c in zip(self.fields(contest), fields):
            k = contest["max"] if f == "blank" else 1
            a, b = a * pow(c["a"], k, group.P) % group.P, b * pow(c["b"], k, group.P) % group.P
        return a, b

    # The rules for a ballot, which box and verifier share.

    def check_ballot(self, voter, raw):
        try:
            ballot = json.loads(raw)
        except (ValueError, RecursionError) as e:
            raise Invalid("not JSON") from e
        if not isinstance(ballot, dict) or canonical(ballot) != raw:
            raise Invalid("not in its one spelling")
        keys = {"voter", "number", "style", "answers"} | ({"election"} if "cross-election" not in self.weak else set())
        if set(ballot) != keys or not isinstance(ballot["number"], int):
            raise Invalid("not the fields of a ballot")
        if ballot.get("election", self.name) != self.name:
            raise Invalid("a ballot of another election")
        if ballot["voter"] != voter and "copy" not in self.weak:
            raise Invalid("a ballot of another voter")
        if ballot["style"] != self.voters[voter]["style"] or not isinstance(ballot["answers"], dict) or set(ballot["answers"]) != set(self.styles[ballot["style"]]):
            raise Invalid("not the contests of the voter")
        for cid, answer in ballot["answers"].items():
            self.check_answer(voter, ballot["number"], self.contests[cid], answer)
        return ballot

    def check_answer(self, voter, number, contest, answer):
        if not isinstance(answer, dict) or set(answer) != {"fields", "sum"} or not isinstance(answer["fields"], list):
            raise Invalid("not an answer")
        names = self.fields(contest)
        if len(answer["fields"]) != len(names):
            raise Invalid("not one ciphertext for each option")
        for f, c in zip(names, answer["fields"]):
            if not isinstance(c, dict) or set(c) != {"a", "b", "proof"}:
                raise Invalid("not a ciphertext with its proof")
            pair = group.element(c["a"]), group.element(c["b"])
            group.check_one_of(self.context(voter, number, contest["id"], f), self.key, pair, c["proof"], [0, 1])
        if "overvote" not in self.weak:
            values = list(range(contest["min"], contest["max"] + 1))
            group.check_one_of(self.context(voter, number, contest["id"], "sum"), self.key, self.summed(contest, answer["fields"]), answer["sum"], values)

    # The box and the board.

    def cast(self, voter, token, raw):
        if voter not in self.voters:
            raise Refusal("voter", "no such voter")
        if "anybody" not in self.weak and not hmac.compare_digest(token.encode(), self.token(voter).encode()):
            raise Refusal("token", "the token is not this voter's")
        tracker = hashlib.sha256(raw).hexdigest()
        if "retry-twice" not in self.weak and "copy" not in self.weak:
            for e in self.entries:
                if e["tracker"] == tracker and e["voter"] == voter:
                    return tracker, self.receipt(e)  # asked again: the same answer
        if (self.sealed and "after-close" not in self.weak) or self.result is not None:
            raise Refusal("closed", "the box is closed")
        try:
            ballot = self.check_ballot(voter, raw)
        except (Invalid, TypeError, ValueError, KeyError, IndexError) as e:
            raise Refusal("invalid", str(e)) from e
        self.check_order(voter, ballot)
        self.arrived += 1
        entry = self.entry(voter, raw, tracker)
        if "drop" in self.weak and self.arrived % 5 == 0:
            return tracker, self.receipt(entry)
        self.append(entry)
        return tracker, self.receipt(entry)

    def check_order(self, voter, ballot):
        mine = [json.loads(e["ballot"])["number"] for e in self.entries if e["voter"] == voter]
        if not mine:
            return
        if self.poll["revote"] == "none":
            if self.weak & {"double-vote", "retry-twice"}:
                return
            raise Refusal("voted", "the voter has voted")
        if ballot["number"] <= max(mine) and not self.weak & {"older-wins", "retry-twice", "copy"}:
            raise Refusal("replaced", "a later ballot of the voter stands")

    def entry(self, voter, raw, tracker):
        e = {"kind": "ballot", "index": len(self.entries), "voter": voter, "tracker": tracker, "ballot": raw.decode(), "before": self.head}
        e["hash"] = digest("entry", canonical(e))
        return e

    def append(self, e):
        if "forget" not in self.weak:
            self.write(e)
        self.entries.append(e)
        self.head = e["hash"]

    def write(self, line):
        self.journal.write(json.dumps(line) + "\n")
        self.journal.flush()

    def receipt(self, e):
        return canonical({"tracker": e["tracker"], "index": e["index"], "signature": group.sign(self.board_key, canonical([self.name, e["tracker"], e["index"]]))})

    def crash(self):
        """Power goes: what is not in the journal is lost."""
        self.forget_all()
        self.journal.seek(0)
        for line in self.journal.read().splitlines():
            e = json.loads(line)
            if e["kind"] == "seal":
                self.sealed = True
            elif e["kind"] == "result":
                self.result = e["result"]
            else:
                self.entries.append(e)
                self.head = e["hash"]

    def close(self):
        if not self.sealed:
            if "forget" in self.weak:
                for e in self.entries:
                    self.write(e)
            self.write({"kind": "seal"})
            self.sealed = True

    # Tally.

    def counted(self):
        """The entries that count: of each voter the last, or the first."""
        out = {}
        for e in self.entries:
            if self.poll["revote"] == "none" and not self.weak & {"double-vote", "retry-twice"}:
                out.setdefault(e["voter"], e)
            else:
                out[e["voter"]] = e
        if self.poll["revote"] == "none" and "double-vote" in self.weak or "retry-twice" in self.weak:
            seen = {}
            for e in self.entries:
                seen.setdefault(e["tracker"], []).append(e)
            twice = [e for same in seen.values() for e in same[1:]] if "retry-twice" in self.weak else []
            if "double-vote" in self.weak and self.poll["revote"] == "none":
                return list(self.entries)
            return list(out.values()) + twice
        return list(out.values())

    def cells(self, contest, entries):
        """Units by which a contest is tallied: each alone, or, where one of
        them has too few ballots, all together."""
        units = [u for u in self.poll["units"] if any(v["unit"] == u and contest["id"] in self.styles[v["style"]] for v in self.voters.values())]
        alone = [([u], [e for e in entries if self.voters[e["voter"]]["unit"] == u and contest["id"] in self.styles[self.voters[e["voter"]]["style"]]]) for u in units]
        if all(len(es) >= self.poll["minimum_cell"] or not es for _, es in alone):
            return alone
        return [(units, [e for _, es in alone for e in es])]

    def aggregate(self, contest, entries):
        out = [[1, 1] for _ in self.fields(contest)]
        for e in entries:
            w = self.voters[e["voter"]]["weight"]
            for total, c in zip(out, json.loads(e["ballot"])["answers"][contest["id"]]["fields"]):
                total[0], total[1] = total[0] * pow(c["a"], w, group.P) % group.P, total[1] * pow(c["b"], w, group.P) % group.P
        return out

    def decrypt(self, contest, entries):
        """Totals of a cell with the trustees' proven factors."""
        share = sorted(self.trustees)[: self.poll["threshold"]]
        bound = sum(self.voters[e["voter"]]["weight"] for e in entries)
        totals, factors = {}, []
        for f, (a, b) in zip(self.fields(contest), self.aggregate(contest, entries)):
            given = []
            for i in share:
                h = pow(a, self.trustees[i], group.P)
                given.append([i, h, group.prove_same_exponent(canonical([self.name, contest["id"], f, i]), self.trustees[i], a, h)])
            factors.append(given)
            totals[f] = self.logarithm(self.opened(b, given), bound)
        return totals, factors

    def opened(self, b, given):
        out = b
        for i, h, _ in given:
            lagrange = 1
            for j, _, _ in given:
                if j != i:
                    lagrange = lagrange * j * pow(j - i, -1, group.Q) % group.Q
            out = group.div(out, pow(h, lagrange, group.P))
        return out

    def logarithm(self, x, bound):
        power = 1
        for n in range(bound + 1):
            if power == x:
                return n
            power = power * group.G % group.P
        raise Refusal("tally", "a total lies outside what the ballots can hold")

    def totals(self):
        entries, out = self.counted(), []
        for contest in self.contests.values():
            for units, mine in self.cells(contest, entries):
                cell = {"contest": contest["id"], "units": units, "ballots": len(mine), "totals": {}, "factors": []}
                if mine and len(mine) < self.poll["minimum_cell"]:
                    cell["withheld"] = True
                elif mine:
                    cell["totals"], cell["factors"] = self.decrypt(contest, mine)
                else:
                    cell["totals"] = {f: 0 for f in self.fields(contest)}
                out.append(cell)
        return out

    def tally(self):
        if not self.sealed:
            raise Refusal("open", "the box is not closed")
        if self.result is None:
            self.result = self.totals()
            self.write({"kind": "result", "result": self.result})

    def published(self):
        if self.result is not None:
            return self.result
        if "early-tally" in self.weak:
            return self.totals()
        raise Refusal("open", "there is no result yet")

    # Anyone's verifier: it uses what is public, and no key.

    def verify(self):
        found = []
        head, seen = digest("head", self.name), set()
        for e in self.entries:
            body = {k: v for k, v in e.items() if k != "hash"}
            try:
                if e["before"] != head or e["hash"] != digest("entry", canonical(body)):
                    raise Invalid("the chain is broken")
                if e["tracker"] in seen and not self.weak & {"retry-twice", "copy"}:
                    raise Invalid("a ballot is there twice")
                if hashlib.sha256(e["ballot"].encode()).hexdigest() != e["tracker"]:
                    raise Invalid("the tracker is not the ballot's")
                self.check_ballot(e["voter"], e["ballot"].encode())
            except Invalid as x:
                found.append({"check": "ballot", "detail": f"entry {e['index']}: {x}"})
            head = e["hash"]
            seen.add(e["tracker"])
        return found + self.verify_result()

    def verify_result(self):
        found, entries = [], self.counted()
        cells = {(c["contest"], *c["units"]): c for c in self.result or []}
        for contest in self.contests.values():
            for units, mine in self.cells(contest, entries) if self.result is not None else []:
                try:
                    self.verify_cell(contest, mine, cells.get((contest["id"], *units)))
                except (Invalid, KeyError, TypeError) as x:
                    found.append({"check": "result", "detail": f"{contest['id']} {units}: {x}"})
        return found

    def verify_cell(self, contest, mine, cell):
        if cell is None or cell["ballots"] != len(mine):
            raise Invalid("the number of ballots is wrong")
        if not mine or cell.get("withheld"):
            return
        for f, (a, b), given in zip(self.fields(contest), self.aggregate(contest, mine), cell["factors"]):
            if len({i for i, _, _ in given}) != self.poll["threshold"]:
                raise Invalid("too few trustees")
            for i, h, proof in given:
                group.check_same_exponent(canonical([self.name, contest["id"], f, i]), self.trustee_publics[i], a, h, proof)
            if self.opened(b, given) != pow(group.G, cell["totals"][f], group.P):
                raise Invalid(f"the total of {f} is not what the trustees decrypted")


def count(contest, ballots):
    """Plurality over plaintext ballots; an unlawful one counts for nothing."""
    totals = {o: 0 for o in contest["options"]}
    if contest["blank"]:
        totals["blank"] = 0
    for b in ballots:
        lawful = len(set(b)) == len(b) and set(b) <= set(contest["options"]) and contest["min"] <= len(b) <= contest["max"]
        if lawful or (contest["blank"] and b == ["blank"]):
            for o in b:
                totals[o] += 1
    return totals

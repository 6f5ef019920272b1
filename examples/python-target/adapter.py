#!/usr/bin/env python3
"""The adapter: one JSON object a line on standard input, one on standard output.

This is all that has to be written to put a service of one's own under test;
voting.py stands for the service. Weaknesses are built in for a trial with
VOTING_WEAK=copy,drop or --weak copy,drop; --weak list names them.
"""

import base64
import json
import os
import sys
import traceback

import voting


def unbase64(text):
    return base64.b64decode(text, validate=True)


def base64ed(raw):
    return base64.b64encode(raw).decode()


class Adapter:
    def __init__(self, weak):
        self.weak, self.elections = weak, {}

    def election(self, args):
        try:
            return self.elections[args["election"]]
        except KeyError:
            raise voting.Refusal("election", "no such election") from None

    def describe(self, _):
        return {
            "protocol": "scrutineer-command/1",
            "name": "python example" + (" with " + ",".join(sorted(self.weak)) if self.weak else ""),
            "version": "1",
            "operations": ["setup", "encrypt", "cast", "board", "close", "tally", "result", "verify", "count", "fault"],
            "parallel": 4,
        }

    def setup(self, args):
        e = self.elections[args["election"]] = voting.Election(args["election"], args["seed"], args["poll"], self.weak)
        return {"credentials": {v: e.token(v) for v in e.voters}}

    def encrypt(self, args):
        raw = self.election(args).make_ballot(args["voter"], args["choices"], args["unchecked"])
        return {"ballot": base64ed(raw), "tracker": voting.hashlib.sha256(raw).hexdigest()}

    def cast(self, args):
        tracker, receipt = self.election(args).cast(args["voter"], args["credential"], unbase64(args["ballot"]))
        return {"tracker": tracker, "receipt": base64ed(receipt)}

    def board(self, args):
        return {"ballots": [{"tracker": e["tracker"], "ballot": base64ed(e["ballot"].encode()), "voter": e["voter"]} for e in self.election(args).entries]}

    def close(self, args):
        self.election(args).close()
        return {}

    def tally(self, args):
        self.election(args).tally()
        return {}

    def result(self, args):
        public = ("contest", "units", "ballots", "totals", "withheld")
        return {"contests": [{k: c[k] for k in public if k in c} for c in self.election(args).published()]}

    def verify(self, args):
        return {"findings": self.election(args).verify()}

    def count(self, args):
        return {"totals": voting.count(args["contest"], args["ballots"])}

    def fault(self, args):
        if args["fault"] != "crash":
            raise voting.Refusal("fault", "only a crash can be had")
        self.election(args).crash()
        return {}

    def answer(self, request):
        """Exactly one of ok, refused and failed."""
        operation = getattr(self, request["op"], None) if request["op"] in self.describe({})["operations"] + ["describe"] else None
        try:
            if operation is None:
                raise voting.Refusal("operation", "there is no such operation")
            return {"id": request["id"], "ok": operation(request["args"])}
        except voting.Refusal as e:
            return {"id": request["id"], "refused": {"code": e.code, "detail": e.detail[:500]}}
        except Exception as e:  # the adapter goes on; the harness shows what is on standard error
            traceback.print_exc()
            return {"id": request["id"], "failed": f"{type(e).__name__}: {e}"[:500]}


def main():
    names = os.environ.get("VOTING_WEAK", "")
    if sys.argv[1:2] == ["--weak"]:
        names = sys.argv[2] if len(sys.argv) > 2 else "list"
    weak = {w for w in names.split(",") if w}
    unknown = weak - set(voting.WEAKNESSES)
    if unknown:
        for name, what in voting.WEAKNESSES.items():
            print(f"{name:15} {what}", file=sys.stderr)
        sys.exit(0 if weak == {"list"} else f"there is no weakness {', '.join(sorted(unknown))}")
    adapter = Adapter(weak)
    for line in sys.stdin:
        print(json.dumps(adapter.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

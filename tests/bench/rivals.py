"""Ask other engines: one JSON line in (`tool`, `sub`, `sup`), one out (`answer`, `seconds`), a time limit for each.

Runs under a Python that has jsonsubschema or jsoncompat installed, which need not be the one that runs the scoring.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

LIMIT = 5


def jsonsubschema(sub: Any, sup: Any) -> bool:
    from jsonsubschema import isSubschema

    return bool(isSubschema(sub, sup))


def jsoncompat(sub: Any, sup: Any) -> bool:
    import jsoncompat as engine

    # A reader of the new schema takes every value of the old one: "deserializer".
    return bool(engine.check_compat(json.dumps(sub), json.dumps(sup), "deserializer"))


TOOLS = {"jsonsubschema": jsonsubschema, "jsoncompat": jsoncompat}


def main() -> None:
    def expired(*_: object) -> None:
        raise TimeoutError("time limit")

    signal.signal(signal.SIGALRM, expired)
    out = sys.stdout
    sys.stdout = sys.stderr  # jsonsubschema prints
    sys.setrecursionlimit(3000)
    for line in sys.stdin:
        case = json.loads(line)
        started = time.perf_counter()
        answer: bool | None = None
        error = ""
        signal.alarm(LIMIT)
        try:
            answer = TOOLS[case["tool"]](case["sub"], case["sup"])
        except ImportError:
            error = "not installed"
        except BaseException as problem:
            error = type(problem).__name__
        finally:
            signal.alarm(0)
        seconds = time.perf_counter() - started
        out.write(json.dumps({"answer": answer, "error": error, "seconds": seconds}) + "\n")
        out.flush()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Bad input of every kind against the real binary: a clear message and code, and nothing acknowledged is lost.

    bad_input.py BINARY [CASE…]        all cases, or those whose name contains one of the words
"""
import pathlib
import sys
import tempfile

import bad_disk
import bad_requests
import bad_start
import damaged_data
from checks import Checks
from running_server import Server


def main() -> int:
    binary, words = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    checks = Checks()
    for module in (bad_start, bad_requests, bad_disk, damaged_data):
        for case in module.CASES:
            name = f"{module.__name__}.{case.__name__}"
            if words and not any(word in name for word in words):
                continue
            print(f"-- {name}", flush=True)
            with tempfile.TemporaryDirectory(prefix="thalweg-bad-") as folder:
                try:
                    case(checks, binary, pathlib.Path(folder))
                except Exception as problem:  # a server that died: the other cases still run
                    checks.expect(name, False, problem)
                Server.end_all()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())

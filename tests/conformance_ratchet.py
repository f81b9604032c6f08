#!/usr/bin/env python3
"""Runs the conformance binary and compares its failures with the known ones.

The report is JSON: {case: "passed" | "failed" | "skipped"}. Fails when a case fails that is not
listed in conformance_expected_failures.txt, or when a listed one passes: then the list must shrink.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys

EXPECTED = pathlib.Path(__file__).parent / "conformance_expected_failures.txt"


def read_expected() -> set[str]:
    if not EXPECTED.exists():
        return set()
    lines = (line.strip() for line in EXPECTED.read_text().splitlines())
    return {line for line in lines if line and not line.startswith("#")}


def read_report(path: pathlib.Path) -> dict[str, str]:
    return {name.strip(): status for name, status in json.loads(path.read_text()).items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--queries", required=True)
    parser.add_argument("--report", required=True, type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="write the failures of this run as the expected ones")
    arguments = parser.parse_args()
    run = subprocess.run([arguments.binary, "--queries", arguments.queries, "--report", str(arguments.report)])
    if not arguments.report.exists():
        print(f"conformance: no report (exit code {run.returncode})")
        return 1
    results = read_report(arguments.report)
    failing = {name for name, status in results.items() if status == "failed"}
    expected = read_expected()
    if arguments.update:
        head = "# Conformance cases that are known to fail; see conformance_ratchet.py. May only shrink.\n"
        EXPECTED.write_text(head + "".join(name + "\n" for name in sorted(failing)))
        expected = failing
    for name in sorted(failing - expected):
        print(f"new failure: {name}")
    for name in sorted(name for name in expected if results.get(name) == "passed"):
        print(f"passes now, take it off the list: {name}")
    counts = collections.Counter(results.values())
    print(f"conformance: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    stale = any(results.get(name) == "passed" for name in expected)
    return 1 if not results or failing - expected or stale else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Line coverage per folder from gcov's JSON: coverage.py BUILD_FOLDER."""
import collections
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

FOLDERS = ["base", "parser", "planner", "runtime", "server", "shell"]


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    root = pathlib.Path(__file__).resolve().parent.parent
    lines: dict[str, dict[int, int]] = collections.defaultdict(dict)
    notes = [str(p) for p in build.rglob("*.gcda")]
    print(f"coverage: reading {len(notes)} files")
    with tempfile.TemporaryDirectory() as scratch:
        for first in range(0, len(notes), 50):
            subprocess.run(["gcov", "--json-format", "--hash-filenames", *notes[first:first + 50]],
                           cwd=scratch, check=True, capture_output=True)
            for report in pathlib.Path(scratch).glob("*.gcov.json.gz"):
                with gzip.open(report, "rt") as stream:
                    collect(json.load(stream), root, lines)
                report.unlink()
    total_hit = total = 0
    for folder in FOLDERS:
        counts = [count for name, by_line in lines.items() if name.startswith(folder + "/")
                  for count in by_line.values()]
        hit = sum(1 for count in counts if count)
        total_hit, total = total_hit + hit, total + len(counts)
        if counts:
            print(f"{folder:8} {hit:7} of {len(counts):7} lines  {100 * hit / len(counts):5.1f} %")
    if total:
        print(f"{'all':8} {total_hit:7} of {total:7} lines  {100 * total_hit / total:5.1f} %")
    return 0


def collect(report, root, lines):
    for file in report["files"]:
        path = (pathlib.Path(report["current_working_directory"]) / file["file"]).resolve()
        if not path.is_relative_to(root):
            continue
        name = path.relative_to(root).as_posix()
        for line in file["lines"]:
            number = line["line_number"]
            lines[name][number] = max(lines[name].get(number, 0), line["count"])


if __name__ == "__main__":
    sys.exit(main())

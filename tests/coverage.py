#!/usr/bin/env python3
"""Line coverage per folder from gcov's JSON.

coverage.py BUILD_FOLDER [--files N] [--lines PATH] [--require PERCENT]

Every object file counts, also one that no test has loaded. Generated files and system headers do not.
--require fails when parser, planner or runtime have less.
"""
import argparse
import collections
import concurrent.futures
import itertools
import json
import os
import pathlib
import subprocess
import sys

FOLDERS = ["base", "parser", "planner", "runtime", "server", "shell"]
REQUIRED = ["parser", "planner", "runtime"]
NOTES_PER_CALL = 20


def main() -> int:
    options = parse_arguments()
    root = pathlib.Path(__file__).resolve().parent.parent
    lines = collect(options.build.resolve(), root)
    below = report_folders(lines, options.require)
    report_files(lines, options.files)
    for path in options.lines:
        report_lines(lines, path)
    for folder in below:
        print(f"coverage: {folder} has less than {options.require:g} %", file=sys.stderr)
    return 1 if below else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description="line coverage per folder from gcov's JSON")
    parser.add_argument("build", type=pathlib.Path, help="build folder of the coverage preset")
    parser.add_argument("--files", type=int, default=0, metavar="N",
                        help="also list the N files with most uncovered lines")
    parser.add_argument("--lines", action="append", default=[], metavar="PATH",
                        help="also list the uncovered lines of the files whose path begins so")
    parser.add_argument("--require", type=float, default=0, metavar="PERCENT",
                        help=f"fail when {', '.join(REQUIRED)} have less")
    return parser.parse_args()


def collect(build, root):
    """file → line number → executions, over all object files."""
    notes = sorted(str(path) for path in build.rglob("*.gcno"))
    print(f"coverage: reading {len(notes)} files")
    calls = [notes[first:first + NOTES_PER_CALL] for first in range(0, len(notes), NOTES_PER_CALL)]
    lines = collections.defaultdict(dict)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for text in pool.map(run_gcov, calls):
            for document in text.splitlines():
                merge(json.loads(document), root, lines)
    return lines


def run_gcov(notes):
    done = subprocess.run(["gcov", "--json-format", "--stdout", *notes], capture_output=True, text=True)
    if done.returncode:  # data of binaries that are older than the notes would be counted as nothing
        sys.exit(f"coverage: build everything and run the tests again\n{done.stderr.strip()}")
    return done.stdout


def merge(report, root, lines):
    working_folder = pathlib.Path(report["current_working_directory"])
    for file in report["files"]:
        path = (working_folder / file["file"]).resolve()
        if not path.is_relative_to(root):
            continue
        name = path.relative_to(root).as_posix()
        # Notes outlive a source file that was deleted.
        if name.split("/")[0] not in FOLDERS or not path.exists():
            continue
        by_line = lines[name]
        for line in file["lines"]:
            number = line["line_number"]
            by_line[number] = max(by_line.get(number, 0), line["count"])


def report_folders(lines, require):
    below = []
    totals = [0, 0]
    for folder in FOLDERS:
        counts = [count for name, by_line in lines.items() if name.startswith(folder + "/")
                  for count in by_line.values()]
        hit = sum(1 for count in counts if count)
        totals = [totals[0] + hit, totals[1] + len(counts)]
        print_share(folder, hit, len(counts))
        if folder in REQUIRED and 100 * hit < require * max(len(counts), 1):
            below.append(folder)
    print_share("all", *totals)
    return below


def print_share(name, hit, total):
    print(f"{name:8} {hit:7} of {total:7} lines  {100 * hit / max(total, 1):5.1f} %")


def report_files(lines, count):
    missing = sorted(((len(uncovered(by_line)), len(by_line), name) for name, by_line in lines.items()),
                     key=lambda row: (-row[0], row[2]))
    for hole, total, name in missing[:count]:
        print(f"{hole:6} of {total:5} lines not covered  {name}")


def report_lines(lines, prefix):
    for name, by_line in sorted(lines.items()):
        if name.startswith(prefix) and (numbers := uncovered(by_line)):
            print(f"{name}: {', '.join(ranges(numbers))}")


def uncovered(by_line):
    return sorted(number for number, count in by_line.items() if not count)


def ranges(numbers):
    for _, run in itertools.groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in run]
        yield str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"


if __name__ == "__main__":
    sys.exit(main())

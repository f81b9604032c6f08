#!/usr/bin/env python3
"""Counts includes against the arrow base <- grammar <- parser <- planner <- runtime <- server <- shell.

A folder may include itself and what stands to its left. Prints each offence, exits 1 if there is any.
"""
import pathlib
import re
import sys

ORDER = ["base", "grammar", "parser", "planner", "runtime", "server", "shell"]
# The thin main joins everything and belongs to no folder of the arrow.
EXEMPT = {"server/main/main.cc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([a-z_]+)/')


def offences(root: pathlib.Path):
    for folder in ORDER:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix not in (".h", ".cc") or name in EXEMPT:
                continue
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                if match and match[1] in ORDER and ORDER.index(match[1]) > ORDER.index(folder):
                    yield f"{name}:{number}: {folder} must not include {match[1]}: {line.strip()}"


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    found = list(offences(root))
    for offence in found:
        print(offence)
    print(f"includes against the arrow: {len(found)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs an example against a fresh server and checks its answer: run.py [--binary PATH] FILE.sql…

    -- load FILE INTO STREAM     sends a file of JSON lines through /inserts-stream
    -- check                     the next SELECT must give the rows behind it, written as "-- => a | b"

Everything else is sent to the server as it stands. Nothing is left behind.
"""
import argparse
import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def request(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def wait_for(port, process):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server left with code {process.returncode}")
        try:
            if request(port, "GET", "/info")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.01)
    raise SystemExit("the server does not answer")


def send(port, sql):
    status, body = request(port, "POST", "/ksql", json.dumps({"ksql": sql}))
    if status != 200:
        raise SystemExit(f"{body}\n{sql}")


def load(port, file, stream):
    rows = (HERE / file).read_text()
    head = json.dumps({"target": stream, "properties": {}}) + "\n"
    status, body = request(port, "POST", "/inserts-stream", head + rows)
    acknowledged = body.count('"status":"ok"')
    if status != 200 or acknowledged != rows.count("\n"):
        raise SystemExit(f"loaded {acknowledged} of {rows.count(chr(10))} rows: {body[-300:]}")
    print(f"  {acknowledged} rows into {stream}")


def cell(value):
    if isinstance(value, list):
        return "[" + ",".join(cell(item) for item in value) + "]"
    return "NULL" if value is None else value if isinstance(value, str) else json.dumps(value)


def rows_of(port, sql):
    status, body = request(port, "POST", "/query-stream", json.dumps({"sql": sql}))
    if status != 200:
        raise SystemExit(f"{body}\n{sql}")
    parsed = [json.loads(line, parse_float=str) for line in body.splitlines() if line]
    return sorted(" | ".join(cell(value) for value in row) for row in parsed if isinstance(row, list))


def check(port, sql, expected):
    """Queries run on their own; give them up to twenty seconds."""
    actual = None
    for _ in range(200):
        actual = rows_of(port, sql)
        if actual == expected:
            print(f"  ok: {' '.join(sql.split())}")
            for row in actual:
                print(f"      {row}")
            return True
        time.sleep(0.1)
    print(f"  DIFFERS: {sql}\n    expected {expected}\n    actual   {actual}")
    return False


PART = re.compile(r"^-- load (?P<file>\S+) INTO (?P<stream>\w+)$"
                  r"|^-- check\n(?P<sql>[^;]*;)\n(?P<rows>(?:-- => .*(?:\n|\Z))*)", re.MULTILINE)


def run(port, path):
    text = path.read_text()
    ok, at = True, 0
    for part in PART.finditer(text):
        send_pending(port, text[at:part.start()])
        at = part.end()
        if part["file"]:
            load(port, part["file"], part["stream"])
        else:
            expected = sorted(line[6:].rstrip() for line in part["rows"].splitlines())
            ok = check(port, part["sql"], expected) and ok
    send_pending(port, text[at:])
    return ok


def send_pending(port, text):
    if any(line.strip() and not line.startswith("--") for line in text.splitlines()):
        send(port, text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(HERE.parent / "build/release/thalweg"))
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    ok = True
    for path in arguments.files:
        print(path.name)
        with tempfile.TemporaryDirectory(prefix="thalweg-example-") as folder:
            port = free_port()
            with open(f"{folder}/server.log", "wb") as log:
                process = subprocess.Popen([arguments.binary, "server", "--listen", f"http://127.0.0.1:{port}",
                                            "--data", f"{folder}/data"], stdout=log, stderr=log)
            try:
                wait_for(port, process)
                ok = run(port, path) and ok
            finally:
                process.terminate()
                process.wait(30)
    print("all checks hold" if ok else "something differs")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())

"""A disk without space, at the start and while serving; and a limit on the size of files (ulimit -f).

The full disk is a small tmpfs in a mount namespace of its own, where this user may make one: then this file
runs itself inside it (bad_disk.py BINARY FOLDER). The file size limit needs no rights.
"""
import base64
import os
import pathlib
import resource
import subprocess
import sys

from checks import Checks, KeptRows, wait_until
from running_server import Server, free_port

DISK_BYTES = 400 << 20  # RocksDB takes 64 MiB ahead for its log, and twice as much while it recovers
FILE_BYTES_MAX = 1 << 20


def filler():
    return base64.b64encode(os.urandom(12_000)).decode()


def insert_until_refused(kept, requests=400):
    """The answers that were refused; empty: it never came to that."""
    for _ in range(requests):
        bad = kept.insert(40, filler)
        if bad:
            return bad
    return []


def in_a_small_disk(*command):
    """The command, behind what gives it a mount namespace; None: not allowed here."""
    for unshare in (["unshare", "-m"], ["unshare", "-rm"]):
        probe = [*unshare, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"]
        try:
            if subprocess.run(probe, capture_output=True).returncode == 0:
                return [*unshare, *map(str, command)]
        except FileNotFoundError:
            return None
    return None


def full_disk(checks, binary, folder):
    command = in_a_small_disk(sys.executable, __file__, binary, folder)
    if command is None:
        print("no small disk can be mounted here; the file size limit stands in for it")
        return
    inside = subprocess.run(command, text=True, stdout=subprocess.PIPE)
    print(inside.stdout, end="")
    checks.expect("on a small disk", inside.returncode == 0, inside.returncode)


def inside(checks, binary, folder):
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)], check=True)
    ballast = disk / "ballast"
    fill(ballast)
    refused_start(checks, binary, disk / "data", "a full disk, new folder")
    ballast.unlink()

    server = Server(binary, folder, data=disk / "data")
    server.start()
    kept = KeptRows(server).create()
    kept.insert(100, filler)
    fill(ballast)
    while_full(checks, server, kept)
    ballast.unlink()
    wait_for_space(checks, server, kept)
    kept.all_there(checks, "with space again, without a restart")

    fill(ballast)
    checks.expect("full once more", insert_until_refused(kept) != [])
    checks.expect("a full disk keeps nobody from stopping: 0", server.stop() == 0)
    fill(ballast)  # closing gave some back
    refused_start(checks, binary, disk / "data", "a full disk, folder with data")
    ballast.unlink()
    server.start()
    kept.all_there(checks, "after a restart with space")
    checks.expect("new rows are taken", kept.insert(10) == [])
    fill(ballast)
    insert_until_refused(kept)
    server.kill()
    ballast.unlink()
    server.start()
    kept.all_there(checks, "after a kill on the full disk")
    checks.expect("the server stops with 0", server.stop() == 0)


def fill(path):
    with open(path, "ab", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * (1 << 16))
        except OSError:
            pass


def refused_start(checks, binary, data, what):
    ended = subprocess.run([str(binary), "server", "--listen", f"http://127.0.0.1:{free_port()}", "--data", str(data)],
                           capture_output=True, timeout=60)
    checks.refused(f"{what}: no start", ended, 1, f'cannot open data folder "{data}"', "the disk is full", "free some space")


def while_full(checks, server, kept):
    bad = insert_until_refused(kept)
    checks.expect("an insert that finds no space is refused", bad and bad[0].get("error_code") == 50000 and
                  "the disk is full" in bad[0]["message"], bad)
    checks.answered("so is INSERT VALUES", server.post("/ksql", {"ksql": "INSERT INTO kept VALUES ('a', 1, 'x');"}),
                    500, 50000, "Failed to insert values into 'KEPT'", "the disk is full")
    checks.answered("so is a new stream", server.post("/ksql", {
        "ksql": "CREATE STREAM more (k INT KEY) WITH (kafka_topic = 'kept', value_format = 'json');"}), 500, 50000,
        "Could not write the statement into the command topic", "the disk is full")
    checks.expect("it is not there", "MORE" not in str(server.ksql("SHOW STREAMS;")))
    checks.expect("the rows can be read", kept.rows() == sorted(kept.acknowledged), len(kept.rows()))
    numbers = set(kept.acknowledged)
    checks.expect("so can the table", sum(count for count, _ in kept.totals().values()) <= len(numbers))
    checks.expect("its query is listed", "CTAS_TOTALS" in str(server.ksql("SHOW QUERIES;")))
    checks.expect("the server lives", server.alive() and server.request("GET", "/info")[0] == 200)


def wait_for_space(checks, server, kept):
    wait_until(lambda: kept.insert(10) == [])
    bad = kept.insert(10)
    checks.expect("inserts go on by themselves once there is space", not bad, bad)
    created = server.post("/ksql", {"ksql": "CREATE STREAM more (k INT KEY) WITH (kafka_topic = 'kept', value_format = 'json');"})
    checks.expect("so do statements", created[0] == 200, created)


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, FILE_BYTES_MAX))


def file_size_limit(checks, binary, folder):
    server = Server(binary, folder, prepare=limit_files)
    server.start()
    kept = KeptRows(server).create()
    bad = insert_until_refused(kept)
    checks.expect("an insert beyond the limit is refused", bad and bad[0].get("error_code") == 50000 and
                  "File too large" in bad[0]["message"], bad)
    for _ in range(20):
        kept.insert(20, filler)  # refused or not: what is acknowledged must stay
    checks.expect("the server lives", server.alive() and server.request("GET", "/info")[0] == 200)
    checks.expect("and stops with 0", server.stop() == 0, server.process.returncode)
    free = Server(binary, folder)
    free.start()
    kept.server = free
    kept.all_there(checks, "without the limit")
    checks.expect("new rows are taken", kept.insert(10) == [])
    checks.expect("the server stops with 0", free.stop() == 0)


CASES = [full_disk, file_size_limit]

if __name__ == "__main__":
    own = Checks()
    try:
        inside(own, pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    except Exception as problem:
        own.expect("the full disk", False, problem)
    finally:
        Server.end_all()
    sys.exit(1 if own.failures else 0)

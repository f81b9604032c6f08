#!/usr/bin/env python3
"""Kills the server with SIGKILL at random moments under load, restarts it, and recomputes everything.

    crash.py --binary build/release/thalweg [--kills 50] [--seed N] [--rate ROWS_PER_SECOND]

Writers insert rows over HTTP and remember which were acknowledged. After the last restart:
  * every acknowledged row is in the source topic, once; a row that was under way when the server died may be
    there or not, but never twice (rows carry their own number);
  * every derived stream and table equals what the rows in the source topic give when recomputed here.
Prints its seed; the exit code is 0 when all holds.
"""
import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

from running_server import Server

KEYS = 40
SETUP = """
CREATE STREAM rows_in (k VARCHAR KEY, n BIGINT, v BIGINT, seen BIGINT)
  WITH (kafka_topic = 'rows_in', partitions = 2, value_format = 'json', timestamp = 'seen');
CREATE TABLE names (k VARCHAR PRIMARY KEY, label VARCHAR)
  WITH (kafka_topic = 'names', partitions = 2, value_format = 'json');
CREATE STREAM even_rows AS SELECT k, n, v FROM rows_in WHERE v % 2 = 0;
CREATE TABLE totals AS SELECT k, COUNT(*) AS c, SUM(v) AS total FROM rows_in GROUP BY k;
CREATE TABLE by_digit AS SELECT v % 10 AS digit, COUNT(*) AS c, SUM(n) AS numbers FROM rows_in GROUP BY v % 10;
CREATE TABLE windows AS SELECT k, COUNT(*) AS c FROM rows_in
  WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 1 HOUR) GROUP BY k;
CREATE STREAM labelled AS SELECT r.k AS k, r.n AS n, label FROM rows_in r LEFT JOIN names ON r.k = names.k;
CREATE STREAM pairs AS SELECT e.k AS k, e.n AS even_n, r.n AS other_n FROM even_rows e
  JOIN rows_in r WITHIN 100 MILLISECONDS GRACE PERIOD 1 HOUR ON e.k = r.k;
"""
PAIRS_WITHIN_MS = 100


class Writer(threading.Thread):
    """Sends rows through /inserts-stream, a few per request, and notes which were acknowledged."""

    def __init__(self, server, numbers, rng, pause):
        super().__init__(daemon=True)
        self.server, self.numbers, self.rng, self.pause = server, numbers, rng, pause
        self.acknowledged, self.maybe, self.running = {}, {}, True

    def run(self):
        while self.running:
            rows = []
            for _ in range(self.rng.randint(1, 40)):
                number = next(self.numbers)
                rows.append({"K": f"key{self.rng.randrange(KEYS)}", "N": number, "V": self.rng.randrange(1000),
                             "SEEN": 1_000_000 + number * 5})
            self.send(rows)
            time.sleep(self.pause)

    def send(self, rows):
        body = json.dumps({"target": "ROWS_IN", "properties": {}}) + "\n" + "".join(json.dumps(r) + "\n" for r in rows)
        for row in rows:
            self.maybe[row["N"]] = row
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request("POST", "/inserts-stream", body,
                               {"Accept": "application/vnd.ksqlapi.delimited.v1"})
            for line in connection.getresponse():
                ack = json.loads(line)
                if ack.get("status") == "ok":
                    row = rows[ack["seq"]]
                    self.acknowledged[row["N"]] = self.maybe.pop(row["N"])
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the server died; what was not acknowledged stays "maybe"
        finally:
            connection.close()


def compare(name, actual, expected, problems):
    if actual == expected:
        print(f"  {name}: {len(expected)} rows as recomputed")
        return
    missing, surplus = expected - actual, actual - expected
    problems.append(f"{name}: {sum(missing.values())} missing, {sum(surplus.values())} surplus; "
                    f"missing {list(missing)[:3]}, surplus {list(surplus)[:3]}")


def counted(rows):
    return collections.Counter(tuple(row) for row in rows)


def settled(server):
    """The source rows, once every derived count has caught up or stopped moving."""
    last, deadline = None, time.monotonic() + 60
    while time.monotonic() < deadline:
        state = (server.query("SELECT k, c FROM totals;"), server.query("SELECT digit, c FROM by_digit;"),
                 server.query("SELECT n FROM labelled;"), server.query("SELECT n FROM even_rows;"),
                 server.query("SELECT even_n, other_n FROM pairs;"))
        state = [sorted(map(str, part)) for part in state]
        if state == last:
            break
        last = state
        time.sleep(0.5)
    return server.query("SELECT k, n, v, ROWTIME FROM rows_in;")


def check(server, acknowledged, maybe, labels):
    problems = []
    rows = settled(server)
    numbers = collections.Counter(row[1] for row in rows)
    twice = [n for n, count in numbers.items() if count > 1]
    lost = [n for n in acknowledged if n not in numbers]
    unknown = [n for n in numbers if n not in acknowledged and n not in maybe]
    if twice:
        problems.append(f"{len(twice)} rows are there twice: {twice[:5]}")
    if lost:
        problems.append(f"{len(lost)} acknowledged rows are lost: {lost[:5]}")
    if unknown:
        problems.append(f"{len(unknown)} rows that nobody wrote: {unknown[:5]}")
    print(f"  rows_in: {len(rows)} rows, {len(acknowledged)} acknowledged, "
          f"{len(rows) - len(acknowledged) + len(lost)} of {len(maybe)} unacknowledged ones arrived")

    totals, digits, windows = {}, {}, collections.Counter()
    for key, n, v, at in rows:
        c, total = totals.get(key, (0, 0))
        totals[key] = (c + 1, total + v)
        c, total = digits.get(v % 10, (0, 0))
        digits[v % 10] = (c + 1, total + n)
        windows[(key, at // 10_000 * 10_000)] += 1
    compare("even_rows", counted(server.query("SELECT k, n, v FROM even_rows;")),
            counted([k, n, v] for k, n, v, _ in rows if v % 2 == 0), problems)
    compare("totals", counted(server.query("SELECT * FROM totals;")),
            counted((k, c, t) for k, (c, t) in totals.items()), problems)
    compare("by_digit", counted(server.query("SELECT * FROM by_digit;")),
            counted((d, c, t) for d, (c, t) in digits.items()), problems)
    compare("windows", counted(server.query("SELECT k, WINDOWSTART, c FROM windows;")),
            counted((k, w, c) for (k, w), c in windows.items()), problems)
    compare("labelled", counted(server.query("SELECT k, n, label FROM labelled;")),
            counted((k, n, labels.get(k)) for k, n, _, _ in rows), problems)
    compare("pairs", counted(server.query("SELECT k, even_n, other_n FROM pairs;")), pairs_of(rows), problems)
    return problems


def pairs_of(rows):
    """The join of rows with an even v and all rows of the same key near them in time."""
    of_key, pairs = collections.defaultdict(list), collections.Counter()
    for key, n, v, at in rows:
        of_key[key].append((at, n, v))
    for key, list_ in of_key.items():
        list_.sort()
        first = 0
        for at, n, v in list_:
            while list_[first][0] < at - PAIRS_WITHIN_MS:
                first += 1
            for other_at, other, _ in list_[first:] if v % 2 == 0 else ():
                if other_at > at + PAIRS_WITHIN_MS:
                    break
                pairs[(key, n, other)] += 1
    return pairs


def numbers_from(start):
    lock, value = threading.Lock(), [start]

    class Numbers:
        def __next__(self):
            with lock:
                value[0] += 1
                return value[0]
    return Numbers()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/release/thalweg")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--pause", type=float, default=0.002, help="seconds between a writer's requests")
    parser.add_argument("--threads", type=int, default=2, help="workers of the server")
    parser.add_argument("--keep", action="store_true", help="leave the data folder behind")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else int.from_bytes(os.urandom(4), "big")
    print(f"crash: seed {seed}, {arguments.kills} kills")
    rng = random.Random(seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="thalweg-crash-"))
    server = Server(arguments.binary, folder, arguments=["--set", f"thalweg.threads={arguments.threads}"])
    ok = False
    try:
        server.start()
        server.ksql(SETUP)
        labels = {f"key{i}": f"label {i}" for i in range(0, KEYS, 2)}
        for key, label in labels.items():
            server.ksql(f"INSERT INTO names VALUES ('{key}', '{label}');")
        time.sleep(0.5)  # the table side is read before the first row arrives
        problems = torture(server, rng, arguments, labels)
        for problem in problems:
            print(f"  WRONG {problem}")
        ok = not problems
        server.stop()
    finally:
        if server.alive():
            server.kill()
        if ok and not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"crash: the data folder is {folder}")
    print(f"crash: {'all holds' if ok else 'FAILED'} (seed {seed})")
    return 0 if ok else 1


def torture(server, rng, arguments, labels):
    numbers = numbers_from(0)
    acknowledged, maybe, slowest = {}, {}, 0.0
    for kill in range(arguments.kills):
        writers = [Writer(server, numbers, random.Random(rng.random()), arguments.pause) for _ in range(2)]
        for writer in writers:
            writer.start()
        time.sleep(rng.uniform(0.02, 0.6))
        server.kill()
        for writer in writers:
            writer.running = False
        for writer in writers:
            writer.join(30)
            acknowledged.update(writer.acknowledged)
            maybe.update(writer.maybe)
        # Sometimes again at once, while it is still coming back.
        if rng.random() < 0.2:
            server.launch()
            time.sleep(rng.uniform(0.0, 0.1))
            server.kill()
        slowest = max(slowest, server.start())
        if (kill + 1) % 10 == 0 or kill + 1 == arguments.kills:
            print(f"  {kill + 1} kills, {len(acknowledged)} rows acknowledged, slowest restart {slowest * 1000:.0f} ms",
                  flush=True)
    return check(server, acknowledged, maybe, labels)


if __name__ == "__main__":
    sys.exit(main())

"""Damaged files in the data folder: told by name, never passed over in silence, never answered wrongly."""
import base64
import json
import pathlib
import random
import shutil
import subprocess
import time

from checks import KeptRows, wait_until
from running_server import Server

# So that a failed query says why at once, and the command log can be written to as a stream.
OPTIONS = ["--set", "ksql.readonly.topics=none", "--set", "ksql.query.retry.backoff.initial.ms=100"]
COMMANDS = "_confluent-ksql-default__command_topic"


def text_of(rng, size=3000):
    return base64.b64encode(rng.randbytes(size)).decode()  # does not compress: it is in the files as it is


def filled(binary, folder, batches=12, rows=20):
    """A stopped server's folder: blocks of 64 KB of one batch each, and state."""
    rng = random.Random(7)
    server = Server(binary, folder, arguments=OPTIONS)
    server.start()
    kept = KeptRows(server).create()
    for _ in range(batches):
        if kept.insert(rows, lambda: text_of(rng)):
            raise RuntimeError("rows were refused")
    wait_until(lambda: kept.totals() == kept.expected_totals(kept.acknowledged))
    return server, kept


def flip(path: pathlib.Path, at: int):
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(content)


def find(folder: pathlib.Path, needle: bytes, pattern="*.sst"):
    """(file, offset) of the bytes; the newest file that has them."""
    for path in sorted(folder.glob(pattern), reverse=True):
        at = path.read_bytes().find(needle)
        if at >= 0:
            return path, at
    raise RuntimeError(f"{needle!r} is in no {pattern} of {folder}")


def refuses_to_start(checks, what, server, *texts):
    """Exit code 1 with the texts on stderr."""
    try:
        process = subprocess.run(server.command, capture_output=True, timeout=30)
    except subprocess.TimeoutExpired:
        return checks.expect(what, False, "it started")
    checks.refused(what, process, 1, *texts)


def answer_of(server, sql):
    """Rows, or the message of the refusal."""
    try:
        return server.query(sql)
    except RuntimeError as refused:
        return str(refused)


def a_damaged_batch(checks, binary, folder):
    rng = random.Random(7)
    server, kept = filled(binary, folder)
    server.stop()
    texts = [text_of(rng) for _ in kept.acknowledged]
    victim = len(texts) // 2
    path, at = find(server.data, texts[victim].encode()[100:400])
    flip(path, at)
    server.start()
    where = 'topic "kept" partition 0 offset'
    for what, path_, body in (("/query-stream", "/query-stream", {"sql": "SELECT n FROM kept;"}),
                              ("/query", "/query", {"ksql": "SELECT n FROM kept;"})):
        checks.answered(f"{what}: a scan over the damage fails", server.post(path_, body), 500, 50000, where, path.name)
    table = kept.totals()
    checks.expect("the table, which has its own state, is whole", table == kept.expected_totals(kept.acknowledged), table)

    server.ksql("SET 'auto.offset.reset' = 'earliest'; CREATE STREAM copy AS SELECT k, n FROM kept;")
    lost = {n for n in kept.acknowledged if abs(n - victim) < 60}

    def copied_rows():
        return sorted(row[0] for row in server.query("SELECT n FROM copy;"))
    wait_until(lambda: kept.acknowledged[-1] in copied_rows())
    copied = copied_rows()
    missing = set(kept.acknowledged) - set(copied)
    checks.expect("a new query leaves out the damaged block only", missing and missing <= lost and victim in missing and
                  len(copied) == len(set(copied)), (len(copied), sorted(missing)))
    said = [row[0] for row in server.query("SELECT message->deserializationError->errorMessage FROM ksql_processing_log;")]
    checks.expect("and says so in the processing log", any(where in (line or "") for line in said), said)
    metrics = server.request("GET", "/metrics")[1]
    errors = [line for line in metrics.splitlines() if "processing_log_total" in line and "CSAS_COPY" in line]
    checks.expect("which is counted", errors and not errors[0].endswith(" 0"), errors)

    printed = server.request("POST", "/query", json.dumps(
        {"ksql": f"PRINT kept FROM BEGINNING LIMIT {len(copied)};"}))[1]
    checks.expect("PRINT says what it leaves out, and goes on behind it",
                  where in printed.replace('\\"', '"') and '"error_code":50000' in printed and f'"N":{len(texts) - 1}' in printed,
                  [line[:200] for line in printed.splitlines() if "rowtime" not in line])

    strict = "SET 'ksql.fail.on.deserialization.error' = 'true'; SET 'auto.offset.reset' = 'earliest'; "
    created = server.ksql(strict + "CREATE STREAM strict AS SELECT k, n FROM kept;")[0]

    def explained():
        return server.ksql(f"EXPLAIN {created['commandStatus']['queryId']};")[0]["queryDescription"]
    wait_until(lambda: explained()["state"] == "ERROR")
    stopped = explained()
    checks.expect("a strict one stops, and says why", stopped["state"] == "ERROR" and "damaged" in str(stopped["queryErrors"]),
                  (stopped["state"], stopped["queryErrors"]))
    checks.expect("new rows are taken", kept.insert(10) == [])
    wait_until(lambda: kept.totals() == kept.expected_totals(kept.acknowledged))
    table = kept.totals()
    checks.expect("and counted with the old ones", table == kept.expected_totals(kept.acknowledged), table)
    checks.expect("the server stops with 0", server.stop() == 0)


def the_state_of_a_table(checks, binary, folder):
    """A query whose state cannot be read is in ERROR and answers nothing; the others go on, and it can be dropped."""
    rng = random.Random(7)
    server, kept = filled(binary, folder)
    # The first one keeps the small state of TOTALS out of the block that is damaged.
    for name in ("in_front", "latest"):
        server.ksql("SET 'auto.offset.reset' = 'earliest'; "
                    f"CREATE TABLE {name} AS SELECT k, LATEST_BY_OFFSET(filler) AS filler FROM kept GROUP BY k;")
    texts = [text_of(rng) for _ in kept.acknowledged]
    expected = {f"key{n % 7}": text for n, text in zip(kept.acknowledged, texts)}

    def latest():
        return dict(server.query("SELECT k, filler FROM latest;"))
    wait_until(lambda: latest() == expected)
    wait_until(lambda: len(server.query("SELECT k FROM in_front;")) == 7)
    server.stop()
    needle = texts[-1].encode()[100:400]
    # In a topic the text stands in a JSON document, in the state by itself.
    path, at = [(path, at) for path in server.data.glob("*.sst") for at in places(path.read_bytes(), needle)
                if b'"FILLER":"' not in path.read_bytes()[at - 200:at]][-1]
    flip(path, at)
    server.start()
    query = {}
    for query in server.ksql("SHOW QUERIES;")[0]["queries"]:
        if "LATEST" in query["id"]:
            break
    said = server.ksql(f"EXPLAIN {query['id']};")[0]["queryDescription"]
    checks.expect("its query is in ERROR and says why", query["state"] == "ERROR" and "damaged" in str(said["queryErrors"]),
                  (query, said["queryErrors"]))
    checks.answered("its rows are refused, with the reason", server.post("/query-stream", {"sql": "SELECT * FROM latest;"}),
                    500, 50000, query["id"], "damaged", path.name)
    kept.insert(10)
    wait_until(lambda: kept.totals() == kept.expected_totals(kept.acknowledged))
    kept.all_there(checks, "beside it")
    server.ksql("DROP TABLE latest;")
    checks.expect("it can be dropped", "'LATEST'" not in str(server.ksql("SHOW QUERIES; SHOW TABLES;")))
    server.stop()
    server.start()
    checks.expect("and stays so", "'LATEST'" not in str(server.ksql("SHOW QUERIES; SHOW TABLES;")))
    kept.all_there(checks, "after a restart")
    checks.expect("the server stops with 0", server.stop() == 0)


def places(content, needle):
    at = content.find(needle)
    while at >= 0:
        yield at
        at = content.find(needle, at + 1)


def the_write_ahead_log(checks, binary, folder):
    """After a kill the newest rows are in the write-ahead log alone. RocksDB would drop all behind the damage."""
    rng = random.Random(7)
    server, kept = filled(binary, folder)
    server.kill()
    texts = [text_of(rng) for _ in kept.acknowledged]
    path, at = find(server.data, texts[len(texts) // 2].encode()[100:400], "*.log")
    whole = path.read_bytes()
    flip(path, at)
    refuses_to_start(checks, "damage in the middle: no start", server, "cannot open data folder", path.name, "at byte",
                     "acknowledged writes behind it", "truncate -s")
    path.write_bytes(whole)
    server.start()
    kept.all_there(checks, "undamaged again")
    server.kill()

    # The last record torn: what a crash in the middle of a write leaves. It was never acknowledged.
    newest = max(server.data.glob("*.log"), key=lambda log: log.stat().st_size)
    newest.write_bytes(newest.read_bytes() + whole[:40])
    server.start()
    kept.all_there(checks, "a torn last record")
    kept.insert(10)
    kept.all_there(checks, "and new rows")
    checks.expect("the server stops with 0", server.stop() == 0)


def cut_short_with_consent(checks, binary, folder):
    """What the hint says: after truncate the server starts with what stands before the damage."""
    rng = random.Random(7)
    server, kept = filled(binary, folder)
    server.kill()
    texts = [text_of(rng) for _ in kept.acknowledged]
    path, at = find(server.data, texts[len(texts) // 2].encode()[100:400], "*.log")
    flip(path, at)
    said = subprocess.run(server.command, capture_output=True, timeout=30).stderr.decode()
    place = int(said.rsplit("truncate -s ", 1)[1].split()[0])
    with open(path, "ab") as log:
        log.truncate(place)
    server.start()
    rows = kept.rows()
    checks.expect("the rows before the damage are there", rows and rows == kept.acknowledged[:len(rows)], len(rows))
    checks.expect("the server stops with 0", server.stop() == 0)


def the_command_log(checks, binary, folder):
    server, kept = filled(binary, folder)
    server.stop()
    path, at = find(server.data, b"thalwegPlan")
    whole = path.read_bytes()
    flip(path, at)
    refuses_to_start(checks, "a damaged command log: no start", server, "the command log cannot be read", COMMANDS,
                     "damaged", "restore a backup")
    path.write_bytes(whole)
    path, at = find(server.data, COMMANDS.encode())
    whole = path.read_bytes()
    flip(path, at)
    refuses_to_start(checks, "a damaged list of topics: no start", server, "stored data is damaged", path.name)
    path.write_bytes(whole)
    server.start()
    kept.all_there(checks, "undamaged again")
    checks.expect("the server stops with 0", server.stop() == 0)


def a_command_of_the_future(checks, binary, folder):
    """A command that is whole but not understood is skipped, and everybody is told."""
    server, kept = filled(binary, folder, batches=2)
    server.ksql(f"""CREATE STREAM commands (id VARCHAR KEY, `commandId` VARCHAR, `thalwegPlan` STRUCT<`kind` VARCHAR>,
                    `version` INT) WITH (kafka_topic = '{COMMANDS}', value_format = 'json');""")
    server.ksql("INSERT INTO commands VALUES ('x', 'x', STRUCT(`kind` := 'x'), 99);")
    server.stop()
    server.start()
    kept.all_there(checks, "with a command that is not understood")
    health = json.loads(server.request("GET", "/healthcheck")[1])
    info = json.loads(server.request("GET", "/info")[1])
    checks.expect("the server says it is degraded", not health["isHealthy"] and
                  info["KsqlServerInfo"]["serverStatus"] == "DEGRADED", (health, info))
    checks.expect("its log says why", "was skipped: the command was written by a newer version" in server.log_text(),
                  server.log_text()[-500:])
    checks.answered("changing statements are refused, with the reason",
                    server.post("/ksql", {"ksql": "DROP TABLE totals;"}), 400, 40001, "degraded", "newer version")
    checks.expect("rows are taken", kept.insert(10) == [])
    kept.all_there(checks, "and more rows")
    checks.expect("the server stops with 0", server.stop() == 0)


def a_missing_file(checks, binary, folder):
    server, kept = filled(binary, folder)
    server.stop()
    tables = sorted(server.data.glob("*.sst"), key=lambda path: path.stat().st_size)
    whole = tables[-1].read_bytes()
    tables[-1].unlink()
    refuses_to_start(checks, "a file is missing: no start", server, "cannot open data folder", tables[-1].stem)
    tables[-1].write_bytes(whole[:len(whole) // 2])
    refuses_to_start(checks, "a file is cut short: no start", server, "cannot open data folder", tables[-1].stem)
    tables[-1].write_bytes(whole)
    for name in ("CURRENT", "MANIFEST"):
        path = next(server.data.glob(name + "*"))
        content = path.read_bytes()
        path.write_bytes(b"nonsense\n" * 20)
        refuses_to_start(checks, f"{name} is nonsense: no start", server, "cannot open data folder", "damaged")
        path.write_bytes(content)
    server.start()
    kept.all_there(checks, "whole again")
    checks.expect("the server stops with 0", server.stop() == 0)


def anywhere(checks, binary, folder):
    """One byte of any file, at places of a seeded choice: a refusal, an error that says so, or the right answer."""
    server, kept = filled(binary, folder, batches=4)
    server.kill()
    server.start()
    kept.insert(10)  # some rows in files, some in the write-ahead log alone
    wait_until(lambda: kept.totals() == kept.expected_totals(kept.acknowledged))
    server.kill()
    shutil.move(server.data, folder / "whole")
    rng, counts = random.Random(11), {"refused": 0, "error": 0, "right": 0}
    for path in sorted((folder / "whole").iterdir()):
        for _ in range(4 if path.stat().st_size else 0):
            at = rng.randrange(path.stat().st_size)
            shutil.rmtree(server.data, ignore_errors=True)
            shutil.copytree(folder / "whole", server.data)
            flip(server.data / path.name, at)
            counts[outcome(checks, server, kept, f"{path.name} byte {at}")] += 1
    checks.expect(f"of every kind: {counts}", counts["refused"] and counts["right"])


def outcome(checks, server, kept, place):
    try:
        server.start()
    except RuntimeError:
        said = server.log_text()[-600:]
        checks.expect(f"{place}: it does not start, and says why",
                      server.process.returncode == 1 and "thalweg: " in said, (server.process.returncode, said))
        return "refused"
    rows = answer_of(server, "SELECT n FROM kept;")
    totals = answer_of(server, "SELECT k, c, total FROM totals;")
    right = isinstance(rows, list) and sorted(row[0] for row in rows) == sorted(kept.acknowledged)
    right_totals = isinstance(totals, list) and {k: (c, t) for k, c, t in totals} == kept.expected_totals(kept.acknowledged)
    checks.expect(f"{place}: the rows are right, or an error says why", right or "50000" in rows, rows)
    checks.expect(f"{place}: the table is right, or an error says why", right_totals or "50000" in totals, totals)
    server.kill()
    return "right" if right and right_totals else "error"


CASES = [a_damaged_batch, the_state_of_a_table, the_write_ahead_log, cut_short_with_consent, the_command_log, a_command_of_the_future,
         a_missing_file, anywhere]

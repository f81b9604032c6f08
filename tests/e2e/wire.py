#!/usr/bin/env python3
"""What a client library sees on the wire of a real server: values there and back, ends of streams.

usage: wire.py THALWEG-BINARY
"""
import json
import pathlib
import sys
import tempfile

from checks import Checks
from running_server import Server

EVERY_TYPE = """CREATE STREAM every (id INT KEY, b BOOLEAN, l BIGINT, d DOUBLE, e DECIMAL(4,2), v STRING, y BYTES,
  da DATE, ti TIME, ts TIMESTAMP, a ARRAY<STRUCT<f STRING, n INT>>, m MAP<STRING, BYTES>, r STRUCT<f STRING, d DATE>)
  WITH (kafka_topic = 'every', partitions = 1, value_format = 'json');"""


def insert(server, target, rows, accept=None):
    lines = "\n".join(json.dumps(line) for line in [{"target": target}, *rows])
    status, text = server.request("POST", "/inserts-stream", lines, headers={"Accept": accept} if accept else {})
    return status, [json.loads(line) for line in text.splitlines()]


def inserted_values(checks, server):
    """Each value once, through /inserts-stream and back."""
    server.ksql(EVERY_TYPE)
    rows = [{"id": 1, "b": True, "L": 9223372036854775807, "d": 5, "e": "10.125", "v": "ż😀", "y": "QUJDRA==",
             "da": "2024-02-29", "ti": "17:22:05", "ts": "2024-02-29T17:22:05.123", "a": [{"f": "x", "N": 1}, None],
             "m": {"k": "AP8=", "n": None}, "r": {"F": "y", "d": "1970-01-03"}, "unknown": 1},
            {"ID": 2}]
    answer = insert(server, "every", rows)
    checks.expect("every type is taken", answer == (200, [{"seq": 0, "status": "ok"}, {"seq": 1, "status": "ok"}]), answer)
    found = server.query("SELECT * FROM every;")
    expected = [[1, True, 9223372036854775807, 5.0, 10.13, "ż😀", "QUJDRA==", "2024-02-29", "17:22:05",
                 "2024-02-29T17:22:05.123", [{"F": "x", "N": 1}, None], {"k": "AP8=", "n": None}, {"F": "y", "D": 2}],
                [2] + [None] * 12]
    checks.expect("every type comes back", found == expected, found)


def push_query(checks, server):
    """TERMINATE by the id as the client has it, quoted or not; the stream ends and the query is gone."""
    for quote in ("", "`"):
        connection, response = server.stream("/query-stream", {"sql": "SELECT * FROM every EMIT CHANGES;"})
        query = json.loads(response.readline())["queryId"]
        listed = server.ksql("SHOW QUERIES;")[0]["queries"]
        checks.expect("a push query is listed", [q["id"] for q in listed] == [query], listed)
        explained = server.ksql(f"EXPLAIN {quote}{query}{quote};")[0]["queryDescription"]
        checks.expect("EXPLAIN shows it, without the server's settings",
                      (explained["id"], explained["queryType"], explained["overriddenProperties"]) == (query, "PUSH", {}),
                      explained)
        answer = server.ksql(f"TERMINATE {quote}{query}{quote};")[0]
        checks.expect("TERMINATE ends it", (answer["@type"], answer["queryId"], answer["wasTerminated"]) ==
                      ("terminate_query", query, True), answer)
        checks.expect("its stream ends", response.read() == b"")
        connection.close()
    for round in range(10):
        connection, response = server.stream("/query", {"ksql": "SELECT * FROM every EMIT CHANGES;"})
        query = json.loads(response.readline()[1:-2])["header"]["queryId"]
        closed = [server.post("/close-query", {"queryId": query}) for _ in range(2)]
        checks.expect(f"/close-query ends a query once, round {round}",
                      closed[0] == (200, "") and closed[1][0] == 400, closed)
        ended = response.read()
        checks.expect("with its message", ended == b'{"finalMessage":"Query Completed"}]', ended)
        connection.close()


def several_statements(checks, server):
    """Nothing runs if one cannot, and the answer names that one."""
    create = "CREATE STREAM one (k INT KEY, v INT) WITH (kafka_topic = 'one', partitions = 1, value_format = 'json');"
    for bad, text in (("CREATE STREAM two AS SELECT nope FROM one;", "NOPE"), ("DESCRIBE nothing;", "NOTHING"),
                      ("INSERT INTO one (k, w) VALUES (1, 2);", "`W`"), ("DROP STREAM two;", "TWO does not exist"),
                      ("EXPLAIN nothing;", "NOTHING"), ("SET 'no.such' = '1';", "no.such"), ("DESCRIBE FUNCTION nope;", "NOPE")):
        status, body = server.post("/ksql", {"ksql": f"{create} SHOW TABLES; {bad}"})
        checks.expect(f"{bad}: refused", status == 400 and text in body["message"] and body["entities"] == [], body)
        named = body["statementText"].replace("'[value]'", "?")
        checks.expect(f"{bad}: named alone", named.startswith(bad.split("(")[0]) and named.count(";") == 1, body)
        streams = [stream["name"] for stream in server.ksql("SHOW STREAMS;")[0]["streams"]]
        checks.expect(f"{bad}: nothing ran", "ONE" not in streams, streams)
    answer = server.ksql(f"{create} DESCRIBE one; DEFINE n = 'two'; CREATE STREAM ${{n}} AS SELECT * FROM one; "
                         "DESCRIBE two; DROP STREAM two; DROP STREAM one;")
    checks.expect("each statement sees what came before", [entity["@type"] for entity in answer] ==
                  ["currentStatus", "sourceDescription", "currentStatus", "sourceDescription", "currentStatus",
                   "currentStatus"], answer)


def main():
    checks = Checks()
    binary = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="thalweg-wire-") as folder:
        server = Server(binary, pathlib.Path(folder))
        try:
            server.start()
            for test in (inserted_values, push_query, several_statements):
                test(checks, server)
            checks.expect("the server stops with 0", server.stop() == 0)
        finally:
            Server.end_all()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())

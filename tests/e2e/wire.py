#!/usr/bin/env python3
"""What a client library sees on the wire of a real server: values there and back, ends of streams.

usage: wire.py THALWEG-BINARY
"""
import json
import pathlib
import sys
import tempfile

from checks import Checks, wait_until
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


def dropped_topic(checks, server):
    """DROP … DELETE TOPIC ends who reads it, in the form of each protocol; plain DROP ends nobody."""
    create = "CREATE STREAM gone (k INT KEY, v INT) WITH (kafka_topic = 'gone', partitions = 1, value_format = 'json');"
    select = "SELECT v FROM gone EMIT CHANGES;"
    message = 'the query has ended because topic "gone" was deleted with GONE'
    error = {"@type": "generic_error", "error_code": 50000, "message": message}
    deleted = {"@type": "generic_error", "error_code": 50000, "message": 'topic "gone" does not exist'}
    forms = [
        ("delimited", "/query-stream", {"sql": select}, {}, lambda text: [json.loads(line) for line in text.splitlines()], error),
        ("a JSON array", "/query-stream", {"sql": select}, {"Accept": "application/json"}, json.loads, error),
        ("streamed rows", "/query", {"ksql": select}, {}, json.loads, {"errorMessage": error}),
        ("PRINT", "/query", {"ksql": "PRINT gone;"}, {"Accept": "*/*"},
         lambda text: [json.loads(line) for line in text.splitlines() if line.startswith("{")], deleted)]
    server.ksql(create)
    streams = [server.stream(path, body, headers) for _, path, body, headers, _, _ in forms]
    begun = [b"" if name == "PRINT" else response.read(10) for (name, *_), (_, response) in zip(forms, streams)]
    running = [query["id"] for query in server.ksql("SHOW QUERIES;")[0]["queries"]]
    server.ksql("DROP STREAM gone;")
    still = [query["id"] for query in server.ksql("SHOW QUERIES;")[0]["queries"]]
    checks.expect("plain DROP leaves push queries alone", len(running) == 3 and still == running, (running, still))
    server.ksql(create.replace(", partitions = 1", ""))
    server.ksql("DROP STREAM gone DELETE TOPIC;")
    for (name, _, _, _, parse, expected), begin, (connection, response) in zip(forms, begun, streams):
        said = parse((begin + response.read()).decode())
        checks.expect(f"DELETE TOPIC ends a reader: {name}", said[-1] == expected, said)
        connection.close()
    left = server.ksql("SHOW QUERIES;")[0]["queries"]
    checks.expect("and the queries are gone", left == [], left)


def explained_pull(checks, server):
    server.ksql("CREATE STREAM facts (k VARCHAR KEY, v INT) WITH (kafka_topic = 'facts', partitions = 1, value_format = 'json');"
                "CREATE TABLE sums AS SELECT k, SUM(v) AS total FROM facts GROUP BY k;")
    shown = server.ksql("EXPLAIN SELECT total FROM sums WHERE k = 'a' LIMIT 2;")[0]["queryDescription"]
    checks.expect("EXPLAIN of a pull query", (shown["id"], shown["sinks"], shown["queryType"], shown["sources"]) ==
                  ("", [], "PUSH", ["SUMS"]), shown)
    checks.expect("shows the lookup and the store", "[ KEY_LOOKUP ] | Keys: ('a') | Table: SUMS" in shown["executionPlan"]
                  and "(stores: [Aggregate-Aggregate-Materialize])" in shown["topology"], shown)
    refused = server.post("/ksql", {"ksql": "EXPLAIN SELECT COUNT(*) FROM sums GROUP BY k;"})
    checks.answered("EXPLAIN of what cannot run", refused, 400, 40001, "Pull queries don't support GROUP BY clauses")


def traffic(checks, server):
    """DESCRIBE EXTENDED and /metrics count what came and went."""
    for row in (1, 2, 3):
        server.ksql(f"INSERT INTO facts VALUES ('a', {row});")
    insert(server, "facts", [{"k": "b", "v": 1}])
    wait_until(lambda: server.query("SELECT total FROM sums;") == [[6], [1]])

    def described(name):
        source = server.ksql(f"DESCRIBE {name} EXTENDED;")[0]["sourceDescription"]
        return source, {stat["name"]: stat["value"] for stat in source["clusterStatistics"]}

    source, values = described("facts")
    size = sum(len(text) for text in ('a{"V":1}', 'a{"V":2}', 'a{"V":3}', 'b{"V":1}'))
    checks.expect("written, read, bytes", (values["total-messages"], values["consumer-total-messages"],
                                           values["consumer-total-bytes"]) == (4, 4, size), values)
    checks.expect("and rates", 4 / 30 <= values["messages-per-sec"] <= 4 / 27 and values["consumer-messages-per-sec"] > 0, values)
    checks.expect("in one line", source["statistics"].startswith("messages-per-sec:      0.1") and
                  "  total-messages:         4 " in source["statistics"] and source["errorStats"] == "", source)
    sink, values = described("sums")
    checks.expect("a sink is written by its query", values["total-messages"] >= 2 and "consumer-total-messages" not in values, sink)
    page = server.request("GET", "/metrics")[1]
    checks.expect("/metrics has the same", 'ksql_total_messages{service_id="default_",source="facts"} 4\n' in page and
                  f'ksql_consumer_total_bytes{{service_id="default_",source="facts"}} {size}\n' in page, page[-1500:])


def failed_statements(checks, server):
    """Who sent a statement gets it back as it was, and nothing else of the request."""
    for sql in ("INSERT INTO facts (k, ROWOFFSET) VALUES ('secret', 5);", "INSERT INTO facts (k) VALUES (other.k);"):
        status, body = server.post("/ksql", {"ksql": f"SHOW TABLES; {sql}"})
        checks.expect(f"{sql}: as it was sent", status == 400 and body["statementText"] == sql, body)
    status, body = server.post("/ksql", {"ksql": "SHOW TABLES;\nSELEKT 1;\nSHOW STREAMS;"})
    checks.expect("a syntax error names its line", status == 400 and body["statementText"] == "SELEKT 1;" and
                  body["message"].startswith("line 2:1: "), body)
    status, body = server.post("/ksql", {"ksql": "CREATE STREAM wide (k INT KEY) WITH (kafka_topic = 'wide', "
                                                 "partitions = 1000000000, value_format = 'json');"})
    checks.answered("too many partitions", (status, body), 400, 40001, "PARTITIONS is invalid: Value must be at most 100000")
    topics = [topic["name"] for topic in server.ksql("SHOW TOPICS;")[0]["topics"]]
    checks.expect("and no topic is made", "wide" not in topics, topics)


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
            for test in (inserted_values, push_query, dropped_topic, explained_pull, traffic, failed_statements,
                         several_statements):
                test(checks, server)
            checks.expect("the server stops with 0", server.stop() == 0)
        finally:
            Server.end_all()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())

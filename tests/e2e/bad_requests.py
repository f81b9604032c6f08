"""Bad requests over HTTP: status, error_code and text of each, and a server that goes on serving."""
import json
import socket
import time

from checks import KeptRows, wait_until
from running_server import Server

# Small limits, so that reaching them takes no time.
LIMITS = ["--set", "thalweg.http.body.max.bytes=200000", "--set", "thalweg.http.line.max.bytes=20000",
          "--set", "thalweg.http.header.timeout.ms=400", "--set", "thalweg.http.body.idle.ms=400"]


def serving(binary, folder):
    server = Server(binary, folder, arguments=LIMITS)
    server.start()
    kept = KeptRows(server).create()
    kept.insert(50)
    return server, kept


def done(checks, server, kept, when):
    kept.insert(5)
    kept.all_there(checks, when)
    checks.expect(f"{when}: the server stops with 0", server.stop() == 0)


def bodies(checks, binary, folder):
    server, kept = serving(binary, folder)
    for name, body in (("an empty body", ""), ("half a document", '{"ksql": '), ("an array", "[]"), ("a number", "5"),
                       ("bytes that are no UTF-8", b'{"ksql":"\xff\xfe"}'), ("10,000 brackets", "[" * 10_000),
                       ("two documents", '{"ksql":"SHOW STREAMS;"} {}')):
        for path in ("/ksql", "/query", "/query-stream"):
            checks.answered(f"{path}: {name}", server.post(path, body), 400, 40000, "Invalid JSON in request body")
    for path in ("/ksql", "/query"):
        for name, body in (("no statement", {}), ("a number for a statement", {"ksql": 5}), ("a blank one", {"ksql": " "})):
            checks.answered(f"{path}: {name}", server.post(path, body), 400, 40000, '"ksql" field must be populated')
    checks.answered("/query-stream: no statement", server.post("/query-stream", {"ksql": "SELECT 1;"}), 400, 40000,
                    "No sql in arguments")
    checks.answered("/query-stream: null for a statement", server.post("/query-stream", {"sql": None}), 400, 40000,
                    '"sql" field must be populated')
    show = {"ksql": "SHOW STREAMS;"}
    for field, value, text in (("streamsProperties", [1], '"streamsProperties" must be an object'),
                               ("streamsProperties", {"auto.offset.reset": {}}, "must be a scalar"),
                               ("streamsProperties", {"nope": 1}, "Not recognizable as ksql"),
                               ("streamsProperties", {"auto.offset.reset": "sideways"}, "Invalid value sideways"),
                               ("sessionVariables", 5, '"sessionVariables" must be an object'),
                               ("commandSequenceNumber", "x", '"commandSequenceNumber" must be an integer')):
        checks.answered(f"/ksql: {field} {json.dumps(value)}", server.post("/ksql", {**show, field: value}), 400, 40000, text)
    checks.answered("/close-query: no id", server.post("/close-query", {}), 400, 40000, "No queryId in arguments")
    checks.answered("/close-query: unknown id", server.post("/close-query", {"queryId": "x"}), 400, 40000,
                    "No query with id x")
    for name, body in (("half a document", "{"), ("an array", "[]"), ("null", "null"),
                       ("a text for the list", {"deleteTopicList": "kept"}), ("numbers in the list", {"deleteTopicList": [1]}),
                       ("a bad pattern", {"deleteTopicList": ["("]})):
        checks.answered(f"/ksql/terminate: {name}", server.post("/ksql/terminate", body), 400, 40000)
    for media in ("text/plain", "application/xml", "nonsense"):
        status, _ = server.post("/ksql", show, headers={"Content-Type": media})
        checks.expect(f"the label {media} is not looked at", status == 200, status)
    done(checks, server, kept, "after bad bodies")


def statements(checks, binary, folder):
    server, kept = serving(binary, folder)
    source = "WITH (kafka_topic = 't', partitions = 1, value_format = 'json')"
    for sql, code, text in (
            ("SHOW STREAMS", 40001, "missing ';'"), ("SELEC 1;", 40001, "line 1:1: Syntax Error"), ("'", 40001, "Syntax Error"),
            ("SELECT * FROM kept;", 40002, "should be issued to the websocket endpoint '/query'"),
            (f"CREATE STREAM kept (k INT) {source};", 40001, "A stream with the same name already exists"),
            (f"CREATE STREAM z (k INT, k INT) {source};", 40001, "Duplicate column names: `K`"),
            (f"CREATE STREAM z (k NOPE) {source};", 40001, "unknown type: NOPE"),
            (f"CREATE STREAM z (k INT) {source.replace('json', 'yson')};", 40001, "Unknown format: YSON"),
            (f"CREATE STREAM z (k INT) {source.replace(', partitions = 1', '')};", 40001, "Kafka topic does not exist: t"),
            ("CREATE STREAM z AS SELECT k, nope FROM kept;", 40001, "SELECT column 'NOPE' cannot be resolved"),
            ("CREATE STREAM z AS SELECT k, n, n FROM kept;", 40001, "Duplicate value columns"),
            ("CREATE STREAM z AS SELECT k, n + k AS x FROM kept;", 40001, "Unsupported arithmetic"),
            ("CREATE STREAM z AS SELECT * FROM nope;", 40001, "Source `NOPE` does not exist"),
            ("CREATE STREAM z AS SELECT k, NOPE(n) AS x FROM kept;", 40001, "functions with the name 'NOPE'"),
            ("DROP STREAM nope;", 40001, "Stream NOPE does not exist"), ("DROP TABLE kept;", 40001, "Incompatible data source type"),
            ("DROP STREAM kept;", 40001, "You need to drop them before dropping KEPT"),
            ("TERMINATE nope;", 40001, "Unknown queryId: NOPE"), ("EXPLAIN nope;", 40001, "Query with id:NOPE does not exist"),
            ("DESCRIBE nope;", 40001, "Could not find STREAM/TABLE 'NOPE'"), ("SET 'nope' = '1';", 40000, "Not recognizable as ksql"),
            ("INSERT INTO nope VALUES (1);", 40001, "unknown stream/table: `NOPE`"),
            ("INSERT INTO kept VALUES ('a');", 40001, "Expected number columns and values to match: 3, 1"),
            ("INSERT INTO kept (k, nope) VALUES ('a', 1);", 40001, "Column name `NOPE` does not exist"),
            ("INSERT INTO kept (k, n) VALUES ('a', 'b');", 40001, "Expected type INTEGER for field `N`"),
            ("SELECT " + "(" * 5000 + "1" + ")" * 5000 + " FROM kept;", 40001, "too large to parse")):
        checks.answered(sql[:60], server.post("/ksql", {"ksql": sql}), 400, code, text)
    checks.answered("one bad statement keeps the good ones from running", server.post(
        "/ksql", {"ksql": f"CREATE STREAM made (k INT KEY) {source}; DROP STREAM nope;"}), 400, 40001)
    checks.expect("nothing was made", "MADE" not in json.dumps(server.ksql("SHOW STREAMS;")))
    for path, field in (("/query-stream", "sql"), ("/query", "ksql")):
        for sql, text in (("SELECT * FROM nope;", "Source `NOPE` does not exist"),
                          ("SELECT nope FROM kept;", "SELECT column 'NOPE' cannot be resolved"),
                          ("SELECT * FROM totals WHERE k = 5;", "Cannot compare K (STRING) to 5 (INTEGER)"),
                          ("PRINT nope;", "Could not find topic 'nope'"), ("PRINT KEPT;", "Did you mean: \n  - 'kept'")):
            checks.answered(f"{path}: {sql}", server.post(path, {field: sql}), 400, 40001, text)
    checks.answered("/query-stream: two statements",
                    server.post("/query-stream", {"sql": "SELECT * FROM kept; SELECT * FROM kept;"}), 400, 40001, "found 2 instead")
    done(checks, server, kept, "after bad statements")


def inserts(checks, binary, folder):
    server, kept = serving(binary, folder)
    checks.answered("no head line", server.post("/inserts-stream", ""), 400, 40000, "Invalid JSON in inserts stream")
    checks.answered("no target", server.post("/inserts-stream", "{}\n"), 400, 40000, "No target in arguments")
    checks.answered("unknown target", server.post("/inserts-stream", '{"target":"nope"}\n'), 400, 40001,
                    "unknown stream/table: NOPE")
    head, good = '{"target":"kept"}\n', '{"K":"good","N":-1}\n'
    for row, text in (('{"N":1}', "Key field must be specified: K"), ('{"K":"a","N":"b"}', "Can't coerce a field of type"),
                      ('{"K":"a","N":3000000000}', "into type INTEGER"), ("[1]", "Invalid JSON in inserts stream"),
                      ("{", "Invalid JSON in inserts stream")):
        status, answer = server.request("POST", "/inserts-stream", head + good + row + "\n" + good)
        lines = [json.loads(line) for line in answer.splitlines()]
        checks.expect(f"the row {row} ends the stream, the one before it is written",
                      status == 200 and len(lines) == 2 and lines[0] == {"seq": 0, "status": "ok"} and
                      lines[1].get("error_code") == 40000 and lines[1].get("seq") == 1 and text in lines[1]["message"], lines)
    checks.expect("those rows are there", len(server.query("SELECT n FROM kept WHERE n = -1;")) == 5)
    status, answer = server.request("POST", "/inserts-stream", head + good.replace("good", "g" * 30_000))
    checks.expect("a line that is too long", "41300" in answer and "too long" in answer, (status, answer))
    server.ksql("DROP STREAM IF EXISTS nothing;")
    rows = server.query("SELECT n FROM kept;")
    checks.expect("only whole rows arrived", len(rows) == len(kept.acknowledged) + 5, len(rows))
    checks.expect("the server stops with 0", server.stop() == 0)


def raw(server, *pieces, wait=0.0, close=False, timeout=10):
    """What comes back when `pieces` are sent one by one, until the server closes or falls silent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(wait)
            if close:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
        except OSError:
            pass
        return received.decode(errors="replace")


def connections(checks, binary, folder):
    server, kept = serving(binary, folder)
    checks.answered("a body that is too large", server.post("/ksql", {"ksql": "x" * 300_000}), 413, 41300, "too large")
    checks.answered("a head that is too large", server.post("/ksql", "{}", headers={"X-Long": "y" * 20_000}), 431, 43100,
                    "too large")
    checks.answered("an Accept nobody can meet", server.post("/ksql", "{}", headers={"Accept": "image/png"}), 406, 40600)
    checks.expect("an unknown path", server.request("POST", "/nope", "{}") == (404, "Not Found"))
    checks.expect("a wrong method", server.request("DELETE", "/ksql") == (404, "Not Found"))
    checks.answered("a foreign Host", server.post("/ksql", "{}", headers={"Host": "evil.example"}), 421, 42100)
    checks.answered("a foreign Origin", server.post("/ksql", "{}", headers={"Origin": "http://evil.example"}), 403, 40300)

    host = b"Host: 127.0.0.1\r\n"
    text = b'{"ksql":"SHOW STREAMS;"}'
    whole = b"POST /ksql HTTP/1.1\r\n" + host + b"Content-Length: %d\r\n\r\n" % len(text) + text
    checks.expect("not HTTP", raw(server, b"hello\r\n\r\n").startswith("HTTP/1.1 400"))
    checks.expect("a client that closes its half gets its answer", "KEPT" in raw(server, whole, close=True))
    checks.expect("half a request, then closed: no answer", raw(server, whole[:-5], close=True) == "")
    checks.expect("half a head, then silence", " 408 " in raw(server, whole[:20]))
    checks.expect("a head byte by byte, too slowly", " 408 " in raw(server, *[bytes([b]) for b in whole[:20]], wait=0.05))
    checks.expect("half a body, then silence", " 408 " in raw(server, whole[:-5]))
    broken = whole.replace(b"Content-Length: %d" % len(text), b"Content-Length: 12x")
    checks.expect("a length that is no number", " 400 " in raw(server, broken))
    abandoned = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for connection in abandoned:
        connection.sendall(whole)  # and the answer is never read
    checks.expect("clients that do not read keep nobody waiting", server.request("GET", "/info", timeout=5)[0] == 200)
    for connection in abandoned:
        connection.close()
    slow_readers(checks, server, kept)
    done(checks, server, kept, "after bad connections")


def slow_readers(checks, server, kept):
    """Push queries whose clients read nothing: their queries stand still, everybody else goes on."""
    sql = json.dumps({"sql": "SELECT * FROM kept EMIT CHANGES;", "properties": {"auto.offset.reset": "earliest"}}).encode()
    push = (b"POST /query-stream HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(sql)) + sql
    readers = []
    for _ in range(3):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(push)
        readers.append(connection)
    for _ in range(8):
        checks.expect("inserts go on beside slow readers", kept.insert(100, "f" * 1000) == [])
    kept.all_there(checks, "beside slow readers")
    for connection in readers:
        connection.close()

    def running():
        return [query for query in server.ksql("SHOW QUERIES;")[0]["queries"] if query["queryType"] == "PUSH"]
    wait_until(lambda: not running())
    checks.expect("their queries end with the connection", not running(), running())


CASES = [bodies, statements, inserts, connections]

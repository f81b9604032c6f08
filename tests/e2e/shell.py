#!/usr/bin/env python3
"""The shell against a real server: output, exit codes, Ctrl-C. shell.py BINARY"""
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from checks import wait_until
from running_server import Server, free_port

failures = []


def expect(what, condition, detail=""):
    if not condition:
        failures.append(what)
    print(f"{'ok    ' if condition else 'FAILED'} {what}{'' if condition else ': ' + repr(detail)}")


def main() -> int:
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="thalweg-shell-") as name:
        folder = pathlib.Path(name)
        server = Server(binary, folder)
        server.start()
        try:
            run_checks(binary, f"http://127.0.0.1:{server.port}", folder, server)
        finally:
            server.stop()
    print(f"{len(failures)} failures")
    return 1 if failures else 0


def run_checks(binary, url, folder, server):
    def shell(*arguments, target=url, text=None):
        return subprocess.run([binary, "sql", target, *arguments], capture_output=True, text=True, timeout=60,
                              input=text if text is not None else "")

    made = shell("-e", "CREATE STREAM s (k VARCHAR KEY, v INT, c DECIMAL(4,2)) WITH (kafka_topic = 's', partitions = 1, "
                       "value_format = 'json'); CREATE TABLE t AS SELECT k, SUM(v) AS total FROM s GROUP BY k")
    expect("-e runs several statements and adds a semicolon", made.returncode == 0, made.stderr)
    expect("statements are echoed when there are several", "Stream created" in made.stdout and "CREATE TABLE t" in made.stdout,
           made.stdout)
    expect("INSERT says nothing", shell("-e", "INSERT INTO s VALUES ('a', 1, 10.10);").stdout.strip() == "")

    listed = shell("-e", "SHOW STREAMS;").stdout
    expect("a table of streams", " Stream Name " in listed and " | Kafka Topic " in listed and "| JSON         | false" in listed, listed)
    as_json = json.loads(shell("--output", "json", "-e", "SHOW STREAMS;").stdout)
    expect("--output json", "S" in [stream["name"] for stream in as_json[0]["streams"]], as_json)

    query_id = json.loads(shell("--output", "json", "-e", "SHOW QUERIES;").stdout)[0]["queries"][0]["id"]
    for statement in ("SHOW QUERIES", "SHOW TABLES EXTENDED", "SHOW TOPICS", "SHOW PROPERTIES", "SHOW FUNCTIONS", "SHOW TYPES",
                      "SHOW VARIABLES", "DESCRIBE s", "DESCRIBE t EXTENDED", "DESCRIBE FUNCTION LEN", f"EXPLAIN {query_id}",
                      "EXPLAIN SELECT * FROM s EMIT CHANGES", "PRINT s FROM BEGINNING LIMIT 1"):
        shown = shell("-e", statement + ";")
        expect(statement, shown.returncode == 0 and "@type" not in shown.stdout and shown.stdout.strip(),
               shown.stdout + shown.stderr)

    rows = shell("-e", "SELECT * FROM s;")
    expect("rows keep their digits", rows.returncode == 0 and "|10.10 " in rows.stdout and "|K " in rows.stdout, rows.stdout)
    limited = shell("--query-row-limit", "1", "-e", "SET 'auto.offset.reset' = 'earliest'; SELECT v FROM s EMIT CHANGES;")
    expect("a row limit ends a push query", limited.returncode == 0 and "|1 " in limited.stdout, limited.stderr)
    timed = shell("--query-timeout", "300", "-e", "SELECT v FROM s EMIT CHANGES;")
    expect("a time limit ends a push query", timed.returncode == 0, timed.stderr)

    wrong = shell("-e", "SELECT hitz FROM s;")
    expect("a failed statement exits with 1", wrong.returncode == 1, wrong.returncode)
    expect("with a caret under the column", "SELECT hitz FROM s;\n       ^" in wrong.stderr, wrong.stderr)
    syntax = shell("-e", "SELECT FROM s;")
    expect("a syntax error is found without the server", syntax.returncode == 1 and "^" in syntax.stderr, syntax.stderr)
    going = shell("--keep-going", "-e", "DROP STREAM never; SHOW TABLES;")
    expect("--keep-going goes on and still exits with 1", going.returncode == 1 and "Table Name" in going.stdout, going.stdout)
    odd = shell("-e", "SET 'no such/property%' = 'x';")
    expect("SET asks for a name of any characters", odd.returncode == 1 and "'no such/property%'" in odd.stderr, odd.stderr)
    expect("wrong usage exits with 2", shell("--output", "xml", "-e", "SHOW TABLES;").returncode == 2)
    nobody = shell("-e", "SHOW TABLES;", target=f"http://127.0.0.1:{free_port()}")
    expect("no connection exits with 3", nobody.returncode == 3, nobody.stderr)

    script = folder / "script.sql"
    script.write_text("DEFINE who = 'b';\nINSERT INTO s (k, v) VALUES ('${who}', 7);\nSELECT v FROM s WHERE k = '${who}';\n")
    ran = shell("-f", str(script))
    expect("-f runs a script with variables", ran.returncode == 0 and "|7 " in ran.stdout, ran.stdout + ran.stderr)
    piped = shell(text="show streams;\noutput json\nselect v from s\n where v = 7;\n")
    expect("statements from a pipe", piped.returncode == 0 and "Stream Name" in piped.stdout and '"row"' in piped.stdout,
           piped.stdout + piped.stderr)
    expect("help lists the commands", "request-pipelining" in shell(text="help\n").stdout)

    described = shell("-e", "DESCRIBE s EXTENDED;").stdout
    expect("DESCRIBE EXTENDED shows what went through", "Runtime statistics by host" in described and
           "| total-messages            | 2     |" in described and "| consumer-total-bytes " in described, described)
    explained = shell("-e", "EXPLAIN SELECT total FROM t WHERE k = 'a';").stdout
    expect("EXPLAIN of a pull query shows the lookup", "[ KEY_LOOKUP ] | Keys: ('a') | Table: T" in explained, explained)

    shell("-e", "CREATE STREAM gone (v INT) WITH (kafka_topic = 'gone', partitions = 1, value_format = 'json');")
    cut = subprocess.Popen([binary, "sql", url, "-e", "SELECT v FROM gone EMIT CHANGES;"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len(server.ksql("SHOW QUERIES;")[0]["queries"]) == 2)
    server.ksql("DROP STREAM gone DELETE TOPIC;")
    out, said = cut.communicate(timeout=20)
    expect("a push query whose topic is deleted says so and exits with 1", cut.returncode == 1 and
           'topic "gone" was deleted with GONE' in said, (cut.returncode, out, said))

    push = subprocess.Popen([binary, "sql", url, "-e", "SELECT v FROM s EMIT CHANGES;"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    server.ksql("INSERT INTO s (k, v) VALUES ('c', 8);")
    time.sleep(1)
    push.send_signal(signal.SIGINT)
    out, _ = push.communicate(timeout=20)
    expect("Ctrl-C ends a push query with 130", push.returncode == 130 and "|8 " in out, (push.returncode, out))


if __name__ == "__main__":
    sys.exit(main())

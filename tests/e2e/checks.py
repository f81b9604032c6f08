"""What the end-to-end tests share: one line per expectation, and rows that must never be lost."""
import json
import time

from running_server import Server


class Checks:
    def __init__(self):
        self.failures = []

    def expect(self, what, condition, detail=""):
        if not condition:
            self.failures.append(what)
        print(f"{'ok    ' if condition else 'FAILED'} {what}{'' if condition else ': ' + repr(detail)}", flush=True)
        return bool(condition)

    def refused(self, what, process, code, *texts):
        """A finished process (subprocess.CompletedProcess) that gave up with `code` and said why on stderr."""
        said = process.stderr if isinstance(process.stderr, str) else process.stderr.decode(errors="replace")
        self.expect(what, process.returncode == code and all(text in said for text in texts),
                    (process.returncode, said[-600:], "expected", code, texts))

    def answered(self, what, answer, status, error_code, *texts):
        """(status, JSON) of an HTTP request that was refused."""
        got, body = answer
        message = body.get("message", "") if isinstance(body, dict) else ""
        fine = got == status and isinstance(body, dict) and body.get("error_code") == error_code
        self.expect(what, fine and all(text in message for text in texts),
                    (answer, "expected", status, error_code, texts))

    def finish(self) -> int:
        print(f"{len(self.failures)} failures")
        for failure in self.failures:
            print(f"  {failure}")
        return 1 if self.failures else 0


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


class KeptRows:
    """Rows of the stream KEPT and the table TOTALS over it; remembers what was acknowledged."""

    SETUP = """
    CREATE STREAM kept (k VARCHAR KEY, n INT, filler VARCHAR)
      WITH (kafka_topic = 'kept', partitions = 1, value_format = 'json');
    CREATE TABLE totals AS SELECT k, COUNT(*) AS c, SUM(n) AS total FROM kept GROUP BY k;
    """

    def __init__(self, server: Server):
        self.server = server
        self.acknowledged = []

    def create(self):
        self.server.ksql(self.SETUP)
        return self

    def insert(self, count, filler=""):
        """One request of `count` rows; the answers that were not "ok"."""
        first = max(self.acknowledged, default=-1) + 1
        lines = [json.dumps({"target": "KEPT"})]
        lines += [json.dumps({"K": f"key{n % 7}", "N": n, "FILLER": filler() if callable(filler) else filler})
                  for n in range(first, first + count)]
        status, text = self.server.request("POST", "/inserts-stream", "\n".join(lines) + "\n")
        answers = [json.loads(line) for line in text.splitlines() if line] if status == 200 else [text]
        bad = [answer for answer in answers if not (isinstance(answer, dict) and answer.get("status") == "ok")]
        self.acknowledged += [first + answer["seq"] for answer in answers if answer not in bad]
        return bad

    def rows(self):
        return sorted(row[0] for row in self.server.query("SELECT n FROM kept;"))

    def expected_totals(self, numbers):
        totals = {}
        for n in numbers:
            count, total = totals.get(f"key{n % 7}", (0, 0))
            totals[f"key{n % 7}"] = (count + 1, total + n)
        return totals

    def totals(self):
        return {k: (c, total) for k, c, total in self.server.query("SELECT k, c, total FROM totals;")}

    def all_there(self, checks, when):
        """Everything acknowledged, nothing twice, and the table agrees."""
        rows = self.rows()
        checks.expect(f"{when}: the {len(self.acknowledged)} acknowledged rows are there, once",
                      rows == sorted(self.acknowledged), (len(rows), rows[:5], rows[-5:]))
        wait_until(lambda: self.totals() == self.expected_totals(rows))
        totals = self.totals()
        checks.expect(f"{when}: the table agrees", totals == self.expected_totals(rows), totals)

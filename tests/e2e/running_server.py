"""A thalweg server as a process of its own: start, stop, kill, ask. Shared by the end-to-end tests."""
import http.client
import json
import pathlib
import signal
import socket
import subprocess
import time


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`arguments` go behind `thalweg server`; `prepare` runs in the child before the binary does."""

    launched = []  # so that a failed test can end what it left running

    def __init__(self, binary, folder: pathlib.Path, port=None, arguments=(), prepare=None, data=None):
        self.folder = folder
        self.data = data or folder / "data"
        self.port = port or free_port()
        self.command = [str(binary), "server", "--listen", f"http://127.0.0.1:{self.port}",
                        "--data", str(self.data), *arguments]
        self.prepare = prepare
        self.log = open(folder / "server.log", "ab")
        self.process = None

    def launch(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log, preexec_fn=self.prepare)
        Server.launched.append(self.process)

    @staticmethod
    def end_all():
        while Server.launched:
            process = Server.launched.pop()
            if process.poll() is None:
                process.kill()
            process.wait()

    def start(self) -> float:
        """Seconds until it answered."""
        begin = time.monotonic()
        self.launch()
        while time.monotonic() - begin < 60:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server left with code {self.process.returncode}: {self.log_text()[-500:]}")
            try:
                if self.request("GET", "/info", timeout=1)[0] == 200:
                    return time.monotonic() - begin
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("the server does not answer")

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)

    def log_text(self) -> str:
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def request(self, method, path, body=None, timeout=30, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        finally:
            connection.close()

    def post(self, path, body, **options):
        """Status and the JSON that came back (or its text)."""
        status, text = self.request("POST", path, body if isinstance(body, (str, bytes)) else json.dumps(body),
                                    **options)
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def stream(self, path, body, headers=None, timeout=10):
        """An open connection and its response, whose head has come; the caller closes the connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        connection.request("POST", path, json.dumps(body), headers or {})
        return connection, connection.getresponse()

    def ksql(self, text):
        status, body = self.request("POST", "/ksql", json.dumps({"ksql": text}))
        if status != 200:
            raise RuntimeError(f"{status} {body}")
        return json.loads(body)

    def query(self, text):
        """Rows of a pull query, as lists."""
        status, body = self.request("POST", "/query-stream", json.dumps({"sql": text}))
        if status != 200:
            raise RuntimeError(f"{status} {body}")
        lines = [json.loads(line) for line in body.splitlines() if line]
        if any(isinstance(line, dict) and "error_code" in line for line in lines):
            raise RuntimeError(body[-500:])
        return [line for line in lines if isinstance(line, list)]

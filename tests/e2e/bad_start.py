"""Bad command lines, configurations, files and data folders: a message on stderr and an exit code."""
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import tempfile

from checks import KeptRows
from running_server import Server, free_port

SQL = """CREATE STREAM s (k VARCHAR KEY, v INT) WITH (kafka_topic = 's', partitions = 1, value_format = 'json');
CREATE STREAM o AS SELECT k, v FROM s;
"""
NOBODY = 65534


def run(binary, *arguments, cwd=None, prepare=None):
    return subprocess.run([str(binary), *map(str, arguments)], capture_output=True, timeout=60, cwd=cwd,
                          preexec_fn=prepare, stdin=subprocess.DEVNULL)


def command_lines(checks, binary, folder):
    def refused(what, code, texts, *arguments):
        checks.refused(what, run(binary, *arguments, cwd=folder), code, *texts)

    listen = ["--listen", f"http://127.0.0.1:{free_port()}", "--data", folder / "unused"]
    refused("no command", 2, ["a command is required"])
    refused("unknown command", 2, ["frobnicate"], "frobnicate")
    refused("unknown flag", 2, ["--frob"], "server", "--frob")
    refused("flag without its value", 2, ["--data"], "server", "--data")
    refused("missing configuration file", 2, ["cannot read configuration file nowhere.properties"],
            "server", *listen, "--config", "nowhere.properties")
    refused("a folder as configuration file", 2, ["cannot read configuration file ."],
            "server", *listen, "--config", ".")
    (folder / "bad.properties").write_text("ksql.service.id=a\nthalweg.threads=many\n")
    refused("bad value in a configuration file", 2, ["thalweg.threads", "many"],
            "server", *listen, "--config", "bad.properties")
    (folder / "escape.properties").write_text("ksql.service.id=\\u12\n")
    refused("bad escape in a configuration file", 2, ["\\uxxxx", "escape.properties"],
            "server", *listen, "--config", "escape.properties")
    refused("--set without a value", 2, ["name=value"], "server", *listen, "--set", "thalweg.threads")
    refused("a number that is none", 2, ["thalweg.threads", "zero"],
            "server", *listen, "--set", "thalweg.threads=zero")
    refused("a number out of range", 2, ["thalweg.threads must be at least 1"],
            "server", *listen, "--set", "thalweg.threads=0")
    refused("a word that is not on the list", 2, ["thalweg.durability"],
            "server", *listen, "--set", "thalweg.durability=maybe")
    refused("a listener without a scheme", 2, ["must begin with http://"], "server", "--listen", "8088")
    refused("a listener with a bad port", 2, ["bad port"], "server", "--listen", "http://127.0.0.1:99999")
    refused("a listener with TLS", 2, ["TLS"], "server", "--listen", "https://127.0.0.1:8443")
    checks.expect("nothing of this touched the data folder", not (folder / "unused").exists())


def unknown_names_warn(checks, binary, folder):
    names = ["ksql.nope", "thalweg.thread", "fooo"]
    server = Server(binary, folder, arguments=[word for name in names for word in ("--set", f"{name}=1")])
    server.start()
    checks.expect("unknown properties are warned of", all(
        f"unknown property {name} is ignored" in server.log_text() for name in names), server.log_text())
    checks.expect("and the server stops with 0", server.stop() == 0)


def statement_files(checks, binary, folder):
    def refused(what, text, *expected):
        (folder / "file.sql").write_bytes(text if isinstance(text, bytes) else text.encode())
        checks.refused(what, run(binary, "run", folder / "file.sql", "--until-idle"), 2, *expected)

    checks.refused("run: no such file", run(binary, "run", folder / "none.sql"), 2, "cannot read", "none.sql")
    checks.refused("run: a folder", run(binary, "run", folder), 2, "cannot read", str(folder))
    checks.refused("server --queries-file: no such file",
                   run(binary, "server", "--queries-file", folder / "none.sql", "--data", folder / "d"), 2, "cannot read")
    refused("run: an empty file", "", "did not contain any queries")
    refused("run: not SQL", os.urandom(500) + b"\x00\xff", "Syntax Error")
    refused("run: a syntax error", SQL + "SELEC 1;", "3:1", "SELEC")
    refused("run: an unknown column", SQL.replace("k, v FROM", "k, nope FROM"), "NOPE")
    refused("run: a statement that needs a server", SQL + "SELECT * FROM s;", "Unsupported statement")
    (folder / "good.sql").write_text(SQL)
    checks.expect("run: a good file ends with 0",
                  run(binary, "run", folder / "good.sql", "--until-idle").returncode == 0)

    for what, arguments, text in (("no such file", ["-f", folder / "none.sql"], "cannot read"),
                                  ("a folder", ["-f", folder], f"cannot read {folder}"),
                                  ("a definition that is none", ["-d", "name", "-e", "SHOW TABLES;"], "NAME=VALUE"),
                                  ("a limit that is no number", ["--query-row-limit", "x", "-e", "SHOW TABLES;"], "x")):
        checks.refused(f"sql: {what}", run(binary, "sql", "http://127.0.0.1:1", *arguments), 2, text)
    checks.refused("sql: a host nobody knows", run(binary, "sql", "http://nowhere.invalid:1", "-e", "SHOW TABLES;"), 3,
                   "cannot connect to http://nowhere.invalid:1")

    checks.refused("test: no such file", run(binary, "test", folder / "none.test"), 2, "no such file", "none.test")
    (folder / "empty").mkdir()
    checks.refused("test: a folder without tests", run(binary, "test", folder / "empty"), 2, "no .test files")
    (folder / "bad.test").write_text("sttement ok\nCREATE STREAM;\n")
    broken = run(binary, "test", folder / "bad.test")
    checks.expect("test: a file that is no test", broken.returncode == 1 and b"bad.test:1: unknown block" in broken.stdout,
                  broken)


def data_folders(checks, binary, folder):
    listen = ["--listen", f"http://127.0.0.1:{free_port()}"]
    (folder / "file").write_text("not a folder")
    for place in ("file", "file/below"):
        checks.refused(f"a data folder that is {'' if place == 'file' else 'below '}a file",
                       run(binary, "server", *listen, "--data", folder / place), 1,
                       f'cannot open data folder "{folder / place}"', "Not a directory")
    checks.expect("the file is as it was", (folder / "file").read_text() == "not a folder")

    server = Server(binary, folder)
    server.start()
    kept = KeptRows(server).create()
    kept.insert(20)
    checks.refused("a data folder in use", run(binary, "server", *listen, "--data", server.data), 4,
                   "is in use by process " + str(server.process.pid))
    checks.refused("a data folder in use, for run", run(binary, "run", write(folder / "q.sql", SQL), "--data", server.data),
                   4, "is in use by process")
    checks.refused("a port in use", run(binary, "server", "--listen", f"http://127.0.0.1:{server.port}",
                                        "--data", folder / "other"), 3, f"port in use: 127.0.0.1:{server.port}")
    checks.expect("whose data folder was not made", not (folder / "other").exists())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        checks.refused("a port another program has", run(
            binary, "server", "--listen", f"http://127.0.0.1:{taken.getsockname()[1]}", "--data", folder / "other"), 3,
            "port in use")
    kept.all_there(checks, "behind all this")
    checks.expect("and the server stops with 0", server.stop() == 0)


def write(path: pathlib.Path, text: str) -> pathlib.Path:
    path.write_text(text)
    return path


def drop_rights():
    """chmod does not bind root: the binary runs as nobody then."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def set_modes(folder, folders, files):
    for place, _, names in os.walk(folder):
        os.chmod(place, folders)
        for name in names:
            os.chmod(os.path.join(place, name), files)


def read_only_folders(checks, binary, _):
    with tempfile.TemporaryDirectory(prefix="thalweg-readonly-") as name:
        folder = pathlib.Path(name)
        own = folder / "thalweg"  # the build folder may be out of nobody's reach
        shutil.copy(binary, own)
        own.chmod(0o755)
        folder.chmod(0o755)
        (folder / "data").mkdir()
        (folder / "locked").mkdir()
        if os.geteuid() == 0:
            os.chown(folder / "data", NOBODY, NOBODY)
        (folder / "locked").chmod(0o555)
        listen = ["--listen", f"http://127.0.0.1:{free_port()}"]
        for place in ("locked", "locked/below"):
            checks.refused(f"a read-only folder ({place})",
                           run(own, "server", *listen, "--data", folder / place, prepare=drop_rights), 1,
                           f'cannot open data folder "{folder / place}"', "Permission denied")
        checks.expect("nothing was left in it", not any((folder / "locked").iterdir()))

        server = Server(own, folder, prepare=drop_rights)
        server.start()
        kept = KeptRows(server).create()
        kept.insert(30)
        server.stop()
        for what, folders, files in (("a folder with data, read-only", 0o555, 0o444),
                                     ("a folder whose files are read-only", 0o755, 0o444),
                                     ("a folder whose files cannot be read", 0o755, 0o000)):
            set_modes(server.data, folders, files)
            checks.refused(what, run(own, "server", *listen, "--data", server.data, prepare=drop_rights), 1,
                           "cannot open data folder", "Permission denied")
        set_modes(server.data, 0o755, stat.S_IRUSR | stat.S_IWUSR)
        server.start()
        kept.all_there(checks, "writable again")
        checks.expect("and the server stops with 0", server.stop() == 0)


CASES = [command_lines, unknown_names_warn, statement_files, data_folders, read_only_folders]

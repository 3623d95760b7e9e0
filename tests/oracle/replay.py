"""Asks two other programs what they make of an archive's captures: warcio checks and indexes every file, pywb replays.

    python replay.py ARCHIVE < expected

Every line of standard input is an address, the SHA-256 of the body that must come back for it (as it was received,
content coding still on it), and the moment of the capture (`20261123085855`), with spaces between them. pywb listens on
a loopback port of its own until every address was asked for. Needs an interpreter that has warcio and pywb.
"""

import hashlib
import http.client
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

COLLECTION = "captures"
START_SECONDS = 60


def main():
    archive = pathlib.Path(sys.argv[1]).resolve()
    expected = [line.split() for line in sys.stdin if line.strip()]
    captures = sorted(archive.glob("captures/*/*/*.warc.gz"))
    if not captures:
        sys.exit(f"{archive} has no captures")
    run("warcio check", [sys.executable, "-m", "warcio.cli", "check", *captures])
    index = run("warcio index", [sys.executable, "-m", "warcio.cli", "index", "-f", "offset,warc-type", *captures])
    records = len(index.splitlines())
    with tempfile.TemporaryDirectory(prefix="bindery-replay-") as folder:
        wrong = replay(pathlib.Path(folder), captures, expected)
    print(f"{len(captures)} captures, {records} records, {len(expected) - len(wrong)} of {len(expected)} bodies replayed")
    if wrong:
        sys.exit("\n".join(wrong))


def run(name, command, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{name} says no: {done.stdout}{done.stderr}")
    return done.stdout


def pywb(entry, *arguments):
    module, function = entry.split(":")
    return [sys.executable, "-c", f"from {module} import {function}; {function}()", *arguments]


def replay(folder, captures, expected):
    """What did not come back as it should."""
    run("wb-manager init", pywb("pywb.manager.manager:main_wrap_exc", "init", COLLECTION), folder)
    for capture in captures:
        (folder / "collections" / COLLECTION / "archive" / capture.name).symlink_to(capture)
    run("wb-manager reindex", pywb("pywb.manager.manager:main_wrap_exc", "reindex", COLLECTION), folder)
    port = free_port()
    with open(folder / "log", "w+b") as log:
        arguments = ["-b", "127.0.0.1", "-p", str(port), "-d", str(folder)]
        server = subprocess.Popen(pywb("pywb.apps.cli:wayback", *arguments), cwd=folder, stdout=log, stderr=log)
        try:
            wait_for(server, port, log)
            return [fault for line in expected if (fault := ask(port, *line))]
        finally:
            server.terminate()
            server.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(server, port, log):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    log.seek(0)
    sys.exit(f"pywb does not answer: {log.read().decode(errors='replace')}")


def ask(port, address, digest, moment):
    """None when the body comes back byte for byte."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        # `id_` asks for the bytes as they were stored.
        headers = {"Accept-Encoding": "gzip, deflate, br, zstd"}
        connection.request("GET", f"/{COLLECTION}/{moment}id_/{address}", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    found = hashlib.sha256(body).hexdigest()
    if found == digest:
        return None
    return f"{address} at {moment}: status {answer.status}, {len(body)} bytes with digest {found}, not {digest}"


if __name__ == "__main__":
    main()

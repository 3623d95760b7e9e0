"""What must never end the process: wrong arguments, hostile pages, threads, forks and exits."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import bindery
from pages import ENGLISH, SENTENCES, chinese

NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


def run(code: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a program of its own, so that a crash is seen."""
    program = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\n{code}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=seconds)


@pytest.mark.parametrize("page", [None, 5, 1.5, [], {}, object(), ENGLISH.split])
def test_what_is_not_a_page_is_a_type_error(page: Any) -> None:
    for function in (bindery.extract, bindery.bare_extraction, bindery.extract_metadata):
        with pytest.raises(TypeError, match="a page is str or bytes, not") as caught:
            function(page)
        assert isinstance(caught.value, bindery.BinderyError)


def test_wrong_values_are_value_errors() -> None:
    values: tuple[dict[str, Any], ...] = (
        {"url": "not a url"},
        {"charset": "no-such-charset"},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": float("nan")},
        {"max_size": -1},
        {"output_format": "xml"},
    )
    for arguments in values:
        with pytest.raises(ValueError):
            bindery.extract(ENGLISH.encode(), **arguments)
    types: tuple[dict[str, Any], ...] = ({"timeout": "soon"}, {"max_size": None}, {"url": 5}, {"record_id": 5})
    for arguments in types:
        with pytest.raises(TypeError):
            bindery.extract(ENGLISH, **arguments)


def test_every_buffer_is_bytes() -> None:
    page = chinese().encode()
    for form in (bytearray(page), memoryview(page), memoryview(bytearray(page))):
        assert SENTENCES[0] in (bindery.extract(form) or "")


def test_a_page_above_the_limit_is_refused_before_it_is_copied() -> None:
    page = bytes(200_000_000)
    begin = time.monotonic()
    with pytest.raises(bindery.TooLargeError, match="200000000 bytes, and the limit is 67108864") as caught:
        bindery.extract(page)
    assert time.monotonic() - begin < 1
    assert isinstance(caught.value, ValueError) and caught.value.kind == "too-large"
    assert bindery.extract(ENGLISH, max_size=len(ENGLISH)) is not None
    with pytest.raises(bindery.TooLargeError):
        bindery.extract(ENGLISH, max_size=len(ENGLISH) - 1)
    # Its size in UTF-8 counts.
    with pytest.raises(bindery.TooLargeError):
        bindery.extract(chinese(), max_size=len(chinese()))


@pytest.mark.parametrize("element", ["div", "b", "table><tr><td", "blockquote", "a href=x", "svg"])
def test_deep_nesting_is_read(element: str) -> None:
    page = f"<p>{SENTENCES[0]}</p>" + f"<{element}>" * 200_000 + f"<p>{SENTENCES[1]}</p><p>{SENTENCES[2]}</p>"
    text = bindery.extract(page, output_format="markdown")
    assert text is None or SENTENCES[1] in text


def test_random_bytes_are_not_a_crash() -> None:
    for seed in range(30):
        page = bytes((at * (seed + 7) ** 3 >> seed % 11) & 0xFF for at in range(5000))
        bindery.extract(page)
        bindery.extract(b"<html><meta charset=x><p>" + page, charset="utf-16le")
        bindery.extract(page.decode("latin1"))


def long_page() -> str:
    return "<article>" + f"<p>{SENTENCES[0]} <a href=/x>{SENTENCES[1]}</a></p>" * 100_000 + "</article>"


def test_a_time_limit_ends_the_call() -> None:
    page = long_page()
    begin = time.monotonic()
    with pytest.raises(bindery.PageTimeoutError, match="not done after 0.001 s") as caught:
        bindery.extract(page, timeout=0.001)
    # Most of this is the copy of the page.
    assert time.monotonic() - begin < 1
    assert isinstance(caught.value, TimeoutError) and caught.value.kind == "timeout"
    assert bindery.extract(ENGLISH, timeout=60) is not None


def test_a_time_limit_is_that_of_each_page() -> None:
    pages = [ENGLISH, long_page(), chinese()]
    results = bindery.extract_many(pages, threads=2, timeout=0.02 if not __debug__ else 0.1)
    assert isinstance(results[1], bindery.PageTimeoutError)
    assert len(results) == 3


def test_threads_with_small_stacks_extract() -> None:
    results: list[str | None] = []
    page = "<div>" * 300 + ENGLISH
    before = threading.stack_size(64 * 1024)
    try:
        thread = threading.Thread(target=lambda: results.append(bindery.extract(page, output_format="markdown")))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert results and results[0] is not None and "**salt**" in results[0]


def test_64_threads_at_once() -> None:
    with ThreadPoolExecutor(64) as pool:
        results = list(pool.map(lambda _: bindery.extract(ENGLISH), range(256)))
    assert set(results) == {bindery.extract(ENGLISH)}


def test_other_threads_run_while_a_page_is_read() -> None:
    page = long_page()
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.002)

    thread = threading.Thread(target=tick)
    thread.start()
    begin = time.monotonic()
    bindery.extract(page)
    took = time.monotonic() - begin
    done.set()
    thread.join()
    during = [at for at in ticks if begin <= at <= begin + took]
    assert len(during) > 3, f"{len(during)} ticks in {took:.2f} s"


@NEEDS_FORK
def test_a_forked_process_extracts() -> None:
    done = run(
        """
import os, threading, bindery
from pages import ENGLISH
stop = threading.Event()
def busy():
    while not stop.is_set():
        bindery.extract(ENGLISH)
threads = [threading.Thread(target=busy) for _ in range(4)]
for thread in threads: thread.start()
children = []
for _ in range(20):
    child = os.fork()
    if child == 0:
        good = bindery.extract(ENGLISH) is not None and None not in bindery.extract_many([ENGLISH] * 4, threads=2)
        os._exit(0 if good else 3)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
stop.set()
for thread in threads: thread.join()
print(set(codes))
"""
    )
    assert (done.returncode, done.stdout.strip()) == (0, "{0}"), done.stderr[-2000:]


@NEEDS_FORK
def test_a_process_forked_during_the_first_page_extracts() -> None:
    done = run(
        """
import os, threading, bindery
from pages import ENGLISH
threads = [threading.Thread(target=bindery.extract, args=(ENGLISH,)) for _ in range(4)]
for thread in threads: thread.start()
child = os.fork()
if child == 0:
    os._exit(0 if bindery.extract(ENGLISH) else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
for thread in threads: thread.join()
"""
    )
    assert (done.returncode, done.stdout.strip()) == (0, "0"), done.stderr[-2000:]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_pass_documents_on(method: str) -> None:
    done = run(
        f"""
import multiprocessing, bindery
from pages import ENGLISH, chinese
if __name__ == "__main__":
    bindery.extract(ENGLISH)
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        print([document.title for document in pool.map(bindery.bare_extraction, [ENGLISH, chinese()])])
"""
    )
    assert done.stdout.strip() == "['Bread at the mill', '老城的装订铺']", done.stderr[-2000:]


def test_the_interpreter_exits_while_threads_work() -> None:
    for _ in range(3):
        done = run(
            """
import threading, time, bindery
from pages import ENGLISH, SENTENCES
page = "<article>" + f"<p>{SENTENCES[0]}</p>" * 20_000 + "</article>"
def busy():
    while True:
        bindery.extract(page)
        bindery.extract_many([ENGLISH] * 50, threads=2)
for _ in range(8): threading.Thread(target=busy, daemon=True).start()
time.sleep(0.3)
print("end")
"""
        )
        assert (done.returncode, done.stdout.strip()) == (0, "end"), (done.returncode, done.stderr[-2000:])
        assert "panicked" not in done.stderr and "Fatal" not in done.stderr, done.stderr[-2000:]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("call", ["bindery.extract(page)", "bindery.extract_many([page] * 20, threads=2)"])
def test_ctrl_c_ends_a_call(call: str) -> None:
    done = run(
        f"""
import os, signal, threading, time, bindery
from pages import SENTENCES
page = "<article>" + f"<p>{{SENTENCES[0]}} <a href=/x>x</a></p>" * 400_000 + "</article>"
# A shell starts what runs in the background without this handler.
signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
begin = time.monotonic()
try:
    {call}
    print("done")
except KeyboardInterrupt:
    print("interrupted", time.monotonic() - begin < 5)
sys.stdout.flush()
os._exit(0)
"""
    )
    # A fast machine may be done before.
    assert done.stdout.strip() in ("interrupted True", "done"), (done.stdout, done.stderr[-2000:])


def test_a_process_without_threads_left_says_so() -> None:
    done = run(
        """
import resource, bindery
from pages import ENGLISH
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
import os
if os.getuid() == 0:
    os.setuid(65534)
try:
    print(bindery.extract(ENGLISH) is not None)
except bindery.InternalError as error:
    print(error)
"""
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "cannot start a thread" in done.stdout or done.stdout.strip() == "True"

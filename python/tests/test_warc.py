"""Reading WARC files."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc
from pathlib import Path

import pytest

import bindery
from pages import SENTENCES, chinese


def record(url: str, body: bytes, headers: str = "Content-Type: text/html\r\n", kind: str = "response") -> bytes:
    block = b"HTTP/1.1 200 OK\r\n" + headers.encode() + b"\r\n" + body
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{hashlib.md5(url.encode()).hexdigest()}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: 2024-05-06T07:08:09Z\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def write(path: Path, records: list[bytes]) -> str:
    packed = [gzip.compress(one) for one in records] if path.suffix == ".gz" else records
    path.write_bytes(b"".join(packed))
    return str(path)


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_records_have_url_date_headers_bytes_offset_and_digest(tmp_path: Path, name: str) -> None:
    body = chinese().encode("gbk")
    pages = [record(f"https://example.cn/{at}", body, "Content-Type: text/html; charset=gbk\r\nX-A: 1\r\n") for at in range(3)]
    request = record("https://example.cn/r", b"", kind="request").replace(b"HTTP/1.1 200 OK", b"GET / HTTP/1.1 ")
    path = write(tmp_path / name, [pages[0], request, *pages[1:]])
    records = list(bindery.warc(path))
    assert [one.url for one in records] == [f"https://example.cn/{at}" for at in range(3)]
    first = records[0]
    assert (first.kind, first.date, first.status, first.offset) == ("response", "2024-05-06T07:08:09Z", 200, 0)
    assert first.headers == (("Content-Type", "text/html; charset=gbk"), ("X-A", "1"))
    assert first.header("x-a") == "1" and first.header("x-b") is None
    assert first.content == body and isinstance(first.content, bytes)
    assert first.digest == "sha256:" + hashlib.sha256(body).hexdigest()
    assert dict(first.fields)["WARC-Type"] == "response"
    assert SENTENCES[0] in (first.extract() or "")
    assert "".join(bindery.extract_many([(one.content, one.url, None, one.content_type) for one in records])).count(SENTENCES[1]) == 3  # type: ignore[arg-type]
    with open(path, "rb") as file:
        file.seek(records[1].offset)
        member = file.read(records[1].length)
    assert (gzip.decompress(member) if name.endswith("gz") else member).startswith(b"WARC/1.1")
    everything = [one.kind for one in bindery.warc(path, kinds=None)]
    assert everything == ["response", "request", "response", "response"]


def test_content_and_transfer_codings_are_removed(tmp_path: Path) -> None:
    packed = gzip.compress(b"<p>packed</p>")
    chunked = b"5\r\n<p>ch\r\n8\r\nunked</p\r\n1\r\n>\r\n0\r\n\r\n"
    path = write(
        tmp_path / "a.warc",
        [
            record("https://example.org/1", packed, "Content-Encoding: gzip\r\n"),
            record("https://example.org/2", chunked, "Transfer-Encoding: chunked\r\n"),
            record("https://example.org/3", b"not gzip at all \x00\x01\x02" * 9, "Content-Encoding: gzip\r\n"),
        ],
    )
    one, two, three = bindery.warc(path)
    assert (one.content, two.content) == (b"<p>packed</p>", b"<p>chunked</p>")
    assert three.content == b"" and three.error is not None and "gzip" in three.error


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_file_cut_in_the_middle_gives_what_is_whole(tmp_path: Path, name: str) -> None:
    records = [record(f"https://example.org/{at}", bytes(f"<p>{at}</p>", "ascii") * 500) for at in range(4)]
    path = tmp_path / name
    write(path, records)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 5 // 8])
    found = []
    with pytest.raises(bindery.WarcError, match="ends inside a record") as caught:
        for one in bindery.warc(path):
            found.append(one.url)
    assert found == ["https://example.org/0", "https://example.org/1"]
    assert caught.value.kind == "truncated" and caught.value.offset is not None and caught.value.offset > 0
    assert [one.url for one in bindery.warc(path, on_damage="skip")] == found


def test_records_after_damage_are_read(tmp_path: Path) -> None:
    records = [record(f"https://example.org/{at}", bytes(f"<p>{at}</p>", "ascii") * 500) for at in range(3)]
    packed = [gzip.compress(one) for one in records]
    damaged = bytearray(packed[1])
    damaged[len(damaged) // 2] ^= 0xFF
    path = tmp_path / "a.warc.gz"
    path.write_bytes(packed[0] + damaged + packed[2])
    assert [one.url for one in bindery.warc(path, on_damage="skip")] == ["https://example.org/0", "https://example.org/2"]
    with pytest.raises(bindery.WarcError):
        list(bindery.warc(path))
    one, damage, three = bindery.warc(path, on_damage="yield")
    assert isinstance(damage, bindery.WarcError) and damage.offset == len(packed[0])
    assert isinstance(one, bindery.WarcRecord) and isinstance(three, bindery.WarcRecord)


@pytest.mark.parametrize("first", [0, 2])
def test_gzip_members_may_hold_several_records(tmp_path: Path, first: int) -> None:
    records = [record(f"https://example.org/{at}", bytes(f"<p>{at}</p>", "ascii") * 500) for at in range(6)]
    path = tmp_path / "a.warc.gz"
    members = [gzip.compress(one) for one in records[:first]] + [gzip.compress(b"".join(records[first:]))]
    path.write_bytes(b"".join(members))
    everything = [f"https://example.org/{at}" for at in range(6)]
    assert [one.url for one in bindery.warc(path)] == everything
    path.write_bytes(path.read_bytes()[:-30])
    found = []
    with pytest.raises(bindery.WarcError, match="ends inside a record"):
        for one in bindery.warc(path):
            found.append(one.url)
    assert found == everything[: len(found)] and len(found) >= first
    assert [one.url for one in bindery.warc(path, on_damage="skip")] == found


def test_a_large_record_comes_without_its_content(tmp_path: Path) -> None:
    records = [record("https://example.org/1", b"x" * 3_000_000), record("https://example.org/2", b"y")]
    path = write(tmp_path / "a.warc", records)
    one, two = bindery.warc(path, max_size=1000)
    assert one.content == b"" and one.error is not None and "the limit is 1000" in one.error
    assert (two.content, two.error) == (b"y", None)


def test_files_that_cannot_be_read_are_errors(tmp_path: Path) -> None:
    with pytest.raises(bindery.WarcError, match="cannot open"):
        list(bindery.warc(tmp_path / "none.warc"))
    (tmp_path / "text.warc").write_text("not a WARC file at all\n" * 20)
    with pytest.raises(bindery.WarcError):
        list(bindery.warc(tmp_path / "text.warc"))
    assert list(bindery.warc(tmp_path / "text.warc", on_damage="skip")) == []
    (tmp_path / "empty.warc").touch()
    assert list(bindery.warc(tmp_path / "empty.warc")) == []
    with pytest.raises(ValueError, match="raise, skip or yield"):
        bindery.warc(tmp_path / "empty.warc", on_damage="ignore")  # type: ignore[call-overload]


def test_memory_stays_flat(tmp_path: Path) -> None:
    import resource

    path = write(tmp_path / "a.warc.gz", [record(f"https://example.org/{at}", b"<p>text" * 150_000) for at in range(60)])
    next(iter(bindery.warc(path)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    assert sum(len(one.content) for one in bindery.warc(path)) == 60 * 7 * 150_000
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000

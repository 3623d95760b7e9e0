"""WARC files for the tests: pages in several charsets, compressed bodies, and pages that cannot be converted."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

#: Sentences in each language, from which pages are made.
SENTENCES = {
    "zh": "铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的，街坊都认得他门前的那盏灯。",
    "ja": "町はずれの小さな製本所を訪ねると、主人は毎朝七時に店を開け、日が暮れるまで糸を通していた。",
    "en": "The bindery stands outside the south gate, and its owner opens at seven and sews until it is dark.",
}

#: A page for each of these: language, charset of the bytes, charset in the header, charset in the page, coding.
FORMS = [
    ("en", "utf-8", "utf-8", None, None),
    ("zh", "gbk", "gbk", None, None),
    ("zh", "gbk", None, "gb2312", None),
    ("zh", "gb18030", None, None, "gzip"),
    ("ja", "shift_jis", "shift_jis", None, None),
    ("ja", "euc_jp", None, "euc-jp", "gzip"),
    ("zh", "utf-8", None, "utf-8", "gzip"),
    ("zh", "big5", None, "big5", None),
]


def html(number: int, language: str, meta: str | None) -> str:
    """Returns a page with an article, menus around it, and a unit that Markdown cannot express."""
    sentence = SENTENCES[language]
    if meta == "big5":
        sentence = "舊書鋪在南門外，開了四十年，師傅姓林，手藝是祖上傳下來的。"
    charset = f"<meta charset={meta}>" if meta else ""
    text = "".join(f"<p>{number}.{at} {sentence * 2}</p>" for at in range(4))
    frame = "<iframe src='https://video.example/1'></iframe>" if number % 3 == 0 else ""
    return (
        f"<!doctype html><html lang={language}><head>{charset}<title>{number}</title></head><body><nav><a href=/>/</a></nav>"
        f"<article><h1>{sentence[:8]} {number}</h1>{text}<table><tr><th>1<th>2<tr><td>3<td>4</table>{frame}</article>"
        f"<footer>2024</footer></body></html>"
    )


def record(number: int, url: str, head: str, body: bytes) -> bytes:
    block = f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    fields = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
        f"WARC-Date: 2024-03-18T01:26:15Z\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Payload-Digest: sha256:{hashlib.sha256(body).hexdigest()}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(fields.encode() + block + b"\r\n\r\n", mtime=0)


def page(number: int) -> bytes:
    language, charset, header, meta, coding = FORMS[number % len(FORMS)]
    body = html(number, language, meta).encode(charset)
    kind = "text/html" + (f"; charset={header}" if header else "")
    head = f"Content-Type: {kind}\r\n"
    if coding:
        body = gzip.compress(body, mtime=0)
        head += f"Content-Encoding: {coding}\r\n"
    return record(number, f"https://example.org/{number}", head, body)


#: Records that fail or are not pages: what they are, the header, the body.
OTHERS = [
    ("empty", "Content-Type: text/html\r\n", b" "),
    ("no-article", "Content-Type: text/html\r\n", b"<title>x</title><a href=/1>1</a><a href=/2>2</a>"),
    ("undecodable", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", b"no gzip"),
    ("image", "Content-Type: image/png\r\n", b"\x89PNG\r\n\x1a\n"),
]


def write(folder: Path, files: int = 3, pages: int = 24) -> list[Path]:
    """Writes WARC files, of which the second has records that fail, and a damaged one."""
    paths = []
    for at in range(files):
        data = b"".join(page(at * pages + number) for number in range(pages))
        if at == 1:
            bad = [record(9000 + n, f"https://example.org/{name}", head, body) for n, (name, head, body) in enumerate(OTHERS)]
            # Damage costs a record; the next page is read.
            broken = bytearray(page(9100))
            broken[len(broken) // 2] ^= 0xFF
            data = bad[0] + data + b"".join(bad[1:]) + bytes(broken) + page(9101)
        path = folder / f"{at}.warc.gz"
        path.write_bytes(data)
        paths.append(path)
    return paths

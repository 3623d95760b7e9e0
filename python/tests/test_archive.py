"""Archives and folders."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import bindery
from pages import ENGLISH, SENTENCES, chinese

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def folder(root: Path) -> Path:
    pages = root / "pages"
    (pages / "城").mkdir(parents=True)
    (pages / "bread.html").write_text(ENGLISH)
    (pages / "城" / "铺.html").write_bytes(chinese("<meta charset=gbk>").encode("gbk"))
    (pages / "empty.html").write_text("<html><body><p>Soon.")
    return pages


def test_a_folder_is_converted_with_its_structure(tmp_path: Path) -> None:
    seen: list[bindery.ConvertedPage] = []
    report = bindery.convert_tree(folder(tmp_path), tmp_path / "out", on_page=seen.append)
    assert report.converted == 2
    assert [failure.kind for failure in report.failures] == ["no-article"]
    text = (tmp_path / "out" / "城" / "铺.md").read_text(encoding="utf-8")
    assert text.startswith("---\ntitle: 老城的装订铺\n") and SENTENCES[2] in text
    assert [page.status for page in seen].count("converted") == 2
    assert all(page.output for page in seen if page.status == "converted")
    again = bindery.convert_tree(tmp_path / "pages", tmp_path / "out")
    assert (again.converted, again.unchanged) == (0, 2)
    plain = bindery.convert_tree([tmp_path / "pages" / "bread.html"], tmp_path / "plain", output_format="txt")
    assert plain.converted == 1 and (tmp_path / "plain" / "bread.txt").read_text().startswith("Flour")


def test_a_conversion_that_cannot_begin_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(bindery.ConvertError, match="none"):
        bindery.convert_tree(tmp_path / "none", tmp_path / "out")
    with pytest.raises(ValueError, match="profile"):
        bindery.convert_tree(folder(tmp_path), tmp_path / "out", profile="no-such")


def test_an_exception_of_the_callback_ends_the_conversion(tmp_path: Path) -> None:
    def fail(page: bindery.ConvertedPage) -> None:
        raise KeyError(page.source)

    with pytest.raises(KeyError):
        bindery.convert_tree(folder(tmp_path), tmp_path / "out", on_page=fail)


def archive(root: Path) -> Path:
    """Write an archive with one article, as archive/README.md describes it but for its manifests."""
    body = f"{SENTENCES[0]}\n\n![铺子](../../../../images/x)\n"
    front = "---\ntitle: 老城的装订铺\n---\n"
    image = f"images/{hashlib.sha256(PIXEL).hexdigest()[:2]}/{hashlib.sha256(PIXEL).hexdigest()}.png"
    article = root / "articles" / "example.cn" / "2024" / "lao-cheng-12345678"
    article.mkdir(parents=True)
    (root / image).parent.mkdir(parents=True)
    (root / image).write_bytes(PIXEL)
    (root / "bindery-archive.json").write_text('{"format": 1}')
    text = (front + body).encode()
    for name in ("index.md", "2024-05-06T070809Z.md"):
        (article / name).write_bytes(text)

    def digest(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()

    snapshot = {
        "captured": "2024-05-06T07:08:09Z",
        "file": "2024-05-06T070809Z.md",
        "reason": "new",
        "sha256": digest(text),
        "front_matter_bytes": len(front.encode()),
        "body_sha256": digest(body.encode()),
        "text_digest": digest(b""),
        "redirects": [],
        "status": 200,
        "payload_sha256": digest(b""),
        "origin": "network",
        "charset": {"name": "UTF-8", "source": "utf-8"},
        "software": "bindery 0.1.0",
        "warnings": [],
        "images": [
            {"url": "https://example.cn/a.png", "path": image},
            {"url": "https://example.cn/b.png", "reason": "status 404"},
        ],
    }
    record = {
        "format": 1,
        "url": "https://example.cn/1",
        "aliases": [],
        "title": "老城的装订铺",
        "authors": ["林师傅"],
        "profile": "default",
        "snapshots": [snapshot],
    }
    (article / "record.json").write_text(json.dumps(record, ensure_ascii=False))
    return root


def test_an_archive_gives_its_articles_texts_and_images(tmp_path: Path) -> None:
    opened = bindery.Archive(archive(tmp_path / "archive"))
    (one,) = opened
    assert (one.url, one.title, one.authors) == ("https://example.cn/1", "老城的装订铺", ("林师傅",))
    assert one.captured == "2024-05-06T07:08:09Z"
    assert one.text().startswith(SENTENCES[0])
    assert one.document().startswith("---\ntitle:")
    saved, missing = one.images
    assert saved.read() == PIXEL
    with pytest.raises(bindery.ArchiveError, match="status 404"):
        missing.read()
    assert [found.folder for found in opened.find("https://example.cn/1")] == [one.folder]
    assert opened.find("https://example.cn/2") == []


def test_verification_reports_what_it_finds(tmp_path: Path) -> None:
    report = bindery.Archive(archive(tmp_path / "archive")).verify()
    # It has no manifests.
    assert report.is_damaged and report.subject == "archive"
    assert all(finding.kind and finding.detail for finding in report.findings)


def test_a_damaged_record_is_an_error_or_left_out(tmp_path: Path) -> None:
    root = archive(tmp_path / "archive")
    (record,) = root.glob("articles/*/*/*/record.json")
    record.write_text("{")
    opened = bindery.Archive(root)
    with pytest.raises(bindery.ArchiveError, match="not a valid record"):
        list(opened)
    assert list(opened.articles(on_damage="skip")) == []


def test_a_folder_that_is_not_an_archive_is_an_error(tmp_path: Path) -> None:
    for path, kind in ((tmp_path, "not-an-archive"), (tmp_path / "none", "missing")):
        with pytest.raises(bindery.ArchiveError) as caught:
            bindery.Archive(path)
        assert caught.value.kind == kind

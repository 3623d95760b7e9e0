"""What `extract` and its relatives return."""

from __future__ import annotations

import json
import pickle
import warnings

import pytest

import bindery
from pages import ENGLISH, SENTENCES, chinese

URL = "https://example.org/bread"


def test_a_page_gives_its_article_without_its_menu() -> None:
    text = bindery.extract(ENGLISH)
    assert text is not None
    assert text.startswith("Flour, water and salt")
    assert "Home" not in text


def test_markdown_keeps_links_images_tables_and_emphasis() -> None:
    text = bindery.extract(ENGLISH, URL, output_format="markdown")
    assert text is not None
    assert "**salt**" in text
    assert "[miller](https://example.org/miller)" in text
    assert "![The oven](https://example.org/oven.png)" in text
    assert "| 500 g | 350 g |" in text
    assert not text.startswith("---")


def test_parts_that_are_not_wanted_are_omitted() -> None:
    text = bindery.extract(
        ENGLISH,
        URL,
        output_format="markdown",
        include_links=False,
        include_images=False,
        include_tables=False,
        include_formatting=False,
    )
    assert text is not None
    assert "water and salt" in text and "the miller says" in text
    for part in ("](", "**", "|"):
        assert part not in text, part


def test_html_is_html() -> None:
    text = bindery.extract(ENGLISH, URL, output_format="html")
    assert text is not None and '<a href="https://example.org/miller">miller</a>' in text


def test_json_has_metadata_and_text() -> None:
    text = bindery.extract(ENGLISH, URL, output_format="json", record_id="7")
    assert text is not None
    found = json.loads(text)
    assert (found["title"], found["author"], found["date"]) == ("Bread at the mill", "Ada Miller", "2024-05-06")
    assert (found["id"], found["hostname"]) == ("7", "example.org")
    assert found["text"].startswith("Flour")


def test_front_matter_precedes_the_text_if_asked_for() -> None:
    formats: tuple[bindery.Format, ...] = ("txt", "markdown")
    for output_format in formats:
        text = bindery.extract(ENGLISH, URL, output_format=output_format, with_metadata=True)
        assert text is not None and text.startswith("---\ntitle: Bread at the mill\n"), output_format


def test_a_document_has_what_is_known_about_the_page() -> None:
    document = bindery.bare_extraction(ENGLISH, URL, output_format="markdown")
    assert document is not None
    assert (document.title, document.authors, document.language) == ("Bread at the mill", ("Ada Miller",), "en")
    assert (document.date, document.published) == ("2024-05-06", "2024-05-06T07:08:09+02:00")
    assert document.images == ("https://example.org/oven.png",)
    assert document.text is not None and "**salt**" in document.text
    assert document.confidence is not None and 0 < document.confidence <= 1
    assert pickle.loads(pickle.dumps(document)) == document
    assert document.as_dict()["title"] == document.title


def test_metadata_needs_no_article() -> None:
    page = "<title>Soon</title><meta name=description content='A page to come'><p>Soon."
    assert bindery.extract(page) is None
    found = bindery.extract_metadata(page, URL)
    assert found is not None
    assert (found.title, found.description, found.url, found.text) == ("Soon", "A page to come", URL, None)
    assert bindery.extract_metadata("") is None


@pytest.mark.parametrize("page", ["", b"", " \n", "<p>Soon.", b"%PDF-1.7 and more", "\x00" * 50, b"\xff\xfe"])
def test_a_page_without_an_article_is_none(page: str | bytes) -> None:
    assert bindery.extract(page) is None
    assert bindery.bare_extraction(page) is None
    with pytest.raises(bindery.NoArticleError):
        bindery.extract(page, strict=True)


def test_a_strict_call_says_why_there_is_no_article() -> None:
    with pytest.raises(bindery.NoArticleError, match="a PDF file is not an article page") as caught:
        bindery.extract(b"%PDF-1.7 and more", strict=True)
    assert caught.value.kind == "not-a-page"
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), again.kind) == (bindery.NoArticleError, str(caught.value), "not-a-page")


def test_pages_that_are_not_wanted_are_none() -> None:
    assert bindery.extract(ENGLISH, target_language="en") is not None
    assert bindery.extract(ENGLISH, target_language="en-GB") is not None
    assert bindery.extract(ENGLISH, target_language="zh") is None
    assert bindery.extract(ENGLISH, URL, url_blacklist={URL}) is None
    assert bindery.extract(ENGLISH, URL, only_with_metadata=True) is not None
    assert bindery.extract(ENGLISH, only_with_metadata=True) is None
    document = bindery.bare_extraction(ENGLISH, author_blacklist={"Ada Miller"})
    assert document is not None and document.author is None


def test_bytes_in_gbk_are_decoded_with_and_without_a_label() -> None:
    for head in ("", "<meta charset=gbk>", "<meta charset=utf-8>"):
        text = bindery.extract(chinese(head).encode("gbk"))
        assert text is not None and all(sentence in text for sentence in SENTENCES), head


def test_a_str_is_decoded_already_whatever_it_says() -> None:
    for head in ("<meta charset=gbk>", "<meta charset=iso-2022-jp>", "<meta charset=utf-16>", "\ufeff", ""):
        document = bindery.bare_extraction(chinese(head))
        assert document is not None and document.text is not None
        assert all(sentence in document.text for sentence in SENTENCES), head
        assert not any("charset" in warning for warning in document.warnings), document.warnings
    latin = "<meta charset=gbk><article><p>Le café était fermé, et la clé restait chez l'écluse d'à côté.</p></article>"
    text = bindery.extract(latin)
    assert text is not None and "café était fermé" in text


def test_a_charset_from_outside_decides_for_bytes() -> None:
    page = "<article><p>" + "Große Bücher über Öl. " * 4 + "</p></article>"
    for hint in ({"charset": "latin1"}, {"content_type": "text/html; charset=ISO-8859-1"}):
        text = bindery.extract(page.encode("latin1"), **hint)  # type: ignore[arg-type]
        assert text is not None and "Große Bücher über Öl." in text
    big5 = "總統在記者會上表示，這項政策將於明年開始實施，民眾可以放心，政府會持續與各界溝通。"
    text = bindery.extract(f"<article><p>{big5}</p></article>".encode("big5"), charset="big5")
    assert text is not None and big5 in text


def test_lone_surrogates_are_replaced() -> None:
    text = bindery.extract(chinese("\udc80") + "\ud800")
    assert text is not None and SENTENCES[0] in text


def test_arguments_without_effect_warn_once_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bindery._options._warned", set())
    with pytest.warns(bindery.BinderyWarning, match="favor_precision has no effect"):
        bindery.extract(ENGLISH, favor_precision=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bindery.extract(ENGLISH, favor_precision=True)
        bindery.extract(ENGLISH, favor_recall=False, include_comments=False)
    with pytest.warns(bindery.BinderyWarning) as caught:
        bindery.extract(ENGLISH, fast=True, deduplicate=True, include_links=True)
    assert sorted(str(one.message).split()[0] for one in caught) == ["deduplicate", "fast", "include_links"]
    assert all(one.filename == __file__ for one in caught)


def test_comments_are_apart_from_the_text_of_a_document() -> None:
    comments = "".join(
        f"<li class=comment><b class=author>{name}</b><p>{text}</p></li>"
        for name, text in [("Ben", "My grandmother baked like this every week."), ("Cleo", "Mine burnt it each time.")]
    )
    page = ENGLISH.replace("</article>", f"</article><section id=comments><h2>Comments</h2><ol>{comments}</ol></section>")
    document = bindery.bare_extraction(page, include_comments=True)
    assert document is not None and document.text is not None and document.comments is not None
    assert "grandmother" in document.comments and "grandmother" not in document.text
    text = bindery.extract(page, include_comments=True)
    assert text is not None and "grandmother" in text
    assert "grandmother" not in (bindery.extract(page) or "")


def test_the_version_is_that_of_the_library() -> None:
    import importlib.metadata

    assert bindery.__version__ == importlib.metadata.version("bindery")

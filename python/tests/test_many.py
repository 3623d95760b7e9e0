"""Many pages at once."""

from __future__ import annotations

import pytest

import bindery
from pages import ENGLISH, SENTENCES, chinese


def article(number: int) -> str:
    return f"<title>N</title><article><p>Number {number} of many short articles, each with a sentence of its own.</p></article>"


@pytest.mark.parametrize("threads", [1, 2, 7, None])
def test_results_are_in_the_order_of_the_pages(threads: int | None) -> None:
    results = bindery.extract_many((article(number) for number in range(50)), threads=threads)
    assert [str(text).split()[1] for text in results] == [str(number) for number in range(50)]


def test_a_page_that_fails_is_a_result() -> None:
    pages = [article(1), "", None, 5, (article(2), "not a url"), (article(3), None, "no-such-charset"), "x" * 5000, article(4), ()]
    results = bindery.extract_many(pages, threads=2, max_size=2000)  # type: ignore[arg-type]
    kinds = [result.kind if isinstance(result, bindery.BinderyError) else type(result).__name__ for result in results]
    assert kinds == ["str", "NoneType", "type", "type", "value", "value", "too-large", "str", "type"]
    assert "is not a valid URL" in str(results[4]) and "unknown charset" in str(results[5])
    strict = bindery.extract_many(["", article(1)], strict=True)
    assert isinstance(strict[0], bindery.NoArticleError) and isinstance(strict[1], str)


def test_a_tuple_has_url_charset_and_content_type() -> None:
    gbk = chinese().encode("gbk")
    pages: list[bindery.Page] = [(gbk, "https://example.cn/1"), (gbk, None, "gbk"), (gbk, None, None, "text/html; charset=gbk")]
    documents = bindery.extract_many(pages, documents=True)
    for document in documents:
        assert isinstance(document, bindery.Document) and document.text is not None
        assert SENTENCES[2] in document.text
    first = documents[0]
    assert isinstance(first, bindery.Document) and first.url == "https://example.cn/1"


def test_no_pages_give_no_results() -> None:
    assert bindery.extract_many([]) == []


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="not one page"):
        bindery.extract_many(ENGLISH)
    with pytest.raises(bindery.InputError):
        bindery.extract_many([ENGLISH], threads=0)
    with pytest.raises(TypeError, match="no_such_argument"):
        bindery.extract_many([ENGLISH], no_such_argument=1)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="unknown output_format"):
        bindery.extract_many([ENGLISH], output_format="xml")  # type: ignore[call-overload]


def test_one_thread_and_many_give_the_same() -> None:
    pages = [ENGLISH, chinese(), article(1)] * 20
    assert bindery.extract_many(pages, threads=1) == bindery.extract_many(pages, threads=8)
    assert bindery.extract_many(pages, threads=2) == [bindery.extract(page) for page in pages]

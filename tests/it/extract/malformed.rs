//! Any file gives an article with warnings or an error message, in time linear in its size.

use bindery::extract::{Options, extract};
use bindery::model::{FailureKind, Origin, RawPage, WarningKind};

use crate::support::growth::assert_linear;

use super::{TEXT, page, text};

fn raw(bytes: Vec<u8>) -> RawPage {
    RawPage::from_bytes(bytes, None, Origin::Replay, None)
}

/// Asserts that a page four times as large takes about four times as long.
pub fn grows_with_the_page(make: impl Fn(usize) -> String, size: usize) {
    let work = |size| {
        let raw = raw(make(size).into_bytes());
        move || drop(extract(&raw, Options::default()))
    };
    assert_linear(work(size / 2), work(2 * size));
}

#[test]
fn a_long_paragraph_is_read_in_linear_time() {
    let paragraph = |count: usize| format!("<h1>图书馆</h1><p>{}</p>", "图书馆的灯亮到晚上十点，".repeat(count));
    grows_with_the_page(paragraph, 20_000);
    // Two and a half megabytes in one paragraph: nothing is lost of it.
    let article = extract(&raw(page(&paragraph(70_000)).into_bytes()), Options::default()).unwrap();
    assert_eq!(text(&article).matches("十点").count(), 70_000);
}

#[test]
fn many_blocks_are_read_in_linear_time() {
    grows_with_the_page(|count| "<p>图书馆的灯亮到晚上十点，然后关门。".repeat(count), 10_000);
    grows_with_the_page(|count| "<div><span>x</span></div>".repeat(count), 10_000);
    grows_with_the_page(
        |count| "<article><h2><a href=/1>书</a></h2><time>2024-01-01</time></article>".repeat(count),
        5_000,
    );
    grows_with_the_page(|count| "<h1>图书馆</h1>".repeat(count), 10_000);
    grows_with_the_page(
        |count| {
            format!("<script type=application/ld+json>[{}]</script>{TEXT}", "{\"@type\":\"Article\"},".repeat(count))
        },
        10_000,
    );
}

#[test]
fn a_page_of_nothing_but_links_is_a_list() {
    let links = (0..2_000).map(|n| format!("<p><a href=/{n}>第{n}条新闻的标题写在这里</a></p>")).collect::<String>();
    let error = extract(&raw(page(&links).into_bytes()), Options::default()).unwrap_err();
    assert!(error.to_string().contains("a list of links"), "{error}");
}

#[test]
fn a_page_without_a_body_or_with_broken_markup_is_read() {
    let bare = TEXT.to_owned();
    let xhtml = format!(
        "<?xml version='1.0' encoding='utf-8'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x.dtd'>\
         <html xmlns='http://www.w3.org/1999/xhtml'><head><title>图书馆</title></head><body><div class='a' class='b' <p>\
         {TEXT}<br/></span></b><p>未关闭的段落，说的还是那座图书馆和它的一百二十万册书。</body></body></html>"
    );
    for html in [bare, xhtml] {
        let article = extract(&raw(html.clone().into_bytes()), Options::default()).unwrap();
        assert!(text(&article).contains("一张一张录入电脑"), "{html}");
    }
}

#[test]
fn a_passage_in_another_charset_gets_a_warning_and_the_rest_is_read() {
    let (gbk, ..) = encoding_rs::GBK.encode("旧站的这一段没有转码");
    let (head, tail) = ("<meta charset=utf-8><title>图书馆</title><article><p>", "</p></article>");
    let html = [head.as_bytes(), TEXT.as_bytes(), b"<p>", &gbk, tail.as_bytes()].concat();
    let article = extract(&raw(html), Options::default()).unwrap();
    assert!(text(&article).contains("一张一张录入电脑"));
    assert!(article.warnings.iter().any(|warning| warning.kind == WarningKind::Malformed), "{:?}", article.warnings);
}

#[test]
fn a_frameset_only_scripts_and_a_lone_character_give_an_error_message() {
    let frameset = "<frameset cols='20%,80%'><frame src=menu.html><frame src=text.html></frameset>";
    for html in
        [frameset, "\u{feff}", "<script>var text = 'book';</script>", "<html><head><title>a</title></head></html>"]
    {
        let error = extract(&raw(html.as_bytes().to_vec()), Options::default()).unwrap_err();
        assert!(matches!(error.kind(), FailureKind::NoArticle | FailureKind::Empty), "{html}: {error}");
        assert!(error.to_string().contains("it has no text") || error.to_string().contains("; "), "{html}: {error}");
    }
    let noise: Vec<u8> = (0..40_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let error = extract(&raw(noise), Options::default()).unwrap_err();
    assert!(error.to_string().starts_with("a file of binary data is not an article page"), "{error}");
}

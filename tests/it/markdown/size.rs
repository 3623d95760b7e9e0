//! Depth and size cost neither stack nor text.

use bindery::frontmatter::Style;

use super::document;

#[test]
fn a_hundred_thousand_nested_elements_fit_a_small_stack() {
    for name in ["div", "blockquote", "em"] {
        let html = format!("<{}>底{}", vec![name; 100_000].join("><"), format!("</{name}>").repeat(100_000));
        let small =
            std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || document(&html, Style::default()));
        let document = small.unwrap().join().expect("the stack is large enough");
        assert!(document.body.contains('底'), "{name}");
    }
}

#[test]
fn a_text_too_large_to_compare_is_named() {
    let html = format!("<p>a <img src=\"data:image/png;base64,{}\"></p>", "A".repeat(9 * 1024 * 1024));
    let document = document(&html, Style::default());
    assert_eq!(document.round_trip.len(), 1);
    assert_eq!(document.round_trip[0].kind.as_str(), "unchecked");
}

//! Repairs Markdown that does not render back: the blocks that are misread are written as HTML.

use std::collections::BTreeSet;

use super::inline::Writer;
use super::ir::{Blocks, Event, Leaf};
use super::leaf_html::as_html;
use super::round_trip::{Dialect, content_of_markdown};

/// Returns the indices of the leaves that are misread when written on their own. `written` returns the Markdown of a leaf.
pub(super) fn misread(
    blocks: &Blocks<'_>,
    writer: Writer<'_>,
    dialect: Dialect,
    written: impl Fn(&Leaf<'_>) -> String,
) -> BTreeSet<usize> {
    let leaves = blocks.events.iter().enumerate().filter_map(|(at, event)| match event {
        Event::Leaf(leaf) => Some((at, leaf)),
        Event::Open(_) | Event::Close => None,
    });
    leaves
        .filter(|(_, leaf)| {
            as_html(leaf, writer)
                .is_some_and(|html| content_of_markdown(&html, dialect) != content_of_markdown(&written(leaf), dialect))
        })
        .map(|(at, _)| at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontmatter::Style;
    use crate::markdown::markers::Templates;
    use crate::markdown::page::{self, write_leaf};
    use crate::markdown::round_trip::{content_of_tree, differences};
    use crate::markdown::{build, check};
    use crate::model::ImageMap;

    #[test]
    fn a_misread_block_is_written_as_html_and_reads_back() {
        let source = "<h2>甲 &lt;b&gt; *</h2><ul><li>一 <strong>二</strong><br>三</li></ul>\
                      <table><tr><th>a</th><th>b|</th></tr><tr><td><a href='/x' title='t'>1</a></td><td><code>&lt;</code></td></tr></table>";
        let (tree, images, style) = (check::tree(source), ImageMap::new(), Style::default());
        let blocks = build::blocks(&tree, &images, style);
        let writer = Writer { images: &images, links: &blocks.links, templates: Templates::None, style, math: false };
        let dialect = Dialect { style, math: false };
        assert!(misread(&blocks, writer, dialect, |leaf| write_leaf(leaf, writer)).is_empty());
        // A writer that drops characters from three leaves.
        let broken = misread(&blocks, writer, dialect, |leaf| write_leaf(leaf, writer).replace(['甲', '一', '1'], ""));
        assert_eq!(broken.len(), 3);
        let repaired = page::write(&blocks, writer, &broken);
        assert!(repaired.contains("<h2>甲 &lt;b&gt; *</h2>"), "{repaired}");
        let page = content_of_tree(&tree, tree.root(), &images, style);
        assert_eq!(differences(&page, &content_of_markdown(&repaired, dialect)), [], "{repaired}");
    }
}

//! Callouts in the form of GitHub and Obsidian: a block quote that begins with `[!NOTE]`.

use crate::model::tree::Element;

/// The callout that a block quote is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Callout<'t> {
    /// Its first line in Markdown: `[!NOTE]`.
    pub marker: &'static str,
    /// Its label when the marker replaces it; empty when the content includes it.
    pub label: &'t str,
}

impl<'t> Callout<'t> {
    /// Returns the callout of a `blockquote`; None for an ordinary block quote.
    pub(super) fn of(element: &'t Element) -> Option<Self> {
        let marker = match element.attr("callout")? {
            "note" => "[!NOTE]",
            "tip" => "[!TIP]",
            "important" => "[!IMPORTANT]",
            "warning" => "[!WARNING]",
            "caution" => "[!CAUTION]",
            _ => return None,
        };
        Some(Self { marker, label: element.attr("label").unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use crate::frontmatter::{Profile, ProfileName};
    use crate::markdown::check::{markdown, tree};
    use crate::markdown::write::checked;
    use crate::markdown::{html, text};
    use crate::model::ImageMap;

    const CALLOUTS: [(&str, &str); 9] = [
        ("<blockquote callout=note label=Note><p>文</p></blockquote>", "> [!NOTE]\n> 文\n"),
        (
            "<blockquote callout=warning><p><strong>注意</strong></p><p>文</p></blockquote>",
            "> [!WARNING]\n> **注意**\n>\n> 文\n",
        ),
        (
            "<blockquote callout=tip label=Tip><pre>x</pre><p>文</p></blockquote>",
            "> [!TIP]\n>\n> ```\n> x\n> ```\n>\n> 文\n",
        ),
        ("<blockquote callout=tip label=Tip><ul><li>文</li></ul></blockquote>", "> [!TIP]\n>\n> - 文\n"),
        ("<blockquote callout=caution label=Caution><p>===</p></blockquote>", "> [!CAUTION]\n>\n> ===\n"),
        ("<blockquote callout=note label=Note><p>(a) [b]</p></blockquote>", "> [!NOTE]\n> (a) [b]\n"),
        ("<ul><li>甲<blockquote callout=note label=Note>文</blockquote></li></ul>", "- 甲\n  > [!NOTE]\n  > 文\n"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td><blockquote callout=note label=Note>文</blockquote></td><td>c</td></tr></table>",
            "<table><tbody>\n<tr><th>a</th><th>b</th></tr>\n<tr><td><blockquote>[!NOTE] 文</blockquote></td><td>c</td></tr></tbody>\n</table>\n",
        ),
        ("<blockquote><p>[!NOTE] 文</p></blockquote>", "> \\[!NOTE] 文\n"),
    ];

    #[test]
    fn callouts_are_written_as_on_github_and_read_back() {
        for (source, expected) in CALLOUTS {
            assert_eq!(markdown(source), expected, "{source}");
            for name in ProfileName::ALL {
                let profile = Profile { name, ..Profile::default() };
                let (body, differences) = checked(&tree(source), &ImageMap::new(), &profile);
                assert_eq!(differences, [], "{name}: {body}");
            }
        }
    }

    #[test]
    fn html_and_plain_text_include_the_label_of_a_callout() {
        let source = "<blockquote callout=note label=Note><p>文</p></blockquote>";
        assert_eq!(
            html(&tree(source), &ImageMap::new()),
            "<blockquote><p><strong>Note</strong></p>\n<p>文</p>\n</blockquote>\n"
        );
        assert_eq!(text(&tree(source)), "Note\n\n文\n");
        let own = "<blockquote callout=note><p><strong>メモ</strong></p><p>文</p></blockquote>";
        assert_eq!(text(&tree(own)), "メモ\n\n文\n");
    }
}

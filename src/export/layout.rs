//! Layouts: which files a program reads, and how they name one another.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::frontmatter::ProfileName;
use crate::markdown::{NewTarget, post_link};
use crate::model::title_name;

/// The program that articles are exported for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layout {
    /// A Hexo site: posts in `source/_posts`, images in `source/images`.
    Hexo,
    /// A Hugo site: leaf bundles in `content/posts`, images beside the texts.
    Hugo,
    /// A Jekyll site: posts in `_posts`, images in `assets/images`.
    Jekyll,
    /// A Zola site: pages in `content/posts`, images beside the texts.
    Zola,
    /// An Obsidian vault: notes named by their titles, images in `attachments`.
    Obsidian,
    /// A folder of Markdown files named by their titles, images in `images`.
    Plain,
    /// A site for browsers: pages in `articles`, images in `images`, lists, a feed and a search page.
    Html,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 7] =
        [Self::Hexo, Self::Hugo, Self::Jekyll, Self::Zola, Self::Obsidian, Self::Plain, Self::Html];

    /// Returns the name that users write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hexo => "hexo",
            Self::Hugo => "hugo",
            Self::Jekyll => "jekyll",
            Self::Zola => "zola",
            Self::Obsidian => "obsidian",
            Self::Plain => "plain",
            Self::Html => "html",
        }
    }

    /// Returns what it writes, for the help.
    pub fn about(self) -> &'static str {
        match self {
            Self::Hexo => "Posts in source/_posts, images in source/images",
            Self::Hugo => "Leaf bundles in content/posts, images beside each text",
            Self::Jekyll => "Posts in _posts, images in assets/images",
            Self::Zola => "Pages in content/posts, images beside each text",
            Self::Obsidian => "Notes named by their titles, images in attachments, a note that lists all",
            Self::Plain => "Markdown files named by their titles, images in images",
            Self::Html => "A site for browsers, also without a server: pages, lists, a feed and search",
        }
    }

    /// Returns the profile of the front matter.
    pub fn profile(self) -> ProfileName {
        match self {
            Self::Hexo => ProfileName::Hexo,
            Self::Hugo => ProfileName::Hugo,
            Self::Jekyll => ProfileName::Jekyll,
            Self::Zola => ProfileName::Zola,
            Self::Obsidian => ProfileName::Obsidian,
            Self::Plain | Self::Html => ProfileName::Default,
        }
    }

    /// Returns the folder of the texts, below the output folder; empty for the output folder itself.
    pub(super) fn base(self) -> &'static str {
        match self {
            Self::Hexo => "source/_posts",
            Self::Hugo | Self::Zola => "content/posts",
            Self::Jekyll => "_posts",
            Self::Html => "articles",
            Self::Obsidian | Self::Plain => "",
        }
    }

    /// Returns the name that an article is to have in the folder of the texts, without its ending.
    pub(super) fn name(self, slug: &str, title: &str, day: Date) -> String {
        match self {
            Self::Hexo | Self::Hugo | Self::Zola | Self::Html => slug.to_owned(),
            Self::Jekyll => format!("{day}-{slug}"),
            Self::Obsidian | Self::Plain => title_name(title),
        }
    }

    /// Returns the file of the text with a name.
    pub(super) fn text_path(self, name: &str) -> String {
        match self {
            Self::Hugo | Self::Zola => format!("{}/{name}/index.md", self.base()),
            Self::Hexo | Self::Jekyll => format!("{}/{name}.md", self.base()),
            Self::Obsidian | Self::Plain => format!("{name}.md"),
            Self::Html => format!("{}/{name}.html", self.base()),
        }
    }

    /// Returns the entry of the folder of the texts that a text with a name takes: a file or a folder.
    pub(super) fn entry(self, name: &str) -> String {
        match self {
            Self::Hugo | Self::Zola => name.to_owned(),
            Self::Html => format!("{name}.html"),
            _ => format!("{name}.md"),
        }
    }

    /// Returns the name that a text at a path has.
    pub(super) fn name_of(self, path: &str) -> &str {
        let path = path.strip_prefix(self.base()).unwrap_or(path).trim_start_matches('/');
        let ending = if self == Self::Html { ".html" } else { ".md" };
        path.strip_suffix("/index.md").or_else(|| path.strip_suffix(ending)).unwrap_or(path)
    }

    /// Returns the file of an image of a text, below the output folder, and how the text links to it. `image` is its path
    /// below the folder of images of the archive.
    pub(super) fn image(self, name: &str, image: &str) -> (String, String) {
        let file = image.rsplit('/').next().unwrap_or(image);
        match self {
            Self::Hexo => (format!("source/images/{image}"), format!("/images/{image}")),
            Self::Jekyll => (format!("assets/images/{image}"), format!("/assets/images/{image}")),
            Self::Hugo | Self::Zola => (format!("{}/{name}/{file}", self.base()), file.to_owned()),
            Self::Obsidian => (format!("attachments/{file}"), format!("attachments/{file}")),
            Self::Plain => (format!("images/{file}"), format!("images/{file}")),
            Self::Html => (format!("images/{image}"), format!("../images/{image}")),
        }
    }

    /// Returns how a text links to the text with a name. `fragment` is empty or begins with `#`.
    pub(super) fn link(self, name: &str, fragment: &str) -> NewTarget {
        let (post, fragment) = match self {
            Self::Hugo => (format!("/posts/{name}"), fragment),
            // Zola refuses a site with a link to a place that a page does not have.
            Self::Zola => (format!("posts/{name}/index.md"), ""),
            _ => (name.to_owned(), fragment),
        };
        let ending = if self == Self::Html { "html" } else { "md" };
        let path = || NewTarget::Url(format!("{}.{ending}{fragment}", coded(name)));
        post_link(self.profile(), &post, fragment).unwrap_or_else(path)
    }

    /// Returns whether there is a text that lists all others, and its title.
    pub(super) fn index_title(self) -> Option<&'static str> {
        (self == Self::Obsidian).then_some("Articles")
    }
}

/// Returns a file name as part of a URL. Letters of every script stay as they are.
fn coded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            ' ' => out.push_str("%20"),
            '%' | '?' | '#' | '(' | ')' | '<' | '>' | '"' | '\\' => out.push_str(&format!("%{:02X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name is not that of a layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be exported for `{0}`; use one of: {names}", names = Layout::ALL.map(Layout::as_str).join(", "))]
pub struct ParseLayoutError(String);

impl FromStr for Layout {
    type Err = ParseLayoutError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || ParseLayoutError(text.chars().take(80).collect());
        Self::ALL.into_iter().find(|layout| layout.as_str() == text).ok_or_else(fail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_gives_its_name_back() {
        let day = "2024-03-18".parse().unwrap();
        for layout in Layout::ALL {
            assert_eq!(layout.as_str().parse(), Ok(layout));
            let name = layout.name("老城-1a2b3c4d", "老城: 一", day);
            assert_eq!(layout.name_of(&layout.text_path(&name)), name, "{layout}");
        }
        assert_eq!(Layout::Jekyll.text_path(&Layout::Jekyll.name("a", "", day)), "_posts/2024-03-18-a.md");
    }
}

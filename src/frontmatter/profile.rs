//! Profiles: for which program the front matter is written.

use std::fmt;
use std::str::FromStr;

use super::{Style, Template};

/// Which keys the front matter has, and how the body treats template markers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ProfileName {
    /// bindery's own keys.
    #[default]
    Default,
    /// A Hexo post: seven keys, and a body in which Nunjucks finds no tag.
    Hexo,
    /// A Hugo post, and a body in which Hugo finds no shortcode.
    Hugo,
    /// A Jekyll post, and a body in which Liquid finds no tag.
    Jekyll,
    /// A note of Obsidian: flat properties.
    Obsidian,
    /// A page of Zola: TOML.
    Zola,
    /// What the profile's template says.
    Custom,
}

impl ProfileName {
    /// Every profile.
    pub const ALL: [Self; 7] =
        [Self::Default, Self::Hexo, Self::Hugo, Self::Jekyll, Self::Obsidian, Self::Zola, Self::Custom];

    /// The name users write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Hexo => "hexo",
            Self::Hugo => "hugo",
            Self::Jekyll => "jekyll",
            Self::Obsidian => "obsidian",
            Self::Zola => "zola",
            Self::Custom => "custom",
        }
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no profile's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile `{0}`; write one of: default, hexo, hugo, jekyll, obsidian, zola, custom")]
pub struct ParseProfileError(String);

impl FromStr for ProfileName {
    type Err = ParseProfileError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || ParseProfileError(text.chars().take(80).collect());
        Self::ALL.into_iter().find(|name| name.as_str() == text).ok_or_else(fail)
    }
}

/// How articles are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// For which program.
    pub name: ProfileName,
    /// What lays out the front matter of the `custom` profile; None writes that of the `default` one.
    pub template: Option<Template>,
    /// The categories every article gets; empty for none.
    pub categories: Vec<String>,
    /// What stands before the path of a local image (`/images/`); None for links relative to the text.
    pub image_base: Option<String>,
    /// False: no front matter is written.
    pub front_matter: bool,
    /// The style of the Markdown.
    pub style: Style,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            name: ProfileName::Default,
            template: None,
            categories: Vec::new(),
            image_base: None,
            front_matter: true,
            style: Style::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_a_wrong_one_is_answered_with_the_right_ones() {
        for name in ProfileName::ALL {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        let message = "jekyl".parse::<ProfileName>().unwrap_err().to_string();
        for name in ProfileName::ALL {
            assert!(message.contains(name.as_str()), "{message}");
        }
    }
}

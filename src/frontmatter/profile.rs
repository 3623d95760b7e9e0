//! Profiles: the program that articles are written for.

use std::fmt;
use std::str::FromStr;

use super::{Fields, Style, Template, TemplateError, fields, sites, yaml, zola};

/// The template engine of a site generator, which reads a text before Markdown is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateEngine {
    /// None.
    None,
    /// Nunjucks, as Hexo uses it.
    Nunjucks,
    /// Liquid, as Jekyll uses it.
    Liquid,
    /// Hugo's shortcodes.
    Shortcodes,
}

/// A profile, which defines the keys of the front matter, and the escaping of template markers in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ProfileName {
    /// bindery's own keys.
    #[default]
    Default,
    /// A Hexo post with seven keys, and `tags` and `source` if they are known; Nunjucks tags in the body are escaped.
    Hexo,
    /// A Hugo post; shortcodes in the body are escaped.
    Hugo,
    /// A Jekyll post; Liquid tags in the body are escaped.
    Jekyll,
    /// An Obsidian note with flat properties.
    Obsidian,
    /// A Zola page with TOML front matter.
    Zola,
    /// The front matter of the user's template.
    Custom,
}

impl ProfileName {
    /// Every profile.
    pub const ALL: [Self; 7] =
        [Self::Default, Self::Hexo, Self::Hugo, Self::Jekyll, Self::Obsidian, Self::Zola, Self::Custom];

    /// Returns the name that users write.
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

    /// Returns the engine whose markers are escaped in the body.
    pub fn engine(self) -> TemplateEngine {
        match self {
            Self::Hexo => TemplateEngine::Nunjucks,
            Self::Hugo => TemplateEngine::Shortcodes,
            Self::Jekyll => TemplateEngine::Liquid,
            Self::Default | Self::Obsidian | Self::Zola | Self::Custom => TemplateEngine::None,
        }
    }

    /// Returns whether the front matter may name an image that is not stored locally.
    pub fn names_remote_images(self) -> bool {
        self == Self::Hexo
    }

    /// Returns the front matter with its delimiters.
    pub(super) fn write(self, fields: &Fields, template: Option<&Template>) -> Result<String, TemplateError> {
        let yaml = match (self, template) {
            (Self::Default, _) | (Self::Custom, None) => {
                yaml::write(&fields::default_form(&fields.with_other_canonical()))
            }
            (Self::Hexo, _) => yaml::write(&fields::hexo_form(fields)),
            (Self::Hugo, _) => yaml::write(&sites::hugo_form(fields)),
            (Self::Jekyll, _) => yaml::write(&sites::jekyll_form(fields)),
            (Self::Obsidian, _) => yaml::write(&sites::obsidian_form(fields)),
            (Self::Zola, _) => return Ok(format!("+++\n{}+++\n", zola::write(fields))),
            (Self::Custom, Some(template)) => return template.render(fields),
        };
        Ok(format!("---\n{yaml}---\n"))
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name is not that of a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile `{0}`; use one of: {names}", names = ProfileName::ALL.map(ProfileName::as_str).join(", "))]
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
    /// The program that articles are written for.
    pub name: ProfileName,
    /// The template of the `custom` profile; None writes the front matter of the `default` one.
    pub template: Option<Template>,
    /// The categories of every article; empty for none.
    pub categories: Vec<String>,
    /// The prefix of links to local images, such as `/images/`; None for links relative to the text.
    pub image_base: Option<String>,
    /// Whether front matter is written.
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
    fn names_parse_back_and_the_error_for_an_unknown_one_lists_all() {
        for name in ProfileName::ALL {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        let message = "jekyl".parse::<ProfileName>().unwrap_err().to_string();
        for name in ProfileName::ALL {
            assert!(message.contains(name.as_str()), "{message}");
        }
    }
}

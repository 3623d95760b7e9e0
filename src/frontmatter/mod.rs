//! Front matter: its fields, and the profiles that define which are written and how.
//!
//! Every value reads back unchanged with YAML 1.1 and YAML 1.2 parsers.

mod fields;
mod profile;
mod read;
mod sites;
mod style;
mod template;
mod yaml;
mod zola;

#[doc(hidden)]
pub use fields::{Fields, Properties};
#[doc(hidden)]
pub use profile::{ParseProfileError, TemplateEngine};
pub use profile::{Profile, ProfileName};
#[doc(hidden)]
pub use read::fields as read_fields;
#[doc(hidden)]
pub use style::ParseStyleError;
pub use style::{Bullets, Engine, Flavour, Headings, Style};
#[doc(hidden)]
pub use template::{Template, TemplateError};

/// Returns the front matter with its delimiters and the line break after the closing one.
///
/// Empty if the profile has no front matter. Fields that are None or empty are omitted; user name and password of a URL are
/// never written.
///
/// # Errors
/// The template of a `custom` profile fails for these fields. Other profiles do not fail.
///
/// ```
/// use bindery::frontmatter::{self, Fields, Profile};
///
/// let fields = Fields { title: Some("2021-06-17".into()), ..Fields::default() };
/// assert_eq!(frontmatter::write(&fields, &Profile::default())?, "---\ntitle: \"2021-06-17\"\n---\n");
/// # Ok::<(), frontmatter::TemplateError>(())
/// ```
#[doc(hidden)]
pub fn write(fields: &Fields, profile: &Profile) -> Result<String, TemplateError> {
    if !profile.front_matter {
        return Ok(String::new());
    }
    profile.name.write(fields, profile.template.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PageDate, Publication};
    use url::Url;

    fn sample() -> Fields {
        Fields {
            title: Some("除了会晤，他俩还谈了啥？".to_owned()),
            authors: vec!["李明".to_owned(), "王芳".to_owned()],
            published: Some("2021-06-17T18:44:26+08:00".parse().unwrap()),
            modified: Some(PageDate::Day("2021-06-18".parse().unwrap())),
            url: Url::parse("https://user:secret@example.cn/a?id=1").ok(),
            canonical: Url::parse("https://example.cn/a").ok(),
            site: Some("某某网".to_owned()),
            language: Some("zh-CN".to_owned()),
            description: Some("两人会晤: 3 小时".to_owned()),
            tags: vec!["外交".to_owned(), "no".to_owned()],
            categories: vec!["新闻".to_owned()],
            image: Some("images/ab/ab.png".to_owned()),
            publication: Publication::Public,
            aliases: Vec::new(),
            properties: Properties::default(),
            ..Fields::full()
        }
    }

    fn read(text: &str) -> serde_yaml::Value {
        let inner = text.strip_prefix("---\n").and_then(|rest| rest.strip_suffix("---\n")).unwrap();
        serde_yaml::from_str(inner).unwrap()
    }

    fn keys(text: &str) -> Vec<&str> {
        text.lines()
            .filter(|line| !line.starts_with([' ', '-']))
            .filter_map(|line| line.split_once(':').map(|(key, _)| key))
            .collect()
    }

    #[test]
    fn the_default_profile_writes_every_field_and_no_password() {
        let text = write(&sample(), &Profile::default()).unwrap();
        assert!(text.starts_with("---\n") && text.ends_with("\n---\n"));
        assert!(!text.contains("secret"), "{text}");
        let read = read(&text);
        assert_eq!(read["published"].as_str(), Some("2021-06-17T18:44:26+08:00"));
        assert_eq!(read["modified"].as_str(), Some("2021-06-18"));
        assert_eq!(read["author"][1].as_str(), Some("王芳"));
        assert_eq!(read["url"].as_str(), Some("https://example.cn/a?id=1"));
        assert_eq!(read["tags"][1].as_str(), Some("no"));
    }

    #[test]
    fn unknown_fields_and_a_canonical_url_equal_to_the_url_are_omitted() {
        let url = Url::parse("https://example.cn/a").ok();
        let text =
            write(&Fields { url: url.clone(), canonical: url, ..Fields::default() }, &Profile::default()).unwrap();
        assert_eq!(text, "---\nurl: https://example.cn/a\n---\n");
        assert_eq!(write(&Fields::default(), &Profile::default()).unwrap(), "---\n---\n");
    }

    #[test]
    fn the_hexo_profile_writes_seven_keys_then_tags_and_source() {
        let profile = Profile { name: ProfileName::Hexo, ..Profile::default() };
        let text = write(&sample(), &profile).unwrap();
        assert_eq!(
            keys(&text),
            ["title", "categories", "headimg", "author", "comments", "date", "thumbnail", "tags", "source"]
        );
        assert_eq!(read(&text)["source"].as_str(), Some("https://example.cn/a?id=1"));
        let read = read(&text);
        assert_eq!(read["author"].as_str(), Some("李明、王芳"));
        assert_eq!(read["comments"].as_bool(), Some(false));
        assert_eq!(read["date"].as_str(), Some("Thu, 17 Jun 2021 10:44:26 GMT"));
        assert_eq!(read["headimg"], read["thumbnail"]);
        let without_byline = Fields { authors: Vec::new(), ..sample() };
        assert!(write(&without_byline, &profile).unwrap().contains("author: 某某网\n"));
        assert_eq!(write(&Fields::default(), &profile).unwrap(), "---\ncomments: false\n---\n");
    }

    #[test]
    fn a_profile_may_have_no_front_matter() {
        assert_eq!(write(&sample(), &Profile { front_matter: false, ..Profile::default() }).unwrap(), "");
    }
}

//! Fields to front matter and back through readers of others; and the reading of posts that others wrote.

use bindery::frontmatter::{Fields, Profile, ProfileName, write};
use bindery::import::{Syntax, post};
use serde_json::Value;

pub fn body(input: &[u8]) {
    if let Some(post) = post(input) {
        let text = std::str::from_utf8(input).unwrap();
        assert!(text.ends_with(&format!("{}{}", post.front_matter, post.body)), "nothing of a post is lost");
        assert!(post.front_matter.contains(post.fields));
        assert!(post.syntax != Syntax::Yaml || post.front_matter.trim_start().starts_with("---"));
    }
    let text = String::from_utf8_lossy(input);
    let fields = fields(&text);
    for name in ProfileName::ALL.into_iter().filter(|name| *name != ProfileName::Custom) {
        let profile = Profile { name, ..Profile::default() };
        let front = write(&fields, &profile).unwrap();
        let read = read(&front, name);
        let title = title_of(&read);
        assert_eq!(title.map(str::to_owned), fields.title, "by {name}:\n{front}");
        let visible = front.chars().filter(|c| c.is_control() && *c != '\n').count();
        assert_eq!(visible, 0, "a control character by {name}:\n{front:?}");
    }
    assert_all_read_back(&fields);
}

/// Every line is a field, in turn.
fn fields(text: &str) -> Fields {
    let mut lines = text.split('\n').map(str::to_owned);
    let mut next = || lines.next();
    Fields {
        title: next(),
        authors: next().into_iter().collect(),
        site: next(),
        description: next(),
        language: next(),
        image: next(),
        categories: next().into_iter().collect(),
        tags: lines.collect(),
        ..Fields::default()
    }
}

fn read(front: &str, name: ProfileName) -> Value {
    if name == ProfileName::Zola {
        let toml = front.strip_prefix("+++\n").and_then(|rest| rest.strip_suffix("+++\n")).unwrap();
        return serde_json::to_value(toml.parse::<toml::Table>().unwrap()).unwrap();
    }
    let yaml = front.strip_prefix("---\n").and_then(|rest| rest.strip_suffix("---\n")).unwrap();
    assert!(!yaml.lines().any(|line| line == "---" || line == "..."), "a document ends in {yaml}");
    let one: Value = serde_saphyr::from_str(yaml).unwrap();
    let other: Value = serde_yaml::from_str(yaml).unwrap();
    assert_eq!(one, other, "two readers, by {name}:\n{yaml}");
    one
}

fn title_of(front: &Value) -> Option<&str> {
    front.get("title").and_then(Value::as_str)
}

fn assert_all_read_back(fields: &Fields) {
    let front = read(&write(fields, &Profile::default()).unwrap(), ProfileName::Default);
    let texts = |key: &str| -> Vec<String> {
        let list = front.get(key).and_then(Value::as_array);
        list.into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts("author"), fields.authors);
    assert_eq!(texts("tags"), fields.tags);
    assert_eq!(texts("categories"), fields.categories);
    let text = |key: &str| front.get(key).map(|value| value.as_str().unwrap().to_owned());
    assert_eq!(text("site"), fields.site);
    assert_eq!(text("description"), fields.description);
    assert_eq!(text("image"), fields.image);
}

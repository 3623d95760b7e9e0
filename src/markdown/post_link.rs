//! Links to posts in the form of site generators.

use crate::frontmatter::ProfileName;

use super::rewrite::NewTarget;

/// Returns a link to a post in the form of a site generator; `None` for programs whose links are paths. `post` is what the
/// generator finds it by: the name of a post of Hexo or Jekyll, the path of a page of Hugo or Zola with its ending.
/// `fragment` is empty or begins with `#`.
pub(crate) fn post_link(generator: ProfileName, post: &str, fragment: &str) -> Option<NewTarget> {
    let fragment = fragment.replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
    Some(match generator {
        // https://hexo.io/docs/tag-plugins#Include-Posts
        ProfileName::Hexo if post.contains(char::is_whitespace) => {
            NewTarget::Tag(format!("{{% post_path '{post}' %}}{fragment}"))
        }
        ProfileName::Hexo => NewTarget::Tag(format!("{{% post_path {post} %}}{fragment}")),
        ProfileName::Hugo => NewTarget::Tag(format!("{{{{< relref \"{post}{fragment}\" >}}}}")),
        ProfileName::Jekyll => NewTarget::Tag(format!("{{% post_url {post} %}}{fragment}")),
        ProfileName::Zola => NewTarget::Url(format!("@/{post}{fragment}")),
        ProfileName::Default | ProfileName::Obsidian | ProfileName::Custom => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generator_has_its_form() {
        let link = |generator, post| post_link(generator, post, "#a\"{b");
        for (generator, post, expected) in [
            (ProfileName::Hexo, "桥", NewTarget::Tag("{% post_path 桥 %}#a%22%7Bb".to_owned())),
            (ProfileName::Hexo, "一 桥", NewTarget::Tag("{% post_path '一 桥' %}#a%22%7Bb".to_owned())),
            (ProfileName::Hugo, "/posts/桥", NewTarget::Tag("{{< relref \"/posts/桥#a%22%7Bb\" >}}".to_owned())),
            (ProfileName::Jekyll, "2024-03-18-桥", NewTarget::Tag("{% post_url 2024-03-18-桥 %}#a%22%7Bb".to_owned())),
            (ProfileName::Zola, "posts/桥/index.md", NewTarget::Url("@/posts/桥/index.md#a%22%7Bb".to_owned())),
        ] {
            assert_eq!(link(generator, post), Some(expected));
        }
        assert_eq!(link(ProfileName::Obsidian, "桥"), None);
    }
}

//! What each program finds in its folder.

use super::fixture::{archived, export_to, text_of};

#[test]
fn each_layout_has_its_own_places_and_links() {
    for (profile, text, image, link) in [
        ("hexo", "source/_posts/茶馆-", "](/images/", "<a href=\"{% post_path 石桥-一百年-"),
        ("hugo", "content/posts/茶馆-", "](", "[**石桥**一文]({{< relref \"/posts/石桥-一百年-"),
        (
            "jekyll",
            "_posts/2024-03-18-茶馆-",
            "](/assets/images/",
            "[**石桥**一文]({% post_url 2024-03-18-石桥-一百年-",
        ),
        ("zola", "content/posts/茶馆-", "](", "[**石桥**一文](@/posts/石桥-一百年-"),
        ("obsidian", "茶馆.md", "](attachments/", "[**石桥**一文](石桥：一百年.md#jiu)"),
        ("plain", "茶馆.md", "](images/", "[**石桥**一文](石桥：一百年.md#jiu)"),
    ] {
        let program = archived();
        let ran = export_to(&program, 0, profile, &[]);
        let path = text_of(&ran, "茶馆");
        assert!(path.starts_with(&format!("out/{text}")), "{path}");
        let read = program.read(&path);
        assert!(read.contains(link), "{profile}: {read}");
        assert!(read.contains("[别处](https://elsewhere.example.org/)"), "{read}");
        let target = read.split("![桥](").nth(1).unwrap().split(')').next().unwrap();
        assert!(format!("]({target}").starts_with(image), "{profile}: {target}");
        let files = program.files("out");
        let file = target.rsplit('/').next().unwrap();
        assert!(files.iter().any(|path| path.ends_with(file)), "{profile}: {files:?}");
    }
}

#[test]
fn front_matter_is_that_of_the_program() {
    let program = archived();
    for (profile, wanted) in [
        (
            "hexo",
            &[
                "title: 茶馆\n",
                "author: 林远\n",
                "date: Mon, 18 Mar 2024 01:26:15 GMT\n",
                "source: https://daily.example.cn/wen/cha.html\n",
            ][..],
        ),
        ("zola", &["+++\n", "title = \"茶馆\"\n", "[taxonomies]\ntags = [\"老城\", \"手艺\"]\n"]),
        ("obsidian", &["title: 茶馆\n", "tags:\n- 老城\n- 手艺\n"]),
    ] {
        let ran = export_to(&program, 0, profile, &[]);
        let read = program.read(&text_of(&ran, "茶馆")).replace("  - ", "- ");
        for line in wanted {
            assert!(read.contains(line), "{profile}: {line}\n{read}");
        }
        std::fs::remove_dir_all(program.path("out")).unwrap();
    }
}

#[test]
fn text_that_a_generator_would_interpret_is_safe() {
    let program = archived();
    for (profile, wanted) in [
        ("hexo", "&#123;{ page.title }&#125;"),
        ("hugo", "{{</* fig */>}}"),
        ("jekyll", "{% raw %}\n"),
        ("plain", "{{ page.title }} 与 {% raw %}"),
    ] {
        let ran = export_to(&program, 0, profile, &[]);
        let read = program.read(&text_of(&ran, "模板"));
        assert!(read.contains(wanted), "{profile}: {read}");
        std::fs::remove_dir_all(program.path("out")).unwrap();
    }
}

#[test]
fn articles_that_link_to_one_are_listed_on_request() {
    let program = archived();
    let ran = export_to(&program, 0, "hugo", &["--backlinks"]);
    let read = program.read(&text_of(&ran, "石桥"));
    assert!(read.contains("## 链接到本文的文章\n\n- [茶馆]({{< relref \"/posts/茶馆-"), "{read}");
    assert!(!program.read(&text_of(&ran, "模板")).contains("链接到本文"));
}

#[test]
fn a_vault_has_a_note_that_lists_all() {
    let program = archived();
    export_to(&program, 0, "obsidian", &[]);
    let index = program.read("out/Articles.md");
    assert!(index.contains("## 2024-03\n\n") && index.contains("[石桥：一百年](石桥：一百年.md)\n"), "{index}");
    assert!(index.contains("(模板%20{{%20x%20}}.md)") || index.contains("(模板%20{{%20x%20}}.md"), "{index}");
}

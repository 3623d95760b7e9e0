//! Posts whose images are on the web: they become local when that is asked for.
#![cfg(all(feature = "cli", feature = "net"))]

use crate::support::program::Program;
use crate::support::server::{Answer, Server};

const GIF: &[u8] = b"GIF89a\x1e\0\x28\0\0\0\0";

#[test]
fn remote_images_of_posts_become_local_those_of_the_front_matter_too() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/a.gif" => Answer::bytes("image/gif", GIF),
        _ => Answer::status(404),
    });
    let program = Program::new();
    let front = format!(
        "---\ntitle: '旧文'\nheadimg: 'https://proxy.example/?u={}'\nthumbnail: ''\n---\n",
        server.url("/a.gif")
    );
    let image = |path: &str| format!("<p><img src=\"{}\" referrerpolicy=\"no-referrer\"></p>", server.url(path));
    for nth in 0..3 {
        program.write(
            &format!("posts/{nth}.md"),
            format!("{front}<p>正文。</p>{}{}", image("/a.gif"), image("/gone.gif")),
        );
    }
    let arguments = ["convert", "posts", "--output", "out", "--json", "--retries", "0"];
    let ran = program.run_to(0, &arguments);
    assert_eq!((ran.summary()["images"]["saved"].as_u64(), server.log().len()), (Some(0), 0), "offline unless asked");
    let ran = program
        .run_to(0, &[&arguments[..], &["--fetch-images", "--allow-private", "--image-base", "/images/"]].concat());
    assert_eq!(ran.summary()["images"], serde_json::json!({ "saved": 3, "missing": 3 }), "{}", ran.err);
    let text = program.read("out/1.md");
    // The proxy does not answer; what stands behind it does.
    let image = bindery::images::identify(GIF.to_vec()).unwrap();
    let head = format!("https://proxy.example/?u={}", server.url("/a.gif"));
    let front = front.replace(&head, &format!("/images/{}", image.path()));
    assert!(text.starts_with(&front) && text.contains("](/images/") && text.contains("/gone.gif)"), "{text}");
    assert!(program.path(&format!("out/images/{}", image.path())).exists());
    let mut asked = server.log().into_iter().filter(|asked| asked.path == "/a.gif");
    assert!(asked.all(|asked| asked.header("referer").is_none()), "the page says no-referrer");
    assert!(server.count("/gone.gif") < 3 * 4, "what is gone is not asked for again and again");
}

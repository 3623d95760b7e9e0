//! Threads as forums, boards and link aggregators write them, and pages that are not threads.

use crate::extract::{Options, extract};
use crate::frontmatter::Profile;
use crate::markdown;
use crate::model::{ImageMap, Origin, RawPage};

/// Returns the Markdown of a page.
fn markdown_of(body: &str) -> String {
    let html = format!("<!DOCTYPE html><title>渡口的船 - 一个论坛</title><body>{body}");
    let raw = RawPage::from_bytes(html.into_bytes(), None, Origin::Replay, None);
    let article = extract(&raw, Options::default()).unwrap();
    markdown::write(&article, &ImageMap::new(), &Profile::default()).body
}

const LINES: [&str; 3] = [
    "老船工从十六岁起就在这条河上撑船，没有换过第二样营生，船板被草鞋磨得发亮。",
    "大桥通车以后，坐船的只剩下对岸的几个学生，还有舍不得绕路的卖菜人，一天不过十来趟。",
    "水退以后，有人在渡口立了一块木牌，上面写着他的名字，他嫌难看，第二天又给拔了。",
];

const NAMES: [&str; 3] = ["摆渡人", "河边草", "木牌"];

/// Returns the posts of a board; `post` writes each from its number, author and text.
fn board(post: impl Fn(usize, &str, &str) -> String) -> String {
    NAMES.iter().zip(LINES).enumerate().map(|(at, (name, line))| post(at, name, line)).collect()
}

/// Checks that each post begins with its author, in page order.
fn assert_heads(markdown: &str) {
    let mut from = 0;
    for (name, line) in NAMES.iter().zip(LINES) {
        for wanted in [format!("**{name}**"), line.to_owned()] {
            let at = markdown[from..].find(&wanted);
            assert!(at.is_some(), "no {wanted} in its place in\n{markdown}");
            from += at.unwrap_or(0);
        }
    }
}

#[test]
fn each_post_of_a_board_begins_with_its_author_and_time() {
    let markdown = markdown_of(&board(|at, name, line| {
        format!(
            "<div id=post_{at}><table class=plhin><tr><td class=pls><div class=authi><a href=space-uid-{at}.html \
             class=xw1>{name}</a></div><p>帖子 31</p></td><td class=plc><em>发表于 2024-3-{} 10:00</em>\
             <div class=t_fsz><div class=t_f>{line}</div></div><a href=reply.php>回复</a></td></tr></table></div>",
            at + 1
        )
    }));
    assert_heads(&markdown);
    assert!(markdown.contains("**河边草** · 2024-3-2 10:00"), "{markdown}");
    assert!(!markdown.contains("回复") && !markdown.contains("帖子 31"), "{markdown}");
}

#[test]
fn an_answer_is_a_quotation_below_the_post_it_answers() {
    let row = |at: usize, name: &str, line: &str| {
        format!(
            "<tr class=comtr><td><table><tr><td class=ind indent={at}></td><td><span class=comhead><a href=user?id={at} \
             class=hnuser>{name}</a> <span class=age title=2025-08-25T10:00:00>3 hours ago</span></span>\
             <div class=commtext>{line}</div><a href=reply?id={at}>reply</a></td></tr></table></td></tr>"
        )
    };
    let markdown = markdown_of(&format!("<table>{}</table>", board(row)));
    assert_heads(&markdown);
    assert!(markdown.contains("> **河边草** · 2025-08-25 10:00"), "{markdown}");
    assert!(markdown.contains("> > **木牌**"), "{markdown}");
}

#[test]
fn short_posts_are_complete_and_a_short_thread_is_an_article() {
    let post = |author: &str, depth: usize, text: &str, below: &str| {
        format!(
            "<shreddit-comment author={author} depth={depth} created=2026-09-01T10:00:00+0000><div slot=commentMeta>\
             <a href=/user/{author}/>{author}</a></div><div slot=comment class=md><p>{text}</p></div>\
             <button>Reply</button>{below}</shreddit-comment>"
        )
    };
    let answers = post("plumb", 0, "A little wax, no more.", &post("ferryman", 1, "+1", ""));
    let page = format!(
        "<shreddit-post author=ferryman created-timestamp=2026-09-01T09:00:00+0000><h1>Squeaking oars</h1><div slot=text-body>\
         <p>The oars of our boat squeak. What helps?</p></div></shreddit-post>{answers}"
    );
    let markdown = markdown_of(&page);
    assert!(markdown.starts_with("**ferryman** · 2026-09-01 09:00\n\nThe oars of our boat squeak."), "{markdown}");
    assert!(markdown.contains("**plumb** · 2026-09-01 10:00\n\nA little wax, no more."), "{markdown}");
    assert!(markdown.contains("> **ferryman** · 2026-09-01 10:00\n>\n> +1"), "{markdown}");
}

#[test]
fn nested_lists_show_which_post_answers_which() {
    let post = |at: usize, below: &str| {
        format!(
            "<li class=comments_subtree><div class=comment><div class=byline><a href=/~{0}>{0}</a> <time \
             datetime=2024-08-12T11:00:00>{at} days ago</time></div><div class=comment_text><p>{1}</p></div></div>\
             <ol class=comments>{below}</ol></li>",
            NAMES[at], LINES[at]
        )
    };
    let markdown = markdown_of(&format!("<ol class='comments'>{}</ol>", post(0, &post(1, &post(2, "")))));
    assert_heads(&markdown);
    assert!(markdown.contains("\n> **河边草**") && markdown.contains("\n> > **木牌**"), "{markdown}");
}

#[test]
fn comments_below_an_article_are_not_a_thread() {
    let article = LINES.map(|line| format!("<p>{line}</p>")).concat().repeat(3);
    let comments = board(|at, name, _| {
        format!(
            "<li class=comment><b class=fn>{name}</b> <time datetime=2024-03-0{}>3 月</time><p>写得真好，谢谢作者。</p></li>",
            at + 1
        )
    });
    let markdown = markdown_of(&format!(
        "<article><h1>渡口的船</h1>{article}</article><div id=comments><ol class=comment-list>{comments}</ol></div>"
    ));
    assert!(!markdown.contains("写得真好") && !markdown.contains("**摆渡人**"), "{markdown}");
}

#[test]
fn a_list_of_articles_is_not_a_thread() {
    let cards = board(|at, name, line| {
        format!(
            "<article class=post><h2><a href=/{at}.html>第{at}篇</a></h2><span class=author>{name}</span> <time \
             datetime=2024-03-0{}>2024-03-0{0}</time><p>{line}</p></article>",
            at + 1
        )
    });
    let markdown = markdown_of(&format!("<main>{cards}</main>"));
    assert!(!markdown.contains("**摆渡人** ·"), "{markdown}");
}

#[test]
fn cards_of_other_articles_with_authors_do_not_make_an_article_a_thread() {
    let article = LINES.map(|line| format!("<p>{line}</p>")).concat().repeat(3);
    let cards = board(|at, name, _| {
        format!(
            "<article class=card><a href=/{at}.html><h3>第{at}篇</h3></a><p>又一篇。</p><span class=author>{name}</span> \
             <time datetime=2024-03-0{}>2024-03-0{0}</time></article>",
            at + 1
        )
    });
    let page = format!(
        "<article class=full><h1>渡口的船</h1><span class=author>林远</span> <time datetime=2024-03-18>2024-03-18</time>\
         {article}</article><section>{cards}</section>"
    );
    let markdown = markdown_of(&page);
    assert!(!markdown.contains("**摆渡人**") && !markdown.contains("**林远** ·"), "{markdown}");
}

#[test]
fn author_boxes_and_edit_notices_are_not_part_of_a_post() {
    for about in [
        "<aside class=cAuthorPane><div class=ipsMenu><h5>主板</h5><p>华硕 Zenith II，内存八条，水冷。</p></div></aside>",
        "<div class=message-user><p>My rig</p><p>Asus Zenith II, eight sticks of memory, water all the way.</p></div>",
        "<div class='ipsEntry__signature'><p>Tipp der Woche: Vorsicht mit fremden Schnipseln, sie gehen bald kaputt.</p></div>",
        "<div class=postsignature><p>“Unix é simples e coerente” — quem disse isso foi Dennis Ritchie.</p></div>",
        "<div class=message-lastEdit>最后编辑: 2024-3-9 12:00</div>",
        "<div>本帖最后由 木牌 于 2024-3-9 12:00 编辑</div>",
        "<div>Zuletzt bearbeitet von Kai: 9. März 2024</div>",
        "<footer><div class=reactionsBar><a href=/r>Kai, Lin und 7 andere mögen das</a></div></footer>",
        "<div component='post/parent'><b class=username>林远</b> <time>2024-3-1</time><p>桥通车以后，坐船的人越来越少了。</p></div>",
    ] {
        let markdown = markdown_of(&board(|at, name, line| {
            format!(
                "<article class=post><b class=username>{name}</b> <time datetime=2024-03-0{0}>2024-03-0{0}</time>\
                 <div class=text><p>{line}</p>{about}</div></article>",
                at + 1
            )
        }));
        assert_heads(&markdown);
        let said = about.split(['<', '>', '、']).filter(|part| part.chars().count() > 8 && !part.contains(['=', '/']));
        for said in said {
            assert!(!markdown.contains(said.trim()), "{said} in\n{markdown}");
        }
    }
}

#[test]
fn sections_of_which_one_holds_the_posts_are_not_posts() {
    let posts = board(|at, name, line| {
        format!(
            "<li class=row><b class=username>{name}</b> <time datetime=2024-03-0{0}>2024-03-0{0}</time>\
             <div class=said><p>{line}{line}</p></div></li>",
            at + 1
        )
    });
    let widget = |n: usize| {
        format!(
            "<div class=block><b class=username>林{n}</b> <time datetime=2024-03-18>3 月 18 日</time> 说：渡口要拆了。</div>"
        )
    };
    let markdown =
        markdown_of(&format!("<div class=block><ol>{posts}</ol></div>{}{}{}", widget(1), widget(2), widget(3)));
    assert_heads(&markdown);
    assert!(!markdown.contains("渡口要拆了"), "{markdown}");
}

#[test]
fn boards_with_authors_in_terms_or_numbered_posts_are_threads() {
    let flux = board(|at, name, line| {
        format!(
            "<div class=blockpost><h2><a href='viewtopic.php?pid={at}#p{at}'>2024-03-0{0} 10:00:00</a></h2><div class=postbody>\
             <div class=postleft><dl><dt><strong>{name}</strong></dt><dd class=usertitle>Membre</dd><dd>Messages : 31</dd>\
             </dl></div><div class=postright><h3>Re: Le bac</h3><div class=postmsg><p>{line}</p></div></div></div></div>",
            at + 1
        )
    });
    let flux = markdown_of(&format!("<div id=punviewtopic class=topic>{flux}</div>"));
    assert_heads(&flux);
    assert!(!flux.contains("Messages") && !flux.contains("Re: Le bac") && !flux.contains("Membre"), "{flux}");
    let bulletin = markdown_of(&board(|at, name, line| {
        format!(
            "<div id=edit{at}><a class=bigusername href=member.php?u={at}>{name}</a><div>Join Date: Mar 2016</div>\
             <div>2024-3-{}, 10:00</div><div id=post_message_{at}>{line}</div></div>",
            at + 1
        )
    }));
    assert_heads(&bulletin);
    assert!(!bulletin.contains("Join Date"), "{bulletin}");
}

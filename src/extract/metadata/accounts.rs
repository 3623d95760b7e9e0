//! Finds the account that published a page on a platform where anybody can publish.

use crate::html::text;

use super::cjk_names;
use super::cjk_words::is_not_a_name;
use super::collect::{Clues, Role};
use super::dates::{self, Order};

/// The platforms, by their word for an account.
const PLATFORMS: &[&str] = &[
    "搜狐号",
    "百家号",
    "企鹅号",
    "头条号",
    "网易号",
    "网易订阅",
    "大风号",
    "凤凰号",
    "澎湃号",
    "一点号",
    "大鱼号",
    "快传号",
    "雪球号",
    "财富号",
    "新浪号",
    "看点号",
    "趣头条号",
    "界面号",
    "自媒体平台",
];

/// Maximum length of a line that names the platform, in characters.
const LINE: usize = 160;

/// How many pieces of text after the headline are searched for the account.
const REACH: usize = 12;

/// Maximum length of an account's name, in characters.
const LONGEST: usize = 24;

/// Returns the account that published the page; None where the page does not belong to an account.
pub fn find(clues: &Clues<'_>, near: &[&str]) -> Option<String> {
    let called = clues.lines.iter().filter(|line| line.role == Role::Account);
    let called = called.filter_map(|line| line.parts.iter().map(String::as_str).find(|part| is_name(part)));
    // WeChat gives the element with the account's name an id that nothing else has.
    if let Some(name) = clues.account.as_deref().filter(|name| is_name(name)) {
        return Some(name.to_owned());
    }
    let path = clues.pieces.windows(3).map(|run| [run[0].1.trim(), run[1].1.trim(), run[2].1.trim()]);
    let after = path.filter(|run| PLATFORMS.contains(&run[0]) && matches!(run[1], ">" | "›" | "»" | "/"));
    if let Some(name) = after.map(|run| run[2]).find(|name| is_name(name)) {
        return Some(name.to_owned());
    }
    if !is_of_account(clues) {
        return None;
    }
    let signed = clues.lines.iter().filter(|line| line.role == Role::Author).take(1);
    let signed = signed.flat_map(|line| line.parts.iter().map(String::as_str)).filter(|part| is_name(part));
    beside_date(clues, near).or_else(|| signed.chain(called).next().map(str::to_owned))
}

/// Returns the user named or linked at the headline, for a platform's page that names no author in another way; None
/// where there is none.
pub fn user(clues: &Clues<'_>, headline: Option<usize>) -> Option<String> {
    let headline = headline?;
    let is_near = |at: usize| (-NEAR..=NEAR).contains(&clues.distance(headline, at));
    let linked = clues.users.iter().filter(|(at, _)| is_near(*at)).map(|(_, name)| name.as_str());
    let called = clues.lines.iter().filter(|line| line.role == Role::Account && is_near(line.at));
    let called =
        called.filter_map(|line| line.parts.first().map(String::as_str)).filter(|name| cjk_names::has_cjk(name));
    let mut all = linked.chain(called).map(|name| name.trim().trim_start_matches('@'));
    all.find(|name| is_name(name) && !BUTTONS.contains(&name.to_lowercase().as_str())).map(str::to_owned)
}

/// Link texts meant for the reader's own account, in lower case.
const BUTTONS: [&str; 12] = [
    "log in",
    "login",
    "sign in",
    "sign up",
    "register",
    "account",
    "my account",
    "profile",
    "my profile",
    "user",
    "follow",
    "subscribe",
];

/// Maximum distance of the user from the headline, in pieces of text.
const NEAR: isize = 8;

/// Returns true where the `<title>`, the breadcrumbs or the platform's disclaimer says that the page belongs to an
/// account.
fn is_of_account(clues: &Clues<'_>) -> bool {
    let names = |text: &str| PLATFORMS.iter().any(|platform| text.contains(platform));
    // A platform's name alone is a link to the platform.
    let is_note = |piece: &str| !piece.is_ascii() && NOTES.iter().any(|word| piece.contains(word)) && names(piece);
    let short = clues.pieces.iter().filter(|(_, piece)| piece.len() < 4 * LINE && piece.chars().count() <= LINE);
    clues.title.as_deref().is_some_and(names) || short.map(|(_, piece)| *piece).any(is_note)
}

/// What a platform's disclaimer says.
const NOTES: [&str; 6] = ["平台", "用户", "上传", "代表", "作者", "发布"];

/// Returns the first piece of text beside the date that can be a name.
fn beside_date(clues: &Clues<'_>, near: &[&str]) -> Option<String> {
    let is_title = |piece: &String| clues.headings.iter().chain(&clues.titled).any(|(_, title)| title == piece);
    let pieces = near.iter().take(REACH).map(|piece| text::collapse(piece));
    let pieces: Vec<String> = pieces.filter(|piece| !is_title(piece)).collect();
    let at = pieces.iter().position(|piece| dates::first(piece, Order::DayFirst).is_some())?;
    // Before the date: the name with its image. After it: punctuation marks, a label, the name.
    let after = pieces[at + 1..].iter().take(4);
    let before = pieces[..at].iter().rev().take(2);
    let mut all =
        after.chain(before).map(|piece| piece.trim_start_matches("来源：").trim_start_matches("来源:").trim());
    all.find(|piece| is_name(piece)).map(str::to_owned)
}

fn is_name(piece: &str) -> bool {
    let piece = piece.trim();
    let count = piece.chars().count();
    (2..=LONGEST).contains(&count)
        && (cjk_names::has_cjk(piece) || piece.chars().all(|c| c.is_ascii_alphanumeric() || " _-.".contains(c)))
        && piece.chars().any(char::is_alphabetic)
        && !is_not_a_name(piece.trim_end_matches(['：', ':', '于', ' ']))
        && !piece.contains(['。', '，', '！', '？', '：', '>'])
        && !PLATFORMS.contains(&piece)
        && !(piece.starts_with("分享")
            || piece.starts_with("关注")
            || piece.starts_with("阅读")
            || piece.starts_with('+'))
        && dates::first(piece, Order::DayFirst).is_none()
}

//! Who published on a platform on which everybody may: the name of the account.

use crate::html::text;

use super::collect::{Clues, Role};
use super::dates::{self, Order};
use super::east;
use super::east_words::NO_NAMES;

/// The platforms, as they call the accounts on them.
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

/// A line that names the platform is no longer than this, in characters.
const LINE: usize = 160;

/// The account stands among so many pieces after the headline.
const REACH: usize = 12;

/// An account's name is no longer than this, in characters.
const LONGEST: usize = 24;

/// The account that the page is of; None where the page does not say that it is one's.
pub fn find(clues: &Clues<'_>, near: &[&str]) -> Option<String> {
    let called = clues.lines.iter().filter(|line| line.role == Role::Account);
    let called = called.filter_map(|line| line.parts.iter().map(String::as_str).find(|part| is_name(part)));
    // WeChat names an account by an id that nothing else has.
    if let Some(name) = clues.account.as_deref().filter(|name| is_name(name)) {
        return Some(name.to_owned());
    }
    if !is_of_account(clues) {
        return None;
    }
    let path = clues.pieces.windows(3).map(|run| [run[0].1.trim(), run[1].1.trim(), run[2].1.trim()]);
    let after = path.filter(|run| PLATFORMS.contains(&run[0]) && matches!(run[1], ">" | "›" | "»" | "/"));
    let mut after = after.map(|run| run[2]).filter(|name| is_name(name));
    let signed = clues.lines.iter().filter(|line| line.role == Role::Author).take(1);
    let mut signed = signed.flat_map(|line| line.parts.iter().map(String::as_str)).filter(|part| is_name(part));
    let found = after.next().or_else(|| signed.next()).or_else(|| { called }.next()).map(str::to_owned);
    found.or_else(|| beside_date(near))
}

/// What the page says of itself: in its `<title>`, in a line of its path, in the note that the platform did not write it.
fn is_of_account(clues: &Clues<'_>) -> bool {
    let names = |text: &str| PLATFORMS.iter().any(|platform| text.contains(platform));
    clues.title.as_deref().is_some_and(names)
        || clues.pieces.iter().any(|(_, piece)| piece.len() < 4 * LINE && piece.chars().count() <= LINE && names(piece))
}

/// The first piece beside the date that may be a name.
fn beside_date(near: &[&str]) -> Option<String> {
    let pieces: Vec<String> = near.iter().take(REACH).map(|piece| text::collapse(piece)).collect();
    let at = pieces.iter().position(|piece| dates::first(piece, Order::DayFirst).is_some())?;
    // Before the date stands the name with its picture, after it signs, a label, the name.
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
        && (east::is_eastern(piece) || piece.chars().all(|c| c.is_ascii_alphanumeric() || " _-.".contains(c)))
        && piece.chars().any(char::is_alphabetic)
        && !NO_NAMES.contains(&piece.trim_end_matches(['：', ':', '于', ' ']))
        && !piece.contains(['。', '，', '！', '？', '：', '>'])
        && !PLATFORMS.contains(&piece)
        && !(piece.starts_with("分享")
            || piece.starts_with("关注")
            || piece.starts_with("阅读")
            || piece.starts_with('+'))
        && dates::first(piece, Order::DayFirst).is_none()
}

//! Finds bylines in the visible text.

use crate::html::text;

use super::languages::byline_labels;
use super::{cjk_names, dates, latin_names, people};

/// Separators after a label.
const SIGNS: [char; 13] = ['：', ':', '|', '｜', '丨', '︱', '/', '／', '●', '=', '＝', '・', '◎'];

/// Words for a reporter, before or after the name.
const REPORTERS: &[&str] =
    &["记者", "記者", "通讯员", "通訊員", "特约撰稿", "特約撰稿", "编译", "編譯", "评论员", "評論員"];

/// Korean words for a reporter, after the name.
const KOREAN: &[&str] = &["기자", "특파원", "논설위원"];

/// Words of image captions and credits.
const IMAGES: &[&str] = &["图片", "圖片", "图源", "摄", "攝", "供图", "供圖", "撮影", "写真", "사진=", "資料照"];

/// Labels before a name in an element of their own, or within a line that holds the date.
const LABELS: &[&str] = &[
    "by",
    "By",
    "BY",
    "Written by",
    "Words by",
    "von",
    "Von",
    "VON",
    "Autor",
    "Autorin",
    "par",
    "Par",
    "PAR",
    "Auteur",
    "por",
    "Por",
    "POR",
    "Autora",
    "di",
    "Di",
    "door",
    "Door",
    "Автор",
    "Текст",
    "作者",
    "撰文",
    "文・",
    "文",
    "記者",
    "记者",
    "取材・文",
    "글",
    "بقلم",
    "كتب",
    "كتبت",
    "الكاتب",
];

/// Maximum length of a byline, in characters.
const LONGEST: usize = 60;

/// Opening brackets around a byline.
const OPENING: [char; 7] = ['（', '(', '【', '〔', '[', '［', '〈'];

/// How many pieces of text after the headline can hold a name without a label.
const SIGNED: usize = 12;

/// How many pieces of text after the headline are searched for a reporter.
const DEEPEST: usize = 40;

/// Returns the byline among pieces of text near the headline; empty when none names anybody.
pub fn names(near: &[&str], sites: &[String]) -> Vec<String> {
    let pieces: Vec<String> = near.iter().take(DEEPEST).map(|piece| text::collapse(piece)).collect();
    let is_named = |line: &String| !people::people(line, sites).is_empty();
    let near = || pieces.iter().map(String::as_str);
    let line = near().filter_map(begun).find(is_named);
    let line = line.or_else(|| near().filter_map(western).find(is_named));
    let line = line.or_else(|| parted(&pieces).filter(is_named));
    let line = line.or_else(|| near().filter_map(in_line).find(is_named));
    let line = line.or_else(|| near().filter_map(reporter).find(is_named));
    let line = line.or_else(|| near().take(SIGNED).filter_map(slashed).find(is_named));
    line.into_iter().collect()
}

/// Returns the byline at the end of an article, or anywhere else, for text with an unambiguous label; None when there
/// is none.
pub fn anywhere(pieces: impl Iterator<Item = impl AsRef<str>>, sites: &[String]) -> Option<String> {
    // A name in ASCII letters is not accepted here; see below.
    let short = pieces.filter(|piece| piece.as_ref().len() < 4 * LONGEST && !piece.as_ref().is_ascii());
    let lines = short.filter_map(|piece| {
        let piece = text::collapse(piece.as_ref());
        begun(&piece).or_else(|| bracketed(&piece).filter(|_| piece.starts_with(OPENING)))
    });
    let mut lines = lines.filter(|line| !line.bytes().any(|byte| byte.is_ascii_alphabetic()));
    lines.find(|line| !people::people(line, sites).is_empty())
}

/// Returns true for text that begins with an unambiguous label and a name.
pub fn is_marked(piece: &str) -> bool {
    begun(&text::collapse(piece)).is_some_and(|line| !people::people(&line, &[]).is_empty())
}

/// Returns the name after a label in a line that also holds the date: `2023年4月12日　作者：何苗`.
fn in_line(piece: &str) -> Option<String> {
    if piece.chars().count() > 90 || dates::first(piece, dates::Order::DayFirst).is_none() {
        return None;
    }
    LABELS.iter().filter(|label| label.chars().count() > 1).find_map(|label| {
        let at = piece.find(label)?;
        let (before, rest) = (&piece[..at], &piece[at + label.len()..]);
        let apart = !before.ends_with(char::is_alphabetic) || before.chars().next_back().is_some_and(text::is_cjk);
        let begins = rest.starts_with([':', '：', ' ', '　']) || label.ends_with('・');
        let name = until_end(rest.trim_start_matches([':', '：', ' ', '　']));
        let is_name = latin_names::is_full_name(&name) || name.chars().all(|c| text::is_cjk(c) || c == ' ' || c == '·');
        (apart && begins && is_name && (2..=30).contains(&name.chars().count())).then_some(name)
    })
}

/// Returns a name that is a complete piece of text, among the first after the headline, with a date within three
/// pieces; or one in a short line with the date. None when there is none.
pub fn beside_date(near: &[&str], sites: &[String]) -> Option<String> {
    let pieces: Vec<String> = near.iter().take(SIGNED).map(|piece| text::collapse(piece)).collect();
    let is_date = |piece: &String| piece.chars().count() < 60 && dates::first(piece, dates::Order::DayFirst).is_some();
    let is_site = |piece: &str| sites.iter().any(|site| site.eq_ignore_ascii_case(piece));
    // A link within a sentence is a piece of its own.
    let is_within = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| pieces.get(before)).map_or("", String::as_str);
        let after = pieces.get(at + 1).map_or("", String::as_str);
        before.ends_with(['「', '『', '“', '《', '(', '（', '«', '"'])
            || after.starts_with(['」', '』', '”', '》', ')', '）', '»'])
    };
    let is_name = |piece: &str| latin_names::is_full_name(piece) || is_signed(piece);
    let found = pieces.iter().take(8).position(|piece| is_name(piece) && !is_site(piece));
    let alone = found.filter(|at| !is_within(*at)).and_then(|at| {
        let around = &pieces[at.saturating_sub(3)..pieces.len().min(at + 4)];
        around.iter().any(is_date).then(|| pieces[at].clone())
    });
    let in_line = || {
        let line = pieces.iter().take(8).find(|piece| is_date(piece) && piece.chars().count() < 40)?;
        let mut words = line.split(|c: char| c.is_whitespace() || matches!(c, '|' | '｜' | '·'));
        words.find(|word| is_signed(word) && !is_site(word)).map(str::to_owned)
    };
    alone.or_else(in_line)
}

/// Returns true for a Chinese name of at least three characters or a Korean one of three: shorter ones are often words.
fn is_signed(piece: &str) -> bool {
    piece.chars().count() >= 3 && !piece.contains(' ') && cjk_names::is_full_name(piece)
}

/// Returns the name where a label and the name are in elements of their own.
fn parted(pieces: &[String]) -> Option<String> {
    let bare = |piece: &str| {
        piece.trim_matches(|c: char| SIGNS.contains(&c) || OPENING.contains(&c) || matches!(c, ' ' | ',')).to_owned()
    };
    let word = |piece: &String| {
        let bare = bare(piece);
        LABELS.contains(&bare.as_str()) || byline_labels().any(|label| label == bare) && bare.len() < piece.len()
    };
    let at = pieces.iter().position(word)?;
    let name = pieces.get(at + 1)?;
    let words: Vec<&str> = name.split_whitespace().collect();
    // Words in scripts without capitals need only begin with a letter.
    let capital = |word: &&str| {
        word.starts_with(|c: char| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase())
            || matches!(*word, "de" | "van" | "von")
    };
    ((1..=5).contains(&words.len()) && words.iter().all(capital)).then(|| name.clone())
}

/// Returns the names in 【文/晨钟网 林远】, 作者：林远, بقلم: سلمى.
fn begun(piece: &str) -> Option<String> {
    let piece = piece.trim_start_matches(|c: char| OPENING.contains(&c) || matches!(c, '□' | '■' | '●' | '◎' | '※'));
    let piece = piece.trim_start();
    let begins = byline_labels().filter(|label| piece.starts_with(label));
    let Some(begin) = begins.max_by_key(|begin| begin.len()) else { return within(piece) };
    let rest = piece[begin.len()..].trim_start();
    let is_arabic =
        begin.chars().all(|c| ('\u{600}'..='\u{6ff}').contains(&c)) && piece[begin.len()..].starts_with(' ');
    let line = match rest.strip_prefix(SIGNS) {
        Some(rest) => until_end(rest.trim_start_matches(SIGNS)),
        None if is_arabic => until_end(rest),
        None => return None,
    };
    (!line.is_empty()).then_some(line)
}

/// Returns the author among several credits in one line: `出品｜晨钟组 作者｜林远`.
fn within(piece: &str) -> Option<String> {
    if piece.chars().count() > LONGEST {
        return None;
    }
    let (before, rest) = piece.split_once("作者")?;
    let rest = rest.trim_start().strip_prefix(SIGNS)?;
    let line = until_end(rest);
    (before.ends_with(|c: char| c.is_whitespace()) && !line.is_empty()).then_some(line)
}

/// Returns the name in `By Jane Doe` alone in its line.
fn western(piece: &str) -> Option<String> {
    let rest = piece.strip_prefix("By ").or_else(|| piece.strip_prefix("BY ")).or_else(|| piece.strip_prefix("by "))?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let capital = |word: &&str| {
        word.starts_with(|c: char| c.is_uppercase()) || matches!(*word, "and" | "&" | "de" | "van" | "von")
    };
    let is_one = words.len() == 1 && cjk_names::has_cjk(rest) && rest.chars().count() <= 10;
    (is_one || (2..=8).contains(&words.len()) && words.iter().all(capital)).then(|| rest.to_owned())
}

/// Returns the names in （记者 林远、何苗）, 记者林远 in the first lines, `홍길동 기자`.
fn reporter(piece: &str) -> Option<String> {
    if piece.is_ascii() {
        return None;
    }
    let start: String = piece.chars().take(2 * LONGEST).collect();
    if IMAGES.iter().any(|word| start.contains(word)) {
        return None;
    }
    if let Some(line) = korean(&start).or_else(|| bracketed(&start)) {
        return Some(line);
    }
    let called = REPORTERS.iter().filter_map(|word| start.find(word)).min()?;
    let is_first = start[..called].chars().count() <= 16;
    let report = ["報導", "报道", "報道"].iter().filter_map(|word| start.find(word)).find(|at| *at > called);
    let line = match report.filter(|at| is_first && start[..*at].chars().count() < LONGEST) {
        Some(at) => without_place(&start[..at], called),
        None if piece.chars().count() <= SHORT && !piece.contains('。') => piece.to_owned(),
        None => return None,
    };
    names_somebody(&line).then_some(line)
}

/// Drops the place between the names and the word for a report: `記者王小滿／港口報導`.
fn without_place(line: &str, called: usize) -> String {
    let sign = line.rfind(['／', '/']).filter(|sign| *sign > called && names_somebody(&line[..*sign]));
    line[..sign.unwrap_or(line.len())].to_owned()
}

/// Maximum length of a line that names a reporter, in characters.
const SHORT: usize = 45;

fn names_somebody(line: &str) -> bool {
    cjk_names::names(line).iter().any(|name| cjk_names::is_full_name(name))
}

/// Returns the last word before the role: `새벽뉴스 홍길동 기자`.
fn korean(start: &str) -> Option<String> {
    let is_whole = |at: usize, word: &str| at > 0 && !start[at + word.len()..].starts_with(char::is_alphanumeric);
    let found = KOREAN.iter().flat_map(|word| start.match_indices(*word));
    let (at, word) = found.filter(|(at, word)| is_whole(*at, word)).min()?;
    if start[..at].chars().count() > LONGEST {
        return None;
    }
    let line = &start[..at + word.len()];
    if names_somebody(line) {
        return Some(line.to_owned());
    }
    let name = start[..at].trim_end().rsplit([' ', ']', '=', '(', ')']).next()?;
    (start[..at].ends_with(' ') && (2..=4).contains(&name.chars().count())).then(|| name.to_owned())
}

/// Returns the text of brackets that hold a word for a reporter.
fn bracketed(start: &str) -> Option<String> {
    let words = REPORTERS.iter().chain(&["作者"]);
    let at = words.filter_map(|word| start.find(word)).min()?;
    let opened = start[..at].rfind(OPENING)?;
    let inner = &start[opened..];
    let inner = &inner[inner.chars().next().map_or(0, char::len_utf8)..];
    let end = inner.find(['）', ')', '】', '〕', ']', '］', '〉']).unwrap_or(inner.len());
    let line = &inner[..end];
    (opened + end >= at && line.chars().count() <= LONGEST && names_somebody(line)).then(|| line.to_owned())
}

/// Returns the line `林远/晨钟日报`, name and outlet.
fn slashed(piece: &str) -> Option<String> {
    let (name, outlet) = piece.split_once(['/', '／'])?;
    (piece.chars().count() <= 30 && cjk_names::is_full_name(name.trim()) && cjk_names::is_outlet(outlet.trim()))
        .then(|| name.trim().to_owned())
}

fn until_end(rest: &str) -> String {
    let line: String = rest
        .chars()
        .take(LONGEST)
        .take_while(|c| !matches!(c, '】' | ']' | '）' | ')' | '\n' | '。' | '|' | '：' | '〕'))
        .collect();
    // A sentence that only begins like a byline continues to the end of the piece.
    if line.chars().count() >= LONGEST { String::new() } else { line.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(near: &[&str]) -> String {
        names(near, &[]).iter().flat_map(|line| people::people(line, &[])).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn bylines_are_read_in_running_text() {
        assert_eq!(read(&["【文/晨钟网 林远】三月的一个清晨，石板路还湿着。"]), "林远");
        assert_eq!(read(&["2024-03-18", "新华社北京3月18日电（记者 林远、何苗）图书馆今天"]), "林远|何苗");
        assert_eq!(read(&["By Jane Doe", "June 17"]), "Jane Doe");
        assert_eq!(read(&["서울=연합 홍길동 기자"]), "홍길동");
        assert!(names(&["文章很长", "By the way, this is a sentence."], &[]).is_empty());
    }

    #[test]
    fn bylines_of_chinese_sites() {
        for (line, wanted) in [
            ("文 | 林远", "林远"),
            ("文丨林远 编辑丨何苗", "林远"),
            ("作者｜林远", "林远"),
            ("出品｜晨钟商业组 作者｜林远 编辑｜何苗", "林远"),
            ("作者︱林远", "林远"),
            ("撰文：王小滿", "王小滿"),
            ("晨钟新闻记者 | 林远", "林远"),
            ("每晨记者 林远    每晨编辑 何苗", "林远"),
            ("□ 本报记者 林远 通讯员 何苗", "林远|何苗"),
            ("记者林远 发自北京", "林远"),
            ("【环晨时报驻日本特约记者 林远】老城的石板路", "林远"),
            ("晨钟网北京3月2日讯（记者 林远）老城的石板路", "林远"),
            ("〔記者王小滿／台北報導〕老街上的裝訂鋪開了門", "王小滿"),
            ("記者王小滿／台北報導", "王小滿"),
            ("記者王小滿／港口報導", "王小滿"),
            ("（中央社記者王小滿台北3日電）老街上的裝訂鋪", "王小滿"),
            ("2024-03-18 12:00 聯晨報／ 記者王小滿／台北即時報導", "王小滿"),
            ("林远/晨钟青年报", "林远"),
            ("著者：山田太郎", "山田太郎"),
            ("取材・文＝山田 太郎", "山田 太郎"),
            ("(서울=새벽뉴스) 홍길동 기자 = 오래된 골목의", "홍길동"),
            ("기자명 홍길동 기자", "홍길동"),
            ("글·사진 홍길동 기자", "홍길동"),
            ("by 홍길동", "홍길동"),
        ] {
            assert_eq!(read(&[line]), wanted, "{line}");
        }
    }

    #[test]
    fn sentences_and_captions_are_not_bylines() {
        for line in [
            "图片来源：每晨记者 林远 摄",
            "▲晨钟日报全媒体图片记者林远、何苗摄",
            "记者了解到，老城的石板路三月里铺好了，铺子也都开了门，街上的人渐渐多了起来，到处是笑声。",
            "이날 기자회견에서 서점 주인이 말했다.",
            "文章很长",
        ] {
            assert_eq!(read(&[line]), "", "{line}");
        }
    }

    #[test]
    fn an_arabic_byline_is_read_with_or_without_a_colon() {
        assert_eq!(read(&["بقلم: سلمى الراوي"]), "سلمى الراوي");
        assert_eq!(read(&["بقلم سلمى الراوي"]), "سلمى الراوي");
        assert_eq!(read(&["بقلم", "سلمى الراوي"]), "سلمى الراوي");
        assert_eq!(read(&["بقلم : سلمى الراوي ١٩ مارس ٢٠٢٤"]), "سلمى الراوي");
    }

    #[test]
    fn a_name_alone_is_a_byline_beside_the_date() {
        let found = |near: &[&str]| beside_date(near, &[]).unwrap_or_default();
        assert_eq!(found(&["2024-03-18", "林小远"]), "林小远");
        assert_eq!(found(&["林小远 2024-03-18 09:26"]), "林小远");
        assert_eq!(found(&["홍길동", "2024.03.18 09:26"]), "홍길동");
        assert_eq!(found(&["2024年4月4日", "米が開いた「", "Old Paste Day", "」で"]), "");
        assert_eq!(found(&["文化", "2024-03-18"]), "");
    }

    #[test]
    fn the_end_of_an_article_can_name_its_author() {
        let pieces = ["老城的石板路还湿着。", "（作者：林远）", "责任编辑：何苗"];
        assert_eq!(anywhere(pieces.iter(), &[]).as_deref(), Some("林远"));
        assert_eq!(anywhere(["（记者 林远）"].iter(), &[]).as_deref(), Some("记者 林远"));
    }
}

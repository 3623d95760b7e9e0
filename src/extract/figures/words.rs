//! Words, in many languages, of the lines beside an image: controls, advertisements, captions.

use crate::extract::naming;
use crate::html::text;

/// The maximum weight of a control's label.
pub const CONTROL: u32 = 60;

/// How labels of an image's controls begin. Lower case, without spaces.
const CONTROLS: [&str; 61] = [
    "zoom",
    "enlarge",
    "expand",
    "fullscreen",
    "full-screen",
    "viewfullsize",
    "viewimage",
    "viewlarge",
    "viewlarger",
    "viewall",
    "viewgallery",
    "viewphoto",
    "viewfull",
    "openimage",
    "openin",
    "openlightbox",
    "openmedia",
    "seeall",
    "clickto",
    "taptoe",
    "taptov",
    "showallphotos",
    "allphotos",
    "slideshow",
    "startslideshow",
    "pinit",
    "pin",
    "save",
    "share",
    "tweet",
    "copylink",
    "download",
    "hidecaption",
    "showcaption",
    "togglecaption",
    "closegallery",
    "close",
    "previous",
    "next",
    "buyphoto",
    "vergrößern",
    "bildvergrößern",
    "vollbild",
    "agrandir",
    "pleinécran",
    "ampliar",
    "увеличить",
    "查看大图",
    "点击查看",
    "点击放大",
    "放大",
    "查看原图",
    "下载",
    "分享",
    "保存图片",
    "點擊",
    "拡大",
    "画像を拡大",
    "크게보기",
    "확대",
    "이미지크게",
];

/// Labels for screen readers, as a complete line. Lower case, without spaces.
const LABELS: [&str; 10] = [
    "image",
    "photo",
    "credit",
    "caption",
    "imagecaption",
    "mediacaption",
    "imagesource",
    "imagecredit",
    "图片",
    "画像",
];

/// Labels of advertisements, as a complete line. Lower case, without spaces.
const AD_LABELS: [&str; 28] = [
    "advertisement",
    "advertisements",
    "advertising",
    "advert",
    "ad",
    "ads",
    "sponsored",
    "sponsoredcontent",
    "promoted",
    "promotedcontent",
    "paidcontent",
    "anzeige",
    "werbung",
    "publicité",
    "publicidad",
    "publicidade",
    "pubblicità",
    "advertentie",
    "реклама",
    "reklama",
    "reklam",
    "annons",
    "广告",
    "廣告",
    "推广",
    "広告",
    "광고",
    "إعلان",
];

/// Phrases beside a QR code or an invitation to install an app. Without spaces.
const SCANS: [&str; 22] = [
    "扫一扫",
    "扫码",
    "扫描二维码",
    "扫描下方",
    "扫描上方",
    "长按识别",
    "长按二维码",
    "识别二维码",
    "關注我們",
    "关注我们",
    "掃描",
    "掃碼",
    "打开客户端",
    "下载客户端",
    "打开app",
    "下载app",
    "下載app",
    "アプリをダウンロード",
    "scantheqr",
    "scanqr",
    "downloadtheapp",
    "getourapp",
];

/// Words in class names of captions and credits.
const CAPTION_NAMES: [&str; 24] = [
    "caption",
    "captions",
    "captiontext",
    "figcaption",
    "credit",
    "credits",
    "legend",
    "thumbcaption",
    "cutline",
    "attribution",
    "copyright",
    "imgdesc",
    "picdesc",
    "pictext",
    "picnote",
    "picinfo",
    "subline",
    "photographer",
    "bildunterschrift",
    "legende",
    "leyenda",
    "didascalia",
    "copyrightholder",
    "wpcaptiontext",
];

/// Returns true for the label of a control: a word to enlarge, share or page through images, a counter (`1 / 5`), a file's
/// name or size.
pub fn is_control(text: &str) -> bool {
    is_control_of(text, &squeezed(text))
}

fn is_control_of(text: &str, plain: &str) -> bool {
    let counts = |text: &str| {
        let (left, right) = text.split_once(['/', '／']).or_else(|| text.split_once("of")).unwrap_or_default();
        let number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        number(left) && number(right)
    };
    counts(plain.trim_matches(['(', ')', '（', '）']))
        || is_file(text)
        || LABELS.contains(&plain)
        || CONTROLS.iter().any(|word| plain.starts_with(word))
}

/// Returns true for `turntable.jpg`, `210 KB`, `1920×1080`, or a line of these.
fn is_file(text: &str) -> bool {
    // The first word of most lines is neither a name with an ending nor a size.
    let first = text.split_whitespace().next().unwrap_or_default();
    if first.is_ascii()
        && !first.contains('.')
        && first.bytes().any(|byte| !is_of_size(char::from(byte.to_ascii_lowercase())))
    {
        return false;
    }
    let plain = text::collapse(text).to_lowercase();
    let end_of_name =
        [".jpg", ".jpeg", ".png", ".webp", ".gif"].iter().find_map(|end| Some(plain.find(end)? + end.len()));
    let (name, rest) = plain.split_at(end_of_name.unwrap_or(0));
    let is_size = |word: &str| word.chars().all(is_of_size);
    let measured = rest.contains(['×', 'x']) || rest.contains("kb") || rest.contains("mb");
    !name.contains(' ') && (measured || !name.is_empty()) && rest.split_ascii_whitespace().all(is_size)
}

/// Returns true for the characters of sizes.
fn is_of_size(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | ',' | '×' | 'x' | '(' | ')' | 'b' | 'k' | 'm' | 'p')
}

/// The kind of a line beside an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NearbyText {
    /// The label of an advertisement.
    AdLabel,
    /// An invitation to scan a code or to install an app.
    Scan,
    /// The label of a control.
    Control,
    /// Anything else.
    Text,
}

/// Returns the kind of a line of this weight beside an image.
pub fn nearby_text(text: &str, weight: u32) -> NearbyText {
    let plain = squeezed(text);
    if is_ad_label(&plain) {
        return NearbyText::AdLabel;
    }
    if SCANS.iter().any(|word| plain.contains(word)) {
        return NearbyText::Scan;
    }
    if weight <= CONTROL && is_control_of(text, &plain) { NearbyText::Control } else { NearbyText::Text }
}

fn is_ad_label(plain: &str) -> bool {
    AD_LABELS.contains(&plain.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// Returns true for a class, id or property that names a caption or a credit.
pub fn names_caption(value: &str) -> bool {
    value.split_ascii_whitespace().take(24).any(|name| {
        let words = naming::words(name);
        let joined = words.concat();
        CAPTION_NAMES.contains(&joined.as_str()) || words.iter().any(|word| CAPTION_NAMES.contains(&word.as_str()))
    })
}

fn squeezed(text: &str) -> String {
    if text.is_ascii() {
        let letters = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != 0x0b);
        return letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    }
    let collapsed = text::collapse(text);
    collapsed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_captions_are_distinguished() {
        for label in [
            "1 / 5",
            "(3 of 12)",
            "Zoom",
            "View all 12 photos",
            "Pin it",
            "查看大图",
            "turntable.jpg",
            "1920×1080 210 KB",
        ] {
            assert!(is_control(label), "{label}");
        }
        for caption in
            ["Harbour Press", "图源：茶山摄影社", "The 5th of May", "Oven door, seen from below", "Photo: A. Moor"]
        {
            assert!(!is_control(caption), "{caption}");
        }
    }

    #[test]
    fn a_label_of_an_advertisement_is_a_complete_line() {
        assert_eq!(
            (nearby_text("— Advertisement —", 13), nearby_text("广告", 6)),
            (NearbyText::AdLabel, NearbyText::AdLabel)
        );
        assert_eq!(nearby_text("Advertisement for a shop that closed in 1911", 37), NearbyText::Text);
    }
}

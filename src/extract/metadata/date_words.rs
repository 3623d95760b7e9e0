//! Lines with a date: their lengths, and the words that say what the date means.

/// A line of at most this length, in characters, is hardly more than its date.
pub const BARE: usize = 32;

/// A longer piece of text, in characters, is not a header line.
pub const SHORT: usize = 80;

/// Words beside a date of a change, in lower case.
pub const OF_CHANGE: &[&str] = &[
    "updated",
    "update:",
    "modified",
    "last reviewed",
    "revised",
    "last edited",
    "aktualisiert",
    "zuletzt geändert",
    "stand:",
    "mis à jour",
    "mise à jour",
    "modifié",
    "actualizado",
    "actualización",
    "atualizado",
    "aggiornato",
    "aggiornamento",
    "обновлено",
    "изменено",
    "更新",
    "修改",
    "編集日",
    "최종수정",
    "수정",
    "تحديث",
];

/// Words beside a date of publication, even where one of [`OF_CHANGE`] stands there too.
pub const OF_PUBLICATION: &[&str] = &[
    "published",
    "publish date",
    "posted",
    "created",
    "veröffentlicht",
    "erschienen",
    "erstellt",
    "publié",
    "publicado",
    "pubblicato",
    "опубликовано",
    "发布",
    "發布",
    "发表",
    "發表",
    "公開",
    "掲載",
    "入力",
    "입력",
    "등록",
    "نشر",
];

/// Words beside a date of something other than the page.
const OF_SOMETHING_ELSE: &[&str] = &[
    "released",
    "release date",
    "publication date",
    "reviewed in",
    "verified",
    "founded",
    "established",
    "copyright",
    "©",
    "deadline",
    "expires",
    "join date",
    "joined",
    "registered",
    "sale ends",
    "availability",
    "hardcover",
    "paperback",
    "member since",
    "valid until",
    "发售",
    "發售",
    "発売",
    "上市时间",
    "有效期",
    "截止",
    "報名",
    "报名",
    "注册时间",
    "注冊時間",
    "exported",
    "导出",
    "匯出",
    "エクスポート",
    "출시",
    "마감",
    "가입",
];

/// Words beside the date on which the page was exported.
const OF_EXPORT: &[&str] =
    &["exported", "导出", "匯出", "エクスポート", "내보낸", "exporté", "exportiert", "exportado"];

/// Beginnings of a line above a quoted message, in lower case.
pub const QUOTE_BEGINS: &[&str] = &[
    "on ", "am ", "le ", "el ", "il ", "op ", "den ", "em ", "w dniu ", "> on ", "> am ", "> le ", "在 ", "于 ", "於 ",
];

/// Words of a line above a quoted message, in lower case.
const OF_QUOTE: &[&str] = &[
    " wrote:",
    "wrote :",
    " schrieb",
    " a écrit",
    " escribió",
    " ha scritto",
    " schreef",
    " skrev",
    " escreveu",
    " napisał",
    "写道",
    "寫道",
    "書きました",
    "님이 작성",
    "original message",
    "原始邮件",
    "原始郵件",
];

/// Returns true for a text that holds one of these words.
pub fn says(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// Returns true for text that calls a date that of publication.
pub fn is_of_publication(text: &str) -> bool {
    says(text, OF_PUBLICATION)
}

/// Returns true for text that calls a date that of a change, and of nothing earlier.
pub fn is_of_change(text: &str) -> bool {
    says(text, OF_CHANGE) && !is_of_publication(text)
}

/// Returns true for text that calls a date that of something other than the page.
pub fn is_of_something_else(text: &str) -> bool {
    says(text, OF_SOMETHING_ELSE)
}

/// Returns true for text about an export.
pub fn is_of_export(text: &str) -> bool {
    says(text, OF_EXPORT)
}

/// Returns true for a line above a quoted message.
pub fn is_of_quote(text: &str) -> bool {
    says(text, OF_QUOTE)
}

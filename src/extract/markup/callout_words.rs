//! Words for callouts in classes and labels, and the kinds they stand for.

/// A callout's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something useful to know.
    Note,
    /// Something that makes a task easier.
    Tip,
    /// Something essential.
    Important,
    /// Something that can go wrong.
    Warning,
    /// Something that can do damage.
    Caution,
}

impl Kind {
    /// Returns the kind's name in the article's tree.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Tip => "tip",
            Self::Important => "important",
            Self::Warning => "warning",
            Self::Caution => "caution",
        }
    }

    /// Returns the label of a callout that has none on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Note => "Note",
            Self::Tip => "Tip",
            Self::Important => "Important",
            Self::Warning => "Warning",
            Self::Caution => "Caution",
        }
    }
}

/// Words in classes, in lower case.
const WORDS: [(&str, Kind); 42] = [
    ("note", Kind::Note),
    ("notes", Kind::Note),
    ("info", Kind::Note),
    ("information", Kind::Note),
    ("abstract", Kind::Note),
    ("tldr", Kind::Note),
    ("todo", Kind::Note),
    ("question", Kind::Note),
    ("help", Kind::Note),
    ("faq", Kind::Note),
    ("example", Kind::Note),
    ("seealso", Kind::Note),
    ("memo", Kind::Note),
    ("primary", Kind::Note),
    ("secondary", Kind::Note),
    ("message", Kind::Note),
    ("notice", Kind::Note),
    ("remark", Kind::Note),
    ("quote", Kind::Note),
    ("tip", Kind::Tip),
    ("tips", Kind::Tip),
    ("hint", Kind::Tip),
    ("success", Kind::Tip),
    ("check", Kind::Tip),
    ("done", Kind::Tip),
    ("idea", Kind::Tip),
    ("advice", Kind::Tip),
    ("important", Kind::Important),
    ("attention", Kind::Important),
    ("warning", Kind::Warning),
    ("warn", Kind::Warning),
    ("warnings", Kind::Warning),
    ("careful", Kind::Warning),
    ("caution", Kind::Caution),
    ("danger", Kind::Caution),
    ("error", Kind::Caution),
    ("failure", Kind::Caution),
    ("fail", Kind::Caution),
    ("critical", Kind::Caution),
    ("bug", Kind::Caution),
    ("severe", Kind::Caution),
    ("alert", Kind::Caution),
];

/// Labels, in lower case.
#[rustfmt::skip]
const LABELS: [(Kind, &[&str]); 5] = [
    (Kind::Note, &[
        "note", "notes", "info", "information", "notice", "abstract", "summary", "注", "注記", "注记", "备注", "備註",
        "说明", "說明", "信息", "資訊", "补充", "補充", "笔记", "ノート", "メモ", "補足", "情報", "参考", "참고", "노트", "메모", "정보",
        "hinweis", "hinweise", "notiz", "anmerkung", "remarque", "à noter", "nota", "notas", "observação",
        "observación", "información", "informação", "informazioni", "примечание", "заметка", "информация",
        "opmerking", "uwaga", "poznámka", "not", "bilgi", "ghi chú", "lưu ý", "catatan", "bemærk", "merk",
        "obs", "huomautus", "σημείωση", "ملاحظة", "הערה", "หมายเหตุ", "नोट",
    ]),
    (Kind::Tip, &[
        "tip", "tips", "hint", "hints", "pro tip", "提示", "小提示", "小贴士", "小技巧", "技巧", "建议", "建議", "贴士", "ヒント",
        "コツ", "ポイント", "팁", "도움말", "tipp", "tipps", "astuce", "conseil", "consejo", "sugerencia", "dica",
        "suggerimento", "consiglio", "совет", "подсказка", "wskazówka", "porada", "vinkki", "ipucu", "mẹo",
        "نصيحة", "טיפ",
    ]),
    (Kind::Important, &[
        "important", "重要", "重要提示", "重要事项", "重要なお知らせ", "중요", "wichtig", "importante", "важно", "belangrijk",
        "ważne", "viktigt", "vigtigt", "tärkeää", "önemli", "quan trọng", "penting", "هام", "חשוב",
    ]),
    (Kind::Warning, &[
        "warning", "warnings", "attention", "警告", "注意", "注意事项", "注意事項", "注意点", "警示", "경고", "주의", "warnung",
        "achtung", "avertissement", "mise en garde", "advertencia", "aviso", "atención", "atenção", "avviso",
        "attenzione", "avvertenza", "внимание", "предупреждение", "waarschuwing", "let op", "ostrzeżenie",
        "varning", "advarsel", "varoitus", "uyarı", "cảnh báo", "peringatan", "تحذير", "אזהרה", "คำเตือน",
        "चेतावनी",
    ]),
    (Kind::Caution, &[
        "caution", "danger", "小心", "危险", "危險", "危険", "위험", "vorsicht", "gefahr", "prudence", "peligro",
        "precaución", "perigo", "cuidado", "pericolo", "осторожно", "опасно", "опасность", "voorzichtig",
        "gevaar", "niebezpieczeństwo", "fara", "fare", "vaara", "tehlike", "nguy hiểm", "bahaya", "خطر", "סכנה",
    ]),
];

/// Returns the kind for a word of a class, in lower case; None for other words.
pub fn kind_of_word(word: &str) -> Option<Kind> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
}

/// Returns the kind for a label; None for a label with other text.
pub fn kind_of_label(label: &str) -> Option<Kind> {
    // No known label is longer.
    if label.is_empty() || label.len() > 60 {
        return None;
    }
    let label = label.trim_end_matches(['!', '！', '.']).to_lowercase();
    LABELS.iter().find(|(_, labels)| labels.contains(&label.as_str())).map(|(kind, _)| *kind)
}

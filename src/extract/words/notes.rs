//! Words of footnotes, by language. Lower case.

/// The words of one language.
pub struct NoteWords {
    /// Headings above footnotes.
    pub titles: &'static [&'static str],
    /// Labels of links from a footnote back to the text.
    pub back: &'static [&'static str],
    /// Words before the number of a mark, longer ones first.
    pub before_number: &'static [&'static str],
}

/// Every language with words of its own, by its BCP 47 tag.
pub static ALL: [(&str, NoteWords); 13] = [
    (
        "en",
        NoteWords {
            titles: &[
                "notes",
                "note",
                "footnotes",
                "footnote",
                "endnotes",
                "endnote",
                "end notes",
                "foot notes",
                "reference",
                "references",
                "citations",
                "notes and references",
                "references and notes",
                "notes & references",
                "notes and citations",
                "sources",
                "bibliography",
                "works cited",
                "literature cited",
                "literature",
                "references cited",
            ],
            back: &["back", "return", "up", "jump up", "go back", "back to text", "return to text"],
            before_number: &["footnote", "endnote", "note", "fn", "nb", "n"],
        },
    ),
    (
        "zh",
        NoteWords {
            titles: &[
                "注释",
                "註釋",
                "注解",
                "註解",
                "脚注",
                "腳註",
                "腳注",
                "注",
                "註",
                "尾注",
                "附注",
                "附註",
                "参考文献",
                "參考文獻",
                "参考",
                "參考",
                "参考资料",
                "參考資料",
                "引用",
                "引用文献",
                "参考来源",
                "引用来源",
                "资料来源",
                "資料來源",
                "文献",
                "备注",
                "備註",
                "注释与参考文献",
            ],
            back: &["返回", "返回正文", "回到正文"],
            before_number: &["注释", "註釋", "注解", "脚注", "腳註", "注", "註"],
        },
    ),
    (
        "ja",
        NoteWords {
            titles: &["注記", "脚註", "註記", "出典", "参照", "注釈"],
            back: &["戻る", "本文に戻る"],
            before_number: &["脚註"],
        },
    ),
    (
        "ko",
        NoteWords {
            titles: &["각주", "주석", "주", "참고문헌", "참고 문헌", "출처", "미주"],
            back: &[],
            before_number: &["각주", "주"],
        },
    ),
    (
        "de",
        NoteWords {
            titles: &[
                "anmerkungen",
                "anmerkung",
                "fußnoten",
                "fussnoten",
                "fußnote",
                "einzelnachweise",
                "quellen",
                "literatur",
                "endnoten",
                "literaturverzeichnis",
            ],
            back: &["zurück"],
            before_number: &["anm.", "anm"],
        },
    ),
    ("fr", NoteWords { titles: &["notes de bas de page", "références"], back: &["retour"], before_number: &[] }),
    (
        "es",
        NoteWords {
            titles: &["notas", "notas al pie", "referencias", "bibliografía"],
            back: &[],
            before_number: &["nota"],
        },
    ),
    ("pt", NoteWords { titles: &["notas", "referências", "notas de rodapé"], back: &[], before_number: &["nota"] }),
    ("it", NoteWords { titles: &["riferimenti", "bibliografia"], back: &[], before_number: &["nota"] }),
    ("nl", NoteWords { titles: &["noten"], back: &[], before_number: &[] }),
    (
        "ru",
        NoteWords {
            titles: &["примечания", "сноски", "литература", "источники"], back: &[], before_number: &[]
        },
    ),
    ("pl", NoteWords { titles: &["przypisy"], back: &[], before_number: &[] }),
    ("sv", NoteWords { titles: &["fotnoter"], back: &[], before_number: &[] }),
];

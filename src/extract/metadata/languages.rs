//! Words of dates and bylines, by language: one row for each language, so that a gap shows.
//!
//! Chinese, Japanese and Korean dates have no month names; [`super::dates`] reads their numbers and units.

/// The words of one language.
pub struct Language {
    /// Month names and abbreviations without a full stop, in lower case, January first; empty where none is known.
    pub months: [&'static [&'static str]; 12],
    /// Labels before the author's name, with a separator between.
    pub byline_labels: &'static [&'static str],
}

/// Every language with words of its own, by its BCP 47 tag.
pub static ALL: [(&str, &Language); 14] = [
    ("en", &ENGLISH),
    ("de", &GERMAN),
    ("fr", &FRENCH),
    ("es", &SPANISH),
    ("it", &ITALIAN),
    ("pt", &PORTUGUESE),
    ("nl", &DUTCH),
    ("ru", &RUSSIAN),
    ("pl", &POLISH),
    ("tr", &TURKISH),
    ("ar", &ARABIC),
    ("zh", &CHINESE),
    ("ja", &JAPANESE),
    ("ko", &KOREAN),
];

/// Returns the month, from 1, that a word names in any language; None for any other word. `word` is in lower case and
/// without a full stop.
pub fn month(word: &str) -> Option<i8> {
    let mut all = ALL.iter().flat_map(|(_, language)| (1..).zip(&language.months));
    all.find(|(_, names)| names.contains(&word)).map(|(month, _)| month)
}

/// Returns true for a month name or abbreviation in English; `word` is in lower case and without a full stop.
pub fn is_english_month(word: &str) -> bool {
    ENGLISH.months.iter().any(|names| names.contains(&word))
}

/// Returns the byline labels of every language.
pub fn byline_labels() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|(_, language)| language.byline_labels).copied()
}

const ENGLISH: Language = Language {
    months: [
        &["january", "jan"],
        &["february", "feb"],
        &["march", "mar"],
        &["april", "apr"],
        &["may"],
        &["june", "jun"],
        &["july", "jul"],
        &["august", "aug"],
        &["september", "sep", "sept"],
        &["october", "oct"],
        &["november", "nov"],
        &["december", "dec"],
    ],
    byline_labels: &["Author", "Written by", "Words"],
};

const GERMAN: Language = Language {
    months: [
        &["januar", "jan", "jänner"],
        &["februar", "feb"],
        &["märz", "mrz"],
        &["april", "apr"],
        &["mai"],
        &["juni", "jun"],
        &["juli", "jul"],
        &["august", "aug"],
        &["september", "sep", "sept"],
        &["oktober", "okt"],
        &["november", "nov"],
        &["dezember", "dez"],
    ],
    byline_labels: &["Autor", "Autorin", "Text"],
};

const FRENCH: Language = Language {
    months: [
        &["janvier", "janv"],
        &["février", "févr", "fevrier"],
        &["mars"],
        &["avril", "avr"],
        &["mai"],
        &["juin"],
        &["juillet", "juil"],
        &["août", "aout"],
        &["septembre", "sept"],
        &["octobre", "oct"],
        &["novembre", "nov"],
        &["décembre", "déc", "decembre"],
    ],
    byline_labels: &["Auteur"],
};

const SPANISH: Language = Language {
    months: [
        &["enero", "ene"],
        &["febrero", "feb"],
        &["marzo", "mar"],
        &["abril", "abr"],
        &["mayo", "may"],
        &["junio", "jun"],
        &["julio", "jul"],
        &["agosto", "ago"],
        &["septiembre", "sep", "sept"],
        &["octubre", "oct"],
        &["noviembre", "nov"],
        &["diciembre", "dic"],
    ],
    byline_labels: &["Autor", "Autora"],
};

const ITALIAN: Language = Language {
    months: [
        &["gennaio", "gen"],
        &["febbraio", "feb"],
        &["marzo", "mar"],
        &["aprile", "apr"],
        &["maggio", "mag"],
        &["giugno", "giu"],
        &["luglio", "lug"],
        &["agosto", "ago"],
        &["settembre", "set"],
        &["ottobre", "ott"],
        &["novembre", "nov"],
        &["dicembre", "dic"],
    ],
    byline_labels: &[],
};

const PORTUGUESE: Language = Language {
    months: [
        &["janeiro", "jan"],
        &["fevereiro", "fev"],
        &["março", "mar"],
        &["abril", "abr"],
        &["maio", "mai"],
        &["junho", "jun"],
        &["julho", "jul"],
        &["agosto", "ago"],
        &["setembro", "set"],
        &["outubro", "out"],
        &["novembro", "nov"],
        &["dezembro", "dez"],
    ],
    byline_labels: &["Autor", "Autora"],
};

const DUTCH: Language = Language {
    months: [
        &["januari", "jan"],
        &["februari", "feb"],
        &["maart", "mrt"],
        &["april", "apr"],
        &["mei"],
        &["juni", "jun"],
        &["juli", "jul"],
        &["augustus", "aug"],
        &["september", "sep", "sept"],
        &["oktober", "okt"],
        &["november", "nov"],
        &["december", "dec"],
    ],
    byline_labels: &["Auteur"],
};

const RUSSIAN: Language = Language {
    months: [
        &["января", "янв"],
        &["февраля", "фев"],
        &["марта", "мар"],
        &["апреля", "апр"],
        &["мая", "май"],
        &["июня", "июн"],
        &["июля", "июл"],
        &["августа", "авг"],
        &["сентября", "сен"],
        &["октября", "окт"],
        &["ноября", "ноя"],
        &["декабря"],
    ],
    byline_labels: &["Автор", "Текст"],
};

const POLISH: Language = Language {
    months: [
        &["stycznia"],
        &["lutego"],
        &["marca"],
        &["kwietnia"],
        &["maja"],
        &["czerwca"],
        &["lipca"],
        &["sierpnia"],
        &["września"],
        &["października"],
        &["listopada"],
        &[],
    ],
    byline_labels: &["Autor"],
};

const TURKISH: Language = Language {
    months: [
        &["ocak"],
        &["şubat"],
        &["mart"],
        &["nisan"],
        &["mayıs"],
        &["haziran"],
        &["temmuz"],
        &["ağustos"],
        &["eylül"],
        &["ekim"],
        &["kasım"],
        &["aralık"],
    ],
    byline_labels: &[],
};

const ARABIC: Language = Language {
    months: [
        &["يناير"],
        &["فبراير", "شباط"],
        &["مارس", "آذار"],
        &["أبريل", "إبريل", "نيسان"],
        &["مايو", "أيار"],
        &["يونيو", "حزيران"],
        &["يوليو", "تموز"],
        &["أغسطس", "آب"],
        &["سبتمبر", "أيلول"],
        &["أكتوبر"],
        &["نوفمبر"],
        &["ديسمبر"],
    ],
    byline_labels: &["بقلم", "كتب", "كتبت", "الكاتب"],
};

const CHINESE: Language = Language {
    months: [&[]; 12],
    byline_labels: &["作者", "原创作者", "撰文", "文字", "图文", "圖文", "撰稿", "采写", "採訪", "采访", "文"],
};

const JAPANESE: Language = Language {
    months: [&[]; 12],
    byline_labels: &["文", "取材・文", "取材", "執筆", "執筆者", "著者", "筆者", "ライター"],
};

const KOREAN: Language = Language { months: [&[]; 12], byline_labels: &["글쓴이", "작성자", "기자명", "글"] };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_complete_word() {
        assert_eq!(
            (month("juni"), month("déc"), month("сентября"), month("marche")),
            (Some(6), Some(12), Some(9), None)
        );
    }

    #[test]
    fn a_word_names_the_same_month_in_every_language() {
        for (tag, language) in ALL {
            for (number, names) in (1..).zip(&language.months) {
                for name in *names {
                    assert_eq!(month(name), Some(number), "{tag}: {name}");
                }
            }
        }
    }

    #[test]
    fn languages_with_month_names_have_all_twelve_but_for_known_gaps() {
        let mut gaps = Vec::new();
        for (tag, language) in ALL.iter().filter(|(_, language)| language.months.iter().any(|names| !names.is_empty()))
        {
            let missing = (1..).zip(&language.months).filter(|(_, names)| names.is_empty());
            gaps.extend(missing.map(|(month, _): (i8, _)| (*tag, month)));
        }
        assert_eq!(gaps, [("pl", 12)]);
    }
}

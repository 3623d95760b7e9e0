//! Labels of links between the pages of an article, by language. Lower case, letters only.

/// The words of one language.
pub struct PagingWords {
    /// Labels of the link to the next page.
    pub next: &'static [&'static str],
    /// Labels of the link to the previous page.
    pub previous: &'static [&'static str],
    /// Labels of the link to the whole text, or to the rest of it, on one page.
    pub whole: &'static [&'static str],
    /// Words around the number of a page.
    pub page: &'static [&'static str],
}

/// Every language with words of its own, by its BCP 47 tag.
pub static ALL: [(&str, PagingWords); 21] = [
    (
        "zh",
        PagingWords {
            next: &[
                "下一页",
                "下一頁",
                "下页",
                "下頁",
                "后一页",
                "後一頁",
                "下一页阅读",
                "阅读下一页",
                "查看下一页",
                "点击下一页",
                "下一页继续阅读",
                "继续阅读",
                "繼續閱讀",
            ],
            previous: &["上一页", "上一頁", "上页", "上頁", "前一页", "前一頁"],
            whole: &["余下全文", "餘下全文", "阅读余下全文", "阅读全文", "查看余下全文", "展开全文", "全文阅读"],
            page: &["第页", "第頁", "页", "頁"],
        },
    ),
    (
        "ja",
        PagingWords {
            next: &["次のページ", "次ページ", "次のページへ", "次頁", "次へ", "次", "続きを読む"],
            previous: &["前のページ", "前ページ", "前のページへ", "前へ"],
            whole: &[],
            page: &["第ページ", "ページ", "ページ目"],
        },
    ),
    (
        "ko",
        PagingWords {
            next: &["다음", "다음페이지", "다음쪽"],
            previous: &["이전", "이전페이지"],
            whole: &[],
            page: &["쪽", "페이지"],
        },
    ),
    (
        "en",
        PagingWords {
            next: &[
                "next",
                "nextpage",
                "continue",
                "continued",
                "continuereading",
                "continuetonextpage",
                "gotonextpage",
                "viewnextpage",
                "keepreading",
                "readon",
            ],
            previous: &["previous", "prev", "previouspage", "back"],
            whole: &[],
            page: &["page", "p", "gotopage"],
        },
    ),
    (
        "de",
        PagingWords {
            next: &["weiter", "nächste", "nächsteseite", "weiterlesen"],
            previous: &["zurück", "vorherige", "vorherigeseite"],
            whole: &[],
            page: &["seite"],
        },
    ),
    (
        "fr",
        PagingWords {
            next: &["suivant", "suivante", "pagesuivante", "lasuite"],
            previous: &["précédent", "précédente", "pageprécédente"],
            whole: &[],
            page: &["page"],
        },
    ),
    (
        "es",
        PagingWords {
            next: &["siguiente", "páginasiguiente", "siguientepágina", "próxima", "próximapágina"],
            previous: &["anterior", "páginaanterior"],
            whole: &[],
            page: &["página"],
        },
    ),
    (
        "pt",
        PagingWords {
            next: &["próxima", "próximapágina", "páginaseguinte", "seguinte"],
            previous: &["anterior", "páginaanterior"],
            whole: &[],
            page: &["página"],
        },
    ),
    (
        "it",
        PagingWords {
            next: &["successiva", "paginasuccessiva", "paginaseguente", "avanti"],
            previous: &["precedente", "paginaprecedente"],
            whole: &[],
            page: &["pagina"],
        },
    ),
    (
        "nl",
        PagingWords {
            next: &["volgende", "volgendepagina"],
            previous: &["vorige", "vorigepagina"],
            whole: &[],
            page: &["pagina"],
        },
    ),
    (
        "ru",
        PagingWords {
            next: &["следующая", "следующаястраница", "далее", "вперед", "вперёд"],
            previous: &["предыдущая", "предыдущаястраница", "назад"],
            whole: &[],
            page: &["страница"],
        },
    ),
    (
        "pl",
        PagingWords {
            next: &["następna", "następnastrona", "dalej"],
            previous: &["poprzednia", "poprzedniastrona"],
            whole: &[],
            page: &["strona"],
        },
    ),
    (
        "cs",
        PagingWords {
            next: &["další", "dalšístránka"], previous: &["předchozí"], whole: &[], page: &["stránka"]
        },
    ),
    ("sv", PagingWords { next: &["nästa", "nästasida"], previous: &["föregående"], whole: &[], page: &["sida"] }),
    ("da", PagingWords { next: &["næste", "næsteside"], previous: &["forrige"], whole: &[], page: &["side"] }),
    ("nb", PagingWords { next: &["neste", "nesteside"], previous: &["forrige"], whole: &[], page: &["side"] }),
    ("fi", PagingWords { next: &["seuraava"], previous: &["edellinen"], whole: &[], page: &["sivu"] }),
    ("tr", PagingWords { next: &["sonraki", "sonrakisayfa"], previous: &["önceki"], whole: &[], page: &["sayfa"] }),
    ("vi", PagingWords { next: &["trangsau", "tiếptheo"], previous: &["trangtrước"], whole: &[], page: &["trang"] }),
    ("ar", PagingWords { next: &["التالي"], previous: &["السابق"], whole: &[], page: &[] }),
    ("he", PagingWords { next: &["הבא"], previous: &["הקודם"], whole: &[], page: &[] }),
];

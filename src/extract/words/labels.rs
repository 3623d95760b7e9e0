//! Words of labels above lists of links, by language: one row for each language, so that a gap shows.
//!
//! Lower case, letters and digits only. A label begins with one of them. Chinese words serve Japanese where the characters
//! are the same.

/// The words of one language.
pub struct LabelWords {
    /// Labels of sources, and of an encyclopedia's cross-references.
    pub sources: &'static [&'static str],
    /// Labels of further reading that sites also put between the paragraphs of an article.
    pub further: &'static [&'static str],
    /// Labels of further reading that stand only above a section.
    pub further_sections: &'static [&'static str],
    /// Labels of the site's other articles that also stand between paragraphs.
    pub related: &'static [&'static str],
    /// Labels of the site's other articles that stand only above a section.
    pub related_sections: &'static [&'static str],
}

/// Every language with words of its own, by its BCP 47 tag.
pub static ALL: [(&str, LabelWords); 15] = [
    (
        "en",
        LabelWords {
            sources: &[
                "source",
                "reference",
                "bibliograph",
                "workscited",
                "citation",
                "literature",
                "footnotes",
                "endnotes",
                "seealso",
                "externallinks",
            ],
            further: &[],
            further_sections: &[
                "furtherread",
                "furtherresource",
                "morereading",
                "additionalreading",
                "additionalresources",
                "recommendedreading",
                "suggestedreading",
                "readinglist",
                "learnmore",
                "resources",
                "usefullinks",
                "relatedlinks",
                "links",
            ],
            related: &["readmore", "readalso", "alsoread", "relatedarticle", "relatedstor"],
            related_sections: &[
                "readnext",
                "relatedpost",
                "relatednews",
                "relatedcontent",
                "relatedreading",
                "youmayalso",
                "youmightalso",
                "morefrom",
                "moreon",
                "morestories",
            ],
        },
    ),
    (
        "de",
        LabelWords {
            sources: &["quelle", "einzelnachweise", "literatur", "belege", "sieheauch", "weblinks"],
            further: &[],
            further_sections: &["weiterführende", "zumweiterlesen"],
            related: &["lesenauch", "auchinteressant"],
            related_sections: &["mehrzum"],
        },
    ),
    (
        "fr",
        LabelWords {
            sources: &["références", "voiraussi", "liensexternes"],
            further: &[],
            further_sections: &["pourallerplusloin", "pourensavoirplus"],
            related: &["àlireaussi"],
            related_sections: &["lireaussi"],
        },
    ),
    (
        "es",
        LabelWords {
            sources: &["fuentes", "referencias", "bibliografía", "véasetambién", "enlacesexternos"],
            further: &[],
            further_sections: &["lecturas", "paraleer"],
            related: &[],
            related_sections: &[],
        },
    ),
    (
        "it",
        LabelWords {
            sources: &["fonti", "riferimenti", "bibliografia", "vocicorrelate", "collegamentiesterni"],
            further: &[],
            further_sections: &["perapprofondire"],
            related: &[],
            related_sections: &["leggianche"],
        },
    ),
    (
        "pt",
        LabelWords {
            sources: &["fontes", "referências", "vertambém"],
            further: &[],
            further_sections: &[],
            related: &[],
            related_sections: &[],
        },
    ),
    (
        "nl",
        LabelWords {
            sources: &["bronnen", "zieook"],
            further: &[],
            further_sections: &[],
            related: &[],
            related_sections: &[],
        },
    ),
    (
        "da",
        LabelWords { sources: &["kilder"], further: &[], further_sections: &[], related: &[], related_sections: &[] },
    ),
    (
        "sv",
        LabelWords { sources: &["källor"], further: &[], further_sections: &[], related: &[], related_sections: &[] },
    ),
    (
        "fi",
        LabelWords { sources: &["lähteet"], further: &[], further_sections: &[], related: &[], related_sections: &[] },
    ),
    (
        "pl",
        LabelWords {
            sources: &["źródła", "literatura"],
            further: &[],
            further_sections: &[],
            related: &[],
            related_sections: &[],
        },
    ),
    (
        "ru",
        LabelWords {
            sources: &["источник", "литература", "примечания", "ссылки"],
            further: &[],
            further_sections: &[],
            related: &[],
            related_sections: &[],
        },
    ),
    (
        "zh",
        LabelWords {
            sources: &[
                "参考",
                "參考",
                "资料来源",
                "資料來源",
                "引用",
                "来源",
                "來源",
                "出处",
                "出處",
                "脚注",
                "注释",
                "註釋",
                "文献",
                "文獻",
                "参见",
                "參見",
                "相关条目",
                "相關條目",
                "外部链接",
                "外部連結",
            ],
            further: &["延伸阅读", "延伸閱讀", "拓展阅读", "扩展阅读", "深度阅读", "相关链接", "相關連結"],
            further_sections: &["相关资料", "相關資料"],
            related: &[
                "相关阅读",
                "相關閱讀",
                "推荐阅读",
                "推薦閱讀",
                "更多阅读",
                "相关新闻",
                "相關新聞",
                "相关报道",
                "相關報導",
                "相关文章",
                "相關文章",
                "推荐文章",
                "推薦文章",
                "推荐视频",
                "精彩推荐",
                "精彩视频",
                "此前报道",
                "此前報道",
                "往期回顾",
                "往期推荐",
                "猜你喜欢",
                "更多精彩",
                "点击阅读",
            ],
            related_sections: &["延伸推荐"],
        },
    ),
    (
        "ja",
        LabelWords {
            sources: &["出典", "外部リンク", "関連項目"],
            further: &["関連リンク"],
            further_sections: &["さらに詳しく"],
            related: &[
                "関連記事",
                "関連ニュース",
                "あわせて読みたい",
                "合わせて読みたい",
                "こちらもおすすめ",
                "おすすめ記事",
            ],
            related_sections: &[],
        },
    ),
    (
        "ko",
        LabelWords {
            sources: &["참고", "출처"],
            further: &[],
            further_sections: &["더읽을거리"],
            related: &["관련기사", "관련뉴스", "함께볼만한"],
            related_sections: &[],
        },
    ),
];

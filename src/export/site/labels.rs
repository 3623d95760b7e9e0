//! The words of pages that are not of the articles.

/// The words of a page in one language.
#[derive(Debug)]
pub(super) struct Labels {
    /// The language of the words.
    pub language: &'static str,
    /// The title of a site that has no other.
    pub title: &'static str,
    /// The name of the links to all lists.
    pub navigation: &'static str,
    pub home: &'static str,
    pub sources: &'static str,
    pub tags: &'static str,
    pub search: &'static str,
    pub feed: &'static str,
    pub skip: &'static str,
    pub newer: &'static str,
    pub older: &'static str,
    pub pages: &'static str,
    pub backlinks: &'static str,
    pub nothing: &'static str,
    /// What is written before an article without a source.
    pub unknown: &'static str,
    pub query: &'static str,
    pub found: &'static str,
    pub found_one: &'static str,
    pub found_none: &'static str,
    pub more: &'static str,
    pub failed: &'static str,
    pub needs_script: &'static str,
}

const ENGLISH: Labels = Labels {
    language: "en",
    title: "Articles",
    navigation: "Lists",
    home: "Newest",
    sources: "Sources",
    tags: "Tags",
    search: "Search",
    feed: "Feed",
    skip: "Skip to the content",
    newer: "Newer",
    older: "Older",
    pages: "Pages",
    backlinks: "Linked from",
    nothing: "There are no articles.",
    unknown: "Without a source",
    query: "Words to find",
    found: "{} articles",
    found_one: "1 article",
    found_none: "No article has all of these words.",
    more: "Show more",
    failed: "A file of the search index cannot be loaded.",
    needs_script: "Search needs scripts, which are turned off. The lists work without them.",
};

const SIMPLIFIED: Labels = Labels {
    language: "zh-CN",
    title: "文章",
    navigation: "列表",
    home: "最新",
    sources: "来源",
    tags: "标签",
    search: "搜索",
    feed: "订阅",
    skip: "跳到正文",
    newer: "较新",
    older: "较旧",
    pages: "分页",
    backlinks: "链接到本文的文章",
    nothing: "没有文章。",
    unknown: "来源不详",
    query: "要找的词",
    found: "{} 篇文章",
    found_one: "1 篇文章",
    found_none: "没有包含所有这些词的文章。",
    more: "显示更多",
    failed: "搜索索引的一个文件无法加载。",
    needs_script: "搜索需要脚本，而脚本已被停用。各列表不需要脚本。",
};

const TRADITIONAL: Labels = Labels {
    language: "zh-TW",
    title: "文章",
    navigation: "列表",
    home: "最新",
    sources: "來源",
    tags: "標籤",
    search: "搜尋",
    feed: "訂閱",
    skip: "跳到正文",
    newer: "較新",
    older: "較舊",
    pages: "分頁",
    backlinks: "連結到本文的文章",
    nothing: "沒有文章。",
    unknown: "來源不詳",
    query: "要找的詞",
    found: "{} 篇文章",
    found_one: "1 篇文章",
    found_none: "沒有包含所有這些詞的文章。",
    more: "顯示更多",
    failed: "搜尋索引的一個檔案無法載入。",
    needs_script: "搜尋需要指令碼，而指令碼已被停用。各列表不需要指令碼。",
};

impl Labels {
    /// Returns the words for a page in a language: English where there are none.
    pub fn of(language: &str) -> &'static Self {
        let tag = language.to_ascii_lowercase();
        let is_traditional = ["zh-tw", "zh-hk", "zh-mo", "zh-hant"].iter().any(|start| tag.starts_with(start));
        match tag.get(..2) {
            Some("zh") if is_traditional => &TRADITIONAL,
            Some("zh") => &SIMPLIFIED,
            _ => &ENGLISH,
        }
    }
}

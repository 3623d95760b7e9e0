//! Words of editors' lines, by language.

/// The words of one language.
pub struct EditorWords {
    /// Words that begin an editors' line when a separator follows.
    pub lines: &'static [&'static str],
    /// How other editors' lines begin, without a separator.
    pub starts: &'static [&'static str],
    /// Words before the names of editors, who are not authors.
    pub names: &'static [&'static str],
}

/// Every language with words of its own, by its BCP 47 tag.
pub static ALL: [(&str, EditorWords); 2] = [
    (
        "zh",
        EditorWords {
            lines: &[
                "编辑",
                "责编",
                "责任编辑",
                "执行编辑",
                "值班编辑",
                "实习编辑",
                "文字编辑",
                "新媒体编辑",
                "校对",
                "审校",
                "审核",
                "监制",
                "来源",
                "稿源",
                "原标题",
                "本文原标题",
                "編輯",
                "責編",
                "責任編輯",
                "來源",
                "原題",
            ],
            starts: &[
                "责任编辑",
                "責任編輯",
                "责编",
                "責編",
                "扫一扫",
                "扫描二维码",
                "扫描下方二维码",
                "长按二维码",
                "长按识别",
                "点击下方",
                "点击菜单栏",
            ],
            names: &["责任编辑", "責任編輯", "责编", "責編", "编辑", "編輯"],
        },
    ),
    ("ja", EditorWords { lines: &[], starts: &[], names: &["担当編集", "編集"] }),
];

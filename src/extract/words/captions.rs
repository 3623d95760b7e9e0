//! Words of captions in paragraphs of their own, by language.

/// The words of one language.
pub struct CaptionWords {
    /// How captions begin, regardless of style.
    pub starts: &'static [&'static str],
    /// How captions end, regardless of style.
    pub ends: &'static [&'static str],
}

/// Every language with words of its own, by its BCP 47 tag.
pub static ALL: [(&str, CaptionWords); 8] = [
    (
        "zh",
        CaptionWords {
            starts: &[
                "图为",
                "图：",
                "图:",
                "（图",
                "(图",
                "配图",
                "资料图",
                "資料圖",
                "圖為",
                "圖：",
                "图源",
                "圖源",
                "图片来源",
                "圖片來源",
                "图/",
                "圖/",
            ],
            ends: &["摄", "攝", "供图", "资料图", "截图", "图源网络"],
        },
    ),
    ("ja", CaptionWords { starts: &["写真："], ends: &["撮影"] }),
    ("ko", CaptionWords { starts: &["사진=", "사진:", "사진 "], ends: &[] }),
    ("en", CaptionWords { starts: &["Photo:", "Image:", "Credit:"], ends: &[] }),
    ("de", CaptionWords { starts: &["Foto:", "Bild:"], ends: &[] }),
    ("fr", CaptionWords { starts: &["Photo :"], ends: &[] }),
    ("es", CaptionWords { starts: &["Foto:"], ends: &[] }),
    ("ru", CaptionWords { starts: &["Фото:"], ends: &[] }),
];

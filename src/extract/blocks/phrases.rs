//! Words and phrases of boilerplate, in a dozen languages: the topics of a short block or a heading.
//!
//! A topic is a feature, not a rule: the model combines it with the others, and a language without words here loses
//! little.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Block;
use super::names::Plain;
use crate::extract::scan::Scan;

/// The number of topics.
pub const COUNT: usize = 16;

/// Heavier blocks are not searched.
const LONGEST: u32 = 300;

/// Words of scripts with spaces, complete and in lower case.
const WORDS: [&[&str]; COUNT] = [
    &[
        "share",
        "tweet",
        "facebook",
        "twitter",
        "whatsapp",
        "pinterest",
        "linkedin",
        "teilen",
        "partager",
        "compartir",
        "condividi",
        "delen",
        "compartilhar",
        "поделиться",
        "공유",
        "공유하기",
    ],
    &[
        "comment",
        "comments",
        "kommentar",
        "kommentare",
        "commentaire",
        "commentaires",
        "comentario",
        "comentarios",
        "comentários",
        "commenti",
        "reacties",
        "комментарии",
        "комментариев",
        "댓글",
        "답글",
    ],
    &[
        "related",
        "recommended",
        "similar",
        "trending",
        "popular",
        "latest",
        "ähnliche",
        "verwandte",
        "connexes",
        "similaires",
        "relacionados",
        "relacionadas",
        "correlati",
        "gerelateerd",
        "похожие",
        "관련",
        "관련기사",
        "추천",
    ],
    &[
        "login",
        "signin",
        "signup",
        "register",
        "sign",
        "account",
        "password",
        "anmelden",
        "registrieren",
        "connexion",
        "accedi",
        "inloggen",
        "войти",
        "регистрация",
        "로그인",
        "회원가입",
    ],
    &[
        "subscribe",
        "newsletter",
        "newsletters",
        "follow",
        "email",
        "abonnieren",
        "abonnez",
        "suscríbete",
        "iscriviti",
        "подписаться",
        "подписка",
        "구독",
    ],
    &[
        "cookie",
        "cookies",
        "privacy",
        "terms",
        "gdpr",
        "datenschutz",
        "impressum",
        "confidentialité",
        "mentions",
        "privacidad",
        "конфиденциальности",
        "개인정보처리방침",
        "이용약관",
    ],
    &[
        "copyright",
        "©",
        "rights",
        "reserved",
        "rechte",
        "vorbehalten",
        "droits",
        "réservés",
        "derechos",
        "reservados",
        "riservati",
        "защищены",
        "무단전재",
        "저작권",
    ],
    &[
        "home",
        "menu",
        "search",
        "skip",
        "back",
        "next",
        "previous",
        "close",
        "startseite",
        "suche",
        "accueil",
        "rechercher",
        "inicio",
        "buscar",
        "cerca",
        "zoeken",
        "главная",
        "поиск",
        "меню",
        "홈",
        "검색",
        "메뉴",
    ],
    &[
        "cart",
        "basket",
        "checkout",
        "wishlist",
        "quantity",
        "shipping",
        "stock",
        "price",
        "sale",
        "warenkorb",
        "versand",
        "panier",
        "livraison",
        "carrito",
        "envío",
        "carrello",
        "корзина",
        "장바구니",
        "배송",
    ],
    &[
        "editor",
        "source",
        "photo",
        "image",
        "credit",
        "getty",
        "reuters",
        "quelle",
        "foto",
        "fuente",
        "fonte",
        "источник",
        "фото",
        "기자",
        "사진",
    ],
    &[
        "more",
        "all",
        "view",
        "show",
        "load",
        "see",
        "weiterlesen",
        "mehr",
        "suite",
        "voir",
        "leer",
        "más",
        "ver",
        "leggi",
        "meer",
        "подробнее",
        "еще",
        "더보기",
        "전체보기",
    ],
    &[
        "review",
        "reviews",
        "rating",
        "ratings",
        "stars",
        "verified",
        "bewertungen",
        "avis",
        "reseñas",
        "opiniones",
        "recensioni",
        "отзывы",
        "리뷰",
        "후기",
    ],
    &[
        "description",
        "details",
        "specifications",
        "specs",
        "features",
        "overview",
        "ingredients",
        "beschreibung",
        "details",
        "caractéristiques",
        "descripción",
        "características",
        "descrizione",
        "описание",
        "характеристики",
        "상품설명",
    ],
    &[
        "ago",
        "min",
        "read",
        "posted",
        "published",
        "updated",
        "views",
        "by",
        "am",
        "pm",
        "uhr",
        "publié",
        "publicado",
        "pubblicato",
        "опубликовано",
        "입력",
        "수정",
        "조회",
    ],
    &[
        "advertisement",
        "advertising",
        "sponsored",
        "ad",
        "ads",
        "anzeige",
        "werbung",
        "publicité",
        "publicidad",
        "pubblicità",
        "реклама",
        "광고",
    ],
    &[
        "quote",
        "report",
        "thread",
        "joined",
        "posts",
        "likes",
        "like",
        "reply",
        "replies",
        "solved",
        "answer",
        "answers",
        "votes",
        "member",
        "members",
        "topic",
        "messages",
        "antworten",
        "zitieren",
        "répondre",
        "citer",
        "responder",
        "rispondi",
        "ответить",
        "цитата",
        "신고",
    ],
];

/// Phrases of scripts without spaces.
const WIDE: [(usize, &[&str]); 15] = [
    (0, &["分享", "转发", "轉發", "シェア", "ツイート"]),
    (1, &["评论", "評論", "留言", "跟帖", "网友", "コメント"]),
    (
        2,
        &[
            "相关",
            "相關",
            "推荐",
            "推薦",
            "延伸阅读",
            "延伸閱讀",
            "热点",
            "热门",
            "排行",
            "関連",
            "おすすめ",
            "人気",
            "ランキング",
        ],
    ),
    (3, &["登录", "登錄", "登入", "注册", "註冊", "ログイン", "会員登録"]),
    (
        4,
        &[
            "订阅",
            "訂閱",
            "关注",
            "關注",
            "公众号",
            "公眾號",
            "扫码",
            "扫一扫",
            "二维码",
            "购读",
            "購読",
            "フォロー",
            "客户端",
        ],
    ),
    (5, &["隐私", "隱私", "条款", "プライバシー", "利用規約", "免责", "免責"]),
    (6, &["版权", "版權", "著作権", "转载", "轉載", "备案", "ICP", "许可证", "禁じます", "無断"]),
    (
        7,
        &[
            "首页",
            "首頁",
            "搜索",
            "返回",
            "上一篇",
            "下一篇",
            "上一页",
            "下一页",
            "当前位置",
            "導航",
            "导航",
            "ホーム",
            "検索",
            "トップ",
        ],
    ),
    (8, &["购物车", "購物車", "加入", "カート", "価格", "送料", "价格"]),
    (
        9,
        &[
            "责任编辑",
            "責任編輯",
            "责编",
            "来源",
            "來源",
            "原标题",
            "编辑：",
            "作者：",
            "记者",
            "記者",
            "图片",
            "写真",
            "供图",
        ],
    ),
    (10, &["更多", "全文", "展开", "もっと", "続きを", "一覧"]),
    (11, &["评价", "評價", "评分", "レビュー", "口コミ"]),
    (12, &["描述", "规格", "規格", "详情", "詳情", "参数", "説明", "仕様", "特徴"]),
    (13, &["发布", "發布", "发表", "時間", "时间", "阅读", "浏览", "更新", "公開", "配信", "年", "月"]),
    (14, &["广告", "廣告", "広告", "赞助", "推广"]),
];

/// The phrases; built when the first page is read.
pub static PHRASES: LazyLock<Phrases> = LazyLock::new(Phrases::new);

/// The topics of all known words and phrases.
pub struct Phrases {
    words: HashMap<&'static str, u16, Plain>,
    /// The phrases of [`WIDE`] with their topics, by their first character.
    wide: HashMap<char, Vec<(&'static str, u16)>, Plain>,
}

impl Phrases {
    /// Builds the table.
    fn new() -> Self {
        let mut words = HashMap::with_capacity_and_hasher(512, Plain);
        for (topic, list) in WORDS.iter().enumerate() {
            for word in *list {
                *words.entry(*word).or_default() |= 1 << topic;
            }
        }
        let mut wide: HashMap<char, Vec<(&'static str, u16)>, Plain> = HashMap::with_hasher(Plain);
        for (topic, list) in WIDE {
            for phrase in list {
                let first = phrase.chars().next().unwrap_or_default();
                wide.entry(first).or_default().push((phrase, 1 << topic));
            }
        }
        Self { words, wide }
    }

    /// Returns the topics of a block's words, one bit each; 0 for long blocks.
    pub fn topics(&self, scan: &Scan<'_>, block: &Block) -> u16 {
        if block.text.weight > LONGEST {
            return 0;
        }
        let mut found = 0;
        let mut word = String::new();
        for entry in scan.entries[block.first..block.end].iter() {
            let Some(text) = entry.node.value().as_text() else { continue };
            for c in text.text.chars().chain([' ']) {
                if c.is_ascii_alphanumeric() {
                    word.push(c.to_ascii_lowercase());
                } else if !c.is_ascii() && c.is_alphanumeric() || c == '©' {
                    word.extend(c.to_lowercase());
                } else if !word.is_empty() {
                    found |= self.words.get(word.as_str()).copied().unwrap_or(0);
                    word.clear();
                }
            }
            if block.text.wide > 0 {
                found |= self.wide_topics(&text.text);
            }
        }
        found
    }

    /// Returns the topics of the phrases in a text.
    fn wide_topics(&self, text: &str) -> u16 {
        let mut found = 0;
        for (at, c) in text.char_indices() {
            for (phrase, topic) in self.wide.get(&c).into_iter().flatten() {
                found |= if text[at..].starts_with(phrase) { *topic } else { 0 };
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_anywhere_in_a_text() {
        let bit = |topic: usize| 1u16 << topic;
        assert_eq!(PHRASES.wide_topics("京ICP备案"), bit(6));
        assert_eq!(PHRASES.wide_topics("点击分享到朋友圈，查看更多"), bit(0) | bit(10));
        assert_eq!(PHRASES.wide_topics("他说分，享受"), 0);
        for (topic, list) in WIDE {
            assert!(list.iter().all(|phrase| PHRASES.wide_topics(&format!("了{phrase}了")) & bit(topic) != 0));
        }
    }
}

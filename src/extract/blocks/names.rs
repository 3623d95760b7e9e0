//! The topics that tags, roles, classes and ids name, as a set of bits.
//!
//! Templates use the same words on sites in every language, so names help where the language of the text is unknown.

use std::sync::LazyLock;

/// The topics of names, then those of tags and roles. A topic's bit is its index here.
pub const TOPICS: [&str; 61] = [
    "comment",
    "nav",
    "foot",
    "head",
    "byline",
    "date",
    "meta",
    "share",
    "related",
    "ad",
    "side",
    "consent",
    "crumb",
    "pages",
    "join",
    "hidden",
    "tags",
    "title",
    "content",
    "product",
    "summary",
    "review",
    "forum",
    "card",
    "slide",
    "tab",
    "media",
    "note",
    "hero",
    "legal",
    "search",
    "cart",
    "user",
    "layout",
    "button",
    "tool",
    "code",
    "steps",
    "news",
    "contact",
    "count",
    "builder",
    "<article>",
    "<main>",
    "<nav>",
    "<footer>",
    "<header>",
    "<aside>",
    "<form>",
    "<table>",
    "<ul>",
    "<figure>",
    "<blockquote>",
    "<pre>",
    "<details>",
    "<noscript>",
    "<button>",
    "<dialog>",
    "<a>",
    "<dl>",
    "<hidden>",
];

/// Words of class and id names by topic, in any order, separated by spaces.
const WORDS: [(usize, &str); 42] = [
    (0, "comment comments commentlist cmt disqus respond pinglun"),
    (1, "nav navbar navi navigation menu submenu megamenu topbar mininav sidenav dropdown subnav menus"),
    (2, "foot footer footnav bottom colophon bottombar"),
    (3, "head header hd masthead top banner"),
    (4, "author authors byline contributor writer posted authorbox zuozhe reporter journalist"),
    (5, "date time datetime pubdate pubtime published timestamp dateline shijian postdate"),
    (6, "meta info postmeta source laiyuan pub subtitle"),
    (7, "share sharing shares social fenxiang sns sharebar addthis sharethis bdsharebuttonbox"),
    (
        8,
        "related recommend recommended recommendation recommendations alsolike more morenews readmore similar \
         suggest suggested suggestions popular trending hot hotnews hotlist rank ranking latest next prev \
         previous relatednews upsell crosssell explore",
    ),
    (
        9,
        "ad ads adbox advert advertisement adsbygoogle sponsor sponsored promo promoted promotion outbrain \
         taboola dfp adblock adunit gpt",
    ),
    (10, "sidebar side aside rail widget widgets right"),
    (
        11,
        "cookie cookies consent gdpr modal popup overlay dialog privacy notice onetrust lightbox toast alert \
         ot drawer offcanvas",
    ),
    (12, "breadcrumb breadcrumbs crumb crumbs path"),
    (13, "pagination pager pagenav pages paging pagebar prevnext pagelinks"),
    (
        14,
        "login signup signin register subscribe subscription newsletter paywall account email form optin \
         mailchimp",
    ),
    (15, "hidden hide sr screen reader visually invisible collapsed offscreen visuallyhidden noprint print"),
    (16, "tag tags category categories cat cats label labels keyword keywords tagcloud topics catlinks"),
    (17, "title headline heading subject h1 subtitle subheading biaoti"),
    (
        18,
        "content contents article articlebody articlecontent artical entry body bodytext text richtext rich \
         rte wysiwyg story post postbody postcontent main maincontent prose markdown copy zhengwen editor \
         newscontent newstext storybody paragraph neirong blogpost cms blog",
    ),
    (
        19,
        "product price prices sku buy spec specs specification specifications attribute attributes pdp \
         variant variants brand pricing",
    ),
    (
        20,
        "desc description details detail summary excerpt intro lead lede abstract about overview standfirst \
         dek teaser snippet introduction zhaiyao",
    ),
    (21, "review reviews rating ratings star stars testimonial testimonials feedback"),
    (
        22,
        "forum thread message messages topic reply replies answer answers question questions discussion \
         conversation postrow bbs lia bbp xg cooked ipb vb",
    ),
    (23, "card cards item items list lists grid tile tiles block cell feed loop row box boxes"),
    (24, "gallery slider carousel slide slides slideshow swiper slick marquee owl"),
    (25, "tab tabs accordion faq faqs panel collapse toggle toc expandable expand collapsible"),
    (
        26,
        "caption figure figcaption credit photo image images img picture media thumb thumbnail video player \
         icon icons logo",
    ),
    (27, "footnote footnotes reference references ref refs cite citation citations bibliography endnotes"),
    (28, "hero jumbotron cover splash billboard spotlight featured feature features"),
    (29, "copyright legal disclaimer license terms rights policy disclosure affiliate"),
    (30, "search filter filters facet facets sort query searchbox refine sorting"),
    (31, "cart checkout wishlist basket shop shopping minicart shipping delivery payment store"),
    (32, "user users profile avatar member members signature username bio people team person"),
    (33, "section wrapper container wrap inner outer layout region area col column columns page site group"),
    (34, "button buttons btn cta link links action actions quicklinks"),
    (
        35,
        "toolbar tool tools qrcode skip rss ewm report help tooltip language lang locale currency mobile \
         settings options control controls",
    ),
    (36, "code highlight syntax example snippet codehilite terminal sourcecode"),
    (37, "step steps recipe ingredients ingredient instructions instruction directions nutrition"),
    (
        38,
        "news headlines stories posts articles blogs entries archive products results result collection \
         listing listings events event jobs",
    ),
    (39, "contact address phone location locations map hours tel fax directions"),
    (40, "count views stats votes vote score likes like counter number badge status"),
    (41, "block editable widget elementor vc wpb et fusion divi kt ast sqs wp"),
];

/// The first topic of tags and roles.
const TAGS: usize = 42;

/// The lexicon; built when the first page is read.
pub static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

/// The topics of all known words.
pub struct Lexicon {
    words: std::collections::HashMap<&'static str, u64, Plain>,
    /// For each first byte, the lengths of the known words, one bit each: most words of a page are not among them.
    lengths: [u32; 256],
}

impl Lexicon {
    /// Builds the table.
    fn new() -> Self {
        let mut words = std::collections::HashMap::with_capacity_and_hasher(512, Plain);
        for (topic, list) in WORDS {
            for word in list.split(' ') {
                *words.entry(word).or_default() |= 1 << topic;
            }
        }
        let mut lengths = [0; 256];
        for word in words.keys() {
            lengths[usize::from(word.as_bytes()[0])] |= 1 << word.len();
        }
        Self { words, lengths }
    }

    /// Returns the topics of the names in one class or id attribute.
    pub fn of_names(&self, value: &str) -> u64 {
        let mut found = 0;
        let mut word = [0u8; 20];
        let mut length = 0;
        let mut previous_lower = false;
        for &byte in value.as_bytes().iter().take(300).chain(b" ") {
            let boundary = !byte.is_ascii_alphanumeric() || (byte.is_ascii_uppercase() && previous_lower);
            if boundary && length > 0 {
                found |= word.get(..length).map_or(0, |word| self.word(word));
                length = 0;
            }
            if byte.is_ascii_alphanumeric() {
                if let Some(place) = word.get_mut(length) {
                    *place = byte.to_ascii_lowercase();
                }
                length += 1;
            }
            previous_lower = byte.is_ascii_lowercase();
        }
        found
    }

    fn word(&self, word: &[u8]) -> u64 {
        let may_be = word.first().is_some_and(|&first| self.lengths[usize::from(first)] & 1 << word.len() != 0);
        if !may_be {
            return 0;
        }
        std::str::from_utf8(word).ok().and_then(|word| self.words.get(word)).copied().unwrap_or(0)
    }
}

/// Returns the topics of an element's tag and role.
pub fn of_element(name: &str, role: Option<&str>) -> u64 {
    of_tag(name) | role.map_or(0, of_role)
}

fn of_tag(name: &str) -> u64 {
    let at = match name {
        "article" => 0,
        "main" => 1,
        "nav" => 2,
        "footer" => 3,
        "header" => 4,
        "aside" => 5,
        "form" | "fieldset" => 6,
        "table" => 7,
        "ul" | "ol" | "menu" => 8,
        "figure" => 9,
        "blockquote" => 10,
        "pre" | "textarea" => 11,
        "details" => 12,
        "noscript" => 13,
        "button" => 14,
        "dialog" => 15,
        "a" => 16,
        "dl" => 17,
        _ => return 0,
    };
    1 << (TAGS + at)
}

/// The index of comments among the topics, and their bit.
pub const COMMENT: usize = 0;
pub const COMMENTS: u64 = 1 << COMMENT;

/// The indexes of `<form>` and `<button>` among the topics.
pub const CONTROLS: [usize; 2] = [TAGS + 6, TAGS + 14];

/// The index of `<pre>` among the topics.
pub const PRE: usize = TAGS + 11;

/// The topic of `<pre>`, which every code block has.
pub const CODE: u64 = 1 << PRE;

/// Topics of the lines at a headline: byline, date, source.
pub const HEADLINE: u64 = 1 << 4 | 1 << 5 | 1 << 6;

/// The topic of people: users, authors, teams.
pub const USER: u64 = 1 << 32;

/// Topics of boilerplate with images: avatars, buttons, share icons.
pub const ILLUSTRATED: u64 = 1 << 0
    | 1 << 1
    | 1 << 2
    | 1 << 4
    | 1 << 7
    | 1 << 8
    | 1 << 9
    | 1 << 10
    | 1 << 11
    | 1 << 32
    | 1 << 44
    | 1 << 45
    | 1 << 56;

/// The topics of share buttons and of promotions.
pub const SHARED: u64 = 1 << 7;
pub const PROMOTED: u64 = 1 << 9;

/// Topics of boilerplate: those of [`ILLUSTRATED`], lines at headlines, consent, breadcrumbs, page numbers, forms, tags,
/// legal notices, search, shopping carts and people.
pub const BOILERPLATE: u64 = ILLUSTRATED
    | HEADLINE
    | 1 << 12
    | 1 << 13
    | 1 << 14
    | 1 << 16
    | 1 << 29
    | 1 << 30
    | 1 << 31
    | 1 << 34
    | 1 << 47
    | 1 << 48
    | 1 << 57;

/// The topic of elements that a style or an attribute hides.
pub const HIDDEN: u64 = 1 << 60;

fn of_role(role: &str) -> u64 {
    of_tag(match role {
        "article" => "article",
        "main" => "main",
        "navigation" | "menubar" | "menu" | "tablist" => "nav",
        "contentinfo" => "footer",
        "banner" => "header",
        "complementary" => "aside",
        "search" => "form",
        "dialog" | "alertdialog" => "dialog",
        "button" => "button",
        _ => "",
    })
}

/// The FNV-1a hasher: the words are from our own table, so no page can make them collide.
#[derive(Clone, Copy, Default)]
pub struct Plain;

impl std::hash::BuildHasher for Plain {
    type Hasher = Fnv;

    fn build_hasher(&self) -> Fnv {
        Fnv(Fnv::START)
    }
}

/// The state of [`Plain`].
#[derive(Clone, Copy)]
pub struct Fnv(pub u64);

impl Fnv {
    /// The initial state.
    pub const START: u64 = 0xcbf2_9ce4_8422_2325;

    /// Returns the state after one more value.
    pub fn step(state: u64, value: u32) -> u64 {
        (state ^ u64::from(value)).wrapping_mul(0x0100_0000_01b3)
    }
}

impl std::hash::Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = Self::step(self.0, u32::from(*byte));
        }
    }
}

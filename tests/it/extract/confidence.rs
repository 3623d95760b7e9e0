//! Walls and error pages get a warning, in many languages; articles that mention the same words do not.

use bindery::extract::{ExtractError, Options, extract};
use bindery::model::{Article, FailureKind, Origin, RawPage};
use url::Url;

/// A language, with paragraphs that any extractor takes for an article.
struct Tongue {
    tag: &'static str,
    text: &'static str,
}

const EN: Tongue = Tongue {
    tag: "en",
    text: "The library was built in 1956 with two floors and thirty thousand books, most of them bought second hand from the estate of a sea captain who had read every one of them twice. ",
};
const DE: Tongue = Tongue {
    tag: "de",
    text: "Die Bibliothek wurde 1956 mit zwei Stockwerken und dreißigtausend Büchern eröffnet, von denen die meisten aus dem Nachlass eines Kapitäns stammten, der jedes davon zweimal gelesen hatte. ",
};
const FR: Tongue = Tongue {
    tag: "fr",
    text: "La bibliothèque fut construite en 1956, avec deux étages et trente mille livres, achetés pour la plupart à la veuve d’un capitaine qui les avait tous lus deux fois. ",
};
const ES: Tongue = Tongue {
    tag: "es",
    text: "La biblioteca se construyó en 1956, con dos plantas y treinta mil libros, comprados casi todos a la viuda de un capitán que los había leído dos veces. ",
};
const RU: Tongue = Tongue {
    tag: "ru",
    text: "Библиотеку построили в 1956 году, в ней было два этажа и тридцать тысяч книг, купленных у вдовы капитана, который прочёл каждую из них дважды. ",
};
const ZH: Tongue = Tongue {
    tag: "zh-CN",
    text: "这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人，后来它搬过三次家，换过五任馆长。",
};
const HANT: Tongue = Tongue {
    tag: "zh-TW",
    text: "這座圖書館建於一九五六年，當時只有兩層，藏書不到三萬冊，讀者大多是附近工廠的工人，後來它搬過三次家，換過五任館長。",
};
const JA: Tongue = Tongue {
    tag: "ja",
    text: "この図書館は一九五六年に建てられ、当時は二階建てで蔵書は三万冊に満たず、利用者の多くは近くの工場で働く人々だった。",
};
const KO: Tongue = Tongue {
    tag: "ko",
    text: "이 도서관은 1956년에 지어졌고 당시에는 두 층에 책이 삼만 권도 되지 않았으며 독자는 대부분 근처 공장에서 일하는 사람들이었다. ",
};

fn page(tongue: &Tongue, title: &str, body: &str) -> RawPage {
    let html = format!(
        "<html lang={}><head><meta charset=utf-8><title>{title}</title></head><body>{body}</body></html>",
        tongue.tag
    );
    let url = Url::parse("https://example.org/2024/library.html").unwrap();
    RawPage::from_bytes(html.into_bytes(), Some(url), Origin::Replay, None)
}

fn read(raw: &RawPage) -> Article {
    extract(raw, Options::default()).unwrap()
}

/// Returns different paragraphs, like those of an article.
fn paragraphs(tongue: &Tongue, count: usize) -> String {
    (1..=count).map(|n| format!("<p>{n}. {}{}</p>", tongue.text, tongue.text.replace("1956", "1987"))).collect()
}

fn kinds(article: &Article) -> Vec<&str> {
    article.warnings.iter().map(|warning| warning.kind.as_str()).collect()
}

/// Asserts that a short article with a wall gets the warning, and that a long one with the wall's words, or the short one
/// without a wall, does not.
fn wall(kind: &str, cases: &[(&Tongue, &str)]) {
    for (tongue, words) in cases {
        let begun = format!("<article><h1>1956</h1><p>{}</p></article>", tongue.text.repeat(2));
        let walled = read(&page(tongue, "1956", &format!("{begun}<div class=wall><p>{words}</p></div>")));
        assert!(kinds(&walled).contains(&kind), "{}: {words}: {:?}", tongue.tag, walled.warnings);
        assert!(walled.confidence < 0.7, "{}: {words}: {}", tongue.tag, walled.confidence);
        let bare = read(&page(tongue, "1956", &begun));
        assert!(!kinds(&bare).contains(&kind), "{}: {:?}", tongue.tag, bare.warnings);
        let quoted =
            format!("<article><h1>1956</h1>{}<p>{words}</p>{}</article>", paragraphs(tongue, 5), paragraphs(tongue, 3));
        let quoted = read(&page(tongue, "1956", &quoted));
        assert!(!kinds(&quoted).contains(&kind), "{}: {words}: {:?}", tongue.tag, quoted.warnings);
        assert!(quoted.confidence > walled.confidence, "{}: {words}", tongue.tag);
    }
}

#[test]
fn a_paywall_gets_a_warning() {
    wall(
        "paywall",
        &[
            (&EN, "Subscribe to continue reading. Already a subscriber? Sign in."),
            (&DE, "Diesen Artikel können nur Abonnenten lesen. Jetzt testen!"),
            (&FR, "Cet article est réservé aux abonnés. Il vous reste 80 % à lire."),
            (&ES, "Contenido solo para suscriptores. Elija su plan."),
            (&RU, "Материал доступен только для подписчиков."),
            (&ZH, "试读结束，订阅后继续阅读全文"),
            (&HANT, "試讀結束，訂閱以繼續閱讀全文"),
            (&JA, "この記事は有料会員限定です。残り文字数 1,240"),
            (&KO, "이 기사는 구독자 전용입니다."),
        ],
    );
}

#[test]
fn a_login_wall_gets_a_warning() {
    wall(
        "login",
        &[
            (&EN, "Please log in to see the rest of this thread."),
            (&DE, "Bitte melden Sie sich an, um weiterzulesen."),
            (&FR, "Connectez-vous pour lire la discussion."),
            (&ES, "Inicia sesión para ver el contenido."),
            (&RU, "Войдите, чтобы увидеть сообщение целиком."),
            (&ZH, "您需要登录后才可以查看全文"),
            (&HANT, "您需要登入後才可以檢視內容"),
            (&JA, "続きを読むにはログインしてください"),
            (&KO, "전체 글을 보려면 로그인이 필요합니다"),
        ],
    );
}

#[test]
fn a_consent_wall_gets_a_warning() {
    wall(
        "consent-wall",
        &[
            (&EN, "We value your privacy. We and our partners store information on a device. Accept all cookies"),
            (&DE, "Wir schätzen Ihre Privatsphäre. Alle akzeptieren"),
            (&FR, "Nous respectons vos choix. Continuer sans accepter"),
            (&ES, "Su privacidad nos importa. Aceptar y continuar"),
            (&ZH, "我们使用 Cookie。同意并继续"),
            (&JA, "プライバシーについて。すべて同意する"),
            (&KO, "개인 정보 보호. 모두 동의"),
        ],
    );
}

#[test]
fn an_error_page_gets_a_warning() {
    for (tongue, title, words) in [
        (
            &EN,
            "Page not found",
            "Sorry, the page you are looking for has been moved or never was here. Try the search.",
        ),
        (&DE, "Seite nicht gefunden", "Die Seite wurde nicht gefunden, vielleicht wurde sie verschoben oder gelöscht."),
        (
            &FR,
            "Page introuvable",
            "Cette page n'existe pas ou n'existe plus, le lien que vous avez suivi est trop vieux.",
        ),
        (&ES, "Página no encontrada", "La página que busca no está aquí; puede que haya cambiado de dirección."),
        (&ZH, "页面不存在", "很抱歉，您访问的页面可能已经移走，或者文章已被删除，请回到首页看看别的内容。"),
        (
            &JA,
            "ページが見つかりません",
            "お探しのページは移動したか、削除された可能性があります。トップページからお探しください。",
        ),
        (
            &KO,
            "페이지를 찾을 수 없습니다",
            "존재하지 않는 페이지이거나 주소가 바뀌었을 수 있습니다. 첫 화면에서 다시 찾아 주세요.",
        ),
    ] {
        let found =
            extract(&page(tongue, title, &format!("<main><h1>{title}</h1><p>{words}</p></main>")), Options::default());
        // Where so little is said that it is no article either, nothing is archived.
        if let Ok(article) = found {
            assert!(kinds(&article).contains(&"error-page"), "{}: {:?}", tongue.tag, article.warnings);
            assert!(article.confidence < 0.5, "{}: {}", tongue.tag, article.confidence);
        }
        let article = format!("<article><h1>1956</h1>{}<p>{words}</p></article>", paragraphs(tongue, 8));
        assert!(!kinds(&read(&page(tongue, "1956", &article))).contains(&"error-page"), "{}", tongue.tag);
    }
    let message = "<main><h1>页面不存在</h1><p>很抱歉，您访问的页面可能已经移走，或者文章已被删除，请回到首页看看别的内容。</p></main>";
    assert!(kinds(&read(&page(&ZH, "页面不存在", message))).contains(&"error-page"));
}

#[test]
fn a_short_article_gets_a_warning_in_any_script() {
    for tongue in [&EN, &DE, &FR, &ES, &RU, &ZH, &HANT, &JA, &KO] {
        let thin = read(&page(tongue, "1956", &format!("<article><h1>1956</h1><p>{}</p></article>", tongue.text)));
        assert!(kinds(&thin).contains(&"thin"), "{}: {:?}", tongue.tag, thin.warnings);
        let whole = read(&page(tongue, "1956", &format!("<article><h1>1956</h1>{}</article>", paragraphs(tongue, 4))));
        assert!(!kinds(&whole).contains(&"thin"), "{}: {:?}", tongue.tag, whole.warnings);
        assert!(whole.confidence > thin.confidence);
    }
}

#[test]
fn an_article_with_a_next_page_gets_a_warning() {
    let next = |tongue: &Tongue, link: &str| {
        let body = format!("<article><h1>1956</h1>{}<div>{link}</div></article>", paragraphs(tongue, 4));
        read(&page(tongue, "1956", &body))
    };
    for (tongue, words) in [
        (&EN, "Next page"),
        (&DE, "Nächste Seite"),
        (&FR, "Page suivante"),
        (&ES, "Página siguiente"),
        (&RU, "Следующая страница"),
        (&ZH, "下一页"),
        (&HANT, "下一頁"),
        (&JA, "次のページへ"),
        (&KO, "다음 페이지"),
    ] {
        let goes_on = next(tongue, &format!("<a href=/2024/library_2.html>{words}</a>"));
        assert!(kinds(&goes_on).contains(&"pagination"), "{}: {:?}", tongue.tag, goes_on.warnings);
        // The next article, and the next page of something else.
        for other in ["/2024/harbour.html", "/archive/page/2"] {
            let ends = next(tongue, &format!("<a href={other}>{words}</a>"));
            assert!(!kinds(&ends).contains(&"pagination"), "{}: {other}: {:?}", tongue.tag, ends.warnings);
        }
    }
}

#[test]
fn a_list_of_links_is_not_an_article() {
    for tongue in [&EN, &DE, &ZH, &JA, &KO] {
        let items = |linked: bool| -> String {
            let line = |n: usize| {
                let text = format!("{n} {}", tongue.text);
                if linked {
                    format!("<li><a href=/{n}>{text}</a> {n}</li>")
                } else {
                    format!("<li>{text} <a href=/{n}>{n}</a></li>")
                }
            };
            (1..12).map(line).collect()
        };
        let links = extract(
            &page(tongue, "1956", &format!("<main><h1>1956</h1><ul>{}</ul></main>", items(true))),
            Options::default(),
        );
        match links {
            Ok(article) => assert!(kinds(&article).contains(&"listing"), "{}: {:?}", tongue.tag, article.warnings),
            Err(error) => assert_eq!(error.kind(), FailureKind::NoArticle, "{}", tongue.tag),
        }
        let facts = read(&page(tongue, "1956", &format!("<main><h1>1956</h1><ol>{}</ol></main>", items(false))));
        assert!(!kinds(&facts).contains(&"listing"), "{}: {:?}", tongue.tag, facts.warnings);
    }
}

#[test]
fn a_page_that_scripts_fill_has_no_article() {
    let menu = "<nav><a href=/a>Home</a> <a href=/b>News</a></nav>";
    for (tongue, words) in [
        (&EN, "You need to enable JavaScript to run this app."),
        (&DE, "Bitte JavaScript aktivieren, um diese Seite zu sehen."),
        (&FR, "Veuillez activer JavaScript pour continuer."),
        (&ES, "Es necesario habilitar JavaScript para usar esta página."),
        (&RU, "Включите JavaScript, чтобы открыть эту страницу."),
        (&ZH, "请启用 JavaScript 以继续使用本应用程序，谢谢您的配合。"),
        (&JA, "このアプリを使うには JavaScript を有効にしてください。"),
        (&KO, "이 앱을 실행하려면 JavaScript를 활성화해야 합니다."),
    ] {
        let shell = format!("{menu}<noscript>{words}</noscript><div id=root></div><script src=/a.js></script>");
        let error = extract(&page(tongue, "App", &shell), Options::default()).unwrap_err();
        assert!(matches!(error, ExtractError::NoArticle { .. }), "{}: {error}", tongue.tag);
        // The same frame with the article in it, as a server that renders it sends it.
        let filled = format!(
            "{menu}<noscript>{words}</noscript><div id=root><article><h1>1956</h1>{}</article></div><script src=/a.js></script>",
            paragraphs(tongue, 4)
        );
        let article = read(&page(tongue, "1956", &filled));
        assert!(!kinds(&article).contains(&"app-shell"), "{}: {:?}", tongue.tag, article.warnings);
    }
}

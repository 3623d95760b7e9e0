//! Units in the middle of an article are kept or reported as losses, in six languages and in any surroundings.

use bindery::extract::{Options, extract};
use bindery::frontmatter::Profile;
use bindery::markdown;
use bindery::model::{Article, ImageMap, LossKind, WarningKind};

use super::raw;

/// Language, title, four paragraphs.
const TEXTS: [(&str, &str, [&str; 4]); 6] = [
    (
        "zh-CN",
        "河边的修伞铺",
        [
            "修伞铺在河边的石阶上面，门口挂着一把没有伞面的伞，伞骨被风吹得轻轻转动，老主顾远远就能看见。",
            "师傅姓周，今年六十八岁，十四岁开始跟父亲学手艺，会做油纸伞，也会修钢骨伞，工具都装在一个木箱里。",
            "下雨天生意最好，有时候一上午能修二十几把，他坐在小板凳上，一边听雨一边穿线，手上从来不停。",
            "他说现在的伞坏了多半就扔掉，可是总有人舍不得，因为伞是别人送的，或者跟着自己走过很多地方。",
        ],
    ),
    (
        "en",
        "The umbrella mender by the river",
        [
            "The umbrella mender works at the top of the river steps, under a frame without any cloth that turns in the wind, and his customers can see it from the other bank.",
            "He learned the trade from his father when he was fourteen, and he still keeps the same wooden box of tools, with a place for every hook, needle and reel of thread.",
            "Rainy mornings are the busiest, when twenty or more people may come before noon, and he sits on a low stool, listening to the rain and threading ribs without looking up.",
            "Most broken umbrellas are thrown away now, he says, but there is always somebody who cannot part with one, because it was a present or has been carried a long way.",
        ],
    ),
    (
        "ja",
        "川辺の傘直し",
        [
            "傘直しの店は川へ下りる石段の上にあり、布のない傘の骨が軒先で風に回っていて、対岸からでもよく見えます。",
            "店主は今年六十八歳で、十四歳のときに父親から仕事を教わり、道具は今でも同じ木の箱に入れて使っています。",
            "雨の日の午前中がいちばん忙しく、二十本以上も持ち込まれることがあり、低い椅子に座ったまま手を止めません。",
            "壊れた傘はたいてい捨てられてしまいますが、贈り物だったから手放せないという人が、必ずどこかにいるそうです。",
        ],
    ),
    (
        "ko",
        "강가의 우산 수선집",
        [
            "우산 수선집은 강으로 내려가는 돌계단 위에 있고, 천이 없는 우산살이 처마 끝에서 바람에 돌아가서 건너편에서도 잘 보입니다.",
            "주인은 올해 예순여덟 살인데, 열네 살 때 아버지에게서 일을 배웠고, 지금도 똑같은 나무 상자에 연장을 넣어 다닙니다.",
            "비 오는 날 오전이 가장 바쁘고, 점심 전에 스무 개가 넘게 들어올 때도 있지만, 낮은 의자에 앉아 손을 멈추지 않습니다.",
            "망가진 우산은 대부분 버려지지만, 선물로 받은 것이라서 차마 버리지 못하는 사람이 꼭 있다고 그는 말합니다.",
        ],
    ),
    (
        "de",
        "Der Schirmmacher am Fluss",
        [
            "Der Schirmmacher arbeitet oben an der Flusstreppe, unter einem Gestell ohne Stoff, das sich im Wind dreht, und seine Kunden sehen es schon vom anderen Ufer aus.",
            "Er hat das Handwerk mit vierzehn Jahren von seinem Vater gelernt, und noch immer trägt er dieselbe Holzkiste, in der jeder Haken und jede Nadel ihren Platz hat.",
            "An regnerischen Vormittagen ist am meisten zu tun, dann kommen zwanzig Leute oder mehr vor dem Mittag, und er sitzt auf seinem Hocker und blickt kaum auf.",
            "Die meisten kaputten Schirme werden heute weggeworfen, sagt er, aber immer gibt es jemanden, der sich von einem Geschenk einfach nicht trennen kann.",
        ],
    ),
    (
        "ar",
        "مصلح المظلات عند النهر",
        [
            "يعمل مصلح المظلات في أعلى الدرج المؤدي إلى النهر، تحت هيكل بلا قماش يدور مع الريح، ويراه الزبائن من الضفة الأخرى.",
            "تعلم المهنة من والده وهو في الرابعة عشرة من عمره، وما زال يحمل الصندوق الخشبي نفسه، وفيه مكان لكل إبرة وكل خطاف.",
            "تكون الصباحات الممطرة أكثرها ازدحاما، فقد يأتي عشرون شخصا قبل الظهر، وهو جالس على كرسي منخفض لا يرفع رأسه عن العمل.",
            "يقول إن أغلب المظلات المكسورة ترمى اليوم، ولكن هناك دائما من لا يستطيع أن يفارق مظلة كانت هدية من شخص عزيز.",
        ],
    ),
];

/// Kind, HTML in the article, and the text that the Markdown must contain.
const UNITS: [(LossKind, &str, &str); 7] = [
    (LossKind::Image, "<img src=\"https://img.example/rain-1.jpg\" alt=\"\">", "rain-1.jpg"),
    (LossKind::Image, "<figure><img src=\"https://img.example/ribs.jpg\" width=640 height=480></figure>", "ribs.jpg"),
    (
        LossKind::Table,
        "<table><tr><th>A</th><th>B</th></tr><tr><td>Q1</td><td>17</td></tr><tr><td>Q2</td><td>23</td></tr></table>",
        "23",
    ),
    (LossKind::Code, "<pre><code>ribs = 8\nprint(ribs)</code></pre>", "print(ribs)"),
    (LossKind::Formula, "<math><mi>x</mi><mo>=</mo><mn>8</mn></math>", "="),
    (LossKind::Embed, "<iframe src=\"https://maps.steps.example/frame/77\" width=600 height=400></iframe>", "frame/77"),
    (
        LossKind::Text,
        "<p>Ribs 8, cloth 1, handle 1, thread 12 m, needle 3, hook 2, wax 1, glue 1, oil 1, tape 2, cord 4, pins 30, caps 8</p>",
        "pins 30",
    ),
];

/// Surroundings of a unit that do not show that it is boilerplate.
const AROUND: [(&str, &str); 5] = [
    ("", ""),
    ("<div>", "</div>"),
    ("<div class=x-large-block><div>", "</div></div>"),
    ("<section class=\"w-100 mt-3\">", "</section>"),
    ("<center><div style=\"margin:1em\">", "</div></center>"),
];

fn article(language: &str, title: &str, parts: &[&str]) -> Article {
    let body = parts.concat();
    let page = format!(
        "<!DOCTYPE html><html lang={language}><head><meta charset=utf-8><title>{title}</title></head><body>\
         <nav><a href=/>1</a> <a href=/b>2</a> <a href=/c>3</a></nav><div><h1>{title}</h1><div>{body}</div></div>\
         <footer><a href=/d>4</a></footer></body></html>"
    );
    extract(&raw(&page), Options::default()).unwrap()
}

/// Returns the article with HTML inserted after the second of its four paragraphs.
fn with(at: usize, inserted: &str) -> Article {
    let (language, title, paragraphs) = TEXTS[at];
    let lines = paragraphs.map(|line| format!("<p>{line}</p>"));
    article(language, title, &[&lines[0], &lines[1], inserted, &lines[2], &lines[3]])
}

fn is_kept_or_reported(article: &Article, kind: LossKind, seen: &str) -> bool {
    let document = markdown::write(article, &ImageMap::new(), &Profile::default());
    document.body.contains(seen) || article.losses.iter().any(|loss| loss.kind == kind)
}

#[test]
fn every_unit_in_the_middle_of_an_article_is_kept_or_reported() {
    for (at, (language, ..)) in TEXTS.iter().enumerate() {
        for (kind, unit, seen) in UNITS {
            for (open, close) in AROUND {
                let article = with(at, &format!("{open}{unit}{close}"));
                assert!(is_kept_or_reported(&article, kind, seen), "{language}: {open}{unit}: {:?}", article.losses);
            }
        }
    }
}

#[test]
fn a_lost_unit_gets_a_warning_and_lost_text_does_not() {
    let complete = with(0, "");
    let lost = with(0, "<iframe src=\"https://maps.steps.example/frame/77\" width=600 height=400></iframe>");
    assert!(complete.losses.is_empty(), "{:?}", complete.losses);
    let is_warned = lost.warnings.iter().any(|warning| warning.kind == WarningKind::Incomplete);
    assert_eq!(is_warned, lost.losses.iter().any(|loss| loss.kind.is_unit()));
    assert!(!is_warned || lost.confidence < complete.confidence);
}

#[test]
fn boilerplate_in_an_article_is_not_a_loss() {
    for inserted in [
        "<aside class=related-articles><a href=/44><img src=/thumbs/bus.jpg>Why the post bus has two horns</a></aside>",
        "<div class=ad-slot><a href=https://ads.example/1><img src=https://ads.example/a-300x250.jpg></a></div>",
        "<img src=https://mc.yandex.ru/watch/1 width=1 height=1>",
        "<div class=newsletter-signup><p>A letter every Thursday with tides, tales and a recipe, and you may leave \
         whenever you like, by a click on a link that stands at the very end of each.</p></div>",
    ] {
        let article = with(1, inserted);
        assert!(article.losses.is_empty(), "{inserted}: {:?}", article.losses);
    }
}

#[test]
fn a_table_of_data_in_a_box_to_share_and_promote_is_kept_or_reported() {
    let table = "<div class='share-table promo'><table><tr><th>年份</th><th>Parapluies</th></tr><tr><td>1998</td>\
                 <td>2140 把</td></tr><tr><td>2024</td><td>310 把</td></tr></table></div>";
    for (language, title, paragraphs) in TEXTS {
        let lines = paragraphs.map(|line| format!("<p>{line}</p>"));
        for parts in [[lines.concat().as_str(), table], [table, lines.concat().as_str()]] {
            let article = article(language, title, &parts);
            assert!(is_kept_or_reported(&article, LossKind::Table, "2140"), "{language}: {:?}", article.losses);
        }
    }
}

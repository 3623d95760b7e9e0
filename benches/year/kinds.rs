//! The kinds of pages of the simulated year: what changes on each from visit to visit although the article does not.

use super::languages::Language;

/// A kind of page.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    /// What stands on the page beside its article at a visit.
    pub noise: fn(&Language, &Visit) -> Noise,
}

/// A visit as a page sees it.
pub struct Visit {
    /// How many visits were before it.
    pub number: u64,
    pub hour: u64,
    /// Days since Monday, 1 January 2024.
    pub day: u64,
}

impl Visit {
    fn pick<'a>(&self, of: &[&'a str]) -> &'a str {
        of[self.number as usize % of.len()]
    }
}

/// HTML around and in an article.
#[derive(Default)]
pub struct Noise {
    /// Before the title in the tab.
    pub tab: String,
    /// Before the article.
    pub before: String,
    /// Between its heading and its first paragraph.
    pub top: String,
    /// In the middle of it.
    pub middle: String,
    /// At its end.
    pub end: String,
    /// After it.
    pub after: String,
    /// An edit that the page takes back at the next visit.
    pub flip: bool,
}

fn top(top: String) -> Noise {
    Noise { top, ..Noise::default() }
}

fn middle(middle: String) -> Noise {
    Noise { middle, ..Noise::default() }
}

fn end(end: String) -> Noise {
    Noise { end, ..Noise::default() }
}

fn fill(template: &str, number: u64) -> String {
    template.replace("{}", &number.to_string())
}

/// Returns a counter that has grown at every visit.
fn counter(l: &Language, which: usize, visit: &Visit) -> String {
    fill(l.counters[which], 1000 + 3 * visit.number)
}

fn age(l: &Language, visit: &Visit) -> String {
    fill(l.ages[(visit.number / 5 % 3) as usize], 2 + visit.number % 20)
}

/// Returns the date as the language writes it.
pub fn today(l: &Language, visit: &Visit) -> String {
    let of_year = visit.day % 365;
    // Every month has the days that all months have, and the last one the rest.
    let month = (of_year / 28).min(11);
    let day = (of_year - month * 28).min(30) + 1;
    l.today
        .replace("{w}", l.weekdays[(visit.day % 7) as usize])
        .replace("{d}", &day.to_string())
        .replace("{m}", l.months[month as usize])
        .replace("{y}", &(2024 + visit.day / 365).to_string())
}

/// The kind of the page that goes back and forth between two texts.
pub const FLIPPING: &str = "an edit taken back";

pub const KINDS: [Kind; 30] = [
    Kind { name: "steady", noise: |_, _| Noise::default() },
    Kind { name: "views at the top", noise: |l, v| top(format!("<p>{}</p>", counter(l, 0, v))) },
    Kind {
        name: "counters at the end",
        noise: |l, v| end(format!("<p>{}　{}</p>", counter(l, 0, v), counter(l, 1, v))),
    },
    Kind {
        name: "counters in a list",
        noise: |l, v| {
            end(format!(
                "<ul><li>{}</li><li>{}</li><li>{}</li></ul>",
                counter(l, 1, v),
                counter(l, 2, v),
                counter(l, 3, v)
            ))
        },
    },
    Kind { name: "age in the byline", noise: |l, v| top(format!("<p>{}</p>", l.posted.replace("{}", &age(l, v)))) },
    Kind {
        name: "age and counter",
        noise: |l, v| top(format!("<div><time>{}</time> · <span>{}</span></div>", age(l, v), counter(l, 0, v))),
    },
    Kind { name: "time of reading", noise: |l, v| top(format!("<p>{}</p>", fill(l.reading, 3 + v.number))) },
    Kind {
        name: "image with another query",
        noise: |l, v| middle(format!("<p><img src='/lock.png?t={}' alt='{}'></p>", v.number, l.title)),
    },
    Kind {
        name: "lazy image with a random parameter",
        noise: |_, v| {
            middle(format!(
                "<figure><img src='data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7' \
                 data-src='/lock.png?w=800&amp;rnd={}' alt=''></figure>",
                v.number * 7919
            ))
        },
    },
    Kind {
        name: "image on another host",
        noise: |_, v| {
            middle(format!(
                "<p><img src='https://img{}.cdn.example/{}/lock.png' alt=''></p>",
                v.number % 4,
                v.number % 3
            ))
        },
    },
    Kind {
        name: "link with a token",
        noise: |l, v| {
            let (token, expires) = (v.number * 7919, 1_700_000_000 + v.number);
            middle(format!(
                "<p><a href='/report.pdf?token={token:x}f00d&amp;expires={expires}'>{}</a></p>",
                l.other_title
            ))
        },
    },
    Kind {
        name: "link with a session",
        noise: |l, v| {
            middle(format!(
                "<p>{} <a href='/story/2;jsessionid=A{}F0E9'>{}</a></p>",
                l.quotes[0], v.number, l.other_title
            ))
        },
    },
    Kind {
        name: "messages in the title of the tab",
        noise: |_, v| Noise { tab: format!("({}) ", 1 + v.number % 9), ..Noise::default() },
    },
    Kind {
        name: "ad slot in the middle",
        noise: |l, v| {
            middle(format!(
                "<div class='ad-slot' id='ad{0}'><a href='https://ads.example/{0}'><img src='/ad.png?{0}' alt='ad'></a><p>{1}</p></div>",
                v.number,
                v.pick(&l.ads)
            ))
        },
    },
    Kind {
        name: "ad slot at the end",
        noise: |l, v| end(format!("<div class='ad-slot'><p>{}</p></div>", v.pick(&l.ads))),
    },
    Kind {
        name: "ad in a frame",
        noise: |l, v| {
            let n = v.number;
            middle(format!(
                "<aside class='advert sponsored'><iframe src='https://ads.example/f?{n}'></iframe><p>{}</p></aside>",
                v.pick(&l.ads)
            ))
        },
    },
    Kind {
        name: "rotating quote",
        noise: |l, v| end(format!("<blockquote class='random-quote'>{}</blockquote>", v.pick(&l.quotes))),
    },
    Kind {
        name: "quote of the day",
        noise: |l, v| end(format!("<div id='quote-of-the-day'><p>{}</p></div>", l.quotes[(v.day % 4) as usize])),
    },
    Kind {
        name: "ids of footnotes",
        noise: |l, v| {
            let n = v.number;
            Noise {
                middle: format!("<p>{}<sup><a href='#fn-{n}7-1' id='ref-{n}7-1'>1</a></sup></p>", l.quotes[1]),
                end: format!("<ol><li id='fn-{n}7-1'>{} <a href='#ref-{n}7-1'>↩</a></li></ol>", l.quotes[2]),
                ..Noise::default()
            }
        },
    },
    Kind { name: "the date of today", noise: |l, v| top(format!("<p>{}</p>", today(l, v))) },
    Kind {
        name: "a greeting",
        noise: |l, v| top(format!("<p>{}</p>", l.greetings[usize::from(v.hour >= 12) + usize::from(v.hour >= 18)])),
    },
    Kind { name: FLIPPING, noise: |_, v| Noise { flip: v.number % 2 == 1, ..Noise::default() } },
    Kind {
        name: "a link to the comments",
        noise: |l, v| end(format!("<p><a href='/a#comments'>{}</a></p>", counter(l, 2, v))),
    },
    Kind {
        name: "the most read",
        noise: |l, v| {
            let item = |n: u64| {
                format!("<li><a href='/story/{0}'>{1} {0}</a></li>", v.number + n, l.ads[((v.number + n) % 4) as usize])
            };
            let items: String = (0..5).map(item).collect();
            Noise { after: format!("<aside class='most-read'><ol>{items}</ol></aside>"), ..Noise::default() }
        },
    },
    Kind {
        name: "comments below",
        noise: |l, v| {
            let comment = |n: u64| {
                format!(
                    "<li class='comment'><b>{}</b><p>{}</p></li>",
                    l.weekdays[(n % 7) as usize],
                    l.quotes[(n % 4) as usize]
                )
            };
            let all: String = (0..v.number % 40).map(comment).collect();
            let heading = counter(l, 2, v);
            Noise {
                after: format!("<section id='comments' class='comments'><h2>{heading}</h2><ul>{all}</ul></section>"),
                ..Noise::default()
            }
        },
    },
    Kind {
        name: "classes of a build",
        noise: |_, v| Noise {
            before: format!(
                "<div class='css-{0:x}' data-nonce='{1:x}'><form action='/search'><input type=hidden name=csrf value='{1:x}'></form></div>",
                v.day * 7919,
                v.number * 104_729
            ),
            ..Noise::default()
        },
    },
    Kind {
        name: "readers online",
        noise: |l, v| end(format!("<p><b>{}</b></p>", fill(l.counters[4], 5 + v.number * 7 % 90))),
    },
    Kind {
        name: "counters in a table of the head",
        noise: |l, v| {
            top(format!(
                "<div class='meta'><span>{}</span><span> | </span><span>{}</span></div>",
                counter(l, 0, v),
                counter(l, 2, v)
            ))
        },
    },
    Kind {
        name: "share buttons",
        noise: |l, v| {
            end(format!(
                "<div class='share-buttons'><a href='https://share.example/?s={0}'>{1}</a> <a href='https://t.example/?s={0}'>{2}</a></div>",
                v.number,
                counter(l, 3, v),
                counter(l, 1, v)
            ))
        },
    },
    Kind {
        name: "greeting and date and clock",
        noise: |l, v| Noise {
            before: format!("<p>{}</p><p>{:02}:17</p>", today(l, v), v.hour),
            end: format!("<p>© 2024–{}</p>", 2024 + v.day / 365),
            ..Noise::default()
        },
    },
];

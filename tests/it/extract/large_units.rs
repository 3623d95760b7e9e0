//! Units of any size are read in linear time, with an article or a "no article" error as the result.

use super::malformed::grows_with_the_page;
use super::{TEXT, page};

#[test]
fn a_table_of_many_cells_is_read_in_linear_time() {
    let table =
        |rows: usize| format!("{TEXT}<table>{}</table>{TEXT}", "<tr><td>书</td><td></td><td>12</td></tr>".repeat(rows));
    grows_with_the_page(table, 4_000);
    grows_with_the_page(|rows| format!("<table>{}</table>", "<tr><td>书</td><td>12</td></tr>".repeat(rows)), 4_000);
}

#[test]
fn nested_tables_and_figures_are_read_in_linear_time() {
    let nested = |open: &str, close: &str, depth: usize| {
        page(&format!("{TEXT}{}<img src=/a.jpg>书{}{TEXT}", open.repeat(depth), close.repeat(depth)))
    };
    grows_with_the_page(|depth| nested("<table><tr><td>", "</td></tr></table>", depth), 250);
    grows_with_the_page(|depth| nested("<figure><div>", "</div></figure>", depth), 1_000);
    grows_with_the_page(|depth| nested("<ul><li>一", "</li></ul>", depth), 1_000);
    grows_with_the_page(|depth| nested("<blockquote class=note>", "</blockquote>", depth), 1_000);
}

#[test]
fn many_images_are_read_in_linear_time() {
    let images = |count: usize| (0..count).map(|n| format!("<img src=/{n}.jpg width=640>")).collect::<String>();
    grows_with_the_page(|count| page(&format!("{TEXT}<div>{}</div>{TEXT}", images(count))), 5_000);
    grows_with_the_page(|count| page(&images(count)), 5_000);
    let cards = |count: usize| {
        let card =
            |n: usize| format!("<figure><a href=/{n}><img src=/{n}.jpg></a><figcaption>第{n}张</figcaption></figure>");
        (0..count).map(card).collect::<String>()
    };
    grows_with_the_page(|count| page(&format!("{TEXT}<div>{}</div>{TEXT}", cards(count))), 2_000);
}

#[test]
fn notes_that_refer_to_each_other_are_read_in_linear_time() {
    let circle = |count: usize| {
        let reference = |n: usize| format!("<sup><a id=r{n} href=#n{n}>[{n}]</a></sup>");
        let note = |n: usize| format!("<li id=n{n}>同上。<a href=#n{}>[{n}]</a></li>", (n + 1) % count);
        let references: String = (0..count).map(reference).collect();
        let notes: String = (0..count).map(note).collect();
        page(&format!("{TEXT}<p>他说{references}。</p><h2>注释</h2><ol>{notes}</ol>"))
    };
    grows_with_the_page(circle, 1_500);
}

#[test]
fn a_page_that_is_one_list_is_read_in_linear_time() {
    grows_with_the_page(|count| page(&format!("<ul>{}</ul>", "<li>铺子在南门外，开了四十年。".repeat(count))), 5_000);
    grows_with_the_page(
        |count| page(&format!("<dl>{}</dl>", "<dt>铺子<dd>在南门外，开了四十年。".repeat(count))),
        3_000,
    );
    grows_with_the_page(|count| page(&format!("{TEXT}<pre>{}</pre>", "<div>let a = 1;</div>".repeat(count))), 5_000);
}

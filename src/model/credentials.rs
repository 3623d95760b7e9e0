//! URLs without user name and password.

use url::Url;

/// Returns the URL without user name and password.
pub fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for URLs that cannot have a user name.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// Returns the URL as it may be shown and stored: without user name and password.
pub fn shown_url(url: &Url) -> String {
    without_credentials(url).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_name_and_password_are_removed() {
        for url in ["https://user:secret@example.cn/a?b#c", "https://user@example.cn/a?b#c"] {
            assert_eq!(without_credentials(&Url::parse(url).unwrap()).as_str(), "https://example.cn/a?b#c");
        }
        let mail = Url::parse("mailto:a@b.example").unwrap();
        assert_eq!(without_credentials(&mail), mail);
    }
}

//! Links that end the session of their reader.

use url::Url;

/// Words of a path or a parameter that end a session, without punctuation between their parts.
const WORDS: [&str; 38] = [
    "abmelden",
    "afmelden",
    "ausloggen",
    "cerrarsesion",
    "cikis",
    "cikisyap",
    "deconnecter",
    "deconnexion",
    "dengchu",
    "desconectar",
    "desconectarse",
    "disconnetti",
    "encerrarsessao",
    "endsession",
    "esci",
    "killsession",
    "kirjauduulos",
    "loggaut",
    "loggut",
    "logoff",
    "logout",
    "odhlasit",
    "odjava",
    "salir",
    "sedeconnecter",
    "signoff",
    "signout",
    "terminarsessao",
    "tuichu",
    "tuichudenglu",
    "uitloggen",
    "userexit",
    "vyhod",
    "vyjti",
    "wyloguj",
    "wylogujsie",
    "zhuxiao",
    "zhuxiaodenglu",
];

/// The texts of links that end a session, in lower case.
const TEXTS: [&str; 53] = [
    "abmelden",
    "afmelden",
    "ausloggen",
    "cerrar la sesión",
    "cerrar sesión",
    "desconectar",
    "desconectarse",
    "disconnetti",
    "déconnexion",
    "encerrar sessão",
    "end session",
    "esci",
    "kirjaudu ulos",
    "log me out",
    "log off",
    "log out",
    "log ud",
    "logg ut",
    "logga ut",
    "logoff",
    "logout",
    "me déconnecter",
    "odhlásit",
    "sair",
    "sair da conta",
    "salir",
    "se déconnecter",
    "sign off",
    "sign out",
    "signoff",
    "signout",
    "terminar sessão",
    "uitloggen",
    "wyloguj",
    "wyloguj się",
    "çıkış",
    "çıkış yap",
    "вийти",
    "выйти",
    "выход",
    "تسجيل الخروج",
    "خروج",
    "लॉग आउट",
    "サインアウト",
    "ログアウト",
    "ログオフ",
    "安全退出",
    "注销",
    "登出",
    "註銷",
    "退出",
    "退出登录",
    "로그아웃",
];

/// The maximum length of a link's text that begins with one of [`TEXTS`] and continues: `Log out (Anna)`.
const LONGEST_TEXT: usize = 24;

/// The maximum number of words in a segment or a parameter with a word that ends a session: `wp-logout.php`.
const MOST_WORDS: usize = 3;

/// Returns whether a link ends a session, by words in its path, its parameters or its text.
pub(super) fn logs_out(url: &Url, text: &str) -> bool {
    url.path().split('/').any(is_word)
        || url.query_pairs().any(|(name, value)| is_word(&name) || is_word(&value))
        || is_text(text)
}

fn is_word(part: &str) -> bool {
    let part = percent_encoding::percent_decode_str(part).decode_utf8_lossy();
    if TEXTS.contains(&part.to_lowercase().as_str()) {
        return true;
    }
    let words: Vec<String> = part
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.len() > MOST_WORDS {
        return false;
    }
    let runs = (0..words.len()).flat_map(|from| (from + 1..=words.len()).map(move |to| (from, to)));
    runs.into_iter().any(|(from, to)| WORDS.contains(&words[from..to].concat().as_str()))
}

fn is_text(text: &str) -> bool {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    TEXTS.iter().any(|listed| {
        let rest = text.strip_prefix(listed);
        rest.is_some_and(|rest| {
            rest.is_empty()
                || rest.starts_with([' ', '(', '[', '（', ':', '：']) && text.chars().count() <= LONGEST_TEXT
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(url: &str, text: &str) -> bool {
        logs_out(&Url::parse("https://a.test/").unwrap().join(url).unwrap(), text)
    }

    #[test]
    fn links_that_log_out_are_known_in_many_languages() {
        for url in [
            "/logout",
            "/users/sign_out",
            "/member/log-out.do",
            "/account.php?action=logout&token=7",
            "/?logout=1",
            "/wp-login.php?action=logout",
            "/index.php?do=signOff",
            "/abmelden",
            "/fr/deconnexion",
            "/%E9%80%80%E5%87%BA",
            "/user/tuichu.html",
            "/cerrar-sesion",
            "/wyloguj",
        ] {
            assert!(found(url, "x"), "{url}");
        }
        for text in [
            "Log out",
            "Sign out (Anna)",
            "Abmelden",
            "Se déconnecter",
            "Cerrar sesión",
            "Sair",
            "Esci",
            "Выйти",
            "退出登录",
            "登出",
            "ログアウト",
            "로그아웃",
            "تسجيل الخروج",
            "» Logout",
            "Uitloggen",
            "Wyloguj się",
        ] {
            assert!(found("/x", text), "{text}");
        }
    }

    #[test]
    fn articles_about_it_are_followed() {
        for (url, text) in [
            ("/how-to-log-out-of-your-old-phone", "How to log out of your old phone"),
            ("/news/brexit", "Brexit"),
            ("/story/1", "Sign out of nowhere: a painter's life"),
            ("/tag/logistics", "Logistics"),
            ("/story/2", "退出的人们"),
            ("/salirrosas", "Salirrosas"),
        ] {
            assert!(!found(url, text), "{url} {text}");
        }
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(WORDS.is_sorted());
    }
}

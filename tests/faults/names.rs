//! Names that lead outside when they are checked, and inside when they are used.

use crate::site::{shim, shimmed};
use crate::support::program::Program;
use crate::support::server::{Answer, Server};

/// An address of the public internet at which nobody answers.
const OUTSIDE: &str = "192.31.196.9";

#[test]
fn a_name_that_is_another_address_the_second_time_leads_to_the_first_or_nowhere() {
    let Some(shim) = shim() else { return };
    let secret = Server::start(|_| Answer::html("<title>x</title><article><p>secret</p></article>"));
    // The user does not name it, or the address would be allowed.
    let away = format!("http://a.rebind.example:{}/", secret.port());
    let front = Server::start(move |_| Answer::redirect(302, &away));
    let address = front.url("/").to_string();
    for (names, kinds) in [
        (format!("{OUTSIDE},127.0.0.1"), ["timeout", "connect", "refused", "unreachable"].as_slice()),
        (format!("127.0.0.1,{OUTSIDE}"), ["private-address"].as_slice()),
        ("127.0.0.1,127.0.0.1".to_owned(), ["private-address"].as_slice()),
        (format!("{OUTSIDE},::ffff:127.0.0.1"), ["timeout", "connect", "refused", "unreachable"].as_slice()),
    ] {
        let program = Program::in_memory();
        let arguments = ["archive", &address, "--json", "--timeout", "1s", "--retries", "1"];
        let output = shimmed(&program, shim, &[("SHIM_NAMES", names.as_str())], &arguments).output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        let event = out.lines().find(|line| line.contains("\"event\":\"article\"")).unwrap_or_default();
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        let kind = event["error"]["kind"].as_str().unwrap_or_default();
        assert!(kinds.contains(&kind), "{names}: {event}");
        assert_eq!(secret.log().len(), 0, "{names}: a machine inside was asked");
    }
}

//! Texts of the help that several commands share.

/// Lays out examples for the end of a command's help.
macro_rules! examples {
    ($($what:literal => $command:literal),+ $(,)?) => {
        concat!("Examples:", $("\n  ", $what, ":\n      ", $command),+)
    };
}
pub(crate) use examples;

/// The exit codes, as help and manual show them.
pub const EXIT_STATUS: [(&str, &str); 6] = [
    ("0", "done"),
    ("1", "the run failed"),
    ("2", "invalid usage or configuration"),
    ("3", "finished, but a page failed, or with --strict has warnings"),
    ("4", "verify found damage"),
    ("130", "interrupted"),
];

/// Returns the end of `bindery --help`.
pub fn exit_status() -> String {
    let lines = EXIT_STATUS.map(|(code, meaning)| format!("  {code:<4} {meaning}"));
    format!("Exit codes:\n{}", lines.join("\n"))
}

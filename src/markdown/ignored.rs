//! Patterns of lines that a user does not want compared.

use regex_automata::meta::Regex;

/// A pattern that matches each of these matches everything.
const SAMPLES: [&str; 6] =
    ["a", "7", "The river is slow.", "城里最后一家装订铺。", "- [x](https://example.org/) 12", "Ποτάμι река نهر"];

/// Lines that are left out of a text digest: regular expressions.
#[derive(Debug, Clone, Default)]
pub struct IgnoredLines(Vec<Regex>);

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is not a regular expression.
    #[error("`{pattern}` is not a regular expression: {cause}")]
    Invalid {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        cause: String,
    },
    /// It matches every line.
    #[error("`{pattern}` matches every line, so no change would be seen; make it more specific")]
    MatchesAll {
        /// The pattern.
        pattern: String,
    },
}

impl IgnoredLines {
    /// Compiles patterns.
    ///
    /// # Errors
    /// A pattern is not a regular expression, or matches every line.
    pub fn new(patterns: &[String]) -> Result<Self, PatternError> {
        patterns.iter().map(|pattern| compiled(pattern)).collect::<Result<_, _>>().map(Self)
    }

    /// Returns whether a pattern matches a part of the line.
    pub fn contains(&self, line: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(line))
    }
}

fn compiled(pattern: &str) -> Result<Regex, PatternError> {
    let regex = Regex::new(pattern).map_err(|error| {
        let cause = error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string);
        // The first lines of a syntax error show the pattern again.
        let cause = cause.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        PatternError::Invalid { pattern: pattern.to_owned(), cause }
    })?;
    match regex.is_match("") || SAMPLES.iter().all(|sample| regex.is_match(sample)) {
        true => Err(PatternError::MatchesAll { pattern: pattern.to_owned() }),
        false => Ok(regex),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(patterns: &[&str]) -> Result<IgnoredLines, PatternError> {
        IgnoredLines::new(&patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_pattern_matches_a_part_of_a_line() {
        let ignored = lines(&["^Weather:", r"今日气温：-?\d+"]).unwrap();
        assert!(ignored.contains("Weather: 12 °C") && ignored.contains("（今日气温：7 度）"));
        assert!(!ignored.contains("The weather: 12 °C"));
    }

    #[test]
    fn a_pattern_that_matches_everything_or_is_malformed_is_refused() {
        for pattern in ["", ".", ".*", "x*", "^", r"\w", "a|."] {
            let refused = lines(&[pattern]).unwrap_err();
            assert!(matches!(refused, PatternError::MatchesAll { .. }), "{pattern}");
        }
        let refused = lines(&["views: ("]).unwrap_err().to_string();
        assert!(
            refused.starts_with("`views: (` is not a regular expression: ") && !refused.contains('\n'),
            "{refused}"
        );
    }
}

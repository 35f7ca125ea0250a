//! The number of an equation at the end of a formula, `\quad (2)`: no part of it.

/// What stands between a formula and its number.
const SEPARATORS: [&str; 8] = ["\\quad", "\\qquad", "\\hfill", "\\hfil", "\\eqno", "\\leqno", "~", "&"];

/// Space that says nothing by itself.
const SPACES: [&str; 4] = ["\\,", "\\;", "\\:", "\\ "];

/// The formula without the number at its end: one in brackets after `\quad` and the like, or after the formula's full stop.
pub(super) fn without_number(text: &str) -> &str {
    let Some(before) = text.trim_end().strip_suffix(')').and_then(|t| t.rsplit_once('(')).filter(|(_, n)| is_number(n))
    else {
        return text;
    };
    let mut rest = before.0.trim_end();
    while let Some(shorter) = SPACES.iter().find_map(|s| rest.strip_suffix(s)) {
        rest = shorter.trim_end();
    }
    let after_stop = rest.ends_with(['.', ',', ';']) && before.0.len() > rest.len();
    let separated = SEPARATORS.iter().find_map(|s| rest.strip_suffix(s));
    let spaced = rest.strip_suffix('}').and_then(|t| t.rsplit_once("\\hspace{")).map(|(t, _)| t);
    match separated.or(spaced) {
        Some(formula) => formula,
        None if after_stop => rest,
        None => text,
    }
}

/// `2`, `3.1`, `A.2`, `8a` or `Eq. 2`.
fn is_number(label: &str) -> bool {
    let label = label.trim();
    let label = ["Eq.", "eq.", "Eq", "eq"].iter().find_map(|e| label.strip_prefix(e)).unwrap_or(label).trim();
    let label = label.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(label);
    let label = label.trim_start_matches('.');
    let label = label.strip_suffix(|c: char| matches!(c, 'a'..='e')).unwrap_or(label);
    label.starts_with(|c: char| c.is_ascii_digit())
        && label.len() <= 12
        && label.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_after_a_formula_are_left_out() {
        for text in [
            r"-g \quad (2)",
            r"-g\qquad (8) ",
            "-g ~(2)",
            r"-g \quad \; (3.1)",
            r"-g & (A.2)",
            r"-g \hspace{2em} (8a)",
            r"-g \quad (Eq. 2)",
        ] {
            assert_eq!(without_number(text).trim_end().trim_end_matches('~').trim_end(), "-g", "{text}");
        }
        assert_eq!(without_number("-g. (2)"), "-g.");
        for text in ["-g (2)", "2(1+m)", r"x \quad (1+z)", "-g", "(2)", r"f \quad (h)", "2.(1-m)", ""] {
            assert_eq!(without_number(text), text);
        }
    }
}

//! "Did you mean": the nearest of the names that would have been right.

/// The candidate nearest to a misspelt name, if one is near enough.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    const CANDIDATES: usize = 4096;
    if name.len() > LONGEST {
        return None;
    }
    let allowed = (name.len() / 3).max(1);
    candidates
        .into_iter()
        .take(CANDIDATES)
        .filter(|c| c.len().abs_diff(name.len()) <= allowed && *c != name)
        .map(|c| if c.eq_ignore_ascii_case(name) { (0, c) } else { (strsim::damerau_levenshtein(name, c), c) })
        // A distance of the whole length is no resemblance: `x` is not a misspelt `y`.
        .filter(|(distance, c)| *distance <= allowed && *distance < name.len().max(c.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}

/// The first characters of a text that may be of any length, for use within a message.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far() {
        for (name, expected) in [
            ("thera", Some("theta")),
            ("Theta", Some("theta")),
            ("thtea", Some("theta")),
            ("lamda", None),
            ("y", None),
            ("sqr", Some("sqrt")),
        ] {
            assert_eq!(nearest(name, ["theta", "x", "sqrt"]), expected, "{name}");
        }
    }
}

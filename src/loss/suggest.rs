//! "Did you mean": the nearest of the names that would have been right, for every room that reads names.

use std::cmp::Reverse;

/// The candidate nearest to a misspelt name, if one is near enough.
///
/// Near is whoever takes the fewest changes of one letter or exchanges of two neighbours, case and separators apart; among
/// those the one that shares most letters, so that `tahn` is `tanh` and not `tan`.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    const CANDIDATES: usize = 4096;
    if name.len() > LONGEST {
        return None;
    }
    let (lower, folded) = (name.to_lowercase(), folded(name));
    let length = lower.chars().count();
    let distance = |candidate: &str| {
        if !folded.is_empty() && self::folded(candidate) == folded {
            return 0;
        }
        strsim::damerau_levenshtein(&lower, &candidate.to_lowercase())
    };
    let near = |candidate: &'a str| {
        let longer = candidate.chars().count().max(length);
        let allowed = (longer / 3).max(1);
        if candidate == name || candidate.chars().count().abs_diff(length) > allowed.max(2) {
            return None;
        }
        let distance = distance(candidate);
        // A distance of the whole length is no resemblance: `x` is not a misspelt `y`.
        (distance <= allowed && distance < longer).then(|| {
            let alike = strsim::jaro_winkler(&lower, &candidate.to_lowercase());
            // Of equally near ones the first, so that the order of a list counts.
            ((distance, Reverse(shared(&lower, candidate)), Reverse((alike * 1e6).round() as u64)), candidate)
        })
    };
    candidates.into_iter().take(CANDIDATES).filter_map(near).min_by_key(|(key, _)| *key).map(|(_, c)| c)
}

/// The letters and digits of a name alone, in lower case.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters two names share, each as often as both have it.
fn shared(a: &str, b: &str) -> usize {
    let mut rest: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let found = a.chars().filter(|c| rest.iter().position(|r| r == c).map(|at| rest.swap_remove(at)).is_some());
    found.count()
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

    /// Whatever the order of the list.
    #[test]
    fn letters_shared_decide_between_equally_near_names() {
        let functions = ["tan", "tanh", "atan", "sin", "sinh", "asin", "cos", "cosh", "acos", "log", "log1p", "exp"];
        let reversed: Vec<&str> = functions.iter().rev().copied().collect();
        for (name, expected) in
            [("tahn", "tanh"), ("ahtan", "atan"), ("snih", "sinh"), ("lgo", "log"), ("log1", "log1p")]
        {
            assert_eq!(nearest(name, functions), Some(expected), "{name}");
            assert_eq!(nearest(name, reversed.iter().copied()), Some(expected), "{name}");
        }
    }

    #[test]
    fn case_and_separators_do_not_count() {
        for name in ["heavyball", "Heavy Ball", "heavy_ball", "HEAVY-BALL", "heavy‐ball"] {
            assert_eq!(nearest(name, ["gradient-descent", "heavy-ball"]), Some("heavy-ball"), "{name}");
        }
    }
}

//! The sign between the two sides of a claim: `=` says that they are equal, `≈` that the right one is rounded.

/// Signs of rounding. A LaTeX command ends where its letters end.
const APPROXIMATE: [&str; 8] = ["≈", "≃", "≅", "∼", "\\approx", "\\simeq", "\\cong", "\\sim"];

/// Where the sides of a claim are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relation {
    /// Where the left side ends.
    pub(super) left: usize,
    /// Where the right side begins.
    pub(super) right: usize,
    /// Whether decimals on the right are rounded.
    pub(super) approximate: bool,
}

/// The first sign of a text. `~` is one too, but a space in LaTeX and part of `E~ = …`: only where no other sign is, or
/// between spaces.
pub(super) fn find(text: &str) -> Option<Relation> {
    let equals = text.find('=').map(|at| Relation { left: at, right: at + 1, approximate: false });
    let rounded = APPROXIMATE.iter().filter_map(|sign| {
        let mut matches = text.match_indices(sign);
        let (at, _) = matches.find(|(at, _)| {
            !sign.starts_with('\\') || !text[at + sign.len()..].starts_with(|c: char| c.is_ascii_alphabetic())
        })?;
        Some(Relation { left: at, right: at + sign.len(), approximate: true })
    });
    let first = equals.into_iter().chain(rounded).min_by_key(|relation| relation.left);
    let spaced = |at: &usize| text[..*at].ends_with(char::is_whitespace) && !text[..*at].trim().is_empty();
    let tilde = text.match_indices('~').map(|(at, _)| at);
    let between = tilde.clone().find(|at| spaced(at) && !text[at + 1..].trim_start().starts_with(['=', '~', '(']));
    match (first, between) {
        (Some(first), Some(at)) if at < first.left => Some(Relation { left: at, right: at + 1, approximate: true }),
        // ` ~=` is one sign.
        (Some(first), _) if first.left > 0 && text[..first.left].ends_with('~') && spaced(&(first.left - 1)) => {
            Some(Relation { left: first.left - 1, approximate: true, ..first })
        }
        (Some(first), _) => Some(first),
        (None, between) => {
            let at = between.or_else(|| tilde.clone().find(|at| !text[..*at].trim().is_empty()))?;
            Some(Relation { left: at, right: at + 1, approximate: true })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_is_found() {
        for (text, left, right, approximate) in [
            ("f_1 = -g", "f_1 ", " -g", false),
            ("f_1 ≈ -0.5 H g", "f_1 ", " -0.5 H g", true),
            (r"threshold\approx 2.79", "threshold", " 2.79", true),
            (r"f \simeq \sum_{p=0}^3 g", "f ", r" \sum_{p=0}^3 g", true),
            (r"f \sim \sum_{p=0}^3 g", "f ", r" \sum_{p=0}^3 g", true),
            ("f ~ sum_{p=0}^3 g", "f ", " sum_{p=0}^3 g", true),
            ("threshold ~ 2.785", "threshold ", " 2.785", true),
            ("threshold~2.785", "threshold", "2.785", true),
            ("threshold ~= 2.785", "threshold ", " 2.785", true),
            ("E~ = E + h/4 ||g||^2", "E~ ", " E + h/4 ||g||^2", false),
            ("E~= E", "E~", " E", false),
            ("E~ ~ E", "E~ ", " E", true),
            ("f_1 = -1/2 H g ~(2)", "f_1 ", " -1/2 H g ~(2)", false),
            (r"f_1 = -g \quad ~ 2", "f_1 ", r" -g \quad ~ 2", false),
        ] {
            let found = find(text).unwrap();
            assert_eq!((&text[..found.left], &text[found.right..]), (left, right), "{text}");
            assert_eq!(found.approximate, approximate, "{text}");
        }
        for text in ["f_1", "", "~", r"f \approximates g"] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}

//! Sums in the loss language, split at their top-level signs.

/// Splits a sum into its terms, each with whether a minus stands before it.
///
/// Signs inside brackets, exponents and numbers (`1e-3`) do not split. Parentheses are left alone.
pub(super) fn split(text: &str) -> Vec<(bool, &str)> {
    let mut terms = Vec::new();
    let (mut depth, mut start, mut negative) = (0_usize, 0, false);
    // Whether what stands before is an operand, so that a sign is binary; and whether inside a number.
    let (mut operand, mut number) = (false, false);
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        let in_exponent_of_number = number && matches!(previous, 'e' | 'E');
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '+' | '-' if depth == 0 && !in_exponent_of_number => {
                let before = text[start..at].trim();
                if operand {
                    terms.push((negative, before));
                    (start, negative) = (at + 1, c == '-');
                } else if before.is_empty() && c == '-' && terms.is_empty() {
                    (start, negative) = (at + 1, !negative);
                }
            }
            _ => {}
        }
        if !c.is_whitespace() {
            let word = c.is_ascii_alphanumeric() || c == '_' || c == '.';
            let sign_of_number = in_exponent_of_number && matches!(c, '+' | '-');
            let continued = word && (previous.is_ascii_alphanumeric() || previous == '_' || previous == '.');
            number = sign_of_number || (word && if continued { number } else { c.is_ascii_digit() });
            operand = word || matches!(c, ')' | ']' | '\'');
        }
        previous = c;
    }
    terms.push((negative, text[start..].trim()));
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_binary_signs_only() {
        assert_eq!(split("-a + b*(c - d) - e^-2"), [(true, "a"), (false, "b*(c - d)"), (true, "e^-2")]);
        assert_eq!(split("1e-3*x-2"), [(false, "1e-3*x"), (true, "2")]);
        assert_eq!(split("-2*x1-w[0]'"), [(true, "2*x1"), (true, "w[0]'")]);
        assert_eq!(split("e-3"), [(false, "e"), (true, "3")]);
        assert_eq!(split("x"), [(false, "x")]);
        assert_eq!(split("a*-b"), [(false, "a*-b")]);
    }
}

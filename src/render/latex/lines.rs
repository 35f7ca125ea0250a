//! Long sums, broken into lines.

/// Roughly the number of characters that LaTeX sets for a formula.
pub(in crate::render) fn width(tex: &str) -> usize {
    let (mut count, mut in_command) = (0, false);
    for c in tex.chars() {
        match c {
            '\\' => {
                count += 1;
                in_command = true;
            }
            c if in_command && c.is_ascii_alphabetic() => {}
            ' ' | '{' | '}' | '^' | '_' => in_command = false,
            _ => {
                in_command = false;
                count += 1;
            }
        }
    }
    count
}

/// A sum of signed terms as lines of at most `limit` characters or one term, each but the first with its sign in front.
pub(super) fn sum(terms: impl IntoIterator<Item = (bool, String)>, limit: usize, first_of_all: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for (negative, term) in terms {
        let length = width(&term) + 2;
        match lines.last_mut() {
            Some(line) if used + length <= limit => {
                line.push_str(if negative { " - " } else { " + " });
                line.push_str(&term);
                used += length;
            }
            last => {
                let leading = last.is_none() && first_of_all;
                // The empty group makes the sign a binary operator.
                let sign = match (leading, negative) {
                    (true, true) => "-",
                    (true, false) => "",
                    (false, true) => "{} - ",
                    (false, false) => "{} + ",
                };
                lines.push(format!("{sign}{term}"));
                used = length;
            }
        }
    }
    lines
}

/// An `align*` of rows, which may break across pages.
pub(in crate::render) fn align(rows: &[String]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!("{{\\allowdisplaybreaks\n\\begin{{align*}}\n  {}\n\\end{{align*}}}}\n", rows.join(" \\\\\n  "))
}

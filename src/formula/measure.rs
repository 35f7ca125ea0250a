//! How wide letters are set, in thousandths of the size of the type: Computer Modern at ten points, and its italics in formulas.

/// Sizes in a formula, its scripts and theirs, of the size of the type; small type is a little wider.
pub(super) const SCRIPT: [usize; 3] = [1000, 790, 680];

/// The small letters of formulas, from `a` on.
const SMALL: [usize; 26] = [
    529, 429, 433, 520, 466, 598, 513, 576, 345, 469, 552, 318, 878, 600, 485, 503, 482, 479, 469, 361, 572, 521, 743,
    572, 526, 509,
];
/// The capitals, from `A` on.
const CAPITAL: [usize; 26] = [
    750, 809, 787, 856, 796, 782, 786, 912, 519, 651, 920, 681, 1079, 912, 791, 781, 791, 767, 671, 723, 792, 805,
    1083, 907, 803, 754,
];
/// The small letters of text, from `a` on.
const TEXT: [usize; 26] = [
    500, 556, 444, 556, 444, 306, 500, 556, 278, 306, 528, 278, 833, 556, 500, 556, 528, 392, 394, 389, 556, 528, 722,
    528, 528, 444,
];

fn of_alphabet(c: char, small: &[usize; 26], capital: Option<&[usize; 26]>) -> Option<usize> {
    let at = |first: char| usize::try_from(u32::from(c) - u32::from(first)).ok();
    match c {
        'a'..='z' => small.get(at('a')?).copied(),
        'A'..='Z' => Some(capital.map_or(Some(750), |widths| widths.get(at('A')?).copied())?),
        _ => None,
    }
}

/// Letters of a formula.
pub(super) fn letters(shown: &str) -> usize {
    let letter = |c: char| {
        of_alphabet(c, &SMALL, Some(&CAPITAL)).unwrap_or(match c {
            '0'..='9' | '*' => 500,
            ' ' => 0,
            '(' | ')' | '\'' => 389,
            '∇' => 833,
            c if c.is_uppercase() => 778,
            _ => 620,
        })
    };
    shown.chars().map(letter).sum()
}

/// Words.
pub(crate) fn words(text: &str) -> usize {
    let letter = |c: char| {
        of_alphabet(c, &TEXT, None).unwrap_or(match c {
            '0'..='9' => 500,
            ' ' => 333,
            '(' | ')' => 389,
            '.' | ',' | ':' | ';' => 278,
            '-' => 333,
            '–' => 500,
            '…' => 1000,
            _ => 560,
        })
    };
    text.chars().map(letter).sum()
}

/// Fonts and accents, which show nothing by themselves.
const SILENT: [&str; 24] = [
    "mathcal",
    "mathbf",
    "mathrm",
    "mathsf",
    "mathit",
    "mathbb",
    "mathscr",
    "mathfrak",
    "mathtt",
    "boldsymbol",
    "bm",
    "operatorname",
    "hat",
    "tilde",
    "bar",
    "vec",
    "dot",
    "widehat",
    "widetilde",
    "cal",
    "bold",
    "upright",
    "sans",
    "italic",
];

/// The symbols of an author's markup beside each other, each with the scripts and arguments that belong to it counted apart.
fn symbols(markup: &str) -> (String, usize) {
    let (mut seen, mut count, mut depth) = (String::new(), 0, 0_usize);
    let mut rest = markup;
    let mut joined = false;
    while let Some(c) = rest.chars().next() {
        let name = rest.trim_start_matches('\\');
        let length = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
        let word = &name[..length];
        let step = if length > 1 || c == '\\' && length > 0 {
            let silent = SILENT.contains(&word);
            if !silent {
                seen.push('∇');
            }
            if depth == 0 && !joined {
                count += 1;
            }
            joined = silent;
            rest.len() - name.len() + length
        } else {
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => {
                    depth = depth.saturating_sub(1);
                    joined = false;
                }
                // A script makes it more than one letter.
                '^' | '_' | '\'' if depth == 0 => count += 1,
                ' ' | '^' | '_' | '\\' | '"' => {}
                c => {
                    seen.push(c);
                    if depth == 0 && !joined {
                        count += 1;
                    }
                    joined = false;
                }
            }
            c.len_utf8()
        };
        rest = &rest[step..];
    }
    (seen, count)
}

/// The letters that an author's markup shows, to be measured.
pub(super) fn seen(markup: &str) -> String {
    symbols(markup).0
}

/// Whether an author's markup is more than one letter, so that it needs brackets where something belongs to the whole.
pub(super) fn is_compound(markup: &str) -> bool {
    symbols(markup).1 > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_is_told_from_several() {
        for one in ["E", "\\theta", "\\mathcal{L}", "\\bm{w}", "cal(L)", "bold(w)", "\\loss", "\\mathcal L"] {
            assert!(!is_compound(one), "{one}");
        }
        for several in ["\\nabla^2 L", "F_\\star", "\\nabla L", "L'", "nabla L", "a b"] {
            assert!(is_compound(several), "{several}");
        }
    }
}

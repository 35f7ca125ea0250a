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

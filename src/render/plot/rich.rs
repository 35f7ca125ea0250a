//! Text with mathematics in it: slanted letters, indices and powers.

use super::font::{Letters, width};

/// Letters of one kind at one height.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) slanted: bool,
    pub(super) height: Height,
}

/// Where letters stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Height {
    Line,
    Index,
    Power,
}

/// Names of functions and parts, which stand upright.
const UPRIGHT: [&str; 14] =
    ["Re", "Im", "log", "ln", "exp", "sin", "cos", "tan", "tanh", "max", "min", "arg", "NGF", "PF"];

/// Small digits and signs of Unicode that fonts have not all of, and what they are.
const INDICES: [(char, char); 15] = [
    ('₀', '0'),
    ('₁', '1'),
    ('₂', '2'),
    ('₃', '3'),
    ('₄', '4'),
    ('₅', '5'),
    ('₆', '6'),
    ('₇', '7'),
    ('₈', '8'),
    ('₉', '9'),
    ('₋', '−'),
    ('₊', '+'),
    ('ₙ', 'n'),
    ('ᵢ', 'i'),
    ('ₖ', 'k'),
];
const POWERS: [(char, char); 14] = [
    ('⁰', '0'),
    ('¹', '1'),
    ('²', '2'),
    ('³', '3'),
    ('⁴', '4'),
    ('⁵', '5'),
    ('⁶', '6'),
    ('⁷', '7'),
    ('⁸', '8'),
    ('⁹', '9'),
    ('⁻', '−'),
    ('⁺', '+'),
    ('ⁿ', 'n'),
    ('ᵀ', 'T'),
];

/// The spans of a text: between two `$`, the first without a space behind it and the second without one before it, mathematics is meant, in which `_` and
/// `^` lower and raise what follows, braces hold together, and letters are slanted.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let mut out = Vec::new();
    for (piece, is_formula) in pieces(text) {
        if is_formula {
            formula(piece, &mut out);
        } else {
            for c in piece.chars() {
                small(c, false, &mut out);
            }
        }
    }
    out
}

/// The text without the marks of mathematics.
///
/// Indices and powers of digits are those of Unicode, as in `hλ₀`.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for span in spans(text) {
        let table: &[(char, char)] = match span.height {
            Height::Line => &[],
            Height::Index => &INDICES,
            Height::Power => &POWERS,
        };
        let of = |c: char| table.iter().find(|(_, plain)| *plain == c).map(|(small, _)| *small);
        let all: Option<String> = span.text.chars().map(of).collect();
        match (span.height, all) {
            (Height::Line, _) => out.push_str(&span.text),
            (_, Some(small)) => out.push_str(&small),
            (Height::Index, None) => out.extend(["_", &span.text]),
            (Height::Power, None) => out.extend(["^", &span.text]),
        }
    }
    out
}

/// How small indices and powers are beside the letters of a size, in units too.
pub(super) fn script(size: f64, least: f64) -> f64 {
    (0.72 * size).max(least)
}

/// The width of a text at a size, in units; `least` is the size that no letter is smaller than.
pub(super) fn measure(text: &str, size: f64, strong: bool, least: f64) -> f64 {
    let of = |span: &Span| {
        let size = if span.height == Height::Line { size } else { script(size, least) };
        let letters = match (span.slanted, strong) {
            (true, _) => Letters::Slanted,
            (false, true) => Letters::Strong,
            (false, false) => Letters::Upright,
        };
        size * width(&span.text, letters)
    };
    spans(text).iter().map(of).sum()
}

/// A text in lines of at most a width, broken at spaces outside mathematics.
pub(super) fn wrapped(text: &str, most: f64, size: f64, strong: bool, least: f64) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut glued = false;
    for (piece, is_formula) in pieces(text) {
        if is_formula {
            let piece = format!("${piece}$");
            match words.last_mut().filter(|_| glued) {
                Some(word) => word.push_str(&piece),
                None => words.push(piece),
            }
            glued = true;
            continue;
        }
        for (k, word) in piece.split(' ').enumerate() {
            match words.last_mut().filter(|_| k == 0 && glued) {
                Some(last) => last.push_str(word),
                None => words.push(word.to_owned()),
            }
        }
        glued = !piece.ends_with(' ');
    }
    let mut lines: Vec<String> = Vec::new();
    for word in words.into_iter().filter(|w| !w.is_empty()) {
        let fits = |line: &String| measure(&format!("{line} {word}"), size, strong, least) <= most;
        match lines.last_mut().filter(|line| fits(line)) {
            Some(line) => line.extend([" ", &word]),
            None => lines.push(word),
        }
    }
    lines
}

/// Two names of the loss language as mathematics, as they are typed where they would be one symbol.
pub(super) fn symbols(names: [&str; 2]) -> [String; 2] {
    let [a, b] = names.map(symbol);
    if a == b { names.map(|name| name.replace('$', " ")) } else { [a, b] }
}

/// A name of the loss language as mathematics: `theta_1` is θ with an index, as `theta1` is.
fn symbol(name: &str) -> String {
    const GREEK: [(&str, &str); 24] = [
        ("alpha", "α"),
        ("beta", "β"),
        ("gamma", "γ"),
        ("delta", "δ"),
        ("epsilon", "ε"),
        ("zeta", "ζ"),
        ("eta", "η"),
        ("theta", "θ"),
        ("iota", "ι"),
        ("kappa", "κ"),
        ("lambda", "λ"),
        ("mu", "μ"),
        ("nu", "ν"),
        ("xi", "ξ"),
        ("pi", "π"),
        ("rho", "ρ"),
        ("sigma", "σ"),
        ("tau", "τ"),
        ("upsilon", "υ"),
        ("phi", "φ"),
        ("chi", "χ"),
        ("psi", "ψ"),
        ("omega", "ω"),
        ("Omega", "Ω"),
    ];
    let known =
        |word: &str| GREEK.iter().find(|(name, _)| *name == word).map_or(word.to_owned(), |(_, c)| (*c).to_owned());
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    let (stem, rest) = name.find('[').map_or((name, ""), |at| name.split_at(at));
    let index = rest.replace(['$', '_', '^'], " ");
    match stem.split_once('_') {
        Some((base, below)) if plain(base) && plain(below) => format!("${}_{{{}}}{index}$", known(base), known(below)),
        None if plain(stem) => {
            let digits = stem.find(|c: char| c.is_ascii_digit()).unwrap_or(stem.len());
            let (base, number) = stem.split_at(digits);
            let number = if number.is_empty() { String::new() } else { format!("_{{{number}}}") };
            format!("${}{number}{index}$", known(base))
        }
        _ => name.replace('$', " "),
    }
}

/// The pieces of a text, and whether each is mathematics.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((from, to)) = formula_in(rest) {
        if from > 0 {
            out.push((&rest[..from], false));
        }
        out.push((&rest[from + 1..to], true));
        rest = &rest[to + 1..];
    }
    if !rest.is_empty() {
        out.push((rest, false));
    }
    out
}

/// The places of the first two `$` that hold mathematics.
fn formula_in(text: &str) -> Option<(usize, usize)> {
    let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let marks: Vec<usize> = text.match_indices('$').map(|(at, _)| at).collect();
    marks.iter().enumerate().find_map(|(k, from)| {
        let opens = !space(text[from + 1..].chars().next());
        let closes = |to: &&usize| {
            let behind = text[*to + 1..].chars().next();
            !space(text[..**to].chars().next_back()) && **to > from + 1 && !behind.is_some_and(|c| c.is_ascii_digit())
        };
        let to = marks[k + 1..].iter().find(closes)?;
        opens.then_some((*from, *to))
    })
}

fn push(out: &mut Vec<Span>, text: &str, slanted: bool, height: Height) {
    match out.last_mut() {
        Some(last) if last.slanted == slanted && last.height == height => last.text.push_str(text),
        _ => out.push(Span { text: text.to_owned(), slanted, height }),
    }
}

/// A character on the line, or where Unicode has it small, as an index or a power.
fn small(c: char, slanted: bool, out: &mut Vec<Span>) {
    let of = |table: &[(char, char)]| table.iter().find(|(small, _)| *small == c).map(|(_, plain)| *plain);
    let (c, height) = match (of(&INDICES), of(&POWERS)) {
        (Some(c), _) => (c, Height::Index),
        (None, Some(c)) => (c, Height::Power),
        (None, None) => (c, Height::Line),
    };
    push(
        out,
        c.encode_utf8(&mut [0; 4]),
        slanted && height == Height::Line || height != Height::Line && c.is_alphabetic() && c != 'T',
        height,
    );
}

fn formula(text: &str, out: &mut Vec<Span>) {
    let mut height = Height::Line;
    let mut in_braces = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let length = word.max(digits).max(c.len_utf8());
        let token = &rest[..length];
        rest = &rest[length..];
        match c {
            '_' | '^' if !in_braces => {
                height = if c == '_' { Height::Index } else { Height::Power };
                if let Some(inside) = rest.strip_prefix('{') {
                    (rest, in_braces) = (inside, true);
                }
                continue;
            }
            '}' if in_braces => {
                (height, in_braces) = (Height::Line, false);
                continue;
            }
            '-' => push(out, "−", false, height),
            _ if word > 0 => push(out, token, !UPRIGHT.contains(&token), height),
            // Capitals of Greek are upright.
            'α'..='ω' | 'ϵ' | 'ϕ' => push(out, token, true, height),
            _ if height == Height::Line && digits == 0 => small(c, false, out),
            _ => push(out, token, false, height),
        }
        if !in_braces {
            height = Height::Line;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The spans of a text, an index in brackets, a power in braces, slanted letters between strokes.
    fn seen(text: &str) -> String {
        let mark = |span: &Span| {
            let text = if span.slanted { format!("/{}/", span.text) } else { span.text.clone() };
            match span.height {
                Height::Line => text,
                Height::Index => format!("[{text}]"),
                Height::Power => format!("{{{text}}}"),
            }
        };
        spans(text).iter().map(mark).collect()
    }

    #[test]
    fn mathematics_stands_between_dollars() {
        for (text, expected) in [
            ("$hλ_0$", "/hλ/[0]"),
            ("$h =$ 0.1", "/h/ = 0.1"),
            ("$10^{-3}$", "10{−3}"),
            ("$2·10^{12}$", "2·10{12}"),
            ("$Re log(1−z)/z$", "Re log(1−/z/)//z/"),
            ("$(h^2/2) |Hg|$", "(/h/{2}/2) |/Hg/|"),
            ("$u_i^T$", "/u/[/i/]{/T/}"),
            ("x² and hλ₀", "x{2} and hλ[0]"),
            ("5 $ and 6 $", "5 $ and 6 $"),
            ("$5 and $6", "$5 and $6"),
            ("a $x$b$", "a /x/b$"),
            ("$", "$"),
            ("$$", "$$"),
            ("${$", "{"),
            ("$x_{12$", "/x/[12]"),
        ] {
            assert_eq!(seen(text), expected, "{text}");
        }
    }

    #[test]
    fn plain_text_has_small_digits() {
        for (text, expected) in
            [("$hλ_0 =$ 2", "hλ₀ = 2"), ("$10^{-3}$", "10⁻³"), ("$x_{ab}$", "x_ab"), ("E = 5 $", "E = 5 $")]
        {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn names_of_the_loss_language_are_symbols() {
        for (name, expected) in [
            ("x", "/x/"),
            ("theta_1", "/θ/[1]"),
            ("u0", "/u/[0]"),
            ("w[0]", "/w/[0]"),
            ("rate_max", "/rate/[max]"),
            ("a_b_c", "a_b_c"),
        ] {
            assert_eq!(seen(&symbol(name)), expected);
        }
        assert_eq!(symbols(["x1", "x_1"]), ["x1", "x_1"]);
    }

    #[test]
    fn lines_break_at_spaces_outside_mathematics() {
        assert_eq!(wrapped("one two $h = 3$, four", 60.0, 10.0, false, 9.0), ["one two", "$h = 3$, four"]);
        assert_eq!(wrapped("", 60.0, 10.0, false, 9.0), Vec::<String>::new());
        assert_eq!(wrapped("longer than the line", 1.0, 10.0, false, 9.0).len(), 4);
    }
}

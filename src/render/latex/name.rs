//! Names of the loss language in LaTeX, different ones by different symbols.

use rustc_hash::{FxHashMap, FxHashSet};

const GREEK: [&str; 34] = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "vartheta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Sigma",
    "Phi",
    "Omega",
];

/// A name in LaTeX and its subscript, if it has one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    pub(super) stem: String,
    pub(super) subscript: Option<String>,
}

/// How the names of one loss are written, no two alike.
///
/// A name alone is written as a person would: `x1` and `x_1` both as `x_{1}`, as the entry `x[1]` is. Where two names of a loss
/// would be one symbol, they are written letter by letter instead, arrays excepted where that suffices.
///
/// ```
/// use shadowflow::render::latex::{Names, expression};
/// assert_eq!(expression("x_1 + theta1"), r"x_{1} + \theta_{1}");
/// let names = Names::new(["x1", "x_1", "x[0]", "x[1]"]);
/// assert_eq!(names.expression("x1 + x_1 + x[1]"), r"\mathit{x1} + \mathit{x\_1} + x_{1}");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Those that are not written as they would be alone.
    literal: FxHashSet<String>,
    /// Whether `e` is a name, so that it is not the base of the exponential function.
    has_e: bool,
}

impl Names {
    /// The names of a loss: parameters, constants and shared subterms, entries of arrays as `w[0]`.
    #[must_use]
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        // Which of them are arrays.
        let mut known: FxHashMap<&str, bool> = FxHashMap::default();
        for text in names {
            let stem = text.split('[').next().unwrap_or(text);
            *known.entry(stem).or_default() |= stem.len() < text.len();
        }
        let mut literal = FxHashSet::default();
        loop {
            let written = |text: &str| if literal.contains(text) { spelled(text) } else { name(text) };
            let mut groups: FxHashMap<Name, Vec<&str>> = FxHashMap::default();
            for text in known.keys() {
                groups.entry(written(text)).or_default().push(text);
            }
            let mut more: Vec<&str> = Vec::new();
            for (symbol, group) in &groups {
                if group.len() > 1 {
                    more.extend(group);
                }
                // An entry of an array may be written like a name with a subscript.
                let stem = Name { stem: symbol.stem.clone(), subscript: None };
                let is_index = symbol.subscript.as_ref().is_some_and(|s| s.bytes().all(|b| b.is_ascii_digit()));
                if is_index && groups.get(&stem).is_some_and(|arrays| arrays.iter().any(|a| known[a])) {
                    more.extend(group);
                }
            }
            more.retain(|text| !literal.contains(*text));
            if more.is_empty() {
                return Self { literal, has_e: known.contains_key("e") };
            }
            literal.extend(more.into_iter().map(str::to_owned));
        }
    }

    /// Whether `e` is one of the names.
    pub(super) fn has_e(&self) -> bool {
        self.has_e
    }

    pub(super) fn name(&self, text: &str) -> Name {
        if self.literal.contains(text) { spelled(text) } else { name(text) }
    }
}

/// A name letter by letter.
fn spelled(text: &str) -> Name {
    Name { stem: format!("\\mathit{{{}}}", text.replace('_', "\\_")), subscript: None }
}

/// Splits a name such as `theta1` or `w_out` into a stem and a subscript.
fn name(text: &str) -> Name {
    let digits = text.len() - text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (stem, subscript) = match text.split_once('_') {
        Some((stem, rest)) if !stem.is_empty() && !rest.is_empty() => (stem, Some(word(rest))),
        _ if digits > 0 && digits < text.len() => (&text[..digits], Some(text[digits..].to_owned())),
        _ => (text, None),
    };
    Name { stem: word(stem), subscript }
}

/// Letters and digits as one symbol.
fn word(text: &str) -> String {
    if GREEK.contains(&text) {
        format!("\\{text}")
    } else if text.chars().count() == 1 || text.bytes().all(|b| b.is_ascii_digit()) {
        text.replace('_', "\\_")
    } else {
        format!("\\mathit{{{}}}", text.replace('_', "\\_"))
    }
}

impl Name {
    /// The name with an index behind its subscript, if there is one.
    pub(super) fn indexed(&self, index: Option<&str>) -> String {
        match (&self.subscript, index) {
            (None, None) => self.stem.clone(),
            (Some(subscript), None) => format!("{}_{{{subscript}}}", self.stem),
            (None, Some(index)) => format!("{}_{{{index}}}", self.stem),
            (Some(subscript), Some(index)) => format!("{}_{{{subscript}; {index}}}", self.stem),
        }
    }
}

#[cfg(all(test, feature = "report"))]
mod tests {
    use super::*;
    use crate::render::html::mathml;
    use proptest::prelude::*;

    #[test]
    fn names() {
        for (text, expected) in [
            ("x", "x"),
            ("theta", "\\theta"),
            ("theta1", "\\theta_{1}"),
            ("s12", "s_{12}"),
            ("rate", "\\mathit{rate}"),
            ("w_out", "w_{\\mathit{out}}"),
            ("x_1", "x_{1}"),
            ("a_b_c", "a_{\\mathit{b\\_c}}"),
            ("_x", "\\mathit{\\_x}"),
            ("x_", "\\mathit{x\\_}"),
            ("_", "\\_"),
        ] {
            assert_eq!(Names::default().name(text).indexed(None), expected);
            // Alone in its loss it is written the same.
            assert_eq!(Names::new([text]).name(text).indexed(None), expected);
        }
        assert_eq!(name("w").indexed(Some("0, 1")), "w_{0, 1}");
        assert_eq!(name("w1").indexed(Some("0")), "w_{1; 0}");
    }

    /// Every name and entry, in LaTeX and as MathML.
    fn check(names: &[String]) {
        let spelling = Names::new(names.iter().map(String::as_str));
        let mut all: Vec<&str> = names.iter().map(String::as_str).collect();
        // An array may stand whole.
        all.extend(names.iter().filter_map(|n| n.split_once('[').map(|(stem, _)| stem)));
        all.sort_unstable();
        all.dedup();
        let mut latex: FxHashMap<String, &str> = FxHashMap::default();
        let mut markup: FxHashMap<String, &str> = FxHashMap::default();
        for text in all {
            let symbol = spelling.expression(text);
            assert!(!symbol.starts_with("\\texttt"), "{text}: {symbol}");
            let drawn = mathml(&symbol, false).unwrap_or_else(|e| panic!("{text}: {e}"));
            if let Some(other) = latex.insert(symbol.clone(), text) {
                panic!("{text} and {other} are both {symbol} among {names:?}");
            }
            if let Some(other) = markup.insert(drawn.clone(), text) {
                panic!("{text} and {other} are both {drawn} among {names:?}");
            }
        }
    }

    #[test]
    fn one_symbol_is_one_name() {
        for names in [
            &["x1", "x_1", "x[0]", "x[1]"] as &[&str],
            &["x1", "x_1"],
            &["x12", "x_12", "x1_2", "x_1_2", "x1[0]", "x1[1]", "x1[2]", "x1_0"],
            &["x__1", "x_1", "x1_", "x_", "_x", "_x1", "__x", "_", "__", "_1", "__1"],
            &["alpha", "alpha1", "alpha_1", "Alpha", "a", "al", "alph", "alpha_"],
            &["nu", "v", "N", "n", "mu", "u", "omega", "w", "Omega", "O", "rho", "p", "P"],
            &["e", "E", "i", "d", "T", "e_1", "e1", "pi_2", "pi2", "mathrm", "mathit", "frac", "text"],
            &["x_y", "xy", "x", "y", "x_theta", "xtheta", "theta", "x_10", "x_1", "x_0"],
            &["w[0]", "w[1]", "w_0", "w0", "w_00", "w00", "w_1", "w[2]", "w_[0]", "W[0]"],
            &["s1", "s[0]", "s[1]", "s_1", "s2"],
        ] {
            check(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        }
        let long = "a".repeat(5_000);
        check(&[long.clone(), format!("{long}1"), format!("{long}_1"), format!("{long}a")]);
        let e = Names::new(["e", "x"]);
        assert_eq!((e.expression("e^x"), e.expression("exp(x)")), ("e^{x}".to_owned(), "\\exp(x)".to_owned()));
        let t = Names::new(["T", "u[0]"]);
        assert_ne!(t.expression("u^T"), t.expression("u'"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn the_map_is_injective(
            scalars in prop::collection::btree_set("(x|y|alpha|pi|mathrm|e|E)?_?(1|12|0|x|beta|_)?_?(1|2|a|_)?", 1..25),
            arrays in prop::collection::btree_set("(x|y|alpha)_?(1|0)?", 0..4),
        ) {
            let fine = |n: &String| !n.is_empty() && !n.starts_with(|c: char| c.is_ascii_digit()) && n != "pi";
            let mut names: Vec<String> = scalars.into_iter().filter(|n| fine(n) && !arrays.contains(n)).collect();
            names.extend(arrays.iter().flat_map(|a| (0..13).map(move |k| format!("{a}[{k}]"))));
            check(&names);
        }
    }
}

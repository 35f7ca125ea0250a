//! Names of the loss language as symbols, different ones by different symbols.

use super::arrange::Kind;
use super::name::{Name, Word, name, spelled};
use super::own::Own;
use rustc_hash::{FxHashMap, FxHashSet};

/// How the names of one loss are written, no two alike.
///
/// A name alone is written as a person would: `x1` and `x_1` both as `x_{1}`, as the entry `x[1]` is. Where two names of a loss
/// would be one symbol, they are written letter by letter instead, arrays excepted where that suffices.
///
/// ```
/// use shadowflow::formula::{Formula, Spelling};
/// let sum = |names: [&str; 2]| Formula::sum(names.map(|name| (false, Formula::name(name))).to_vec());
/// assert_eq!(Spelling::default().latex(&sum(["x_1", "theta1"])), r"x_{1} + \theta_{1}");
/// let spelling = Spelling::beside([("x1", false), ("x_1", false), ("x", true)]);
/// assert_eq!(spelling.latex(&sum(["x1", "x_1"])), r"\mathit{x1} + \mathit{x\_1}");
/// assert_eq!(spelling.latex(&Formula::entry("x", vec![1])), "x_{1}");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Those that are not written as they would be alone.
    literal: FxHashSet<String>,
    /// Those that mean something to a printer: `e`, so that it is not the base of the exponential function, and `sigma`.
    declared: FxHashSet<String>,
    /// Whether all are written as they are typed.
    verbatim: bool,
    /// Those that stand for constants, and come before the others in a product.
    constants: FxHashSet<String>,
    /// Those of subterms, which come behind the variables.
    subterms: FxHashSet<String>,
    /// Those that an author writes otherwise, in markup.
    own: FxHashMap<String, Own>,
}

impl Names {
    /// The names of a loss: parameters, constants and shared subterms, each with whether it is an array.
    #[must_use]
    pub fn new<'a>(names: impl IntoIterator<Item = (&'a str, bool)>) -> Self {
        let mut known: FxHashMap<&str, bool> = FxHashMap::default();
        for (name, is_array) in names {
            *known.entry(name).or_default() |= is_array;
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
                let stem = Name { stem: symbol.stem.clone(), below: Vec::new() };
                let digits = |(word, more): &(Word, Option<String>)| {
                    more.is_none() && matches!(word, Word::Single(text) if text.bytes().all(|b| b.is_ascii_digit()))
                };
                let is_index = !symbol.below.is_empty() && symbol.below.iter().all(digits);
                if is_index && groups.get(&stem).is_some_and(|arrays| arrays.iter().any(|a| known[a])) {
                    more.extend(group);
                }
            }
            more.retain(|text| !literal.contains(*text));
            if more.is_empty() {
                let special = ["e", "sigma"].into_iter().filter(|name| known.contains_key(name)).map(str::to_owned);
                return Self { literal, declared: special.collect(), ..Self::default() };
            }
            literal.extend(more.into_iter().map(str::to_owned));
        }
    }

    /// Any names and entries in a typewriter font, as they are typed.
    #[must_use]
    pub fn verbatim() -> Self {
        Self { verbatim: true, ..Self::default() }
    }

    /// With these as constants, which come before the others in a product: `4 b x^3`.
    #[must_use]
    pub fn with_constants<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.constants.extend(names.into_iter().map(str::to_owned));
        self
    }

    /// With these as names of subterms, which come behind the variables in a product: `x^2 s_1`.
    #[must_use]
    pub fn with_subterms<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.subterms.extend(names.into_iter().map(str::to_owned));
        self
    }

    /// With a name in the author's own markup.
    pub(crate) fn write_as(&mut self, name: &str, markup: Own) {
        self.own.insert(name.to_owned(), markup);
    }

    /// With σ as a letter of the author's, so that it is no function.
    pub(crate) fn declare_sigma(&mut self) {
        self.declared.insert("sigma".to_owned());
    }

    /// The author's own markup of a name.
    pub(super) fn own(&self, name: &str) -> Option<&Own> {
        self.own.get(name)
    }

    /// What a name stands for.
    pub(super) fn kind(&self, name: &str) -> Kind {
        if self.constants.contains(name) {
            Kind::Constant
        } else if self.subterms.contains(name) {
            Kind::Subterm
        } else {
            Kind::Variable
        }
    }

    /// Whether this is one of the names.
    pub(super) fn is_declared(&self, name: &str) -> bool {
        self.declared.contains(name)
    }

    /// Whether `e` is one of the names.
    pub(super) fn has_e(&self) -> bool {
        self.is_declared("e")
    }

    pub(super) fn name(&self, text: &str) -> Name {
        if let Some(own) = self.own.get(text) {
            Name { stem: Word::Own(own.clone()), below: Vec::new() }
        } else if self.verbatim {
            Name { stem: Word::Verbatim(text.to_owned()), below: Vec::new() }
        } else if self.literal.contains(text) {
            spelled(text)
        } else {
            name(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::{Formula, Markup, Spelling};
    use proptest::prelude::*;

    #[test]
    fn names() {
        for (text, latex, typst) in [
            ("x", "x", "x"),
            ("theta", "\\theta", "theta"),
            ("theta1", "\\theta_{1}", "theta_1"),
            ("alpha2", "\\alpha_{2}", "alpha_2"),
            ("k_theta", "k_{\\theta}", "k_(theta)"),
            ("k_theta1", "k_{\\theta_{1}}", "k_(theta_1)"),
            ("s12", "s_{12}", "s_12"),
            ("rate", "\\mathit{rate}", "italic(\"rate\")"),
            ("rate_mu", "\\mathit{rate}_{\\mu}", "italic(\"rate\")_(mu)"),
            ("w_out", "w_{\\mathrm{out}}", "w_(\"out\")"),
            ("x_1", "x_{1}", "x_1"),
            ("x1_2", "x_{1, 2}", "x_(1, 2)"),
            ("a_b_c", "a_{b, c}", "a_(b, c)"),
            ("eps", "\\varepsilon", "epsilon"),
            ("eps_1", "\\varepsilon_{1}", "epsilon_1"),
            ("eps0", "\\varepsilon_{0}", "epsilon_0"),
            ("w_eps", "w_{\\varepsilon}", "w_(epsilon)"),
            ("Psi_varrho", "\\Psi_{\\varrho}", "Psi_(rho.alt)"),
            ("varphi_epsilon", "\\varphi_{\\epsilon}", "phi_(epsilon.alt)"),
            ("_x", "\\mathit{\\_x}", "italic(\"_x\")"),
            ("x_", "\\mathit{x\\_}", "italic(\"x_\")"),
            ("_", "\\_", "\\_"),
        ] {
            for names in [Names::default(), Names::new([(text, false)])] {
                // Alone in its loss it is written the same.
                let spelling = Spelling { names, ..Spelling::default() };
                assert_eq!(spelling.latex(&Formula::name(text)), latex);
                assert_eq!(spelling.written(&Formula::name(text), Markup::Typst).text, typst);
            }
        }
        let entry = |array: &str, index: &[usize]| Spelling::default().latex(&Formula::entry(array, index.to_vec()));
        assert_eq!(entry("w", &[0, 1]), "w_{0, 1}");
        assert_eq!(entry("w1", &[0]), "w_{1; 0}");
    }

    /// Every name and entry, in LaTeX and as MathML; an entry is given as `x[0]`.
    fn check(names: &[String]) {
        let split =
            |name: &str| name.split_once('[').map(|(array, k)| (array.to_owned(), k[..k.len() - 1].parse().unwrap()));
        let stems: Vec<(String, bool)> =
            names.iter().map(|n| split(n).map_or_else(|| (n.clone(), false), |(array, _)| (array, true))).collect();
        let spelling = Spelling::beside(stems.iter().map(|(name, is_array)| (name.as_str(), *is_array)));
        let mut all: Vec<Formula> = Vec::new();
        for name in names {
            match split(name) {
                // An array may stand whole.
                Some((array, k)) => all.extend([Formula::name(&*array), Formula::entry(array, vec![k])]),
                None => all.push(Formula::name(name)),
            }
        }
        all.sort_by_key(ToString::to_string);
        all.dedup();
        let mut latex: FxHashMap<String, Formula> = FxHashMap::default();
        let mut markup: FxHashMap<String, Formula> = FxHashMap::default();
        let mut typst: FxHashMap<String, Formula> = FxHashMap::default();
        for text in all {
            let symbol = spelling.written(&text, Markup::Typst).text;
            if let Some(other) = typst.insert(symbol.clone(), text.clone()) {
                panic!("{text} and {other} are both {symbol} among {names:?}");
            }
            let (symbol, drawn) = (spelling.latex(&text), spelling.mathml(&text));
            if let Some(other) = latex.insert(symbol.clone(), text.clone()) {
                panic!("{text} and {other} are both {symbol} among {names:?}");
            }
            if let Some(other) = markup.insert(drawn.clone(), text.clone()) {
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
            &["eps", "varepsilon", "epsilon", "eps_1", "varepsilon1", "eps1"],
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
        let e = Spelling::beside([("e", false), ("x", false)]);
        let x = Formula::name("x");
        assert_eq!(e.latex(&Formula::name("e").raised(x.clone())), "e^{x}");
        assert_eq!(e.latex(&Formula::call("exp", vec![x])), "\\exp(x)");
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

//! Our letters, which stand beside a loss's names: where the loss declares one of them, ours is written another way.

use super::own::Own;
use super::tongue::Tongue;
use super::{Binding, Formula, Part, Sentence};

/// A letter of ours that a loss may declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// f, the terms of the modified equation.
    Field,
    /// h, the step size.
    Step,
    /// E, the loss.
    Loss,
    /// g, the gradient.
    Gradient,
    /// H, the Hessian.
    Hessian,
    /// T, the third derivative.
    Third,
    /// θ, all parameters together.
    Parameters,
}

/// How a symbol is written.
struct Spelt {
    /// Under which name a loss declares it.
    name: &'static str,
    /// As text; and where the loss declares it, with a letter that no name has.
    text: [&'static str; 2],
    /// In MathML; and where the loss declares it, in a font that no name is written in.
    mathml: [&'static str; 2],
    meaning: &'static str,
}

impl Symbol {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Field, Self::Step, Self::Loss, Self::Gradient, Self::Hessian, Self::Third, Self::Parameters];

    fn spelt(self) -> Spelt {
        let spelt = |name, text, mathml, meaning| Spelt { name, text: [name, text], mathml: [name, mathml], meaning };
        match self {
            Self::Field => spelt("f", "φ", "𝖿", "the terms of the modified equation"),
            Self::Step => spelt("h", "η", "𝗁", "the step size"),
            Self::Loss => spelt("E", "ℰ", "𝖤", "the loss"),
            Self::Gradient => spelt("g", "γ", "𝗀", "the gradient"),
            Self::Hessian => spelt("H", "ℋ", "𝖧", "the Hessian"),
            Self::Third => spelt("T", "τ", "𝖳", "the third derivative"),
            // As text it is a letter that no name has.
            Self::Parameters => {
                Spelt { name: "theta", text: ["θ", "θ"], mathml: ["θ", "𝜽"], meaning: "all parameters together" }
            }
        }
    }

    /// Under which name a loss declares it: `f`, `h`, `E`, `g`, `H`, `T` or `theta`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.spelt().name
    }

    /// Whether a name could be taken for it.
    fn collides(self, name: &str) -> bool {
        let numbered = |rest: &str| {
            let digits = rest.strip_prefix('_').unwrap_or(rest);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        };
        match (self, name.strip_prefix(self.spelt().name)) {
            (_, None) => false,
            (_, Some("")) => true,
            (Self::Field, Some(rest)) => numbered(rest),
            // E4 as an operator, E_ij with indices.
            (Self::Loss, Some(rest)) => numbered(rest) || rest.starts_with('_'),
            _ => false,
        }
    }
}

/// A letter of ours with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Letter {
    /// The symbol alone.
    Plain(Symbol),
    /// `f_n`.
    Field(usize),
    /// The principal part of `f_n`, or the other one.
    Part(usize, bool),
    /// `f_n` of any n, by its letter.
    AnyField(&'static str),
    /// The k-th derivative of the loss as an operator, from the third on.
    Derivative(usize),
    /// The derivative of a loss of one parameter, with so many primes.
    Primed(usize),
    /// The modified flow after so many steps.
    Flow(i32),
    /// A derivative of the modified flow in time.
    FlowDerivative(usize),
    /// What the recurrence of an optimizer says of the modified flow.
    Recurrence,
    /// The gradient at one of the places where the optimizer takes it.
    GradientAt(String),
    /// How far one of these is from θ.
    Shift(String),
    /// The time derivative of θ.
    Velocity,
    /// α.
    Alpha,
    /// What goes on in the same way.
    Dots,
}

impl Letter {
    /// The derivative of the loss of this order, as an operator: g, H, T, E4, …
    pub(super) fn of_order(order: usize) -> Self {
        match order {
            1 => Self::Plain(Symbol::Gradient),
            2 => Self::Plain(Symbol::Hessian),
            k => Self::Derivative(k),
        }
    }
}

/// Our symbols beside the names of a loss: a name that is declared keeps its symbol, and ours changes.
///
/// ```
/// use shadowflow::formula::{Letter, Symbol, Symbols, text};
/// let symbols = Symbols::beside(["x", "h", "f_1"]);
/// assert_eq!((symbols.letter(Symbol::Step), symbols.letter(Symbol::Gradient)), ("η", "g"));
/// assert_eq!(text(&Letter::Field(0).into(), &symbols), "φ_0");
/// assert_eq!(symbols.text("f_0 + h f_1 at hλ"), "φ_0 + η φ_1 at ηλ");
/// let sentence = symbols.sentence("fh").unwrap();
/// assert_eq!(sentence, "the loss declares f_1 and h: here φ is the terms of the modified equation and η the step size");
/// assert_eq!(Symbols::beside(["x", "y"]).sentence("fh"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Symbols {
    /// The symbols that change, each with the name that is in its way.
    changed: Vec<(Symbol, String)>,
    /// Those that an author writes otherwise, in markup.
    own: Vec<(Symbol, Own)>,
    /// Whether rooted trees are drawn.
    drawn: bool,
}

impl Symbols {
    /// Beside these names, entries of arrays as `w[0]`.
    #[must_use]
    pub fn beside<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut changed: Vec<(Symbol, String)> = Vec::new();
        for name in names {
            let name = name.split('[').next().unwrap_or(name);
            for symbol in Symbol::ALL {
                if symbol.collides(name) && !changed.iter().any(|(known, _)| *known == symbol) {
                    changed.push((symbol, name.to_owned()));
                }
            }
        }
        changed.sort_by_key(|(symbol, _)| *symbol as usize);
        Self { changed, ..Self::default() }
    }

    /// Whether all symbols are as they are where nothing is in their way.
    #[must_use]
    pub fn are_plain(&self) -> bool {
        self.changed.is_empty()
    }

    /// The symbols that are written otherwise than where nothing is in their way.
    pub(crate) fn changed(&self) -> impl Iterator<Item = Symbol> {
        self.changed.iter().map(|(symbol, _)| *symbol)
    }

    /// With this symbol as it is where nothing is in its way.
    pub(crate) fn restored(&self, symbol: Symbol) -> Self {
        let mut symbols = self.clone();
        symbols.changed.retain(|(known, _)| *known != symbol);
        symbols
    }

    fn which(&self, symbol: Symbol) -> usize {
        usize::from(self.changed.iter().any(|(changed, _)| *changed == symbol))
    }

    /// A symbol as text.
    #[must_use]
    pub fn letter(&self, symbol: Symbol) -> &'static str {
        symbol.spelt().text[self.which(symbol)]
    }

    /// With a symbol in the author's own markup.
    pub(crate) fn write_as(&mut self, symbol: Symbol, markup: Own) {
        self.own.retain(|(known, _)| *known != symbol);
        self.own.push((symbol, markup));
        // What an author chose collides with nothing that we know of.
        self.changed.retain(|(known, _)| *known != symbol);
    }

    /// With rooted trees as pictures, where the markup can have them.
    pub(crate) fn draw_trees(&mut self) {
        self.drawn = true;
    }

    pub(super) fn draws(&self) -> bool {
        self.drawn
    }

    /// Whether an author writes any of them otherwise.
    pub(crate) fn are_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// The author's own markup of a symbol.
    pub(super) fn own(&self, symbol: Symbol) -> Option<&Own> {
        self.own.iter().find(|(known, _)| *known == symbol).map(|(_, markup)| markup)
    }

    pub(super) fn markup(&self, symbol: Symbol, tongue: &dyn Tongue) -> String {
        self.own(symbol).map_or_else(|| tongue.letter(symbol, self.which(symbol) == 1), Own::text).to_owned()
    }

    /// The letters that are seen, to be measured.
    pub(super) fn shown(&self, symbol: Symbol) -> String {
        self.own(symbol).map_or_else(|| symbol.spelt().text[0].to_owned(), Own::shown)
    }

    /// How tightly a symbol binds.
    pub(super) fn binding(&self, symbol: Symbol) -> Binding {
        self.own(symbol).map_or(Binding::Atom, Own::binding)
    }

    /// Whether a subscript may stand at a symbol.
    pub(super) fn takes_below(&self, symbol: Symbol) -> bool {
        self.own(symbol).is_none_or(Own::takes_below)
    }

    /// Whether what follows a symbol would be read as a part of it.
    pub(super) fn is_open(&self, symbol: Symbol) -> bool {
        self.own(symbol).is_some_and(Own::is_open)
    }

    pub(super) fn mathml(&self, symbol: Symbol) -> &'static str {
        symbol.spelt().mathml[self.which(symbol)]
    }

    /// Words of ours with the symbols that hold here.
    #[must_use]
    pub fn text(&self, ours: &str) -> String {
        let mut out = String::with_capacity(ours.len());
        let mut rest = ours;
        while let Some(c) = rest.chars().next() {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            if length == 0 {
                out.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            }
            // A differential, and a product of two: `dE`, `hH`.
            let length = if length == 2 && rest.starts_with(['d', 'h']) { 1 } else { length };
            let word = &rest[..length];
            match self.changed.iter().find(|(symbol, _)| symbol.collides(word)) {
                Some((symbol, _)) => {
                    out.push_str(self.letter(*symbol));
                    out.push_str(&word[symbol.spelt().name.len()..]);
                }
                None => out.push_str(word),
            }
            rest = &rest[length..];
        }
        out
    }

    /// [`Symbols::declared`] as text.
    #[must_use]
    pub fn sentence(&self, used: &str) -> Option<String> {
        Some(self.declared(used)?.text(self))
    }

    /// One sentence about those of the symbols `used` that change, each by its letter.
    #[must_use]
    pub fn declared(&self, used: &str) -> Option<Sentence> {
        let changed: Vec<&(Symbol, String)> =
            self.changed.iter().filter(|(symbol, _)| used.contains(symbol.spelt().text[0])).collect();
        let mut names: Vec<&str> = changed.iter().map(|(_, declared)| declared.as_str()).collect();
        names.dedup();
        let mut parts = vec![Part::words("the loss declares ")];
        for (at, name) in names.iter().enumerate() {
            parts.extend(separated(at, names.len(), Formula::name(*name)));
        }
        parts.push(Part::words(": here "));
        for (at, (symbol, _)) in changed.iter().enumerate() {
            parts.extend(separated(at, changed.len(), (*symbol).into()));
            parts.push(Part::words(format!(" {}{}", if at == 0 { "is " } else { "" }, symbol.spelt().meaning)));
        }
        (!changed.is_empty()).then_some(Sentence(parts))
    }
}

/// An item of a list in words, with what stands between it and the one before.
fn separated(at: usize, count: usize, item: Formula) -> impl Iterator<Item = Part> {
    let before = match at {
        0 => None,
        _ if at + 1 == count => Some(" and "),
        _ => Some(", "),
    };
    before.map(Part::words).into_iter().chain([Part::Formula(item)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::{Spelling, text};

    #[test]
    fn ours_change_and_nothing_else_does() {
        let all = Symbols::beside(["f_1", "h", "E4", "g[0]", "H", "T", "theta"]);
        assert_eq!(
            all.text("f_0 = -g, H^2 T[g, g] E4[g] of θ, the step at hλ"),
            "φ_0 = -γ, ℋ^2 τ[γ, γ] ℰ4[γ] of θ, the step at ηλ"
        );
        let g = || Formula::from(Symbol::Gradient);
        let differential = Formula::new(crate::formula::Node::Hessians(
            2,
            Formula::new(crate::formula::Node::Contraction(vec![g(); 3])),
        ));
        let right = Formula::sum(vec![
            (false, Letter::Field(0).into()),
            (true, Formula::from(Symbol::Step).before(differential)),
        ]);
        let formula = Formula::from(Letter::Velocity).equals(right);
        assert_eq!(text(&formula, &all), "θ' = φ_0 - η ℋ^2 ℰ4[γ, γ, γ]");
        let spelling = Spelling { symbols: all, ..Spelling::default() };
        assert_eq!(
            spelling.latex(&formula),
            "\\dot{\\boldsymbol{\\theta}} = \\mathsf{f}_{0} - \\mathsf{h} \\mathsf{H}^{2} \\mathsf{E}^{(4)}[\\mathsf{g}, \\mathsf{g}, \\mathsf{g}]"
        );
        assert!(spelling.mathml(&formula).contains("<mi>𝖿</mi>") && spelling.mathml(&formula).contains("𝜽"));
        for names in [&["x", "ff", "f_x", "hh", "E", "eta", "fx1", "thetas"][..], &["H1", "g_2", "T_1", "h1"]] {
            let symbols = Symbols::beside(names.iter().copied());
            assert_eq!(symbols.text("f_0 + h f_1 + H g + T[g, g]"), "f_0 + h f_1 + H g + T[g, g]", "{names:?}");
        }
        for name in ["f", "f1", "f_1", "f_10"] {
            assert_eq!(Symbols::beside([name]).text("f_0"), "φ_0", "{name}");
        }
        for name in ["E", "E4", "E_4", "E_ij"] {
            assert_eq!(Symbols::beside([name]).text("E4[g] E_ij"), "ℰ4[g] ℰ_ij", "{name}");
        }
    }
}

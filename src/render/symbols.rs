//! The symbols of ours that stand beside a loss's names: where the loss declares one of them, ours is written another way.

/// A symbol of ours.
#[derive(Debug, PartialEq, Eq)]
struct Symbol {
    /// As it is written where nothing is in its way.
    plain: &'static str,
    /// As text where the loss declares it: no name of a loss has such a letter.
    text: &'static str,
    /// In LaTeX where the loss declares it: no name of a loss is written in this font.
    latex: &'static str,
    /// What it stands for.
    meaning: &'static str,
}

const SYMBOLS: [Symbol; 7] = [
    Symbol { plain: "f", text: "φ", latex: "\\mathsf{f}", meaning: "the terms of the modified equation" },
    Symbol { plain: "h", text: "η", latex: "\\mathsf{h}", meaning: "the step size" },
    Symbol { plain: "E", text: "ℰ", latex: "\\mathsf{E}", meaning: "the loss" },
    Symbol { plain: "g", text: "γ", latex: "\\mathsf{g}", meaning: "the gradient" },
    Symbol { plain: "H", text: "ℋ", latex: "\\mathsf{H}", meaning: "the Hessian" },
    Symbol { plain: "T", text: "τ", latex: "\\mathsf{T}", meaning: "the third derivative" },
    // As text it is a letter that no name has.
    Symbol { plain: "theta", text: "θ", latex: "{\\boldsymbol{\\theta}}", meaning: "all parameters together" },
];

/// Our symbols beside the names of a loss: a name that is declared keeps its symbol, and ours changes.
///
/// ```
/// use shadowflow::render::Symbols;
/// let symbols = Symbols::beside(["x", "h", "f_1"]);
/// assert_eq!(symbols.text("f_0 + h f_1 at hλ"), "φ_0 + η φ_1 at ηλ");
/// assert_eq!(symbols.latex(r"f_{0} + h f_{1} + H g"), r"\mathsf{f}_{0} + \mathsf{h} \mathsf{f}_{1} + H g");
/// let sentence = symbols.sentence("fh").unwrap();
/// assert_eq!(sentence, "the loss declares f_1 and h: here φ is the terms of the modified equation and η the step size");
/// assert_eq!(Symbols::beside(["x", "y"]).sentence("fh"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Symbols {
    /// The symbols that change, each with the name that is in its way.
    changed: Vec<(&'static Symbol, String)>,
}

/// Whether a name could be taken for one of our symbols.
fn collides(symbol: &Symbol, name: &str) -> bool {
    let numbered = |rest: &str| {
        let digits = rest.strip_prefix('_').unwrap_or(rest);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    match (symbol.plain, name.strip_prefix(symbol.plain)) {
        (_, None) => false,
        (_, Some("")) => true,
        ("f", Some(rest)) => numbered(rest),
        // E4 as an operator, E_ij with indices.
        ("E", Some(rest)) => numbered(rest) || rest.starts_with('_'),
        _ => false,
    }
}

impl Symbols {
    /// Beside these names, entries of arrays as `w[0]`.
    #[must_use]
    pub fn beside<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut changed: Vec<(&'static Symbol, String)> = Vec::new();
        for name in names {
            let name = name.split('[').next().unwrap_or(name);
            for symbol in &SYMBOLS {
                if collides(symbol, name) && !changed.iter().any(|(known, _)| *known == symbol) {
                    changed.push((symbol, name.to_owned()));
                }
            }
        }
        changed.sort_by_key(|(symbol, _)| SYMBOLS.iter().position(|s| s == *symbol));
        Self { changed }
    }

    /// Text of ours with the symbols that hold here.
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
            match self.changed.iter().find(|(symbol, _)| collides(symbol, word)) {
                Some((symbol, _)) => {
                    out.push_str(symbol.text);
                    out.push_str(&word[symbol.plain.len()..]);
                }
                None => out.push_str(word),
            }
            rest = &rest[length..];
        }
        out
    }

    /// A formula of ours in LaTeX with the symbols that hold here; words in `\text` and the like stay.
    #[must_use]
    pub fn latex(&self, ours: &str) -> String {
        if self.changed.is_empty() {
            return ours.to_owned();
        }
        let mut out = String::with_capacity(ours.len());
        let mut rest = ours;
        while let Some(c) = rest.chars().next() {
            let changed = |plain: &str| self.changed.iter().find(|(symbol, _)| symbol.plain == plain);
            if let Some(command) = rest.strip_prefix('\\') {
                let name = &command[..command.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(command.len())];
                // An escaped sign is a command of one character.
                let mut length = 1 + name.len().max(command.chars().next().map_or(0, char::len_utf8));
                if ["text", "mathrm", "operatorname", "texttt", "mathsf", "begin", "end"].contains(&name)
                    && let Some(end) = rest[length..].find('}')
                {
                    length += end + 1;
                }
                match (name, changed("theta")) {
                    ("theta", Some((symbol, _))) => out.push_str(symbol.latex),
                    _ => out.push_str(&rest[..length]),
                }
                rest = &rest[length..];
                continue;
            }
            match c.is_ascii_alphabetic().then(|| changed(&rest[..1])).flatten() {
                Some((symbol, _)) => out.push_str(symbol.latex),
                None => out.push(c),
            }
            rest = &rest[c.len_utf8()..];
        }
        out
    }

    /// One sentence about those of the symbols `used` that change: names and letters as text.
    #[must_use]
    pub fn sentence(&self, used: &str) -> Option<String> {
        let (names, meanings) = self.said(used, |name| name.to_owned(), |symbol| symbol.text.to_owned())?;
        Some(format!("the loss declares {names}: here {meanings}"))
    }

    /// The same for LaTeX, as text with formulas between dollars, the loss's names as `written` there.
    #[must_use]
    pub fn latex_sentence(&self, used: &str, written: impl Fn(&str) -> String) -> Option<String> {
        let (names, meanings) =
            self.said(used, |name| format!("${}$", written(name)), |symbol| format!("${}$", symbol.latex))?;
        Some(format!("The loss declares {names}: here {meanings}."))
    }

    fn said(
        &self,
        used: &str,
        name: impl Fn(&str) -> String,
        letter: impl Fn(&Symbol) -> String,
    ) -> Option<(String, String)> {
        let is_used =
            |symbol: &Symbol| if symbol.plain == "theta" { used.contains('θ') } else { used.contains(symbol.plain) };
        let changed: Vec<_> = self.changed.iter().filter(|(symbol, _)| is_used(symbol)).collect();
        let mut names: Vec<String> = changed.iter().map(|(_, declared)| name(declared)).collect();
        names.dedup();
        let meanings: Vec<String> = changed
            .iter()
            .enumerate()
            .map(|(k, (symbol, _))| format!("{} {}{}", letter(symbol), if k == 0 { "is " } else { "" }, symbol.meaning))
            .collect();
        (!changed.is_empty()).then(|| (listed(&names), listed(&meanings)))
    }
}

fn listed(items: &[String]) -> String {
    match items.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(all(test, feature = "report"))]
mod tests {
    use super::*;
    use crate::render::html::mathml;

    #[test]
    fn ours_change_and_nothing_else_does() {
        let all = Symbols::beside(["f_1", "h", "E4", "g[0]", "H", "T", "theta"]);
        assert_eq!(
            all.text("f_0 = -g, H^2 T[g, g] E4[g] of θ, the step at hλ"),
            "φ_0 = -γ, ℋ^2 τ[γ, γ] ℰ4[γ] of θ, the step at ηλ"
        );
        let tex = all.latex("\\dot\\theta = f_{0} + h\\,f_{1} \\text{ for the gradient} + \\frac{1}{2} H^{2} E^{(4)}[g] \\operatorname{h}");
        assert_eq!(
            tex,
            "\\dot{\\boldsymbol{\\theta}} = \\mathsf{f}_{0} + \\mathsf{h}\\,\\mathsf{f}_{1} \\text{ for the gradient} + \\frac{1}{2} \
             \\mathsf{H}^{2} \\mathsf{E}^{(4)}[\\mathsf{g}] \\operatorname{h}"
        );
        for formula in ["\\mathsf{f}_{0} + \\mathsf{h}", "\\dot{\\boldsymbol{\\theta}}"] {
            mathml(formula, false).unwrap();
        }
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

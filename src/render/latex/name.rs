//! Names of the loss language in LaTeX.

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) stem: String,
    pub(super) subscript: Option<String>,
}

/// Splits a name such as `theta1` or `w_out` into a stem and a subscript.
pub(super) fn name(text: &str) -> Name {
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

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(name(text).indexed(None), expected);
        }
        assert_eq!(name("w").indexed(Some("0, 1")), "w_{0, 1}");
        assert_eq!(name("w1").indexed(Some("0")), "w_{1; 0}");
    }
}

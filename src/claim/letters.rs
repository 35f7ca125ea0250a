//! Letters of the user's own: papers write η for the step size, L for the loss, ω for the parameters.

use std::ops::Range;
use std::str::FromStr;

/// Greek letters, their names first, all of which mean the same letter.
const GREEK: [(&str, &[&str]); 27] = [
    ("αɑ", &["alpha"]),
    ("β", &["beta"]),
    ("γ", &["gamma"]),
    ("δ", &["delta"]),
    ("εϵ", &["epsilon", "varepsilon"]),
    ("ζ", &["zeta"]),
    ("η", &["eta"]),
    ("θϑ", &["theta", "vartheta"]),
    ("ι", &["iota"]),
    ("κ", &["kappa"]),
    ("λ", &["lambda"]),
    ("μµ", &["mu"]),
    ("ν", &["nu"]),
    ("ξ", &["xi"]),
    ("π", &["pi"]),
    ("ρ", &["rho"]),
    ("σς", &["sigma"]),
    ("τ", &["tau"]),
    ("υ", &["upsilon"]),
    ("φϕ", &["phi", "varphi"]),
    ("χ", &["chi"]),
    ("ψ", &["psi"]),
    ("ω", &["omega"]),
    ("Γ", &["Gamma"]),
    ("Θ", &["Theta"]),
    ("Φ", &["Phi"]),
    ("Ω", &["Omega"]),
];

/// What claims call things: letters that may be renamed besides the optimizer's hyper-parameters.
const OURS: [&str; 11] = ["h", "E", "theta", "lambda", "z", "t", "b", "g", "H", "T", "m"];

/// The name of a Greek letter, without its variants: `epsilon` for `ϵ`.
pub(super) fn greek(letter: char) -> Option<&'static str> {
    GREEK.iter().find(|(letters, _)| letters.contains(letter)).and_then(|(_, names)| names.first().copied())
}

/// What a user's formulas call the step size, the loss and the rest: `h=η,E=L,m=β,θ=ω`.
///
/// A Greek letter stands for its LaTeX command and its name too.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::claim::{Claim, Letters};
/// let letters: Letters = "h=η,E=L,θ=ω".parse()?;
/// let text = r"\dot\omega = -\nabla L - \frac\eta2 \nabla^2 L \nabla L";
/// let optimizer = BoundOptimizer::gradient_descent();
/// let claim = Claim::parse_with(text, &optimizer, &letters).unwrap();
/// assert!(claim.judge(&optimizer).unwrap().ok());
/// # Ok::<(), shadowflow::claim::LettersError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Letters(Vec<Letter>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Letter {
    /// Every way to write it.
    theirs: Vec<String>,
    /// What claims call it.
    ours: String,
}

/// Why a text gives no letters, or none that a claim can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LettersError {
    /// A part of the text is no pair.
    #[error("`{0}` is no pair OURS=THEIRS such as h=η")]
    NotAPair(String),
    /// One letter is given two meanings.
    #[error("`{theirs}` cannot stand for both {first} and {second}")]
    Both {
        /// The letter.
        theirs: String,
        /// What it already stands for.
        first: String,
        /// What it is to stand for, too.
        second: String,
    },
    /// What is renamed cannot be anything.
    #[error("`{name}` is nothing that a claim speaks of: expected {} or a hyper-parameter", OURS.join(", "))]
    NoName {
        /// What was to be renamed.
        name: String,
    },
    /// The new spelling is none.
    #[error("`{0}` is no letter or name, such as η, \\eta, L or lr")]
    NoLetter(String),
    /// What is renamed does not occur in claims about this optimizer.
    #[error("`{name}` is nothing that this claim speaks of: expected {known}{}", close.as_ref().map(|c| format!("; did you mean `{c}`?")).unwrap_or_default())]
    Unknown {
        /// What is renamed.
        name: String,
        /// What could be.
        known: String,
        /// What was probably meant.
        close: Option<String>,
    },
}

impl FromStr for Letters {
    type Err = LettersError;

    /// Reads `OURS=THEIRS` pairs with commas between them.
    fn from_str(text: &str) -> Result<Self, LettersError> {
        let mut letters: Vec<Letter> = Vec::new();
        for pair in text.split(',') {
            let Some((ours, theirs)) = pair.split_once('=') else {
                return Err(LettersError::NotAPair(shown(pair)));
            };
            let letter = Letter { ours: own(ours.trim())?, theirs: spellings(theirs.trim())? };
            if let Some(other) = letters.iter().find(|other| other.theirs.iter().any(|t| letter.theirs.contains(t))) {
                return Err(LettersError::Both {
                    theirs: theirs.trim().to_owned(),
                    first: other.ours.clone(),
                    second: letter.ours,
                });
            }
            letters.push(letter);
        }
        Ok(Self(letters))
    }
}

/// What is renamed, as claims spell it.
fn own(name: &str) -> Result<String, LettersError> {
    let mut letters = name.chars();
    let single = letters.next().filter(|_| letters.next().is_none()).and_then(greek);
    let name = single.unwrap_or(name.strip_prefix('\\').unwrap_or(name));
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(LettersError::NoName { name: shown(name) });
    }
    Ok(name.to_owned())
}

/// Every way to write a letter.
fn spellings(name: &str) -> Result<Vec<String>, LettersError> {
    let bare = name.strip_prefix('\\').unwrap_or(name);
    let known = GREEK.iter().find(|(letters, names)| {
        names.contains(&bare) || (bare.chars().count() == 1 && bare.chars().all(|c| letters.contains(c)))
    });
    if let Some((letters, names)) = known {
        let commands = names.iter().flat_map(|n| [format!("\\{n}"), (*n).to_owned()]);
        return Ok(letters.chars().map(String::from).chain(commands).collect());
    }
    let word = bare.starts_with(|c: char| c.is_alphabetic()) && bare.chars().all(char::is_alphanumeric);
    match bare {
        "L" | "ℒ" | "ell" | "ℓ" => Ok(match bare {
            "L" | "ℒ" => vec!["L".to_owned(), "ℒ".to_owned()],
            _ => vec!["\\ell".to_owned(), "ℓ".to_owned()],
        }),
        _ if word => Ok(vec![name.to_owned()]),
        _ => Err(LettersError::NoLetter(shown(name))),
    }
}

fn shown(text: &str) -> String {
    text.trim().chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

impl Letters {
    /// The pairs of both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.retain(|l| !other.0.iter().any(|o| o.theirs.iter().any(|t| l.theirs.contains(t))));
        self.0.extend(other.0.iter().cloned());
        self
    }

    /// Says which renamed thing is none, if one is.
    ///
    /// # Errors
    /// [`LettersError::Unknown`].
    pub fn check(&self, symbols: &[String]) -> Result<(), LettersError> {
        match self.0.iter().find(|l| !OURS.contains(&l.ours.as_str()) && !symbols.contains(&l.ours)) {
            None => Ok(()),
            Some(letter) => {
                let known = OURS.into_iter().chain(symbols.iter().map(String::as_str).filter(|s| !OURS.contains(s)));
                let known: Vec<&str> = known.collect();
                let close = crate::loss::nearest(&letter.ours, known.iter().copied()).map(str::to_owned);
                Err(LettersError::Unknown { name: letter.ours.clone(), known: known.join(", "), close })
            }
        }
    }

    fn ours(&self, theirs: &str) -> Option<&str> {
        self.0.iter().find(|l| l.theirs.iter().any(|t| t == theirs)).map(|l| l.ours.as_str())
    }

    /// A text in the letters of claims, and where everything in it comes from.
    pub(super) fn rewritten(&self, text: &str) -> (String, Places) {
        let (mut out, mut places) = (String::with_capacity(text.len()), Places::default());
        if self.0.is_empty() {
            return (text.to_owned(), places);
        }
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            let run = |from: usize, accept: fn(char) -> bool| {
                from + rest[from..].find(|c| !accept(c)).unwrap_or(rest.len() - from)
            };
            let (letters, digits) = match c {
                '\\' => (run(1, |c| c.is_ascii_alphabetic()), 0),
                c if c.is_ascii_alphabetic() => {
                    let letters = run(0, |c| c.is_ascii_alphabetic());
                    (letters, run(letters, |c| c.is_ascii_digit()))
                }
                c => (c.len_utf8(), 0),
            };
            // `beta1` before `beta`; of `dw` in `dw/dt` the part after the d.
            let derivative = rest[..letters].strip_prefix('d').and_then(|w| self.ours(w)).filter(|o| *o == "theta");
            let found = match (self.ours(&rest[..digits.max(letters)]), self.ours(&rest[..letters]), derivative) {
                (Some(ours), ..) => Some((0, digits.max(letters), ours)),
                (None, Some(ours), _) => Some((0, letters, ours)),
                (None, None, Some(ours)) if c == 'd' => Some((1, letters, ours)),
                _ => None,
            };
            let end = found.map_or(letters, |(_, end, _)| end).max(1);
            match found {
                None => out.push_str(&rest[..end]),
                Some((skipped, end, ours)) => {
                    out.push_str(&rest[..skipped]);
                    let start = out.len();
                    // Apart from the letters and digits beside it, as in `\frac\eta2`; `L4` is `E4`.
                    let apart = if skipped == 0 && c.is_ascii_alphabetic() { "" } else { " " };
                    out.push_str(apart);
                    out.push_str(match ours {
                        "theta" => "θ",
                        "lambda" => "λ",
                        other => other,
                    });
                    out.push_str(apart);
                    places.0.push((start..out.len(), at + skipped..at + end));
                }
            }
            at += end;
        }
        (out, places)
    }
}

/// Where the parts of a rewritten text were: of each replaced part the range here and there.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Vec<(Range<usize>, Range<usize>)>);

impl Places {
    /// A range of the rewritten text in the original one.
    pub(super) fn original(&self, span: &Range<usize>) -> Range<usize> {
        let place = |at: usize, end: bool| {
            let Some((new, old)) = self.0.iter().rev().find(|(new, _)| new.start < at || (new.start == at && !end))
            else {
                return at;
            };
            if at >= new.end {
                old.end + (at - new.end)
            } else if end {
                old.end
            } else {
                old.start
            }
        };
        let start = place(span.start, false);
        start..place(span.end, true).max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Letters {
        text.parse().unwrap()
    }

    #[test]
    fn letters_are_replaced_in_every_spelling() {
        for (letter, text, expected) in [
            ("h=η", r"\frac\eta2 + \frac{η}{2} + eta", r"\frac h 2 + \frac{ h }{2} + h"),
            ("h=ε", r"\varepsilon \epsilon ϵ", " h   h   h "),
            ("E=L", r"\nabla L(\theta) + L4[g] + \Lambda", r"\nabla E(\theta) + E4[g] + \Lambda"),
            ("θ=w", "dw/dt = w", "d θ /dt = θ"),
            ("m=beta1,beta=b", "beta1 + beta + b", "m + beta + beta"),
            ("h=lr", "lr H", "h H"),
            ("H=g,g=H", "H g", "g H"),
        ] {
            assert_eq!(letters(letter).rewritten(text).0, expected, "{letter}");
        }
    }

    #[test]
    fn places_lead_back() {
        let text = r"f_1 = \eta k + ω";
        let (new, places) = letters("h=η,θ=ω").rewritten(text);
        for (part, expected) in [("k", "k"), (" h ", r"\eta"), ("+", "+"), (" θ ", "ω"), ("f_1", "f_1")] {
            let at = new.find(part).unwrap();
            assert_eq!(&text[places.original(&(at..at + part.len()))], expected);
        }
        assert_eq!(places.original(&(new.len()..new.len())), text.len()..text.len());
    }

    #[test]
    fn pairs_that_say_nothing_are_refused() {
        for (text, reason) in [
            ("h", "no pair"),
            ("h=", "no letter"),
            ("h=2", "no letter"),
            ("=η", "nothing that a claim"),
            ("h=η,m=\\eta", "cannot stand for both"),
            ("h+1=η", "nothing that a claim"),
        ] {
            let error = text.parse::<Letters>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
        let error = letters("thta=η").check(&["beta".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("beta") && error.ends_with("did you mean `theta`?"), "{error}");
        assert_eq!(letters("beta=η,h=ω").check(&["beta".to_owned()]), Ok(()));
    }
}

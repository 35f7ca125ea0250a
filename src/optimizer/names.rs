//! What an optimizer of a file and its hyper-parameters may be called.

use super::{Optimizer, Recurrence, Tableau};
use crate::expr::Function;
use crate::loss::folded;
use crate::number::{Coefficient, Fraction, Quadratic};
use unicode_security::skeleton;

/// Names with a meaning of their own in results, claims and losses.
const TAKEN: [(&str, &str); 21] = [
    ("z", "it stands for hλ in principal parts"),
    ("r", "it stands for the root of the characteristic polynomial"),
    ("h", "it stands for the step size"),
    ("g", "it stands for the gradient"),
    ("H", "it stands for the Hessian"),
    ("T", "it stands for the third derivative"),
    ("D", "it stands for derivatives"),
    ("I", "it stands for the identity"),
    ("O", "it stands for what is left out"),
    ("C", "it stands for what is left out"),
    ("e", "it stands for a number"),
    ("i", "it stands for a number"),
    ("pi", "it stands for a number"),
    ("ln", "it stands for the logarithm"),
    ("lambda", "it stands for an eigenvalue"),
    ("theta", "it stands for the iterate"),
    ("infty", "it stands for infinity"),
    ("E", "it stands for the loss"),
    ("t", "it counts the steps"),
    ("nan", "it stands for no number"),
    ("inf", "it stands for infinity"),
];

/// Functions of the loss language besides [`Function::ALL`], and its keywords.
const LANGUAGE: [&str; 13] = [
    "sqrt",
    "sum",
    "mean",
    "dot",
    "norm2",
    "logsumexp",
    "softmax_cross_entropy",
    "param",
    "const",
    "let",
    "def",
    "data",
    "loss",
];

/// Refuses a name for a hyper-parameter that is none, or that means something else where results are read.
pub(super) fn check_symbol(name: &str) -> Result<(), String> {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(format!("`{}` is no name: expected ASCII letters, digits and `_`, a letter first", shown(name)));
    }
    let derivative = name.strip_prefix('E').is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
    let meaning = match TAKEN.iter().find(|(taken, _)| *taken == name) {
        Some((_, meaning)) => Some(*meaning),
        None if derivative => Some("it stands for a derivative of the loss"),
        None if LANGUAGE.contains(&name) || Function::ALL.iter().any(|f| f.name() == name) => {
            Some("it is a word of the loss language")
        }
        None => None,
    };
    match meaning {
        Some(meaning) => {
            Err(format!("`{name}` is no name for a hyper-parameter: {meaning}; take another, such as my_{name}"))
        }
        None => Ok(()),
    }
}

/// Refuses a name that does not fit on a line or breaks quotation.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let odd = |c: char| c.is_control() || matches!(c, '"' | '\'' | '`' | '\\' | '\u{2028}' | '\u{2029}');
    match name.chars().find(|c| odd(*c)) {
        Some(c) => {
            Err(format!("the name `{}` holds {c:?}: take one without quotes and control characters", shown(name)))
        }
        None if name.trim().is_empty() => Err("the name is empty: leave `name` out or give one".to_owned()),
        None => Ok(()),
    }
}

/// The method known to the program that a name is another spelling of: it has the same letters and digits, or others that look
/// like them, apart from case, separators and marks. No known name is another spelling of itself.
pub(crate) fn other_spelling(name: &str) -> Option<String> {
    let own = Optimizer::ALL.iter().map(|o| o.name().to_owned());
    let known: Vec<String> = own.chain(Tableau::names().map(|n| format!("rk:{n}"))).collect();
    if known.iter().any(|k| k == name) {
        return None;
    }
    let looks = |text: &str| folded(&skeleton(&folded(text)).collect::<String>());
    let spelt = [folded(name), looks(name), looks(&skeleton(name).collect::<String>())];
    let alike = |known: &str| spelt[0] == folded(known) || spelt[1..].contains(&looks(known));
    known.into_iter().find(|k| alike(k) || k.strip_prefix("rk:").is_some_and(alike))
}

/// Refuses the name of a method known to the program for another recurrence, and another spelling of one.
pub(super) fn check_recurrence(recurrence: &Recurrence<Fraction>) -> Result<(), String> {
    let name = &recurrence.method;
    if name.starts_with("rk:") {
        return Err(format!("`{name}`: names that begin with rk: are those of tableaux; leave out `rk:`"));
    }
    if let Some(close) = other_spelling(name) {
        return Err(misspelt(name, &close));
    }
    let named = Optimizer::ALL.into_iter().find(|o| o.name() == name).and_then(|o| o.bind(&[]).ok()?.fractions().ok());
    match named {
        Some(named) if !named.is_equivalent(recurrence) => Err(taken(name)),
        _ => Ok(()),
    }
}

/// Refuses the name of a method known to the program for another tableau, and another spelling of one.
pub(super) fn check_tableau(tableau: &Tableau) -> Result<(), String> {
    if let Some(close) = other_spelling(tableau.name()) {
        return Err(misspelt(tableau.name(), &close));
    }
    let bare = tableau.name().strip_prefix("rk:").unwrap_or_default();
    let entries = |t: &Tableau| -> Vec<Quadratic> {
        let stages = t.weights().len();
        let rows =
            t.matrix().iter().flat_map(|row| (0..stages).map(|j| row.get(j).cloned().unwrap_or_else(Quadratic::zero)));
        rows.chain(t.weights().iter().cloned()).collect()
    };
    match Tableau::named(bare) {
        Some(named) if entries(&named) != entries(tableau) => Err(taken(tableau.name())),
        _ => Ok(()),
    }
}

fn taken(name: &str) -> String {
    format!(
        "`{name}` is the name of another method, which documents with this name would be about: take another `name`"
    )
}

fn misspelt(name: &str, close: &str) -> String {
    format!(
        "`{}` is another spelling of the method `{close}`, which proofs would be taken for: take another `name`",
        shown(name)
    )
}

/// A name of any content and length within a message.
fn shown(name: &str) -> String {
    name.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_another_meaning_are_refused() {
        for name in
            ["z", "h", "g", "H", "T", "E4", "pi", "e", "log", "sqrt", "softplus", "norm2", "D", "lambda", "theta"]
        {
            let error = check_symbol(name).unwrap_err();
            assert!(error.contains(name) && error.contains(&format!("such as my_{name}")), "{error}");
            assert_eq!(check_symbol(&format!("my_{name}")), Ok(()));
        }
        for name in ["m", "beta", "beta1", "eta", "w", "mu", "Eta", "E1x", "gamma"] {
            assert_eq!(check_symbol(name), Ok(()));
        }
        for name in ["", "1m", "m^2", "_m", "β"] {
            assert!(check_symbol(name).unwrap_err().contains("is no name"), "{name}");
        }
    }

    #[test]
    fn names_are_compared_by_their_letters() {
        for (name, known) in [
            ("heavy ball", "heavy-ball"),
            ("heavyball", "heavy-ball"),
            ("Heavy_Ball", "heavy-ball"),
            ("heavy\u{2010}ball", "heavy-ball"),
            ("heavy\u{2212}ball", "heavy-ball"),
            ("heavy-ball\u{200b}", "heavy-ball"),
            ("h\u{435}avy-ball", "heavy-ball"),
            ("\u{397}EAVY BALL", "heavy-ball"),
            ("h\u{e9}avy-ball", "heavy-ball"),
            ("ｎesterov", "nesterov"),
            ("nester\u{3bf}v", "nesterov"),
            ("nester0v", "nesterov"),
            ("implicit_euler", "implicit-euler"),
            ("Gradient Descent", "gradient-descent"),
            ("gradient--descent", "gradient-descent"),
            ("rk4", "rk:rk4"),
            ("RK:RK4", "rk:rk4"),
            ("rk-rk4", "rk:rk4"),
            ("rk:Heun", "rk:heun"),
            ("midpoint", "rk:midpoint"),
        ] {
            assert_eq!(other_spelling(name).as_deref(), Some(known), "{name}");
        }
        for name in [
            "heavy-ball",
            "nesterov",
            "rk:heun",
            "rk:rk4",
            "bdf2",
            "heavy-ball-2",
            "my heavy ball",
            "nesterov β",
            "rk:mine",
        ] {
            assert_eq!(other_spelling(name), None, "{name}");
        }
    }

    #[test]
    fn names_stay_on_their_line() {
        assert_eq!(check_name("partial look-ahead (β = m)"), Ok(()));
        let error = check_name("x\n\u{1b}[31mred").unwrap_err();
        assert!(error.contains("\\n") && !error.contains('\n'), "{error}");
        assert!(check_name("a\"b").is_err() && check_name(" ").is_err());
    }
}

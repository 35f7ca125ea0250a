//! What to do where a statement cannot be read: what was meant, and how the loss language says it.

use super::foreign;
use super::syntax::Builtin;

/// What to do, and how many bytes before the place belong to what is wrong, and how many from it on.
pub(super) struct Hint {
    pub(super) help: String,
    pub(super) before: usize,
    pub(super) length: usize,
}

impl Hint {
    fn new(help: impl Into<String>) -> Option<Self> {
        Some(Self { help: help.into(), before: 0, length: 0 })
    }
}

/// The place at which a statement went wrong.
pub(super) struct Place<'a> {
    /// The statement up to the place, without blanks at its end.
    pub(super) before: &'a str,
    /// From the place on.
    pub(super) rest: &'a str,
    /// The word, number or sign at the place.
    pub(super) found: &'a str,
    /// The innermost open bracket.
    pub(super) open: Option<char>,
    /// Whether an operator could have stood there.
    pub(super) operator: bool,
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The word at a text's end.
fn last_word(text: &str) -> &str {
    &text[text.trim_end_matches(is_word).len()..]
}

/// The word at a text's start.
fn first_word(text: &str) -> &str {
    &text[..text.find(|c: char| !is_word(c)).unwrap_or(text.len())]
}

/// Text that is short enough to repeat.
fn is_short(text: &str) -> bool {
    (1..=40).contains(&text.len())
}

impl Place<'_> {
    /// What to do about a data file where there can be none.
    fn file(&self) -> Option<&'static str> {
        let Self { before, found, .. } = *self;
        let called = |text: &str| ["csv", "npy"].contains(&last_word(text.trim_end()));
        if found == "\"" && before.strip_suffix('(').is_some_and(called) {
            return Some(
                "files are read by statements of their own, data X = csv(\"file.csv\")[.., 0..4], and as what a parameter starts from",
            );
        }
        let after_file = before.ends_with("\")");
        if found == "[" && after_file && before.trim_start().starts_with("param") {
            return Some(
                "a parameter starts from all numbers of a file: write those that it takes to a file of their own",
            );
        }
        if found == "]" && before.strip_suffix('[').is_some_and(|text| text.trim_end().ends_with("\")")) {
            return Some("name rows and columns, as in [0..150, 0..4], or leave the brackets out for all");
        }
        None
    }

    /// What to do about it, if that is known.
    pub(super) fn hint(&self) -> Option<Hint> {
        let Self { before, rest, found, .. } = *self;
        let last = last_word(before);
        if found == "." {
            return self.member(last);
        }
        if let Some(help) = self.file() {
            return Hint::new(help);
        }
        // Other words of the kind may be names that lack their operator.
        if ["for", "if", "else", "then", "lambda", "and", "or", "not"].contains(&found)
            && let Some(help) = foreign::word(found)
        {
            return Hint::new(help);
        }
        if found.starts_with('=') {
            return Hint::new(self.equals(last));
        }
        match found {
            "+" => return Hint::new("there is no sign `+`, only `-`"),
            "/" if before.ends_with('/') => return Hint::new("comments start with `#`, and one `/` divides"),
            "," if self.open.is_none()
                && before.ends_with(|c: char| c.is_ascii_digit())
                && rest[1..].starts_with(|c: char| c.is_ascii_digit()) =>
            {
                return Hint::new("numbers have a decimal point, not a comma");
            }
            _ => {}
        }
        if !found.starts_with(|c: char| is_word(c) || c == '(') {
            return None;
        }
        let keyword = first_word(before);
        let declares = ["param", "const", "let"].contains(&keyword) && self.open.is_none() && is_short(found);
        if declares && found.starts_with(|c: char| !c.is_ascii_digit()) && before.len() > keyword.len() {
            let item = before.rsplit(',').next().unwrap_or(before);
            let assigned = rest[found.len()..].trim_start();
            if !item.contains('=') && (!last.is_empty() || before.ends_with(']')) {
                let last = if last.is_empty() { "…" } else { last };
                return Hint::new(format!("names are separated by commas: {last}, {found}"));
            }
            if item.contains('=') && assigned.starts_with('=') {
                return Hint::new(format!("declarations are separated by commas: …, {found} = …"));
            }
        }
        if keyword == "param" && declares && found.bytes().all(|b| b.is_ascii_digit()) && is_short(last) {
            return Hint::new(format!("an array of {found} entries is declared as {last}[{found}]"));
        }
        if self.operator && before.ends_with(|c: char| is_word(c) || c == ')' || c == ']') {
            let short = is_short(last) && is_short(found) && found != "(";
            return Hint::new(match short {
                true => format!("products are written with `*`: {last}*{found}"),
                false => "products are written with `*`".to_owned(),
            });
        }
        (self.open == Some('(') && before.ends_with(is_word))
            .then(|| Hint::new("arguments are separated by commas"))
            .flatten()
    }

    /// `np.tanh(x)`, `w.T`, `w.sum()`.
    fn member(&self, word: &str) -> Option<Hint> {
        let end = self.rest.find(|c: char| !is_word(c) && c != '.').unwrap_or(self.rest.len());
        let path = self.rest[..end].trim_end_matches('.');
        let member = path.rsplit('.').next().filter(|m| m.starts_with(|c: char| c.is_ascii_alphabetic()))?;
        if word.is_empty() || !is_short(member) || !is_short(word) {
            return None;
        }
        let help = if let Some(help) = foreign::function(member) {
            help
        } else if member == "T" {
            format!("the transpose of a matrix is {word}'; a vector needs none: dot({word}, v) is the product of two")
        } else if foreign::is_module(word) && (Builtin::named(member).is_some() || member == "pi" || member == "e") {
            let call = if Builtin::named(member).is_some() { "(…)" } else { "" };
            format!("functions and numbers have no module before them: {member}{call}")
        } else if Builtin::named(member).is_some() {
            format!("functions come before what they are taken of: {member}({word})")
        } else {
            "names are letters, digits and `_`; nothing has members".to_owned()
        };
        Some(Hint { help, before: word.len(), length: path.len() })
    }

    /// `=` where none belongs.
    fn equals(&self, last: &str) -> String {
        let call = self.before.rfind('(').map(|at| last_word(self.before[..at].trim_end()));
        if self.rest.starts_with("==") {
            "there are no comparisons in a loss: step(x) is 1 where x > 0 and 0 elsewhere".to_owned()
        } else if self.before == "loss" {
            "`loss` has no `=`: loss x^2".to_owned()
        } else if self.open == Some('(') && call == Some("sum") && is_short(last) {
            format!("a sum over a range is written sum({last} in 0..3, …), without its end")
        } else {
            "`=` belongs into const, let, def and initial values of param only".to_owned()
        }
    }
}

/// What to do about a line that starts with none of the words that start statements.
pub(super) fn of_line(word: &str, text: &str) -> Option<String> {
    let after = text[word.len()..].trim_start();
    let short = is_short(word);
    Some(match word {
        "import" | "from" => "a loss imports nothing: its functions are built in".to_owned(),
        "return" | "minimize" | "minimise" | "objective" => "state what is minimised: loss x^2".to_owned(),
        "var" | "variable" | "variables" | "parameter" | "parameters" => {
            "parameters are declared by: param x, y".to_owned()
        }
        "function" | "fun" | "fn" => "functions are declared by: def f(t) = t^2".to_owned(),
        "constant" => "constants are declared by: const a = 1".to_owned(),
        "for" | "if" | "while" => {
            foreign::word(word).unwrap_or("a loss has no loops: sum(i in 0..3, w[i]^2)").to_owned()
        }
        "" if text.starts_with("//") || text.starts_with("/*") => "comments start with `#`".to_owned(),
        _ if short && after.starts_with('=') && !after.starts_with("==") => {
            format!(
                "declare it: let {word} = … names an expression, const {word} = … a number, param {word} = … a parameter"
            )
        }
        _ if short && after.starts_with('(') && declares_function(after) => {
            format!("functions are declared by: def {word}{} = …", &after[..after.find(')').map_or(0, |at| at + 1)])
        }
        _ => return None,
    })
}

/// Whether a text goes `(a, b) = …`.
fn declares_function(text: &str) -> bool {
    text.find(')').is_some_and(|at| {
        let arguments = &text[1..at];
        let after = text[at + 1..].trim_start();
        is_short(arguments)
            && arguments.split(',').all(|a| a.trim().chars().all(is_word) && !a.trim().is_empty())
            && after.starts_with('=')
            && !after.starts_with("==")
    })
}

/// What to do about a character that is no part of the language, with the statement before it and the text after it.
pub(super) fn of_character(c: char, before: &str, after: &str, in_brackets: bool) -> String {
    const CONDITIONS: &str =
        "there are no comparisons in a loss: step(x) is 1 where x > 0 and 0 elsewhere, relu(x) is x or 0";
    const LATEX: &str = "write the loss as text, not in LaTeX: x^2/2, sqrt(x), exp(x), pi";
    let help = match c {
        '×' | '·' | '⋅' | '∗' => "write `*`",
        '÷' => "write `/`",
        '−' | '–' | '—' => "write `-`",
        '²' | '³' | '⁴' => "write `^` and the exponent",
        'π' => "write `pi`",
        '√' => "write `sqrt(…)`",
        '{' | '}' if before.contains('\\') => LATEX,
        '{' | '}' => "use ( and )",
        ';' => "a statement ends with its line",
        '’' | '′' => "write `'`",
        '|' => "write abs(x) for the absolute value, norm2(w) for the sum of squares",
        '‖' => "write norm2(w) for the sum of squares",
        '!' if after.starts_with('=') => CONDITIONS,
        '<' | '>' | '≤' | '≥' | '≠' | '?' | '&' => CONDITIONS,
        '!' => "factorials are numbers here: write 6 for 3!",
        '%' => "comments start with `#`",
        '\\' | '$' => LATEX,
        ':' if after.starts_with('=') => "write `=` in place of `:=`",
        ':' if before.split(|c: char| !is_word(c)).any(|word| word == "lambda") => {
            "functions are declared above: def f(t) = t^2"
        }
        ':' if before.contains('?') => CONDITIONS,
        ':' if in_brackets => "an entry is w[0], and a sum over some of them sum(i in 0..3, w[i])",
        '∑' | 'Σ' => "write sum(i in 0..3, …)",
        '∞' => "a loss has finite numbers only",
        '∇' | '∂' => "derivatives are taken by the program: state the loss alone",
        c if c.is_whitespace() => "write a plain blank",
        c => match foreign::greek(c) {
            Some(name) => return format!("write `{name}`: names are ASCII letters, digits and `_`"),
            None if c.is_alphabetic() => "names are ASCII letters, digits and `_`",
            None => "it is no part of the loss language",
        },
    };
    help.to_owned()
}

/// What to do about a call with another number of arguments.
pub(super) fn of_arguments(function: &str, found: u32) -> Option<&'static str> {
    Some(match (function, found) {
        ("sum", 2..) => "sum([x, y]) adds entries; a sum over a range is written sum(i in 0..3, w[i]^2)",
        ("mean", 2..) => "mean([x, y]) is the mean of entries",
        ("norm2", 2..) => "norm2([x, y]) is the sum of squares of entries",
        ("logsumexp", 2..) => "logsumexp([x, y]) takes an array",
        ("log", 2) => "log(x, b) is log(x)/log(b)",
        ("atan", 2) => "atan(y, x) is atan(y/x) where x > 0",
        ("dot", 1) => "dot(w, w) is the square of one",
        _ => return None,
    })
}

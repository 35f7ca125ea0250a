//! Names that a target language can have.

/// Hyper-parameters with the names that they have in a program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Names(Vec<(String, String)>);

impl Names {
    /// Of these, which must avoid the names that `is_taken` says: those get underscores behind them.
    pub(super) fn new<'a>(symbols: impl Iterator<Item = &'a str>, is_taken: impl Fn(&str) -> bool) -> Self {
        let mut names: Vec<(String, String)> = Vec::new();
        for symbol in symbols {
            let mut name = symbol.to_owned();
            while is_taken(&name) || names.iter().any(|(_, other)| *other == name) {
                name.push('_');
            }
            names.push((symbol.to_owned(), name));
        }
        Self(names)
    }

    /// The name of one.
    pub(super) fn of<'a>(&'a self, symbol: &'a str) -> &'a str {
        self.0.iter().find(|(own, _)| own == symbol).map_or(symbol, |(_, name)| name)
    }

    /// All of them, each with its name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(symbol, name)| (&**symbol, &**name))
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Words of Python, and what its programs and ours call by name.
pub(super) fn is_taken_in_python(name: &str) -> bool {
    const WORDS: [&str; 60] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "match", "jax", "jnp", "np", "torch",
        "math", "loss", "params", "batch", "products", "field", "terms", "d", "v", "p", "f", "q", "h", "theta", "sum",
        "zip", "any", "range", "max", "len",
    ];
    const OTHERS: [&str; 32] = [
        "value", "estimate", "before", "gradient", "hessian", "basis", "matrix", "alive", "norm", "slope", "end",
        "bottom", "closer", "corners", "shares", "legs", "start", "state", "sheet", "turned", "reach", "values",
        "vectors", "first", "function", "above", "total", "lower", "third", "along", "flow", "c",
    ];
    let numbered = name.strip_prefix(['t', 'f', 's']).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()));
    WORDS.contains(&name) || OTHERS.contains(&name) || numbered || name.starts_with('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_names_get_an_underscore() {
        let names = Names::new(["m", "in", "t4", "in_"].into_iter(), is_taken_in_python);
        let found: Vec<(&str, &str)> = names.iter().collect();
        assert_eq!(found, [("m", "m"), ("in", "in_"), ("t4", "t4_"), ("in_", "in__")]);
    }
}

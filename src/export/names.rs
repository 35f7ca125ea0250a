//! Names that a target language can have.

use crate::expr::Function;

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

/// Words of Python, and what programs of formulas call by name.
pub(super) fn is_taken_in_formulas(name: &str) -> bool {
    const WORDS: [&str; 55] = [
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
        "jax",
        "jnp",
        "np",
        "numpy",
        "torch",
        "math",
        "params",
        "field",
        "terms",
        "f",
        "h",
        "theta",
        "lower",
        "total",
        "reversed",
        "dtype",
        "int",
        "name",
        "PARAMETERS",
        "components",
    ];
    WORDS.contains(&name) || is_numbered(name) || name.starts_with('_')
}

/// Those and what programs for any loss call by name.
pub(super) fn is_taken_in_python(name: &str) -> bool {
    const OTHERS: [&str; 51] = [
        "loss", "batch", "products", "d", "v", "p", "q", "sum", "zip", "any", "range", "max", "len", "grad", "jvp",
        "w", "b", "r", "z", "value", "estimate", "before", "gradient", "hessian", "basis", "matrix", "alive", "norm",
        "slope", "end", "bottom", "closer", "corners", "shares", "legs", "start", "state", "sheet", "turned", "reach",
        "values", "vectors", "first", "function", "above", "total", "lower", "third", "along", "flow", "c",
    ];
    OTHERS.contains(&name) || is_taken_in_formulas(name)
}

/// Words of Julia, and what programs in it call by name.
pub(super) fn is_taken_in_julia(name: &str) -> bool {
    const WORDS: [&str; 62] = [
        "abstract",
        "baremodule",
        "begin",
        "break",
        "catch",
        "const",
        "continue",
        "do",
        "else",
        "elseif",
        "end",
        "export",
        "false",
        "finally",
        "for",
        "function",
        "global",
        "if",
        "import",
        "in",
        "isa",
        "let",
        "local",
        "macro",
        "module",
        "mutable",
        "outer",
        "primitive",
        "quote",
        "return",
        "struct",
        "true",
        "try",
        "type",
        "using",
        "where",
        "while",
        "u",
        "h",
        "t",
        "du",
        "f",
        "sum",
        "pi",
        "terms",
        "field",
        "heaviside",
        "logsumexp",
        "real",
        "zero",
        "one",
        "maximum",
        "foldr",
        "im",
        "NaN",
        "Inf",
        "nothing",
        "missing",
        "Float64",
        "top",
        "x_",
        "Shadow",
    ];
    is_numbered(name) || WORDS.contains(&name) || is_function(name) || name.starts_with('_')
}

/// Words of C99, and what programs in it call by name.
pub(super) fn is_taken_in_c(name: &str) -> bool {
    const WORDS: [&str; 62] = [
        "auto",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "theta",
        "h",
        "f",
        "i",
        "n",
        "out",
        "power",
        "heaviside",
        "log_sum_exp",
        "pow",
        "fabs",
        "size_t",
        "NULL",
        "j0",
        "j1",
        "jn",
        "y0",
        "y1",
        "yn",
        "gamma",
        "lgamma",
        "tgamma",
        "main",
        "signgam",
        "isnan",
        "isinf",
        "NAN",
        "INFINITY",
    ];
    is_numbered(name) || WORDS.contains(&name) || is_function(name) || name.starts_with('_')
}

/// Names that the programs give.
fn is_numbered(name: &str) -> bool {
    let rest = name.strip_prefix(['t', 'f', 's', 'a', 'd']);
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
}

/// Whether a function has this name.
fn is_function(name: &str) -> bool {
    name == "sqrt" || Function::ALL.iter().any(|f| f.name() == name)
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

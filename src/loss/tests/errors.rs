use super::*;

#[test]
fn errors_of_syntax() {
    for (source, expected) in [
        ("", &["1:1 the file is empty: it needs a `loss` statement"] as &[&str]),
        ("# only\n\n", &["1:7 the file is empty: it needs a `loss` statement"]),
        ("param x\n", &["1:8 there is no `loss` statement"]),
        ("param x\nloss (x + 1\n", &["2:6 unclosed `(`"]),
        ("param x\nlet a = (x + 1\nloss a", &["2:9 unclosed `(`"]),
        ("param x\nloss x + 1)\n", &["2:11 `)` closes nothing"]),
        ("param x\nloss [x + 1)\n", &["2:12 `)` does not close `[`"]),
        ("parm x\nloss x\n", &["1:1 `parm` does not start a statement"]),
        ("param x\n+ 2\nloss x\n", &["2:1 `+` does not start a statement"]),
        ("param x\nloss x +\n", &["2:9 expected an expression, found the end of the statement"]),
        ("param x\nloss\n", &["2:5 expected an expression, found the end of the statement"]),
        ("param x\nloss x x\n", &["2:8 expected an operator or the end of the statement, found `x`"]),
        ("param x\nloss 2x\n", &["2:7 expected an operator or the end of the statement, found `x`"]),
        ("param x\nloss f(x y)\n", &["2:10 expected an operator, `,` or `)`, found `y`"]),
        ("param x\nloss x = 2\n", &["2:8 expected an operator or the end of the statement, found `=`"]),
        ("param\nloss 1\n", &["1:6 expected a name, found the end of the statement"]),
        ("param x y\nloss 1\n", &["1:9 expected a size in [ ], `=` or the end of the statement, found `y`"]),
        ("param x,\nloss 1\n", &["1:9 expected a name, found the end of the statement"]),
        ("const 3 = x\nparam x\nloss x\n", &["1:7 expected a name, found `3`"]),
        ("param x\nlet a\nloss x\n", &["2:6 expected `=`, found the end of the statement"]),
        ("param x\ndef f = x\nloss x\n", &["2:7 expected `(`, found `=`"]),
        ("param x\ndef f() = x\nloss x\n", &["2:7 expected a name, found `)`"]),
        ("param x\nloss sum(i 0..3, x)", &["2:12 expected an operator, `in`, `,` or `)`, found `0`"]),
        ("param x\nloss x ** * x", &["2:11 expected an expression, found `*`"]),
        ("param x\nloss +x", &["2:6 expected an expression, found `+`"]),
        ("param x\nloss ()", &["2:7 expected an expression, found `)`"]),
        ("param x\nloss []", &["2:7 expected an expression, found `]`"]),
        ("param x\nloss x²", &["2:7 unexpected character `²`"]),
        ("param x\nloss x; y", &["2:7 unexpected character `;`"]),
        ("param é\nloss é", &["1:7 unexpected character `é`", "2:6 unexpected character `é`"]),
        ("param x\nloss x\u{a0}+ 1", &["2:7 unexpected character U+00A0"]),
        ("param x\nloss x\u{0} + 1", &["2:7 the control character U+0000 is not allowed in a loss"]),
        ("param x # \u{1b}[31m\nloss x", &["1:11 the control character U+001B is not allowed in a loss"]),
        ("param x\rloss x\n", &["1:8 the control character U+000D is not allowed in a loss"]),
        ("param x\nloss 1e99999*x", &["2:6 the exponent of `1e99999` is beyond the limit of 10000"]),
        ("data X = csv(\"a.csv)\nparam x\nloss x", &["1:14 unclosed `\"`"]),
    ] {
        check(source, expected);
    }
}

#[test]
fn errors_of_names() {
    for (source, expected) in [
        ("param theta\nloss thera^2\n", &["2:6 `thera` is not declared"] as &[&str]),
        ("param x\nparam x\nloss x\n", &["2:7 `x` is declared twice"]),
        ("param x\nconst x = 1\nloss x\n", &["2:7 `x` is declared twice"]),
        ("param x\nlet a = a + 1\nloss x\n", &["2:9 `a` refers to itself"]),
        ("param x\ndef f(t) = f(t)\nloss f(x)\n", &["2:12 `f` refers to itself"]),
        ("param x\nlet a = b\nlet b = x\nloss a", &["2:9 `b` is used before its declaration"]),
        ("param pi\nloss 1", &["1:7 `pi` cannot be declared: it is the number π"]),
        ("param let\nloss 1", &["1:7 `let` cannot be declared: it is a word that starts statements"]),
        ("param exp\nloss 1", &["1:7 `exp` cannot be declared: it is a function of the language"]),
        ("param x, y\nloss exp(x, y)\n", &["2:6 `exp` takes 1 argument, not 2"]),
        ("param x\nloss dot(x)", &["2:6 `dot` takes 2 arguments, not 1"]),
        ("param x\ndef f(a, b) = a\nloss f(x)", &["3:6 `f` takes 2 arguments, not 1"]),
        ("param x\ndef f(a, a) = a\nloss x", &["2:10 `a` is declared twice"]),
        ("param x\nloss sqr(x)", &["2:6 there is no function `sqr`"]),
        ("param x\nloss x(2)", &["2:6 `x` is a parameter, not a function"]),
        ("param x\nloss exp*x", &["2:6 `exp` is a function and needs its arguments"]),
        ("param x\ndef f(a) = a\nloss f", &["3:6 `f` is a function and needs its arguments"]),
        ("param x\nloss aa + bb", &["2:6 `aa` is not declared", "2:11 `bb` is not declared"]),
        ("param x\nloss sum(i in 0..3, x) + i", &["2:26 `i` is not declared"]),
        ("param x\nloss x\nloss x", &["3:1 a second `loss` statement"]),
        // A statement that cannot be read hides no other error and causes none.
        (
            "param x, y y\nlet b = x +\nloss x*y + b + c",
            &[
                "1:12 expected a size in [ ], `=` or the end of the statement, found `y`",
                "2:12 expected an expression, found the end of the statement",
                "3:16 `c` is not declared",
            ],
        ),
        ("loss 1", &["1:1 the loss has no parameters"]),
    ] {
        check(source, expected);
    }
}

#[test]
fn errors_of_shape() {
    for (source, expected) in [
        ("param w[3], v[2]\nloss sum(w + v)", &["2:10 the shapes [3] and [2] do not fit in +"] as &[&str]),
        ("param w[3], v[2]\nloss dot(w, v)", &["2:6 the shapes [3] and [2] do not fit in dot"]),
        ("param w[3]\nloss w", &["2:6 the loss must be a scalar, not an array of shape [3]"]),
        ("param w[3]\nloss w[3]", &["2:6 index 3 is out of range for an array of 3 entries"]),
        ("param w[3]\nloss w[-1]", &["2:6 index -1 is out of range for an array of 3 entries"]),
        ("param w[3]\nloss w[1/2]", &["2:6 an index must be a constant integer, not 1/2"]),
        ("param w[3], x\nloss w[x]", &["2:6 an index must be a constant integer, not an expression in the parameters"]),
        ("param x\nloss x[0]", &["2:6 a scalar has no entries"]),
        ("param w[0]\nloss 1", &["1:9 an array needs between 1 and 134217728 entries (the limit), not 0"]),
        ("param w[10^9]\nloss 1", &["1:9 an array needs between 1 and 134217728 entries (the limit), not 1000000000"]),
        ("param w[1.5]\nloss 1", &["1:9 the size of an array must be a constant integer, not 3/2"]),
        ("param W[8192, 4096], v[1]\nloss 1", &["1:22 more than 33554432 entries of parameters (the limit)"]),
        ("param w[2] = [1, 2, 3]\nloss sum(w)", &["1:14 the shapes [2] and [3] do not fit in an initial value"]),
        ("param x\nparam y = x\nloss y", &["2:11 the initial value of `y` depends on the parameter `x`"]),
        ("param x\nconst a = 2*x\nloss a", &["2:11 `a` depends on the parameter `x`, so it is no constant"]),
    ] {
        check(source, expected);
    }
}

#[test]
fn constants_without_a_value() {
    for text in [
        "x/0",
        "0/0",
        "log(0)",
        "log(-1)",
        "sqrt(-1)",
        "asin(2)",
        "acos(-1.001)",
        "(-1)^(1/2)",
        "0^-1",
        "log(1 - 1)",
        "log(sin(0))",
        "tan(pi/2)",
        "1/(x - x)",
        "1/sin(pi)",
        "log(cos(pi))",
        "1/(exp(log(2)) - 2)",
        "log1p(-1)",
        "log1p(-2)",
        "0^x",
        "(-2)^x",
        "sum(log([1, 0, x]))",
        "sum(x/[1, 0])",
        "sqrt(cos(2))",
        "(-8)^(1/3)",
        "sqrt(1 - exp(1))",
        "log(-exp(1000))",
        "1/(sqrt(2)*sqrt(3) - sqrt(6))",
        "log(sigmoid(-3) - 1)",
        "[1, 2][0]/([1, 2][1] - 2)",
        "asin(1 + exp(-50))",
        "1/(1 - sum([1/2, 1/2]))",
    ] {
        let found = errors(&format!("param x\nloss 1 + x*({text})"));
        assert_eq!(found.errors.len(), 1, "{text}: {found}");
        assert!(matches!(found.errors[0].kind, LossErrorKind::NoValue(_)), "{text}: {found}");
    }
    for text in [
        "exp(1000)",
        "exp(exp(100))",
        "log(exp(-1000))",
        "log(exp(-exp(30)))",
        "asin(1)",
        "acos(-1)",
        "sqrt(sin(0))",
        "sqrt(sin(pi)^2)",
        "1/(pi - 3)",
        "tan(1.57)",
        "(-8)^3",
        "0^0",
        "0^2",
        "0^(1/2)",
        "2^x",
        "1/erf(1)",
        "1/exp(-1e9)",
        "log(1 + 1e-1000)",
        "1/(sin(1)^2 + cos(1)^2)",
        "log(x)",
        "1/x",
        "sqrt(x)",
        "log([1, 2])[1]",
        "1/(exp(1e-300) - 1)",
        "log(1e5000)",
        "1/1e5000",
        "sin(1e5000)",
        "atan(tan(1e9))",
        "log(logsumexp([1, 2]))",
        "1/(1 - exp(-50))",
        "asin(1 - exp(-50))",
    ] {
        parse(&format!("param x\nloss 1 + x*({text})"));
    }
}

#[test]
fn limits() {
    let nested = |n: usize| format!("param x\nloss {}x{}", "(".repeat(n), ")".repeat(n));
    parse(&nested(1000));
    check(&nested(1001), &["2:1006 nesting deeper than the limit of 1000"]);
    check(&nested(100_000), &["2:1006 nesting deeper than the limit of 1000"]);
    parse(&format!("param x\nloss {}x", "-".repeat(1000)));
    check(&format!("param x\nloss {}x", "-".repeat(1001)), &["2:1006 nesting deeper than the limit of 1000"]);
    check(&format!("param x\nloss x{}", "^x".repeat(1001)), &["2:2007 nesting deeper than the limit of 1000"]);
    let calls = |n: usize| format!("param x\nloss {}x{}", "sin(".repeat(n), ")".repeat(n));
    parse(&calls(1000));
    let sums = |n: usize| format!("param x\nloss {}x{}", "sum(i in 0..1, ".repeat(n), ")".repeat(n));
    parse(&sums(900));
    parse(&format!("param x\nloss x{}", " + x".repeat(100_000)));
    parse(&format!("param x\nloss x{}", "*sin(x)".repeat(50_000)));
    for (source, expected) in [
        ("param x\nloss x^1000000000000\n", "2:6 the exponent 1000000000000 is beyond the limit of 1000000"),
        ("param x\nloss (x^1000)^100000\n", "2:6 the exponent 100000000 is beyond the limit of 1000000"),
        ("param x\nloss 2^2000000*x\n", "2:6 the exponent 2000000 is beyond the limit of 1000000"),
        ("param x\nloss sum(i in 0..1000001, x)", "2:15 a sum of 1000001 terms is beyond the limit of 1000000"),
        (
            "param x\nloss sum(i in -10^30..10^30, x)",
            "2:15 a sum of 2000000000000000000000000000000 terms is beyond the limit of 1000000",
        ),
    ] {
        check(source, &[expected]);
    }
    // Doubling definitions are expanded once each.
    let mut source = "param x\ndef f0(t) = t*sin(t)\n".to_owned();
    for k in 1..200 {
        source.push_str(&format!("def f{k}(t) = f{0}(t)*f{0}(sin(t))\n", k - 1));
    }
    parse(&format!("{source}loss f60(x)"));
    // A chain of definitions is a nesting as well.
    let mut source = "param x\ndef f0(t) = t\n".to_owned();
    for k in 1..3000 {
        source.push_str(&format!("def f{k}(t) = f{}(t)\n", k - 1));
    }
    let found = errors(&format!("{source}loss f2999(x)"));
    assert!(matches!(found.errors[0].kind, LossErrorKind::TooDeep { limit: 1000 }), "{found}");
    // Options move the limits, and the messages name those that hold.
    let options = Options { max_work: 100_000, ..Options::default() };
    let text = Loss::parse("param x\nloss sum(i in 0..10^5, sum(j in 0..10^5, x*i))", "t", &options).unwrap_err();
    assert!(text.to_string().contains("more than the limit of 100000 operations"), "{text}");
    let options = Options { max_nodes: 1_000, ..Options::default() };
    let text = Loss::parse("param x\nloss sum(i in 0..10^5, sin(x*i))", "t", &options).unwrap_err();
    assert!(text.to_string().contains("the limit of 1000 nodes"), "{text}");
    let options = Options { max_sum: 2_000_000, max_exponent: 10_000_000, ..Options::default() };
    assert!(Loss::parse("param x\nloss x^5000000 + sum(i in 0..1000001, 1)", "t", &options).is_ok());
    let options = Options { max_bytes: 10, ..Options::default() };
    let text = Loss::parse("param x\nloss x", "t.loss", &options).unwrap_err().to_string();
    assert!(text.contains("t.loss") && text.contains("10 bytes"), "{text}");
}

#[test]
fn bytes_that_are_no_text() {
    let found = Loss::from_bytes(b"param x\n# \xc3\xa9 \xff\nloss x", "t.loss", &Options::default()).unwrap_err();
    assert!(found.to_string().contains("t.loss:2:5 "), "{found}");
    assert!(found.to_string().contains("0xff"), "{found}");
    assert!(Loss::from_bytes(b"\xef\xbb\xbfparam x\nloss x", "t.loss", &Options::default()).is_ok());
    let found = Loss::read("no/such.loss", &Options::default()).unwrap_err();
    assert!(found.to_string().contains("no/such.loss"), "{found}");
}

#[test]
fn errors_in_an_expansion_name_the_call() {
    let found = errors("param x\ndef f(t) = 1/(t - 1)\nloss x + f(1)");
    assert_eq!(found.errors.len(), 1);
    assert_eq!(found.position(found.errors[0].span.start), (2, 12));
    assert!(found.to_string().contains("the call at 3:10"), "{found}");
}

#[test]
fn hints() {
    for (source, hint) in [
        ("parm x\nloss x", "did you mean `param`?"),
        ("param x\nloss ln(x)", "did you mean `log`?"),
        ("param x\nloss sine(x)", "did you mean `sin`?"),
        ("param x\nlet alpha = x\nloss alhpa", "did you mean `alpha`?"),
        ("param x\ndef sq(t) = t^2\nloss seq(x)", "did you mean `sq`?"),
        ("param x\nloss 2x", "products are written with `*`"),
        ("param x\nloss x(2)", "products are written with `*`"),
    ] {
        let text = errors(source).to_string();
        assert!(text.contains(hint), "{text}");
    }
}

/// A source, the only error's place (line, column and underlined text), and words of its help.
fn hint(source: &str, line: usize, column: usize, place: &str, words: &str) {
    let found = errors(source);
    assert_eq!(found.errors.len(), 1, "{source}\n{found}");
    let error = &found.errors[0];
    assert_eq!(found.position(error.span.start), (line, column), "{source}\n{found}");
    assert_eq!(&found.source[error.span.clone()], place, "{source}\n{found}");
    let help = error.help.clone().unwrap_or_default();
    assert!(help.contains(words), "{source}\n{found}");
}

#[test]
fn what_other_languages_write_gets_a_hint() {
    for (body, column, place, words) in [
        ("2x", 7, "x", "products are written with `*`: 2*x"),
        ("x y", 8, "y", "products are written with `*`: x*y"),
        ("(x + 1)(x - 1)", 13, "(", "products are written with `*`"),
        ("(x + 1)y", 13, "y", "products are written with `*`"),
        ("np.tanh(x)", 6, "np.tanh", "no module before them: tanh(…)"),
        ("math.exp(x)", 6, "math.exp", "no module before them: exp(…)"),
        ("x + jnp.log(x)", 10, "jnp.log", "no module before them: log(…)"),
        ("torch.nn.functional.softplus(x)", 6, "torch.nn.functional.softplus", "no module before them: softplus(…)"),
        ("np.pi*x", 6, "np.pi", "no module before them: pi"),
        ("np.maximum(0, x)", 6, "np.maximum", "max(0, x) is relu(x)"),
        ("w.T*x", 6, "w.T", "dot(w, v)"),
        ("w.sum()", 6, "w.sum", "functions come before what they are taken of: sum(w)"),
        ("w.shape*x", 6, "w.shape", "nothing has members"),
        ("max(0, x)", 6, "max(0, x)", "max(0, x) is relu(x)"),
        ("max(x, y)", 6, "max(x, y)", "a + relu(b - a)"),
        ("max(w)", 6, "max(w)", "a + relu(b - a)"),
        ("min(x, y)", 6, "min", "min(a, b) is a - relu(a - b)"),
        ("|x|", 6, "|", "abs(x)"),
        ("sum(softmax(w))", 10, "softmax", "exp(z[k] - logsumexp(z))"),
        ("cross_entropy(w, 1)", 6, "cross_entropy", "softmax_cross_entropy(Z, y)"),
        ("sum(np.matmul(w, w))", 10, "np.matmul", "A @ B"),
        ("sum(eye(3))", 10, "eye", "one_hot([0, 1, 2], 3)"),
        ("sum(zscore(w))", 10, "zscore", "did you mean `standardise`?"),
        ("mse(x, y)", 6, "mse", "mean((a - b)^2)"),
        ("norm(w)", 6, "norm", "sqrt(norm2(w))"),
        ("ln(x)", 6, "ln", "did you mean `log`?"),
        ("log10(x)", 6, "log10", "log(x)/log(10)"),
        ("log(x, 2)", 6, "log(x, 2)", "log(x)/log(b)"),
        ("pow(x, 2)", 6, "pow", "x^y"),
        ("sum(x for x in w)", 12, "for", "sum(i in 0..3, w[i]^2)"),
        ("sum(w[i] for i in range(3))", 15, "for", "sum(i in 0..3, w[i]^2)"),
        ("sum(i=0..3, w[i])", 11, "=", "sum(i in 0..3, …)"),
        ("sum(x, y)", 6, "sum(x, y)", "sum([x, y]) adds entries"),
        ("norm2(x, y)", 6, "norm2(x, y)", "norm2([x, y])"),
        ("x if x > 0 else 0", 13, ">", "step(x) is 1 where x > 0"),
        ("x if y else 0", 8, "if", "step(x) is 1 where x > 0"),
        ("if(y, x, 0)", 6, "if", "step(x) is 1 where x > 0"),
        ("where(y, x, 0)", 6, "where", "step(x) is 1 where x > 0"),
        ("(x == y)*x", 9, "=", "no comparisons"),
        ("(x != y)*x", 9, "!", "no comparisons"),
        ("x < y ? x : y", 8, "<", "no comparisons"),
        ("x^2; y^2", 9, ";", "a statement ends with its line"),
        ("= x^2", 6, "=", "`loss` has no `=`"),
        ("y = x^2", 8, "=", "`=` belongs into"),
        ("x^2 // a comment", 11, "/", "comments start with `#`"),
        ("x^2 % a comment", 10, "%", "comments start with `#`"),
        ("\\frac{x}{2}", 6, "\\", "not in LaTeX"),
        ("3!*x", 7, "!", "write 6 for 3!"),
        ("1,5*x", 7, ",", "a decimal point"),
        ("+x", 6, "+", "no sign `+`"),
        ("θ^2", 6, "θ", "write `theta`"),
        ("inf*x", 6, "inf", "finite numbers only"),
        ("sum(w[0:2])", 13, ":", "sum(i in 0..3, w[i])"),
        ("w^[1, 2]*x", 6, "w^[1, 2]", "entry by entry"),
        ("w", 6, "w", "take the sum, mean or norm2 of it"),
    ] {
        hint(&format!("param x, y, w[3]\nloss {body}\n"), 2, column, place, words);
    }
    for (source, line, column, place, words) in [
        ("param x y\nloss x*y", 1, 9, "y", "names are separated by commas: x, y"),
        ("param w[2] y\nloss y", 1, 12, "y", "names are separated by commas: …, y"),
        ("param w 3\nloss w[0]", 1, 9, "3", "declared as w[3]"),
        ("param x\nconst a = 1 b = 2\nloss a*b*x", 2, 13, "b", "separated by commas: …, b = …"),
        ("param x\nconst a b\nloss x", 2, 9, "b", "names are separated by commas: a, b"),
        ("param x\nlet f = lambda t: t^2\nloss x", 2, 17, ":", "def f(t) = t^2"),
        ("param x\nlet a := 2\nloss x", 2, 7, ":", "write `=`"),
        ("param x\ndef f(a b) = a\nloss x", 2, 9, "b", "arguments are separated by commas"),
        ("param x\nf(t) = t^2\nloss f(x)", 2, 1, "f", "def f(t) = …"),
        ("param x\ny = x^2\nloss y", 2, 1, "y", "let y = …"),
        ("import numpy as np\nparam x\nloss x", 1, 1, "import", "imports nothing"),
        ("param x\nreturn x^2\nloss x", 2, 1, "return", "loss x^2"),
        ("// banana\nparam x\nloss x", 1, 1, "/", "comments start with `#`"),
    ] {
        hint(source, line, column, place, words);
    }
    // Not for what is right.
    for body in ["x**2", "w[0]^2 + x", "sum(w^2)", "dot(w, w)", "sum(i in 0..3, w[i])"] {
        parse(&format!("param x, y, w[3]\nloss {body}\n"));
    }
}

#[test]
fn constants_outside_of_a_domain_are_named() {
    for (body, message) in [
        ("x*a^(1/2)", "3:8 no value: a negative number to a power that is no integer is not real (here it is -3/2)"),
        (
            "x*a^x",
            "3:8 no value: a negative number to a power that is no exact number, which is exp(exponent * log(base)) (here it is -3/2)",
        ),
        ("x*log(2*a)", "3:8 no value: log of a negative number is not real (here it is -3)"),
        ("x*sqrt(a)", "3:8 no value: sqrt of a negative number is not real (here it is -3/2)"),
    ] {
        check(&format!("param x\nconst a = -3/2\nloss {body}\n"), &[message]);
    }
}

#[test]
fn a_name_that_may_not_be_declared_is_one_error() {
    for source in [
        "param exp\nloss exp^2 + exp",
        "param sum\nloss sum(3)*sum",
        "param pi, x\nloss pi*x",
        "param loss, x\nloss x",
        "param x\nconst tanh = 2\nloss tanh*x",
        "param x\nlet abs = x\nloss abs + x",
        "param x\ndef relu(t) = t^2\nloss relu(x)",
        "param x\ndef relu(a, b) = a*b\nloss relu(x, x)",
        "param log[2]\nloss log[0] + log[1]",
    ] {
        let found = errors(source);
        assert_eq!(found.errors.len(), 1, "{source}\n{found}");
        assert!(matches!(found.errors[0].kind, LossErrorKind::Reserved { .. }), "{source}\n{found}");
        assert!(found.errors[0].help.as_ref().is_some_and(|h| h.contains("my_")), "{found}");
    }
}

#[cfg(feature = "command")]
#[test]
fn rendering() {
    insta::assert_snapshot!(errors("param theta\nloss thera^2 + (1/0)\n"), @r"
    error: `thera` is not declared
       ╭─[ t.loss:2:6 ]
       │
     2 │ loss thera^2 + (1/0)
       │      ──┬──  
       │        ╰──── not known
       │ 
       │ Help: did you mean `theta`?
    ───╯
    error: no value: division by zero
       ╭─[ t.loss:2:17 ]
       │
     2 │ loss thera^2 + (1/0)
       │                 ─┬─  
       │                  ╰─── has no value
    ───╯
    ");
}

#[test]
fn expressions_alone() {
    let mut pool = Pool::new();
    let x = pool.declare_parameter("x", Shape::scalar());
    let names = [("x".to_owned(), x)];
    for (text, place) in [
        ("", "expression"),
        ("y", "expression:1:1"),
        ("let a = 1", "expression:1:5"),
        ("param y\nx", "expression:1:7"),
        ("x\nx", "expression:1:1"),
        ("(x", "expression:1:1"),
    ] {
        let found = parse_expression(text, &mut pool, &names).unwrap_err().to_string();
        assert!(found.contains(place), "{found}");
    }
}

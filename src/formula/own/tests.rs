use super::*;

fn latex(text: &str) -> Own {
    Own::read(text, Language::Latex, &Definitions::default()).unwrap_or_else(|fault| panic!("{text}: {fault:?}"))
}

fn typst(text: &str) -> Own {
    Own::read(text, Language::Typst, &Definitions::default()).unwrap_or_else(|fault| panic!("{text}: {fault:?}"))
}

#[test]
fn how_tightly_it_binds() {
    for (binding, texts) in [
        (Binding::Sum, &["a + b", "-a + b", "{a - b}", r"a \pm b", r"\mathbf{a+b}", "+a", r"\boldsymbol{a-b}"][..]),
        (Binding::Negative, &["-a", "-2 a", "{-a}"]),
        (
            Binding::Product,
            &[
                r"\nabla L",
                "a b",
                "2a",
                r"\frac{a}{b}",
                r"\frac12",
                r"a \cdot b",
                "a/b",
                r"\log w",
                r"{a+b \over c}",
                r"\nabla^2 L",
                r"\sum_i x_i",
            ],
        ),
        (Binding::Power, &["a^2", "L'", r"w^\star", r"L(w)", r"\mathcal{L}(a + b)", r"f_1^2", r"L\left(w\right)"]),
        (
            Binding::Atom,
            &[
                "E",
                r"\theta",
                r"\mathcal{L}",
                r"\mathcal L",
                r"F_\star",
                r"\mathrm{lr}",
                r"\hat w",
                "(a + b)",
                r"\left(a - b\right)",
                r"\sqrt{a+b}",
                r"|a - b|",
                r"\operatorname{lr}",
                r"\lVert w \rVert",
                r"\overline{a+b}",
                r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
                "a, b",
                "a = b",
                r"\text{rate}",
                r"\ell",
                "12",
                r"w_{\max}",
                r"\unknown{a}{b}",
            ],
        ),
    ] {
        for text in texts {
            assert_eq!(latex(text).binding(), binding, "{text}");
        }
    }
    for (binding, texts) in [
        (Binding::Sum, &["a + b", "-a + b", "bold(a + b)", "a - b"][..]),
        (Binding::Negative, &["-a"]),
        (Binding::Product, &["nabla L", "a b", "2a", "frac(a, b)", "a/b", "log w", "nabla^2 L"]),
        (Binding::Power, &["a^2", "L'", "L(w)", "w^star"]),
        (
            Binding::Atom,
            &[
                "E",
                "theta",
                "cal(L)",
                "F_star",
                "\"lr\"",
                "(a + b)",
                "sqrt(a + b)",
                "abs(a - b)",
                "a, b",
                "epsilon.alt",
                "w_(a + b)",
            ],
        ),
    ] {
        for text in texts {
            assert_eq!(typst(text).binding(), binding, "{text}");
        }
    }
    assert_eq!(
        (latex("a, b").text(), latex(r"a \over b").text(), latex(r"\bf w").text()),
        ("(a, b)", r"{a \over b}", r"{\bf w}")
    );
    assert!(latex(r"F_\star").takes_above() && !latex(r"F_\star").takes_below() && !latex(r"w^\star").takes_above());
    assert!(
        latex(r"\log w").is_open() && latex("a/b").is_open() && !latex(r"\log(w)").is_open() && !latex("a b").is_open()
    );
    assert_eq!((latex("2a").first(), latex("-a").first(), latex("a").first()), ('2', '-', 'a'));
    assert!(latex(r"\frac{a}{b}").is_tall() && !latex("a + b").is_tall());
}

#[test]
fn what_breaks_a_formula_is_refused_at_its_place() {
    for (text, at) in [
        (r"\end{align*}", 0),
        (r"a \end{align*}", 2),
        (r"\mathbf", 0),
        (r"a \mathbf", 2),
        ("x_", 1),
        ("x^", 1),
        ("_x", 0),
        ("a +", 2),
        ("a_b_c", 3),
        ("a^b^c", 3),
        ("a^2'", 3),
        (r"\frac{a}", 0),
        (r"\left( a", 0),
        (r"a \right)", 2),
        (r"\begin{align} a \end{align}", 0),
        (r"\begin{pmatrix} a", 0),
        (r"a \\ b", 2),
        ("a & b", 2),
        ("a % b", 2),
        ("a # b", 2),
        ("$a$", 0),
        ("{a", 0),
        ("a}", 1),
        ("(a", 0),
        (r"\label{a}", 0),
        (r"\par", 0),
        ("λ", 0),
        ("a\\", 1),
        (r"\hat\mathbf{x}", 4),
        ("/ a", 0),
        (r"\,", 0),
    ] {
        let fault = Own::read(text, Language::Latex, &Definitions::default()).expect_err(text);
        assert_eq!(fault.span.start, at, "{text}: {fault:?}");
    }
    for (text, at) in [
        ("x_", 1),
        ("a +", 2),
        ("a/", 1),
        ("cal(L", 3),
        ("\"L", 0),
        ("a & b", 2),
        ("$a$", 0),
        ("a // b", 2),
        ("a \\", 2),
        ("a)", 1),
        ("#", 0),
        ("a_b_c", 3),
    ] {
        let fault = Own::read(text, Language::Typst, &Definitions::default()).expect_err(text);
        assert_eq!(fault.span.start, at, "{text}: {fault:?}");
    }
}

#[test]
fn definitions_are_looked_into() {
    let mut definitions = Definitions::default();
    for line in [
        r"\newcommand{\loss}{F_\star}",
        r"\newcommand\both[2]{#1 + #2}",
        r"\DeclareMathOperator{\lr}{lr}",
        r"\def\pair#1{(#1, #1)}",
        r"\newcommand{\loop}{\loop}",
        r"\let\same=\loss",
    ] {
        definitions.take(line, Language::Latex).unwrap();
    }
    let read = |text: &str| Own::read(text, Language::Latex, &definitions);
    assert!(!read(r"\loss").unwrap().takes_below() && !read(r"\same").unwrap().takes_below());
    assert_eq!(read(r"\both{a}{b}").unwrap().binding(), Binding::Sum);
    assert_eq!(read(r"\pair{a}").unwrap().binding(), Binding::Atom);
    assert_eq!(read(r"\loss_0").unwrap_err().span, 5..6);
    assert_eq!(read(r"a \loop").unwrap_err().span.start, 2);
    let error = definitions.take(r"\newcommand{\other}{\mathcal{L}", Language::Latex).unwrap_err();
    assert_eq!(error.span.start, 19);
    assert!(definitions.take(r"\newcommand{\loss}{G}", Language::Latex).is_err());
    definitions.take("#let loss = $a + b$", Language::Typst).unwrap();
    assert_eq!(Own::read("loss", Language::Typst, &definitions).unwrap().binding(), Binding::Sum);
}

#[test]
fn looks_are_compared() {
    for (a, b) in [
        ("s_1", "s_{1}"),
        ("{s}_1", "s_1"),
        ("a b", "ab"),
        (r"\alpha _2", r"\alpha_{2}"),
        (r"\mathcal L", r"\mathcal{L}"),
    ] {
        assert_eq!(latex(a).key(), latex(b).key(), "{a} {b}");
    }
    assert_ne!(latex("s_1").key(), latex("s_2").key());
    assert_eq!(typst("s_1").key(), typst("s_(1)").key());
}

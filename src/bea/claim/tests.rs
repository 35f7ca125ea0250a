//! Every written term is read back, and verdicts on formulas known from the literature.

use super::*;
use crate::render::Notation;
use crate::tree::trees;

fn verdict(text: &str, method: &str) -> Verdict {
    let optimizer: Optimizer = method.parse().unwrap();
    let claim = Claim::parse(text, &optimizer, None).unwrap_or_else(|e| panic!("{text}: {e} at {:?}", e.span));
    claim.judge(&optimizer, None).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn every_written_tree_is_read_back() {
    let mut read = 0;
    for size in 1..=8 {
        for tree in trees(size) {
            let mut written = Vec::new();
            for notation in [Notation::Operator, Notation::Paper] {
                written.extend([notation.text(&tree), notation.latex(&tree)]);
            }
            for text in written {
                let (value, _) = parser::parse(&text, 0, &[]).unwrap_or_else(|e| panic!("{text}: {e} at {:?}", e.span));
                assert_eq!(value.as_tree().as_ref(), Some(&tree), "{text}");
                read += 1;
            }
        }
    }
    assert_eq!(read, 4 * (1 + 1 + 2 + 4 + 9 + 20 + 48 + 115));
}

#[test]
fn right_formulas_are_right() {
    for (text, method) in [
        ("f_0 = -g", "gradient-descent"),
        ("f_1 = -1/2 H g", "gradient-descent"),
        ("f_2 = -1/3 H^2 g - 1/12 T[g,g]", "gradient-descent"),
        ("f_2 = -1/12 (4 HHg + T[g,g])", "gradient-descent"),
        ("f_3 = -1/4 H^3 g - 1/12 H T[g,g] - 1/12 T[g, H g]", "gradient-descent"),
        (
            r"f_{2} = -\frac{1}{3} (\nabla_{\theta}^2 E)^2 \nabla_\theta E - \tfrac1{12} \nabla_\theta E^T (\nabla_\theta^3 E) \nabla_\theta E",
            "gradient-descent",
        ),
        (r"\dot{\theta} = -\nabla_\theta E - \frac h2 \nabla^2_\theta E \nabla_\theta E", "gradient-descent"),
        (r"\dot\theta = -g - h/2 H g - h^2 \left(1/3 H^2 g + 1/12 T[g,g]\right)", "gradient-descent"),
        ("θ' = −∇E − h·∇²E∇E/2 - h²(1/3 (∇²E)² ∇E + 1/12 ∇Eᵀ (∇³E) ∇E)", "gradient-descent"),
        // Hairer, Lubich & Wanner, IX.1: in derivatives of f.
        ("f_1 = -(1+m)/(2 (1-m)^3) H g", "heavy-ball"),
        ("f_1 = -(1-m+2m^2)/(2(1-m)^3) H g", "nesterov"),
        ("f = -g/(1-m) - h (1+m)/(2(1-m)^3) H g", "heavy-ball"),
        ("f_1 = 0", "rk:midpoint"),
        ("f_1 = 1/2 H g", "implicit-euler"),
        ("alpha_igr = -(1 + z/2)", "gradient-descent"),
        ("J_IGR = -lambda - h/2 lambda^2", "gradient-descent"),
        (r"J_{\mathrm{IGR}} = -\lambda - \frac{h}{2}\lambda^2", "gradient-descent"),
        ("alpha = log(1-z)/z", "gradient-descent"),
        (r"J_{PF} = \frac{1}{h}\log(1 - h\lambda)", "gradient-descent"),
        ("J_{BEA(2)} = -λ - hλ²/2 - h²λ³/3", "gradient-descent"),
        ("alpha = -log(1+z)/z", "implicit-euler"),
    ] {
        let verdict = verdict(text, method);
        assert!(verdict.ok(), "{text}: {:?}", verdict.differences);
    }
}

#[test]
fn wrong_formulas_are_wrong_where_they_differ() {
    for (text, method, levels, claimed, derived) in [
        ("f_2 = -1/3 H^2 g + 1/12 T[g,g]", "gradient-descent", &[0, 1, 1][..], "1/12", "-1/12"),
        ("f_2 = -1/3 H^2 g", "gradient-descent", &[0, 1, 1], "0", "-1/12"),
        ("f_2 = -1/3 H^2 g - 1/12 T[g,g] + H^3 g", "gradient-descent", &[0, 1, 2, 3], "1", "0"),
        ("f = -g - h^2(1/3 H^2 g + 1/12 T[g,g])", "gradient-descent", &[0, 1], "0", "-1/2"),
        ("f_1 = -(1+m)/(2(1-m)^2) H g", "heavy-ball", &[0, 1], "-(1+m)/(2*(1-m)^2)", "-(1+m)/(2*(1-m)^3)"),
    ] {
        let verdict = verdict(text, method);
        assert_eq!(verdict.differences.len(), 1, "{text}");
        let difference = &verdict.differences[0];
        assert_eq!(difference.tree.as_ref().unwrap().levels(), levels);
        assert_eq!((difference.claimed.as_str(), difference.derived.as_str()), (claimed, derived), "{text}");
    }
    let misprint = verdict("J_IGR = -lambda - h^2/2 lambda^2", "gradient-descent");
    assert!(!misprint.ok());
    assert!(matches!(&misprint.derived, Derived::Function(left, _) if left == "J_igr"));
    assert!(!verdict("alpha = log(1+z)/z", "gradient-descent").ok());
}

#[test]
fn functions_written_otherwise_are_not_called_wrong() {
    let optimizer = Optimizer::GradientDescent;
    let claim = Claim::parse("alpha = log((1-z)^2)/(2z)", &optimizer, None).unwrap();
    assert!(matches!(claim.judge(&optimizer, None), Err(JudgeError::OtherFunctions(_))));
}

#[test]
fn a_momentum_is_a_number_for_m() {
    let momentum = Rational::new(9, 10);
    for text in ["f_1 = -950 H g", "f_1 = -(1+m)/(2(1-m)^3) H g"] {
        let claim = Claim::parse(text, &Optimizer::HeavyBall, Some(&momentum)).unwrap();
        assert!(claim.judge(&Optimizer::HeavyBall, Some(&momentum)).unwrap().ok(), "{text}");
    }
}

#[test]
fn errors_say_where_and_what() {
    let deep = format!("f_1 = {}g", "(".repeat(100));
    let braces = format!("f_1 = {}g", "T[".repeat(100));
    let fractions = format!("f_1 = {}1", "\\frac".repeat(1000));
    let tower = format!("f = {}2{} g", "(".repeat(20), "^64)".repeat(20));
    for (text, place, message) in [
        ("f_2 -1/3 H^2 g", 14, "no `=`"),
        ("g_2 = g", 0, "no left side"),
        ("f_99 = g", 0, "beyond the limit"),
        ("f_1 = ", 6, "formula ends"),
        ("f_1 = -1/2 H", 6, "right side"),
        ("f_1 = -1/2 k g", 11, "`k` has no meaning"),
        ("f_1 = m H g", 6, "`m` has no meaning"),
        ("f_1 = h H g", 6, "`h` has no meaning"),
        ("f_1 = g g", 8, "a vector times a vector"),
        ("f_1 = g + 1", 6, "cannot be added"),
        ("f_1 = T[g] g", 6, "takes 2 arguments"),
        ("f_1 = (g", 8, "formula ends"),
        ("f_1 = 1/0 g", 8, "division by zero"),
        ("f_1 = g ? g", 8, "unexpected character"),
        ("f_1 = \\foo g", 6, "\\foo"),
        ("f_1 = g^2.5 g", 8, "no whole exponent"),
        ("f_1 = H^99999999999 g", 8, "no whole exponent"),
        ("f_1 = H^64 g", 6, "beyond the limit"),
        ("f = 1/h g", 4, "no polynomial in h"),
        ("f_1 = 1.2.3 g", 6, "not an exact number"),
        ("f_1 = ∇_x E", 10, "cannot stand here"),
        ("f_1 = é", 6, "unexpected character"),
        (deep.as_str(), 71, "at most 64 deep"),
        (braces.as_str(), 136, "at most 64 deep"),
        (fractions.as_str(), 0, "at most 64 deep"),
        (tower.as_str(), 0, "beyond the limit"),
    ] {
        let error = Claim::parse(text, &Optimizer::GradientDescent, None).unwrap_err();
        assert!(error.to_string().contains(message), "{text}: {error}");
        assert!(place == 0 || error.span.start == place, "{text}: {:?}", error.span);
        assert!(error.span.end <= text.len() && error.render("claim", text, false).contains("claim:1:"), "{text}");
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    let pieces = [
        "f_2", "=", "g", "H", "T", "[", "]", "(", ")", "{", "}", "^", "_", "∇", "E4", "E", "\\frac", "1", "/", "-",
        ",", "12", "h", "²", "ᵀ", "log",
    ];
    let mut state = 12_345_u64;
    for _ in 0..20_000 {
        let mut text = "f = ".to_owned();
        for _ in 0..(state % 14) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        if let Err(error) = Claim::parse(&text, &Optimizer::GradientDescent, None) {
            assert!(error.span.end <= text.len(), "{text}");
            let _ = error.render("claim", &text, false);
        }
    }
}

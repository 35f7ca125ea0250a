//! Every written term is read back, and verdicts on formulas known from the literature.

use super::*;
use crate::optimizer::Optimizer;
use crate::optimizer::testing::named;
use crate::tree::{Notation, trees};

fn verdict(text: &str, method: &str) -> Verdict {
    let optimizer = named(method, None).unwrap();
    let claim = Claim::parse(text, &optimizer).unwrap_or_else(|e| panic!("{text}: {e} at {:?}", e.span));
    claim.judge(&optimizer).unwrap_or_else(|e| panic!("{text}: {e}"))
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

/// Formulas as they stand in papers, right and wrong.
#[test]
fn formulas_as_papers_print_them() {
    let gd = "gradient-descent";
    for (text, method, right) in [
        // Rosca et al. 2023: equations 2, 3, 5, 8, 9 and 10, table 1.
        (r"\dot{\theta} = -\nabla_\theta E + \mathcal{O}(h)", gd, true),
        (r"\dot{\theta} = -\nabla_\theta E + \mathcal{O}(h^2)", gd, false),
        (
            r"\dot{\theta} &= -\nabla_{\theta} E - \frac{h}{2} \nabla_{\theta}^2 E \nabla_{\theta} E + \mathcal O(h^2). \\\\",
            gd,
            true,
        ),
        (
            r"\dot{\tilde{\boldsymbol{\theta}}} = -\nabla_{\boldsymbol{\theta}} E + h f_1(\boldsymbol{\theta}) + h^2 f_2(\boldsymbol{\theta}) + O(h^3)",
            gd,
            true,
        ),
        (r"\dot\theta = -g + h f_2", gd, false),
        (r"\tilde{f}_1(\theta) = -\frac12 \nabla_\theta^2 E(\theta) \nabla_\theta E(\theta)", gd, true),
        (
            r"\dot{\theta} = \sum_{p=0}^{12} \frac{-1}{p+1} h^p (\nabla_{\theta}^2E)^p \nabla_{\theta}E + \mathcal{C}(\nabla_{\theta}^3E)",
            gd,
            true,
        ),
        (
            r"\dot{\theta} = \sum_{p=0}^{\infty} \frac{-1}{p+1} h^p (\nabla^2_{\theta} E)^p \nabla_{\theta} E + \mathcal{C}(\nabla_{\theta}^3 E)",
            gd,
            true,
        ),
        (r"\dot\theta = \sum_{p=0}^\infty \frac{-1}{p+2} h^p H^p g + C(∇³E)", gd, false),
        (r"\dot\theta = -\sum_{p=1}^{\infty} \frac{1}{p} h^{p-1} H^{p-1} g + C(T)", gd, true),
        (r"\dot\theta = \sum_{p=0}^{\infty} \frac{-1}{p+1} h^p H^p g", gd, false),
        ("f = -g - h/2 H g + h^2 C(∇³E) + O(h^3)", gd, false),
        ("f = -g - h/2 H g - h^2/3 H^2 g + h^2 C(∇³E) + O(h^3)", gd, true),
        ("f = -g - h/2 H g - h^2/3 H^2 g + h^3 C(∇³E) + O(h^3)", gd, false),
        // Only fourth and higher derivatives left out: T[g,g] is missing.
        ("f = -g - h/2 H g - h^2/3 H^2 g + C(∇⁴E) + O(h^3)", gd, false),
        ("f_3 = -1/4 H^3 g + C(∇³E)", gd, true),
        (r"\alpha_{NGF}(h\lambda_i)=-1", gd, true),
        (r"\alpha_{IGR}(h\lambda_i) = -(1+\frac{h\lambda_i}{2})", gd, true),
        (r"\alpha_{IGR}(h\lambda_i) = -(1 + \frac{h}{2}\lambda_i)", gd, true),
        (r"\alpha_{PF}(h\lambda_i) = \frac{\log(1-h\lambda_i)}{h\lambda_i}", gd, true),
        (r"\alpha_{PF}(h\lambda_i) = \frac{\log(1+h\lambda_i)}{h\lambda_i}", gd, false),
        (r"\alpha_{PF}(z) = \sum_{p=0}^{\infty} \frac{-1}{p+1} z^p", gd, true),
        (r"\alpha(h\lambda) = -1 - \frac{h\lambda}{2} - \frac{(h\lambda)^2}{3} + O(h^3)", gd, true),
        (r"\alpha = -1 - z/2 - z^2/4 + O(z^3)", gd, false),
        (r"J_{PF}(\theta^*) = \frac{1}{h}\log(1-h\lambda_i^*)", gd, true),
        (r"J_{IGR} = -\lambda_i^* - \frac{h^2}{2}\lambda_i^{*2}", gd, false),
        (r"J_{IGR} = -\lambda_i^* - \frac{h}{2}\lambda_i^{*2}", gd, true),
        (r"J_{PF} = -\lambda - \frac{h}{2}\lambda^2 + O(h^2)", gd, true),
        // Sums over eigendirections.
        (
            r"\dot{\theta} = \sum_{i=0}^{D-1} -(1 + \frac{h}{2}\lambda_i)(\nabla_{\theta} E^T \mathbf{u}_i) \mathbf{u}_i",
            gd,
            true,
        ),
        (r"\dot{\theta} = \sum_i -(1 + h\lambda_i)(\nabla_{\theta} E^T u_i) u_i", gd, false),
        (
            r"\dot\theta = \sum_{i=0}^{D-1} \left(\sum_{p=0}^{\infty} \frac{-1}{p+1} h^p \lambda_i^p \right) (\nabla_{\theta} E^T \mathbf{u}_i) \mathbf{u}_i + \mathcal{C}(\nabla_{\theta}^3 E)",
            gd,
            true,
        ),
        // Matrix polynomials, Barrett & Dherin 2021's modified loss and what is of a higher order in it.
        ("f = -(1 + h/2 H) g", gd, true),
        (r"\frac{d\theta}{dt} = -\left(I + \frac{h}{2}\nabla_\theta^2 E\right)\nabla_\theta E", gd, true),
        (r"\dot\theta = -(I + h H/2 + h^2 H^2/3 + O(h^3)) g + C(∇³E)", gd, true),
        (r"\tilde{E}(\theta) = E(\theta) + \frac{h}{4} \|\nabla_\theta E(\theta)\|^2", gd, true),
        ("Ẽ = E + h/4 ||g||_2^2 + O(h^2)", gd, true),
        (r"\tilde E = E + \frac{h}{2} \left\|\nabla E\right\|^2", gd, false),
        (r"\tilde E = E + \frac h4 \nabla E^T \nabla E + \frac{h^2}{12} g^T H g + O(h^3)", gd, false),
        ("Ẽ = E/(1-m) + h (1+m)/(4 (1-m)^3) |g|^2", "heavy-ball", true),
        ("Ẽ = E - h/4 ||g||^2", "implicit-euler", true),
        // ∇(a gᵀHg) = 2a H²g + a T[g,g] is not f_2: the third order flow is no gradient.
        ("Ẽ = E + h/4 ||g||^2 + h^2/6 g^T H g", gd, false),
        // The step, with h f_1 for h² f_1, and the loss after it.
        (
            r"\tilde{\theta}(h) = \theta_{t-1} - h\nabla_{\theta}E(\theta_{t-1}) + h^2f_1(\theta_{t-1}) + \frac{h^2}{2}\nabla_{\theta}^2E(\theta_{t-1})\nabla_{\theta}E(\theta_{t-1}) + \mathcal{O}(h^3)",
            gd,
            true,
        ),
        (
            r"\tilde{\theta}(h) = \theta_{t-1} - h\nabla_{\theta}E(\theta_{t-1}) + hf_1(\theta_{t-1}) + \frac{h^2}{2}\nabla_{\theta}^2E(\theta_{t-1})\nabla_{\theta}E(\theta_{t-1}) + \mathcal{O}(h^3)",
            gd,
            false,
        ),
        (r"E(\theta - h \nabla_\theta E) = E - h g^T g + h^2/2 g^T H g - h^3/6 g^T T[g,g] + O(h^4)", gd, true),
        ("E(θ - h g) = E + O(h^2)", gd, false),
        ("progress = -1 + z/2", gd, true),
        ("progress(2) = 1", gd, false),
        // Stability on quadratics.
        ("threshold = 2", gd, true),
        ("threshold = 2(1+m)", "heavy-ball", true),
        ("threshold = 2(1+m)/(1+2m)", "nesterov", true),
        ("threshold = 2(1-m)", "heavy-ball", false),
        (r"h\lambda_0 = \infty", "implicit-euler", true),
        ("threshold = 2", "rk:midpoint", true),
        ("threshold = 3", "rk:rk4", false),
        // Remark 3.1 of Rosca et al.
        (r"\theta(t) = e^{\frac{\log(1-h\lambda_i)}{h}t} (\theta_0 + \frac{b}{\lambda}) - \frac{b}{\lambda}", gd, true),
        (
            r"\theta(t) = \sum_{i=0}^{D-1} e^{\frac{\log(1-h\lambda_i)}{h}t} \theta_0^T \mathbf{u}_i \mathbf{u}_i + t \sum_{i=0}^{D-1} \frac{\log(1-h\lambda_i)}{h\lambda_i} b^T \mathbf{u}_i.",
            gd,
            false,
        ),
    ] {
        let verdict = verdict(text, method);
        assert_eq!(verdict.ok(), right, "{text} ({method}): {:?}", verdict.differences);
    }
}

#[test]
fn a_threshold_with_a_number_for_the_momentum() {
    let half = named("heavy-ball", Some("1/2")).unwrap();
    for (text, right) in [("threshold = 3", true), ("threshold = 2(1+m)", true), ("threshold = 2", false)] {
        let claim = Claim::parse(text, &half).unwrap();
        assert_eq!(claim.judge(&half).unwrap().ok(), right, "{text}");
    }
}

#[test]
fn formulas_of_one_step_are_of_gradient_descent() {
    let optimizer = named("implicit-euler", None).unwrap();
    for text in ["E(θ - h g) = E + O(h)", r"\tilde\theta(h) = \theta - h g", "progress = -1 + z/2"] {
        let claim = Claim::parse(text, &optimizer).unwrap();
        let error = claim.judge(&optimizer).unwrap_err();
        assert!(error.to_string().contains("gradient descent only"), "{text}: {error}");
    }
}

#[test]
fn functions_written_otherwise_are_not_called_wrong() {
    let optimizer = BoundOptimizer::gradient_descent();
    let claim = Claim::parse("alpha = log((1-z)^2)/(2z)", &optimizer).unwrap();
    assert!(matches!(claim.judge(&optimizer), Err(JudgeError::OtherFunctions(_))));
}

#[test]
fn a_momentum_is_a_number_for_m() {
    let optimizer = named("heavy-ball", Some("9/10")).unwrap();
    for text in ["f_1 = -950 H g", "f_1 = -(1+m)/(2(1-m)^3) H g"] {
        let claim = Claim::parse(text, &optimizer).unwrap();
        assert!(claim.judge(&optimizer).unwrap().ok(), "{text}");
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
        ("f = -g + O(2 h H)", 10, "no power of the step size"),
        ("f = -g + O(1)", 4, "leaves out everything"),
        ("f = -g + O(h^20)", 4, "beyond the limit"),
        ("f_1 = -1/2 H g + O(h)", 19, "`h` has no meaning"),
        ("f = -g + C(g)", 10, "no class of terms"),
        ("f = -g + \\dots", 9, "dots say nothing"),
        ("f = \\sum_{p=0}^n h^p H^p g", 15, "`n` has no meaning"),
        ("f = \\sum_{p=0}^\\infty H g", 4, "do not grow"),
        ("f = \\sum_{p=0}^{4000} h g", 4, "beyond the limit"),
        ("f = -g = -g", 7, "`=` cannot stand here"),
        ("Ẽ = E + h/4 ||g||", 19, "the square"),
        ("Ẽ = g", 6, "the right side is a vector"),
        ("f = λ g", 4, "`λ` has no meaning"),
        ("alpha = -1 + C(T)", 8, "C(…)"),
        ("threshold = 2 + O(h)", 18, "`h` has no meaning"),
        (deep.as_str(), 71, "at most 64 deep"),
        (braces.as_str(), 136, "at most 64 deep"),
        (fractions.as_str(), 0, "at most 64 deep"),
        (tower.as_str(), 0, "beyond the limit"),
    ] {
        let error = Claim::parse(text, &BoundOptimizer::gradient_descent()).unwrap_err();
        assert!(error.to_string().contains(message), "{text}: {error}");
        assert!(place == 0 || error.span.start == place, "{text}: {:?}", error.span);
        assert!(error.span.end <= text.len() && error.render("claim", text, false).contains("claim:1:"), "{text}");
    }
}

/// An equation's number is left out or refused, and never a factor.
#[test]
fn equation_numbers_are_no_factors() {
    for (text, right) in [
        (r"\dot{\theta} = -\nabla_\theta E + \mathcal{O}(h) \quad (2)", true),
        (r"\dot\theta = -\nabla_\theta E \quad (2)", true),
        (r"\dot\theta = -\nabla_\theta E. \qquad (2)", true),
        (r"\dot\theta = -\nabla_\theta E \tag{2}", true),
        (r"\dot\theta = -\nabla_\theta E \tag*{(2)}", true),
        ("f_1 = -1/2 H g ~(2)", true),
        ("f_1 = -1/2 H g. (8)", true),
        (r"f_1 = -1/2 H g,\qquad (A.8)", true),
        (r"f_1 = H g \quad (8)", false),
        (r"alpha_igr = -1 - z/2 \quad (3)", true),
        (r"threshold = 2 \qquad (1)", true),
        ("threshold = 1 * 2", true),
        (r"f_1 = -H g \cdot (1/2)", true),
        (r"f_1 = -H g \frac{1}{2}", true),
    ] {
        assert_eq!(verdict(text, "gradient-descent").ok(), right, "{text}");
    }
    for (text, place) in [
        (r"f_1 = -1/4 H g \; 2", 18),
        ("f_1 = -1/4 H g (2)", 15),
        ("f_1 = -1/4 H g 2", 15),
        (r"f_1 = -1/4 H g \quad 2", 21),
        (r"f_1 = -1/4 H g \; (2)", 18),
        ("f = -g 2 - h/2 H g", 7),
        ("f_2 = -1/3 H^2 g - 1/12 T[g, g] (8)", 32),
        ("threshold = 1 (2)", 14),
        ("alpha_igr = -1 - z (1)", 19),
        (r"Ẽ = E + h/8 g^T g 2", 20),
    ] {
        let error = Claim::parse(text, &BoundOptimizer::gradient_descent()).unwrap_err();
        assert!(error.to_string().contains("stands behind"), "{text}: {error}");
        assert_eq!(error.span.start, place, "{text}");
    }
}

/// A rational difference is decidable, however small or high its order.
#[test]
fn functions_that_differ_by_a_rational_function_are_wrong() {
    for (text, method) in [
        ("alpha = log(1-z)/z + 1e-12", "gradient-descent"),
        ("alpha = log(1-z)/z + z^40", "gradient-descent"),
        ("alpha = (1 + 1e-13) log(1-z)/z", "gradient-descent"),
        ("alpha = -log(1+z)/z + z^40", "implicit-euler"),
        (r"J_{PF} = \frac{1}{h}\log(1-h\lambda) + 10^{-12} \lambda", "gradient-descent"),
    ] {
        let verdict = verdict(text, method);
        assert!(!verdict.ok(), "{text}");
        assert!(matches!(&verdict.derived, Derived::Function(_, right) if right.contains("log")), "{text}");
    }
}

/// Functions of the eigenvalues in fields: Rosca et al. 2023, equations 12 and 14.
#[test]
fn sums_of_functions_over_eigendirections() {
    let flow = r"\sum_{i=0}^{D-1} \frac{\log(1-h\lambda_i)}{h\lambda_i} (\nabla_{\theta} E^T \mathbf u_i) \mathbf u_i";
    let third = r"- \frac{h^2}{12} \nabla_\theta E^T (\nabla_\theta^3 E) \nabla_\theta E";
    for (text, method, right) in [
        (format!(r"\dot\theta = {flow} + \mathcal{{C}}(\nabla_\theta^3 E)"), "gradient-descent", true),
        (format!(r"\dot\theta = {flow} + \mathcal{{O}}(h^2)"), "gradient-descent", true),
        (format!(r"\dot\theta = {flow}"), "gradient-descent", false),
        (format!(r"\dot\theta = {flow} + \mathcal{{O}}(h^3)"), "gradient-descent", false),
        (format!(r"\dot\theta = {flow} {third} + \mathcal{{O}}(h^3) \quad (14)"), "gradient-descent", true),
        (format!(r"\dot\theta = {flow} {third} + \mathcal{{O}}(h^4)"), "gradient-descent", false),
        (format!(r"\dot\theta = {flow} + C(∇³E)").replace("1-h", "1+h"), "gradient-descent", false),
        (format!(r"\dot\theta = -{flow} + C(∇³E)").replace("1-h", "1+h"), "implicit-euler", true),
    ] {
        assert_eq!(verdict(&text, method).ok(), right, "{text}");
    }
    for text in [
        flow.replace("1-h", "1-"),
        flow.replace("1-h", "2-h"),
        flow.replace(r"\mathbf u_i", ""),
        format!(r"{flow} + \sum_i \log(1-h\lambda_i) (h\lambda_i)^{{40}} g^T u_i u_i"),
    ] {
        assert!(Claim::parse(&format!("f = {text} + C(∇³E)"), &BoundOptimizer::gradient_descent()).is_err(), "{text}");
    }
}

#[test]
fn square_roots_of_numbers_in_coefficients() {
    // One stage at γ = 1 − √2/2: f_1 = (1/2 − √2/2) H g.
    let optimizer = Optimizer::from_toml("a = [[\"1-sqrt(2)/2\"]]\nb = [1]", "sdirk.toml").unwrap().bind(&[]).unwrap();
    for (text, right) in [
        (r"f_{1} = \left(\frac{1}{2} - \frac{1}{2} \sqrt{2}\right) H g", true),
        ("f_1 = (1-sqrt(2))/2 H g", true),
        ("f_1 = (1/2 - 1/sqrt(2)) H g", true),
        ("f_1 = (1/2 - sqrt(8)/4) H g", true),
        ("f_1 = (1/2 + sqrt(2)/2) H g", false),
        ("f = -g + h (1/2 - sqrt(1/2)) H g", true),
        ("f_1 = 1/2 H g", false),
    ] {
        let claim = Claim::parse(text, &optimizer).unwrap();
        assert_eq!(claim.judge(&optimizer).unwrap().ok(), right, "{text}");
    }
    assert!(verdict("f_1 = -sqrt(1/4) H g", "gradient-descent").ok());
    assert!(!verdict("f_1 = (sqrt(2) - sqrt(3)) H g", "gradient-descent").ok());
    // Right in numbers, in a field that is not compared.
    let optimizer = BoundOptimizer::gradient_descent();
    let claim = Claim::parse("f_1 = -sqrt(2) sqrt(3) sqrt(6)/12 H g", &optimizer).unwrap();
    assert!(matches!(claim.judge(&optimizer), Err(JudgeError::OtherFunctions(_))));
    assert!(Claim::parse("f_1 = sqrt(-1) H g", &optimizer).is_err());
}

#[test]
fn hyper_parameters_are_asked_for() {
    for text in ["f_1 = -(1+m)/(2 (1-m)^3) H g", r"f_1 = \beta H g"] {
        let error = Claim::parse(text, &BoundOptimizer::gradient_descent()).unwrap_err();
        assert!(error.to_string().contains("`Claim::parse`"), "{error}");
    }
    let file = "[method=heavy-ball, momentum=1] f_1 = H g\n";
    let errors = read_claims(file, &BoundOptimizer::gradient_descent()).unwrap_err();
    assert_eq!(&file[errors[0].span.clone()], "momentum=1");
}

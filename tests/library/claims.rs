//! Claims: the paper's formulas, and verdicts found by hand.

use crate::bound::bound;
use shadowflow::claim::{Claim, Letters, read_claims};
use shadowflow::optimizer::BoundOptimizer;

#[test]
fn the_papers_formulas_have_the_verdicts_expected() {
    let lines =
        read_claims(include_str!("../../examples/claims/paper.claims"), &BoundOptimizer::gradient_descent()).unwrap();
    assert!(lines.len() >= 15);
    for line in &lines {
        let verdict = line.claim.judge(&line.optimizer).unwrap();
        assert_eq!(verdict.ok(), line.expected, "line {}: {}", line.line, line.claim.text());
    }
    assert!(lines.iter().filter(|l| !l.expected).count() >= 3);
}

/// What becomes of a claim.
#[derive(Debug, PartialEq)]
enum Outcome {
    Right,
    /// As a decimal with so many digits.
    Digits(u32),
    Wrong,
    /// Written in functions, or of sizes, that no comparison covers.
    Undecided,
    Unreadable,
}

fn outcome(text: &str, method: &str, momentum: Option<&str>, letters: &str) -> Outcome {
    let optimizer = bound(method, momentum);
    let letters = if letters.is_empty() { Letters::default() } else { letters.parse().unwrap() };
    let Ok(claim) = Claim::parse_with(text, &optimizer, &letters) else {
        return Outcome::Unreadable;
    };
    match claim.judge(&optimizer) {
        Ok(verdict) if !verdict.ok() => Outcome::Wrong,
        Ok(verdict) => verdict.digits.map_or(Outcome::Right, Outcome::Digits),
        Err(_) => Outcome::Undecided,
    }
}

/// True and false claims with verdicts found by hand: from the known coefficients of backward error analysis, the real stability
/// threshold of RK4, 2.785293563405282, that of heavy ball, 2(1+m), and of Nesterov's method, 2(1+m)/(1+2m).
#[test]
fn verdicts_by_hand() {
    use Outcome::{Digits, Right, Undecided, Unreadable, Wrong};
    let (gd, hb, nag, rk4, euler) = ("gradient-descent", "heavy-ball", "nesterov", "rk:rk4", "implicit-euler");
    let sdirk = tempfile::tempdir().unwrap();
    let sdirk_file = sdirk.path().join("sdirk.toml");
    // One stage at 1 − √2/2: f_1 = (1/2 − √2/2) H g = −0.2071067811865475… H g.
    std::fs::write(&sdirk_file, "a = [[\"1-sqrt(2)/2\"]]\nb = [1]\n").unwrap();
    let sdirk = sdirk_file.to_str().unwrap();
    let cases: &[(&str, &str, Option<&str>, Outcome)] = &[
        // No comparison is no agreement: the claim's own side has no value, or none that floats can hold.
        ("alpha_pf = exp(1000000)", gd, None, Wrong),
        ("progress = log(0)", gd, None, Unreadable),
        ("J_PF = log(0)", gd, None, Unreadable),
        ("J_PF = log(z - z)", gd, None, Unreadable),
        ("alpha_pf = sqrt(z-100)", gd, None, Wrong),
        ("alpha_pf = -sqrt(100-z)/10", gd, None, Wrong),
        ("alpha_pf = log(z-1)/z", gd, None, Wrong),
        ("alpha_pf = log(1-z)/z + exp(-1000)", gd, None, Wrong),
        ("alpha_pf = log(1-z)/z + exp(-1000) - exp(-999)", gd, None, Undecided),
        ("alpha_pf = exp(exp(1000000))", gd, None, Undecided),
        ("alpha_pf = sqrt(exp(1000000))", hb, None, Undecided),
        ("alpha_pf = log(exp(1000) (1-z))/z - 1000/z", gd, None, Undecided),
        ("J_PF = exp(exp(2000 h))", gd, None, Undecided),
        ("alpha_pf = log((1-z)^2)/(2z)", gd, None, Undecided),
        ("threshold = 2 + exp(-1000)", gd, None, Wrong),
        ("threshold = exp(-10000)", gd, None, Wrong),
        ("threshold = exp(log(2))", gd, None, Undecided),
        ("threshold = exp(exp(10))", gd, None, Undecided),
        ("threshold = exp(exp(0))", gd, None, Wrong),
        ("threshold = sqrt(2) sqrt(2)", gd, None, Right),
        ("threshold = sqrt(8)/sqrt(2)", gd, None, Right),
        ("threshold = 1 + exp(0)", gd, None, Right),
        ("threshold = log(-1)", rk4, None, Undecided),
        ("threshold = exp(1000000)", rk4, None, Undecided),
        ("threshold = sqrt(8)", rk4, None, Wrong),
        ("f_1 = log(0) H g", gd, None, Unreadable),
        ("f_1 = exp(exp(1000)) H g", gd, None, Undecided),
        ("f_2 = C(∇²E)", gd, None, Undecided),
        ("f_2 = -1/3 H^2 g + C(∇³E)", gd, None, Right),
        ("theta(t) = exp(exp(exp(100 t)))", gd, None, Undecided),
        // Rounded after ≈.
        ("f_2 ≈ -0.333 H^2 g - 0.0833 T[g,g]", gd, None, Digits(3)),
        (r"f_2 \approx -0.33 H^2 g - 0.08 T[g,g]", gd, None, Digits(1)),
        ("f_2 ~ -0.333 H^2 g - 0.083 T[g,g]", gd, None, Digits(2)),
        ("f_2 ≈ -0.334 H^2 g - 0.0833 T[g,g]", gd, None, Wrong),
        ("f_2 ≈ -0.333 H^2 g + 0.0833 T[g,g]", gd, None, Wrong),
        ("f_2 ≈ -0.333 H^2 g", gd, None, Wrong),
        ("f_2 ≈ -1/3 H^2 g - 1/12 T[g,g]", gd, None, Right),
        ("f_2 ≈ -1/3 H^2 g - 0.083 T[g,g]", gd, None, Digits(2)),
        ("f_1 ≈ -0.5 H g", gd, None, Right),
        ("f ≈ -g - 0.5 h H g - h^2 (0.333 H^2 g + 0.083 T[g,g])", gd, None, Digits(2)),
        ("f_1 ≈ -1/3 H g", gd, None, Wrong),
        ("f_1 ≈ -950.0 H g", hb, Some("9/10"), Right),
        ("f_1 ≈ -9.5e2 H g", hb, Some("9/10"), Right),
        ("f_1 ≈ -1e3 H g", hb, Some("9/10"), Digits(1)),
        // 950 is halfway.
        ("f_1 ≈ -1.0e3 H g", hb, Some("9/10"), Digits(2)),
        ("f_1 ≈ -1.00e3 H g", hb, Some("9/10"), Wrong),
        ("threshold ≈ 2.785", rk4, None, Digits(4)),
        ("threshold ≈ 2.79", rk4, None, Digits(3)),
        ("threshold ≈ 2.8", rk4, None, Digits(2)),
        ("threshold ≈ 3", rk4, None, Digits(1)),
        ("threshold ≈ 2.78", rk4, None, Wrong),
        ("threshold ≈ 2.786", rk4, None, Wrong),
        ("threshold ≈ 2.785293563405282", rk4, None, Digits(16)),
        ("threshold ≈ 2.785293563405283", rk4, None, Wrong),
        ("threshold ≈ 1.357", nag, Some("9/10"), Digits(4)),
        ("threshold ≈ 1.358", nag, Some("9/10"), Wrong),
        ("alpha_third ≈ -1 - 0.5 z - 0.33 z^2", gd, None, Digits(2)),
        ("alpha_third ≈ -1 - 0.5 z - 0.34 z^2", gd, None, Wrong),
        ("alpha ≈ -1 - 0.5 z - 0.33 z^2 + O(z^3)", gd, None, Digits(2)),
        ("alpha ≈ -1 - 0.5 z - 0.32 z^2 + O(z^3)", gd, None, Wrong),
        ("alpha ≈ 1.0 log(1-z)/z", gd, None, Right),
        ("alpha ≈ -1.04", gd, None, Wrong),
        // Exact after =, but for irrational numbers.
        ("threshold = 2.785", rk4, None, Digits(4)),
        ("threshold = 2.7853", rk4, None, Digits(5)),
        ("threshold = 2.78", rk4, None, Wrong),
        ("threshold = 2.786", rk4, None, Wrong),
        ("threshold = 3", rk4, None, Wrong),
        ("threshold = 39/14", rk4, None, Wrong),
        // The next digits are 1623529759: bounds 10⁻¹⁸ apart say nothing of so many.
        ("threshold = 2.78529356340528162353", rk4, None, Undecided),
        ("threshold = 2.78529356340528281892", rk4, None, Wrong),
        ("f_2 = -0.333 H^2 g - 1/12 T[g,g]", gd, None, Wrong),
        ("f_1 = -0.5 H g", gd, None, Right),
        ("threshold = 1.357", nag, Some("9/10"), Wrong),
        ("threshold = 3.8", hb, Some("9/10"), Right),
        ("threshold = 2(1+m)", hb, None, Right),
        ("threshold = 2(1+m)/(1+2m)", nag, None, Right),
        ("threshold = 2(1+m)/(1+m)", nag, None, Wrong),
        ("threshold = infty", euler, None, Right),
        ("threshold = 2", euler, None, Wrong),
        ("f_1 = -0.2071 H g", sdirk, None, Digits(4)),
        ("f_1 ≈ -0.20711 H g", sdirk, None, Digits(5)),
        ("f_1 = -0.2072 H g", sdirk, None, Wrong),
        ("f_1 = (1-sqrt(2))/2 H g", sdirk, None, Right),
        ("f = -g - 0.2071 h H g", sdirk, None, Digits(4)),
        // The gradient of a scalar: ∇‖∇E‖² = 2 H g, and of gᵀHg 2 H²g + T[g,g].
        ("f = -∇E - h/4 ∇‖∇E‖²", gd, None, Right),
        ("f = -∇E - h/2 ∇‖∇E‖²", gd, None, Wrong),
        (
            r"\dot\theta = -\nabla E - \frac{h}{4} \nabla_\theta \left\|\nabla_\theta E\right\|^2 + O(h^2)",
            gd,
            None,
            Right,
        ),
        (r"\dot\theta = -\nabla \left( E + \frac h4 \|\nabla E\|^2 \right)", gd, None, Right),
        ("f_2 = -1/6 ∇(g^T H g) + 1/12 T[g,g]", gd, None, Right),
        ("f_1 = -1/4 ∇||g||^2", gd, None, Right),
        ("f_1 = -1/4 ∇²‖g‖²", gd, None, Unreadable),
        ("f_1 = -1/4 ∇(H g)", gd, None, Unreadable),
        // Powers.
        ("theta(t) = (1-h*lambda)^(t/h) (theta_0 + b/lambda) - b/lambda", gd, None, Right),
        ("theta(t) = (1-h*lambda)**(t/h)*(theta_0 + b/lambda) - b/lambda", gd, None, Right),
        (r"\theta(t) = (1-h\lambda)^{\frac{t}{h}} (\theta_0 + \frac{b}{\lambda}) - \frac{b}{\lambda}", gd, None, Right),
        ("theta(t) = (1+h*lambda)^(t/h) (theta_0 + b/lambda) - b/lambda", gd, None, Wrong),
        ("theta(t) = (1+h*lambda)^(-t/h) (theta_0 + b/lambda) - b/lambda", euler, None, Right),
        ("f_2 = -1/3 H**2 g - 1/12 T[g,g]", gd, None, Right),
        ("J_IGR = -lambda - h/2 lambda**2", gd, None, Right),
        ("threshold = 4^(1/2)", gd, None, Right),
        ("threshold = 2^(1/2)", gd, None, Wrong),
    ];
    assert!(cases.len() > 90);
    for (text, method, momentum, expected) in cases {
        assert_eq!(&outcome(text, method, *momentum, ""), expected, "{text} ({method})");
    }
}

/// Formulas of papers in their own letters.
#[test]
fn letters_of_the_users_own() {
    use Outcome::{Right, Unreadable, Wrong};
    let gd = "gradient-descent";
    for (text, method, letters, expected) in [
        (r"\dot\omega = -\nabla L - \frac{\eta}{4}\nabla\|\nabla L\|^2", gd, "h=η,E=L,θ=ω", Right),
        (r"\dot\omega = -\nabla L(\omega) - \frac\eta2 \nabla^2 L(\omega) \nabla L(\omega)", gd, "h=η,E=L,θ=ω", Right),
        (r"\dot\omega = -\nabla L + \frac\eta2 \nabla^2 L \nabla L", gd, "h=η,E=L,θ=ω", Wrong),
        ("ω' = −∇L − ε/2 ∇²L ∇L", gd, "h=ε,E=L,θ=ω", Right),
        (r"\tilde{L}(\omega) = L(\omega) + \frac{\epsilon}{4}\|\nabla L(\omega)\|^2", gd, "h=ε,E=L,θ=ω", Right),
        (
            r"\dot{w} = -\nabla_w \mathcal{L} - \frac{\eta}{2} \nabla_w^2 \mathcal{L} \nabla_w \mathcal{L}",
            gd,
            "h=η,E=L,θ=w",
            Right,
        ),
        ("dw/dt = -∇L - η/2 ∇²L ∇L", gd, "h=\\eta,E=L,θ=w", Right),
        ("f_1 = -(1+β)/(2 (1-β)^3) H g", "heavy-ball", "m=β", Right),
        (r"f_1 = -\frac{1+\beta}{2(1-\beta)^3} \nabla^2 L \nabla L", "heavy-ball", "m=β,E=L", Right),
        ("f_1 = -(1-β)/(2 (1-β)^3) H g", "heavy-ball", "m=β", Wrong),
        ("threshold = 2(1+β)", "heavy-ball", "m=\\beta", Right),
        ("alpha_pf = log(1-η*λ)/(η*λ)", gd, "h=η", Right),
        ("J_IGR = -μ - η/2 μ^2", gd, "h=η,λ=μ", Right),
        ("f = -g - η/2 H g", gd, "", Unreadable),
        (r"\dot\omega = -g", gd, "", Unreadable),
        ("f_1 = -1/2 K k", gd, "H=K,g=k", Right),
    ] {
        assert_eq!(outcome(text, method, None, letters), expected, "{text} with {letters}");
    }
}

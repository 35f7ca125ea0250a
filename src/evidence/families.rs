//! Families of non-principal terms in closed form, and what was derived against them.

use super::{Check, Row};
use crate::number::{Rational, Scalar};
use crate::series::ModifiedEquation;
use crate::tree::Tree;

/// The coefficient in gradient descent's modified equation of the terms with exactly one derivative beyond the Hessian,
///
/// ```text
/// H^a ∇^{k+1}E[H^{b_1} g, …, H^{b_k} g],    k ≥ 2,
/// ```
///
/// in closed form. In the eigenbasis of H, with `λ` for `hλ`, `μ = 1 − λ` and the divided difference
/// `D(u, v) = (log u − log v)/(u − v)`, all of them sum to
///
/// ```text
/// −(h^k/k!) Σ (∇^{k+1}E)_{i j_1…j_k} g_{j_1} … g_{j_k} φ_k,    φ_k = Σ_S (−1)^{k−|S|} D(Π_{s∈S} μ_{j_s}, μ_i) / Π_s λ_{j_s}
/// ```
///
/// S over the subsets of {1..k}. With `x = λ_i`, `u = 1 − w`: `D(u, 1−x) = Σ x^p w^q/(p+q+1)`, and only the full S has all of
/// the `λ_{j_s}` that the quotient needs, so the coefficient of `x^a Π λ_s^{b_s}` is
///
/// ```text
/// Σ_q 1/(a+q+1) [Π λ_s^{b_s+1}] (1 − Π (1−λ_s))^q = Σ_q 1/(a+q+1) Σ_m (−1)^m C(q, m) Π_s (−1)^{b_s+1} C(m, b_s+1)
/// ```
///
/// times the number of orders of the `b_s` that are the same term, over `−k!`.
///
/// ```
/// use shadowflow::evidence::one_derivative_coefficient;
/// use shadowflow::number::Rational;
/// assert_eq!(one_derivative_coefficient(0, &[0, 0]), Rational::new(-1, 12));
/// assert_eq!(one_derivative_coefficient(2, &[0, 0]), Rational::new(-3, 40));
/// ```
#[must_use]
pub fn one_derivative_coefficient(a: usize, b: &[usize]) -> Rational {
    let whole = |n: usize| Rational::from(i64::try_from(n).unwrap_or(i64::MAX));
    let total: usize = b.iter().map(|b| b + 1).sum();
    let mut sum = Rational::ZERO;
    for q in 0..=total {
        let mut inner = Rational::ZERO;
        for m in 0..=q {
            let product = b.iter().fold(binomial(q, m), |p, b| &p * &binomial(m, b + 1));
            inner += &if m % 2 == 0 { product } else { -product };
        }
        sum += &(&inner / &whole(a + q + 1));
    }
    // The number of orders over k!: one over the factorials of the multiplicities.
    let mut sorted = b.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|x, y| x == y);
    let same = runs.fold(Rational::ONE, |product, run| (1..=run.len()).fold(product, |p, n| &p * &whole(n)));
    let signed = if total.is_multiple_of(2) { -sum } else { sum };
    &signed / &same
}

/// The Bernoulli numbers `B_0, …, B_n`, `B_1 = −1/2`, by `Σ_{j≤m} C(m+1, j) B_j = 0`.
///
/// ```
/// use shadowflow::evidence::bernoulli_numbers;
/// use shadowflow::number::Rational;
/// assert_eq!(bernoulli_numbers(4)[4], Rational::new(-1, 30));
/// ```
#[must_use]
pub fn bernoulli_numbers(n: usize) -> Vec<Rational> {
    let mut numbers = vec![Rational::ONE];
    for m in 1..=n {
        let sum: Rational = numbers.iter().enumerate().map(|(j, b)| &binomial(m + 1, j) * b).sum();
        numbers.push(-sum / Rational::from(i64::try_from(m + 1).unwrap_or(i64::MAX)));
    }
    numbers
}

fn binomial(n: usize, k: usize) -> Rational {
    if k > n {
        return Rational::ZERO;
    }
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    (1..=k).fold(Rational::ONE, |b, i| &b * &Rational::new(whole(n - k + i), whole(i)))
}

/// The tree of `H^a ∇^{k+1}E[H^{b_1} g, …]`.
fn tree_of(a: usize, b: &[usize]) -> Tree {
    let mut tree = Tree::grafted(b.iter().map(|&b| Tree::tall(b)).collect());
    for _ in 0..a {
        tree = Tree::grafted(vec![tree]);
    }
    tree
}

fn name_of(a: usize, b: &[usize]) -> String {
    let power = |p: usize| match p {
        0 => String::new(),
        1 => "H ".to_owned(),
        _ => format!("H^{p} "),
    };
    let head = if b.len() == 2 { "T".to_owned() } else { format!("E{}", b.len() + 1) };
    let arguments: Vec<String> = b.iter().map(|&b| format!("{}g", power(b))).collect();
    format!("{}{head}[{}]", power(a), arguments.join(", "))
}

/// All ascending `b_1 ≤ … ≤ b_k` with a given sum.
fn exponents(k: usize, sum: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..k {
        all = all
            .into_iter()
            .flat_map(|b| {
                let used: usize = b.iter().sum();
                let least = b.last().copied().unwrap_or(0);
                (least..=sum - used).map(move |next| [&b[..], &[next]].concat())
            })
            .collect();
    }
    all.retain(|b| b.iter().sum::<usize>() == sum);
    all
}

/// Compares the derived coefficients of all terms with exactly one derivative of order `k + 1`, to `order`, with the closed
/// form of [`one_derivative_coefficient`]; `k = 2` is the third derivative.
#[must_use]
pub fn check_one_derivative(route: &str, equation: &ModifiedEquation, k: usize, order: usize) -> Check {
    let name = match k {
        2 => "one-third-derivative".to_owned(),
        3 => "one-fourth-derivative".to_owned(),
        _ => format!("one-derivative-{}", k + 1),
    };
    let reached = reached(equation, order);
    let mut rows = Vec::new();
    // H^a ∇^{k+1}E[…] is in f_n with n = a + k + Σ b_s.
    for degree in 0..reached.saturating_sub(k) {
        for a in 0..=degree {
            for b in exponents(k, degree - a) {
                let found = equation.coefficient(&tree_of(a, &b));
                let expected = Scalar::from(one_derivative_coefficient(a, &b));
                rows.push(Row {
                    subject: name_of(a, &b),
                    ok: found == expected,
                    found: found.to_string(),
                    expected: expected.to_string(),
                });
            }
        }
    }
    let mut check = Check::from_rows(&name, &[route], reached, order, rows, |row| describe(row, route));
    check.orders.0 = k.min(check.orders.1);
    check
}

/// Compares the derived coefficients of the corollas, `g` into one derivative of order `n + 1`, with Bernoulli's numbers:
/// `(−1)^{n+1} B_n/n!` in `f_n`.
#[must_use]
pub fn check_corollas(route: &str, equation: &ModifiedEquation, order: usize) -> Check {
    let reached = reached(equation, order);
    let bernoulli = bernoulli_numbers(reached);
    let mut factorial = Rational::ONE;
    let mut rows = Vec::new();
    for (n, number) in bernoulli.iter().enumerate().take(reached) {
        if n > 0 {
            factorial *= &Rational::from(i64::try_from(n).unwrap_or(i64::MAX));
        }
        let magnitude = number / &factorial;
        let expected = Scalar::from(if n % 2 == 0 { -magnitude } else { magnitude });
        let found = equation.coefficient(&Tree::grafted(vec![Tree::leaf(); n]));
        rows.push(Row {
            subject: match n {
                0 => "g".to_owned(),
                1 => "H g".to_owned(),
                _ => name_of(0, &vec![0; n]),
            },
            ok: found == expected,
            found: found.to_string(),
            expected: expected.to_string(),
        });
    }
    Check::from_rows("corollas", &[route], reached, order, rows, |row| describe(row, route))
}

/// How many orders are compared; a tree has at most 256 levels, and the closed forms are many beyond.
fn reached(equation: &ModifiedEquation, order: usize) -> usize {
    equation.orders.len().min(order.saturating_add(1)).min(64)
}

fn describe(row: &Row, route: &str) -> String {
    format!("{} has coefficient {} by {route}, {} in closed form", row.subject, row.found, row.expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Coefficient;
    use crate::series::order_polynomials;

    /// To total degree 9 in the third derivative, 8 in the fourth, 7 in the fifth and so on: all that `f_0 … f_11` hold. Of
    /// `H^a T[H^b g, H^c g]` with `b ≤ c` there are 125: `Σ_{d≤9} Σ_{s≤d} (1 + ⌊s/2⌋)`.
    #[test]
    fn families_are_those_derived() {
        let equation = order_polynomials(11);
        for k in 2..=6 {
            let check = check_one_derivative("trees", &equation, k, 11);
            assert!(check.ok, "{}", check.detail);
            assert_eq!(check.orders, (k, 11));
        }
        assert_eq!(check_one_derivative("trees", &equation, 2, 11).compared, 125);
        let corollas = check_corollas("trees", &equation, 11);
        assert!(corollas.ok && corollas.compared == 12, "{}", corollas.detail);
    }

    /// At λ = 0, `φ_k` is the Bernoulli number.
    #[test]
    fn the_closed_form_begins_with_bernoulli_numbers() {
        let mut factorial = Rational::ONE;
        for (k, number) in bernoulli_numbers(12).iter().enumerate().skip(1) {
            factorial *= &Rational::from(i64::try_from(k).unwrap());
            let phi = -(&one_derivative_coefficient(0, &vec![0; k]) * &factorial);
            // f_k carries (−1)^{k+1} B_k, and B_k = 0 for odd k ≥ 3.
            assert_eq!(phi, if k == 1 { -number } else { number.clone() }, "k = {k}");
        }
    }

    #[test]
    fn a_broken_term_is_named() {
        let mut broken = order_polynomials(5);
        for term in &mut broken.orders[5] {
            term.coefficient = term.coefficient.scaled(&Rational::new(101, 100));
        }
        let check = check_one_derivative("broken", &broken, 2, 5);
        assert!(!check.ok && check.detail.contains("by broken"), "{}", check.detail);
        assert!(!check_corollas("trees", &ModifiedEquation::new("none"), 5).ok);
        // Without an order that has such terms there is nothing to compare.
        assert!(!check_one_derivative("trees", &order_polynomials(1), 2, 1).ok);
    }

    #[test]
    fn names_are_those_of_the_output() {
        assert_eq!(name_of(1, &[0, 2]), "H T[g, H^2 g]");
        assert_eq!(name_of(0, &[0, 0, 1]), "E4[g, g, H g]");
        assert_eq!(tree_of(1, &[0, 1]).levels(), &[0, 1, 2, 3, 2]);
        assert_eq!(exponents(2, 3), [vec![0, 3], vec![1, 2]]);
    }
}

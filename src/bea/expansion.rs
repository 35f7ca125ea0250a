//! The modified field of a polynomial loss, as expanded polynomials.

use crate::expr::{Algebra, Polynomial, Polynomials};
use crate::number::Rational;

/// `f_0..f_N` and their principal parts `−1/(n+1) H^n g` for gradient descent, from the expanded gradient.
///
/// With `D_i u = u′ f_i`, the Lie derivative along `f_i`, the flow of `h Σ h^i f_i` over unit time is the step, which gives
///
/// `f_{w−1} = −Σ_{i=2}^{w} S_i(w)/i!`,  `S_1(w) = f_{w−1}`,  `S_i(w) = Σ_{a≥1} D_{a−1} S_{i−1}(w − a)`
///
/// (Hairer, Lubich & Wanner, *Geometric Numerical Integration*, IX.1, (1.4), the sums over compositions shared): O(N³) Lie
/// derivatives of polynomials that are no larger than the results. The trajectory route would multiply far larger ones, at
/// O(N) nodes.
///
/// The gradient has one entry for every one of the first variables; the other variables are symbols. On failure the values
/// mean nothing; see [`Polynomials::failure`].
pub(super) fn expand_field(
    algebra: &mut Polynomials,
    gradient: &[Polynomial],
    order: usize,
) -> (Vec<Vec<Polynomial>>, Vec<Vec<Polynomial>>) {
    let negative: Vec<Polynomial> = gradient.iter().map(|g| algebra.scale(&Rational::MINUS_ONE, g)).collect();
    let hessian = jacobian(gradient);
    let mut principal = vec![negative.clone()];
    let mut power = negative.clone();
    for n in 1..=order {
        power = along(algebra, &hessian, &power);
        let coefficient = Rational::new(1, count(n + 1));
        principal.push(power.iter().map(|p| algebra.scale(&coefficient, p)).collect());
    }

    let mut field: Vec<Vec<Polynomial>> = vec![negative];
    // rows[i − 1][w] holds the Jacobian of S_i(w), for the i that the next weights need; S_i(w) = 0 for w < i.
    let mut rows: Vec<Vec<Vec<Vec<Polynomial>>>> = Vec::new();
    for w in 2..=order + 1 {
        // All S_i(w − 1) are known: their Jacobians enter now, and never before.
        let mut next = vec![Polynomial::zero(algebra.variables); gradient.len()];
        let mut factorial = Rational::ONE;
        if rows.is_empty() {
            rows.push(vec![Vec::new(), jacobian(&field[0])]);
        } else {
            rows[0].push(jacobian(&field[w - 2]));
        }
        for i in 2..=w {
            factorial = &factorial * &Rational::from(count(i));
            let mut sum = vec![Polynomial::zero(algebra.variables); gradient.len()];
            for a in 1..=w + 1 - i {
                let term = along(algebra, &rows[i - 2][w - a], &field[a - 1]);
                for (s, t) in sum.iter_mut().zip(&term) {
                    *s = algebra.add(s, t);
                }
            }
            if algebra.failure.is_some() {
                return (Vec::new(), Vec::new());
            }
            let coefficient = -(&Rational::ONE / &factorial);
            for (f, s) in next.iter_mut().zip(&sum) {
                let term = algebra.scale(&coefficient, s);
                *f = algebra.add(f, &term);
            }
            // Needed by S_{i+1}(w + 1) and beyond, if there are such.
            if w <= order {
                if rows.len() < i {
                    rows.push(vec![Vec::new(); w]);
                }
                rows[i - 1].push(jacobian(&sum));
            }
        }
        field.push(next);
    }
    (field, principal)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Entry `[i][k]` is the derivative of the component i by `θ_k`.
fn jacobian(components: &[Polynomial]) -> Vec<Vec<Polynomial>> {
    components.iter().map(|c| (0..components.len()).map(|k| c.derivative(k)).collect()).collect()
}

fn along(algebra: &mut Polynomials, jacobian: &[Vec<Polynomial>], direction: &[Polynomial]) -> Vec<Polynomial> {
    jacobian
        .iter()
        .map(|row| {
            let mut sum = Polynomial::zero(algebra.variables);
            for (slope, v) in row.iter().zip(direction) {
                if !slope.is_zero() && !v.is_zero() {
                    let product = algebra.mul(slope, v);
                    sum = algebra.add(&sum, &product);
                }
            }
            sum
        })
        .collect()
}

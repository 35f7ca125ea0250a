//! Polynomials in the step number whose coefficients are exact combinations of arrays.

use crate::concrete::recurrence_field::Place;
use crate::number::{Coefficient, Rational};
use std::collections::BTreeMap;

/// An exact combination of the coefficients that gradients have at one order, by which gradient it is and the power of s.
pub(super) type Form<C> = BTreeMap<(usize, usize), C>;

/// A polynomial in s with such coefficients.
pub(super) type Polynomial<C> = Vec<Form<C>>;

fn whole(k: usize) -> Rational {
    Rational::from(i64::try_from(k).unwrap_or(i64::MAX))
}

/// Adds a multiple of a combination to another.
pub(super) fn add<C: Coefficient>(sum: &mut Form<C>, factor: &C, form: &Form<C>) {
    for (key, c) in form {
        let entry = sum.entry(*key).or_insert_with(C::zero);
        *entry = entry.plus(&factor.times(c));
    }
    sum.retain(|_, c| !c.is_zero());
}

/// Adds a multiple of a polynomial to another.
pub(super) fn add_polynomial<C: Coefficient>(sum: &mut Polynomial<C>, factor: &C, polynomial: &Polynomial<C>) {
    if sum.len() < polynomial.len() {
        sum.resize_with(polynomial.len(), Form::new);
    }
    for (sum, form) in sum.iter_mut().zip(polynomial) {
        add(sum, factor, form);
    }
}

/// `Σ_k c_k p(s+k)`, from the moments `Σ_k c_k k^e`: `[s^i] = Σ_{l≥i} binomial(l, i) moment(l−i) [s^l] p`.
pub(super) fn placed<C: Coefficient>(place: &Place<C>, p: &Polynomial<C>) -> Polynomial<C> {
    let row = |i: usize| {
        let (mut sum, mut binomial) = (Form::new(), Rational::ONE);
        for (l, moment) in (i..p.len()).zip(&place.moments) {
            if l > i {
                binomial = &(&binomial * &whole(l)) / &whole(l - i);
            }
            add(&mut sum, &moment.scaled(&binomial), &p[l]);
        }
        sum
    };
    (0..p.len()).map(row).collect()
}

/// The polynomial that the coefficients of gradient number `gradient` at order `order` are.
pub(super) fn coefficients<C: Coefficient>(gradient: usize, order: usize) -> Polynomial<C> {
    (0..=order).map(|l| Form::from([((gradient, l), C::one())])).collect()
}

/// `Σ_l weights_l [s^l] p`.
pub(super) fn weighted<C: Coefficient>(weights: impl IntoIterator<Item = C>, p: &Polynomial<C>) -> Form<C> {
    let mut sum = Form::new();
    for (weight, form) in weights.into_iter().zip(p) {
        add(&mut sum, &weight, form);
    }
    sum
}

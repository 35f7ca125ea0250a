//! What polynomials are taken apart into. It is remembered: formulas ask for the same ones again and again, in other variables.

use crate::expr::Polynomial;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// A factor and its power.
pub(super) type Factor = (Polynomial, u32);

/// Factors, and whether each is known to be irreducible.
#[derive(Debug, Clone)]
pub(super) struct Split {
    pub(super) factors: Vec<Factor>,
    pub(super) complete: bool,
}

/// The most terms of a polynomial that is remembered, and the most polynomials; then all are forgotten.
const MAX_TERMS: usize = 200;
const MAX_KNOWN: usize = 2_000;

thread_local! {
    static KNOWN: RefCell<FxHashMap<Polynomial, Split>> = RefCell::default();
}

/// What `split` says of a polynomial in its own variables alone, which it is asked about once.
pub(super) fn remembered(f: &Polynomial, used: &[usize], split: impl FnOnce(&Polynomial) -> Split) -> Split {
    let mut own = vec![None; f.variables()];
    used.iter().enumerate().for_each(|(k, place)| own[*place] = Some(k));
    let short = renamed(f, &own, used.len());
    let found = KNOWN.with_borrow(|known| known.get(&short).cloned()).unwrap_or_else(|| {
        let found = split(&short);
        if short.len() <= MAX_TERMS {
            KNOWN.with_borrow_mut(|known| {
                if known.len() >= MAX_KNOWN {
                    known.clear();
                }
                known.insert(short, found.clone());
            });
        }
        found
    });
    let back: Vec<Option<usize>> = used.iter().map(|place| Some(*place)).collect();
    let factors = found.factors.iter().map(|(factor, power)| (renamed(factor, &back, f.variables()), *power));
    Split { factors: factors.collect(), complete: found.complete }
}

/// A polynomial in other variables: the k-th becomes the one at `places[k]` of so many, and those without a place do not occur.
pub(super) fn renamed(p: &Polynomial, places: &[Option<usize>], variables: usize) -> Polynomial {
    let terms = p.terms().map(|(e, c)| {
        let mut exponents = vec![0; variables];
        for (e, place) in e.iter().zip(places) {
            match place {
                Some(place) => exponents[*place] = *e,
                None => debug_assert!(*e == 0, "a variable that occurs has no place"),
            }
        }
        (exponents, c.clone())
    });
    Polynomial::from_terms(variables, terms)
}

//! Subterms that are equal, or multiples of each other, written as one: found by values, believed by algebra.

use super::simplify::vanishing;
use super::{BallAlgebra, Collected, Enclosure, Function, Id, Node, Polynomial, Pool, Tape, Variable};
use crate::number::{Ball, Rational};
use rustc_hash::FxHashMap;

/// The most subterms that are compared, and scalar operations of theirs.
const MAX_NODES: usize = 500;
const MAX_OPERATIONS: usize = 2_000;
/// The most pairs that algebra is asked about, and the terms that it may need.
const MAX_PROOFS: usize = 60;
const MAX_TERMS: usize = 1_000;
/// The most operations of expressions that are asked about alone.
const MAX_NULL_OPERATIONS: usize = 5_000;
/// Bits of values, points of them, and points tried.
const PRECISION: usize = 192;
const POINTS: usize = 2;
const TRIES: i64 = 12;
/// The largest number above and below the line of a multiple.
const MAX_MULTIPLE: u64 = 10;
/// A sum of this many parts or fewer is no shorter as a multiple of another one.
const SHORT: usize = 6;

impl Pool {
    /// The same expressions, with 0 for subterms that are 0 wherever they have a value, and one subterm for those that are equal or multiples
    /// of each other.
    ///
    /// Values say which may be; that they are says [`Collected`], with nothing cancelled but what `excluded` takes.
    pub(crate) fn with_equal_as_one(&mut self, roots: &[Id], excluded: impl Fn(&Polynomial) -> bool) -> Vec<Id> {
        let mut ids = self.reachable(roots);
        ids.retain(|id| self.shape(*id).rank() == 0);
        if ids.len() > MAX_NODES {
            return roots.to_vec();
        }
        let tape = Tape::new(self, &ids);
        let Some(points) = (tape.ops.len() <= MAX_OPERATIONS).then(|| self.values(&tape)).flatten() else {
            return roots.to_vec();
        };
        let sizes: FxHashMap<Id, usize> = ids.iter().map(|id| (*id, self.reachable(&[*id]).len())).collect();
        let values: FxHashMap<Id, [&Enclosure; POINTS]> =
            ids.iter().enumerate().map(|(k, id)| (*id, [&points[0][k], &points[1][k]])).collect();
        // What a subterm is replaced by is no larger, so it is made first.
        ids.sort_by_key(|id| (sizes[id], *id));
        let mut alike: FxHashMap<u64, Vec<Id>> = FxHashMap::default();
        let mut instead: FxHashMap<Id, (Rational, Id)> = FxHashMap::default();
        let mut proofs = 0;
        for &id in &ids {
            let own = values[&id];
            let leaf = self.children(id).is_empty();
            if own.iter().any(|value| !value.is_known()) || self.as_constant(id).is_some() {
                continue;
            }
            if own.iter().all(|value| value.sign().is_none_or(|sign| sign == 0)) {
                proofs += 1;
                if proofs <= MAX_PROOFS && self.is_null(id, |_| true) {
                    instead.insert(id, (Rational::ZERO, id));
                }
                continue;
            }
            let Some(key) = ratio(own[0], own[1]).and_then(|q| q.to_f64()).map(f64::to_bits) else { continue };
            let others = alike.entry(key).or_default();
            let mut found = None;
            for &other in others.iter().filter(|_| !leaf) {
                let Some(multiple) = multiple(own, values[&other]) else { continue };
                let short = matches!(self.node(id), Node::Add(..)) && sizes[&id] <= SHORT && !multiple.is_one();
                if short || self.scaled(&multiple, other) == id {
                    continue;
                }
                proofs += 1;
                if proofs > MAX_PROOFS {
                    break;
                }
                let same = self.scaled(&multiple, other);
                let difference = self.sub(id, same);
                if self.is_null(difference, &excluded) {
                    found = Some((multiple, other));
                    break;
                }
            }
            match found {
                Some(found) => _ = instead.insert(id, found),
                None => others.push(id),
            }
        }
        if instead.is_empty() { roots.to_vec() } else { self.with_instead(roots, &instead, &sizes) }
    }

    /// Everything that these depend on with some subterms as multiples of others.
    fn with_instead(
        &mut self,
        roots: &[Id],
        instead: &FxHashMap<Id, (Rational, Id)>,
        sizes: &FxHashMap<Id, usize>,
    ) -> Vec<Id> {
        let mut ids = self.reachable(roots);
        let size = |pool: &Self, id: &Id| sizes.get(id).copied().unwrap_or_else(|| pool.reachable(&[*id]).len());
        ids.sort_by_cached_key(|id| (size(self, id), *id));
        let mut changed: FxHashMap<Id, Id> = FxHashMap::default();
        for id in ids {
            let new = match instead.get(&id) {
                Some((multiple, _)) if multiple.is_zero() => self.integer(0),
                Some((multiple, other)) => {
                    let other = changed.get(other).copied().unwrap_or(*other);
                    self.scaled(multiple, other)
                }
                None if self.children(id).iter().any(|c| changed.contains_key(c)) => self.rebuild(id, &changed),
                None => continue,
            };
            changed.insert(id, new);
        }
        roots.iter().map(|root| changed.get(root).copied().unwrap_or(*root)).collect()
    }

    /// Which of these are 0 wherever they have a value.
    pub(crate) fn null(&self, roots: &[Id]) -> Vec<bool> {
        let tape = Tape::new(self, roots);
        let Some(points) = (tape.ops.len() <= MAX_NULL_OPERATIONS).then(|| self.values(&tape)).flatten() else {
            return vec![false; roots.len()];
        };
        let seems = |k: usize| points.iter().all(|values| values[k].sign().is_none_or(|sign| sign == 0));
        roots.iter().enumerate().map(|(k, id)| seems(k) && self.is_null(*id, |_| true)).collect()
    }

    /// Whether an expression is 0 wherever it has a value, with nothing cancelled that may be 0 but what is `excluded`.
    fn is_null(&self, id: Id, excluded: impl Fn(&Polynomial) -> bool) -> bool {
        self.is_zero(id)
            || Collected::new(self, &[id], MAX_TERMS).is_ok_and(|collected| {
                collected.functions[0].numerator().is_zero() && vanishing(self, &collected, 0).iter().all(excluded)
            })
    }

    /// The values of a tape at some points at which it has many.
    fn values(&self, tape: &Tape) -> Option<[Vec<Enclosure>; POINTS]> {
        let mut found: Vec<Vec<Enclosure>> = Vec::new();
        for attempt in 0..TRIES {
            let coordinate = |k: usize| {
                let k = i64::try_from(k).unwrap_or(0);
                let size = Rational::new((attempt * 7919 + k * 6271 + 1013) % 1999 + 1, 1000);
                // Of either sign first; logarithms and roots may want positive numbers.
                if attempt % 2 == 0 && (attempt / 2 + k) % 2 == 0 { -size } else { size }
            };
            let mut algebra = BallAlgebra::new(PRECISION);
            let values = tape.evaluate(&mut algebra, |balls, variable| match variable {
                Variable::Theta(k) => super::Algebra::rational(balls, &coordinate(k as usize)),
                Variable::Symbol(k) => super::Algebra::rational(balls, &coordinate(self.dimension() + k as usize)),
                Variable::Direction(..) => Enclosure::unknown(),
            });
            if values.iter().all(Enclosure::is_known) {
                found.push(values);
            }
            if found.len() == POINTS {
                break;
            }
        }
        found.try_into().ok()
    }

    /// The same expressions, with `1 - sigmoid(x)` for `sigmoid(-x)` and `exp(x) - 1` for `expm1(x)` where the other one occurs.
    pub(crate) fn with_fewer_functions(&mut self, roots: &[Id]) -> Vec<Id> {
        let ids = self.reachable(roots);
        let call = |pool: &Self, id: Id| match pool.node(id) {
            Node::Apply(function, argument) => Some((*function, *argument)),
            _ => None,
        };
        let known: FxHashMap<(Function, Id), Id> = ids.iter().filter_map(|id| Some((call(self, *id)?, *id))).collect();
        let mut changed: FxHashMap<Id, Id> = FxHashMap::default();
        for id in ids {
            let other = match call(self, id) {
                Some((Function::Expm1, x)) => known.get(&(Function::Exp, x)).map(|_| (Function::Exp, x)),
                Some((Function::Sigmoid, x)) => {
                    let opposite = (Function::Sigmoid, self.neg(x));
                    // One of two that stand for each other stays.
                    known.get(&opposite).filter(|other| **other < id).map(|_| opposite)
                }
                _ => None,
            };
            let new = match other {
                Some((function, x)) => {
                    let x = changed.get(&x).copied().unwrap_or(x);
                    let other = self.apply(function, x);
                    let exp = function == Function::Exp;
                    let (size, shift) = if exp { (other, -1) } else { (self.neg(other), 1) };
                    let shift = self.integer(shift);
                    self.add(size, shift)
                }
                None if self.children(id).iter().any(|child| changed.contains_key(child)) => self.rebuild(id, &changed),
                None => continue,
            };
            changed.insert(id, new);
        }
        roots.iter().map(|root| changed.get(root).copied().unwrap_or(*root)).collect()
    }
}

fn ratio(a: &Enclosure, b: &Enclosure) -> Option<Ball> {
    BallAlgebra::new(PRECISION).balls.div(&a.ball, &b.ball).ok().filter(|q| !q.is_unknown())
}

/// The short number that all values are times the others.
fn multiple(own: [&Enclosure; POINTS], other: [&Enclosure; POINTS]) -> Option<Rational> {
    let quotient = ratio(own[0], other[0])?.to_f64()?;
    (1..=MAX_MULTIPLE).find_map(|below| {
        let above = quotient * below as f64;
        let whole = above.round();
        let close = (above - whole).abs() <= 1e-12 * whole.abs() && whole.abs() <= MAX_MULTIPLE as f64 && whole != 0.0;
        close.then(|| Rational::from_f64(whole)?.checked_div(&Rational::from(i64::try_from(below).ok()?))).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::testing::{random_loss, read};

    fn roots(pool: &mut Pool, texts: [&str; 2]) -> Vec<Id> {
        texts.iter().map(|text| read(pool, &FxHashMap::default(), text)).collect()
    }

    #[test]
    fn multiples_are_written_by_one() {
        for (texts, multiple) in [
            (["exp(x)*exp(2*x)*y", "exp(3*x)*y"], 1),
            (["sin((x - y)^2)", "sin((y - x)^2)"], 1),
            (["tanh(x)*(x + y)", "tanh(x)*(3*x + 3*y)"], 3),
            (["sin(x)^2*y + cos(x)^2*y + tanh(y)", "2*y + 2*tanh(y)"], 2),
        ] {
            let (mut pool, _) = random_loss(&[0x30, 0x00]);
            let before = roots(&mut pool, texts);
            let found = pool.with_equal_as_one(&before, |_| false);
            assert_eq!(pool.scaled(&multiple.into(), found[0]), found[1], "{texts:?}");
        }
    }

    #[test]
    fn what_is_null_is_known() {
        let (mut pool, _) = random_loss(&[0x30, 0x00]);
        for (text, expected) in [
            ("x^3/sqrt(x^4)*sqrt(x^4) - x^3", true),
            ("y*(sin(x)^2 + cos(x)^2 - 1)", true),
            ("x*y/sqrt(x^2 + y^2) - x*y*sqrt(x^2 + y^2)/(x^2 + y^2)", true),
            // On one side of the kink.
            ("(x - 5)/sqrt((x - 5)^2) + 1", false),
            ("tanh(x) - x", false),
        ] {
            let root = read(&mut pool, &FxHashMap::default(), text);
            assert_eq!(pool.null(&[root]), [expected], "{text}");
            let merged = pool.with_equal_as_one(&[root], |_| false);
            assert_eq!(pool.is_zero(merged[0]), expected, "{text}");
        }
    }

    #[test]
    fn what_exists_elsewhere_stays() {
        let (mut pool, _) = random_loss(&[0x30, 0x00]);
        let before = roots(&mut pool, ["(x*y + y*sin(x))/y", "x + sin(x)"]);
        assert_eq!(pool.with_equal_as_one(&before, |_| false), before);
        assert_ne!(pool.with_equal_as_one(&before, |_| true), before);
    }

    #[test]
    fn one_of_two_functions_is_enough() {
        let (mut pool, _) = random_loss(&[0x30, 0x00]);
        for (texts, expected) in [
            (["sigmoid(x*y)", "sigmoid(-x*y)*x"], ["sigmoid(x*y)", "x*(1 - sigmoid(x*y))"]),
            (["exp(x)*y", "expm1(x)*y"], ["exp(x)*y", "y*(exp(x) - 1)"]),
            (["expm1(x)", "sigmoid(-x)"], ["expm1(x)", "sigmoid(-x)"]),
        ] {
            let before = roots(&mut pool, texts);
            let expected = roots(&mut pool, expected);
            assert_eq!(pool.with_fewer_functions(&before), expected, "{texts:?}");
        }
    }
}

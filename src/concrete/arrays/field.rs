//! The modified field of a loss whose arrays stay whole.

use super::forms::{self, Form, Polynomial};
use crate::concrete::recurrence_field::{Inverse, Place};
use crate::concrete::{EvaluateError, Scheme};
use crate::expr::{Curve, Functional, Id, Pool, Powers, Shape, Weight};
use crate::number::{Coefficient, Quadratic, Rational};
use crate::optimizer::{BoundOptimizer, BoundRecurrence, Recurrence};
use crate::principal::principal_series;

/// How numbers of a ring stand in front of arrays: as `a + b√d`.
struct Ring<C> {
    parts: fn(&C) -> Weight,
    root: Option<Id>,
}

impl<C> Ring<C> {
    /// The sum of multiples of arrays, with the shape of zero where there is none.
    fn sum<'a>(&self, pool: &mut Pool, terms: impl Iterator<Item = (&'a C, Id)>) -> Option<Id>
    where
        C: 'a,
    {
        let weighted: Vec<(Weight, Id)> = terms.map(|(c, id)| ((self.parts)(c), id)).collect();
        pool.combination(self.root, &weighted)
    }

    fn functional(&self, values: &[C]) -> Functional {
        Functional::with_root(values.iter().map(self.parts).collect(), self.root)
    }
}

/// The modified field `f_0, …, f_N` of an optimizer, `f_n` without its power of h, as arrays: one for every parameter.
///
/// The iterates are `θ(sh) = Σ_k h^k p_k(s)` with polynomials `p_k` in the step number, as [`derive`](crate::concrete::derive) has them, and the
/// gradient along them is a [`Curve`]. At the last order only the functional that gives `f_N` is taken, one array for every expression. Of order k
/// every product of two arrays that move takes `2k` products with what is known at order 0 and up to `i(k−i)` for each `i < k`; multiples of one
/// array count once. Gradient descent's f_0..f_4 cost about 22 gradients, f_0..f_2 six.
///
/// The expressions are made in the pool of the loss, in an order in which they can be computed, and their number does not depend on the sizes of the
/// arrays.
///
/// ```
/// use shadowflow::concrete::arrays::modified_field;
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::optimizer::BoundOptimizer;
/// let mut pool = Pool::new();
/// let w = pool.declare_parameter("w", Shape::new(&[20, 30]));
/// let square = pool.pow(w, &2.into());
/// let loss = pool.sum(square);
/// // f_n = −1/(n+1) H^n g with g = 2w, H = 2.
/// let field = modified_field(&mut pool, loss, &BoundOptimizer::gradient_descent(), 2)?;
/// assert_eq!(field[2], [pool.scaled(&"-8/3".parse().unwrap(), w)]);
/// # Ok::<(), shadowflow::concrete::EvaluateError>(())
/// ```
///
/// # Errors
/// [`EvaluateError::HyperParameter`] where a hyper-parameter is left symbolic, and [`EvaluateError::Optimizer`] for a step that is not rational.
pub fn modified_field(
    pool: &mut Pool,
    loss: Id,
    optimizer: &BoundOptimizer,
    order: usize,
) -> Result<Vec<Vec<Id>>, EvaluateError> {
    let scheme = Scheme::of(optimizer)?;
    let gradient = pool.gradient(loss);
    let mut field = match optimizer.recurrence() {
        BoundRecurrence::Numbers(r, slope) => {
            let ring = Ring { parts: |c: &Rational| (c.clone(), Rational::ZERO), root: None };
            recurrence_field(pool, &ring, (r, slope), &gradient, order)
        }
        BoundRecurrence::Roots(r, slope) => {
            let radicand = r.coefficients().find_map(Quadratic::radicand).unwrap_or(1);
            let number = pool.integer(i64::from(radicand));
            let root = pool.pow(number, &Rational::new(1, 2));
            let parts = |c: &Quadratic| (c.parts().0.clone(), c.parts().1.clone());
            recurrence_field(pool, &Ring { parts, root: Some(root) }, (r, slope), &gradient, order)
        }
        BoundRecurrence::Symbols(..) => return Err(symbolic(optimizer)),
    };
    for (_, f) in field.iter_mut().enumerate().filter(|(n, _)| scheme.vanishes(*n)) {
        *f = zeros(pool, gradient.len());
    }
    Ok(field)
}

fn symbolic(optimizer: &BoundOptimizer) -> EvaluateError {
    let symbol = optimizer.symbols().first().cloned().unwrap_or_default();
    EvaluateError::HyperParameter { method: optimizer.name().to_owned(), symbol }
}

/// Zero, for each of the first parameters.
fn zeros(pool: &mut Pool, parameters: usize) -> Vec<Id> {
    (0..parameters).map(|p| shaped(pool, p, None)).collect()
}

/// An array for a parameter, zero where there is none.
fn shaped(pool: &mut Pool, parameter: usize, array: Option<Id>) -> Id {
    array.unwrap_or_else(|| {
        let shape = pool.parameters().nth(parameter).map_or_else(Shape::scalar, |(_, shape)| shape.clone());
        let zero = pool.integer(0);
        pool.fill(zero, shape)
    })
}

/// Gradients that differ by a shift of the step number only are one.
struct Gradients<C> {
    /// Where each is taken: the weights of the iterates, and those of gradients of one order less.
    places: Vec<(Place<C>, Vec<(usize, C)>)>,
    /// Of every evaluation which it is, and the shift.
    of: Vec<(usize, Option<Place<C>>)>,
}

impl<C: Coefficient> Gradients<C> {
    fn of(recurrence: &Recurrence<C>, order: usize) -> Self {
        let mut known: Vec<(Vec<(i32, C)>, Vec<(usize, C)>)> = Vec::new();
        let mut of = Vec::new();
        for evaluation in &recurrence.evaluations {
            let (mut place, stages) = (evaluation.at.clone(), evaluation.minus_h_times.clone());
            let mut shift = None;
            if let ([(k, _)], []) = (&*place, &*stages)
                && *k != 0
            {
                shift = Some(Place::new(&[(*k, C::one())], order));
                place = vec![(0, C::one())];
            }
            let index = known.iter().position(|k| (&k.0, &k.1) == (&place, &stages)).unwrap_or(known.len());
            if index == known.len() {
                known.push((place, stages));
            }
            of.push((index, shift));
        }
        let places = known.into_iter().map(|(place, stages)| (Place::new(&place, order), stages)).collect();
        Self { places, of }
    }

    /// The gradient of an evaluation at an order.
    fn evaluation(&self, e: usize, order: usize) -> Polynomial<C> {
        let (index, shift) = &self.of[e];
        let own = forms::coefficients(*index, order);
        shift.as_ref().map_or(own.clone(), |place| forms::placed(place, &own))
    }

    /// `p_{k+1}` from the gradients of order k, to a highest power of s.
    fn iterate(&self, recurrence: &Recurrence<C>, inverse: &Inverse<C>, k: usize, highest: usize) -> Polynomial<C> {
        let mut right = Polynomial::new();
        for (e, b) in recurrence.right.iter().enumerate().filter(|(_, b)| !b.is_zero()) {
            forms::add_polynomial(&mut right, b, &self.evaluation(e, k));
        }
        let mut iterate = vec![Form::new()];
        for (from, weights) in inverse.weights(k, highest).into_iter().enumerate() {
            iterate.push(right.get(from..).map_or_else(Form::new, |right| forms::weighted(weights, &right.to_vec())));
        }
        iterate
    }

    /// Where gradient number `index` is taken at order k + 1.
    fn position(&self, index: usize, iterate: &Polynomial<C>, k: usize) -> Polynomial<C> {
        let (place, stages) = &self.places[index];
        let mut position = forms::placed(place, iterate);
        for (l, d) in stages {
            forms::add_polynomial(&mut position, &d.negated(), &self.evaluation(*l, k));
        }
        position
    }
}

fn recurrence_field<C: Coefficient>(
    pool: &mut Pool,
    ring: &Ring<C>,
    (recurrence, inverse_slope): (&Recurrence<C>, &C),
    gradient: &[Id],
    order: usize,
) -> Vec<Vec<Id>> {
    let inverse = Inverse::new(recurrence, inverse_slope, order);
    let gradients = Gradients::of(recurrence, order);
    let mut curves = vec![Curve::new(pool, gradient); gradients.places.len()];
    let mut field: Vec<Vec<Id>> = Vec::with_capacity(order + 1);
    for k in 0..order {
        let iterate = gradients.iterate(recurrence, &inverse, k, k + 1);
        let values = Values { curves: &curves, order: k };
        let slopes: Vec<Option<Id>> = (0..gradient.len()).map(|p| values.sum(pool, ring, &iterate[1], p)).collect();
        field.push(slopes.into_iter().enumerate().map(|(p, f)| shaped(pool, p, f)).collect());
        let positions: Vec<Polynomial<C>> =
            (0..curves.len()).map(|index| gradients.position(index, &iterate, k)).collect();
        if k + 1 == order {
            field.push(last(pool, ring, (&curves, &positions), &gradients.iterate(recurrence, &inverse, order, 1)[1]));
            return field;
        }
        let mut moved: Vec<Vec<Powers>> = Vec::with_capacity(curves.len());
        for position in &positions {
            let along = |p: usize| position.iter().map(|form| values.sum(pool, ring, form, p)).collect();
            moved.push((0..gradient.len()).map(along).collect());
        }
        for (curve, moved) in curves.iter_mut().zip(&moved) {
            curve.extend(pool, |_, p| moved[p as usize].clone());
        }
    }
    // Order 0 alone.
    let values = Values { curves: &curves, order: 0 };
    let form = &gradients.iterate(recurrence, &inverse, 0, 1)[1];
    let slopes: Vec<Option<Id>> = (0..gradient.len()).map(|p| values.sum(pool, ring, form, p)).collect();
    field.push(slopes.into_iter().enumerate().map(|(p, f)| shaped(pool, p, f)).collect());
    field
}

/// The last order: a functional of every gradient, `form` having their values.
fn last<C: Coefficient>(
    pool: &mut Pool,
    ring: &Ring<C>,
    (curves, positions): (&[Curve], &[Polynomial<C>]),
    form: &Form<C>,
) -> Vec<Id> {
    let order = curves.first().map_or(0, Curve::order) + 1;
    let values = Values { curves, order: order - 1 };
    let mut sums: Vec<Vec<(Weight, Id)>> = Vec::new();
    for (index, curve) in curves.iter().enumerate() {
        let at = |l: usize| form.get(&(index, l)).cloned().unwrap_or_else(C::zero);
        let weights: Vec<C> = (0..=order).map(at).collect();
        if weights.iter().all(C::is_zero) {
            continue;
        }
        let position = forms::weighted(weights.iter().cloned(), &positions[index]);
        let functional = ring.functional(&weights);
        let outputs = curve.last(pool, &functional, |pool, p| values.sum(pool, ring, &position, p as usize));
        sums.resize(outputs.len(), Vec::new());
        for (sum, output) in sums.iter_mut().zip(outputs) {
            sum.extend(output.map(|id| ((Rational::ONE, Rational::ZERO), id)));
        }
    }
    let parameters = pool.parameters().count();
    sums.resize(parameters, Vec::new());
    let mut field = Vec::with_capacity(parameters);
    for (p, sum) in sums.iter().enumerate() {
        let sum = pool.combination(None, sum);
        field.push(shaped(pool, p, sum));
    }
    field
}

/// The coefficients of all gradients at one order.
struct Values<'a> {
    curves: &'a [Curve],
    order: usize,
}

impl Values<'_> {
    fn sum<C: Coefficient>(&self, pool: &mut Pool, ring: &Ring<C>, form: &Form<C>, parameter: usize) -> Option<Id> {
        let terms = form.iter().filter_map(|((index, power), c)| {
            let id = self.curves[*index].root(parameter, self.order).get(*power).copied().flatten()?;
            Some((c, id))
        });
        ring.sum(pool, terms)
    }
}

/// The principal parts of `f_0, …, f_N`, `c_n H^n g` with the Taylor coefficients `c_n` of the optimizer's α, as [`modified_field`] has its arrays.
///
/// # Errors
/// As [`modified_field`].
pub fn principal_field(
    pool: &mut Pool,
    loss: Id,
    optimizer: &BoundOptimizer,
    order: usize,
) -> Result<Vec<Vec<Id>>, EvaluateError> {
    let coefficients: Vec<Rational> = match optimizer.recurrence() {
        BoundRecurrence::Numbers(r, slope) => principal_series(r, slope, order),
        // The step is rational, and so is α.
        BoundRecurrence::Roots(r, slope) => {
            principal_series(r, slope, order).iter().map(|c| c.parts().0.clone()).collect()
        }
        BoundRecurrence::Symbols(..) => return Err(symbolic(optimizer)),
    };
    let gradient = pool.gradient(loss);
    let curve = Curve::new(pool, &gradient);
    let mut power = gradient;
    let mut field = Vec::with_capacity(order + 1);
    for (n, c) in coefficients.iter().take(order + 1).enumerate() {
        field.push(power.iter().map(|id| pool.scaled(c, *id)).collect());
        if n < order {
            power = product(pool, &curve, &power);
        }
    }
    Ok(field)
}

/// `H v` with the gradient's curve at order 0.
fn product(pool: &mut Pool, curve: &Curve, v: &[Id]) -> Vec<Id> {
    let functional = Functional::new(vec![Rational::ONE]);
    let moved = curve.last(pool, &functional, |_, p| Some(v[p as usize]));
    moved.into_iter().enumerate().map(|(p, id)| shaped(pool, p, id)).collect()
}

/// `T[v, v]` of a loss, from one curve: `2 [s²] ∇E(θ + s v)`. The vector has one array for every parameter, of its shape, and counts as fixed.
///
/// With `v = g` it is the non-principal term of third order, six gradients' work. Only analytic operations are used, so that it holds on complex states.
///
/// ```
/// use shadowflow::concrete::arrays::third_along;
/// use shadowflow::expr::{Pool, Shape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.pow(x, &4.into());
/// let g = pool.gradient(loss);
/// // 24x · (4x³)².
/// let power = pool.pow(x, &7.into());
/// assert_eq!(third_along(&mut pool, loss, &g), [pool.scaled(&384.into(), power)]);
/// ```
pub fn third_along(pool: &mut Pool, loss: Id, v: &[Id]) -> Vec<Id> {
    let gradient = pool.gradient(loss);
    let mut curve = Curve::new(pool, &gradient);
    curve.extend(pool, |_, p| vec![Some(v[p as usize])]);
    let functional = Functional::new(vec![Rational::from(2)]);
    let third = curve.last(pool, &functional, |_, _| None);
    third.into_iter().enumerate().map(|(p, id)| shaped(pool, p, id)).collect()
}

/// The truncated field `Σ_n h^n f_n` for a scalar h, a number or a symbol of the pool.
pub fn truncated(pool: &mut Pool, orders: &[Vec<Id>], h: Id) -> Vec<Id> {
    let Some((highest, lower)) = orders.split_last() else { return Vec::new() };
    lower.iter().rev().fold(highest.clone(), |sum, f| {
        let pairs = sum.into_iter().zip(f);
        pairs
            .map(|(sum, f)| {
                let shifted = pool.mul(h, sum);
                pool.add(shifted, *f)
            })
            .collect()
    })
}

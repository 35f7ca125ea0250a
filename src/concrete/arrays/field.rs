//! The modified field of a loss whose arrays stay whole.

use super::forms::{self, Form, Polynomial};
use super::gradients::{Gradients, Ring};
use crate::concrete::recurrence_field::Inverse;
use crate::concrete::{EvaluateError, Scheme};
use crate::expr::{Curve, Id, Pool, Powers, Purpose, Shape, Weight, Weights};
use crate::number::{Coefficient, Quadratic, Rational};
use crate::optimizer::{BoundOptimizer, BoundRecurrence, Recurrence};
use crate::principal::principal_series;

/// The modified field `f_0, …, f_N` of an optimizer, `f_n` without its power of h, as arrays: one for every parameter.
///
/// The iterates are `θ(sh) = Σ_k h^k p_k(s)` with polynomials `p_k` in the step number, as [`derive`](crate::concrete::derive()) has them, and the
/// gradient along them is a [`Curve`]. At the last order only the functional that gives `f_N` is taken, one array for every expression. Every product
/// of two arrays that move takes at order k `2k` products with what is known at order 0 and up to `i(k−i)` for each `i < k`; multiples of one
/// array count once. Gradient descent's `f_0..f_4` cost about 20 gradients in all, `f_0..f_2` six.
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
    Ok(expand(pool, loss, optimizer, order, false)?.field)
}

/// `f_0, …, f_N` with their principal and non-principal parts, as [`modified_field`] has its arrays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldParts {
    /// `f_n`, per parameter.
    pub field: Vec<Vec<Id>>,
    /// Its principal part, `c_n H^n g`.
    pub principal: Vec<Vec<Id>>,
    /// The rest.
    pub nonprincipal: Vec<Vec<Id>>,
}

/// [`modified_field`] with the principal and non-principal parts, which are never subtracted from each other: the orders of the trajectory are
/// carried as multiples of `H^n g` and the rest. It costs about two gradients more.
///
/// ```
/// use shadowflow::concrete::arrays::field_parts;
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::optimizer::BoundOptimizer;
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let cube = pool.pow(x, &3.into());
/// let parts = field_parts(&mut pool, cube, &BoundOptimizer::gradient_descent(), 2)?;
/// // g = 3x², H = 6x, T = 6: −1/3 H²g and −1/12 T[g, g].
/// let fourth = pool.pow(x, &4.into());
/// assert_eq!(parts.principal[2], [pool.scaled(&(-36).into(), fourth)]);
/// assert_eq!(parts.nonprincipal[2], [pool.scaled(&"-9/2".parse().unwrap(), fourth)]);
/// # Ok::<(), shadowflow::concrete::EvaluateError>(())
/// ```
///
/// # Errors
/// As [`modified_field`].
pub fn field_parts(
    pool: &mut Pool,
    loss: Id,
    optimizer: &BoundOptimizer,
    order: usize,
) -> Result<FieldParts, EvaluateError> {
    expand(pool, loss, optimizer, order, true)
}

fn expand(
    pool: &mut Pool,
    loss: Id,
    optimizer: &BoundOptimizer,
    order: usize,
    apart: bool,
) -> Result<FieldParts, EvaluateError> {
    let scheme = Scheme::of(optimizer)?;
    let gradient = float_gradient(pool, loss);
    let mut parts = match optimizer.recurrence() {
        BoundRecurrence::Numbers(r, slope) => {
            let ring = Ring { parts: |c: &Rational| (c.clone(), Rational::ZERO), root: None };
            Expansion::new(&ring, (r, slope), order, apart).run(pool, &gradient)
        }
        BoundRecurrence::Roots(r, slope) => {
            let radicand = r.coefficients().find_map(Quadratic::radicand).unwrap_or(1);
            let number = pool.integer(i64::from(radicand));
            let root = pool.pow(number, &Rational::new(1, 2));
            let parts = |c: &Quadratic| (c.parts().0.clone(), c.parts().1.clone());
            Expansion::new(&Ring { parts, root: Some(root) }, (r, slope), order, apart).run(pool, &gradient)
        }
        BoundRecurrence::Symbols(..) => return Err(symbolic(optimizer)),
    };
    for arrays in [&mut parts.field, &mut parts.principal, &mut parts.nonprincipal] {
        for_floats(pool, arrays);
    }
    for n in (0..=order).filter(|n| scheme.vanishes(*n)) {
        for part in [&mut parts.field, &mut parts.principal, &mut parts.nonprincipal] {
            if let Some(f) = part.get_mut(n) {
                *f = whole(pool, vec![None; gradient.len()]);
            }
        }
    }
    Ok(parts)
}

/// The gradient in the form that keeps its value in machine floats.
fn float_gradient(pool: &mut Pool, loss: Id) -> Vec<Id> {
    let loss = pool.for_floats(&[loss], Purpose::Loss)[0];
    let gradient = pool.gradient(loss);
    pool.for_floats(&gradient, Purpose::Values)
}

/// Slopes in the form that keeps their value in machine floats.
fn for_floats(pool: &mut Pool, arrays: &mut [Vec<Id>]) {
    let found = pool.for_floats(&arrays.concat(), Purpose::Slopes);
    arrays.iter_mut().flatten().zip(found).for_each(|(id, new)| *id = new);
}

fn symbolic(optimizer: &BoundOptimizer) -> EvaluateError {
    let symbol = optimizer.symbols().first().cloned().unwrap_or_default();
    EvaluateError::HyperParameter { method: optimizer.name().to_owned(), symbol }
}

/// One array for every parameter, zero where there is none.
fn whole(pool: &mut Pool, arrays: Vec<Option<Id>>) -> Vec<Id> {
    let shapes: Vec<Shape> = pool.parameters().map(|(_, shape)| shape.clone()).collect();
    let zero = pool.integer(0);
    arrays.into_iter().zip(shapes).map(|(id, shape)| id.unwrap_or_else(|| pool.fill(zero, shape))).collect()
}

/// The expansion of one recurrence.
struct Expansion<'a, C> {
    ring: &'a Ring<C>,
    recurrence: &'a Recurrence<C>,
    inverse: Inverse<C>,
    gradients: Gradients<C>,
    order: usize,
    /// Whether the principal part is kept apart.
    apart: bool,
}

/// What is principal at one order: multiples of `H^k g`.
struct Principal<C> {
    power: Vec<Id>,
    /// The multiple that each gradient is, by powers of s.
    multiples: Vec<Vec<C>>,
}

impl<C: Coefficient> Principal<C> {
    fn sum(&self, form: &Form<C>) -> C {
        let multiple = |(gradient, power): (usize, usize)| self.multiples[gradient].get(power);
        let terms = form.iter().filter_map(|(key, c)| Some(c.times(multiple(*key)?)));
        terms.fold(C::zero(), |sum, term| sum.plus(&term))
    }

    /// What is principal at the next order.
    fn next(&self, positions: &[Polynomial<C>], power: Vec<Id>) -> Self {
        Self { power, multiples: positions.iter().map(|p| self.polynomial(p)).collect() }
    }

    fn polynomial(&self, polynomial: &Polynomial<C>) -> Vec<C> {
        polynomial.iter().map(|form| self.sum(form)).collect()
    }
}

impl<'a, C: Coefficient> Expansion<'a, C> {
    fn new(ring: &'a Ring<C>, (recurrence, inverse_slope): (&'a Recurrence<C>, &C), order: usize, apart: bool) -> Self {
        let inverse = Inverse::new(recurrence, inverse_slope, order);
        Self { ring, recurrence, inverse, gradients: Gradients::of(recurrence, order), order, apart }
    }

    fn run(&self, pool: &mut Pool, gradient: &[Id]) -> FieldParts {
        let mut parts = FieldParts::default();
        let count = self.gradients.len();
        let mut curves = vec![Curve::new(pool, gradient); count];
        let mut principal = Principal { power: gradient.to_vec(), multiples: vec![vec![C::one()]; count] };
        // The gradients' coefficients of the order at hand, without what is principal where that is kept apart.
        let start: Vec<Powers> =
            gradient.iter().map(|g| if self.apart { Vec::new() } else { vec![Some(*g)] }).collect();
        let mut outputs = vec![start; count];
        for k in 0..=self.order {
            let iterate = self.gradients.iterate(self.recurrence, &self.inverse, k, k + 1);
            let slopes = (0..gradient.len()).map(|p| self.sum(pool, &outputs, &iterate[1], p)).collect();
            self.collect(pool, &mut parts, &principal, &iterate[1], slopes);
            if k == self.order {
                break;
            }
            let positions: Vec<Polynomial<C>> =
                (0..count).map(|index| self.gradients.position(index, &iterate, k)).collect();
            if k + 1 == self.order {
                let last = self.last(pool, &curves, &positions, &outputs);
                let form = &self.gradients.iterate(self.recurrence, &self.inverse, self.order, 1)[1];
                if self.apart {
                    let power = Curve::new(pool, gradient).derivative(pool, &principal.power);
                    principal = principal.next(&positions, whole(pool, power));
                }
                self.collect(pool, &mut parts, &principal, form, last);
                break;
            }
            let mut moved: Vec<Vec<Powers>> = Vec::with_capacity(count);
            for position in &positions {
                let along = |p: usize| position.iter().map(|form| self.sum(pool, &outputs, form, p)).collect();
                moved.push((0..gradient.len()).map(along).collect());
            }
            let mut power = None;
            for (index, curve) in curves.iter_mut().enumerate() {
                let position = |_: &mut Pool, p: u32| moved[index][p as usize].clone();
                if self.apart {
                    let polynomial = self.ring.weights(&principal.polynomial(&positions[index]));
                    let (beside, along) = curve.extend_beside(pool, position, &principal.power, &polynomial);
                    outputs[index] = beside;
                    power = Some(along);
                } else {
                    curve.extend(pool, position);
                    outputs[index] = (0..gradient.len()).map(|p| curve.root(p, k + 1)).collect();
                }
            }
            let power = power.map_or_else(Vec::new, |power| whole(pool, power));
            principal = principal.next(&positions, power);
        }
        parts
    }

    /// Adds an order: `form` is the functional that gives it, `values` those of what is not principal, or of all.
    fn collect(
        &self,
        pool: &mut Pool,
        parts: &mut FieldParts,
        principal: &Principal<C>,
        form: &Form<C>,
        values: Vec<Option<Id>>,
    ) {
        let values = whole(pool, values);
        if !self.apart {
            parts.field.push(values);
            return;
        }
        let multiple = principal.sum(form);
        let scaled = |pool: &mut Pool, id: Id| self.ring.sum(pool, [(&multiple, id)].into_iter());
        let own: Vec<Option<Id>> = principal.power.iter().map(|id| scaled(pool, *id)).collect();
        let own = whole(pool, own);
        parts.field.push(own.iter().zip(&values).map(|(p, rest)| pool.add(*p, *rest)).collect());
        parts.principal.push(own);
        parts.nonprincipal.push(values);
    }

    /// A combination of the gradients' coefficients, for one parameter.
    fn sum(&self, pool: &mut Pool, outputs: &[Vec<Powers>], form: &Form<C>, parameter: usize) -> Option<Id> {
        let terms = form.iter().filter_map(|((index, power), c)| {
            let id = outputs[*index][parameter].get(*power).copied().flatten()?;
            Some((c, id))
        });
        self.ring.sum(pool, terms)
    }

    /// The last order: a functional of every gradient.
    fn last(
        &self,
        pool: &mut Pool,
        curves: &[Curve],
        positions: &[Polynomial<C>],
        outputs: &[Vec<Powers>],
    ) -> Vec<Option<Id>> {
        let form = &self.gradients.iterate(self.recurrence, &self.inverse, self.order, 1)[1];
        let mut sums: Vec<Vec<(Weight, Id)>> = vec![Vec::new(); pool.parameters().count()];
        for (index, curve) in curves.iter().enumerate() {
            let at = |l: usize| form.get(&(index, l)).cloned().unwrap_or_else(C::zero);
            let weights: Vec<C> = (0..=self.order).map(at).collect();
            if weights.iter().all(C::is_zero) {
                continue;
            }
            let position = forms::weighted(weights.iter().cloned(), &positions[index]);
            let functional = self.ring.weights(&weights);
            let moved = curve.last(pool, &functional, |pool, p| self.sum(pool, outputs, &position, p as usize));
            for (sum, id) in sums.iter_mut().zip(moved) {
                sum.extend(id.map(|id| ((Rational::ONE, Rational::ZERO), id)));
            }
        }
        sums.iter().map(|sum| pool.combination(None, sum)).collect()
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
    let mut power = float_gradient(pool, loss);
    let curve = Curve::new(pool, &power);
    let mut field = Vec::with_capacity(order + 1);
    for (n, c) in coefficients.iter().take(order + 1).enumerate() {
        field.push(power.iter().map(|id| pool.scaled(c, *id)).collect());
        if n < order {
            let moved = curve.derivative(pool, &power);
            power = whole(pool, moved);
        }
    }
    for_floats(pool, &mut field);
    Ok(field)
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
    let gradient = float_gradient(pool, loss);
    let mut curve = Curve::new(pool, &gradient);
    curve.extend(pool, |_, p| vec![Some(v[p as usize])]);
    let functional = Weights::new(vec![Rational::from(2)]);
    let third = curve.last(pool, &functional, |_, _| None);
    let third = whole(pool, third);
    pool.for_floats(&third, Purpose::Slopes)
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

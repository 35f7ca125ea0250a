//! Forward-mode differentiation: derivatives along a direction, Hessian–vector products and third derivatives.

use super::{DagAlgebra, Id, Input, Node, Pool, Shape, Tape, Variable};
use rustc_hash::FxHashMap;

impl Pool {
    /// The derivative of `roots` along a direction: `Σ_j direction_j ∂root/∂θ_j`, each of its root's shape.
    ///
    /// `direction` has one array for every parameter, of its shape (see [`Pool::by_parameter`]), and counts as fixed, even where it depends
    /// on θ. The DAG grows by a constant multiple of the nodes of `roots`, whatever their shapes; what does not move along the direction costs
    /// nothing.
    ///
    /// # Panics
    /// If `direction` does not hold one array for every parameter, of its shape.
    pub fn directional(&mut self, roots: &[Id], direction: &[Id]) -> Vec<Id> {
        assert!(
            self.parameters().count() == direction.len()
                && self.parameters().zip(direction).all(|((_, shape), part)| shape == self.shape(*part)),
            "a direction has one array for every parameter, of its shape"
        );
        // A node without an entry does not move.
        let mut tangents: FxHashMap<Id, Id> = FxHashMap::default();
        for id in self.reachable(roots) {
            if let Some(tangent) = self.tangent(id, direction, &tangents)
                && !self.is_zero(tangent)
            {
                tangents.insert(id, tangent);
            }
        }
        let zero = self.integer(0);
        roots
            .iter()
            .map(|r| tangents.get(r).copied().unwrap_or_else(|| self.fill(zero, self.shape(*r).clone())))
            .collect()
    }

    /// The derivative of one node along a direction, given those of its children; `None` for zero.
    fn tangent(&mut self, id: Id, direction: &[Id], tangents: &FxHashMap<Id, Id>) -> Option<Id> {
        let of = |child: &Id| tangents.get(child).copied();
        let shape = self.shape(id).clone();
        match self.node(id).clone() {
            Node::Constant(_) | Node::Pi | Node::Symbol(_) | Node::Data(_) | Node::Direction(..) | Node::OneHot(..) => {
                None
            }
            Node::Param(p) => Some(direction[p as usize]),
            Node::Add(a, b) => {
                let sum = match (of(&a), of(&b)) {
                    (Some(x), Some(y)) => self.add(x, y),
                    (x, y) => x.or(y)?,
                };
                Some(self.broadcast_to(sum, &shape))
            }
            Node::Mul(a, b) => {
                let left = of(&a).map(|x| self.mul(x, b));
                let right = of(&b).map(|y| self.mul(a, y));
                let sum = match (left, right) {
                    (Some(x), Some(y)) => self.add(x, y),
                    (x, y) => x.or(y)?,
                };
                Some(self.broadcast_to(sum, &shape))
            }
            Node::Pow(a, q) => {
                let x = of(&a)?;
                let slope = self.power_derivative(a, &q);
                Some(self.mul(slope, x))
            }
            Node::Apply(f, a) => {
                let x = of(&a)?;
                let slope = self.derivative(f, a, id)?;
                Some(self.mul(slope, x))
            }
            Node::Broadcast(a, _) => {
                let x = of(&a)?;
                Some(self.broadcast_to(x, &shape))
            }
            Node::Stack(parts) => {
                if parts.iter().all(|p| of(p).is_none()) {
                    return None;
                }
                let zero = self.integer(0);
                let moved: Vec<Id> = parts.iter().map(|p| of(p).unwrap_or(zero)).collect();
                Some(self.stack(&moved))
            }
            Node::Reshape(a, _) => {
                let x = of(&a)?;
                Some(self.reshape(x, shape))
            }
            Node::Index(a, k) => {
                let x = of(&a)?;
                Some(self.index(x, k as usize))
            }
            Node::Sum(a) => {
                let x = of(&a)?;
                Some(self.sum(x))
            }
            Node::SumAxis(a, axis) => {
                let x = of(&a)?;
                Some(self.summed(x, axis as usize))
            }
            Node::LogSumExp(a) => {
                let x = of(&a)?;
                let weights = self.softmax(a, id, None);
                let product = self.mul(weights, x);
                Some(self.sum(product))
            }
            Node::LogSumExpAxis(a, axis) => {
                let x = of(&a)?;
                let weights = self.softmax(a, id, Some(axis as usize));
                let product = self.mul(weights, x);
                Some(self.summed(product, axis as usize))
            }
            Node::Transpose(a) => {
                let x = of(&a)?;
                Some(self.transposed(x))
            }
            Node::Matmul(a, b) => {
                let left = of(&a).map(|x| self.product(x, b));
                let right = of(&b).map(|y| self.product(a, y));
                match (left, right) {
                    (Some(x), Some(y)) => Some(self.add(x, y)),
                    (x, y) => x.or(y),
                }
            }
            Node::Gather(a, labels) => {
                let x = of(&a)?;
                Some(self.gathered(x, labels))
            }
        }
    }

    /// The Hessian of `loss` times a vector, `H v`, both with one array for every parameter, of its shape.
    ///
    /// Forward over reverse mode: the DAG grows by a constant multiple of the loss's nodes. `vector` counts as fixed, even where it depends on θ.
    ///
    /// # Panics
    /// If `loss` is not a scalar or `vector` does not hold one array for every parameter, of its shape.
    pub fn hessian_vector(&mut self, loss: Id, vector: &[Id]) -> Vec<Id> {
        let gradient = self.gradient(loss);
        self.directional(&gradient, vector)
    }

    /// The third derivative of `loss` contracted with two vectors, `T[u, v]_i = Σ_jk ∂_i∂_j∂_k E u_j v_k`, all with one array for every
    /// parameter, of its shape.
    ///
    /// `u` and `v` count as fixed, even where they depend on θ: with `u = v = g` this is `T[g, g]`.
    ///
    /// # Panics
    /// If `loss` is not a scalar, or `u` or `v` does not hold one array for every parameter, of its shape.
    pub fn third_contraction(&mut self, loss: Id, u: &[Id], v: &[Id]) -> Vec<Id> {
        // A stand-in that no loss has keeps the second differentiation from seeing what u depends on.
        const STAND_IN: u32 = u32::MAX;
        let dependent = self.dependent_on_parameters(&self.reachable(u));
        let stand_ins: Vec<Id> = (self.direction(STAND_IN).into_iter().zip(u))
            .map(|(stand_in, id)| if dependent.contains(id) { stand_in } else { *id })
            .collect();
        let product = self.hessian_vector(loss, &stand_ins);
        let third = self.directional(&product, v);
        self.substitute_arrays(&third, |input| match input {
            Input::Direction(STAND_IN, p) => Some(u[p as usize]),
            _ => None,
        })
    }

    /// The lower triangle of the Hessian, row by row: entry `(i, j)`, `j ≤ i`, is at `i(i+1)/2 + j`.
    ///
    /// Works on the scalarised gradient, so that zeros and common parts of single entries are found.
    ///
    /// # Panics
    /// If `loss` is not a scalar.
    pub fn hessian_entries(&mut self, loss: Id) -> Vec<Id> {
        let gradient = self.gradient(loss);
        let gradient = self.scalarised(&gradient);
        let n = gradient.len();
        let (zero, one) = (self.integer(0), self.integer(1));
        let mut lower = vec![zero; n * (n + 1) / 2];
        let mut direction = vec![zero; n];
        for j in 0..n {
            direction[j] = one;
            let along = self.by_parameter(&direction);
            for (i, entry) in (j..n).zip(self.directional(&gradient[j..], &along)) {
                lower[i * (i + 1) / 2 + j] = entry;
            }
            direction[j] = zero;
        }
        lower
    }

    /// Every entry of `roots`, row-major, as scalars made of scalar operations on the entries of θ.
    pub fn scalarised(&mut self, roots: &[Id]) -> Vec<Id> {
        let tape = Tape::new(self, roots);
        let theta = self.theta();
        tape.evaluate(&mut DagAlgebra(self), |algebra, variable| match variable {
            Variable::Theta(k) => theta[k as usize],
            Variable::Symbol(s) => algebra.0.symbol(s),
            Variable::Direction(number, k) => algebra.0.direction_entry(number, k),
        })
    }

    /// One entry of a vector of parameter space that is an input, by its flat index in θ.
    pub(crate) fn direction_entry(&mut self, number: u32, flat: u32) -> Id {
        let flat = flat as usize;
        let parts = self.direction(number);
        let first = |p: usize| self.parameter_offset(u32::try_from(p).unwrap_or(u32::MAX));
        let p = (0..parts.len()).rfind(|p| first(*p) <= flat).expect("an entry of θ");
        let within = flat - first(p);
        self.index(parts[p], within)
    }

    /// One array for every parameter, of its shape, from one scalar for every entry of θ: what [`Pool::entries`] undoes.
    ///
    /// # Panics
    /// If there are more or fewer scalars than entries of θ.
    pub fn by_parameter(&mut self, entries: &[Id]) -> Vec<Id> {
        assert_eq!(entries.len(), self.dimension(), "one scalar for every entry of θ");
        let shapes: Vec<Shape> = self.parameters().map(|(_, shape)| shape.clone()).collect();
        let mut rest = entries;
        let part = |shape: Shape| {
            let (own, after) = rest.split_at(shape.size());
            rest = after;
            if shape.rank() == 0 { own[0] } else { self.array(own, shape) }
        };
        shapes.into_iter().map(part).collect()
    }

    /// The entries of θ as scalars, in order.
    pub fn theta(&mut self) -> Vec<Id> {
        let count = u32::try_from(self.parameters().count()).expect("fewer than 2^32 parameters");
        let parameters: Vec<Id> = (0..count).map(|p| self.parameter(p)).collect();
        self.entries(&parameters)
    }

    /// The array of a shape with these scalar entries, row-major.
    pub(super) fn array(&mut self, entries: &[Id], shape: Shape) -> Id {
        let stacked = self.stack(entries);
        self.reshape(stacked, shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Function;
    use crate::expr::testing::{Floats, evaluate, random_loss};
    use crate::number::Rational;
    use proptest::prelude::*;

    #[test]
    fn third_contraction_holds_its_vectors_fixed() {
        // E = x³y: g = (3x²y, x³), and T[g, g] with g held fixed is T_111 = 6y, T_112 = 6x.
        let mut p = Pool::new();
        let x = p.declare_parameter("x", Shape::scalar());
        let y = p.declare_parameter("y", Shape::scalar());
        let cube = p.pow(x, &3.into());
        let loss = p.mul(cube, y);
        let g = p.gradient_entries(loss);
        let g = p.by_parameter(&g);
        let t = p.third_contraction(loss, &g, &g);
        // At (2, 3): g = (36, 8); T[g,g]_1 = 18·36² + 2·12·36·8, T[g,g]_2 = 12·36².
        let got = evaluate(&p, &t, &[2.0, 3.0]);
        assert_eq!(got, [18.0 * 1296.0 + 24.0 * 288.0, 12.0 * 1296.0]);
    }

    #[test]
    fn what_does_not_move_costs_nothing() {
        let mut p = Pool::new();
        let w = p.declare_parameter("w", Shape::vector(3));
        let e = p.apply(Function::Exp, w);
        let loss = p.sum(e);
        let h = p.hessian_entries(loss);
        let zero = p.integer(0);
        let theta = p.theta();
        let exps: Vec<Id> = theta.iter().map(|x| p.apply(Function::Exp, *x)).collect();
        assert_eq!(h, [exps[0], zero, exps[1], zero, zero, exps[2]]);
    }

    proptest! {
        #[test]
        fn hessian_products_are_those_of_the_hessian(
            code in prop::collection::vec(any::<u8>(), 1..40),
            at in prop::array::uniform5(-1.0..1.0f64),
            u in prop::array::uniform5(-1.0..1.0f64),
        ) {
            let (mut p, loss) = random_loss(&code);
            let n = p.dimension();
            let g = p.gradient_entries(loss);
            let direction: Vec<Id> = u.iter().map(|q| p.constant(Rational::from_f64(*q).unwrap())).collect();
            let direction = p.by_parameter(&direction);
            let hv = p.hessian_vector(loss, &direction);
            let lower = p.hessian_entries(loss);
            let hessian = evaluate(&p, &hv, &at);
            let size = 1.0 + hessian.iter().fold(0.0f64, |m, v| m.max(v.abs()));
            prop_assume!(size < 1e4 && evaluate(&p, &g, &at).iter().all(|v| v.abs() < 1e4));
            let close = |a: f64, b: f64, size: f64| (a - b).abs() <= 1e-6 * size;
            // H v from the lower triangle.
            let entries = evaluate(&p, &lower, &at);
            for i in 0..n {
                let row: f64 = (0..n).map(|j| entries[i.max(j) * (i.max(j) + 1) / 2 + i.min(j)] * u[j]).sum();
                prop_assert!(close(row, hessian[i], size));
            }
        }
    }

    #[test]
    fn substitution_reaches_single_entries() {
        let mut p = Pool::new();
        let w = p.declare_parameter("w", Shape::vector(2));
        let square = p.pow(w, &2.into());
        let loss = p.sum(square);
        let three = p.integer(3);
        let roots = p.substitute(&[loss], |v| (v == Variable::Theta(1)).then_some(three));
        let tape = Tape::new(&p, &roots);
        let values = tape.evaluate(&mut Floats, |_, v| if v == Variable::Theta(0) { 2.0 } else { f64::NAN });
        assert_eq!(values, [13.0]);
    }
}

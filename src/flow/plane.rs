//! Planes through a point of parameter space.

use super::arrays::ArrayModel;
use super::grid::Grid;
use super::name::FlowError;
use super::plane_name::{PlaneError, PlaneName};
use crate::expr::{ExpressionRef, Pool};
use crate::loss::{Stream, parse_point};
use crate::spectral::{KrylovEnd, LeadingOptions, leading_eigenpairs};
use crate::warning::Warning;
use std::num::NonZeroUsize;

/// Eigenvalues nearer to each other than this, relative to the largest, have no eigenvectors of their own.
const SAME: f64 = 1e-8;
/// Points along a side that is not told.
const SIDE: usize = 41;

/// The points `θ + x d_0 + y d_1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Which one it is.
    pub name: PlaneName,
    /// θ, the point at `(0, 0)`.
    pub origin: Vec<f64>,
    /// `d_0` and `d_1`, as long as θ each.
    pub directions: [Vec<f64>; 2],
    /// What the directions are called.
    pub labels: [String; 2],
    /// The eigenvalues of directions that are eigenvectors.
    pub eigenvalues: Option<[f64; 2]>,
    /// What is to be said of the directions.
    pub warnings: Vec<Warning>,
}

impl Plane {
    /// The plane of a name through a point.
    ///
    /// - Eigenvectors have length 1 and `gᵀu ≥ 0`.
    /// - Random directions have entries of a normal distribution, each parameter's from a stream of its own, and are then scaled so that each filter is as long
    ///   as that of θ (Li, Xu, Taylor, Studer & Goldstein 2018, section 4). A filter is a column of a matrix, the weights of one unit where the data stand to
    ///   the left as in `X @ W`; vectors and numbers beside matrices, such as biases, do not vary, as in the authors' program. A loss without matrices is one
    ///   filter as a whole.
    /// - Of points, `d_0 = A − θ` and `d_1 = B − θ`, so that A lies at `(1, 0)` and B at `(0, 1)`; a file may leave parameters out, which are then those of θ.
    ///
    /// ```
    /// use shadowflow::flow::{Plane, PlaneName};
    /// use shadowflow::loss::{Loss, Options};
    /// let loss = Loss::parse("param x, y\nloss x^2 + 4*y^2\n", "bowl.loss", &Options::default())?;
    /// let plane = Plane::new(&loss, &PlaneName::Eigenvectors([0, 1]), &[1.0, 1.0], 1.try_into().unwrap())?;
    /// assert_eq!(plane.eigenvalues, Some([8.0, 2.0]));
    /// assert_eq!(plane.at(0.0, 2.0), [3.0, 1.0]);
    /// # Ok::<(), shadowflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`PlaneError`].
    ///
    /// # Panics
    /// If the point has another number of entries than the loss has parameters.
    pub fn new<'a>(
        loss: impl Into<ExpressionRef<'a>>,
        name: &PlaneName,
        origin: &[f64],
        threads: NonZeroUsize,
    ) -> Result<Self, PlaneError> {
        let loss = loss.into();
        let pool = loss.pool();
        assert_eq!(origin.len(), pool.dimension(), "a point has an entry for every parameter");
        let (mut eigenvalues, mut warnings) = (None, Vec::new());
        let (directions, labels) = match name {
            PlaneName::Eigenvectors(which) => {
                let found = eigenvectors(loss, *which, origin, threads, &mut warnings)?;
                eigenvalues = Some(found.0);
                (found.1, which.map(|k| format!("u{k}")))
            }
            PlaneName::Random(seed) => {
                let directions = [0, 1].map(|k| random(pool, *seed, k, origin));
                (directions, ["d0".to_owned(), "d1".to_owned()])
            }
            PlaneName::Points(names) => {
                let [a, b] = names.each_ref().map(|file| towards(pool, file, origin));
                ([a?, b?], ["a".to_owned(), "b".to_owned()])
            }
        };
        let norms = directions.each_ref().map(|d| norm(d));
        if let Some(k) = (0..2).find(|k| norms[*k] == 0.0) {
            let (name, why) = match name {
                PlaneName::Points(names) => (names[k].clone(), "it is the point that the plane goes through"),
                _ => (
                    labels[k].clone(),
                    "all filters of the point are 0, and directions are as long as these; take another point",
                ),
            };
            return Err(PlaneError::Zero { name, why });
        }
        let plane = Self { name: name.clone(), origin: origin.to_vec(), directions, labels, eigenvalues, warnings };
        if plane.cosine().abs() > 1.0 - 1e-12 {
            let [a, b] = plane.labels;
            return Err(PlaneError::Parallel(a, b));
        }
        Ok(plane)
    }

    /// The state at `(x, y)`.
    #[must_use]
    pub fn at(&self, x: f64, y: f64) -> Vec<f64> {
        let mut state = vec![0.0; self.origin.len()];
        self.write(x, y, &mut state);
        state
    }

    /// Writes the state at `(x, y)`.
    pub fn write(&self, x: f64, y: f64, state: &mut [f64]) {
        let directions = self.directions[0].iter().zip(&self.directions[1]);
        for ((state, origin), (a, b)) in state.iter_mut().zip(&self.origin).zip(directions) {
            *state = origin + x * a + y * b;
        }
    }

    /// How long the directions are.
    #[must_use]
    pub fn lengths(&self) -> [f64; 2] {
        self.directions.each_ref().map(|d| norm(d))
    }

    /// The cosine of the angle between the directions.
    #[must_use]
    pub fn cosine(&self) -> f64 {
        let [a, b] = &self.directions;
        let [la, lb] = self.lengths();
        a.iter().zip(b).map(|(a, b)| (a / la) * (b / lb)).sum()
    }

    /// The grid of a text over the plane, whose sides are named by the labels, as in `u0=-2:2:60,u1=-1:1:60`; without one it goes from −1 to 1, or past
    /// both points, with 41 points a side.
    ///
    /// # Errors
    /// [`GridError`](super::GridError).
    pub fn grid(&self, text: Option<&str>) -> Result<Grid, super::GridError> {
        let range = if matches!(self.name, PlaneName::Points(_)) { "-1/2:3/2" } else { "-1:1" };
        let [a, b] = &self.labels;
        let usual = format!("{a}={range}:{SIDE},{b}={range}:{SIDE}");
        Grid::parse(text.unwrap_or(&usual), &self.labels)
    }
}

fn norm(v: &[f64]) -> f64 {
    let size = v.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    if size == 0.0 { 0.0 } else { size * v.iter().map(|x| (x / size).powi(2)).sum::<f64>().sqrt() }
}

/// Two eigenvectors, by products with the Hessian.
fn eigenvectors(
    loss: ExpressionRef<'_>,
    which: [usize; 2],
    origin: &[f64],
    threads: NonZeroUsize,
    warnings: &mut Vec<Warning>,
) -> Result<([f64; 2], [Vec<f64>; 2]), PlaneError> {
    let wrong = |error: &dyn std::fmt::Display| PlaneError::Derivatives(error.to_string());
    let n = origin.len();
    if let Some(index) = which.into_iter().find(|k| *k >= n) {
        let plural = if n == 1 { "" } else { "s" };
        let why = format!("the loss has {n} parameter{plural}, so that the last one is u{}", n.saturating_sub(1));
        return Err(PlaneError::NoEigenvector { index, why });
    }
    let model = ArrayModel::new(loss, threads).map_err(|e: FlowError| wrong(&e))?;
    let mut point = model.at(origin).map_err(|e| wrong(&e))?;
    let gradient = point.gradient().to_vec();
    if !gradient.iter().all(|x| x.is_finite()) {
        return Err(PlaneError::Derivatives(
            "the gradient is not finite at the point that the plane goes through".to_owned(),
        ));
    }
    // One more, to tell whether the last has a direction of its own.
    let count = (which[0].max(which[1]) + 2).min(n);
    let mut times = |v: &[f64], out: &mut [f64]| point.hessian_times(v, out);
    let found = leading_eigenpairs(&gradient, None, &LeadingOptions::new(count), &mut times).map_err(|e| wrong(&e))?;
    if found.end != KrylovEnd::Reached {
        let message = format!("after {} products with the Hessian its eigenvectors are not precise", found.products);
        warnings.push(Warning::new("unreached-tolerance", message));
    }
    let values = &found.eigenvalues;
    let size = values.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let mut vector = |k: usize| {
        let (Some(value), Some(vector)) = (values.get(k), found.vectors.get(k)) else {
            let why = format!("{} eigenvalues were found", values.len());
            return Err(PlaneError::NoEigenvector { index: k, why });
        };
        let near = |other: Option<&f64>| other.is_some_and(|other| (other - value).abs() <= SAME * size);
        if near(k.checked_sub(1).and_then(|k| values.get(k))) || near(values.get(k + 1)) {
            let message = format!(
                "λ_{k} = {value:.6e} has a neighbour that agrees to 1e-8, so that u{k} is one of many directions"
            );
            warnings.push(Warning::new("equal-eigenvalues", message));
        }
        let along: f64 = vector.iter().zip(&gradient).map(|(u, g)| u * g).sum();
        let largest = vector.iter().fold(0.0_f64, |m, u| if u.abs() > m.abs() { *u } else { m });
        let turned = if along == 0.0 { largest < 0.0 } else { along < 0.0 };
        Ok((*value, vector.iter().map(|u| if turned { -u } else { *u }).collect::<Vec<f64>>()))
    };
    let (first, second) = (vector(which[0])?, vector(which[1])?);
    Ok(([first.0, second.0], [first.1, second.1]))
}

/// A random direction, scaled filter by filter to the lengths of θ's.
fn random(pool: &Pool, seed: u64, number: usize, origin: &[f64]) -> Vec<f64> {
    let mut direction = Vec::with_capacity(origin.len());
    for (name, shape) in pool.parameters() {
        // No parameter is called like this.
        let mut stream = Stream::new(&format!("{name} along d{number}"), seed);
        direction.extend((0..shape.size()).map(|_| stream.normal()));
    }
    if pool.parameters().all(|(_, shape)| shape.rank() < 2) {
        scale(&mut direction, origin, 1);
        return direction;
    }
    let mut rest = (direction.as_mut_slice(), origin);
    for (_, shape) in pool.parameters() {
        let (part, after) = rest.0.split_at_mut(shape.size());
        let (theta, origin) = rest.1.split_at(shape.size());
        match shape.axes() {
            [_, .., columns] => scale(part, theta, *columns),
            _ => part.fill(0.0),
        }
        rest = (after, origin);
    }
    direction
}

/// Scales the filters of an array, so many that an entry's is its place modulo their number, to the lengths of another's.
fn scale(array: &mut [f64], to: &[f64], filters: usize) {
    for filter in 0..filters {
        let of = |v: &[f64]| v.iter().skip(filter).step_by(filters).copied().collect::<Vec<f64>>();
        let (length, wanted) = (norm(&of(array)), norm(&of(to)));
        let factor = if length > 0.0 { wanted / length } else { 0.0 };
        array.iter_mut().skip(filter).step_by(filters).for_each(|x| *x *= factor);
    }
}

/// From θ to the point of a file.
fn towards(pool: &Pool, file: &str, origin: &[f64]) -> Result<Vec<f64>, PlaneError> {
    let point = parse_point(file, pool).map_err(|source| PlaneError::Point { name: file.to_owned(), source })?;
    Ok(point.iter().zip(origin).map(|(p, o)| p.as_ref().map_or(0.0, |p| p.to_f64() - o)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Loss, Options};

    const ONE: NonZeroUsize = NonZeroUsize::MIN;

    fn loss(text: &str) -> Loss {
        Loss::parse(text, "a.loss", &Options::default()).unwrap()
    }

    #[test]
    fn filters_are_as_long_as_those_of_the_point() {
        let loss = loss("param W[2, 3], b[3], c\nloss sum(W)^2 + norm2(b) + c^2\n");
        let origin = [1.0, 0.0, 3.0, 0.0, 0.0, 4.0, 7.0, 8.0, 9.0, 10.0];
        let plane = Plane::new(&loss, &PlaneName::Random(1), &origin, ONE).unwrap();
        for d in &plane.directions {
            let column = |j: usize| d[j].hypot(d[3 + j]);
            assert!((column(0) - 1.0).abs() < 1e-14 && column(1) == 0.0 && (column(2) - 5.0).abs() < 1e-14, "{d:?}");
            assert!(d[6..].iter().all(|x| *x == 0.0));
        }
        assert_eq!(plane, Plane::new(&loss, &PlaneName::Random(1), &origin, ONE).unwrap());
        assert_ne!(plane.directions, Plane::new(&loss, &PlaneName::Random(2), &origin, ONE).unwrap().directions);
        let zero = Plane::new(&loss, &PlaneName::Random(1), &[0.0; 10], ONE).unwrap_err();
        assert!(matches!(zero, PlaneError::Zero { .. }));
    }

    #[test]
    fn without_matrices_all_of_the_point_is_a_filter() {
        let loss = loss("param w[2], x\nloss norm2(w) + x^2\n");
        let plane = Plane::new(&loss, &PlaneName::Random(5), &[3.0, 4.0, -12.0], ONE).unwrap();
        assert!(plane.lengths().iter().all(|length| (length - 13.0).abs() < 1e-13));
    }

    #[test]
    fn eigenvectors_are_those_of_the_hessian() {
        // H = [[2, 1], [1, 2]]: (1, 1)/√2 with 3 and (1, −1)/√2 with 1; the gradient at (1, 0) is (2, 1).
        let loss = loss("param x, y\nloss x^2 + y^2 + x*y\n");
        let plane = Plane::new(&loss, &PlaneName::Eigenvectors([1, 0]), &[1.0, 0.0], ONE).unwrap();
        let [low, high] = plane.eigenvalues.unwrap();
        assert!((low - 1.0).abs() < 1e-12 && (high - 3.0).abs() < 1e-12);
        let r = 0.5_f64.sqrt();
        let near = |a: &[f64], b: [f64; 2]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near(&plane.directions[0], [r, -r]) && near(&plane.directions[1], [r, r]), "{plane:?}");
        assert!(plane.warnings.is_empty() && plane.cosine().abs() < 1e-12);
        assert_eq!(plane.labels, ["u1", "u0"]);
    }

    #[test]
    fn what_spans_no_plane() {
        let bowl = loss("param x, y\nloss x^2 + y^2\n");
        let at = [1.0, 1.0];
        let new = |name: PlaneName| Plane::new(&bowl, &name, &at, ONE);
        assert_eq!(new(PlaneName::Eigenvectors([0, 1])).unwrap().warnings[0].code, "equal-eigenvalues");
        assert!(new(PlaneName::Eigenvectors([0, 2])).unwrap_err().to_string().contains("there is no u2"));
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (a, b) = (file("a.json", "{\"x\": 3}"), file("b.json", "{\"x\": 1, \"y\": 2}"));
        let plane = new(PlaneName::Points([a.clone(), b])).unwrap();
        assert_eq!((plane.at(1.0, 0.0), plane.at(0.0, 1.0)), (vec![3.0, 1.0], vec![1.0, 2.0]));
        assert_eq!(plane.grid(None).unwrap().x.to, 1.5);
        let line = new(PlaneName::Points([a.clone(), file("c.json", "{\"x\": 5}")]));
        assert!(matches!(line, Err(PlaneError::Parallel(..))));
        let same = new(PlaneName::Points([a.clone(), file("d.json", "{\"x\": 1}")]));
        assert!(same.unwrap_err().to_string().contains("d.json is 0: it is the point"));
        let wrong = new(PlaneName::Points([a, file("e.json", "{\"z\": 1}")]));
        assert!(wrong.unwrap_err().to_string().contains("`z` is not a parameter"));
        let kink = loss("param x, y\nloss log(x)*y\n");
        let at_zero = Plane::new(&kink, &PlaneName::Eigenvectors([0, 1]), &[0.0, 1.0], ONE);
        assert!(matches!(at_zero, Err(PlaneError::Derivatives(_))));
        for text in ["random:", "random:x", "random:-1"] {
            assert!(text.parse::<PlaneName>().unwrap_err().to_string().contains("as in random:7"), "{text}");
        }
        for text in ["", "u0", "u0,x", "a.json", "a.json,b.txt", "u0,u1,u2", "x=0:1,y=0:1"] {
            assert!(text.parse::<PlaneName>().unwrap_err().to_string().contains("write u0,u1"), "{text}");
        }
        assert!("u1,u1".parse::<PlaneName>().unwrap_err().to_string().contains("both directions are u1"));
        assert!("u0,u1000".parse::<PlaneName>().unwrap_err().to_string().contains("below u1000"));
    }
}

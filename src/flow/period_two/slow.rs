//! Order N in any number of directions: the slow solutions of the equations of a step, as polynomials in the step number.

use super::mixing::Mixing;
use super::nodes::Nodes;
use super::pair::{Pair, add, dot};
use crate::budget;
use crate::flow::outcome::Outcome;
use crate::spectral::SpectralError;

/// From this hλ on a direction is treated by its own eigenvalue.
const FRAME: f64 = 0.4;

/// From this hλ on a direction oscillates, and its multiplier `hλ − 1` is that of the oscillation.
const OSCILLATES: f64 = 1.2;

/// To this hλ a direction of the centre relaxes by its multiplier `1 − hλ`; between the two, where a deviation is gone within steps, nothing relaxes.
const RELAXES: f64 = 0.8;

/// The shift for all directions without an eigenvalue of their own: what lies in the middle of theirs.
const MIDDLE: f64 = 0.1;

/// The most directions with an eigenvalue of their own.
const MOST_DIRECTIONS: usize = 32;

/// How many are looked for at first.
const FIRST_DIRECTIONS: usize = 4;

/// The most repetitions.
const MOST_REPETITIONS: usize = 100;

/// How far a solution is found, relative to the size of the state's change in a step and to the oscillation.
const TOLERANCE: f64 = 1e-10;

/// A direction with an eigenvalue of its own.
#[derive(Debug, Clone)]
struct Direction {
    /// hλ.
    z: f64,
    vector: Vec<f64>,
    /// `(Δ + z)⁻¹`, for the centre.
    centre: Vec<f64>,
    /// `(Δ + 2 − z)⁻¹`, for the oscillation where that follows the centre.
    oscillation: Vec<f64>,
}

/// Directions at a centre, those that oscillate first.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    directions: Vec<Direction>,
    oscillating: usize,
}

impl Frame {
    /// How many directions oscillate.
    pub(super) fn oscillating(&self) -> usize {
        self.oscillating
    }

    /// The part of a vector in the directions that oscillate.
    pub(super) fn oscillating_part(&self, v: &[f64]) -> Vec<f64> {
        let mut part = vec![0.0; v.len()];
        for d in &self.directions[..self.oscillating] {
            add(&mut part, dot(&d.vector, v), &d.vector);
        }
        part
    }
}

/// Where the slow solution through a state is, and how it moves.
#[derive(Debug, Clone)]
pub(super) struct Motion {
    pub(super) centre: Vec<f64>,
    pub(super) oscillation: Vec<f64>,
    pub(super) centre_velocity: Vec<f64>,
    pub(super) oscillation_velocity: Vec<f64>,
}

/// The equations of one step size and order.
#[derive(Debug)]
pub(super) struct Slow {
    h: f64,
    nodes: Nodes,
    /// `(Δ + 2 − MIDDLE)⁻¹`.
    others: Vec<f64>,
}

/// What was found of a solution: `p`, `q` and `r` at the nodes, one after the other.
pub(super) type Guess = Vec<f64>;

impl Slow {
    pub(super) fn new(h: f64, order: usize) -> Self {
        let nodes = Nodes::new(order);
        let others = nodes.slaved(2.0 - MIDDLE);
        Self { h, nodes, others }
    }

    /// N.
    pub(super) fn order(&self) -> usize {
        self.nodes.count() - 1
    }

    /// The directions at a centre; x says which way to look for them.
    pub(super) fn frame(&self, pair: &mut Pair<'_>, c: &[f64], x: &[f64]) -> Result<Frame, Outcome> {
        let most = MOST_DIRECTIONS.min(c.len());
        let mut count = FIRST_DIRECTIONS.min(most);
        let found = loop {
            let found = pair.leading(c, count, Some(x).filter(|x| x.iter().any(|x| *x != 0.0)))?;
            if count == most || found.eigenvalues.last().is_none_or(|l| self.h * l <= FRAME) {
                break found;
            }
            count = (2 * count).min(most);
        };
        let pairs = found.eigenvalues.iter().zip(found.vectors).map(|(l, v)| (self.h * l, v));
        let directions: Vec<Direction> = pairs
            .take_while(|(z, _)| *z > FRAME)
            .map(|(z, vector)| Direction {
                z,
                vector,
                centre: self.nodes.slaved(z),
                oscillation: if z > OSCILLATES { Vec::new() } else { self.nodes.slaved(2.0 - z) },
            })
            .collect();
        let oscillating = directions.iter().take_while(|d| d.z > OSCILLATES).count();
        Ok(Frame { directions, oscillating })
    }

    /// The slow solution through the state `(c, x)`: its centre is c but in the directions that oscillate, and its oscillation x but in all others.
    ///
    /// With `c(s) = c + p(s)`, `x(s) = x_⊥ + q(s) + Σ_i ρ_i^s (a_i + r_i(s)) u_i` over the directions that oscillate, `ρ_i = hλ_i − 1`, the equations are
    /// `Δp = −hḡ` and `Δx = hδ − 2x`. Their solutions in polynomials are fixed points: `p = Δ⁻¹(−hḡ)`, where a direction has
    /// an eigenvalue `p_i = (Δ + z_i)⁻¹(−hḡ_i + z_i p_i)`, to which the one that relaxes may add `w (1 − z_i)^s`, and likewise for x.
    pub(super) fn motion(
        &self,
        pair: &mut Pair<'_>,
        frame: &Frame,
        c: &[f64],
        x: &[f64],
        guess: &mut Option<Guess>,
    ) -> Result<Motion, Outcome> {
        let (n, m, k) = (c.len(), self.nodes.count(), frame.oscillating);
        let amplitudes: Vec<f64> = frame.directions[..k].iter().map(|d| dot(&d.vector, x)).collect();
        let mut rest = x.to_vec();
        for (a, d) in amplitudes.iter().zip(&frame.directions) {
            add(&mut rest, -a, &d.vector);
        }
        let given = Given { frame, c, rest: &rest, amplitudes: &amplitudes };
        let mut unknown =
            guess.take().filter(|g| g.len() == 2 * m * n + m * k).unwrap_or_else(|| vec![0.0; 2 * m * n + m * k]);
        let mut mixing = Mixing::default();
        for _ in 0..MOST_REPETITIONS {
            budget::check()?;
            let image = self.image(pair, &given, &unknown)?;
            let size = |v: &mut dyn Iterator<Item = f64>| v.fold(0.0_f64, |m, x| m.max(x.abs()));
            let change = size(&mut image.values.iter().zip(&unknown).map(|(i, u)| i - u));
            let scale = size(&mut image.values.iter().copied()).max(size(&mut x.iter().copied()));
            if !change.is_finite() {
                return Err(SpectralError::NotFinite.into());
            }
            if change <= TOLERANCE * scale || change <= 4.0 * f64::EPSILON * size(&mut c.iter().copied()) {
                let Image { values, centre_slope, oscillation_slope } = image;
                let at_zero = |part: &[f64], base: &[f64]| {
                    let mut out = base.to_vec();
                    for (w, row) in self.nodes.value.iter().zip(part.chunks_exact(n)) {
                        add(&mut out, *w, row);
                    }
                    out
                };
                let centre = at_zero(&values[..m * n], c);
                let mut oscillation = at_zero(&values[m * n..2 * m * n], &rest);
                for (a, d) in amplitudes.iter().zip(&frame.directions) {
                    add(&mut oscillation, *a, &d.vector);
                }
                let per_time = |v: Vec<f64>| v.into_iter().map(|x| x / self.h).collect();
                *guess = Some(values);
                return Ok(Motion {
                    centre,
                    oscillation,
                    centre_velocity: per_time(centre_slope),
                    oscillation_velocity: per_time(oscillation_slope),
                });
            }
            mixing.next(&mut unknown, image.values);
        }
        Err(Outcome::NoSlowSolution)
    }

    /// What the equations make of a guess.
    fn image(&self, pair: &mut Pair<'_>, given: &Given<'_>, unknown: &[f64]) -> Result<Image, Outcome> {
        let Given { frame, c, rest, amplitudes } = *given;
        let (n, m, k) = (c.len(), self.nodes.count(), frame.oscillating);
        let (p, others) = unknown.split_at(m * n);
        let (q, r) = others.split_at(m * n);
        // At every node: −hḡ, Δx, and x without what oscillates.
        let (mut pull, mut change, mut driven) = (vec![0.0; m * n], vec![0.0; m * n], vec![0.0; k * m]);
        for (j, s) in self.nodes.places.iter().enumerate() {
            let at: Vec<f64> = c.iter().zip(&p[j * n..]).map(|(c, p)| c + p).collect();
            let mut x: Vec<f64> = rest.iter().zip(&q[j * n..]).map(|(x, q)| x + q).collect();
            for (i, d) in frame.directions[..k].iter().enumerate() {
                add(&mut x, (d.z - 1.0).powf(*s) * (amplitudes[i] + r[j * k + i]), &d.vector);
            }
            let (pull, change) = (&mut pull[j * n..(j + 1) * n], &mut change[j * n..(j + 1) * n]);
            pair.both(&at, &x, pull, change)?;
            pull.iter_mut().for_each(|g| *g *= -self.h);
            change.iter_mut().zip(&x).for_each(|(d, x)| *d = self.h * *d - 2.0 * x);
            for (i, d) in frame.directions[..k].iter().enumerate() {
                // x(s + 1) over ρ^{s+1}, less what it is at s.
                let (rho, along) = (d.z - 1.0, dot(&d.vector, &x));
                driven[i * m + j] = (dot(&d.vector, change) + along - rho * along) / (rho * rho.powf(*s));
            }
        }
        let mut image =
            Image { values: vec![0.0; unknown.len()], centre_slope: vec![0.0; n], oscillation_slope: vec![0.0; n] };
        let (to_p, others) = image.values.split_at_mut(m * n);
        let (to_q, to_r) = others.split_at_mut(m * n);
        let along = |rows: &[f64], v: &[f64]| -> Vec<f64> { rows.chunks_exact(n).map(|row| dot(row, v)).collect() };
        // The directions with an eigenvalue of their own, which are then taken out of the rest.
        for (i, d) in frame.directions.iter().enumerate() {
            let (pulled, moved) = (along(&pull, &d.vector), along(p, &d.vector));
            let right: Vec<f64> = pulled.iter().zip(&moved).map(|(g, p)| g + d.z * p).collect();
            let mut solved = apply(&d.centre, &right);
            let mut slope = dot(&self.nodes.slope, &solved);
            if d.z <= RELAXES {
                // p is 0 at the start: what the slow solution lacks relaxes.
                let (w, rate) = (-dot(&self.nodes.value, &solved), (1.0 - d.z).ln());
                solved.iter_mut().zip(&self.nodes.places).for_each(|(p, s)| *p += w * (rate * s).exp());
                slope += w * rate;
            }
            spread(to_p, &solved, &d.vector);
            add(&mut image.centre_slope, slope, &d.vector);
            let changed = along(&change, &d.vector);
            spread(&mut pull, &pulled.iter().map(|x| -x).collect::<Vec<_>>(), &d.vector);
            spread(&mut change, &changed.iter().map(|x| -x).collect::<Vec<_>>(), &d.vector);
            if i < k {
                let (a, row) = (amplitudes[i], &driven[i * m..(i + 1) * m]);
                for (j, value) in apply(&self.nodes.summed, row).into_iter().enumerate() {
                    to_r[j * k + i] = value;
                }
                let slope = (d.z - 1.0).ln() * a + dot(&self.nodes.summed_slope, row);
                add(&mut image.oscillation_slope, slope, &d.vector);
                continue;
            }
            let base = dot(rest, &d.vector);
            let x = along(q, &d.vector).into_iter().map(|q| base + q);
            let right: Vec<f64> = changed.iter().zip(x).map(|(t, x)| t + (2.0 - d.z) * x).collect();
            let solved = apply(&d.oscillation, &right);
            spread(to_q, &solved, &d.vector);
            add(&mut image.oscillation_slope, dot(&self.nodes.slope, &solved), &d.vector);
        }
        // All other directions: x − its part in the frame, which has its values already.
        let mut x: Vec<f64> = q.chunks_exact(n.max(1)).flat_map(|q| rest.iter().zip(q).map(|(x, q)| x + q)).collect();
        for d in &frame.directions {
            let inside = along(&x, &d.vector).into_iter().map(|x| -x).collect::<Vec<_>>();
            spread(&mut x, &inside, &d.vector);
        }
        change.iter_mut().zip(&x).for_each(|(t, x)| *t += (2.0 - MIDDLE) * x);
        for (j, (to_p, to_q)) in to_p.chunks_exact_mut(n).zip(to_q.chunks_exact_mut(n)).enumerate() {
            for l in 0..m {
                add(to_p, self.nodes.summed[j * m + l], &pull[l * n..(l + 1) * n]);
                add(to_q, self.others[j * m + l], &change[l * n..(l + 1) * n]);
            }
            add(to_q, -1.0, rest);
        }
        for l in 0..m {
            add(&mut image.centre_slope, self.nodes.summed_slope[l], &pull[l * n..(l + 1) * n]);
            let weight: f64 = (0..m).map(|j| self.nodes.slope[j] * self.others[j * m + l]).sum();
            add(&mut image.oscillation_slope, weight, &change[l * n..(l + 1) * n]);
        }
        Ok(image)
    }
}

/// A state, taken apart.
#[derive(Clone, Copy)]
struct Given<'a> {
    frame: &'a Frame,
    c: &'a [f64],
    /// x without the directions that oscillate.
    rest: &'a [f64],
    amplitudes: &'a [f64],
}

struct Image {
    values: Vec<f64>,
    centre_slope: Vec<f64>,
    oscillation_slope: Vec<f64>,
}

fn apply(matrix: &[f64], v: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(v.len()).map(|row| dot(row, v)).collect()
}

/// Adds a multiple of a vector to every row.
fn spread(rows: &mut [f64], factors: &[f64], v: &[f64]) {
    for (row, f) in rows.chunks_exact_mut(v.len()).zip(factors) {
        add(row, *f, v);
    }
}

//! Model losses with derivatives written by hand, shared by tests and benchmarks.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each user takes what it needs")]

use num_complex::Complex64;
use shadowflow::flow::{Derivatives, Field, FlowError, Level, Model, Value};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;

/// `(a − x)² + b (y − x²)²`, Rosenbrock's banana function.
#[derive(Debug, Clone, Copy)]
pub struct Banana {
    pub a: f64,
    pub b: f64,
}

impl Derivatives for Banana {
    fn dimension(&self) -> usize {
        2
    }

    fn gradient(&mut self, z: &[Complex64], g: &mut [Complex64]) {
        let (x, w) = (z[0], z[1] - z[0] * z[0]);
        g[0] = 2.0 * (x - self.a) - 4.0 * self.b * x * w;
        g[1] = 2.0 * self.b * w;
    }

    fn gradient_hessian(&mut self, z: &[Complex64], g: &mut [Complex64], h: &mut [Complex64]) {
        self.gradient(z, g);
        let (x, w) = (z[0], z[1] - z[0] * z[0]);
        h[0] = 2.0 - 4.0 * self.b * w + 8.0 * self.b * x * x;
        h[1] = -4.0 * self.b * x;
        h[2] = h[1];
        h[3] = (2.0 * self.b).into();
    }

    fn gradient_hessian_third(
        &mut self,
        z: &[Complex64],
        g: &mut [Complex64],
        h: &mut [Complex64],
        t: &mut [Complex64],
    ) {
        self.gradient_hessian(z, g, h);
        // E_xxx = 24 b x, E_xxy = −4 b.
        t[0] = 24.0 * self.b * z[0] * g[0] * g[0] - 8.0 * self.b * g[0] * g[1];
        t[1] = -4.0 * self.b * g[0] * g[0];
    }
}

impl Model for Banana {
    fn parameters(&self) -> Vec<String> {
        vec!["x".to_owned(), "y".to_owned()]
    }

    fn real_gradient(&mut self, z: &[f64], g: &mut [f64]) {
        let w = z[1] - z[0] * z[0];
        g[0] = 2.0 * (z[0] - self.a) - 4.0 * self.b * z[0] * w;
        g[1] = 2.0 * self.b * w;
    }

    fn derivatives(&self, _: Level) -> Result<Box<dyn Derivatives + '_>, FlowError> {
        Ok(Box::new(*self))
    }

    fn value(&self) -> Result<Option<Value<'_>>, FlowError> {
        Ok(Some(Box::new(|z| (z[0] - self.a).powi(2) + self.b * (z[1] - z[0] * z[0]).powi(2))))
    }

    fn truncated(&self, _: &BoundOptimizer, order: usize, _: &Rational) -> Result<Box<dyn Field + '_>, FlowError> {
        Err(FlowError::Loss(format!("no f_{order} is written by hand")))
    }
}

/// `½ θᵀAθ + bᵀθ`.
#[derive(Debug, Clone)]
pub struct Quadratic {
    /// Row-major and symmetric.
    pub a: Vec<f64>,
    pub b: Vec<f64>,
}

impl Derivatives for Quadratic {
    fn dimension(&self) -> usize {
        self.b.len()
    }

    fn gradient(&mut self, z: &[Complex64], g: &mut [Complex64]) {
        for (k, row) in self.a.chunks_exact(self.b.len()).enumerate() {
            g[k] = row.iter().zip(z).map(|(a, z)| a * z).sum::<Complex64>() + self.b[k];
        }
    }

    fn gradient_hessian(&mut self, z: &[Complex64], g: &mut [Complex64], h: &mut [Complex64]) {
        self.gradient(z, g);
        for (h, a) in h.iter_mut().zip(&self.a) {
            *h = (*a).into();
        }
    }

    fn gradient_hessian_third(
        &mut self,
        z: &[Complex64],
        g: &mut [Complex64],
        h: &mut [Complex64],
        t: &mut [Complex64],
    ) {
        self.gradient_hessian(z, g, h);
        t.fill(Complex64::ZERO);
    }
}

impl Model for Quadratic {
    fn parameters(&self) -> Vec<String> {
        (0..self.b.len()).map(|k| format!("x[{k}]")).collect()
    }

    fn real_gradient(&mut self, z: &[f64], g: &mut [f64]) {
        for (k, row) in self.a.chunks_exact(self.b.len()).enumerate() {
            g[k] = row.iter().zip(z).map(|(a, z)| a * z).sum::<f64>() + self.b[k];
        }
    }

    fn derivatives(&self, _: Level) -> Result<Box<dyn Derivatives + '_>, FlowError> {
        Ok(Box::new(self.clone()))
    }

    fn value(&self) -> Result<Option<Value<'_>>, FlowError> {
        Ok(Some(Box::new(|z| {
            let rows = self.a.chunks_exact(self.b.len()).zip(&self.b).zip(z);
            rows.map(|((row, b), x)| x * (row.iter().zip(z).map(|(a, z)| 0.5 * a * z).sum::<Complex64>() + b)).sum()
        })))
    }

    fn truncated(&self, _: &BoundOptimizer, order: usize, _: &Rational) -> Result<Box<dyn Field + '_>, FlowError> {
        Err(FlowError::Loss(format!("no f_{order} is written by hand")))
    }

    fn is_quadratic(&self) -> bool {
        true
    }
}

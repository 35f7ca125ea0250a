//! Model losses with derivatives written by hand, shared by tests and benchmarks.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each user takes what it needs")]

use num_complex::Complex64;
use shadowflow::flow::{FlowError, Gradient, Hessian, HessianAction, HessianThird, Model, Value};

/// `(a − x)² + b (y − x²)²`, Rosenbrock's banana function.
#[derive(Debug, Clone, Copy)]
pub struct Banana {
    pub a: f64,
    pub b: f64,
}

impl Gradient for Banana {
    fn dimension(&self) -> usize {
        2
    }

    fn gradient(&mut self, z: &[Complex64], g: &mut [Complex64]) {
        let (x, w) = (z[0], z[1] - z[0] * z[0]);
        g[0] = 2.0 * (x - self.a) - 4.0 * self.b * x * w;
        g[1] = 2.0 * self.b * w;
    }
}

impl Hessian for Banana {
    fn gradient_hessian(&mut self, z: &[Complex64], g: &mut [Complex64], h: &mut [Complex64]) {
        self.gradient(z, g);
        let (x, w) = (z[0], z[1] - z[0] * z[0]);
        h[0] = 2.0 - 4.0 * self.b * w + 8.0 * self.b * x * x;
        h[1] = -4.0 * self.b * x;
        h[2] = h[1];
        h[3] = (2.0 * self.b).into();
    }
}

impl HessianThird for Banana {
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

    fn gradient(&self) -> Result<Box<dyn Gradient + '_>, FlowError> {
        Ok(Box::new(*self))
    }

    fn hessian(&self) -> Result<Box<dyn Hessian + '_>, FlowError> {
        Ok(Box::new(*self))
    }

    fn hessian_third(&self) -> Result<Box<dyn HessianThird + '_>, FlowError> {
        Ok(Box::new(*self))
    }

    fn value(&self) -> Result<Option<Value<'_>>, FlowError> {
        Ok(Some(Box::new(|z| (z[0] - self.a).powi(2) + self.b * (z[1] - z[0] * z[0]).powi(2))))
    }
}

/// `½ θᵀAθ + bᵀθ`.
#[derive(Debug, Clone)]
pub struct Quadratic {
    /// Row-major and symmetric.
    pub a: Vec<f64>,
    pub b: Vec<f64>,
}

impl Gradient for Quadratic {
    fn dimension(&self) -> usize {
        self.b.len()
    }

    fn gradient(&mut self, z: &[Complex64], g: &mut [Complex64]) {
        for (k, row) in self.a.chunks_exact(self.b.len()).enumerate() {
            g[k] = row.iter().zip(z).map(|(a, z)| a * z).sum::<Complex64>() + self.b[k];
        }
    }
}

impl Hessian for Quadratic {
    fn gradient_hessian(&mut self, z: &[Complex64], g: &mut [Complex64], h: &mut [Complex64]) {
        self.gradient(z, g);
        for (h, a) in h.iter_mut().zip(&self.a) {
            *h = (*a).into();
        }
    }
}

impl HessianThird for Quadratic {
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

    fn gradient(&self) -> Result<Box<dyn Gradient + '_>, FlowError> {
        Ok(Box::new(self.clone()))
    }

    fn hessian(&self) -> Result<Box<dyn Hessian + '_>, FlowError> {
        Ok(Box::new(self.clone()))
    }

    fn hessian_third(&self) -> Result<Box<dyn HessianThird + '_>, FlowError> {
        Ok(Box::new(self.clone()))
    }

    fn value(&self) -> Result<Option<Value<'_>>, FlowError> {
        Ok(Some(Box::new(|z| {
            let rows = self.a.chunks_exact(self.b.len()).zip(&self.b).zip(z);
            rows.map(|((row, b), x)| x * (row.iter().zip(z).map(|(a, z)| 0.5 * a * z).sum::<Complex64>() + b)).sum()
        })))
    }

    fn is_quadratic(&self) -> bool {
        true
    }
}

/// `½ xᵀHx + bᵀx`, H known by what it does: there is no matrix.
#[derive(Debug)]
pub struct Structured<A> {
    /// `v ↦ Hv`.
    pub action: A,
    pub b: Vec<f64>,
}

impl<A: Fn(&[Complex64], &mut [Complex64])> Gradient for &Structured<A> {
    fn dimension(&self) -> usize {
        self.b.len()
    }

    fn gradient(&mut self, z: &[Complex64], g: &mut [Complex64]) {
        (self.action)(z, g);
        for (g, b) in g.iter_mut().zip(&self.b) {
            *g += b;
        }
    }
}

impl<A: Fn(&[Complex64], &mut [Complex64])> HessianAction for &Structured<A> {
    fn enter(&mut self, z: &[Complex64], g: &mut [Complex64]) {
        self.gradient(z, g);
    }

    fn hessian_times(&mut self, v: &[Complex64], out: &mut [Complex64]) {
        (self.action)(v, out);
    }
}

impl<A: Fn(&[Complex64], &mut [Complex64])> Model for Structured<A> {
    fn parameters(&self) -> Vec<String> {
        (0..self.b.len()).map(|k| format!("x[{k}]")).collect()
    }

    fn real_gradient(&mut self, x: &[f64], g: &mut [f64]) {
        let z: Vec<Complex64> = x.iter().map(|x| Complex64::from(*x)).collect();
        let mut found = z.clone();
        Gradient::gradient(&mut &*self, &z, &mut found);
        for (g, z) in g.iter_mut().zip(found) {
            *g = z.re;
        }
    }

    fn gradient(&self) -> Result<Box<dyn Gradient + '_>, FlowError> {
        Ok(Box::new(self))
    }

    fn hessian_action(&self) -> Result<Box<dyn HessianAction + '_>, FlowError> {
        Ok(Box::new(self))
    }
}

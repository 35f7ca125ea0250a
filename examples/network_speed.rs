//! How long derivatives and the principal flow's field of a network take on one thread, as lines of JSON.
//!
//! ```text
//! cargo run --release --example network_speed -- net.loss start.bin [--h H] [--max-products N] [--results FOLDER] [WORK…]
//! ```
//!
//! `start.bin` has the parameters as doubles, in the order of their declaration, each row-major. Work is `gradient`, `product` (of the Hessian and the
//! vector of sines), `third` (`f_0 + h f_1 + h² f_2`), `series` (`f_0..f_4`) and `field` (of the principal flow); all without `field` unless told. Times are
//! processor time of the thread, the shortest of many. `benches/peers/networks.sh` runs this beside JAX and `SciPy`.

use rustix::time::{ClockId, clock_gettime};
use shadowflow::concrete::arrays::{modified_field, truncated};
use shadowflow::expr::{Id, Pool};
use shadowflow::loss::{Loss, Options};
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::plan::{Plan, PlanOptions};
use shadowflow::spectral::{Alpha, FieldOptions, KrylovFunction, spectral_functions};
use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

/// Seconds for which one work is repeated.
const LONG: f64 = 2.0;

/// Seconds that this thread has run.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Milliseconds that some work takes at least, after one run that warms up.
fn milliseconds(mut work: impl FnMut()) -> f64 {
    work();
    let (begin, mut best, mut runs) = (Instant::now(), f64::INFINITY, 0);
    while runs < 3 || (begin.elapsed().as_secs_f64() < LONG && runs < 1000) {
        let start = seconds();
        work();
        best = best.min(seconds() - start);
        runs += 1;
    }
    best * 1e3
}

struct Arguments {
    loss: PathBuf,
    start: PathBuf,
    h: f64,
    products: Option<usize>,
    results: Option<PathBuf>,
    work: Vec<String>,
}

impl Arguments {
    fn read() -> Result<Self, Box<dyn Error>> {
        let mut all = std::env::args().skip(1);
        let mut named = || all.next().ok_or("NET.loss and START.bin are needed");
        let (loss, start) = (named()?.into(), named()?.into());
        let mut read = Self { loss, start, h: 0.05, products: None, results: None, work: Vec::new() };
        while let Some(word) = all.next() {
            let mut value = || all.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--h" => read.h = value()?.parse()?,
                "--max-products" => read.products = Some(value()?.parse()?),
                "--results" => read.results = Some(value()?.into()),
                _ => read.work.push(word),
            }
        }
        if read.work.is_empty() {
            read.work = ["gradient", "product", "third", "series"].map(str::to_owned).to_vec();
        }
        Ok(read)
    }
}

/// A network at a state.
struct Network {
    pool: Pool,
    loss: Id,
    theta: Vec<f64>,
    options: PlanOptions,
}

impl Network {
    fn gradient(&mut self) -> Result<Plan, Box<dyn Error>> {
        let roots = self.pool.gradient(self.loss);
        Ok(Plan::real(&self.pool, &roots, &self.options)?)
    }

    fn product(&mut self) -> Result<Plan, Box<dyn Error>> {
        let v = self.pool.direction(0);
        let roots = self.pool.hessian_vector(self.loss, &v);
        Ok(Plan::real(&self.pool, &roots, &self.options)?)
    }

    /// `f_0, …, f_N`, or their sum with powers of h.
    fn series(&mut self, order: usize, h: Option<f64>) -> Result<Plan, Box<dyn Error>> {
        let orders = modified_field(&mut self.pool, self.loss, &BoundOptimizer::gradient_descent(), order)?;
        let roots = match h {
            Some(h) => {
                let h = self.pool.constant(h.to_string().parse()?);
                truncated(&mut self.pool, &orders, h)
            }
            None => orders.concat(),
        };
        Ok(Plan::real(&self.pool, &roots, &self.options)?)
    }

    /// Milliseconds, the result, and what else there is to say.
    fn measure(&mut self, work: &str, arguments: &Arguments) -> Result<(f64, Vec<f64>, String), Box<dyn Error>> {
        let plan = match work {
            "gradient" => self.gradient()?,
            "third" => self.series(2, Some(arguments.h))?,
            "series" => self.series(4, None)?,
            "product" => self.product()?,
            "field" => return self.field(arguments),
            other => return Err(format!("{other} is no work").into()),
        };
        let v: Vec<f64> = (0..self.theta.len()).map(|k| (k as f64).sin()).collect();
        let directions = [v.as_slice()];
        let directions = &directions[..plan.directions()];
        let (mut state, mut out) = (plan.state(), vec![0.0; plan.outputs()]);
        let ms = milliseconds(|| plan.run(&mut state, &self.theta, &[], directions, &mut out));
        Ok((ms, out, format!(r#", "bytes": {}"#, plan.cost().peak_bytes)))
    }

    fn field(&mut self, arguments: &Arguments) -> Result<(f64, Vec<f64>, String), Box<dyn Error>> {
        let (gradient, product) = (self.gradient()?, self.product()?);
        let (mut at_gradient, mut at_product) = (gradient.state(), product.state());
        let mut g = vec![0.0; self.theta.len()];
        let function = [KrylovFunction::new(Alpha::Logarithm, arguments.h)];
        let options = FieldOptions { max_products: arguments.products, ..FieldOptions::default() };
        let mut found = Vec::new();
        let ms = milliseconds(|| {
            gradient.run(&mut at_gradient, &self.theta, &[], &[], &mut g);
            product.enter(&mut at_product, &self.theta, &[]);
            let mut times = |v: &[f64], out: &mut [f64]| product.along(&mut at_product, &[v], out);
            found = spectral_functions(&g, &function, &options, &mut times).expect("a field");
        });
        let value = found[0].value.iter().flat_map(|z| [z.re, z.im]).collect();
        let (products, estimate) = (found[0].products, found[0].error_estimate);
        Ok((ms, value, format!(r#", "products": {products}, "estimate": {estimate:e}"#)))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read()?;
    let loss = Loss::read(&arguments.loss, &Options::default())?;
    let bytes = std::fs::read(&arguments.start)?;
    let theta = bytes.chunks_exact(8).map(|b| b.try_into().map(f64::from_le_bytes)).collect::<Result<_, _>>()?;
    let (pool, id) = (loss.expression.pool().clone(), loss.expression.id());
    let mut network = Network { pool, loss: id, theta, options: PlanOptions { threads: NonZeroUsize::MIN } };
    for work in &arguments.work {
        let (ms, out, more) = network.measure(work, &arguments)?;
        if let Some(folder) = &arguments.results {
            let bytes: Vec<u8> = out.iter().flat_map(|x| x.to_le_bytes()).collect();
            std::fs::write(folder.join(format!("{work}.bin")), bytes)?;
        }
        #[allow(clippy::print_stdout, reason = "an example for people to read")]
        {
            println!(r#"{{"work": "{work}", "ms": {ms:.6}{more}}}"#);
        }
    }
    Ok(())
}

//! Evaluating a field allocates nothing once it has run.

#![allow(unsafe_code, reason = "a global allocator that counts cannot be written without")]

use num_complex::Complex64;
use shadowflow::expr::{Data, Function, Pool, Shape};
use shadowflow::flow::{CompiledModel, CompiledThird, DenseThirdAction, Field, Model, PolynomialField, SpectralField};
use shadowflow::loss::{Loss, Options};
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::plan::{Plan, PlanOptions};
use shadowflow::spectral::Alpha;
use std::alloc::{GlobalAlloc, Layout, System};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

// One test in this file: others would allocate beside it.
#[test]
fn fields_of_the_banana_function_and_plans_do_not_allocate() {
    let source = "param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).unwrap();
    let derivatives = CompiledThird::new(&loss).unwrap();
    let action = DenseThirdAction::new(derivatives.clone());
    let mut third = PolynomialField::with_third(action, 0.0018, vec![-1.0, -0.5, -1.0 / 3.0], 1.0 / 12.0);
    let mut principal = SpectralField::with_third(derivatives, 0.0018, Alpha::Logarithm, 1.0 / 12.0);
    let model = CompiledModel::new(loss).unwrap();
    let mut truncated = model.truncated(&BoundOptimizer::gradient_descent(), 4, &"0.0018".parse().unwrap()).unwrap();
    let state = [Complex64::new(-0.9, 0.01), Complex64::new(0.95, -0.02)];
    let mut out = [Complex64::ZERO; 2];
    // A small network's gradient and Hessian–vector product by a plan of arrays.
    let mut pool = Pool::new();
    let weights = [[3, 20], [20, 4]].map(|axes| pool.declare_parameter("W", Shape::new(&axes)));
    let x = Data::new("X", Shape::new(&[15, 3]), (0..45).map(|k| f64::from(k % 7) - 3.0).collect::<Vec<_>>()).unwrap();
    let x = pool.declare_data(x);
    let first = pool.matmul(x, weights[0]).unwrap();
    let hidden = pool.apply(Function::Tanh, first);
    let logits = pool.matmul(hidden, weights[1]).unwrap();
    let terms = pool.logsumexp_axis(logits, 1).unwrap();
    let total = pool.sum(terms);
    let mut roots = pool.gradient(total);
    let direction = pool.direction(0);
    roots.extend(pool.hessian_vector(total, &direction));
    let plan = Plan::real(&pool, &roots, &PlanOptions { threads: NonZeroUsize::MIN }).unwrap();
    let (mut memory, theta, mut slopes) = (plan.state(), vec![0.1; pool.dimension()], vec![0.0; plan.outputs()]);
    let complex = Plan::complex(&pool, &roots, &PlanOptions { threads: NonZeroUsize::MIN }).unwrap();
    let (mut complex_memory, complex_theta) = (complex.state(), vec![Complex64::new(0.1, 0.01); pool.dimension()]);
    let mut complex_slopes = vec![Complex64::ZERO; complex.outputs()];
    let mut evaluate = || {
        plan.run(&mut memory, &theta, &[], &[&theta], &mut slopes);
        complex.run_complex(&mut complex_memory, &complex_theta, &[], &[&complex_theta], &mut complex_slopes);
        principal.evaluate(&state, &mut out).unwrap();
        third.evaluate(&state, &mut out).unwrap();
        truncated.evaluate(&state, &mut out).unwrap();
    };
    evaluate();
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..100 {
        evaluate();
    }
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed), before);
}

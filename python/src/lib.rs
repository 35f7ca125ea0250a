//! `shadowflow._core`: the library's functions and values as Python objects.
//!
//! Nothing here is for users: arguments are texts and arrays, results are documents and arrays, and the package around it gives them their shape.

mod claims;
mod equation;
mod error;
mod field;
mod loss;
mod optimizer;
mod results;
mod runs;
mod training;
mod trees;
mod views;
mod work;

use pyo3::prelude::*;

/// The compiled part of `shadowflow`.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    work::begin();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<optimizer::Optimizer>()?;
    module.add_class::<loss::Loss>()?;
    module.add_class::<equation::Equation>()?;
    module.add_class::<equation::LossEquation>()?;
    module.add_class::<field::Field>()?;
    module.add_function(wrap_pyfunction!(optimizer::named_optimizer, module)?)?;
    module.add_function(wrap_pyfunction!(optimizer::toml_optimizer, module)?)?;
    module.add_function(wrap_pyfunction!(loss::parse_loss, module)?)?;
    module.add_function(wrap_pyfunction!(loss::inline_loss, module)?)?;
    module.add_function(wrap_pyfunction!(loss::read_loss, module)?)?;
    module.add_function(wrap_pyfunction!(loss::example_loss, module)?)?;
    module.add_function(wrap_pyfunction!(loss::examples, module)?)?;
    module.add_function(wrap_pyfunction!(loss::undeclared, module)?)?;
    module.add_function(wrap_pyfunction!(equation::derive, module)?)?;
    module.add_function(wrap_pyfunction!(equation::stored_equation, module)?)?;
    module.add_function(wrap_pyfunction!(equation::derive_for, module)?)?;
    module.add_function(wrap_pyfunction!(equation::principal, module)?)?;
    module.add_function(wrap_pyfunction!(field::compile_field, module)?)?;
    module.add_function(wrap_pyfunction!(field::compile_family, module)?)?;
    module.add_function(wrap_pyfunction!(runs::simulate, module)?)?;
    module.add_function(wrap_pyfunction!(results::stored_simulation, module)?)?;
    module.add_function(wrap_pyfunction!(runs::stability, module)?)?;
    module.add_function(wrap_pyfunction!(runs::map, module)?)?;
    module.add_function(wrap_pyfunction!(runs::evaluate, module)?)?;
    module.add_function(wrap_pyfunction!(training::train, module)?)?;
    module.add_class::<trees::Series>()?;
    module.add_function(wrap_pyfunction!(trees::trees, module)?)?;
    module.add_function(wrap_pyfunction!(trees::read_tree, module)?)?;
    module.add_function(wrap_pyfunction!(trees::write_tree, module)?)?;
    module.add_function(wrap_pyfunction!(trees::tableau, module)?)?;
    module.add_function(wrap_pyfunction!(trees::runge_kutta_series, module)?)?;
    module.add_function(wrap_pyfunction!(trees::exact_series, module)?)?;
    module.add_function(wrap_pyfunction!(trees::stored_series, module)?)?;
    module.add_function(wrap_pyfunction!(claims::judge, module)?)?;
    module.add_function(wrap_pyfunction!(claims::judge_file, module)?)?;
    module.add_function(wrap_pyfunction!(claims::verify, module)?)?;
    module.add_function(wrap_pyfunction!(claims::cite, module)?)?;
    Ok(())
}

//! The largest error of every function in units in the last place, as a table.
//!
//! ```text
//! cargo run --release --example function_accuracy -- 100000
//! ```

#[path = "../tests/library/accuracy.rs"]
mod accuracy;

fn main() {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let mut text = String::from("| function | largest error | at |\n|---|---|---|\n");
    for function in accuracy::functions() {
        let worst = accuracy::worst(function, count);
        text += &format!("| `{}` | {:.2} | {:e} |\n", function.name(), worst.units, worst.at.0);
    }
    let worst = accuracy::worst_power(count);
    text += &format!("| `x^y` | {:.2} | {:e}, {:e} |\n", worst.units, worst.at.0, worst.at.1);
    #[allow(clippy::print_stdout, reason = "an example for people to read")]
    {
        print!("{text}");
    }
}

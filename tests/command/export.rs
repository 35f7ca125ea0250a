//! Exported programs: what they look like, what is refused, and what they compute, by the scripts of `tests/export/`.

use crate::program::{refused_with, text, words};
use std::path::{Path, PathBuf};
use std::process::Command;

fn exported(line: &str) -> String {
    text(&[&["export"], &*words(line)].concat())
}

/// A Python with these modules: the one that `SHADOWFLOW_PYTHON` names, the one that `.ci/run` makes, or that on the search path.
fn python(modules: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("SHADOWFLOW_PYTHON").map(PathBuf::from);
    let known = [named, Some(root.join("target/export/bin/python")), Some("python3".into())];
    let has = |python: &PathBuf| {
        Command::new(python).args(["-c", &format!("import {modules}")]).output().is_ok_and(|out| out.status.success())
    };
    known.into_iter().flatten().find(has)
}

/// Runs a script of `tests/export/`, where there is a Python with what it takes.
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "what is skipped is said, and what was counted")]
fn script(name: &str, modules: &str) {
    let Some(python) = python(modules) else {
        eprintln!(
            "tests/export/{name} is left out: there is no Python with {modules}; SHADOWFLOW_PYTHON=PATH names one"
        );
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = Command::new(python)
        .arg(root.join("tests/export").join(name))
        .env("SHADOWFLOW", env!("CARGO_BIN_EXE_shadowflow"))
        .env("JAX_PLATFORMS", "cpu")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    println!("{said}");
    assert!(out.status.success(), "{name}:\n{said}\n{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn jax_for_any_loss() {
    script("jax_any_loss.py", "jax, numpy");
}

#[test]
fn jax_on_eight_devices() {
    script("jax_devices.py", "jax, numpy");
}

#[test]
fn c_and_numpy_of_a_loss() {
    script("formulas.py", "numpy");
}

#[test]
fn text_of_torch_and_julia() {
    script("text.py", "sys");
}

#[test]
fn torch_where_jax_stands_in() {
    script("torch_stand_in.py", "jax, numpy");
}

#[test]
fn torch_where_it_is_installed() {
    script("torch_flows.py", "torch, numpy");
}

/// Common subterms have names, and what the language cannot say has another name.
#[test]
fn formulas_of_a_loss() {
    let numpy = exported("examples/losses/banana.loss --target numpy --flow bea:1");
    assert!(numpy.contains("    s0 = y - x**2\n"), "{numpy}");
    assert!(numpy.contains("PARAMETERS = (\"x\", \"y\")\n"), "{numpy}");
    let c = exported("--loss lambda^2+int^2 --param lambda,int --target c --flow ngf");
    assert!(c.contains("int_ is int of the loss."), "{c}");
    assert!(c.contains("    const double int_ = theta[1];\n"), "{c}");
    let symbols = exported("examples/losses/symbolic.loss --target julia --flow bea:1");
    assert!(symbols.contains("field!(du, u, h, t = nothing; k, c)"), "{symbols}");
    let kinks = text(&["export", "--loss", "abs(x)^3", "--param", "x", "--target", "c", "--flow", "ngf"]);
    assert!(kinks.contains("Warning: "), "{kinks}");
}

/// A network of 650 numbers is written as arrays in JAX and NumPy, and refused elsewhere with a pointer to the other form.
#[test]
fn networks_are_array_code() {
    let numpy = exported("examples/losses/iris.loss --target numpy --flow bea:1");
    assert!(numpy.contains(" @ W1\n") && numpy.contains("DATA_0 = np.array(["), "{numpy}");
    for (line, said) in [
        (
            "examples/losses/iris.loss --target c --flow bea:1",
            &["at most 20000 scalar operations", "without a loss file"],
        ),
        ("examples/losses/digits.loss --target jax --flow bea:1", &["numbers of data", "without a loss file"]),
        ("examples/losses/iris.loss --target jax --flow pf", &["at most 32 parameters", "without a loss file"]),
    ] {
        refused_with(&[&["export"], &*words(line)].concat(), said);
    }
}

/// Each differential once, on a line of its own, with its formula; coefficients are quotients of whole numbers.
#[test]
fn a_line_for_every_differential() {
    let module = exported("--target jax --flow bea:4");
    let lines: Vec<&str> = module.lines().filter(|line| line.starts_with("    t")).collect();
    assert_eq!(lines.len(), 17, "{module}");
    assert_eq!(lines[15], "    t15 = d(t0, t0, t1)  # E4[g, g, H g]");
    assert!(module.contains("        (-3 / 40, t9),\n"), "{module}");
    assert!(module.contains("shadowflow export --target jax --flow bea:4\n"), "{module}");
    assert!(module.lines().all(|line| line.chars().count() <= 120), "{module}");
    let heavy = exported("--target jax --flow bea:1 --method heavy-ball");
    assert!(heavy.contains("    f1 = _sum((-(1 + m) / (2 * (1 - m)**3), t1))\n"), "{heavy}");
    assert!(heavy.contains("def flow(params, h, *batch, m=m):"), "{heavy}");
    let numbers = exported("--target jax --flow bea:1 --method heavy-ball --momentum 9/10");
    assert!(numbers.contains("--method heavy-ball --momentum 9/10\n") && !numbers.contains("m=m"), "{numbers}");
    let principal = exported("--target jax --flow principal:3");
    assert!(!principal.contains("T[g, g]") && principal.contains("f3 = _sum((-1 / 4, t3))"), "{principal}");
}

#[test]
fn what_cannot_be_exported_says_why() {
    let cases: &[(&str, &[&str])] = &[
        ("--target jax --flow rpf", &["--flow: `rpf` cannot be exported", "third derivatives"]),
        ("--target jax --flow p2:1", &["--flow", "simulate follows it"]),
        ("--target jax --flow bea:9", &["--flow", "to 8"]),
        ("--target jax --flow principal:61", &["--flow", "to 60"]),
        ("--target c --flow bea:2", &["--target: c has no gradients of its own", "loss file"]),
        ("--target fortran", &["there is no target `fortran`", "expected jax, torch, numpy, julia or c"]),
        ("--target jax --set k=1", &["--set", "gradient-descent"]),
    ];
    for (line, said) in cases {
        refused_with(&[&["export"], &*words(line)].concat(), said);
    }
}

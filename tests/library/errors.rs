//! Errors of every room as one, and as data.

use shadowflow::claim::{Claim, read_claims};
use shadowflow::loss::{Loss, Options, parse_region};
use shadowflow::optimizer::{BoundOptimizer, Optimizer};
use shadowflow::{Diagnostic, Error};

fn place(diagnostic: &Diagnostic) -> (usize, usize) {
    let place = diagnostic.place.as_ref().unwrap();
    (place.line, place.column)
}

#[test]
fn places_and_help_are_data() {
    let gradient_descent = BoundOptimizer::gradient_descent();
    let error: Error = Loss::parse("param é\nloss x^2 +\n", "a.loss", &Options::default()).unwrap_err().into();
    let all = error.diagnostics();
    assert_eq!(all.iter().map(place).collect::<Vec<_>>(), [(1, 7), (2, 11)]);
    assert!(all.iter().all(|d| !d.message.contains('\n')), "{all:?}");

    let error: Error = Claim::parse("f_1 = η² + H g", &gradient_descent).unwrap_err().into();
    let all = error.diagnostics();
    assert_eq!((error.code(), place(&all[0])), ("claim", (1, 7)));
    assert!(all[0].help.as_deref().is_some_and(|help| help.starts_with("expected")), "{all:?}");

    let error: Error = read_claims("\u{feff}f_0 = -g\nf_1 = ?\n\nf_2 =\n", &gradient_descent).unwrap_err().into();
    let all = error.diagnostics();
    assert_eq!(all.iter().map(place).collect::<Vec<_>>(), [(2, 7), (4, 6)]);
    assert!(error.to_string().starts_with("2:7: ") && error.to_string().lines().count() == 2, "{error}");

    let loss = Loss::parse("param é1\nloss 1", "a.loss", &Options::default());
    assert!(loss.is_err());
    let loss = Loss::parse("param x\nloss x^2", "a.loss", &Options::default()).unwrap();
    let error: Error = parse_region("x=2:1", loss.expression.pool()).unwrap_err().into();
    assert_eq!((place(&error.diagnostics()[0]), error.code()), ((1, 3), "region"));
    assert_eq!(error.diagnostics()[0].help.as_deref(), Some("the lower bound comes first: x=1:2"));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.toml");
    std::fs::write(&file, "name = \"bad\"\na = [[\"0\"]]\nb = [\"1\", \"é\"]\n").unwrap();
    let error: Error = file.to_str().unwrap().parse::<Optimizer>().unwrap_err().into();
    let all = error.diagnostics();
    assert_eq!((error.code(), place(&all[0]).0), ("optimizer", 3));
    assert!(all[0].place.as_ref().unwrap().path.as_deref().is_some_and(|path| path.ends_with("bad.toml")));

    // Without a place: the message, once.
    let error: Error = Optimizer::HeavyBall.bind(&[("n", 1.into())]).unwrap_err().into();
    let [only] = error.diagnostics().try_into().unwrap();
    assert_eq!((only.message, only.place), (error.to_string(), None));
}

/// An error is handed on by value, and clippy warns of large ones in everybody's functions.
#[test]
fn errors_are_small() {
    assert!(size_of::<Error>() < 128, "{}", size_of::<Error>());
}

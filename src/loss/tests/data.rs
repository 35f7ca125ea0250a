//! Data statements and starts: what they give, and every fault with its place.

use super::*;
use crate::loss::npy::tests::file as npy;
use std::path::Path;

const TABLE: &str = "a,b,c\n1,2,3\n4,5,6.5\n7,8,-9e-1\n";

/// A folder with files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn options(folder: &Path) -> Options {
    Options { folder: Some(folder.to_owned()), ..Options::default() }
}

fn read(source: &str, folder: &Path) -> Result<Loss, Vec<String>> {
    Loss::parse(source, "t.loss", &options(folder)).map_err(|found| {
        let one = |error: &LossError| {
            let (line, column) = found.position(error.span.start);
            let kind = error.kind.to_string().replace(&format!("{}/", folder.display()), "");
            format!("{line}:{column} {kind}")
        };
        found.errors.iter().map(one).collect()
    })
}

/// The data of a loss in order: name, shape, numbers.
fn data(loss: &Loss) -> Vec<(String, String, Vec<f64>)> {
    let all = loss.expression.pool().data().iter();
    all.map(|d| (d.name().to_owned(), d.shape().to_string(), d.values().to_vec())).collect()
}

#[test]
fn selections_are_numpys() {
    let doubles: Vec<u8> = [1.0_f64, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let folder = folder(&[
        ("t.csv", TABLE.as_bytes()),
        ("m.npy", &npy("<f8", "(2, 3)", "False", &doubles)),
        ("f.npy", &npy("<f8", "(2, 3)", "True", &doubles)),
        ("v.NPY", &npy("<f8", "(6,)", "False", &doubles)),
        ("s.npy", &npy("<f8", "()", "False", &doubles[..8])),
    ]);
    for (text, shape, numbers) in [
        ("csv(\"t.csv\")[0..2, 0..2]", "[2, 2]", vec![1.0, 2.0, 4.0, 5.0]),
        ("csv(\"t.csv\")[..2, 1..]", "[2, 2]", vec![2.0, 3.0, 5.0, 6.5]),
        ("csv(\"t.csv\")[.., 2]", "[3]", vec![3.0, 6.5, -0.9]),
        ("csv(\"t.csv\")[n, ..]", "[3]", vec![4.0, 5.0, 6.5]),
        ("csv(\"t.csv\")[2*n, 0]", "scalar", vec![7.0]),
        ("csv(\"t.csv\")[2..3]", "[1, 3]", vec![7.0, 8.0, -0.9]),
        ("csv(\"t.csv\")[1..2, 1..2]", "[1, 1]", vec![5.0]),
        ("csv(\"t.csv\")", "[3, 3]", vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.5, 7.0, 8.0, -0.9]),
        ("csv(\"m.npy\")[0..1, 1..3]", "[1, 2]", vec![2.0, 3.0]),
        ("csv(\"m.npy\")[.., 0]", "[2]", vec![1.0, 4.0]),
        ("csv(\"f.npy\")", "[2, 3]", vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0]),
        ("csv(\"v.NPY\")[2..4]", "[2]", vec![3.0, 4.0]),
        ("csv(\"v.NPY\")[5]", "scalar", vec![6.0]),
        ("csv(\"s.npy\")", "scalar", vec![1.0]),
    ] {
        let loss = read(&format!("param x\nconst n = 1\ndata X = {text}\nloss x\n"), folder.path());
        let loss = loss.unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(data(&loss), [("X".to_owned(), shape.to_owned(), numbers)], "{text}");
    }
    let two = "data X = csv(\"t.csv\")[0..2, 0..2],\n".trim_end().to_owned()
        + " y = csv(\"t.csv\")[0..2, 2]\nparam x\nloss x";
    assert_eq!(data(&read(&two, folder.path()).unwrap()).len(), 2);
}

#[test]
fn faults_are_at_the_statement_and_in_the_file() {
    let folder = folder(&[
        ("t.csv", TABLE.as_bytes()),
        ("word.csv", b"1,2\n3,x\n"),
        ("nan.csv", b"nan,2\n3,4\n"),
        ("huge.csv", b"1,2\n3,1e999\n"),
        ("ragged.csv", b"1,2,3\n4,5\n"),
        ("empty.csv", b""),
        ("header.csv", b"a,b\n"),
        ("binary.csv", b"\x7fELF\x02\x01\x01\0\0\0"),
        ("latin.csv", b"1,2\n\xe9,3\n"),
        ("nan.npy", &npy("<f8", "(1, 2)", "False", &[[0; 8], f64::NAN.to_le_bytes()].concat())),
        ("short.npy", &npy("<f8", "(2,)", "False", &[0; 12])),
        ("cube.npy", &npy("<f8", "(1, 1, 1)", "False", &[0; 8])),
        ("bool.npy", &npy("|b1", "(1,)", "False", &[0])),
        ("text.npy", b"1,2\n"),
    ]);
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let from_zero = "counted from 0";
    for (text, expected) in [
        (
            "csv(\"word.csv\")",
            "2:10 word.csv:2:3: the field `x` is not a finite decimal number (row 1, column 1, counted from 0)",
        ),
        (
            "csv(\"nan.csv\")",
            "2:10 nan.csv:1:1: the field `nan` is not a finite decimal number (row 0, column 0, counted from 0)",
        ),
        (
            "csv(\"huge.csv\")",
            "2:10 huge.csv:2:3: `1e999` is beyond the largest double, about 1.8e308 (row 1, column 1, counted from 0)",
        ),
        (
            "csv(\"ragged.csv\")[0..1, 0]",
            "2:10 ragged.csv:2:4: 2 fields, where line 1 has 3: all lines have one number of fields",
        ),
        ("csv(\"empty.csv\")", "2:10 empty.csv:1:1: the file is empty; expected lines of numbers with commas between"),
        ("csv(\"header.csv\")", "2:10 header.csv: the file has a header and no rows below it"),
        ("csv(\"binary.csv\")", "2:10 binary.csv:1:8: a byte 0, which is in no text"),
        ("csv(\"latin.csv\")", "2:10 latin.csv:2:1: byte 0xe9 is not UTF-8 text; save the file as UTF-8"),
        ("csv(\"none.csv\")", "2:10 none.csv: there is no such file"),
        ("csv(\"binnary.csv\")", "2:10 binnary.csv: there is no such file; did you mean `binary.csv`?"),
        ("csv(\"no.csv\")", "2:10 no.csv: there is no such file"),
        ("csv(\"folder\")", "2:10 folder: it is a folder, not a file"),
        ("csv(\"../t.csv\")", "2:10 ../t.csv: `..` leads out of the folder that data are read from"),
        (
            "csv(\"t.csv\")[0..4, 0..2]",
            "2:23 t.csv: rows 0..4 are not all in the file: the file has 3 rows, counted from 0",
        ),
        (
            "csv(\"t.csv\")[0..3, 0..4]",
            "2:29 t.csv: columns 0..4 are not all in the file: the file has 3 columns, counted from 0",
        ),
        ("csv(\"t.csv\")[0..3, 3]", "2:29 t.csv: column 3 is not in the file: the file has 3 columns, counted from 0"),
        ("csv(\"t.csv\")[-1, 3]", "2:23 t.csv: row -1 is not in the file: the file has 3 rows, counted from 0"),
        (
            "csv(\"t.csv\")[-1.., 1]",
            "2:23 t.csv: rows -1.. are not all in the file: the file has 3 rows, counted from 0",
        ),
        ("csv(\"t.csv\")[2..2, 1]", "2:23 t.csv: rows 2..2 are none: a range includes its start and excludes its end"),
        ("csv(\"t.csv\")[2..1, 1]", "2:23 t.csv: rows 2..1 are none: a range includes its start and excludes its end"),
        ("csv(\"t.csv\")[10^30, 1]", "2:23 t.csv: the row is beyond all files: the file has 3 rows, counted from 0"),
        ("csv(\"t.csv\")[0, 0, 0]", "2:22 t.csv: 3 selections, but a file has rows and columns"),
        ("csv(\"t.csv\")[1/2, 0]", "2:23 a row or column must be a constant integer, not 1/2"),
        (
            "csv(\"t.csv\")[x, 0]",
            "2:23 a row or column must be a constant integer, not an expression in the parameters",
        ),
        (
            "csv(\"nan.npy\")",
            "2:10 nan.npy: the entry at row 0, column 1, counted from 0 is NaN, and data are finite numbers",
        ),
        (
            "csv(\"cube.npy\")",
            "2:10 cube.npy: the array has the shape (1, 1, 1), which are 3 axes; data have rows and columns",
        ),
        ("csv(\"bool.npy\")", "2:10 bool.npy: the entries are of the type |b1; expected float64, float32 or integers"),
    ] {
        let found = read(&format!("param x\ndata X = {text}\nloss x\n"), folder.path()).unwrap_err();
        assert_eq!(found, [expected], "{text}");
        assert!(expected.len() > from_zero.len());
    }
    for (text, expected) in [("short.npy", "12 bytes follow"), ("text.npy", "this is no NumPy array")] {
        let found = read(&format!("param x\ndata X = csv(\"{text}\")\nloss x\n"), folder.path()).unwrap_err();
        assert!(found[0].starts_with(&format!("2:10 {text}: ")) && found[0].contains(expected), "{found:?}");
    }
    // A name whose data are wrong is no further error, and a faulty field outside of what is taken is none.
    let found = read("param x\ndata X = csv(\"word.csv\")\nloss x + sum(X)\n", folder.path()).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(read("param x\ndata X = csv(\"word.csv\")[.., 0]\nloss x\n", folder.path()).is_ok());
}

#[test]
fn limits_of_data() {
    let folder = folder(&[("t.csv", TABLE.as_bytes())]);
    let source = "param x\ndata X = csv(\"t.csv\")\nloss x";
    let limited = Options { max_data: 8, ..options(folder.path()) };
    let found = Loss::parse(source, "t.loss", &limited).unwrap_err().to_string();
    assert!(found.contains("9 numbers are beyond the limit of 8 for data"), "{found}");
    let limited = Options { max_data_bytes: 8, ..options(folder.path()) };
    let found = Loss::parse(source, "t.loss", &limited).unwrap_err().to_string();
    assert!(found.contains("longer than the limit of 8 bytes"), "{found}");
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere_else() {
    let folder = folder(&[("t.csv", TABLE.as_bytes())]);
    let inner = folder.path().join("in");
    std::fs::create_dir(&inner).unwrap();
    std::os::unix::fs::symlink("../t.csv", inner.join("link.csv")).unwrap();
    std::fs::write(inner.join("a.loss"), "param x\ndata X = csv(\"link.csv\")\nloss x\n").unwrap();
    let found = Loss::read(inner.join("a.loss"), &Options::default()).unwrap_err();
    let text = found.to_string();
    assert!(
        text.contains("a symbolic link leads out of the folder") && text.contains("`Options::allow_path`"),
        "{text}"
    );
    let anywhere = Options { allow_path: true, ..Options::default() };
    assert!(Loss::read(inner.join("a.loss"), &anywhere).is_ok());
}

#[test]
fn test_data_take_the_place_of_data() {
    let folder = folder(&[("t.csv", TABLE.as_bytes())]);
    let source = "data X = csv(\"t.csv\")[0..2, 0..2], y = csv(\"t.csv\")[0..2, 2]\n\
                  test X = csv(\"t.csv\")[2..3, 0..2], y = csv(\"t.csv\")[2..3, 2]\n\
                  param b = 1\nloss mean(y)*b + sum(X)\n";
    let loss = read(source, folder.path()).unwrap();
    assert_eq!(loss.test_data.iter().map(Data::name).collect::<Vec<_>>(), ["X", "y"]);
    let at = |expression: &Expression| {
        let tape = crate::expr::Tape::new(expression.pool(), &[expression.id()]);
        let mut floats = crate::expr::testing::Floats;
        tape.evaluate(&mut floats, |_, _| 2.0)[0]
    };
    assert_eq!(at(&loss.expression), 4.75 * 2.0 + 12.0);
    assert_eq!(at(loss.test.as_ref().unwrap()), -0.9 * 2.0 + 15.0);
    let data = "data X = csv(\"t.csv\")[0..2, 0..2], y = csv(\"t.csv\")[0..2, 2]\nparam b\n";
    for (test, expected) in [
        ("test X = csv(\"t.csv\")[.., 0]", "3:22 `X` has the shape [2, 2], and what is given for it here [3]"),
        ("test X = csv(\"t.csv\")", "3:10 `X` has the shape [2, 2], and what is given for it here [3, 3]"),
        (
            "test X = csv(\"t.csv\")[.., 0..2], y = csv(\"t.csv\")[0..2, 0]",
            "3:50 `y` has the shape [2], and what is given for it here [2]",
        ),
        ("test Z = csv(\"t.csv\")", "3:6 `Z` is not declared"),
        ("test b = csv(\"t.csv\")", "3:6 `b` is a parameter, and `test` gives other data for the names of data"),
        ("test X = csv(\"t.csv\")[.., 0..2], X = csv(\"t.csv\")[.., 0..2]", "3:34 `X` is declared twice"),
        ("test X = csv(\"t.csv\")[5, 5]", "3:23 t.csv: row 5 is not in the file: the file has 3 rows, counted from 0"),
    ] {
        let found = read(&format!("{data}{test}\nloss b + sum(X)\n"), folder.path()).unwrap_err();
        assert_eq!(found, [expected], "{test}");
    }
    // What stays as it is may not fit: seen where the loss is made of the data for testing.
    let source = "data u = csv(\"t.csv\")[0..2, 0], y = csv(\"t.csv\")[0..2, 2]\nparam b\n\
                  test u = csv(\"t.csv\")[.., 0]\nloss b*sum(u + y)";
    let found = Loss::parse(source, "t.loss", &options(folder.path())).unwrap_err().to_string();
    assert!(found.contains("t.loss:4:12 ") && found.contains("on the data that `test` gives"), "{found}");
    // A single row, which is repeated to any length, too: beside other data and beside parameters.
    for (test, loss, expected) in [
        ("u = csv(\"t.csv\")[0..1, 0]", "b*sum(u - y)", "[2] and [3]"),
        ("u = csv(\"t.csv\")[0..1, 0], y = csv(\"t.csv\")[0..1, 0]", "b*sum(u - y + s)", "[2] and [3]"),
        ("u = csv(\"t.csv\")[0..1, 0], y = csv(\"t.csv\")[0..1, 0]", "b*sum(u - y)", ""),
    ] {
        let source = format!(
            "data u = csv(\"t.csv\")[.., 0], y = csv(\"t.csv\")[.., 2]\nparam b, s[3]\ntest {test}\nloss {loss} + sum(s)"
        );
        let found =
            Loss::parse(&source, "t.loss", &options(folder.path())).err().map_or(String::new(), |e| e.to_string());
        assert!(found.contains(expected) && found.is_empty() == expected.is_empty(), "{found}");
        assert!(found.is_empty() || found.contains("must come from `test` too"), "{found}");
    }
}

#[test]
fn test_data_are_standardised_as_the_training_data_are() {
    let folder = folder(&[("t.csv", b"0,10\n2,30\n5,20\n")]);
    let source = "data X = csv(\"t.csv\")[0..2]\ntest X = csv(\"t.csv\")[2..3]\ndef f(x) = standardise(x)\n\
                  param b\nloss b*sum(f(X), 0)[0] + b^2*sum(standardise(X)[.., 1])";
    let source = source.replace("standardise(X)[.., 1]", "standardise(X) @ [0, 1]");
    let loss = read(&source, folder.path()).unwrap();
    let at = |expression: &Expression| {
        let tape = crate::expr::Tape::new(expression.pool(), &[expression.id()]);
        tape.evaluate(&mut crate::expr::testing::Floats, |_, _| 3.0)[0]
    };
    // Means 1 and 20, deviations 1 and 10 of the first two rows.
    assert_eq!(at(&loss.expression), 0.0);
    assert_eq!(at(loss.test.as_ref().unwrap()), 3.0 * 4.0 + 9.0 * 0.0);
}

/// From `tests/shared/random_starts.py`, which follows the words of `docs/language.md`.
#[test]
fn drawn_starts_are_the_documented_ones() {
    let start = |source: &str, seed: u64| -> Vec<f64> {
        let options = Options { seed, ..Options::default() };
        let loss = Loss::parse(&format!("{source}\nloss 1"), "t.loss", &options).unwrap();
        loss.initial_values().into_iter().flatten().collect()
    };
    for (text, seed, expected) in include!("starts.in") {
        let found = start(text, seed);
        assert_eq!(found.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), expected, "{text} {seed}");
    }
    // A parameter more changes none of the others.
    let (alone, beside) = (start("param W[2, 3] = glorot", 0), start("param V[4, 4] = glorot, W[2, 3] = glorot", 0));
    assert_eq!(alone[..], beside[16..]);
    assert_eq!(start("param x = uniform(3, 3), y = normal(0)", 1), [3.0, 0.0]);
}

#[test]
fn starts_and_their_faults() {
    let folder = folder(&[
        ("w.csv", b"1,2\n3,4\n"),
        ("row.csv", b"1,2,3\n"),
        ("column.csv", b"a\n1\n2\n3\n"),
        ("one.csv", b"0.1"),
    ]);
    let starts = |text: &str| {
        let loss = read(&format!("param {text}\nloss 1"), folder.path()).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        loss.initial_values()
    };
    let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
    assert_eq!(starts("W[2, 2] = csv(\"w.csv\")"), some(&[1.0, 2.0, 3.0, 4.0]));
    assert_eq!(starts("w[3] = csv(\"row.csv\")"), some(&[1.0, 2.0, 3.0]));
    assert_eq!(starts("w[3] = csv(\"column.csv\")"), some(&[1.0, 2.0, 3.0]));
    assert_eq!(starts("W[1, 3] = csv(\"row.csv\")"), some(&[1.0, 2.0, 3.0]));
    assert_eq!(
        starts("x = csv(\"one.csv\"), W[2, 1] = pi, y"),
        [Some(0.1), Some(std::f64::consts::PI), Some(std::f64::consts::PI), None]
    );
    for (text, expected) in [
        (
            "W[3, 1] = csv(\"row.csv\")",
            "1:17 `W` has the shape [3, 1] and this starts it with numbers of the shape [1, 3]",
        ),
        ("w[2] = csv(\"w.csv\")", "1:14 `w` has the shape [2] and this starts it with numbers of the shape [2, 2]"),
        ("x = csv(\"no.csv\")", "1:11 no.csv: there is no such file"),
        ("w[2] = glorot", "1:14 `glorot` draws matrices, [m, n], and `w` has the shape [2]"),
        ("x = glorot", "1:11 `glorot` draws matrices, [m, n], and `x` has the shape scalar"),
        ("x = normal(-1)", "1:18 the deviation of normal(s) is 0 or above, not -1"),
        (
            "x, y = normal(x)",
            "1:21 the deviation of normal(s) must be a constant number, not an expression in the parameters",
        ),
        ("x = normal([1, 2])", "1:18 the deviation of normal(s) must be a constant number, not an array"),
        (
            "w[9] = normal(1.7e308)",
            "1:14 normal(170000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000) leads beyond the largest double",
        ),
        ("x = uniform(2, 1)", "1:11 uniform(2, 1): the lower bound stands first"),
        ("x = uniform(-10^308, 10^308)", "1:11 uniform"),
        (
            "x = normal(10^400)",
            "1:18 the deviation of normal(s) must be a constant number, not one that no double is near",
        ),
        ("W[2, 2, 2]", "1:8 an array has one axis or two, not 3"),
        ("W[0, 2]", "1:9 an array needs between 1 and 134217728 entries (the limit), not 0"),
        ("W[10000, 10000]", "1:7 more than 33554432 entries of parameters (the limit)"),
    ] {
        let found = read(&format!("param {text}\nloss 1"), folder.path()).unwrap_err();
        assert!(found.len() == 1 && found[0].starts_with(expected), "{text}: {found:?}");
    }
}

#[test]
fn files_where_there_can_be_none() {
    for (source, help) in [
        ("param w = csv(\"t.csv\")[1]\nloss w", "write those that it takes to a file of their own"),
        ("param w\nlet q = csv(\"t.csv\")\nloss w", "files are read by statements of their own"),
        ("param w\nconst q = csv(\"t.csv\")\nloss w", "files are read by statements of their own"),
        ("param w\nloss w*sum(csv(\"t.csv\"))", "files are read by statements of their own"),
        ("param w\ndata X = csv(\"t.csv\")[]\nloss w", "leave the brackets out for all"),
        ("param w[3] = normal(0, 1)\nloss norm2(w)", "the deviation s as its only argument"),
        ("param w[3] = normal\nloss norm2(w)", "write normal(s)"),
        ("param w[3] = uniform(1)\nloss norm2(w)", "with both bounds"),
    ] {
        let found = Loss::parse(source, "t.loss", &Options::default()).unwrap_err().to_string();
        assert!(found.contains(help), "{source}: {found}");
    }
}

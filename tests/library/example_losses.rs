//! Every example loss parses, and the statements in the language's reference do.

use shadowflow::loss::{Loss, Options};

#[test]
fn examples_parse() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/losses");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of examples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "loss") {
            let loss = Loss::read(&path, &Options::default()).unwrap_or_else(|errors| panic!("{errors}"));
            assert!(loss.expression.pool().dimension() > 0);
            count += 1;
        }
    }
    assert!(count >= 11, "{count}");
}

#[test]
fn examples_with_data_parse() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/losses");
    for (name, parameters, rows, tested) in
        [("iris", 83, 150, None), ("breast_cancer", 62, 400, Some(169)), ("digits", 1210, 1000, Some(797))]
    {
        let loss = Loss::read(format!("{folder}/{name}.loss"), &Options::default());
        let loss = loss.unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(loss.expression.pool().dimension(), parameters);
        assert!(loss.initial_values().iter().all(Option::is_some), "{name}");
        assert_eq!(loss.expression.pool().data()[0].shape().axes()[0], rows, "{name}");
        assert_eq!(loss.test_data.first().map(|data| data.shape().axes()[0]), tested, "{name}");
        assert_eq!(loss.test.is_some(), tested.is_some(), "{name}");
    }
}

#[test]
fn the_reference_parses() {
    let page = include_str!("../../docs/language.md");
    let mut statements = String::from("param x, y\n");
    let table = page.split("## Statements").nth(1).and_then(|s| s.split("## Expressions").next()).expect("a table");
    for row in table.lines().filter(|l| l.starts_with("| ")) {
        let example = row.split('|').nth(2).unwrap_or_default().trim().trim_matches('`');
        let word = example.split(' ').next().unwrap_or_default();
        if ["const", "let", "def", "loss"].contains(&word) {
            statements.push_str(example);
            statements.push('\n');
        }
    }
    Loss::parse(&statements, "docs/language.md", &Options::default()).unwrap_or_else(|errors| panic!("{errors}"));

    // Every example of an expression, but those of the first column's names.
    let table = page.split("## Expressions").nth(1).and_then(|s| s.split("## Functions").next()).expect("a table");
    let mut tried = 0;
    for row in table.lines().filter(|l| l.starts_with("| ") && !l.starts_with("| construct")) {
        let examples = row.split('|').nth(2).unwrap_or_default();
        for example in examples.split('`').skip(1).step_by(2) {
            let source =
                format!("param x, y, w[4], v[4], W[4, 4], U[4, 4]\nconst m\nconst i = 1\nloss sum({example})\n");
            Loss::parse(&source, "docs/language.md", &Options::default()).unwrap_or_else(|errors| panic!("{errors}"));
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried}");
}

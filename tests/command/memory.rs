//! What is promised in `docs/limits.md`: where memory ends, and that sums leave nothing behind.

use crate::program::{BANANA, at, document, folder, names, refused, text, words};

#[test]
fn memory_ends_in_a_sentence() {
    let wide = folder(&[("wide.loss", "param w[10000] = 1/2\nloss w[0]^2\n"), ("old.html", "old")]);
    let (wide_loss, page) = (at(&wide, "wide.loss"), at(&wide, "old.html"));
    let cases: Vec<Vec<&str>> = vec![
        vec!["derive", "--order", "12", "--method", "implicit-euler", "--max-memory", "4MB"],
        vec!["check", "--order", "9", "--max-memory", "3MiB"],
        vec!["verify", "examples/proofs/order-3.json", "--max-memory", "300kB"],
        vec!["stability", &wide_loss, "--h", "1/10", "--max-memory", "1GB"],
        [&["map", &wide_loss][..], &words("--h 1/10 --grid w[0]=0:1:3,w[1]=0:1:3 --show stability --max-memory 1GB")]
            .concat(),
        vec!["map", BANANA, "--h", "1/1000", "--grid", "x=-2:2:2000,y=-1:3:2000", "--max-memory", "20MB"],
    ];
    for arguments in cases {
        let message = refused(&arguments);
        assert!(message.contains("--max-memory") && message.contains("memory"), "{arguments:?}: {message}");
    }
    assert_eq!(std::fs::read_to_string(&page).unwrap(), "old");
    // A report says what it lacks.
    let report = text(&["report", &wide_loss, "--output", &page, "--order", "1", "--max-memory", "1GB"]);
    assert!(std::fs::read_to_string(&page).unwrap().contains("--max-memory"), "{report}");
    assert_eq!(names(wide.path()), ["old.html", "wide.loss"]);
    // Two of the flows need a gradient only; the others say what they would need.
    let line = words("--h 1/10 --steps 1 --flows ngf,pf --max-memory 1GB");
    let run = document(&[&["simulate", &wide_loss][..], &line].concat());
    assert_eq!(run["iterates"][1][0], serde_json::json!(0.4));
    assert!(run["flows"]["ngf"]["error"][1].is_f64() && run["flows"]["pf"]["trajectory"][1].is_null());
    let message = run["warnings"][0]["message"].as_str().unwrap();
    assert!(message.contains("10000 by 10000") && message.contains("--max-memory"), "{message}");
    // What the loss does not use costs nothing.
    let derived = document(&["derive", &wide_loss, "--order", "1", "--max-memory", "200MB"]);
    assert_eq!(derived["orders"][1]["components"][0], "-2*w[0]");
    for size in ["1GBs", "-1", "0", "lots"] {
        assert!(refused(&["derive", &format!("--max-memory={size}")]).contains("2GiB"), "{size}");
    }
}

#[test]
fn sums_of_multiples_leave_nothing_behind() {
    let place = folder(&[
        ("linear.loss", "param x\nloss sum(i in 0..10^6, i*x)\n"),
        (
            "affine.loss",
            "param x, y\ndef f(i, t) = i*t\nloss sum(i in 0..300, sum(j in 0..300, f(i, x)*f(j, y)) + i*x^2 + 1)\n",
        ),
        ("mixed.loss", "param x, y\nloss sum(i in 0..4, i*x + i^2*y - sum(j in 0..i, x*y)/2 + 1/(i+1))\n"),
    ]);
    // Σ i = 499999500000.
    let linear = document(&["derive", &at(&place, "linear.loss"), "--order", "0", "--max-memory", "50MB"]);
    assert_eq!(linear["orders"][0]["components"], serde_json::json!(["-499999500000"]));
    // (Σ i)² = 44850², of xy; Σ i = 44850, of x².
    let affine = document(&["derive", &at(&place, "affine.loss"), "--order", "0", "--max-memory", "50MB"]);
    assert_eq!(affine["orders"][0]["components"][1], "-2011522500*x");
    // Σ i x + Σ i² y − 6 xy/2: the gradient is (6 − 3y, 14 − 3x).
    let mixed = document(&["eval", &at(&place, "mixed.loss"), "--at", "x=1,y=2", "--order", "0"]);
    assert_eq!(mixed["orders"][0]["value"], serde_json::json!([0.0, -11.0]));
}

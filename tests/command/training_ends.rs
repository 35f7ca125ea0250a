//! What rows of a record miss and why, and how a training run ends in the middle of a step.

use crate::program::{at, folder, message, process};
use serde_json::Value;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

fn train(line: &str) -> Output {
    process(&[&["train"], line.split_whitespace().collect::<Vec<_>>().as_slice()].concat()).output().unwrap()
}

/// The rows of a run that ends well, and what it says.
fn rows(line: &str) -> (Vec<Value>, String) {
    let output = train(&format!("{line} --format jsonl"));
    assert!(output.status.success(), "{line}: {}", message(&output));
    let rows = String::from_utf8(output.stdout.clone()).unwrap();
    (rows.lines().map(|l| serde_json::from_str(l).unwrap()).collect(), message(&output))
}

fn codes(row: &Value) -> Vec<&str> {
    row["warnings"].as_array().map_or_else(Vec::new, |list| list.iter().map(|c| c.as_str().unwrap()).collect())
}

/// A loss without a value is missing with a reason, in every row and once at the end; CSV has the same codes.
#[test]
fn what_is_missing_says_why() {
    let line = "--loss log(x) --param x=0.1 --optimizer gd --h 1 --steps 3 --record loss,drift";
    let (found, said) = rows(line);
    assert!(found[0]["loss"].is_number() && found[1]["loss"].is_null());
    assert!(found[1..].iter().all(|row| codes(row) == ["not-finite"]), "{found:?}");
    assert_eq!(said.matches("warning [not-finite]").count(), 1, "{said}");
    assert!(said.contains("(from step 1): 3 rows: ") && said.contains("log(x) below 0"), "{said}");
    let csv = String::from_utf8(train(line).stdout).unwrap();
    assert_eq!(csv.lines().filter(|l| l.ends_with("not-finite")).count(), 3, "{csv}");
}

/// Where the gradient vanishes there is no ĝ, and at hλ = 1 no stability coefficient.
#[test]
fn ratios_and_branch_points_say_why() {
    let (found, _) = rows("--loss x^2 --param x=0 --optimizer gd --h 0.1 --steps 1 --record loss,hghat_norm");
    assert!(found.iter().all(|row| row["hghat_norm"].is_null() && codes(row) == ["not-finite"]), "{found:?}");
    let (found, said) = rows("--loss x^2 --param x=1 --optimizer gd --h 0.5 --steps 1 --record stability_coefficients");
    assert!(codes(&found[0]) == ["branch-point"] && said.contains("where the field is infinite"), "{found:?} {said}");
}

/// Why a branch does not fit, each reason once.
#[test]
fn branches_that_do_not_fit_say_why() {
    let (found, said) = rows(
        "--loss x^4 --param x=0.1 --optimizer gd --h 1 --steps 3 --record loss --branches p2:1,exact,flip:3,pf --branch-at 0,1 --branch-steps 1",
    );
    for branch in ["exact", "flip:3"] {
        assert!(found.iter().filter(|row| row["branch"] == branch).all(|row| codes(row) == ["unsuitable"]));
    }
    for words in ["step 0 has none before it", "needs a quadratic", "no eigendirection 3 among 1"] {
        assert_eq!(said.matches(words).count(), 1, "{words}: {said}");
    }
    let (found, said) = rows(
        "--loss x^2+y^2 --param x=1,y=1 --optimizer dal-per-parameter --h-max 1 --steps 2 --record loss --branches pf --branch-at 0",
    );
    assert!(found.iter().any(|row| row["branch"] == "pf" && codes(row) == ["unsuitable"]), "{found:?}");
    assert!(said.contains("a step size for each parameter"), "{said}");
    let (_, said) = rows("--loss x^4 --param x=0.1 --optimizer gd --h 1 --steps 1 --record error --flows rpf2");
    assert!(said.contains("every-second-step") && said.contains("the flow of two steps"), "{said}");
}

/// Eigenvalues that agree are no news where nothing is recorded along their directions.
#[test]
fn equal_eigenvalues_matter_along_directions_only() {
    let line =
        "--loss x^2/2+y^2/2+2*z^2 --param x=1,y=2,z=1 --optimizer gd --h 0.1 --steps 2 --eigenvalues all --record";
    let (found, said) = rows(&format!("{line} lambda,theta_along_0,predicted_gradient_along_0"));
    assert!(found.iter().all(|row| row["warnings"].is_null()) && !said.contains("equal-eigenvalues"), "{said}");
    let (found, said) = rows(&format!("{line} gradient_along"));
    assert!(found.iter().all(|row| codes(row) == ["equal-eigenvalues"] && row["gradient_along"][1].is_null()));
    assert!(said.matches("equal-eigenvalues").count() == 1 && said.contains("3 rows"), "{said}");
}

/// A batch may be one row, of data with one row too, and a parameter with an entry for each row is no loss on one of them.
#[test]
fn batches_of_one_row() {
    let files = [
        ("one.csv", "1,2,3\n"),
        (
            "one.loss",
            "data X = csv(\"one.csv\")[.., 0..2], y = csv(\"one.csv\")[.., 2]\nparam w[2] = normal(1)\nloss mean((X @ w - y)^2)\n",
        ),
        ("each.loss", "let X = [1, 2, 3]\nparam w[3] = normal(1)\nloss mean((w*X - 1)^2)\n"),
    ];
    let folder = folder(&files);
    let line = |name: &str| {
        format!("{} --optimizer sgd --batch 1 --h 0.01 --steps 2 --record loss,batch_loss", at(&folder, name))
    };
    let (found, _) = rows(&line("one.loss"));
    assert!(found.len() == 3 && found.iter().all(|row| row["loss"].is_number() && row["loss"] == row["batch_loss"]));
    let refused = train(&line("each.loss"));
    assert_eq!(refused.status.code(), Some(2));
    assert!(message(&refused).contains("a parameter with an entry for each row"), "{}", message(&refused));
}

/// An interrupt in the middle of a row leaves the record as it was before, and what goes on from there ends with the same bytes.
#[test]
#[cfg(unix)]
fn interrupts_end_in_the_middle_of_a_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // So stiff that every row uses all steps of the integrator.
    let line = "train --loss 200000*x^2 --param x=1 --optimizer gd --h 1 --steps 2 --record loss,drift --max-steps 60000 --quiet";
    let words: Vec<&str> = line.split(' ').collect();
    let whole = path("whole.csv");
    let begin = Instant::now();
    assert!(process(&[&words, &["--output", &whole][..]].concat()).status().unwrap().success());
    let time = begin.elapsed();
    let broken = path("broken.csv");
    let output = process(&[&words, &["--output", &broken][..]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map(|mut child| {
            while !folder.path().join("broken.csv.checkpoint").exists() {
                assert!(child.try_wait().unwrap().is_none());
                std::thread::sleep(Duration::from_millis(2));
            }
            std::thread::sleep(time / 10);
            let id = child.id().to_string();
            assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
            child.wait_with_output().unwrap()
        })
        .unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", message(&output));
    let said = message(&output);
    assert!(said.contains("interrupted after step") && said.contains("--resume"), "{said}");
    let rows = std::fs::read_to_string(&broken).unwrap();
    assert!(rows.lines().count() < 4 && !rows.contains("interrupted"), "{rows}");
    assert!(process(&["train", "--resume", &broken]).status().unwrap().success());
    let [whole, broken] = [whole, broken].map(|name| std::fs::read(name).unwrap());
    assert!(whole == broken && String::from_utf8_lossy(&whole).contains("step-limit"));
    // The end of the time is such an end, too, and so is that of one row, which goes on.
    let short = path("short.csv");
    let words = line
        .replace("--quiet", "--max-steps 100000000")
        .replace("--max-steps 60000 ", "")
        .replace("200000*", "50000000*");
    let words: Vec<&str> = words.split(' ').collect();
    let ended = process(&[&words, &["--max-seconds", "0.3", "--output", &short][..]].concat()).output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(message(&ended).contains("after step 0; go on with --resume"), "{}", message(&ended));
    let row = process(&[&words, &["--flow-seconds", "0.1"][..]].concat()).output().unwrap();
    assert!(row.status.success() && String::from_utf8_lossy(&row.stdout).matches("time-limit").count() == 2);
}

/// A flow whose steps will not do ends soon and says so; and what flows take is measured and said before it is done.
#[test]
fn slow_flows_are_foreseen() {
    let line = "--loss 50000000*x^2 --param x=1 --h 1 --steps 1 --record drift";
    let (found, said) = rows(line);
    assert!(codes(&found[0]) == ["step-limit"] && said.contains("after 200 integration steps"), "{said}");
    let line = "--loss x^2*(1+y^2)+y^2 --param x=1,y=1 --h 0.1 --steps 20 --flows ngf,pf --flows-every 10 --branches igr --branch-at 3 --branch-steps 4";
    let plan = train(&format!("{line} --explain-plan"));
    let plan = String::from_utf8(plan.stdout).unwrap();
    for (name, times) in [("flow ngf", "2"), ("flow pf", "2"), ("branch igr", "4")] {
        let row = plan.lines().find(|l| l.starts_with(name) && l.contains('%') && l.split_whitespace().count() == 6);
        assert!(row.is_some_and(|row| row.split_whitespace().nth(4) == Some(times)), "{name}: {plan}");
    }
}

/// Beyond the branch point of a root a Hessian is no number, and what took no time has its value in a row whose time was up.
#[test]
fn what_is_no_number_and_what_takes_no_time() {
    let (found, _) = rows("--loss sqrt(x) --param x=1 --h 0.7 --steps 10 --record loss,lambda");
    let last = found.last().unwrap();
    assert!(last["loss"].is_null() && last["lambda"].as_array().is_none_or(|l| l.iter().all(Value::is_null)), "{last}");
    let (found, _) = rows(
        "--loss (x*y-1)^2 --param x=3,y=0.2 --h 0.05 --steps 1 --flows pf --flow-seconds 0.000001 \
         --record loss,learning_rate,update_norm,error,np3_norm",
    );
    assert!(
        found[0]["learning_rate"] == 0.05 && found[0]["update_norm"].as_f64().is_some_and(|x| x > 0.0),
        "{}",
        found[0]
    );
}

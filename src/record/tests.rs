//! Records as they are written, half-written, and wrong.

use super::*;

const JSON: &str = r#"{"step":0,"optimizer":"gd","h_setting":"1/2","seed":3,"loss":2.5,"lambda":[4.0,1.5],"stability_coefficients":[[-0.5,3.0],[0.25,0.0]],"error":{"pf":1e-3,"pf+np3":null},"flow_loss":{"pf":[2.0,-1.0]},"accuracy":null,"warnings":["branch-point"]}
{"step":1,"optimizer":"gd","h_setting":"1/2","seed":3,"loss":null,"error":{"pf":2e-3,"pf+np3":4e-3}}
{"step":2,"optimizer":"gd","h_setting":"1/2","seed":3,"branch":"p2:1","from":1,"loss":0.5,"distance":0.125}
{"step":0,"optimizer":"gd","h_setting":"1/2","seed":4,"loss":1.0}
"#;

const CSV: &str = "step,optimizer,h_setting,seed,branch,from,loss,lambda_0,lambda_1,stability_coefficients_0_re,\
stability_coefficients_0_im,stability_coefficients_1_re,stability_coefficients_1_im,error_pf,error_pf+np3,flow_loss_pf_re,\
flow_loss_pf_im,distance,warnings\r
0,gd,1/2,3,,,2.5,4.0,1.5,-0.5,3.0,0.25,0.0,1e-3,,2.0,-1.0,,branch-point\r
1,gd,1/2,3,,,,,,,,,,2e-3,4e-3,,,,\r
2,gd,1/2,3,p2:1,1,0.5,,,,,,,,,,,0.125,\r
0,\"gd\",1/2,4,,,1.0,,,,,,,,,,,,\r
";

/// NaN is no number that equals itself.
fn numbers(record: &Record, name: &str) -> Vec<Option<f64>> {
    let one = record.one(name).unwrap_or_else(|| panic!("{name}"));
    one.into_iter().map(|x| x.is_finite().then_some(x)).collect()
}

#[test]
fn both_formats_say_the_same() {
    for (name, text) in [("a.jsonl", JSON), ("a.csv", CSV)] {
        let record = Record::parse(name, text.as_bytes()).unwrap();
        assert_eq!((record.len(), record.is_unfinished()), (4, false));
        assert_eq!(numbers(&record, "loss"), [Some(2.5), None, Some(0.5), Some(1.0)]);
        let keys =
            |column: &str| -> Vec<String> { record.members(column).unwrap().into_iter().map(|m| m.key).collect() };
        assert_eq!(keys("lambda"), ["0", "1"]);
        assert_eq!(keys("error"), ["pf", "pf+np3"]);
        assert_eq!(keys("stability_coefficients"), ["0", "1"]);
        assert_eq!(numbers(&record, "stability_coefficients_0"), [Some(-0.5), None, None, None]);
        assert_eq!(numbers(&record, "stability_coefficients_0_re"), [Some(-0.5), None, None, None]);
        assert_eq!(numbers(&record, "stability_coefficients_0_im"), [Some(3.0), None, None, None]);
        assert_eq!(numbers(&record, "flow_loss_pf"), [Some(2.0), None, None, None]);
        assert_eq!(numbers(&record, "error_pf+np3"), [None, Some(4e-3), None, None]);
        let runs = record.runs();
        assert_eq!(runs.iter().map(Run::label).collect::<Vec<_>>(), ["gd, h = 1/2, seed 3", "gd, h = 1/2, seed 4"]);
        assert_eq!((&runs[0].rows, &runs[1].rows), (&vec![0, 1], &vec![3]));
        assert_eq!(runs[0].branches, [Branch { flow: "p2:1".into(), from: Some(1), rows: vec![2] }]);
        assert!(record.has("lambda") && record.has("lambda_0") && !record.has("accuracy"));
    }
}

/// Whatever the moment at which a record is read, it holds whole rows only.
#[test]
fn a_record_is_read_while_it_is_written() {
    for (name, text) in [("a.jsonl", JSON), ("a.csv", CSV)] {
        let whole = Record::parse(name, text.as_bytes()).unwrap();
        let loss = numbers(&whole, "loss");
        for end in 0..text.len() {
            let lines = text[..end].lines().count();
            match Record::parse(name, &text.as_bytes()[..end]) {
                Ok(part) => {
                    assert!(part.len() <= lines && numbers(&part, "loss") == loss[..part.len()], "{name} to {end}");
                }
                Err(RecordError::Empty { .. }) => assert!(lines <= 2, "{name} to {end}"),
                Err(error) => panic!("{name} to {end}: {error}"),
            }
        }
    }
    // A whole object is a row, with an end or without; a CSV row may be cut within its last number.
    let part = |name: &str, text: &str| Record::parse(name, text.trim_end().as_bytes()).unwrap();
    assert_eq!((part("a.jsonl", JSON).len(), part("a.jsonl", JSON).is_unfinished()), (4, false));
    assert_eq!((part("a.csv", CSV).len(), part("a.csv", CSV).is_unfinished()), (3, true));
}

#[test]
fn what_is_wrong_is_located() {
    let row = "{\"step\":0,\"loss\":1}\n";
    for (text, expected) in [
        (format!("{row}{{\"step\":1,\"loss\":\"abc\"}}\n"), "r:2:11: `loss` is \"abc\", where a number"),
        (format!("{row}{{\"step\":1,\"é\":[1,[2]]}}\n"), "r:2:11: `é` is [1,[2]], where"),
        (format!("{row}{{\"step\":1,\"loss\":{{\"a\":{{}}}}}}\n"), "r:2:11: `loss` is"),
        (format!("{row}{{\"step\":1,\"optimizer\":[]}}\n"), "r:2:11: `optimizer` is [], where a name"),
        (
            format!("{row}{{\"step\":1,\"loss\":NaN}}\n"),
            "r:2:18: expected value; each line of a record is one JSON object",
        ),
        (format!("{row}{{\"loss\":1}}\n"), "r:2:1: the row has no `step`"),
        (format!("{row}{{\"step\":1,\n{row}"), "r:2:"),
        ("step,loss\n0,1\n1,x\n".to_owned(), "r:3:3: `x` in column `loss` is no number"),
        ("step,loss\n0,1\n1\n2,3\n".to_owned(), "r:3:2: 1 fields where the first line names 2 columns"),
        ("step,loss\n0,1,2\n".to_owned(), "r:2:5: 3 fields where"),
        (
            "step,loss\n0,1\nstep,loss\n0,1\n".to_owned(),
            "r:3:1: `step` in column `step` is no number, but its name: the first line again",
        ),
        ("step,loss\n,1\n".to_owned(), "r:2:1: `step` of a row is a whole number from 0"),
        ("loss,step\n1,0.5\n".to_owned(), "r:2:3: `step` of a row is a whole number"),
        ("step,loss\n-1,1\n".to_owned(), "r:2:1: `step` of a row is a whole number"),
        ("step,loss\nNaN,1\n".to_owned(), "r:2:1: `step` of a row is a whole number"),
        (format!("{row}{{\"loss\":1,\"step\":null}}\n"), "r:2:11: `step` of a row is a whole number"),
        (format!("{row}{{\"loss\":1,\"step\":[1]}}\n"), "r:2:11: `step` of a row is a whole number"),
        (format!("{row}{{\"loss\":1,\"step\":0}}\n"), "r:2:11: step 0 stands in line 1 too; the steps of a run go up"),
        ("step,loss\r0,1\r1,2\r".to_owned(), "r:1:10: a carriage return alone ends no line"),
        ("step,loss\n0,\"1\n".to_owned(), "r:2:3: a quotation mark opens"),
        ("step,loss,loss\n".to_owned(), "r:1:11: two columns are called `loss`"),
        ("step,,loss\n".to_owned(), "r:1:6: a column without a name"),
        ("x,y\n1,2\n".to_owned(), "r:1:1: no record of training: its first line names no column `step`, but x, y"),
    ] {
        let error = Record::parse("r", text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }
    assert!(Record::parse("r", b"\xff\xfes\0t\0e\0p\0").unwrap_err().to_string().starts_with("r:1:1: these bytes"));
    assert!(Record::parse("r", b"step,loss\n0,\xff\n").unwrap_err().to_string().starts_with("r:2:3: these bytes"));
    for empty in ["", "\n\n", "step,loss\n", "step,lo", "{\"step\": 0"] {
        let error = Record::parse("r", empty.as_bytes()).unwrap_err();
        assert!(matches!(error, RecordError::Empty { .. }), "{empty:?}: {error}");
    }
    assert!(matches!(Record::read("/nowhere/at/all"), Err(RecordError::Read { .. })));
}

#[test]
fn what_is_missing_is_listed() {
    let record = Record::parse("a.jsonl", JSON.as_bytes()).unwrap();
    let error = record.members("lamda").unwrap_err().to_string();
    assert!(error.starts_with("a.jsonl has no column `lamda` (did you mean `lambda`?); it has step, "), "{error}");
    assert!(error.contains("lambda_0") && error.contains("error_pf"), "{error}");
    // A name that begins like another column's is not that column.
    let record = Record::parse("a", b"{\"step\":0,\"loss_rate\":{\"pf\":[1,0]},\"own\":[5,6]}\n").unwrap();
    assert!(record.members("loss").is_err());
    assert_eq!(record.members("own").unwrap().len(), 2);
    assert_eq!(record.one("loss_rate_pf"), Some(vec![1.0]));
}

/// Rows of two runs in one file, or of one run twice, are said with both lines; several runs may take turns.
#[test]
fn rows_that_are_mixed_are_said() {
    let header = "step,optimizer,h_setting,branch,from,loss\n";
    let parse = |rows: &str| Record::parse("r", format!("{header}{rows}").as_bytes());
    let turns = parse(
        "0,gd,1,,,1\n0,gd,2,,,1\n0,dal,,,,1\n5,gd,1,,,1\n6,gd,1,pf,5,1\n7,gd,1,pf,5,1\n6,gd,1,ngf,5,1\n6,gd,1,,,1\n7,gd,1,pf,6,1\n5,gd,2,,,1\n",
    );
    assert_eq!(turns.unwrap().runs().len(), 3);
    for (rows, expected) in [
        ("0,gd,,,,1\n1,gd,,,,1\n1,gd,,,,1\n", "r:4:1: step 1 of gd stands in line 3 too; the steps"),
        ("0,gd,1,,,1\n3,gd,1,,,1\n2,gd,1,,,1\n", "r:4:1: step 2 of gd, h = 1 follows step 3 of line 3; the steps"),
        ("0,gd,,,,1\n1,gd,,pf,0,1\n1,gd,,pf,0,1\n", "r:4:1: step 1 of gd, branch pf from step 0, stands in line 3 too"),
        ("9,,,,,1\n8,,,,,1\n", "r:3:1: step 8 follows step 9 of line 2; the steps"),
    ] {
        let error = parse(rows).unwrap_err().to_string();
        assert!(error.starts_with(expected) && error.contains("two runs wrote this record"), "{rows:?}: {error}");
    }
}

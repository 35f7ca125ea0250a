//! Commands of long experiments made short, so that each of them is run by every test.

/// What makes a value small.
type Shorten = fn(&str) -> String;

/// The flags whose values are made small, and how.
const FLAGS: [(&str, Shorten); 10] = [
    ("--steps", |value| value.parse().map_or_else(|_| value.to_owned(), |steps: u64| steps.min(2).to_string())),
    ("--seed", |value| value.split(',').take(1).collect()),
    ("--every", |_| "1".to_owned()),
    ("--flows-every", |_| "1".to_owned()),
    ("--branch-at", |_| "1".to_owned()),
    ("--branch-steps", |_| "1".to_owned()),
    ("--h-at", |value| value.split_once('=').map_or_else(String::new, |(_, h)| format!("1={h}"))),
    ("--flows", |value| value.split(',').take(1).collect()),
    ("--branches", |value| value.split(',').take(1).collect()),
    ("--grid", |value| value.split(',').map(few_points).collect::<Vec<_>>().join(",")),
];

/// `x=-1:1:41` with three points.
fn few_points(side: &str) -> String {
    side.rsplit_once(':').map_or_else(|| side.to_owned(), |(range, _)| format!("{range}:3"))
}

/// The command with two steps, one seed and three points a side, and the first of its flows and branches from the second step.
pub(crate) fn shortened(command: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let command = command.replace("for seed in 0 1 2 3 4;", "for seed in 0;");
    for word in command.split(' ') {
        let flag = words.last().and_then(|last| FLAGS.iter().find(|(flag, _)| flag == last));
        words.push(flag.map_or_else(|| word.to_owned(), |(_, small)| small(word)));
    }
    words.join(" ")
}

#[test]
fn commands_are_made_short() {
    let long = "shadowflow train a.loss --steps 300 --every 10 --seed 0,1,2 \\\n  --h-at 250=0.1 --flows ngf,pf --flows-every 0,50";
    let short = "shadowflow train a.loss --steps 2 --every 1 --seed 0 \\\n  --h-at 1=0.1 --flows ngf --flows-every 1";
    assert_eq!(shortened(long), short);
    assert_eq!(
        shortened("shadowflow map a.loss --grid a=-1:1:41,b=0:2:9"),
        "shadowflow map a.loss --grid a=-1:1:3,b=0:2:3"
    );
    assert_eq!(shortened("python3 s.py at r.csv --steps 1,500"), "python3 s.py at r.csv --steps 1,500");
}

//! tmp
#![allow(missing_docs)]
use shadowflow::bea::egraph::*;
use std::time::*;
fn main() {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let proof = std::env::args().nth(2).is_some();
    let t = Instant::now();
    let limits = Limits { nodes: 50_000_000, time: Duration::from_secs(1000) };
    if proof {
        let (e, p) = modified_equation_with_proof(n, &limits).unwrap();
        if n <= 3 {
            println!("{}", shadowflow::render::proof::proof_text(&p));
        }
        println!(
            "{} terms {} steps {} proof terms {:?}",
            e.orders[n].len(),
            p.steps.len(),
            p.terms().len(),
            t.elapsed()
        );
    } else {
        let e = modified_equation(n, &limits).unwrap();
        println!("{} {:?}", e.orders[n].len(), t.elapsed());
    }
    println!(
        "{}",
        std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l| l.starts_with("VmHWM")).unwrap()
    );
}

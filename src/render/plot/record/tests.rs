//! Records as pictures: which panels there are, whose lines, and where they are.

use super::super::font::FONTS;
use super::super::rich::spans;
use super::super::{Look, Panel, Series, Style};
use super::view::View;
use super::*;
use std::fmt::Write as _;

fn record(text: &str) -> Record {
    Record::parse("run", text.as_bytes()).unwrap()
}

fn plot(text: &str, columns: &[&str]) -> RecordPlot {
    let columns: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
    RecordPlot::new(&record(text), &columns, "run").unwrap()
}

/// The series of a panel that are data.
fn drawn<'p>(panel: &'p Panel<'_>) -> Vec<&'p Series> {
    panel.series.iter().filter(|s| !s.points.is_empty()).collect()
}

/// Rows of runs: optimizer, step size and seed.
fn runs(settings: &[(&str, &str, u32)]) -> String {
    let mut text = String::from("step,optimizer,h_setting,seed,loss,learning_rate\n");
    for (optimizer, h, seed) in settings {
        for step in 0..3 {
            writeln!(text, "{step},{optimizer},{h},{seed},{},0.5", 1 + step + seed).unwrap();
        }
    }
    text
}

#[test]
fn the_fonts_have_every_letter() {
    for bytes in FONTS {
        let font = ttf_parser::Face::parse(bytes, 0).unwrap();
        let names = View::USUAL.iter().flat_map(|v| v.names().map(str::to_owned));
        let others = [
            "$λ_{1}$ …",
            "$(h^2/2) |Hg|$",
            "exact match",
            "$h =$ 1/2 ($2/h$ is above, at −3)",
            "$α(hλ_0)$ |θₙ − θ′| $Σ ε u_i^T$ $10^{−3}$ ·",
        ]
        .map(str::to_owned);
        for name in names.chain(others) {
            assert!(spans(&name).iter().all(|s| s.text.chars().all(|c| font.glyph_index(c).is_some())), "{name}");
        }
    }
}

#[test]
fn settings_stand_beside_each_other_and_seeds_on_each_other() {
    let chart = plot(&runs(&[("gd", "0.1", 0), ("gd", "0.1", 1), ("gd", "0.2", 0)]), &["loss"]).chart;
    let titles: Vec<&str> = chart.panels.iter().map(|p| p.title.as_str()).collect();
    assert_eq!((titles, chart.columns), (vec!["$h =$ 0.1: loss", "$h =$ 0.2: loss"], 2));
    assert_eq!([drawn(&chart.panels[0]).len(), drawn(&chart.panels[1]).len()], [2, 1]);
    // One scale for both.
    assert_eq!(chart.panels[0].y, chart.panels[1].y);
    assert!(chart.panels[0].y.range.unwrap().1 > 4.0);
    let chart = plot(&runs(&[("gd", "", 0), ("dal", "", 0)]), &["loss"]).chart;
    assert_eq!(chart.panels[1].title, "dal: loss");
    let chart = plot(&runs(&[("gd", "1", 0), ("gd", "2", 0), ("dal", "1", 0)]), &["loss"]).chart;
    assert_eq!(chart.panels[1].title, "gd, $h =$ 2: loss");
}

#[test]
fn many_step_sizes_share_a_panel() {
    let names: Vec<String> = (1..=8).map(|k| format!("{k}")).collect();
    let settings: Vec<(&str, &str, u32)> = names.iter().map(|h| ("gd", h.as_str(), 0)).collect();
    let chart = plot(&runs(&settings), &["loss"]).chart;
    let series = drawn(&chart.panels[0]);
    assert_eq!((chart.panels.len(), series.len()), (1, 8));
    let looks: FxHashSet<String> = series.iter().map(|s| format!("{:?}", s.look)).collect();
    assert_eq!((looks.len(), series.last().unwrap().name.as_str()), (8, "$h =$ 1"));
    let optimizers: Vec<String> = (0..13).map(|k| format!("o{k}")).collect();
    let settings: Vec<(&str, &str, u32)> = optimizers.iter().map(|o| (o.as_str(), "", 0)).collect();
    let crowded = RecordPlot::new(&record(&runs(&settings)), &[], "run");
    assert!(matches!(crowded, Err(PlotError::Crowded(13))));
}

#[test]
fn a_branch_begins_at_its_run() {
    let text = "step,branch,from,loss,lambda_0\n0,,,4,1\n1,,,3,1\n2,,,2,1\n2,p2:1,1,2.5,\n3,p2:1,1,2.25,\n";
    let chart = plot(text, &[]).chart;
    let branch = *drawn(&chart.panels[0]).iter().find(|s| s.name == "p2:1").unwrap();
    assert_eq!(branch.points, [(1.0, 3.0), (2.0, 2.5), (3.0, 2.25)]);
    assert_eq!(branch.look, Look::Line(Style::flow("p2:1")));
    // It has no eigenvalues.
    assert!(drawn(&chart.panels[1]).iter().all(|s| s.name != "p2:1"));
}

#[test]
fn flows_without_a_colour_of_their_own_take_one_that_is_free() {
    let text = "step,error_pf,error_bea:2,error_flip:0\n0,1,2,3\n1,1,2,3\n";
    let chart = plot(text, &["error"]).chart;
    let style = |name: &str| match drawn(&chart.panels[0]).iter().find(|s| s.name == name).unwrap().look {
        Look::Line(style) => style,
        look => panic!("{look:?}"),
    };
    assert_eq!(style("pf"), Style::flow("pf"));
    assert!(style("bea:2") != style("flip:0") && style("bea:2") != style("pf") && style("flip:0") != style("pf"));
}

#[test]
fn the_edge_of_stability_is_shown_where_it_is_near() {
    let text = |h: f64| format!("step,lambda_0,learning_rate\n0,1,{h}\n1,1.5,{h}\n2,2,\n");
    let near = plot(&text(0.8), &["lambda_0"]).chart;
    let edge = *drawn(&near.panels[0]).iter().find(|s| s.look == Look::Reference).unwrap();
    // To the last row, which takes no step.
    assert_eq!(edge.points, [(0.0, 2.5), (1.0, 2.5), (2.0, 2.5)]);
    assert!(near.panels[0].y.range.unwrap().1 > 2.5);
    let far = plot(&text(0.01), &["lambda_0"]).chart;
    assert!(far.panels[0].y.range.unwrap().1 < 3.0);
    assert_eq!(far.panels[0].title, "lambda_0 ($2/h$ is above, at 200)");
    // Of two step sizes one is near; of an optimizer that sets its rates every run has its own.
    let run = |h: f64, setting: &str, seed: u32| {
        format!(
            "0,gd,{setting},{seed},1,{h}\n1,gd,{setting},{seed},1.5,{}\n2,gd,{setting},{seed},2,\n",
            if setting.is_empty() { 0.9 } else { h }
        )
    };
    let both = |a: String, b: String| format!("step,optimizer,h_setting,seed,lambda_0,learning_rate\n{a}{b}");
    let mut many = String::new();
    for optimizer in ["gd", "sgd", "dal", "nesterov"] {
        for (h, setting) in [(0.8, "0.8"), (0.01, "0.01")] {
            many += &(run(h, setting, 0) + &run(h, setting, 1)).replace("gd", optimizer);
        }
    }
    let two = plot(&both(many, String::new()), &["lambda_0"]).chart;
    assert!(two.panels[0].title.contains("another $2/h$ is above, at 200"), "{}", two.panels[0].title);
    let own = plot(&both(run(0.8, "", 0), run(0.7, "", 1)), &["lambda_0"]).chart;
    assert_eq!(own.panels[0].series.iter().filter(|s| s.points.iter().any(|p| p.1 > 2.1)).count(), 2);
}

#[test]
fn drift_and_predictions_are_dots_beside_what_they_should_be() {
    let text = "step,learning_rate,hg_norm,drift,gradient_next_along_0,predicted_gradient_along_0_pf,\
                predicted_gradient_along_0_ngf\n0,0.5,1,0.125,-2,-2,0.5\n1,0.5,100,12.5,1,1,0.25\n2,,,,,,\n";
    let chart = plot(text, &[]).chart;
    let [drift, predictions, _] = chart.panels.as_slice() else { panic!("three panels") };
    assert_eq!(drift.title, "drift against $|Hg|$ ($r =$ 1)");
    assert!(drift.x.log && drift.y.log);
    let dots = *drawn(drift).iter().find(|s| s.look == Look::Dots(Style::optimizer("gd"))).unwrap();
    let line = *drawn(drift).iter().find(|s| s.look == Look::Reference).unwrap();
    // (h²/2)‖Hg‖ = ‖Hg‖/8 goes through both.
    assert_eq!((&dots.points, &line.points), (&vec![(1.0, 0.125), (100.0, 12.5)], &vec![(1.0, 0.125), (100.0, 12.5)]));
    let exact = *drawn(predictions).iter().find(|s| s.name == "exact match").unwrap();
    assert!(exact.points.iter().all(|(x, y)| x == y) && exact.points[0].0 < -2.0 && exact.points[1].0 > 1.0);
    assert_eq!(predictions.x.range, predictions.y.range);
    assert!(RecordPlot::new(&record(text), &[], "run").unwrap().svg().is_ok());
}

#[test]
fn nothing_to_draw_is_said() {
    let nothing = RecordPlot::new(&record("step,own\n0,1\n"), &[], "run");
    assert!(matches!(nothing, Err(PlotError::Empty(_))));
    let empty = RecordPlot::new(&record("step,own\n0,\n"), &["own".to_owned()], "run");
    assert!(matches!(empty, Err(PlotError::Record(RecordError::NoNumbers { .. }))));
    // One row is a dot.
    let one = plot("step,loss\n0,1\n", &[]);
    assert_eq!(drawn(&one.chart.panels[0])[0].look, Look::Dots(Style::optimizer("gd")));
    assert!(one.svg().is_ok());
}

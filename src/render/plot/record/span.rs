//! What an axis spans.

use super::super::Axis;

/// How many times the least value the largest one is before an axis is logarithmic.
const DECADES: f64 = 20.0;

/// An axis for values, logarithmic where they span decades and are positive; runaways, which the middle of the values sets apart, are cut off.
///
/// `None` where no value is finite. With `zeros`, zeros of what cannot be negative do not count.
pub(super) fn axis(name: &str, values: impl Iterator<Item = f64>, zeros: bool) -> Option<Axis> {
    let mut values: Vec<f64> = values.filter(|x| x.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let positive = values.partition_point(|x| *x <= 0.0);
    let (least, most) = (*values.first()?, *values.last()?);
    let counted = if zeros && least == 0.0 { values.get(positive).copied().unwrap_or(0.0) } else { least };
    let log = counted > 0.0 && most > DECADES * counted;
    let scale = |x: f64| if log { x.log10() } else { x };
    let shown = if log { &values[positive..] } else { &values[..] };
    let at = |share: usize| scale(shown[(shown.len() - 1) * share / 100]);
    let (low, high) = (at(2), at(98));
    // One value far from all others may be what a picture is about; one that would flatten all others is a runaway.
    let room = 4.0 * (high - low).max(if log { 0.5 } else { 0.05 * high.abs() }).max(f64::MIN_POSITIVE);
    let near = |x: f64| scale(x).clamp(low - room, high + room);
    let (low, high) = (near(shown[0]), near(most));
    let margin = if high > low {
        0.06 * (high - low)
    } else if log {
        0.5
    } else {
        (0.1 * high.abs()).max(1e-9)
    };
    let unscale = |x: f64| if log { 10_f64.powf(x) } else { x };
    let axis = Axis::new(name).range(unscale(low - margin), unscale(high + margin));
    Some(if log { axis.log() } else { axis })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_where_there_are_decades() {
        let of = |values: &[f64], zeros| axis("x", values.iter().copied(), zeros).unwrap();
        assert!(of(&[0.01, 1.0], false).log && !of(&[0.5, 1.0], false).log && !of(&[-1.0, 1e3], false).log);
        assert!(!of(&[0.0, 0.01, 1.0], false).log && of(&[0.0, 0.01, 1.0], true).log);
        assert!(axis("x", [f64::NAN].into_iter(), true).is_none());
        let (low, high) = of(&[3.0, 3.0], false).range.unwrap();
        assert!(low < 3.0 && 3.0 < high);
        let (low, high) = of(&[0.0], true).range.unwrap();
        assert!(low < 0.0 && 0.0 < high);
    }

    #[test]
    fn runaways_do_not_flatten_the_rest() {
        let values = || (0..300).map(|k| if k == 299 { 1e300 } else { 1.0 + f64::from(k) / 300.0 });
        let all = axis("x", values(), false).unwrap();
        assert!(all.log && all.range.unwrap().1 < 1e4, "{all:?}");
        // A spike that can be shown is.
        let spike = axis("x", values().map(|x| x.min(5.0)), false).unwrap();
        assert!(spike.range.unwrap().1 > 5.0, "{spike:?}");
    }
}

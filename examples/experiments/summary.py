"""Numbers of the pages in docs/experiments from records that `shadowflow train` wrote (CSV), by Python's standard library alone.

    python3 examples/experiments/summary.py WHAT RECORD… [FIRST STEP]

WHAT is edge, predictions, errors, drift or rates; a row of what is printed is one run (an optimizer, step size and seed). With `means` it
is the mean and deviation of what `rates` prints over the seeds, and correlations over the runs.
"""

import contextlib
import csv
import io
import math
import statistics
import sys


def number(text):
    """A field as a number; none where it is empty."""
    return float(text) if text else None


def runs(path, start=0):
    """The runs of a record by name, each a list of rows from a step on, without those of branches."""
    found = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row.get("branch") or int(row["step"]) < start:
                continue
            name = " ".join(row[key] for key in ("optimizer", "h_setting", "seed") if row.get(key))
            found.setdefault(name, []).append(row)
    return found


def column(rows, name):
    """A column as numbers and nones."""
    return [number(row[name]) for row in rows]


def both(first, second):
    """The places where both lists have a finite value."""
    pairs = zip(first, second)
    return [(a, b) for a, b in pairs if a is not None and b is not None and math.isfinite(a) and math.isfinite(b)]


def pearson(pairs):
    """Pearson's correlation; nan where one side does not change or there are fewer than three pairs."""
    if len(pairs) < 3:
        return math.nan
    n = len(pairs)
    ma, mb = sum(a for a, _ in pairs) / n, sum(b for _, b in pairs) / n
    saa = sum((a - ma) ** 2 for a, _ in pairs)
    sbb = sum((b - mb) ** 2 for _, b in pairs)
    sab = sum((a - ma) * (b - mb) for a, b in pairs)
    return sab / math.sqrt(saa * sbb) if saa * sbb > 0 else math.nan


def median(values):
    """The median; nan of nothing."""
    values = sorted(v for v in values if v is not None and math.isfinite(v))
    if not values:
        return math.nan
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def show(name, **numbers):
    """One line."""
    print(name.ljust(24), *(f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in numbers.items()), sep="  ")


def edge(name, rows):
    """Where the loss rises, against the sharpness; how high the sharpness goes."""
    loss, sharpness, rate = column(rows, "loss"), column(rows, "lambda_0"), column(rows, "learning_rate")
    z = [h * s if h is not None and s is not None else None for h, s in zip(rate, sharpness)]
    steps = [k for k in range(len(rows) - 1) if z[k] is not None and loss[k] is not None and loss[k + 1] is not None]
    rises = [k for k in steps if loss[k + 1] > loss[k]]
    above = [k for k in steps if z[k] > 2]
    first = next((k for k in steps if z[k] > 2), None)
    numbers = {
        "first above 2/h": rows[first]["step"] if first is not None else "never",
        "steps above": len(above),
        "rises": len(rises),
        "rises above": sum(z[k] > 2 for k in rises),
        "largest h lambda_0": max(z[k] for k in steps),
        "median of last 50": median([z[k] for k in steps[-50:]]),
        "last loss": loss[-1],
    }
    if "stability_coefficients_0_re" in rows[0]:
        coefficient = column(rows, "stability_coefficients_0_re")
        pairs = [(coefficient[k], loss[k + 1] - loss[k]) for k in steps if coefficient[k] is not None]
        numbers["corr Re sc_0, loss change"] = pearson(pairs)
        positive = [pair for pair in pairs if pair[0] > 0]
        numbers["where Re sc_0 > 0"] = pearson(positive)
        turn = [(coefficient[k], sharpness[k + 1] - sharpness[k]) for k in steps if coefficient[k] is not None and sharpness[k + 1] is not None]
        numbers["corr Re sc_0, lambda_0 change"] = pearson(turn)
    show(name, **numbers)


def predictions(name, rows):
    """What flows predict of the next gradient along u_0."""
    found = column(rows, "gradient_next_along_0")
    sharpness, rate = column(rows, "lambda_0"), column(rows, "learning_rate")
    unstable = [z is not None and h is not None and h * z > 1 for z, h in zip(sharpness, rate)]
    for flow in ("ngf", "igr", "pf"):
        said = column(rows, f"predicted_gradient_along_0_{flow}")
        pairs = both(said, found)
        apart = median([abs(a - b) for a, b in pairs])
        size = median([abs(b) for _, b in pairs])
        sign = [a * b > 0 for a, b, u in zip(said, found, unstable) if u and a is not None and b is not None]
        # How the error grows with the value: the tenth of the steps with the largest ones, relative.
        pairs.sort(key=lambda pair: abs(pair[1]))
        tenth = pairs[-max(1, len(pairs) // 10):]
        large = median([abs(a - b) / abs(b) for a, b in tenth if b])
        share = sum(sign) / len(sign) if sign else math.nan
        show(f"{name} {flow}", pearson=pearson(pairs), **{"median error": apart, "median size": size, "right sign where h lambda_0 > 1": share, "relative error, largest tenth": large})


def errors(name, rows):
    """One-step errors of flows below and above h lambda_0 = 2, and the sign of the change of the loss that they predict."""
    loss, sharpness, rate = column(rows, "loss"), column(rows, "lambda_0"), column(rows, "learning_rate")
    z = [h * s if h is not None and s is not None else None for h, s in zip(rate, sharpness)]
    for flow in [key[6:] for key in rows[0] if key.startswith("error_")]:
        error = column(rows, f"error_{flow}")
        at = [k for k in range(len(rows)) if error[k] is not None and z[k] is not None]
        bands = (("z<1", -math.inf, 1), ("1-1.8", 1, 1.8), ("1.8-2", 1.8, 2), ("z>2", 2, math.inf))
        numbers = {}
        for text, low, high in bands:
            inside = [error[k] for k in at if low <= z[k] < high]
            numbers[text] = f"{median(inside):.3g} ({len(inside)})"
        if f"flow_loss_{flow}_re" in rows[0]:
            said = column(rows, f"flow_loss_{flow}_re")
            steps = [k for k in at if said[k] is not None and k + 1 < len(rows) and int(rows[k + 1]["step"]) == int(rows[k]["step"]) + 1]
            rises = [k for k in steps if loss[k + 1] > loss[k]]
            numbers["rises foreseen"] = f"{sum(said[k] > loss[k] for k in rises)} of {len(rises)}"
            falls = [k for k in steps if loss[k + 1] <= loss[k]]
            numbers["falls foreseen"] = f"{sum(said[k] <= loss[k] for k in falls)} of {len(falls)}"
        show(f"{name} {flow}", **numbers)


def drift(name, rows):
    """Drift against |Hg| and what it is made of."""
    found = column(rows, "drift")
    numbers = {}
    for key in ("hg_norm", "gradient_norm", "hghat_norm"):
        if key in rows[0]:
            numbers[f"corr {key}"] = pearson(both(found, column(rows, key)))
    share = [2 * d / (h * h * g) for d, h, g in zip(found, column(rows, "learning_rate"), column(rows, "hg_norm")) if d and h and g]
    numbers["drift over f_1's, median"] = median(share)
    show(name, **numbers)


def rates(name, rows):
    """Step sizes and how steadily the loss falls."""
    loss = column(rows, "loss")
    rate = [r for r in column(rows, "learning_rate") if r is not None] if "learning_rate" in rows[0] else []
    steps = range(len(rows) - 1)
    numbers = {"steps": int(rows[-1]["step"]), "last loss": loss[-1] if loss[-1] is not None else math.nan}
    numbers["rises"] = sum(1 for k in steps if loss[k] is not None and (loss[k + 1] is None or loss[k + 1] > loss[k]))
    numbers["largest rise"] = max((loss[k + 1] - loss[k] for k in steps if loss[k + 1] is not None), default=math.nan)
    if rate:
        numbers.update({"least rate": min(rate), "median rate": median(rate), "largest rate": max(rate)})
    for key in ("accuracy", "test_loss", "test_accuracy", "lambda_0"):
        if key in rows[-1] and rows[-1][key]:
            numbers[key] = number(rows[-1][key])
    if "drift" in rows[0]:
        values = [d for d in column(rows, "drift") if d is not None]
        numbers["mean drift"] = sum(values) / len(values) if values else math.nan
    show(name, **numbers)
    return {key: value for key, value in numbers.items() if isinstance(value, float)}


def ranks(values):
    """The place of each value in their order; the mean place of equal ones."""
    order = sorted(values)
    return [order.index(v) + (order.count(v) - 1) / 2 for v in values]


def means(results):
    """Means and deviations over seeds, and correlations with the mean drift over all runs."""
    groups = {}
    for name, numbers in results:
        groups.setdefault(name.rsplit(" ", 1)[0], []).append(numbers)
    for name, group in groups.items():
        shown = {"runs": len(group)}
        for key in group[0]:
            values = [numbers.get(key, math.nan) for numbers in group]
            shown[key] = f"{statistics.mean(values):.4g}±{statistics.stdev(values) if len(values) > 1 else math.nan:.2g}"
        show(name, **shown)
    if all("mean drift" in numbers for _, numbers in results):
        for key in ("test_accuracy", "test_loss", "lambda_0"):
            pairs = [(numbers["mean drift"], numbers[key]) for _, numbers in results if key in numbers]
            if pairs:
                ranked = list(zip(*(ranks(side) for side in zip(*pairs))))
                print(f"mean drift with {key}, {len(pairs)} runs: Pearson {pearson(pairs):.3f}, Spearman {pearson(ranked):.3f}")


def main():
    """Prints what is asked for of every run."""
    what, *paths = sys.argv[1:]
    start = int(paths.pop()) if paths[-1].isdigit() else 0
    jobs = {"edge": edge, "predictions": predictions, "errors": errors, "drift": drift, "rates": rates, "means": rates}
    found = [run for path in paths for run in runs(path, start).items()]
    if what == "means":
        with contextlib.redirect_stdout(io.StringIO()):
            results = [(name, rates(name, rows)) for name, rows in found]
        means(results)
        return
    for name, rows in found:
        jobs[what](name, rows)


if __name__ == "__main__":
    main()

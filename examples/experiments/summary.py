"""Numbers of the pages in docs/experiments from records that `shadowflow train` wrote (CSV), by Python's standard library alone.

    python3 examples/experiments/summary.py WHAT RECORD… [--from STEP] [--columns LIST --steps LIST] [--mean]

WHAT is

    edge          where the loss rises, against the sharpness
    coefficients  the stability coefficient and the positive gradient flow against what a step changes
    predictions   what flows predict of the next gradient along u_0
    errors        errors of flows after one step, by h lambda_0, of all seeds; rises and falls of the loss that they foresee
    steps         the same step by step
    branches      distances of branches, medians over runs, after --steps
    after         loss and h lambda_0 one step after branches left, beside the run's own
    leaving       what happens from --from on, when the rate has changed
    drift         the drift against |Hg| and what it is made of
    rates         learning rates, how steadily the loss falls, where it ends
    at            values of --columns at --steps
    correlations  of the mean drift with tests and sharpness over the runs
    counts        eigenvalues beyond 1/h and 2/h, negative, and near 0, at --steps
    surfaces      rise of the loss within distances of the middle, of grids that `map --data` wrote
    point         the state of a checkpoint, RECORD being one, to the NumPy file behind it

A line is one run: an optimizer, step size and seed. With --mean it is their mean and deviation over seeds.
"""

import argparse
import csv
import math
import statistics
import struct
import sys

NAN = math.nan


def number(text):
    """A field as a number; nan where it is empty."""
    return float(text) if text else NAN


def runs(path, branches=False):
    """The runs of a record by name, each a list of rows, without those of branches or those alone."""
    found = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            name = " ".join(row[key] for key in ("optimizer", "h_setting", "seed") if row.get(key))
            rows = found.setdefault(name, [])
            if bool(row.get("branch")) == branches:
                rows.append(row)
    return found


def column(rows, name):
    """A column as numbers."""
    return [number(row[name]) for row in rows]


def sharpness(rows):
    """h lambda_0 of each row."""
    return [h * s for h, s in zip(column(rows, "learning_rate"), column(rows, "lambda_0"))]


def finite(*lists):
    """The places where all lists have a finite value."""
    return [values for values in zip(*lists) if all(math.isfinite(v) for v in values)]


def pearson(pairs):
    """Pearson's correlation; nan where one side does not change or there are fewer than three pairs."""
    if len(pairs) < 3:
        return NAN
    first, second = zip(*pairs)
    if len(set(first)) < 2 or len(set(second)) < 2:
        return NAN
    return statistics.correlation(first, second)


def ranks(values):
    """The place of each value in their order; the mean place of equal ones."""
    order = sorted(values)
    return [order.index(v) + (order.count(v) - 1) / 2 for v in values]


def spearman(pairs):
    """Pearson's correlation of the ranks."""
    return pearson(list(zip(*(ranks(side) for side in zip(*pairs))))) if pairs else NAN


def median(values):
    """The median of the finite values; nan of nothing."""
    values = [v for v in values if math.isfinite(v)]
    return statistics.median(values) if values else NAN


def text(value):
    """A number to three digits, a missing one as a dash."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "-"
    return f"{value:.3g}"


def exact(value, digits):
    """A number with more digits, a missing one as a dash."""
    return f"{value:.{digits}g}" if math.isfinite(value) else "-"


def table(lines):
    """Prints a list of dictionaries with a line of names above."""
    names = list(dict.fromkeys(key for line in lines for key in line))
    cells = [names] + [[text(line.get(name, "")) for name in names] for line in lines]
    widths = [max(len(row[k]) for row in cells) for k in range(len(names))]
    for row in cells:
        aligned = (cell.ljust(width) if k == 0 else cell.rjust(width) for k, (cell, width) in enumerate(zip(row, widths)))
        print("  ".join(aligned).rstrip())


def edge(rows):
    """Where the loss rises, against the sharpness; how high the sharpness goes."""
    loss, z = column(rows, "loss"), sharpness(rows)
    steps = [k for k in range(len(rows) - 1) if math.isfinite(z[k]) and math.isfinite(loss[k + 1])]
    rises = [k for k in steps if loss[k + 1] > loss[k]]
    above = [k for k in steps if z[k] > 2]
    return {
        "hl0 > 2 first": rows[above[0]]["step"] if above else "never",
        "steps": len(above),
        "first rise": rows[rises[0]]["step"] if rises else "never",
        "rises": len(rises),
        "with hl0 > 2": sum(z[k] > 2 for k in rises),
        "largest hl0": max((z[k] for k in steps), default=NAN),
        "median of last 50": median([z[k] for k in steps[-50:]]),
        "last loss": loss[-1],
    }


def coefficients(rows):
    """The stability coefficient and the positive gradient flow against what a step changes."""
    loss, leading, sc = column(rows, "loss"), column(rows, "lambda_0"), column(rows, "stability_coefficients_0_re")
    loss_change = [b - a for a, b in zip(loss, loss[1:])]
    leading_change = [b - a for a, b in zip(leading, leading[1:])]

    def against(first, second, where):
        pairs = [(a, b) for a, b, c in finite(first, second, sc) if where(c)]
        return pearson(pairs)

    everywhere, positive = (lambda c: True), (lambda c: c > 0)
    numbers = {
        "sc0: loss": against(sc, loss_change, everywhere),
        "sc0 > 0": against(sc, loss_change, positive),
        "sc0: l0": against(sc, leading_change, everywhere),
    }
    if "flow_loss_pgf_re" in rows[0]:
        gain = [b - a for a, b in zip(loss, column(rows, "flow_loss_pgf_re"))]
        turn = [b - a for a, b in zip(leading, column(rows, "flow_lambda_0_pgf_re"))]
        numbers |= {
            "pgf: loss": against(gain, loss_change, everywhere),
            "where sc0 > 0": against(gain, loss_change, positive),
            "pgf: l0": against(turn, leading_change, positive),
        }
        calm = finite(sharpness(rows), sc, leading_change, [b - a for a, b in zip(leading, column(rows, "flow_lambda_0_ngf_re"))])
        small = [ngf * found > 0 for z, c, found, ngf in calm if z > 2 and abs(c) < 1e-3 * max(abs(s) for s in sc if math.isfinite(s))]
        numbers["hl0 > 2, sc0 small"] = len(small)
        numbers["l0 as ngf"] = sum(small)
    return numbers


def predictions(rows):
    """What flows predict of the next gradient along u_0."""
    found, z = column(rows, "gradient_next_along_0"), sharpness(rows)
    lines = []
    for flow in ("ngf", "igr", "pf"):
        said = column(rows, f"predicted_gradient_along_0_{flow}")
        pairs = finite(said, found)
        sign = [a * b > 0 for a, b, c in finite(said, found, z) if c > 1]
        # How the error grows with the value: the tenth of the steps with the largest ones.
        largest = sorted(pairs, key=lambda pair: abs(pair[1]))[-max(1, len(pairs) // 10):]
        lines.append({
            "flow": flow,
            "pearson": pearson(pairs),
            "error / size": median([abs(a - b) for a, b in pairs]) / (median([abs(b) for _, b in pairs]) or NAN),
            "of the largest tenth": median([abs(a - b) / abs(b) for a, b in largest if b]),
            "sign right, hl0 > 1": f"{100 * sum(sign) / len(sign):.0f}%" if sign else "-",
        })
    return lines


BANDS = (("hl0 < 1", -math.inf, 1), ("1 to 1.8", 1, 1.8), ("1.8 to 2", 1.8, 2), ("above 2", 2, math.inf))


def errors(rows):
    """Errors of flows after one step by h lambda_0 (medians), and the sign of the change of the loss that they foresee."""
    loss, z = column(rows, "loss"), sharpness(rows)
    lines = []
    for flow in [key[6:] for key in rows[0] if key.startswith("error_")]:
        error = column(rows, f"error_{flow}")
        asked = [k for k in range(len(rows) - 1) if any(row_has_errors(rows[k]))]
        line = {"flow": flow}
        for name, low, high in BANDS:
            inside = [error[k] for k in asked if low <= z[k] < high]
            lost = sum(not math.isfinite(e) for e in inside)
            line[name] = f"{text(median(inside))} ({len(inside)}{f', {lost} lost' if lost else ''})"
        if f"flow_loss_{flow}_re" in rows[0]:
            said = column(rows, f"flow_loss_{flow}_re")
            steps = [k for k in asked if math.isfinite(said[k]) and int(rows[k + 1]["step"]) == int(rows[k]["step"]) + 1]
            rises, falls = ([k for k in steps if (loss[k + 1] > loss[k]) == up] for up in (True, False))
            line["where it rises"] = median([error[k] for k in rises])
            line["rises foreseen"] = f"{sum(said[k] > loss[k] for k in rises)} of {len(rises)}"
            line["falls"] = f"{sum(said[k] <= loss[k] for k in falls)} of {len(falls)}"
        lines.append(line)
    return lines


def row_has_errors(row):
    """Which errors of flows a row has."""
    return [bool(value) for key, value in row.items() if key.startswith("error_")]


def steps(rows):
    """Errors and foreseen changes of the loss, a line a step."""
    loss, z, lines = column(rows, "loss"), sharpness(rows), []
    flows = [key[6:] for key in rows[0] if key.startswith("error_")]
    for k in range(len(rows) - 1):
        if not any(row_has_errors(rows[k])):
            continue
        line = {"step": rows[k]["step"], "hl0": z[k]}
        line |= {f"error {flow}": number(rows[k][f"error_{flow}"]) for flow in flows}
        line["loss changes"] = f"{loss[k + 1] - loss[k]:+.1e}"
        line |= {f"as {flow}": f"{number(rows[k][f'flow_loss_{flow}_re']) - loss[k]:+.1e}" for flow in flows}
        lines.append(line)
    return lines


def after(path):
    """The loss and h lambda_0 one step after branches left, beside the run's own."""
    lines = []
    own = runs(path)
    for name, rows in runs(path, branches=True).items():
        by_step = {int(row["step"]): row for row in own[name]}
        for start in dict.fromkeys(int(row["from"]) for row in rows):
            if start + 1 not in by_step:
                continue
            at, h = by_step[start], number(by_step[start]["learning_rate"])
            ends = {"gd": by_step[start + 1]} | {row["branch"]: row for row in rows if int(row["from"]) == start and int(row["step"]) == start + 1}
            line = {"run": name, "from": start, "Re sc0": number(at["stability_coefficients_0_re"]), "loss": f"{number(at['loss']):.5f}"}
            line |= {f"by {flow}": f"{number(row['loss']):.5f}" for flow, row in ends.items()}
            line |= {"hl0": h * number(at["lambda_0"])}
            lines.append(line | {f"{flow}'s": h * number(row["lambda_0"]) for flow, row in ends.items()})
    return lines


def leaving(rows, start):
    """What happens from a step on, when the rate has changed."""
    places = [int(row["step"]) for row in rows]
    at = min(range(len(rows)), key=lambda k: abs(places[k] - start))
    loss, leading, rate = column(rows, "loss"), column(rows, "lambda_0"), column(rows, "learning_rate")
    h = rate[at] if math.isfinite(rate[at]) else rate[at - 1]
    highest = max(range(at, len(rows)), key=lambda k: loss[k] if math.isfinite(loss[k]) else math.inf)
    return {
        "|g|": column(rows, "gradient_norm")[at],
        "lambda_0": exact(leading[at], 4),
        "2/h": exact(2 / h, 4),
        "h lambda_0": h * leading[at],
        "loss": exact(loss[at], 4),
        "highest after": exact(loss[highest], 4),
        "at step": places[highest],
        "last loss": exact(loss[-1], 4),
        "last lambda_0": exact(leading[-1], 4),
        "h lambda_0 then": h * leading[-1],
    }


def drift(rows):
    """The drift against |Hg| and what it is made of."""
    found = column(rows, "drift")
    numbers = {f"with {name}": pearson(finite(found, column(rows, key))) for key, name in (("hg_norm", "|Hg|"), ("gradient_norm", "|g|"), ("hghat_norm", "|Hg|/|g|"))}
    parts = finite(found, column(rows, "learning_rate"), column(rows, "hg_norm"))
    numbers["drift over (h^2/2)|Hg|, median"] = median([2 * d / (h * h * g) for d, h, g in parts if g])
    return numbers


def rates(rows):
    """Learning rates, how steadily the loss falls, and where it ends."""
    loss = column(rows, "loss")
    numbers = {"last loss": loss[-1]}
    numbers |= {name: number(rows[-1][key]) for key, name in (("test_loss", "test loss"), ("test_accuracy", "accuracy"), ("lambda_0", "lambda_0")) if rows[-1].get(key)}
    if "drift" in rows[0]:
        values = [d for d in column(rows, "drift") if math.isfinite(d)]
        numbers["mean drift"] = statistics.fmean(values) if values else NAN
    numbers["rises"] = sum(1 for a, b in zip(loss, loss[1:]) if not b <= a)
    rate = [r for r in column(rows, "learning_rate") if math.isfinite(r)] if "learning_rate" in rows[0] else []
    if rate and min(rate) < max(rate):
        numbers |= {"least rate": min(rate), "median": statistics.median(rate), "largest": max(rate)}
    return numbers


def at(rows, columns, places):
    """Values at steps."""
    by_step = {int(row["step"]): row for row in rows}
    shown = {}
    for name in columns:
        for place in places:
            value = by_step.get(place, {}).get(name)
            label = f"{name} {place}" if len(columns) > 1 else str(place)
            shown[label] = number(value)
    return shown


def counts(rows, places):
    """How many eigenvalues are where."""
    lines = []
    for row in rows:
        if int(row["step"]) in places:
            values = [number(row[key]) for key in row if key.startswith("lambda_")]
            h = number(row["learning_rate"])
            lines.append({"step": row["step"], "of": len(values), "above 2/h": sum(v > 2 / h for v in values), "above 1/h": sum(v > 1 / h for v in values),
                          "negative": sum(v < -1e-9 for v in values), "|lambda| < 1e-3": sum(abs(v) < 1e-3 for v in values),
                          "least": values[-1], "largest": values[0]})
    return lines


def branches(paths, places):
    """Distances of branches after some steps: medians over the seeds, by step size, start and flow, and how many are lost."""
    groups, count = {}, {}
    for path in paths:
        for name, rows in runs(path, branches=True).items():
            setting = (path.removesuffix(".csv"), name.rsplit(" ", 1)[0])
            count[setting] = count.get(setting, 0) + 1
            for row in rows:
                start = int(row["from"])
                found = groups.setdefault((*setting, start, row["branch"]), {})
                found.setdefault(int(row["step"]) - start, []).append(number(row["distance"]))
    lines = []
    for (path, setting, start, flow), found in groups.items():
        line = {"record": path, "run": setting, "from": start, "flow": flow}
        for place in places:
            values = [v for v in found.get(place, []) if math.isfinite(v)]
            lost = count[path, setting] - len(values)
            line[str(place)] = text(statistics.median(values) if values else NAN) + (f" ({lost} lost)" if lost else "")
        lines.append(line)
    return lines


def mean(lines):
    """Means and deviations over seeds."""
    groups = {}
    for name, line in lines:
        key = (name.rsplit(" ", 1)[0], line.get("flow", ""), line.get("step", ""))
        groups.setdefault(key, []).append(line)
    shown = []
    for (name, flow, _), group in groups.items():
        line = {"run": name} | ({"flow": flow} if flow else {})
        for key, value in group[0].items():
            values = [other.get(key, NAN) for other in group]
            if not all(isinstance(v, (int, float)) for v in values):
                continue
            if not all(math.isfinite(v) for v in values):
                line[key] = "-"
            else:
                deviation = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
                line[key] = f"{statistics.fmean(values):.3g}{deviation}"
        shown.append(line)
    return shown


def correlations(found):
    """Of the mean drift with tests and sharpness, over the runs."""
    lines = []
    results = [rates(rows) for _, rows in found]
    for key in ("accuracy", "test loss", "lambda_0"):
        pairs = finite([r["mean drift"] for r in results], [r.get(key, NAN) for r in results])
        lines.append({"mean drift with": key, "runs": len(pairs), "Pearson": pearson(pairs), "Spearman": spearman(pairs)})
    return lines


def surfaces(paths):
    """The loss at the middle of grids and how much above it is, on average, what is within distances; files NAME.SEED.surface.csv, means over seeds."""
    groups = {}
    for path in paths:
        with open(path, newline="") as file:
            rows = [[number(cell) for cell in row[:3]] for row in list(csv.reader(file))[1:]]
        middle = min((a * a + b * b, e) for a, b, e in rows)[1]
        line = {"at the end": middle}
        for radius in (0.25, 0.5, 1):
            inside = [e for a, b, e in rows if math.hypot(a, b) <= radius + 1e-9 and math.isfinite(e)]
            line[f"rise within {radius}"] = statistics.fmean(inside) - middle
        groups.setdefault(path.rsplit(".", 3)[0], []).append(line)
    return mean([(f"{name} seed", line) for name, lines in groups.items() for line in lines])


def point(checkpoint, target):
    """The parameters of a checkpoint's state as a NumPy file."""
    with open(checkpoint, "rb") as file:
        body = file.read().split(b"\n", 1)[1]
    (length,) = struct.unpack_from("<Q", body, 40)
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({length},), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(target, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body[48:48 + 8 * length])


def main():
    """Prints what is asked for of every run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what")
    parser.add_argument("records", nargs="+")
    parser.add_argument("--from", dest="start", type=int, default=0)
    parser.add_argument("--columns", type=lambda names: names.split(","), default=[])
    parser.add_argument("--steps", type=lambda places: [int(place) for place in places.split(",")], default=[])
    parser.add_argument("--mean", action="store_true")
    asked = parser.parse_args()
    if asked.what == "point":
        return point(*asked.records)
    if asked.what == "surfaces":
        return table(surfaces(asked.records))
    if asked.what == "after":
        return table([line for path in asked.records for line in after(path)])
    if asked.what == "branches":
        return table(branches(asked.records, asked.steps))
    found = [run for path in asked.records for run in runs(path).items()]
    if asked.what == "correlations":
        return table(correlations(found))
    extra = {"leaving": [asked.start], "at": [asked.columns, asked.steps], "counts": [asked.steps]}.get(asked.what, [])
    jobs = (edge, coefficients, predictions, errors, steps, leaving, drift, rates, at, counts)
    job = next((job for job in jobs if job.__name__ == asked.what), None) or parser.error(f"there is no {asked.what}")
    if asked.what == "errors":
        # The steps of all seeds together.
        pooled = {}
        for name, rows in found:
            pooled.setdefault(name.rsplit(" ", 1)[0], []).extend(rows)
        found = list(pooled.items())
    lines = []
    for name, rows in found:
        if asked.what != "leaving":
            rows = [row for row in rows if int(row["step"]) >= asked.start]
        numbers = job(rows, *extra) if rows else []
        lines += [(name, line) for line in (numbers if isinstance(numbers, list) else [numbers])]
    table(mean(lines) if asked.mean else [{"run": name} | line for name, line in lines])


if __name__ == "__main__":
    sys.exit(main())

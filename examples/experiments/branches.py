"""How far the branches of a record are from the run's own iterates, by Python's standard library alone.

    python3 examples/experiments/branches.py RECORD 1,10,50

A row is a branch, a column the number of steps since it left. Below stand the one-step errors of flows that the record has at steps of the run.
"""

import csv
import sys


def shown(text):
    """A field with two digits; a dash where there is no value."""
    return f"{float(text):.1e}" if text else "-"


def main(path, after):
    """Prints the table of a record."""
    branches, ends, errors = {}, {}, {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if not row.get("branch"):
                for name in (key for key in row if key.startswith("error_") and row[key]):
                    errors.setdefault(name.removeprefix("error_"), []).append((row["step"], row[name]))
                continue
            key = (row["from"], row["branch"])
            step = int(row["step"]) - int(row["from"])
            branches.setdefault(key, {})[step] = row["distance"]
            if row["warnings"]:
                ends.setdefault(key, f"  {row['warnings']} after {step}")
    print("from  flow    " + "".join(f"{k:>9}" for k in after))
    for (start, name), found in branches.items():
        print(f"{start:>4}  {name:<8}" + "".join(f"{shown(found.get(k)):>9}" for k in after) + ends.get((start, name), ""))
    for name, found in errors.items():
        print(f"{name}, one step from iterate " + ", ".join(f"{step}: {shown(error)}" for step, error in found))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], [int(k) for k in sys.argv[2].split(",")])

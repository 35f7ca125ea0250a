"""The text of exported programs that are not run everywhere: PyTorch and Julia. Python alone is needed."""
import ast
import re
import sys

from common import BANANA, NETWORK, shadowflow

LOSSES = [
    [BANANA],
    ["examples/losses/symbolic.loss"],
    [NETWORK],
    ["--loss", "log(2)*exp(-x^2) + softplus(x*y)^3 + abs(x)*relu(y) + sign(x)*step(y) + erf(y)/3", "--param", "x, y"],
]


def names_are_known(source):
    """That what a module calls by name is there: its own, its arguments, its imports, Python's."""
    import builtins
    import symtable

    known = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    known |= {n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            known |= {(name.asname or name.name).split(".")[0] for name in node.names}
        if isinstance(node, ast.arg):
            known.add(node.arg)
    used = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    assert used <= known | set(dir(builtins)), (used - known - set(dir(builtins)), source)
    symtable.symtable(source, "exported", "exec")


def test_torch():
    for flow in ("bea:4", "principal:3", "pf", "pf+np3", "ngf", "igr", "third"):
        for method in (["gd"], ["heavy-ball"], ["nesterov", "--momentum", "1/2"], ["rk:rk4"], ["rk:gauss2"]):
            source = shadowflow("export", "--target", "torch", "--flow", flow, "--method", *method)
            names_are_known(source)
            assert "where PyTorch is installed" in ast.get_docstring(ast.parse(source)), source
    for loss, flow in [(loss, "bea:2") for loss in LOSSES] + [([BANANA], "pf"), ([BANANA, "--method", "rk:rk4"], "pf+np3")]:
        source = shadowflow("export", *loss, "--target", "torch", "--flow", flow)
        names_are_known(source)
        # No array library but torch, and no function of NumPy's spelling.
        assert not re.search(r"\bnp\.|\bjnp\.|arctan|arcsin", source), source


def test_torch_has_the_lines_of_jax():
    """Whose numbers are tested."""
    differential = re.compile(r"^    (?:t\d+|f\d+) = .*$", re.M)
    for flow in ("bea:5", "principal:4"):
        for method in ("gd", "heavy-ball", "rk:gauss2"):
            torch, jax = (shadowflow("export", "--target", t, "--flow", flow, "--method", method) for t in ("torch", "jax"))
            assert differential.findall(torch) == differential.findall(jax) != []
    named = re.compile(r"^    s\d+ = .*$", re.M)
    for loss in LOSSES[:3]:
        torch, numpy = (shadowflow("export", *loss, "--target", t, "--flow", "bea:3") for t in ("torch", "numpy"))
        assert named.findall(torch.replace("torch.", "np.")) == named.findall(numpy) != []


def test_julia():
    for loss in LOSSES:
        for flow in ("bea:3", "igr", "ngf", "pf", "pf+np3"):
            source = shadowflow("export", *loss, "--target", "julia", "--flow", flow)
            code = re.sub(r'""".*?"""', "", source, flags=re.S)
            code = re.sub(r"#.*", "", code)
            for pair in ("()", "[]", "{}"):
                assert code.count(pair[0]) == code.count(pair[1]), (pair, source)
            opened = len(re.findall(r"^\s*(?:module|function)\b", code, re.M))
            assert opened == len(re.findall(r"^\s*end$", code, re.M)) >= 3, source
            assert "**" not in code and "np." not in code, source
            # The statements are Python's but for powers, so that Python reads them too.
            for line in re.findall(r"^    (s\d+ = .*)$", code, re.M):
                ast.parse(line.replace("^", "**"))
            assigned = set(re.findall(r"^    (\w+) = ", code, re.M))
            assert set(re.findall(r"\bs\d+\b", code)) <= assigned, source


def test_names_of_julia_are_avoided():
    source = shadowflow("export", "--loss", "end^2 + 2*u^2 + t^4", "--param", "end,u,t", "--target", "julia", "--flow", "ngf")
    for name, place in (("end_", 1), ("u_", 2), ("t_", 3)):
        assert f"    {name} = u[{place}]\n" in source, source


if __name__ == "__main__":
    from common import run

    run(globals())

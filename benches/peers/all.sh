#!/usr/bin/env bash
# Every comparison with other programs, both sides in one go, as the Markdown tables of docs/benchmarks.md.
#
#   python3 -m venv .venv && .venv/bin/pip install numpy sympy symengine symbolica symjit jax kauri
#   PYTHON=.venv/bin/python benches/peers/all.sh
#
# Peers that are not installed are left out. Takes about a quarter of an hour.
set -euo pipefail
cd "$(dirname "$0")/../.."
pin=()
command -v taskset >/dev/null && pin=(taskset -c "$(($(nproc) - 1))")
for part in run evaluate trees spectral; do
  printf '\n'
  "${pin[@]}" "${PYTHON:-python3}" "benches/peers/$part.py"
done

#!/usr/bin/env bash
# Every table of docs/networks.md and docs/train.md, both sides in one go; exit status 1 where an accuracy does not hold.
#
#   python3 -m venv .venv && .venv/bin/pip install jax numpy "scipy>=1.17"
#   PYTHON=.venv/bin/python benches/peers/networks.sh
#
# BINARY and SPEED name the built command and the built example network_speed; without them both are built. DATA names the digits' table, if it is not
# the one under examples/. Takes some ten minutes.
set -uo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${BINARY:-}" ] || [ -z "${SPEED:-}" ]; then
  cargo build --release --quiet --bin shadowflow --example network_speed || exit 1
fi
BINARY="${BINARY:-$PWD/target/release/shadowflow}"
SPEED="${SPEED:-$PWD/target/release/examples/network_speed}"
pin=()
command -v taskset >/dev/null && pin=(taskset -c "$(($(nproc) - 1))")
here=benches/peers
failed=0
part() {
  printf '\n### %s\n\n' "$1"
  shift
  "$@" || failed=1
}
python=("${pin[@]}" "${PYTHON:-python3}")
data=()
[ -z "${DATA:-}" ] || data=(--data "$DATA")
flow=("${python[@]}" "$here/networks_principal_flow.py" --binary "$BINARY" --command "$SPEED" "${data[@]}")
large=(--hidden 300,256 --rows 150)
part "Derivatives" "${python[@]}" "$here/networks_derivatives.py" --command "$SPEED"
part "The principal flow, 1,210 parameters" "${flow[@]}" --expect-error 1e-8 --expect-products 32
part "The principal flow, 99,126 parameters" "${flow[@]}" "${large[@]}" --steps 20 --target 1.9 2.1 \
  --products 20 --tolerance 1e-6 --expect-error 1e-6 --expect-products 28
part "Untrained, stopped early" "${flow[@]}" --steps 0 --target 1.5 --products 16 --accuracy-only --expect-unreached
part "Untrained, labels at random" "${flow[@]}" "${large[@]}" --labels random --steps 0 --products 20 \
  --accuracy-only --expect-unreached
part "Untrained, inputs and labels at random" "${flow[@]}" --hidden 280,280 --rows 150 --inputs random --steps 0 \
  --products 200 --truth 320 --accuracy-only --expect-unreached
part "Training" "${python[@]}" "$here/networks_training.py" --binary "$BINARY"
part "A million parameters" "${PYTHON:-python3}" "$here/networks_million.py" --binary "$BINARY" "${data[@]}"
exit "$failed"

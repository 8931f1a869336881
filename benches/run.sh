#!/usr/bin/env bash
# Builds the peers, makes the data, and measures: `benches/run.sh [--quick]`. README.md says what is measured.
# N=200000 takes so many cases; ROUNDS=1 so many rounds; JOBS=1 builds with one job.
set -euo pipefail
cd "$(dirname "$0")/.."

quick=false
for word in "$@"; do
  case "$word" in
    --quick) quick=true ;;
    *) echo "unknown: $word; say benches/run.sh [--quick]" >&2; exit 2 ;;
  esac
done
if $quick; then n=${N:-100000} rounds=${ROUNDS:-3}; else n=${N:-1000000} rounds=${ROUNDS:-5}; fi

target=${CARGO_TARGET_DIR:-target}
data=$target/bench-data
mkdir -p "$data"

# Two builds, since features are united over what is built together; workload/Cargo.toml says why that matters.
build() { cargo build --release --locked --quiet --jobs "${JOBS:-2}" --manifest-path benches/peers/Cargo.toml --target-dir "$target/peers" "$@"; }
build -p peers -p engines
build -p workload

if ! cmp -s benches/requirements.txt "$target/bench-venv/requirements.txt"; then
  python3 -m venv "$target/bench-venv"
  "$target/bench-venv/bin/pip" install --quiet --requirement benches/requirements.txt
  cp benches/requirements.txt "$target/bench-venv/requirements.txt"
fi

# What earlier runs left may be of other cases or of another layout.
rm -rf "$data"/*
exec python3 benches/measure.py --target "$target" --cases "$n" --rounds "$rounds"

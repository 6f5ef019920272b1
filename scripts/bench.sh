#!/usr/bin/env bash
# Speed and memory. First the Go benchmarks of every package that has any,
# then the measurements of whole processes: each executable in scripts/bench/
# in turn, with bin/scrutineer built. A measurement prints what it measured,
# the bar, and the ratio of the two; it fails only when it cannot measure.
#
#   BENCH=pattern    only the benchmarks that match (default: all)
#   BENCHTIME=100ms  how long each runs (default: 200ms)
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=0
mapfile -t packages < <(
	git ls-files --cached --others --exclude-standard '*_test.go' |
		xargs -r grep -lE '^func Benchmark[A-Z]' | xargs -r -n1 dirname | sort -u | sed 's|^|./|'
)
if ((${#packages[@]} > 0)); then
	go test -run '^$' -bench "${BENCH:-.}" -benchtime "${BENCHTIME:-200ms}" -benchmem -timeout 30m "${packages[@]}" </dev/null || failed=1
fi

for measure in scripts/bench/*; do
	[[ -f $measure && -x $measure ]] || continue
	echo "bench: $measure"
	"$measure" </dev/null || { echo "bench: $measure failed" >&2; failed=1; }
done
exit "$failed"

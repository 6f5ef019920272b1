#!/usr/bin/env bash
# Every native fuzz target in turn, FUZZ_SECONDS (60) shared among them;
# building them comes on top. A target that fails leaves its input under its
# package's testdata/fuzz, where `go test` replays it from then on.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

budget=${FUZZ_SECONDS:-60}
mapfile -t targets < <(
	git ls-files --cached --others --exclude-standard '*_test.go' |
		xargs -r grep -HoE '^func Fuzz[A-Za-z0-9_]+' | sort -u |
		sed -E 's|^(.*)/[^/]*_test\.go:func (Fuzz.*)$|./\1 \2|'
)
if ((${#targets[@]} == 0)); then
	echo 'fuzz: there is no fuzz target'
	exit 0
fi
each=$((budget / ${#targets[@]}))
((each >= 1)) || each=1
echo "fuzz: ${#targets[@]} targets, $each s each"

failed=0
for target in "${targets[@]}"; do
	read -r package name <<<"$target"
	echo "fuzz: $package $name"
	# Without -fuzzminimizetime the first minute goes into shrinking one seed.
	timeout --kill-after=10s $((each + 300)) \
		go test -run '^$' -fuzz "^$name\$" -fuzztime "${each}s" -fuzzminimizetime 1x "$package" </dev/null ||
		{ echo "fuzz: $package $name failed" >&2; failed=1; }
done
exit "$failed"

#!/usr/bin/env bash
# gofmt, vet, staticcheck and the syntax of the shell scripts. Runs them all
# and then fails if any of them had something to say.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=0
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1) && [[ -z $out ]]; then
		echo "lint: $name: nothing to say"
		return
	fi
	printf '%s\n' "$out"
	echo "lint: $name: see above" >&2
	failed=1
}

bash_syntax() {
	local script
	for script in .ci/run scripts/*.sh; do
		bash -n "$script" || return 1
	done
}

check gofmt gofmt -l -s .
check vet go vet ./...
check staticcheck bin/staticcheck ./...
check 'bash -n' bash_syntax
exit "$failed"

#!/usr/bin/env bash
# Installs what the tests need beyond Go, where it may: as root, or with a
# sudo that asks no password, on a system with apt-get. Where it may not, it
# says which tests will be left out and why. It never fails the build: whether
# a left-out test is an error is decided by the test itself (see internal/need).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "deps: $*"; }

# left_out TESTS REASON
left_out() { say "left out: $1, because $2"; }

have_chromium() {
	local name
	for name in chromium chromium-browser google-chrome google-chrome-stable; do
		command -v "$name" >/dev/null 2>&1 && return 0
	done
	return 1
}

# The prefix with which this user may install packages; fails where he may not.
as_root() {
	if [[ $(id -u) == 0 ]]; then
		return 0
	fi
	command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && echo sudo
}

install_packages() {
	local sudo log status=0
	command -v apt-get >/dev/null 2>&1 || { reason='this system has no apt-get'; return 1; }
	sudo=$(as_root) || { reason='neither root nor a sudo without password is at hand'; return 1; }
	local -a apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q
		-o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=120)
	log=$(mktemp)
	say "installing $* (apt-get update first)"
	# A stale list is no reason to give up: the package may be on it.
	timeout 180 ${sudo:+"$sudo"} "${apt[@]}" update >"$log" 2>&1 </dev/null ||
		say "apt-get update failed, trying with the lists there are"
	timeout 900 ${sudo:+"$sudo"} "${apt[@]}" install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null || status=$?
	if ((status != 0)); then
		tail -n 5 "$log" >&2
		reason="apt-get install $* ended with status $status"
	fi
	rm -f "$log"
	return "$status"
}

reason=
if have_chromium; then
	say 'chromium is there'
elif install_packages chromium && have_chromium; then
	say 'chromium is installed'
else
	left_out 'the tests that look at reports in a browser' "${reason:-chromium cannot be found}"
fi

if command -v ssh-keygen >/dev/null 2>&1; then
	say 'ssh-keygen is there'
elif install_packages openssh-client && command -v ssh-keygen >/dev/null 2>&1; then
	say 'ssh-keygen is installed'
else
	left_out 'the test that OpenSSH checks the signature of a bundle' "${reason:-ssh-keygen cannot be found}"
fi

data=${SCRUTINEER_DATA:-../shared/data}
if [[ -d $data ]]; then
	say "election data is there ($data)"
else
	left_out 'the tests on real election data' "there is no folder $data; name one in SCRUTINEER_DATA"
fi
exit 0

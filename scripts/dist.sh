#!/usr/bin/env bash
# Static binaries with symbols (grey-box coverage reads them) and their
# SHA-256. Linux is promised; another platform that does not compile is told
# and left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

promised=(linux/amd64 linux/arm64)
offered=(darwin/arm64 windows/amd64)
version=${VERSION:-dev}

build() {
	local os=${1%/*} arch=${1#*/} ext=
	[[ $os == windows ]] && ext=.exe
	CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -trimpath -buildvcs=false \
		-ldflags "${LDFLAGS:-}" -o "dist/scrutineer_${version}_${os}_${arch}${ext}" ./cmd/scrutineer
}

rm -rf dist
mkdir -p dist
for platform in "${promised[@]}"; do
	build "$platform"
	echo "dist: $platform"
done
for platform in "${offered[@]}"; do
	if build "$platform"; then
		echo "dist: $platform"
	else
		echo "dist: $platform does not compile and is left out" >&2
	fi
done
(cd dist && sha256sum scrutineer_* >SHA256SUMS && cat SHA256SUMS)

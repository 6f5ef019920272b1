#!/usr/bin/env bash
# Writes the generated pages under docs/ again. They are made from the code
# (scenario reference, weaknesses, checks), so that they cannot drift from it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
go run ./cmd/scrutineer docs --out docs

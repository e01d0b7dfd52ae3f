#!/bin/sh
# Installs kafkajs and its codecs for the tests with real clients, in the versions of the lock file, among the outputs. Nothing of it is built or
# run: the driver needs none of what the packages would compile.
set -eu

here=$(dirname -- "$(readlink -f -- "$0")")
modules=$here/../../artifacts/interop/kafkajs
mkdir -p "$modules"
cp "$here/Drivers/kafkajs/package.json" "$here/Drivers/kafkajs/package-lock.json" "$modules"
cd "$modules"
exec npm ci --ignore-scripts --no-audit --no-fund

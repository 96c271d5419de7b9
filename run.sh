#!/usr/bin/env bash
# Sets up what is missing, builds, then runs driftd with the arguments given; without any, the demo.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
source .ci/setup.sh

setup_dotnet
setup_librdkafka
build src/Streaming.Host/Streaming.Host.csproj driftd src

if (($# == 0)); then set -- demo; fi
cd "$caller"
trap - EXIT INT TERM
exec "$root/artifacts/bin/Streaming.Host/release/driftd" "$@"

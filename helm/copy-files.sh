#!/usr/bin/env bash
# A chart reads only what lies in it: copies the Prometheus rules and Grafana dashboards of docker/ into helm/driftd/files.
set -euo pipefail
shopt -s nullglob
cd "$(dirname "${BASH_SOURCE[0]}")/.."
files=helm/driftd/files
rm -rf "$files"
mkdir -p "$files/prometheus" "$files/dashboards"
for file in docker/prometheus/*.yml; do
    case ${file##*/} in prometheus.yml | alertmanager.yml) ;; *) cp "$file" "$files/prometheus/" ;; esac
done
for file in docker/grafana/dashboards/*.json; do cp "$file" "$files/dashboards/"; done

#!/usr/bin/env bash
# Sets up what is missing, builds, then runs all tests: the unit tests as the machine is and once more per instruction set
# that can be switched off, then the integration tests. The last line adds up all runs.
#
#   ./test.sh --faults [NAME]           nothing but the fault scenarios in their long forms, or one of them: S1, S2, S3 …
#
#   KAFKA_BOOTSTRAP_SERVERS=HOST:PORT   the tests that need a broker use this one, or
#   KAFKA_HOME=FOLDER                   start their own from FOLDER/libs/*.jar with Java 17; without either a running Docker
#                                       engine gives one broker; without that they are skipped
#   CI=true                             with KAFKA_HOME, such a test fails when it is skipped
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source .ci/setup.sh
faults=
if [[ ${1:-} == --faults && $# -le 2 ]]; then
    faults="Faults${2:+=}${2:-~S}"
elif (($# > 0)); then
    fail "usage: ./test.sh [--faults [NAME]], NAME being a scenario such as S1."
fi

# Which unit tests are repeated per instruction set: all, or a filter such as Category=EveryCpu once they take a minute.
repeated=''

results=$PWD/artifacts/test-results
passed=0 failed=0 skipped=0 notes=()

# run NAME PROJECT FILTER [VARIABLE=VALUE...]: one test host with these variables; counts from its results file.
run() {
    local name=$1 project=$2 filter=$3 code=0 counters total executed ok log=$results/$1.log trx=$results/$1.trx
    shift 3
    progress "$name" "$log" env "$@" dotnet test "artifacts/bin/$project/release/$project.dll" ${filter:+--filter "$filter"} \
        --logger "trx;LogFileName=$trx" --results-directory "$results" \
        --blame-hang-timeout 10m --blame-hang-dump-type none || code=$?

    counters=$(grep -o '<Counters [^>]*' "$trx" 2>/dev/null || true)
    total=$(counter total) executed=$(counter executed) ok=$(counter passed)
    passed=$((passed + ok)) failed=$((failed + executed - ok)) skipped=$((skipped + total - executed))
    sed -n '/^ *<Results>/,/^ *<\/Results>/p' "$trx" 2>/dev/null | unescape >"$results/$name.results" || true

    if ((total == 0)); then
        note "$name: no test finished (exit $code)."
    elif ((code != 0 && executed == ok)); then
        note "$name: the test host ended with $code though no test failed."
    fi
    if ((code != 0 || total == 0)); then
        grep -vE '^(VSTest version|Starting test execution|A total of|Results File:|\[xUnit|Data collector|Attachments:|$)|^ *at (System|Xunit)\.|^ *Skipped |/Sequence_' "$log" || true
    else
        grep -E '^Passed!' "$log" | sed 's/ - [A-Za-z.]*dll.*//; s/^/  /' || true
    fi
    skips "$results/$name.results" | sort | uniq -c | sed 's/^ *\([0-9]*\) /  skipped \1: /'
    digests "$results/$name.results" | sed 's/^/  /'
}

counter() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters" | grep . || echo 0; }
unescape() { sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&amp;/\&/g'; }

# A failure that is no failed test.
note() { notes+=("$1"); failed=$((failed + 1)); }

# Why tests were skipped: one line per test.
skips() {
    awk '/<UnitTestResult /{ skip = /outcome="NotExecuted"/ }
         skip && /<Message>/{ sub(/.*<Message>/, ""); sub(/<\/Message>.*/, ""); print; skip = 0 }' "$1"
}

# Digests of answers: lines `digest NAME VALUE` that tests print.
digests() { sed -n 's/^ *\(<StdOut>\)\{0,1\}\(digest [^<]*\).*/\2/p' "$1" | sort -u; }

setup_dotnet
setup_librdkafka
setup_test_tools
build Streaming.sln "tests driftd" src tests
if [[ -z ${KAFKA_BOOTSTRAP_SERVERS:-} && -z ${KAFKA_HOME:-} ]] && docker info >/dev/null 2>&1; then
    start_docker_kafka || say "No Kafka from Docker: the tests that need one are skipped."
fi

rm -rf "$results"
mkdir -p "$results"

# Fault scenarios print what happened and how long it took.
if [[ -n $faults ]]; then
    run faults Streaming.IntegrationTests "$faults" DRIFTD_FAULTS=full
    sed -n 's/<[^>]*>//g; s/^ *\(S[0-9]*[ :].*\)/  \1/p' "$results/faults.results"
    for text in "${notes[@]}"; do echo "FAILED $text"; done
    echo "$passed passed, $failed failed, $skipped skipped"
    exit $((failed > 0))
fi

run unit Streaming.Tests ''
# The last one takes away what the C library's mathematics chooses by; it has other names before glibc 2.33.
while read -r name setting; do
    run "unit-$name" Streaming.Tests "$repeated" "$setting"
    differing=$(comm -13 <(digests "$results/unit.results") <(digests "$results/unit-$name.results"))
    if [[ -n $differing ]]; then
        note "unit-$name: answers depend on the CPU; the first run has another ${differing//$'\n'/, }."
    fi
done <<'SETTINGS'
no-avx512 DOTNET_EnableAVX512=0
no-avx2 DOTNET_EnableAVX2=0
no-vectors DOTNET_EnableHWIntrinsic=0
no-fma-in-libc GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX2_Usable,-FMA_Usable,-FMA4_Usable,-AVX512F_Usable
SETTINGS

run integration Streaming.IntegrationTests 'Form!=full'
if [[ ${CI:-} == true && -n ${KAFKA_HOME:-} ]]; then
    unused=$(skips "$results/integration.results" | grep -ci kafka || true)
    if ((unused > 0)); then
        skipped=$((skipped - unused)) failed=$((failed + unused))
        notes+=("integration: $unused tests skipped for want of a Kafka, though KAFKA_HOME is $KAFKA_HOME.")
    fi
fi

for text in "${notes[@]}"; do echo "FAILED $text"; done
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))

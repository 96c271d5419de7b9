# shellcheck shell=bash
# Set-up shared by run.sh, test.sh and .ci/run. Sourced by them from the root of the repository, under `set -euo pipefail`.
# All it says goes to standard error, so that the output of driftd stays its own.
#
#   LibrdkafkaPath=FILE          use this librdkafka.so in place of the NuGet package librdkafka.redist
#   DRIFTD_BUILD_LIBRDKAFKA=1    build librdkafka from source even where that package can be restored

LIBRDKAFKA_VERSION=2.15.1
# The source of librdkafka 2.15.1 as published: an npm package that carries it, and that package's published hash.
LIBRDKAFKA_SOURCE=@confluentinc/kafka-javascript@1.10.1
LIBRDKAFKA_SHA512=KVePUBn21EqCVP9mfxzEuM3SYJHHEF7X+iiC2e43QQgDSyEaksInmCGooT3w5q+cNAdkSCrK71j0ICfqoSqZLw==
LIBRDKAFKA_CACHE=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/driftd/librdkafka-$LIBRDKAFKA_VERSION-$(uname -m)
DOCKERFILE_LINTER=dockerfile-utils@0.16.3
# Written where the package could not be restored, so that the next build does not try again.
LIBRDKAFKA_BUILT=artifacts/librdkafka.built

SETUP_TICKER=
SETUP_FOLDER=
SETUP_CONTAINER=

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

setup_cleanup() {
    if [[ -n $SETUP_TICKER ]]; then kill "$SETUP_TICKER" 2>/dev/null || true; fi
    if [[ -n $SETUP_FOLDER ]]; then rm -rf "$SETUP_FOLDER"; fi
    if [[ -n $SETUP_CONTAINER ]]; then docker rm --force "$SETUP_CONTAINER" >/dev/null 2>&1 || true; fi
    rm -f artifacts/started.*."$$"
    SETUP_TICKER='' SETUP_FOLDER='' SETUP_CONTAINER=''
}
trap setup_cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# progress TEXT LOG COMMAND...: one line with a dot every two seconds and the time taken; what the command says goes to LOG.
progress() {
    local text=$1 log=$2 code=0 begin=$SECONDS
    shift 2
    printf '%s ' "$text" >&2
    while :; do sleep 2 >/dev/null 2>&1; printf '.' >&2; done </dev/null >/dev/null &
    SETUP_TICKER=$!
    "$@" >"$log" 2>&1 </dev/null || code=$?
    kill "$SETUP_TICKER" 2>/dev/null || true
    wait "$SETUP_TICKER" 2>/dev/null || true
    SETUP_TICKER=
    if ((code == 0)); then say " done, $((SECONDS - begin)) s"; else say " failed (exit $code)"; fi
    return "$code"
}

# Errors of a build without the noise around them; the end of the log where it holds none.
show_log() {
    grep -E '(error|warning) [A-Z]+[0-9]+|^Traceback|: error' "$1" | sed 's/^ *//' | sort -u | head -40 >&2 || tail -n 25 "$1" >&2
}

setup_dotnet() {
    local wanted
    wanted=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' global.json)
    command -v dotnet >/dev/null \
        || fail "the .NET SDK is missing. driftd needs SDK $wanted or a later one of that major version (global.json): https://dotnet.microsoft.com/download/dotnet/10.0"
    dotnet --version >/dev/null 2>&1 \
        || fail "no .NET SDK installed here fits global.json ($(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd' ')). driftd needs SDK $wanted or a later one of that major version: https://dotnet.microsoft.com/download/dotnet/10.0"
    # Where the SDK stands in an unusual place, driftd itself would not find its runtime.
    export DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
    export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
}

# Decides where the native half of Confluent.Kafka comes from, as far as that is known before a restore.
setup_librdkafka() {
    if [[ -n ${LibrdkafkaPath:-} ]]; then
        [[ -f $LibrdkafkaPath ]] || fail "LibrdkafkaPath names $LibrdkafkaPath, which is not a file."
        LibrdkafkaPath=$(cd "$(dirname "$LibrdkafkaPath")" && pwd)/$(basename "$LibrdkafkaPath")
        export LibrdkafkaPath
    elif [[ ${DRIFTD_BUILD_LIBRDKAFKA:-0} == 1 || -f $LIBRDKAFKA_BUILT ]]; then
        build_librdkafka
    fi
}

# Builds librdkafka.so from its published source into the cache, once, and exports LibrdkafkaPath.
build_librdkafka() {
    local library=$LIBRDKAFKA_CACHE/librdkafka.so log package
    if [[ ! -f $library ]] || ldd "$library" | grep -q 'not found'; then
        librdkafka_build_tools
        mkdir -p "$LIBRDKAFKA_CACHE"
        log=$LIBRDKAFKA_CACHE/build.log
        SETUP_FOLDER=$(mktemp -d)
        progress "Fetching the source of librdkafka $LIBRDKAFKA_VERSION" "$log" \
            npm pack --silent --pack-destination "$SETUP_FOLDER" "$LIBRDKAFKA_SOURCE" || { show_log "$log"; fail "npm pack $LIBRDKAFKA_SOURCE failed."; }
        package=$(echo "$SETUP_FOLDER"/*.tgz)
        [[ $(sha512sum "$package" | cut -d' ' -f1) == "$(base64 -d <<<"$LIBRDKAFKA_SHA512" | od -An -vtx1 | tr -d ' \n')" ]] \
            || fail "$LIBRDKAFKA_SOURCE is not the package that was published: its SHA-512 differs."
        tar -xzf "$package" -C "$SETUP_FOLDER" package/deps/librdkafka
        progress "Building librdkafka $LIBRDKAFKA_VERSION" "$log" make_librdkafka "$SETUP_FOLDER/package/deps/librdkafka" \
            || { show_log "$log"; fail "librdkafka could not be built; all of it: $log"; }
        # Renamed into place, so that two builds at once do no harm.
        cp "$SETUP_FOLDER/package/deps/librdkafka/src/librdkafka.so.1" "$library.$$"
        mv "$library.$$" "$library"
        rm -rf "$SETUP_FOLDER"
        SETUP_FOLDER=
    fi
    export LibrdkafkaPath=$library
}

make_librdkafka() { (cd "$1" && ./configure --enable-ssl --enable-gssapi --enable-zstd --enable-lz4-ext --enable-curl && make -j2 libs); }

# Compilers and headers that librdkafka is built with: installed where this runs as root on Debian, else named.
librdkafka_build_tools() {
    local missing=() header package
    command -v npm >/dev/null || missing+=(npm)
    command -v gcc >/dev/null || missing+=(gcc)
    command -v g++ >/dev/null || missing+=(g++)
    command -v make >/dev/null || missing+=(make)
    while read -r header package; do
        { command -v gcc >/dev/null && gcc -E -include "$header" -x c /dev/null >/dev/null 2>&1; } || missing+=("$package")
    done <<'HEADERS'
openssl/ssl.h libssl-dev
zlib.h zlib1g-dev
zstd.h libzstd-dev
lz4frame.h liblz4-dev
sasl/sasl.h libsasl2-dev
curl/curl.h libcurl4-openssl-dev
HEADERS
    if ((${#missing[@]} > 0)); then
        install_debian "${missing[@]}" \
            || fail "librdkafka has to be built, and this machine lacks (names as in Debian): ${missing[*]}. Install them, or set LibrdkafkaPath to a librdkafka.so $LIBRDKAFKA_VERSION."
    fi
}

# install_debian PACKAGE...: by apt, as root, starting none of the services that the packages bring. False where that is not possible.
install_debian() {
    local log code=0 policy=/usr/sbin/policy-rc.d
    [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || return 1
    log=$(mktemp)
    if [[ -e $policy ]]; then policy=; else printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod 755 "$policy"; fi
    progress "Installing $*" "$log" apt_install "$@" || { code=1; tail -n 5 "$log" >&2; }
    if [[ -n $policy ]]; then rm -f "$policy"; fi
    rm -f "$log"
    return "$code"
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }
}

# What some integration tests use besides a Kafka: a real Prometheus, with promtool; what a Kubernetes API server needs, where there is one;
# a linter for the Dockerfile, from npm.
setup_test_tools() {
    if ! command -v promtool >/dev/null || ! command -v prometheus >/dev/null; then
        install_debian prometheus || say "No prometheus and promtool here (Debian: prometheus): the tests that need them are skipped."
    fi
    if [[ -e ${DRIFTD_TOOLS:-../shared/tools}/kubernetes/apiserver ]] && ! { command -v etcd && command -v zstd; } >/dev/null; then
        install_debian etcd-server zstd || say "No etcd and zstd here (Debian: etcd-server, zstd): the tests on a Kubernetes API server are skipped."
    fi
    setup_dockerfile_linter || say "No linter for the Dockerfile here (npm: $DOCKERFILE_LINTER): its test is skipped."
}

setup_dockerfile_linter() {
    local folder=${LIBRDKAFKA_CACHE%/*}/${DOCKERFILE_LINTER/@/-}
    if [[ ! -x $folder/node_modules/.bin/dockerfile-utils ]]; then
        command -v npm >/dev/null || return
        mkdir -p "$folder"
        progress "Fetching $DOCKERFILE_LINTER" "$folder/install.log" \
            npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "$DOCKERFILE_LINTER" || return
    fi
    export PATH=$folder/node_modules/.bin:$PATH
}

# A Kafka for the tests from a running Docker engine: the image of docker/compose.yaml, open on loopback, removed at the end.
# Exports KAFKA_BOOTSTRAP_SERVERS. The intervals are those that the tests give to the brokers they start themselves.
start_docker_kafka() {
    local image port log=artifacts/kafka.log
    image=$(sed -n 's/^ *image: *\(apache\/kafka:.*\)/\1/p' docker/compose.yaml)
    port=$((20000 + RANDOM % 10000))
    mkdir -p artifacts
    SETUP_CONTAINER=driftd-test-$$
    progress "Starting $image" "$log" docker_kafka "$image" "$port" || { tail -n 5 "$log" >&2; return 1; }
    export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:$port
}

docker_kafka() {
    docker run --detach --name "$SETUP_CONTAINER" --hostname kafka --publish "127.0.0.1:$2:9092" \
        --env KAFKA_NODE_ID=1 \
        --env KAFKA_PROCESS_ROLES=broker,controller \
        --env KAFKA_CONTROLLER_QUORUM_VOTERS=1@kafka:29093 \
        --env KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER \
        --env KAFKA_LISTENERS=CONTROLLER://:29093,INSIDE://:19092,HOST://:9092 \
        --env "KAFKA_ADVERTISED_LISTENERS=INSIDE://kafka:19092,HOST://127.0.0.1:$2" \
        --env KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT,HOST:PLAINTEXT \
        --env KAFKA_INTER_BROKER_LISTENER_NAME=INSIDE \
        --env KAFKA_AUTO_CREATE_TOPICS_ENABLE=false \
        --env KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1 \
        --env KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR=1 \
        --env KAFKA_TRANSACTION_STATE_LOG_MIN_ISR=1 \
        --env KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR=1 \
        --env KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR=1 \
        --env KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS=0 \
        --env KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS=1000 \
        --env KAFKA_GROUP_CONSUMER_MIN_SESSION_TIMEOUT_MS=3000 \
        --env KAFKA_GROUP_CONSUMER_SESSION_TIMEOUT_MS=6000 \
        --env KAFKA_GROUP_CONSUMER_MIN_HEARTBEAT_INTERVAL_MS=500 \
        --env KAFKA_GROUP_CONSUMER_HEARTBEAT_INTERVAL_MS=1000 \
        --env KAFKA_TRANSACTION_ABORT_TIMED_OUT_TRANSACTION_CLEANUP_INTERVAL_MS=500 \
        "$1" || return
    local attempt
    for ((attempt = 0; attempt < 60; attempt++)); do
        if docker exec "$SETUP_CONTAINER" /opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka:19092 --list; then return; fi
        sleep 1
    done
    docker logs --tail 20 "$SETUP_CONTAINER"
    return 1
}

# restore TARGET: a feed may fail for a moment, so it is asked three times. Where librdkafka.redist is what it lacks, that is built.
restore() {
    local log=artifacts/restore.log attempt
    mkdir -p artifacts
    for attempt in 1 2 3; do
        if progress "Restoring packages" "$log" dotnet restore "$1" -v q; then return; fi
        if ((attempt < 3)); then sleep 2; fi
    done
    if [[ -z ${LibrdkafkaPath:-} ]] && grep -q 'librdkafka\.redist' "$log"; then
        say "The NuGet package librdkafka.redist $LIBRDKAFKA_VERSION cannot be restored here; librdkafka is built from source instead."
        build_librdkafka
        echo "$LibrdkafkaPath" >"$LIBRDKAFKA_BUILT"
        if progress "Restoring packages" "$log" dotnet restore "$1" -v q; then return; fi
    fi
    show_log "$log"
    fail "the NuGet packages could not be restored; all of it: $log"
}

# build TARGET STAMPS PATH...: Release, unless nothing in the paths is newer than the last such build with the same librdkafka.
build() {
    local target=$1 stamps=$2 log=artifacts/build.log stamp
    shift 2
    stamp=artifacts/built.${stamps%% *}
    if [[ -f $stamp && $(<"$stamp") == "${LibrdkafkaPath:-package}" ]] \
        && [[ -z $(find "$@" Directory.* global.json .editorconfig ${LibrdkafkaPath:+"$LibrdkafkaPath"} -newer "$stamp" -print -quit) ]]; then
        return
    fi
    restore "$target"
    rm -f artifacts/built.*
    # Made before the build, so that a file saved while it runs is newer.
    for stamp in $stamps; do echo "${LibrdkafkaPath:-package}" >"artifacts/started.$stamp.$$"; done
    progress "Building" "$log" dotnet build "$target" -c Release --no-restore -v q \
        || { show_log "$log"; fail "the build failed; all of it: $log"; }
    for stamp in $stamps; do mv "artifacts/started.$stamp.$$" "artifacts/built.$stamp"; done
}

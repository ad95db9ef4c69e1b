#!/bin/bash
# The main job, for real: one record through the datagram socket, priced, made durable, delivered.
#
#   run.sh BUILD_DIR
#
# Without RESPAN_API_KEY the destination is respan-sandbox on this machine; with it, the real API (RESPAN_BASE_URL
# names another server). Goes on until Ctrl-C; without a terminal, or with CI set, ends with 0 after the first delivery.
set -euo pipefail

build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
bin=$build/bin
run=$build/run
mkdir -p "$run"
chmod 700 "$run"
rm -f "$run/port"
sandbox= daemon=

cleanup() {
    trap - EXIT INT TERM
    [ -z "$daemon" ] || { kill -TERM "$daemon" 2>/dev/null && wait "$daemon" || true; }
    [ -z "$sandbox" ] || { kill -TERM "$sandbox" 2>/dev/null && wait "$sandbox" || true; }
}
trap cleanup EXIT
trap 'cleanup; exit 0' INT TERM

# Polls until the command succeeds; gives up after 30 seconds or when the process is gone.
await() {
    local process=$1 what=$2
    shift 2
    for _ in $(seq 300); do
        "$@" >/dev/null 2>&1 && return 0
        kill -0 "$process" 2>/dev/null || { echo "$what has ended" >&2; exit 1; }
        sleep 0.1
    done
    echo "$what: no answer after 30 seconds" >&2
    exit 1
}

if [ -z "${RESPAN_API_KEY:-}" ]; then
    "$bin/respan-sandbox" --listen 127.0.0.1:0 --port-file "$run/port" > >(tee "$run/sandbox.log" | sed -u 's/^/  server | /') &
    sandbox=$!
    await "$sandbox" "the sandbox" test -s "$run/port"
    export RESPAN_API_KEY=sandbox
    base_url="http://127.0.0.1:$(cat "$run/port")/api"
else
    base_url=${RESPAN_BASE_URL:-https://api.respan.ai/api}
fi

cat > "$run/respand.toml" <<TOML
# Written by \`make run\`.
[ingest.unix_datagram]
path = "$run/respand.sock"
[ingest.unix_stream]
path = "$run/stream.sock"
[spool]
path = "$run/spool.db"
[pricing]
table = "$build/share/respand/pricing.json"
overlays = "$run/pricing.d"
[upload]
base_url = "$base_url"
api_key = { env = "RESPAN_API_KEY" }
linger = "200ms"
[control]
path = "$run/control.sock"
[log]
format = "text"
TOML

delivered() {
    "$bin/respanctl" --socket "$run/control.sock" status --json | sed -n 's/^ *"delivered": \([0-9]*\),*$/\1/p' | head -n 1
}
more_delivered() { [ "$(delivered)" -gt "$1" ]; }

echo "starting respand ($run/respand.toml), delivering to $base_url"
"$bin/respand" --config "$run/respand.toml" > >(sed -u 's/^/ respand | /') 2>&1 &
daemon=$!
await "$daemon" "respand" "$bin/respanctl" --socket "$run/control.sock" status
before=$(delivered)

echo "sending the example record to $run/respand.sock"
"$bin/respanctl" send --to "$run/respand.sock" "$here/record.json"
await "$daemon" "delivery" more_delivered "$before"
sleep 0.2  # lets the lines above appear before what follows; nothing depends on it

echo
echo "delivered. The cost was computed on the way: 18 x 0.65 + 502 x 2.75 USD per million = 0.0013922 USD"
[ -z "$sandbox" ] || { echo "The server received:"; sed -n '/ bulk \| create /p' "$run/sandbox.log"; }
echo
"$bin/respanctl" --socket "$run/control.sock" audit

if [ -t 0 ] && [ -t 1 ] && [ -z "${CI:-}" ]; then
    echo
    echo "Running until Ctrl-C. In another terminal:"
    echo "  echo '{\"model\": \"openai/gpt-4o-mini\", \"prompt_tokens\": 9, \"completion_tokens\": 20}' | $bin/respanctl send --to $run/respand.sock"
    echo "  $bin/respanctl --socket $run/control.sock status"
    wait "$daemon"
fi

#!/usr/bin/env bash
# One week of real earthquakes through a fresh server: demo.sh [PATH_OF_THALWEG]
set -eu
thalweg=$(realpath "${1:-$(dirname "$0")/../build/release/thalweg}")
cd "$(dirname "$0")"
port=${PORT:-18088}
url=http://127.0.0.1:$port
folder=$(mktemp -d)

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
sql() { "$thalweg" sql "$url" "$@"; }
stop() {
  kill "$server" 2> /dev/null || true
  wait "$server" 2> /dev/null || true
  rm -rf "$folder"
}

say "starting a server on $url, its data in $folder"
"$thalweg" server --listen "$url" --data "$folder/data" > "$folder/server.log" 2>&1 &
server=$!
trap stop EXIT
for _ in $(seq 500); do
  curl -sf "$url/info" > /dev/null && break
  kill -0 "$server" 2> /dev/null || { cat "$folder/server.log"; exit 1; }
  sleep 0.02
done

say "two sources and four queries that run for ever (examples/demo.sql)"
sql -f demo.sql > "$folder/created.txt"
sql -e 'SHOW QUERIES;' | cut -c1-100

say "watching strong earthquakes live, while a week of events ($(wc -l < earthquakes.ndjson) of them) comes in"
"$thalweg" sql "$url" -e "SELECT mag, place FROM strong_quakes EMIT CHANGES;" &
watcher=$!
sleep 1
split -l 60 earthquakes.ndjson "$folder/part."
for part in "$folder"/part.*; do
  { echo '{"target":"quakes","properties":{}}'; cat "$part"; } |
    curl -sf --data-binary @- "$url/inserts-stream" > "$folder/acks.txt"
  sleep 0.1
done
sleep 1
kill -INT "$watcher"
wait "$watcher" || true

say "per network: how many, and the strongest"
sql -e "SELECT * FROM per_network;"

say "the busiest hours (eight or more in one network)"
sql -e "SELECT net, TIMESTAMPTOSTRING(WINDOWSTART, 'yyyy-MM-dd HH:mm', 'UTC') AS hour, quakes, strongest
        FROM per_hour WHERE quakes >= 8;"

say "one network, one day, hour by hour"
sql -e "SELECT TIMESTAMPTOSTRING(WINDOWSTART, 'HH:mm', 'UTC') AS hour, quakes, strongest FROM per_hour
        WHERE net = 'us' AND WINDOWSTART >= '2018-02-06T12:00:00' AND WINDOWSTART < '2018-02-06T18:00:00';"

say "the join: each event with the name of the network that reported it"
sql -e "SELECT mag, place, name FROM named_quakes WHERE mag >= 6;"

if [ -t 0 ] && [ -t 1 ]; then
  say "your turn: the server runs until you leave this shell (Ctrl-D); 'help' lists commands"
  sql || true
else
  cat <<END

To go on by hand:
  $thalweg server --data my-data          # a server on http://localhost:8088
  $thalweg sql                            # a shell; try: SHOW STREAMS;
  $(pwd)/run.py *.sql   # the other examples, each with a check
END
fi

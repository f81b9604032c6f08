#!/usr/bin/env bash
# usage: tests/fuzz/run.sh [seconds] [target...]
# Builds the fuzz targets with Clang and runs each for so many seconds (default 60), starting from its
# seeds in corpus/. What it finds on the way is kept in build/fuzz/found. Exits 1 if any target crashed;
# the input is then in build/fuzz/crashes, and `build/fuzz/fuzz/<target>_fuzz <input>` replays it.
set -euo pipefail
seconds=${1:-60}
shift || true
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
cmake --preset fuzz > /dev/null
cmake --build --preset fuzz --target fuzz_targets
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  for source in tests/fuzz/*_fuzz.cc; do targets+=("$(basename "$source" _fuzz.cc)"); done
fi
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}
mkdir -p build/fuzz/crashes
failed=0
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/found/$target"
  echo "fuzz: $target for $seconds s"
  "build/fuzz/fuzz/${target}_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
    -artifact_prefix="build/fuzz/crashes/$target-" "build/fuzz/found/$target" "tests/fuzz/corpus/$target" \
    > "build/fuzz/$target.log" 2>&1 || { tail -40 "build/fuzz/$target.log"; echo "fuzz: $target FAILED"; failed=1; }
  tail -1 "build/fuzz/$target.log"
done
exit $failed

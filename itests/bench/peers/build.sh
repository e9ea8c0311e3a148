#!/usr/bin/env bash
# Makes Sallyport known to the side-by-side harness of engines: builds the jars and the adapter into the harness's work folder.
#   PEERS_WORK=… itests/bench/peers/build.sh
#   PEERS_ENGINES=…/itests/bench/peers/engines.json …/bench.py run --engines sallyport,wasmtime,v8
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/../../.." && pwd)
: "${PEERS_WORK:?set PEERS_WORK to the folder in which the harness was set up}"
. "$root/cnf/find-tools.sh"
find_jdk25
find_mvn
(cd "$root" && mvn -B -ntp -q -Dstyle.color=never -Dmaven.test.skip=true -pl itests/bench -am package >&2)
rm -rf "$PEERS_WORK/lib/sallyport" "$PEERS_WORK/classes/sallyport"
mkdir -p "$PEERS_WORK/lib/sallyport" "$PEERS_WORK/classes/sallyport"
cp "$root"/itests/bench/target/lib/org.sallyport.*.jar "$PEERS_WORK/lib/sallyport/"
"$JDK25/bin/javac" -proc:none -cp "$PEERS_WORK/classes/core:$PEERS_WORK/lib/sallyport/*" -d "$PEERS_WORK/classes/sallyport" \
    "$root/itests/bench/peers/SallyportEngine.java"

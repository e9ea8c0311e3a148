# Sourced by both launchers, ../sallyport of the tree and bin/sallyport of a distribution (dist): how Java is started.

launched=${EPOCHREALTIME:-} # for --verbose
archive=

# The JVM opens its own files under the numbers of standard streams that are closed. They get what fails as they would.
# (Under another number, because bash does nothing, and has nothing fail, for a copy of a descriptor to itself.)
{ : 9<&0; } 2>/dev/null || exec 0>/dev/null
{ : 9>&1; } 2>/dev/null || exec 1</dev/null
{ : 9>&2; } 2>/dev/null || exec 2</dev/null

# launch WORDS…: becomes Java. Needs JDK25; classpath (jars, with colons), main (a class) and app (the folder of the application
# on Felix); archives (a folder for start archives, or empty) and training (modules for org.sallyport.cli.Training).
launch() {
    # Java encodes names of files and decodes arguments as the locale says. This locale knows all characters, is there without any
    # language installed, and has the system's messages untranslated. A guest that is given LC_ALL gets the user's (HostProcess).
    export SALLYPORT_LC_ALL=${LC_ALL+=}${LC_ALL-} LC_ALL=C.UTF-8
    # SALLYPORT_NATIVE_ACCESS=deny forbids all native access: guests run as class files (docs/decisions/class-files.md).
    case "${SALLYPORT_NATIVE_ACCESS:-}" in
        '') native=--enable-native-access=ALL-UNNAMED ;;
        deny) native=--illegal-native-access=deny ;;
        *) echo "sallyport: SALLYPORT_NATIVE_ACCESS is $SALLYPORT_NATIVE_ACCESS; it may be deny, or is left out" >&2; exit 2 ;;
    esac
    flags=("$native" --sun-misc-unsafe-memory-access=allow -XX:+UseSerialGC)
    if [ "$main" = org.sallyport.cli.Main ]; then
        # Java's best compiler does not pay in a short time: even compiling 14 MB takes half as long without it, because the code that
        # collects profiles for it is slow, and most of all runs once. What a guest calls of the host takes 80 ns more.
        flags+=(-XX:TieredStopAtLevel=1 "-Dsallyport.launched=$launched")
    fi
    [ -z "$archives" ] || [ "${SALLYPORT_AOT:-}" = off ] || use_archive
    exec "$JDK25/bin/java" "${flags[@]}" ${SALLYPORT_JVM_ARGS:-} "-Dsallyport.app=$app" -cp "$classpath" "$main" "$@"
}

# Much of what a start costs is loading classes and linking calls. Java can do that ahead of time, after watching a run (JEP 483, 514):
# the first start with these jars and this JDK has it done in the background, under another name until it is whole. Java runs without
# the archive, silently, when it does not like it. SALLYPORT_AOT=off leaves it alone. An archive is code: only the user's own counts.
use_archive() {
    [ -n "${archive:-}" ] || name_archive
    if [ -O "$archive" ]; then
        flags+=("-XX:AOTCache=$archive" "-Xlog:cds*=off" "-Xlog:aot*=off")
    elif [ ! -e "$archive" ] && command -v flock >/dev/null && mkdir -p -m 700 "$archives" 2>/dev/null && [ -w "$archives" ]; then
        (
            (flock -n 8 && train "$archive" 8>&-) 8>"$archives/training" &
        ) </dev/null >/dev/null 2>&1
    fi
}

name_archive() { # by all that it must be made anew for
    local jars id place
    IFS=: read -ra jars <<<"$classpath"
    id=$({ echo "$JDK25 $classpath" && stat -L -c '%s %Y' "$JDK25/release" "${jars[@]}"; } 2>/dev/null | cksum)
    place=${root//[!A-Za-z0-9]/_} # whose older archives a new one replaces
    [ ${#place} -le 100 ] || place=${place: -100}
    archive=$archives/start$place-${id%% *}.aot
}

train() { # makes the archive $1
    local draft=$1.draft
    [ ! -e "$1" ] || return 0
    rm -f "${1%-*}"-*
    find "$archives" -maxdepth 1 -name 'start*.aot' -atime +60 -delete # of what is no longer installed
    nice -n 10 "$JDK25/bin/java" "${flags[@]}" -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions \
        -XX:-AOTRecordTraining "-XX:AOTCacheOutput=$draft" -cp "$classpath" org.sallyport.cli.Training "${training[@]}" || true
    [ -s "$draft" ] || : >"$draft" # Java could not: an empty archive, which it does not like, keeps us from trying each time
    mv "$draft" "$1"
}

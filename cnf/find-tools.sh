# Sourced by the scripts of this project: find_jdk25 sets JDK25 (find_java25 where java alone will do), find_mvn makes `mvn` usable.
# One clear sentence if absent.

java_major() { # sets major to the feature version of the Java in $1, if it has the tool $2; without another process
    local line
    major=
    [ -x "$1/bin/$2" ] && [ -r "$1/release" ] || return 0
    while IFS= read -r line; do
        case $line in
            'JAVA_VERSION="'*) line=${line#*\"} major=${line%%[!0-9]*} && return ;;
        esac
    done <"$1/release"
}

find_java25() { # with the tool $1, in the directories that follow or where it usually is
    local tool=$1 home major
    shift
    for home in "$@" "${JAVA_HOME:-}" /usr/lib/jvm/* PATH; do
        [ "$home" != PATH ] || home=$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /none/bin/java)")")")
        java_major "$home" "$tool"
        case $major in
            2[5-9] | [3-9][0-9]) JDK25=$home && return ;;
        esac
    done
    echo "sallyport: no $([ "$tool" = java ] && echo Java || echo JDK) 25 found in JAVA_HOME, /usr/lib/jvm or on the PATH; install" \
        "one (Temurin 25, for instance) or set JAVA_HOME." >&2
    exit 2
}

find_jdk25() {
    find_java25 javac
}

find_mvn() { # needs JDK25: the build compiles and tests there, and Maven itself takes any JDK from 17
    command -v mvn >/dev/null || {
        echo "sallyport: Maven (mvn) is not on the PATH; install Maven 3.8 or newer." >&2
        exit 2
    }
    local home=${JAVA_HOME:-} major
    [ -n "$home" ] || home=$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /none/bin/java)")")")
    java_major "$home" javac
    case $major in
        1[7-9] | [2-9][0-9]) ;;
        *) export JAVA_HOME=$JDK25 ;;
    esac
    export JAVA25_HOME=$JDK25 # where the toolchain looks for it, wherever it is
}

# Sourced by the scripts of this project: find_jdk25 sets JDK25, find_mvn makes `mvn` usable. One clear sentence if absent.

java_major() { # prints the feature version of the JDK in $1, or nothing
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] && sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_jdk25() {
    local home on_path
    on_path=$(command -v java) && on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/* "${on_path:-}"; do
        case $(java_major "$home") in
            2[5-9] | [3-9][0-9]) JDK25=$home && return ;;
        esac
    done
    echo "sallyport: no JDK 25 found in JAVA_HOME, /usr/lib/jvm or on the PATH; install one (Temurin 25, for instance) or set JAVA_HOME." >&2
    exit 2
}

find_mvn() { # needs JDK25: the build compiles and tests there, and Maven itself takes any JDK from 17
    command -v mvn >/dev/null || {
        echo "sallyport: Maven (mvn) is not on the PATH; install Maven 3.8 or newer." >&2
        exit 2
    }
    local home=${JAVA_HOME:-}
    [ -n "$home" ] || home=$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /none/bin/java)")")")
    case $(java_major "$home") in
        1[7-9] | [2-9][0-9]) ;;
        *) export JAVA_HOME=$JDK25 ;;
    esac
    export JAVA25_HOME=$JDK25 # where the toolchain looks for it, wherever it is
}

#!/usr/bin/env bash
# emulate-aarch64.sh FOLDER: puts a JDK 25 for AArch64 into FOLDER, for tests that run emulated on a Debian machine of another kind.
# Installs qemu-user-static and the disassembler by apt if they are missing (as root); packages for AArch64 are only unpacked.
# Then:   mvn … -Dsallyport.aarch64=FOLDER        or set SALLYPORT_AARCH64=FOLDER
set -euo pipefail
folder=$(realpath -m "${1:?usage: emulate-aarch64.sh FOLDER}")
suite=trixie

if ! command -v qemu-aarch64-static >/dev/null || ! command -v aarch64-linux-gnu-objdump >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends qemu-user-static binutils-aarch64-linux-gnu
fi

# A private state of apt, so that nothing of the machine's own changes.
state=$folder/apt
mkdir -p "$state/lists/partial" "$state/archives/partial"
touch "$state/status"
mirror=$(grep -hs '^URIs:' /etc/apt/sources.list.d/*.sources | awk '{print $2; exit}')
[ -n "$mirror" ] || mirror=$(awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^http/) { print $i; exit } }' /etc/apt/sources.list)
echo "deb [arch=arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$state/sources.list"
apt_arm64() {
    apt-get -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$state/lists" \
        -o Dir::State::status="$state/status" -o Dir::Cache::archives="$state/archives" -o Dir::Cache::pkgcache= \
        -o Dir::Cache::srcpkgcache= -o APT::Architecture=arm64 -o APT::Architectures=arm64 "$@"
}
apt_arm64 -qq update
apt_arm64 -y -qq -d --no-install-recommends install openjdk-25-jre-headless libc6 zlib1g
for package in "$state"/archives/*.deb; do
    case ${package##*/} in
    openjdk-25-jre-headless_* | lib* | zlib1g_* | gcc-*-base_*) dpkg -x "$package" "$folder" ;;
    esac
done
[ -e "$folder/lib" ] || ln -s usr/lib "$folder/lib"
qemu-aarch64-static -L "$folder" "$folder/usr/lib/jvm/java-25-openjdk-arm64/bin/java" -version

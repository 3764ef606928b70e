#!/usr/bin/env bash
# Builds the native operators: build.sh [--install | --compare | --headers]
#
#   LIBTORCH   folder with include/ of the libtorch to build for, such as torch/ of a Python installation; without it
#              the headers of the version that DJL runs are taken from the PyPI package torch
#   BUILD_DIR  where to build (default: target/native of mamba-block)
#
# --install also puts the library, with checksums, where the jar takes it from; --compare fails if the library there is
# not the same, byte for byte, or says that it cannot tell because the compilers differ; --headers builds nothing and
# prints the LIBTORCH that would be built for. Needs g++, CMake, a JDK, and for the headers Python with pip.
set -euo pipefail
native=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
module=$(cd "$native/../../.." && pwd)
build=${BUILD_DIR:-$module/target/native}
version=2.7.1
platform=linux-x86_64
resources=$module/src/main/resources/native/$platform
# every platform's package has the same headers: that of macOS is the smallest
package=torch-$version-cp312-none-macosx_11_0_arm64.whl
package_sha256=787687087412c4bd68d315e39bc1223f08aae1d16a9e9771d95eabbb04ae98fb

# What a reader of the sources would see change: the same sum is made by NativeSourcesTest.
sources_checksum() {
    (
        cd "$native"
        find . -type f ! -path './gpu-check/*' ! -name '*.md' -printf '%P\n' | LC_ALL=C sort | while read -r file; do
            printf '%s\n' "$file"
            cat "$file"
        done
    ) | sha256sum | cut -d ' ' -f 1
}

fetch_headers() {
    local headers=$build/libtorch-$version
    if [ ! -e "$headers/torch/include" ]; then
        echo "torch==$version --hash=sha256:$package_sha256" > "$build/headers.txt"
        python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 \
            --platform macosx_11_0_arm64 --dest "$build" --require-hashes -r "$build/headers.txt" >&2
        rm -rf "$headers.part"
        mkdir -p "$headers.part"
        python3 -m zipfile -e "$build/$package" "$headers.part"
        rm "$build/$package" "$build/headers.txt"
        mv "$headers.part" "$headers"
    fi
    LIBTORCH=$headers/torch
}

# What makes the bytes of a build: other versions may make others.
compilers() {
    local compiler
    compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
    echo "$("$compiler" --version | sed -n '1s/^[^ ]* //p'), $(ld --version | head -n 1)"
}

property() {
    sed -n "s/^$1=//p" "$resources/libmamba_torch.properties"
}

compare() {
    local here there
    here=$(compilers)
    there=$(property compiler)
    if [ "$here" != "$there" ]; then
        echo "The library in the jar was built by $there, this one by $here: their bytes cannot be compared"
        return
    fi
    if [ "$(property sources)" != "$(sources_checksum)" ]; then
        echo "The library in the jar was built from other sources: run build.sh --install" >&2
        exit 1
    fi
    if ! cmp "$build/libmamba_torch.so" "$resources/libmamba_torch.so" >&2; then
        echo "The library in the jar is not the one that $here builds from these sources" >&2
        exit 1
    fi
    echo "The library in the jar is, byte for byte, the one built here"
}

# Nothing newer than what libtorch itself needs.
check_symbols() {
    local newer
    newer=$(objdump -T "$1" | grep -oE '(GLIBC|GLIBCXX|CXXABI)_[0-9.]+' | sort -uV |
        awk -F_ '{ split($2, v, "."); n = v[1] * 10000 + v[2] * 100 + v[3] }
            $1 == "GLIBC" && n > 22800 || $1 == "GLIBCXX" && n > 30425 || $1 == "CXXABI" && n > 10311')
    if [ -n "$newer" ]; then
        echo "The library needs symbols newer than those of glibc 2.28 and GCC 8:" $newer >&2
        exit 1
    fi
}

mkdir -p "$build"
if [ -z "${LIBTORCH:-}" ]; then
    fetch_headers
fi
if [ "${1:-}" = --headers ]; then
    echo "$LIBTORCH"
    exit
fi
if [ -z "${JAVA_HOME:-}" ] && command -v javac > /dev/null; then
    JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
    export JAVA_HOME
fi
cmake -S "$native" -B "$build" -DLIBTORCH="$LIBTORCH"
cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)"
echo "Built $build/libmamba_torch.so"

if [ "${1:-}" = --install ]; then
    check_symbols "$build/libmamba_torch.so"
    mkdir -p "$resources"
    cp "$build/libmamba_torch.so" "$resources/libmamba_torch.so.part"
    mv "$resources/libmamba_torch.so.part" "$resources/libmamba_torch.so"
    {
        echo "libtorch=$version"
        echo "compiler=$(compilers)"
        echo "sources=$(sources_checksum)"
        echo "library=$(sha256sum "$resources/libmamba_torch.so" | cut -d ' ' -f 1)"
    } > "$resources/libmamba_torch.properties"
    echo "Installed in $resources"
elif [ "${1:-}" = --compare ]; then
    compare
fi

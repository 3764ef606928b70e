#!/usr/bin/env bash
# Builds the native operators: build.sh [--install | --headers]
#
#   LIBTORCH   folder with include/ of the libtorch to build for, such as torch/ of a Python installation; without it
#              the headers of the version that DJL runs are taken from the PyPI package torch
#   BUILD_DIR  where to build (default: target/native of mamba-block)
#
# --install also puts the library, with checksums, where the jar takes it from; --headers builds nothing and prints
# the LIBTORCH that would be built for. Needs g++, CMake, a JDK, and for the headers Python with pip.
set -euo pipefail
native=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
module=$(cd "$native/../../.." && pwd)
build=${BUILD_DIR:-$module/target/native}
version=2.7.1
platform=linux-x86_64

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
        # every platform's package has the same headers: this one is the smallest
        python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 \
            --platform macosx_11_0_arm64 --dest "$build" "torch==$version"
        rm -rf "$headers.part"
        mkdir -p "$headers.part"
        python3 -m zipfile -e "$build"/torch-"$version"-*.whl "$headers.part"
        rm "$build"/torch-"$version"-*.whl
        mv "$headers.part" "$headers"
    fi
    LIBTORCH=$headers/torch
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
    resources=$module/src/main/resources/native/$platform
    mkdir -p "$resources"
    cp "$build/libmamba_torch.so" "$resources/libmamba_torch.so.part"
    mv "$resources/libmamba_torch.so.part" "$resources/libmamba_torch.so"
    {
        echo "libtorch=$version"
        echo "sources=$(sources_checksum)"
        echo "library=$(sha256sum "$resources/libmamba_torch.so" | cut -d ' ' -f 1)"
    } > "$resources/libmamba_torch.properties"
    echo "Installed in $resources"
fi

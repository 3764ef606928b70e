#!/usr/bin/env bash
# Builds the native operators and their check with the address and undefined behaviour sanitizers and runs it, once
# for each instruction set of this CPU. Needs what build.sh needs, and Maven for the libtorch that DJL ships.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
module=$(cd "$here/../../.." && pwd)
build=$module/target/native-test
version=2.7.1

if [ -z "${JAVA_HOME:-}" ]; then
    JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
fi
export JAVA_HOME
mkdir -p "$build/libtorch"
if [ ! -e "$build/libtorch/libtorch_cpu.so" ]; then
    (cd "$module/.." && mvn -B -ntp -q dependency:copy -Dmdep.useBaseVersion=true -DoutputDirectory="$build" \
        -Dartifact="ai.djl.pytorch:pytorch-native-cpu:$version:jar:linux-x86_64" -N)
    unzip -qoj "$build/pytorch-native-cpu-$version-linux-x86_64.jar" 'pytorch/cpu/*/*' -d "$build/libtorch"
    rm "$build/pytorch-native-cpu-$version-linux-x86_64.jar"
fi
LIBTORCH=$("$module/src/main/native/build.sh" --headers)
cmake -S "$module/src/main/native" -B "$build" -DLIBTORCH="$LIBTORCH" -DLIBTORCH_LIBRARIES="$build/libtorch" \
    -DCMAKE_BUILD_TYPE=Debug -DSANITIZE=ON
cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)" --target operators_test
echo "Linking with a libstdc++ from an archive, as that of a compiler in a folder of its own"
# at() needs the member of the archive that also defines what compat.cpp does
echo '#include <vector>
int at(const std::vector<int>& v) { return v.at(9); }' |
    "${CXX:-c++}" -std=c++17 -fPIC -shared -static-libstdc++ -o "$build/archive.so" \
        "$module/src/main/native/compat.cpp" -x c++ -
for instructions in baseline avx2 avx512; do
    echo "Checking with at most $instructions"
    LD_LIBRARY_PATH=$build/libtorch MAMBA_INSTRUCTIONS=$instructions OMP_WAIT_POLICY=PASSIVE \
        ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$build/operators_test"
done

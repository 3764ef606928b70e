#!/bin/sh
# Copyright 2026 the Mamba for DJL authors. Licensed under the Apache License, Version 2.0, see LICENSE.
#
# Builds the operators, without JNI, against the torch of this machine's python3: build.sh OUTPUT_FOLDER
set -eu
native=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
cd "$1"
rm -f ./*.o
cmake -P "$native/cuda/embed.cmake"
python3 -c 'import torch; from torch.utils.cpp_extension import include_paths
print(" ".join("-isystem " + path for path in include_paths()))
print("-D_GLIBCXX_USE_CXX11_ABI=%d" % torch.compiled_with_cxx11_abi())' >flags
libraries=$(python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))')

compile() {
    object=$1
    shift
    # shellcheck disable=SC2046
    g++ -std=c++17 -O2 -fPIC -fopenmp -fvisibility=hidden -Wall -Wno-unknown-pragmas $(cat flags) -c "$@" -o "$object"
}

kernels="-O3 -fno-math-errno -Wno-maybe-uninitialized -Wno-psabi"
for file in operators.cpp cpu/choice.cpp cpu/dense.cpp cpu/scan.cpp; do
    compile "$(basename "$file" .cpp).o" "$native/$file" &
done
for file in conv disk_cache driver norm scan; do
    compile "cuda_$file.o" "$native/cuda/$file.cpp" &
done
compile cuda_sources.o cuda_sources.cpp &
# shellcheck disable=SC2086
{
    compile baseline.o $kernels -DMAMBA_ISA=baseline -DMAMBA_VECTOR_BYTES=16 "$native/cpu/kernels.cpp" &
    compile avx2.o $kernels -DMAMBA_ISA=avx2 -DMAMBA_VECTOR_BYTES=32 -mavx2 -mfma "$native/cpu/kernels.cpp" &
    compile avx512.o $kernels -DMAMBA_ISA=avx512 -DMAMBA_VECTOR_BYTES=64 -mavx512f -mavx512dq -mavx512vl \
        -mavx512bw -mfma "$native/cpu/kernels.cpp" &
}
wait
# The same libraries as in the build for users: nothing of CUDA.
g++ -shared -o libmamba_torch.so ./*.o -L"$libraries" -Wl,--no-as-needed -ltorch_cpu -lc10

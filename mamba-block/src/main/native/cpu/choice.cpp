/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "kernels.h"

namespace mamba {
namespace cpu {

#define MAMBA_DECLARE(isa)                    \
    namespace isa {                           \
    const Kernels<float>& float_kernels();    \
    const Kernels<double>& double_kernels();  \
    }
MAMBA_DECLARE(baseline)
#if defined(__x86_64__)
MAMBA_DECLARE(avx2)
MAMBA_DECLARE(avx512)
#endif

namespace {

struct Choice {
    const Kernels<float>& floats;
    const Kernels<double>& doubles;
    bool wide = false;  // vectors of 512 bits
};

#if defined(__x86_64__)
// The environment can take instructions away, so that all kernels can be tested on one machine.
bool allowed(const char* instructions) {
    const char* most = std::getenv("MAMBA_INSTRUCTIONS");
    return most == nullptr || std::strcmp(most, "avx512") == 0 || std::strcmp(most, instructions) == 0;
}
#endif

Choice choose() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (allowed("avx512") && avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
        return {avx512::float_kernels(), avx512::double_kernels(), true};
    }
    if (allowed("avx2") && avx2) {
        return {avx2::float_kernels(), avx2::double_kernels()};
    }
#endif
    return {baseline::float_kernels(), baseline::double_kernels()};
}

const Choice& chosen() {
    static const Choice choice = choose();
    return choice;
}

// MKL takes no AVX-512 on CPUs of AMD. From Zen 5 on (family 26) that halves its speed: earlier ones have no wider
// units for it, and have not been measured.
bool mkl_goes_without_avx512() {
#if defined(__x86_64__)
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    __builtin_cpu_init();
    return __builtin_cpu_is("amd") && __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 &&
           (eax >> 8 & 15) + (eax >> 20 & 255) >= 26;
#else
    return false;
#endif
}

}  // namespace

template <>
const Kernels<float>& kernels<float>() {
    return chosen().floats;
}

template <>
const Kernels<double>& kernels<double>() {
    return chosen().doubles;
}

bool multiplies_faster() {
    // who names the instructions wants all kernels tested
    static const bool faster =
            std::getenv("MAMBA_INSTRUCTIONS") != nullptr || (chosen().wide && mkl_goes_without_avx512());
    return faster;
}

}  // namespace cpu
}  // namespace mamba

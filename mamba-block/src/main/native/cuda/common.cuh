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

// Storage types by hand: cuda_fp16.h and cuda_bf16.h need a CUDA toolkit, which users do not have.

#pragma once

#include "params.h"

using namespace mamba::cuda;

#define STORAGE_FLOAT 0
#define STORAGE_HALF 1
#define STORAGE_BFLOAT 2
#define STORAGE_DOUBLE 3

#if STORAGE == STORAGE_DOUBLE
typedef double real;
#else
typedef float real;
#endif

#if STORAGE == STORAGE_HALF || STORAGE == STORAGE_BFLOAT
typedef unsigned short Storage;
#else
typedef real Storage;
#endif

__device__ __forceinline__ real to_real(Storage value) {
#if STORAGE == STORAGE_HALF
    float result;
    asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(value));
    return result;
#elif STORAGE == STORAGE_BFLOAT
    return __uint_as_float(static_cast<unsigned>(value) << 16);
#else
    return value;
#endif
}

__device__ __forceinline__ Storage to_storage(real value) {
#if STORAGE == STORAGE_HALF
    unsigned short result;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result) : "f"(value));
    return result;
#elif STORAGE == STORAGE_BFLOAT && __CUDA_ARCH__ >= 800
    unsigned short result;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(result) : "f"(value));
    return result;
#elif STORAGE == STORAGE_BFLOAT
    const unsigned bits = __float_as_uint(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) {
        return static_cast<unsigned short>((bits >> 16) | 0x40u);
    }
    return static_cast<unsigned short>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
#else
    return value;
#endif
}

// What parameters, and in a step the state, are kept as.
#if STORED_PARAMETERS
typedef Storage Parameter;
#else
typedef real Parameter;
#endif

__device__ __forceinline__ real parameter(const void* data, long long at) {
    const Parameter value = static_cast<const Parameter*>(data)[at];
#if STORED_PARAMETERS
    return to_real(value);
#else
    return value;
#endif
}

__device__ __forceinline__ void set_parameter(void* data, long long at, real value) {
#if STORED_PARAMETERS
    static_cast<Parameter*>(data)[at] = to_storage(value);
#else
    static_cast<Parameter*>(data)[at] = value;
#endif
}

// Several numbers that are read and written as one access of up to 16 bytes where their count allows.
template <typename T, int COUNT>
struct alignas(COUNT * sizeof(T) % 16 == 0  ? 16
               : COUNT * sizeof(T) % 8 == 0 ? 8
               : COUNT * sizeof(T) % 4 == 0 ? 4
                                            : sizeof(T)) Vector {
    T value[COUNT];
};

template <int COUNT>
using Pack = Vector<real, COUNT>;

// Neighbouring numbers in storage, read and written as one access. Halves stay in pairs until they are used: the
// compiler takes single ones apart where they are loaded, and so waits there.
template <int COUNT, bool PAIRS = sizeof(Storage) == 2 && COUNT % 2 == 0>
struct Stored {
    Vector<Storage, COUNT> numbers;

    __device__ __forceinline__ real get(int i) const {
        return to_real(numbers.value[i]);
    }

    __device__ __forceinline__ void set(int i, real value) {
        numbers.value[i] = to_storage(value);
    }
};

template <int COUNT>
struct Stored<COUNT, true> {
    Vector<unsigned, COUNT / 2> pairs;

    __device__ __forceinline__ real get(int i) const {
        const unsigned pair = pairs.value[i / 2];
#if STORAGE == STORAGE_BFLOAT
        return __uint_as_float(i % 2 ? pair & 0xffff0000u : pair << 16);
#else
        return to_real(static_cast<Storage>(i % 2 ? pair >> 16 : pair));
#endif
    }

    // In order: a number with an even index makes room for the next one.
    __device__ __forceinline__ void set(int i, real value) {
        const unsigned bits = to_storage(value);
        pairs.value[i / 2] = i % 2 ? pairs.value[i / 2] | bits << 16 : bits;
    }
};

#if STORAGE == STORAGE_DOUBLE
constexpr real kLog2E = 1.4426950408889634;
constexpr real kLn2 = 0.6931471805599453;

__device__ __forceinline__ real exp2_of(real x) {
    return exp2(x);
}

__device__ __forceinline__ real reciprocal(real x) {
    return 1 / x;
}

__device__ __forceinline__ real log1p_of(real x) {
    return log1p(x);
}
#else
constexpr real kLog2E = 1.4426950408889634f;
constexpr real kLn2 = 0.6931471805599453f;

__device__ __forceinline__ real exp2_of(real x) {
    float result;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
}

__device__ __forceinline__ real reciprocal(real x) {
    float result;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
}

// For x in [0, 1]: log(1 + x) = 2 artanh(x / (2 + x)). The library's log1pf costs twice as much; a logarithm of
// 1 + x would lose the small steps.
__device__ __forceinline__ real log1p_of(real x) {
    const float s = x * reciprocal(x + 2);
    const float square = s * s;
    float series = fmaf(square, 0.14012233f, 0.1399957f);
    series = fmaf(square, series, 0.2001085f);
    series = fmaf(square, series, 0.33333207f);
    const float twice = s + s;
    return fmaf(twice * square, series, twice);
}
#endif

__device__ __forceinline__ real sigmoid(real x) {
    return reciprocal(1 + exp2_of(-x * kLog2E));
}

__device__ __forceinline__ real softplus(real x) {
    const real tail = log1p_of(exp2_of((x < 0 ? x : -x) * kLog2E));
    return x > 20 ? x : (x > 0 ? x : 0) + tail;
}

// Also its derivative.
__device__ __forceinline__ real softplus(real x, real& slope) {
    const real tail = exp2_of((x < 0 ? x : -x) * kLog2E);
    const real open = reciprocal(1 + tail);
    slope = x > 20 ? real(1) : x < 0 ? tail * open : open;
    return x > 20 ? x : (x > 0 ? x : 0) + log1p_of(tail);
}

// Sums each of COUNT values (a power of two) over LANES threads that are STRIDE apart in the warp. Each exchange
// halves the values a thread keeps, so that this costs about one shuffle per value, not one per value and level.
// Afterwards a thread's first max(1, COUNT / LANES) values are the sums number reduced_index and following.
template <int COUNT, int LANES, int STRIDE>
struct Reduce {
    static __device__ __forceinline__ void run(real* value, int lane) {
        constexpr int half = LANES / 2;
        if constexpr (COUNT > 1) {
            const bool upper = (lane & half) != 0;
#pragma unroll
            for (int i = 0; i < COUNT / 2; ++i) {
                const real keep = upper ? value[i + COUNT / 2] : value[i];
                const real send = upper ? value[i] : value[i + COUNT / 2];
                value[i] = keep + __shfl_xor_sync(0xffffffffu, send, half * STRIDE);
            }
            Reduce<COUNT / 2, half, STRIDE>::run(value, lane);
        } else {
            value[0] += __shfl_xor_sync(0xffffffffu, value[0], half * STRIDE);
            Reduce<1, half, STRIDE>::run(value, lane);
        }
    }
};

template <int COUNT, int STRIDE>
struct Reduce<COUNT, 1, STRIDE> {
    static __device__ __forceinline__ void run(real*, int) {}
};

template <int COUNT, int LANES>
__device__ __forceinline__ int reduced_index(int lane) {
    return COUNT >= LANES ? lane * (COUNT / LANES) : lane / (LANES / COUNT);
}

// One of the lanes that hold the same sums writes them.
template <int COUNT, int LANES>
__device__ __forceinline__ bool reduced_owner(int lane) {
    return COUNT >= LANES || lane % (LANES / COUNT) == 0;
}

// Code is compiled twice where a tile full of tokens and channels, the usual case, can do without tests.
template <bool VALUE>
struct Flag {
    static constexpr bool value = VALUE;
};

// Consecutive steps of one batch row; backward in time if the direction is negative. The distance of two steps in bytes
// fits an int, which makes an address one multiplication and addition.
template <typename T, typename Element = T>
struct Rows {
    char* data;
    int step;

    __device__ __forceinline__ Rows(const View& view, int batch, int first, int direction, int column)
            : step(static_cast<int>(direction * view.step * static_cast<long long>(sizeof(Element)))) {
        data = static_cast<char*>(view.data)
               + (batch * view.batch + first * view.step + column) * static_cast<long long>(sizeof(Element));
    }

    __device__ __forceinline__ T& operator[](int t) const {
        return *reinterpret_cast<T*>(data + static_cast<long long>(t) * step);
    }
};

// A tensor that is not given is read from another one, and not used: loads without branches can be made at once.
__device__ __forceinline__ const View& either(const View& view, const View& other) {
    return view.data ? view : other;
}

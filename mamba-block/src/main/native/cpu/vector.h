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

// Vectors of one instruction set, and the functions that the kernels need on them. Compiled once for each
// instruction set (kernels.cpp), so nothing here may leave its namespace and no standard library template may be
// used: the linker would keep one copy of such a function, perhaps the one with instructions that this CPU lacks.

#pragma once

#include <cstdint>
#include <cstring>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

template <class T>
struct Traits;

template <>
struct Traits<float> {
    using Bits = int32_t;
    static constexpr int mantissa = 23;
    static constexpr float round = 12582912.0f;     // 1.5 * 2^23: adding it rounds to an integer
    static constexpr float lowest_exponent = -126;  // of 2^n that is not subnormal
    static constexpr float highest_exponent = 127;
    static constexpr float ln2_high = 0.693145751953125f;  // few bits: n * ln2_high is exact
    static constexpr float ln2_low = 1.42860682030941723212e-6f;
    static constexpr int exp_degree = 7;
    static constexpr int atanh_terms = 8;
    static constexpr int exp2_degree = 6;
};

template <>
struct Traits<double> {
    using Bits = int64_t;
    static constexpr int mantissa = 52;
    static constexpr double round = 6755399441055744.0;
    static constexpr double lowest_exponent = -1022;
    static constexpr double highest_exponent = 1023;
    static constexpr double ln2_high = 0.693147180369123816490;
    static constexpr double ln2_low = 1.90821492927058770002e-10;
    static constexpr int exp_degree = 13;
    static constexpr int atanh_terms = 17;
    static constexpr int exp2_degree = 13;
};

template <class T, int bytes>
struct Lanes {
    typedef T type __attribute__((vector_size(bytes)));
};

template <class T>
struct Vector {
    static constexpr int width = MAMBA_VECTOR_BYTES / sizeof(T);
    using type = typename Lanes<T, MAMBA_VECTOR_BYTES>::type;
    typedef T unaligned __attribute__((vector_size(MAMBA_VECTOR_BYTES), aligned(alignof(T)), may_alias));
    typedef typename Traits<T>::Bits bits __attribute__((vector_size(MAMBA_VECTOR_BYTES)));
};

template <class T>
using Vec = typename Vector<T>::type;

template <class T>
static inline Vec<T> splat(T x) {
    Vec<T> v;
    for (int i = 0; i < Vector<T>::width; i++) {
        v[i] = x;
    }
    return v;
}

template <class T>
static inline Vec<T> load(const T* from) {
    return *reinterpret_cast<const typename Vector<T>::unaligned*>(from);
}

template <class T>
static inline void store(T* to, Vec<T> v) {
    *reinterpret_cast<typename Vector<T>::unaligned*>(to) = v;
}

// The first count lanes, the others 0.
template <class T>
static inline Vec<T> load(const T* from, int count) {
    if (count == Vector<T>::width) {
        return load(from);
    }
    Vec<T> v = {};
    std::memcpy(&v, from, count * sizeof(T));
    return v;
}

template <class T>
static inline void store(T* to, Vec<T> v, int count) {
    if (count == Vector<T>::width) {
        store(to, v);
    } else {
        std::memcpy(to, &v, count * sizeof(T));
    }
}

// The sum of the lanes, by halves.
template <class T, int bytes>
static inline T sum_of(typename Lanes<T, bytes>::type v) {
    if constexpr (bytes == 2 * sizeof(T)) {
        return v[0] + v[1];
    } else {
        typename Lanes<T, bytes / 2>::type low, high;
        std::memcpy(&low, &v, bytes / 2);
        std::memcpy(&high, reinterpret_cast<const char*>(&v) + bytes / 2, bytes / 2);
        return sum_of<T, bytes / 2>(low + high);
    }
}

template <class T>
static inline T sum(Vec<T> v) {
    return sum_of<T, MAMBA_VECTOR_BYTES>(v);
}

// Moves numbers into a range; a NaN stays one. The instructions for it return their second operand then, which
// compilers may not make of a comparison.
template <class T>
static inline Vec<T> clamp(Vec<T> x, T low, T high) {
#if defined(__AVX2__) && !defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) {
        const __m256 above = _mm256_max_ps((__m256)splat(low), (__m256)x);
        return (Vec<T>)_mm256_min_ps((__m256)splat(high), above);
    } else {
        const __m256d above = _mm256_max_pd((__m256d)splat(low), (__m256d)x);
        return (Vec<T>)_mm256_min_pd((__m256d)splat(high), above);
    }
#else
    x = x < low ? splat(low) : x;
    return x > high ? splat(high) : x;
#endif
}

#if defined(__AVX512F__)
template <class T>
static inline Vec<T> round_to_whole(Vec<T> x) {
    constexpr int mode = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    if constexpr (sizeof(T) == 4) {
        return (Vec<T>)_mm512_roundscale_ps((__m512)x, mode);
    } else {
        return (Vec<T>)_mm512_roundscale_pd((__m512d)x, mode);
    }
}

// p * 2^n for a whole n.
template <class T>
static inline Vec<T> scale(Vec<T> p, Vec<T> n) {
    if constexpr (sizeof(T) == 4) {
        return (Vec<T>)_mm512_scalef_ps((__m512)p, (__m512)n);
    } else {
        return (Vec<T>)_mm512_scalef_pd((__m512d)p, (__m512d)n);
    }
}
#else
// p * 2^n for a whole n of moderate size, given as n + round, whose low bits are n.
template <class T>
static inline Vec<T> scale(Vec<T> p, Vec<T> rounded) {
    using B = typename Vector<T>::bits;
    return (Vec<T>)((B)p + ((B)rounded << Traits<T>::mantissa));
}
#endif

template <class T, int degree>
struct Coefficients {
    T c[degree + 1];
    // c_k = base^k / k!: the series of base^x for natural exponents (base 1) and for powers of two (base ln 2)
    constexpr explicit Coefficients(double base) : c() {
        double term = 1;
        for (int k = 0; k <= degree; k++) {
            c[k] = static_cast<T>(term);
            term *= base / (k + 1);
        }
    }
};

template <class T, int degree>
static inline Vec<T> polynomial(const Coefficients<T, degree>& series, Vec<T> x) {
    Vec<T> p = splat(series.c[degree]);
    for (int k = degree - 1; k >= 0; k--) {
        p = p * x + series.c[k];
    }
    return p;
}

// 2^y for several y; below the normal numbers a number that is next to 0. One stage is made for all before the next:
// the CPU looks only some vectors ahead, too few to fill the time that one polynomial takes.
template <class T, int count>
static inline void exp2(Vec<T> (&y)[count]) {
    using C = Traits<T>;
    static constexpr Coefficients<T, C::exp2_degree> series(0.693147180559945309417);
    Vec<T> n[count], p[count];
#pragma GCC unroll 16
    for (int i = 0; i < count; i++) {
#if defined(__AVX512F__)
        n[i] = round_to_whole<T>(y[i]);
        y[i] -= n[i];
#else
        y[i] = clamp<T>(y[i], C::lowest_exponent, C::highest_exponent);
        n[i] = y[i] + C::round;
        y[i] -= n[i] - C::round;
#endif
        p[i] = splat(series.c[C::exp2_degree]);
    }
#pragma GCC unroll 16
    for (int k = C::exp2_degree - 1; k >= 0; k--) {
#pragma GCC unroll 16
        for (int i = 0; i < count; i++) {
            p[i] = p[i] * y[i] + series.c[k];
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < count; i++) {
        y[i] = scale<T>(p[i], n[i]);
    }
}

template <class T>
static inline Vec<T> exp2(Vec<T> y) {
    Vec<T> one[1] = {y};
    exp2<T, 1>(one);
    return one[0];
}

// e^x to the last bit or so; inputs beyond the range of 2^n are moved to its ends.
template <class T>
static inline Vec<T> exp(Vec<T> x) {
    using C = Traits<T>;
    static constexpr Coefficients<T, C::exp_degree> series(1);
    constexpr T ln2 = static_cast<T>(0.693147180559945309417);
    x = clamp<T>(x, C::lowest_exponent * ln2, C::highest_exponent * ln2);
    const Vec<T> rounded = x * static_cast<T>(1.44269504088896340736) + C::round;
    const Vec<T> n = rounded - C::round;
    const Vec<T> r = (x - n * C::ln2_high) - n * C::ln2_low;
#if defined(__AVX512F__)
    return scale<T>(polynomial(series, r), n);
#else
    return scale<T>(polynomial(series, r), rounded);
#endif
}

template <class T>
static inline Vec<T> sigmoid(Vec<T> x) {
    return T(1) / (T(1) + exp<T>(-x));
}

// ln(1 + e^x), and x above 20 as PyTorch has it.
template <class T>
static inline Vec<T> softplus(Vec<T> x) {
    const Vec<T> e = exp<T>(x < T(0) ? x : -x);
    // ln(1 + e) = 2 atanh(e / (2 + e)), a series that keeps its relative precision for small e
    const Vec<T> q = e / (T(2) + e);
    const Vec<T> q2 = q * q;
    Vec<T> p = splat(T(1) / (2 * Traits<T>::atanh_terms + 1));
    for (int k = Traits<T>::atanh_terms - 1; k >= 0; k--) {
        p = p * q2 + T(1) / (2 * k + 1);
    }
    const Vec<T> soft = (x < T(0) ? Vec<T>{} : x) + T(2) * q * p;
    return x > T(20) ? x : soft;
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba

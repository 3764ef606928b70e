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

// The second stage of every gradient that is summed over blocks: without atomics, in an order that does not change.

#include "common.cuh"

constexpr int kColumns = kSumColumns;
constexpr int kGroups = kSumGroups;

extern "C" __global__ void __launch_bounds__(kColumns * kGroups) sum_parts(const __grid_constant__ SumParams p) {
    __shared__ real s_sum[kGroups][kColumns];
    const long long i = static_cast<long long>(blockIdx.x) * kColumns + threadIdx.x;
    real sum = 0;
    if (i < p.count) {
        const real* in = static_cast<const real*>(p.in) + i;
#pragma unroll 8
        for (int part = threadIdx.y; part < p.parts; part += kGroups) {
            sum += in[part * p.count];
        }
    }
    s_sum[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && i < p.count) {
#pragma unroll
        for (int group = 1; group < kGroups; ++group) {
            sum += s_sum[group][threadIdx.x];
        }
        static_cast<Storage*>(p.out)[i] = to_storage(sum);
    }
}

// The same for sums that fill the card: a thread has four of them.
extern "C" __global__ void __launch_bounds__(kColumns * kGroups) sum_many(const __grid_constant__ SumParams p) {
    const long long i = 4 * (static_cast<long long>(blockIdx.x) * kColumns * kGroups + threadIdx.x);
    if (i >= p.count) {
        return;
    }
    const real* const in = static_cast<const real*>(p.in) + i;
    Pack<4> sum{};
#pragma unroll 8
    for (int part = 0; part < p.parts; ++part) {
        const Pack<4> value = *reinterpret_cast<const Pack<4>*>(in + part * p.count);
#pragma unroll
        for (int k = 0; k < 4; ++k) {
            sum.value[k] += value.value[k];
        }
    }
    Stored<4> out;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
        out.set(k, sum.value[k]);
    }
    *reinterpret_cast<Stored<4>*>(static_cast<Storage*>(p.out) + i) = out;
}

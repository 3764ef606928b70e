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

// RMS norm of the rows of a matrix. SIZE is the number of columns that a thread holds in registers.

#include "common.cuh"

constexpr int kThreads = kNormThreads;
constexpr int kPerThread = SIZE;

// The sum over the block, the same in every thread. s_sum is free again after the caller's next barrier.
__device__ __forceinline__ real block_sum(real value, real* s_sum) {
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2) {
        value += __shfl_xor_sync(0xffffffffu, value, apart);
    }
    if (threadIdx.x % 32 == 0) {
        s_sum[threadIdx.x / 32] = value;
    }
    __syncthreads();
    real sum = 0;
#pragma unroll
    for (int warp = 0; warp < kThreads / 32; ++warp) {
        sum += s_sum[warp];
    }
    return sum;
}

__device__ __forceinline__ real inverse_root(real x) {
#if STORAGE == STORAGE_DOUBLE
    return 1 / sqrt(x);
#else
    return 1 / __fsqrt_rn(x);
#endif
}

extern "C" __global__ void __launch_bounds__(kThreads) norm_forward(const __grid_constant__ NormParams p) {
    __shared__ real s_sum[kThreads / 32];
    const long long row = blockIdx.x;
    const Storage* const x = static_cast<const Storage*>(p.x) + row * p.x_row;
    Storage value[kPerThread];
    real square = 0;
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
        const int column = i * kThreads + threadIdx.x;
        if (column < p.width) {
            value[i] = x[column];
        }
    }
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
        if (i * kThreads + threadIdx.x < p.width) {
            square += to_real(value[i]) * to_real(value[i]);
        }
    }
    const real scale = inverse_root(block_sum(square, s_sum) / p.width + real(p.epsilon));
    Storage* const y = static_cast<Storage*>(p.y) + row * p.width;
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
        const int column = i * kThreads + threadIdx.x;
        if (column < p.width) {
            y[column] = to_storage(to_real(value[i]) * scale * parameter(p.weight, column));
        }
    }
}

extern "C" __global__ void __launch_bounds__(kThreads) norm_backward(const __grid_constant__ NormParams p) {
    __shared__ real s_sum[2][kThreads / 32];
    real weight[kPerThread], dweight[kPerThread];
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
        const int column = i * kThreads + threadIdx.x;
        weight[i] = column < p.width ? static_cast<const real*>(p.weight)[column] : real(0);
        dweight[i] = 0;
    }
    for (long long row = blockIdx.x; row < p.rows; row += gridDim.x) {
        const Storage* const x = static_cast<const Storage*>(p.x) + row * p.x_row;
        const Storage* const dy = static_cast<const Storage*>(p.dy) + row * p.dy_row;
        real value[kPerThread], grad[kPerThread];
        real square = 0, product = 0;
#pragma unroll
        for (int i = 0; i < kPerThread; ++i) {
            const int column = i * kThreads + threadIdx.x;
            value[i] = column < p.width ? to_real(x[column]) : real(0);
            grad[i] = column < p.width ? to_real(dy[column]) : real(0);
        }
#pragma unroll
        for (int i = 0; i < kPerThread; ++i) {
            square += value[i] * value[i];
            product += value[i] * grad[i] * weight[i];
        }
        square = block_sum(square, s_sum[0]);
        product = block_sum(product, s_sum[1]);
        const real scale = inverse_root(square / p.width + real(p.epsilon));
        const real along = product * scale * scale / p.width;
        Storage* const dx = static_cast<Storage*>(p.dx) + row * p.width;
#pragma unroll
        for (int i = 0; i < kPerThread; ++i) {
            const int column = i * kThreads + threadIdx.x;
            if (column < p.width) {
                dx[column] = to_storage(scale * (grad[i] * weight[i] - value[i] * along));
                dweight[i] += grad[i] * value[i] * scale;
            }
        }
    }
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
        const int column = i * kThreads + threadIdx.x;
        if (column < p.width) {
            static_cast<real*>(p.partial)[static_cast<long long>(blockIdx.x) * p.width + column] = dweight[i];
        }
    }
}

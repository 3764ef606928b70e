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

// One token: products with few rows, and the scan of one step with what leads to it. SIZE is the number of rows of a
// product, or the lanes of a channel.

#include "common.cuh"

constexpr int kPerLoad = VECTOR ? 16 / sizeof(Storage) : 1;

__device__ __forceinline__ real warp_sum(real value, int lanes) {
    for (int apart = lanes / 2; apart > 0; apart /= 2) {
        value += __shfl_xor_sync(0xffffffffu, value, apart);
    }
    return value;
}

// A warp for each output, which reads its weights once for all rows.
extern "C" __global__ void __launch_bounds__(kStepThreads) few_rows(const __grid_constant__ LinearParams p) {
    const int output = blockIdx.x * (kStepThreads / 32) + threadIdx.x / 32;
    if (output >= p.out) {
        return;
    }
    const int lane = threadIdx.x % 32;
    const Storage* const weight = static_cast<const Storage*>(p.weight) + output * p.weight_row;
    const Storage* const x = static_cast<const Storage*>(p.x);
    real sum[SIZE] = {};
#pragma unroll 4
    for (int i = lane * kPerLoad; i < p.in; i += 32 * kPerLoad) {
        const auto w = *reinterpret_cast<const Stored<kPerLoad>*>(weight + i);
#pragma unroll
        for (int row = 0; row < SIZE; ++row) {
            const auto v = *reinterpret_cast<const Stored<kPerLoad>*>(x + row * p.x_row + i);
#pragma unroll
            for (int k = 0; k < kPerLoad; ++k) {
                sum[row] += w.get(k) * v.get(k);
            }
        }
    }
    const real bias = p.bias ? to_real(static_cast<const Storage*>(p.bias)[output]) : real(0);
#pragma unroll
    for (int row = 0; row < SIZE; ++row) {
        const real total = warp_sum(sum[row], 32);
        if (lane == 0) {
            static_cast<Storage*>(p.y)[static_cast<long long>(row) * p.out + output] = to_storage(total + bias);
        }
    }
}

// SIZE lanes for each channel: they share the product that gives its time step, and its states.
extern "C" __global__ void __launch_bounds__(kStepThreads) scan_step(const __grid_constant__ StepParams p) {
    const int lane = threadIdx.x % SIZE;
    const int wanted = blockIdx.x * (kStepThreads / SIZE) + threadIdx.x / SIZE;
    // a channel too many is computed again, so that whole warps exchange sums
    const int index = min(wanted, p.batch * p.channels - 1);
    const int row = index / p.channels;
    const int channel = index % p.channels;
    const Storage* const selected = static_cast<const Storage*>(p.selected) + row * p.selected_row;
    const Storage* const weight = static_cast<const Storage*>(p.dt_weight) + static_cast<long long>(channel) * p.rank;
    real raw = 0;
    for (int i = lane; i < p.rank; i += SIZE) {
        raw += to_real(weight[i]) * to_real(selected[i]);
    }
    raw = warp_sum(raw, SIZE);
    if (p.dt_bias) {
        raw += parameter(p.dt_bias, channel);
    }
    const real u = to_real(static_cast<const Storage*>(p.u)[row * p.u_row + channel]);
    const real delta = softplus(raw);
    const Storage* const b = selected + p.rank;
    const Storage* const c = b + p.states;
    real seen = 0;
    for (int n = lane; n < p.states; n += SIZE) {
        const long long at = static_cast<long long>(index) * p.states + n;
        const real a = -exp2_of(parameter(p.a_log, channel * p.states + n) * kLog2E) * kLog2E;
        real s = delta * u * to_real(b[n]);
        if (p.state) {
            s += exp2_of(delta * a) * parameter(p.state, at);
        }
        if (wanted == index) {
            set_parameter(p.next_state, at, s);
        }
        seen += s * to_real(c[n]);
    }
    real y = warp_sum(seen, SIZE);
    if (p.d) {
        y += parameter(p.d, channel) * u;
    }
    const real z = to_real(static_cast<const Storage*>(p.z)[row * p.z_row + channel]);
    if (lane == 0 && wanted == index) {
        static_cast<Storage*>(p.y)[index] = to_storage(y * z * sigmoid(z));
    }
}

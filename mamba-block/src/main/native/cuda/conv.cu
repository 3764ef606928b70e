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

// The causal depthwise convolution over (batch, steps, channels). A thread takes one channel through a chunk of time
// with the last inputs in registers. SIZE is the number of taps. RESETS tells that there are steps before which
// everything counts as zero.

#include "common.cuh"

constexpr int kTaps = SIZE;
constexpr int kThreads = kConvThreads;
constexpr int kUnroll = 8;
constexpr bool kResets = RESETS;

__device__ __forceinline__ bool is_reset(const ConvParams& p, int batch, int t) {
    return kResets && t >= 0 && t < p.length
           && static_cast<const unsigned char*>(p.resets.data)[batch * p.resets.batch + t] != 0;
}

struct Column {
    int batch, chunk, channel;

    __device__ __forceinline__ explicit Column(const ConvParams& p) {
        channel = blockIdx.x % p.channel_blocks * kThreads + threadIdx.x;
        const int rest = blockIdx.x / p.channel_blocks;
        chunk = rest % p.chunks;
        batch = rest / p.chunks;
    }

    // Where (step, channel) lies in a (batch, taps - 1, channels) window.
    __device__ __forceinline__ long long in_window(const ConvParams& p, int step) const {
        return (static_cast<long long>(batch) * (kTaps - 1) + step) * p.channels + channel;
    }

    // The input at a step that may lie before the first one.
    __device__ __forceinline__ real input(const ConvParams& p, const Rows<const Storage>& x, int t) const {
        if (t >= 0) {
            return to_real(x[t]);
        }
        return p.window ? to_real(static_cast<const Storage*>(p.window)[in_window(p, t + kTaps - 1)]) : real(0);
    }

    // The first of the taps - 1 steps before one that counts for it: those before the last reset do not.
    __device__ __forceinline__ int first_counted(const ConvParams& p, int step) const {
        int t = step - 1;
        while (kResets && t > step - (kTaps - 1) && !is_reset(p, batch, t)) {
            --t;
        }
        return kResets ? t : step - (kTaps - 1);
    }

    // The input at a step that counts from `first` on.
    __device__ __forceinline__ real counted(const ConvParams& p, const Rows<const Storage>& x, int t, int first) const {
        return kResets && t < first ? real(0) : input(p, x, t);
    }
};

__device__ __forceinline__ bool is_token(const ConvParams& p, int batch, int t) {
    return !p.mask.data || static_cast<const unsigned char*>(p.mask.data)[batch * p.mask.batch + t] != 0;
}

// The number of tokens of a row. Every thread of the block takes part.
__device__ int count_tokens(const ConvParams& p, int batch) {
    if (!p.mask.data) {
        return p.length;
    }
    int count = 0;
    for (int start = 0; start < p.length; start += kThreads) {
        const int t = start + threadIdx.x;
        count += __syncthreads_count(t < p.length && is_token(p, batch, t));
    }
    return count;
}

extern "C" __global__ void __launch_bounds__(kThreads) conv_forward(const __grid_constant__ ConvParams p) {
    const Column column(p);
    const int tokens = column.chunk == 0 ? count_tokens(p, column.batch) : 0;
    if (column.channel >= p.channels) {
        return;
    }
    const Rows<const Storage> x(p.x, column.batch, 0, 1, column.channel);
    const Rows<Storage> y(p.y, column.batch, 0, 1, column.channel);
    real weight[kTaps], input[kTaps];
#pragma unroll
    for (int k = 0; k < kTaps; ++k) {
        weight[k] = parameter(p.weight, column.channel * kTaps + k);
    }
    const real bias = p.bias ? parameter(p.bias, column.channel) : real(0);
    const int begin = column.chunk * p.chunk_length;
    const int end = min(begin + p.chunk_length, p.length);
    const int counted_from = column.first_counted(p, begin);
#pragma unroll
    for (int k = 0; k < kTaps - 1; ++k) {
        input[k + 1] = column.counted(p, x, begin + k - (kTaps - 1), counted_from);
    }
    const auto run = [&](auto whole, int start) {
        Storage ahead[kUnroll];
#pragma unroll
        for (int i = 0; i < kUnroll; ++i) {
            ahead[i] = x[whole.value ? start + i : min(start + i, end - 1)];
        }
#pragma unroll
        for (int i = 0; i < kUnroll; ++i) {
            const bool reset = is_reset(p, column.batch, start + i);
            real sum = bias;
#pragma unroll
            for (int k = 0; k < kTaps - 1; ++k) {
                input[k] = reset ? real(0) : input[k + 1];
                sum += weight[k] * input[k];
            }
            input[kTaps - 1] = to_real(ahead[i]);
            sum += weight[kTaps - 1] * input[kTaps - 1];
            sum *= p.silu ? sigmoid(sum) : real(1);
            if (whole.value) {
                y[start + i] = to_storage(sum);
            } else if (start + i < end) {
                y[start + i] = to_storage(is_token(p, column.batch, start + i) ? sum : real(0));
            }
        }
    };
#pragma unroll 1
    for (int start = begin; start < end; start += kUnroll) {
        if (start + kUnroll <= end && !p.mask.data) {
            run(Flag<true>(), start);
        } else {
            run(Flag<false>(), start);
        }
    }
    if (column.chunk == 0) {
        const int kept_from = column.first_counted(p, tokens);
        for (int k = 0; k < kTaps - 1; ++k) {
            static_cast<Storage*>(p.window_out)[column.in_window(p, k)]
                    = to_storage(column.counted(p, x, tokens - (kTaps - 1) + k, kept_from));
        }
    }
}

// The gradient of the input at step s needs those of the outputs s to s + taps - 1, so a chunk looks taps - 1 steps
// beyond its end; the first chunk also covers the window before the first step.
extern "C" __global__ void __launch_bounds__(kThreads) conv_backward(const __grid_constant__ ConvParams p) {
    const Column column(p);
    const int tokens = p.dwindow_out ? count_tokens(p, column.batch) : 0;
    if (column.channel >= p.channels) {
        return;
    }
    const Rows<const Storage> x(p.x, column.batch, 0, 1, column.channel);
    const Rows<const Storage> dy(either(p.dy, p.x), column.batch, 0, 1, column.channel);
    const Rows<Storage> dx(p.dx, column.batch, 0, 1, column.channel);
    real weight[kTaps], input[kTaps], out[kTaps], dweight[kTaps];
#pragma unroll
    for (int k = 0; k < kTaps; ++k) {
        weight[k] = static_cast<const real*>(p.weight)[column.channel * kTaps + k];
        out[k] = 0;
        dweight[k] = 0;
    }
    real dbias = 0;
    const real bias = p.bias ? static_cast<const real*>(p.bias)[column.channel] : real(0);
    const int begin = column.chunk * p.chunk_length;
    const int end = min(begin + p.chunk_length, p.length);
    const int counted_from = column.first_counted(p, begin);
#pragma unroll
    for (int k = 0; k < kTaps - 1; ++k) {
        input[k + 1] = column.counted(p, x, begin + k - (kTaps - 1), counted_from);
    }
    // Away from the edges nothing but the loop itself needs tests.
    const auto run = [&](auto whole, int start) {
        Storage ahead_x[kUnroll], ahead_dy[kUnroll];
#pragma unroll
        for (int i = 0; i < kUnroll; ++i) {
            const int t = whole.value ? start + i : min(start + i, p.length - 1);
            ahead_x[i] = x[t];
            ahead_dy[i] = dy[t];
        }
#pragma unroll
        for (int i = 0; i < kUnroll; ++i) {
            const int t = start + i;
#pragma unroll
            for (int k = 0; k < kTaps - 1; ++k) {
                input[k] = is_reset(p, column.batch, t) ? real(0) : input[k + 1];
                out[k] = out[k + 1];
            }
            const bool token = whole.value || (t < p.length && is_token(p, column.batch, t));
            input[kTaps - 1] = token ? to_real(ahead_x[i]) : real(0);
            real grad = token && p.dy.data ? to_real(ahead_dy[i]) : real(0);
            if (p.silu) {
                real sum = bias;
#pragma unroll
                for (int k = 0; k < kTaps; ++k) {
                    sum += weight[k] * input[k];
                }
                const real open = sigmoid(sum);
                grad *= open * (1 + sum * (1 - open));
            }
            out[kTaps - 1] = grad;
            const real counted = whole.value || t < end ? grad : real(0);
            dbias += counted;
#pragma unroll
            for (int k = 0; k < kTaps; ++k) {
                dweight[k] += counted * input[k];
            }
            const int s = t - (kTaps - 1);
            real sum = 0;
            bool seen = true;  // by the output at s + k
#pragma unroll
            for (int k = 0; k < kTaps; ++k) {
                seen = seen && !(k > 0 && is_reset(p, column.batch, s + k));
                sum += seen ? weight[kTaps - 1 - k] * out[k] : real(0);
            }
            if (whole.value) {
                dx[s] = to_storage(sum);
            } else if (t < end + kTaps - 1 && (s >= begin || column.chunk == 0)) {
                const int kept = s - tokens + kTaps - 1;
                if (p.dwindow_out && kept >= 0 && s < tokens && seen) {
                    sum += to_real(static_cast<const Storage*>(p.dwindow_out)[column.in_window(p, kept)]);
                }
                if (s >= 0) {
                    dx[s] = to_storage(sum);
                } else if (p.dwindow) {
                    static_cast<Storage*>(p.dwindow)[column.in_window(p, s + kTaps - 1)] = to_storage(sum);
                }
            }
        }
    };
    const bool plain = !p.mask.data && !p.dwindow_out;
#pragma unroll 1
    for (int start = begin; start < end + kTaps - 1; start += kUnroll) {
        if (plain && start >= begin + kTaps - 1 && start + kUnroll <= end) {
            run(Flag<true>(), start);
        } else {
            run(Flag<false>(), start);
        }
    }
    const long long line = (static_cast<long long>(column.batch) * p.chunks + column.chunk) * p.channels;
    real* const partial = static_cast<real*>(p.partial) + line * (kTaps + 1);
#pragma unroll
    for (int k = 0; k < kTaps; ++k) {
        partial[static_cast<long long>(column.channel) * kTaps + k] = dweight[k];
    }
    partial[static_cast<long long>(p.channels) * kTaps + column.channel] = dbias;
}

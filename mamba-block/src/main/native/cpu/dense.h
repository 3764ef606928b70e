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

// Causal convolution, norm and product with few rows.

#pragma once

#include "kernels.h"
#include "vector.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

template <class T>
static inline int lanes_at(int64_t channel, int64_t channels) {
    constexpr int width = Vector<T>::width;
    return channels - channel < width ? static_cast<int>(channels - channel) : width;
}

template <class T>
static void exp2_all(const T* x, T* y, int64_t count) {
    for (int64_t i = 0; i < count; i += Vector<T>::width) {
        store(y + i, exp2<T>(load(x + i)));
    }
}

// −e^x.
template <class T>
static void negative_exp(const T* x, T* y, int64_t count) {
    for (int64_t i = 0; i < count; i += Vector<T>::width) {
        const int part = lanes_at<T>(i, count);
        store(y + i, -exp<T>(load(x + i, part)), part);
    }
}

// The input that tap k of the given step meets.
template <class T>
static inline Vec<T> tap_input(const ConvTask<T>& task, int64_t step, int k, int64_t channel, int part) {
    const int64_t at = step - task.taps + 1 + k;
    if (at >= 0) {
        return load(task.x + at * task.x_step + channel, part);
    }
    if (!task.window || at + task.taps - 1 < task.window_first) {
        return Vec<T>{};
    }
    return load(task.window + (at + task.taps - 1) * task.window_step + channel, part);
}

template <class T>
static inline Vec<T> convolve(const ConvTask<T>& task, int64_t step, int64_t channel, int part) {
    Vec<T> y = task.bias ? load(task.bias + channel, part) : Vec<T>{};
    for (int k = 0; k < task.taps; k++) {
        y += tap_input(task, step, k, channel, part) * load(task.weight + k * task.weight_step + channel, part);
    }
    return y;
}

template <class T>
void conv_forward(const ConvTask<T>& task) {
    for (int64_t step = 0; step < task.steps; step++) {
        for (int64_t channel = 0; channel < task.channels; channel += Vector<T>::width) {
            const int part = lanes_at<T>(channel, task.channels);
            Vec<T> y = convolve(task, step, channel, part);
            if (task.silu) {
                y *= sigmoid<T>(y);
            }
            store(task.y + step * task.y_step + channel, y, part);
        }
    }
}

template <class T>
void conv_backward(const ConvBackwardTask<T>& task) {
    constexpr int width = Vector<T>::width;
    const int64_t before = task.taps - 1;
    for (int64_t channel = 0; channel < task.channels; channel += width) {
        const int part = lanes_at<T>(channel, task.channels);
        Vec<T> dbias = {};
        // the gradient before the activation, and behind the last step zeros
        T* inner = task.scratch;
        for (int64_t step = 0; step < task.steps; step++) {
            Vec<T> dy = load(task.dy + step * task.dy_step + channel, part);
            if (task.silu) {
                const Vec<T> y = convolve<T>(task, step, channel, part);
                const Vec<T> gate = sigmoid<T>(y);
                dy *= gate * (T(1) + y * (T(1) - gate));
            }
            dbias += dy;
            store(inner + step * width, dy);
        }
        std::memset(inner + task.steps * width, 0, before * width * sizeof(T));
        if (task.dbias) {
            store(task.dbias + channel, load(task.dbias + channel, part) + dbias, part);
        }
        for (int k = 0; k < task.taps; k++) {
            Vec<T> dweight = {};
            for (int64_t step = 0; step < task.steps; step++) {
                dweight += load(inner + step * width) * tap_input<T>(task, step, k, channel, part);
            }
            T* to = task.dweight + k * task.weight_step + channel;
            store(to, load(to, part) + dweight, part);
        }
        for (int64_t at = task.dwindow ? -before : 0; at < task.steps; at++) {
            Vec<T> dx = {};
            for (int k = 0; k < task.taps; k++) {
                const int64_t step = at + before - k;
                if (step >= 0) {
                    dx += load(inner + step * width) * load(task.weight + k * task.weight_step + channel, part);
                }
            }
            T* to = at < 0 ? task.dwindow + (at + before) * task.window_step : task.dx + at * task.dx_step;
            store(to + channel, dx, part);
        }
    }
}

// 1 / sqrt(mean(x^2) + epsilon)
template <class T>
static inline T inverse_rms(const T* x, int64_t size, T epsilon) {
    Vec<T> squares = {};
    for (int64_t i = 0; i < size; i += Vector<T>::width) {
        const Vec<T> v = load(x + i, lanes_at<T>(i, size));
        squares += v * v;
    }
    const T mean = sum<T>(squares) / static_cast<T>(size) + epsilon;
    return T(1) / (sizeof(T) == 4 ? T(__builtin_sqrtf(float(mean))) : T(__builtin_sqrt(double(mean))));
}

template <class T>
void norm_forward(const NormTask<T>& task) {
    for (int64_t row = 0; row < task.rows; row++) {
        const T* x = task.x + row * task.x_step;
        const T inverse = inverse_rms(x, task.size, task.epsilon);
        for (int64_t i = 0; i < task.size; i += Vector<T>::width) {
            const int part = lanes_at<T>(i, task.size);
            store(task.y + row * task.size + i, load(x + i, part) * inverse * load(task.weight + i, part), part);
        }
    }
}

template <class T>
void norm_backward(const NormTask<T>& task) {
    constexpr int width = Vector<T>::width;
    for (int64_t row = 0; row < task.rows; row++) {
        const T* x = task.x + row * task.x_step;
        const T* dy = task.dy + row * task.dy_step;
        const T inverse = inverse_rms(x, task.size, task.epsilon);
        Vec<T> products = {};
        for (int64_t i = 0; i < task.size; i += width) {
            const int part = lanes_at<T>(i, task.size);
            const Vec<T> scaled = load(x + i, part) * load(dy + i, part);
            products += scaled * load(task.weight + i, part);
            store(task.dweight + i, load(task.dweight + i, part) + scaled * inverse, part);
        }
        const T shift = sum<T>(products) * inverse * inverse / static_cast<T>(task.size);
        for (int64_t i = 0; i < task.size; i += width) {
            const int part = lanes_at<T>(i, task.size);
            const Vec<T> dx = load(dy + i, part) * load(task.weight + i, part) - load(x + i, part) * shift;
            store(task.dx + row * task.size + i, dx * inverse, part);
        }
    }
}

// One output for all rows. Weights are read as one stream, a row behind the other; the CPU is told what comes next,
// since its own guesses end with every page.
template <class T, int rows>
static void linear_rows(const LinearTask<T>& task) {
    constexpr int width = Vector<T>::width;
    constexpr int unrolled = rows <= 2 ? 4 : rows <= 4 ? 2 : 1;
    constexpr int64_t ahead = 8192 / sizeof(T);
    for (int64_t o = 0; o < task.out; o++) {
        const T* weight = task.weight + o * task.weight_step;
        Vec<T> sums[unrolled][rows] = {};
        int64_t i = 0;
        for (; i + unrolled * width <= task.in; i += unrolled * width) {
#pragma GCC unroll 4
            for (int k = 0; k < unrolled; k++) {
                __builtin_prefetch(weight + i + k * width + ahead);
                const Vec<T> w = load(weight + i + k * width);
#pragma GCC unroll 8
                for (int r = 0; r < rows; r++) {
                    sums[k][r] += w * load(task.x + r * task.x_step + i + k * width);
                }
            }
        }
        for (; i < task.in; i += width) {
            const int part = lanes_at<T>(i, task.in);
            const Vec<T> w = load(weight + i, part);
            for (int r = 0; r < rows; r++) {
                sums[0][r] += w * load(task.x + r * task.x_step + i, part);
            }
        }
        const T bias = task.bias ? task.bias[o] : T(0);
        for (int r = 0; r < rows; r++) {
            Vec<T> total = sums[0][r];
            for (int k = 1; k < unrolled; k++) {
                total += sums[k][r];
            }
            task.y[r * task.y_step + o] = sum<T>(total) + bias;
        }
    }
}

template <class T>
void linear(const LinearTask<T>& task) {
    switch (task.rows) {
        case 1: return linear_rows<T, 1>(task);
        case 2: return linear_rows<T, 2>(task);
        case 3: return linear_rows<T, 3>(task);
        case 4: return linear_rows<T, 4>(task);
        case 5: return linear_rows<T, 5>(task);
        case 6: return linear_rows<T, 6>(task);
        case 7: return linear_rows<T, 7>(task);
        default: return linear_rows<T, 8>(task);
    }
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba

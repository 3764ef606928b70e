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

// RMSNorm and gate of Mamba-2 in one pass over a row that stays in the cache.

#pragma once

#include "dense.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

template <class T>
void gated_norm_forward(const GatedNormTask<T>& task) {
    constexpr int width = Vector<T>::width;
    for (int64_t index = 0; index < task.rows * task.groups; index++) {
        const int64_t row = index / task.groups, offset = index % task.groups * task.size;
        const T* x = task.x + row * task.x_step + offset;
        const T* z = task.z + row * task.z_step + offset;
        const T* weight = task.weight + offset;
        T* y = task.y + index * task.size;
        if (!task.norm_before_gate) {
            for (int64_t i = 0; i < task.size; i += width) {
                const int part = lanes_at<T>(i, task.size);
                const Vec<T> gate = load(z + i, part);
                store(y + i, load(x + i, part) * (gate * sigmoid<T>(gate)), part);
            }
            x = y;
        }
        const T inverse = inverse_rms(x, task.size, task.epsilon);
        for (int64_t i = 0; i < task.size; i += width) {
            const int part = lanes_at<T>(i, task.size);
            Vec<T> value = load(x + i, part) * inverse * load(weight + i, part);
            if (task.norm_before_gate) {
                const Vec<T> gate = load(z + i, part);
                value *= gate * sigmoid<T>(gate);
            }
            store(y + i, value, part);
        }
    }
}

// SiLU'(z) from z and its sigmoid.
template <class T>
static inline Vec<T> silu_slope(Vec<T> z, Vec<T> sigmoid) {
    return sigmoid * (T(1) + z * (T(1) - sigmoid));
}

// The gradients of one group of a row. dx and dz first hold what is normalized and the sigmoid of the gate.
template <class T>
static void gated_norm_gradients(
        const GatedNormTask<T>& task, const T* x, const T* z, const T* weight, const T* dy, T* dx, T* dz, T* dweight) {
    constexpr int width = Vector<T>::width;
    const bool gate_first = !task.norm_before_gate;
    for (int64_t i = 0; i < task.size; i += width) {
        const int part = lanes_at<T>(i, task.size);
        const Vec<T> gate = load(z + i, part);
        const Vec<T> open = sigmoid<T>(gate);
        store(dz + i, open, part);
        store(dx + i, gate_first ? load(x + i, part) * (gate * open) : load(x + i, part), part);
    }
    const T inverse = inverse_rms<T>(dx, task.size, task.epsilon);
    Vec<T> products = {};
    for (int64_t i = 0; i < task.size; i += width) {
        const int part = lanes_at<T>(i, task.size);
        const Vec<T> behind = gate_first ? splat(T(1)) : load(z + i, part) * load(dz + i, part);
        const Vec<T> scaled = load(dx + i, part) * load(dy + i, part) * behind;
        products += scaled * load(weight + i, part);
        store(dweight + i, load(dweight + i, part) + scaled * inverse, part);
    }
    const T shift = sum<T>(products) * inverse * inverse / static_cast<T>(task.size);
    for (int64_t i = 0; i < task.size; i += width) {
        const int part = lanes_at<T>(i, task.size);
        const Vec<T> gate = load(z + i, part), open = load(dz + i, part), normalized = load(dx + i, part);
        const Vec<T> silu = gate * open, slope = silu_slope<T>(gate, open);
        const Vec<T> weighted = load(dy + i, part) * load(weight + i, part);
        if (gate_first) {
            const Vec<T> inner = (weighted - normalized * shift) * inverse;
            store(dx + i, inner * silu, part);
            store(dz + i, inner * load(x + i, part) * slope, part);
        } else {
            store(dx + i, (weighted * silu - normalized * shift) * inverse, part);
            store(dz + i, weighted * normalized * inverse * slope, part);
        }
    }
}

template <class T>
void gated_norm_backward(const GatedNormTask<T>& task) {
    for (int64_t index = 0; index < task.rows * task.groups; index++) {
        const int64_t row = index / task.groups, offset = index % task.groups * task.size;
        gated_norm_gradients(
                task, task.x + row * task.x_step + offset, task.z + row * task.z_step + offset, task.weight + offset,
                task.dy + row * task.dy_step + offset, task.dx + index * task.size, task.dz + index * task.size,
                task.dweight + offset);
    }
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba

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

// The scan of Mamba-2 forward: many steps as products, or a single one.

#pragma once

#include "ssd_parts.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

template <class T>
static Vec<T> skip_of(const SSDTask<T>& task, int64_t head, int64_t p, int part) {
    if (!task.d) {
        return Vec<T>{};
    }
    return task.d_per_channel ? load(task.d + head * task.head_size + p, part) : splat(task.d[head]);
}

template <class T>
static void write_output(const SSDTask<T>& task, const Head<T>& head, int64_t index, int64_t first) {
    for (int64_t t = 0; t < head.steps.count; t++) {
        const bool token = Steps<T>::token(task, first + t);
        const T* x = task.x + (first + t) * task.x_step + index * head.size;
        T* y = task.y + (first + t) * task.y_step + index * head.size;
        for (int64_t p = 0; p < head.size; p += Vector<T>::width) {
            const int part = lanes_at<T>(p, head.size);
            const Vec<T> value = load(head.output + t * head.row + p) + skip_of(task, index, p, part) * load(x + p, part);
            store(y + p, token ? value : Vec<T>{}, part);
        }
    }
}

template <class T>
void ssd_forward(const SSDTask<T>& task) {
    Scratch<T> scratch{task.scratch};
    Shared<T> shared(scratch, task.states, false);
    Head<T> head(scratch, task.states, task.head_size);
    for (int64_t first = 0; first < task.steps; first += ssd_segment) {
        const int64_t end = smaller(first + ssd_segment, task.steps);
        for (int64_t at = first; at < end; at += ssd_chunk) {
            shared.read(task, at, (at - first) / ssd_chunk, smaller(ssd_chunk, end - at));
        }
        for (int64_t index = 0; index < task.heads; index++) {
            T* state = task.state + index * head.state_size();
            if (task.checkpoints) {
                std::memcpy(task.checkpoints + first / ssd_segment * task.checkpoint_step + index * head.state_size(),
                            state, head.state_size() * sizeof(T));
            }
            for (int64_t at = first; at < end; at += ssd_chunk) {
                const int64_t chunk = (at - first) / ssd_chunk;
                head.steps.read(task, index, at, smaller(ssd_chunk, end - at));
                head.steps.weigh(shared.cb(chunk), static_cast<T*>(nullptr), head.weighted);
                head.read_input(task.x + at * task.x_step + index * head.size, task.x_step);
                multiply(head.read_state(shared.c_rows(chunk), shared.row, state, head.output));
                head.scale(head.output, head.steps.from_start);
                head.add_steps(head.weighted, ssd_chunk, 1, Part::lower, head.input, head.output);
                write_output(task, head, index, at);
                head.advance(shared, chunk, state);
            }
        }
    }
}

// One step of one head, with a vector along the states as they lie in memory: nothing has to be packed.
template <class T>
void ssd_step(const SSDStep<T>& task) {
    constexpr int width = Vector<T>::width;
    constexpr T log2e = static_cast<T>(1.44269504088896340736);
    const T delta = clamp<T>(softplus<T>(splat(task.delta + task.delta_bias)), task.delta_min, task.delta_max)[0];
    const T decay = exp2<T>(splat(delta * (task.a * log2e)))[0];
    for (int64_t p = 0; p < task.head_size; p++) {
        const T input = delta * task.x[p];
        Vec<T> seen = {};
        for (int64_t n = 0; n < task.states; n += width) {
            const int part = lanes_at<T>(n, task.states);
            Vec<T> s = load(task.b + n, part) * input;
            if (task.state_before) {
                s += load(task.state_before + p * task.states + n, part) * decay;
            }
            store(task.state + p * task.states + n, s, part);
            seen += s * load(task.c + n, part);
        }
        task.y[p] = sum<T>(seen) + (task.d ? task.d[p * task.d_step] * task.x[p] : T(0));
    }
}

// The numbers that the scratch memory of a task holds.
template <class T>
static int64_t ssd_forward_scratch(int64_t states, int64_t head_size) {
    Scratch<T> scratch{nullptr};
    Shared<T> shared(scratch, states, false);
    Head<T> head(scratch, states, head_size);
    return scratch.used;
}

// (P, N) to rows of P numbers for each of N states and back.
template <class T>
void ssd_pack(const T* from, int64_t states, int64_t head_size, T* to) {
    const int64_t row = padded<T>(head_size);
    std::memset(to, 0, states * row * sizeof(T));
    transpose(from, states, head_size, states, to, row);
}

template <class T>
void ssd_unpack(const T* from, int64_t states, int64_t head_size, T* to) {
    transpose(from, padded<T>(head_size), states, head_size, to, states);
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba

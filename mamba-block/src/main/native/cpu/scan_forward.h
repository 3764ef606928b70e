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

// The selective scan over a tile of time and one vector of channels after another. A tile is short enough that what
// it reads stays in the cache while all channels of the task pass over it, and that its states stay in registers.

#pragma once

#include "kernels.h"
#include "vector.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

constexpr int64_t tile_length = 32;

// How many states of a vector of channels are kept in registers at a time.
#if defined(__AVX512F__)
constexpr int forward_states = 16;
#else
constexpr int forward_states = 8;
#endif

// How many exponentials are computed side by side: 8 beat 1, 2 and 4 on AVX2 and less; AVX-512 did not care.
constexpr int exponentials = 8;

// The steps of a tile, for one vector of channels.
template <class T, int64_t length>
struct Tile {
    Vec<T> raw[length];    // Δ before softplus
    Vec<T> delta[length];  // 0 at padding
    Vec<T> u[length];
    Vec<T> input[length];  // Δ·u
    Vec<T> y[length];      // C·s, without D and the gate

    void read(const ScanTask<T>& task, int64_t first, int64_t count, int64_t channel, int width) {
        const Vec<T> bias = task.delta_bias ? load(task.delta_bias + channel, width) : Vec<T>{};
        for (int64_t t = 0; t < count; t++) {
            const int64_t step = first + t;
            const T* delta_at = task.delta + step * task.delta_step + channel;
            const T* u_at = task.u + step * task.u_step + channel;
            // for the next vector of channels: rows are too far apart for the CPU to see the pattern
            __builtin_prefetch(delta_at + Vector<T>::width);
            __builtin_prefetch(u_at + Vector<T>::width);
            raw[t] = load(delta_at, width) + bias;
            u[t] = load(u_at, width);
            const bool token = !task.mask || task.mask[step * task.mask_step];
            delta[t] = token ? softplus<T>(raw[t]) : Vec<T>{};
            input[t] = delta[t] * u[t];
            y[t] = Vec<T>{};
        }
    }
};

// Steps of a tile, from begin to end, of which none but the first may be a reset.
struct Run {
    int64_t begin, end;
    bool reset;  // whether the first one is
};

template <class T>
static bool is_reset(const ScanTask<T>& task, int64_t step) {
    return task.resets && task.resets[step * task.resets_step];
}

// The run that begins at a step of the tile at `first`.
template <class T>
static Run run_from(const ScanTask<T>& task, int64_t first, int64_t begin, int64_t count) {
    int64_t end = task.resets ? begin + 1 : count;
    while (end < count && !is_reset(task, first + end)) {
        end++;
    }
    return {begin, end, is_reset(task, first + begin)};
}

// The run that ends before a step.
template <class T>
static Run run_to(const ScanTask<T>& task, int64_t first, int64_t end) {
    int64_t begin = task.resets ? end - 1 : 0;
    while (begin > 0 && !is_reset(task, first + begin)) {
        begin--;
    }
    return {begin, end, is_reset(task, first + begin)};
}

template <class T, int states, bool outputs>
static inline void forward_states_of(
        const ScanTask<T>& task, Tile<T, tile_length>& tile, int64_t first, Run run, int64_t n, const T* a,
        T* packed) {
    constexpr int width = Vector<T>::width;
    constexpr int together = states < exponentials ? states : exponentials;
    Vec<T> s[states];
#pragma GCC unroll 16
    for (int i = 0; i < states; i++) {
        s[i] = load(packed + i * width);
    }
    for (int64_t t = run.begin; t < run.end; t++) {
        const T* b = task.b + (first + t) * task.b_step + n;
        const T* c = task.c + (first + t) * task.c_step + n;
        const Vec<T> delta = tile.delta[t];
        const Vec<T> input = tile.input[t];
        Vec<T> y[2] = {};
#pragma GCC unroll 16
        for (int first_of = 0; first_of < states; first_of += together) {
            Vec<T> e[together];
#pragma GCC unroll 16
            for (int i = 0; i < together; i++) {
                e[i] = delta * load(a + (first_of + i) * width);
            }
            exp2<T, together>(e);
#pragma GCC unroll 16
            for (int i = 0; i < together; i++) {
                const int n_of = first_of + i;
                s[n_of] = e[i] * s[n_of] + input * b[n_of];
                if (outputs) {
                    y[i % 2] += s[n_of] * c[n_of];
                }
            }
        }
        if (outputs) {
            tile.y[t] += y[0] + y[1];
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < states; i++) {
        store(packed + i * width, s[i]);
    }
}

template <class T, bool outputs>
static inline void forward_run(
        const ScanTask<T>& task, Tile<T, tile_length>& tile, int64_t first, Run run, const T* a, T* state) {
    constexpr int width = Vector<T>::width;
    int64_t n = 0;
    for (; n + forward_states <= task.states; n += forward_states) {
        forward_states_of<T, forward_states, outputs>(
                task, tile, first, run, n, a + n * width, state + n * width);
    }
    for (; n + 4 <= task.states; n += 4) {
        forward_states_of<T, 4, outputs>(task, tile, first, run, n, a + n * width, state + n * width);
    }
    for (; n < task.states; n++) {
        forward_states_of<T, 1, outputs>(task, tile, first, run, n, a + n * width, state + n * width);
    }
}

// A reset is a zero state, so the loops over steps know nothing of it.
template <class T, bool outputs>
static inline void forward_tile(
        const ScanTask<T>& task, Tile<T, tile_length>& tile, int64_t first, int64_t count, const T* a, T* state) {
    for (int64_t begin = 0; begin < count;) {
        const Run run = run_from(task, first, begin, count);
        if (run.reset) {
            std::memset(state, 0, task.states * Vector<T>::width * sizeof(T));
        }
        forward_run<T, outputs>(task, tile, first, run, a, state);
        begin = run.end;
    }
}

template <class T>
static void write_outputs(
        const ScanTask<T>& task, const Tile<T, tile_length>& tile, int64_t first, int64_t count, int64_t channel,
        int width) {
    const Vec<T> d = task.d ? load(task.d + channel, width) : Vec<T>{};
    for (int64_t t = 0; t < count; t++) {
        const int64_t step = first + t;
        Vec<T> y = tile.y[t] + d * tile.u[t];
        if (task.z) {
            const T* z_at = task.z + step * task.z_step + channel;
            __builtin_prefetch(z_at + Vector<T>::width);
            const Vec<T> z = load(z_at, width);
            y *= z * sigmoid<T>(z);
        }
        const bool token = !task.mask || task.mask[step * task.mask_step];
        T* y_at = task.y + step * task.y_step + channel;
        __builtin_prefetch(y_at + Vector<T>::width, 1);
        store(y_at, token ? y : Vec<T>{}, width);
    }
}

template <class T, int64_t length>
static void add_delta(const ScanTask<T>& task, const Tile<T, length>& tile, int64_t count, int64_t channel) {
    Vec<T> total = load(task.delta_sum + channel);
    for (int64_t t = 0; t < count; t++) {
        total += tile.delta[t];
    }
    store(task.delta_sum + channel, total);
}

template <class T>
static bool all_padding(const ScanTask<T>& task, int64_t first, int64_t count) {
    for (int64_t t = first; task.mask && t < first + count; t++) {
        if (task.mask[t * task.mask_step]) {
            return false;
        }
    }
    return task.mask != nullptr;
}

template <class T>
static void zero(T* rows, int64_t stride, int64_t count, int64_t channels) {
    for (int64_t t = 0; t < count; t++) {
        std::memset(rows + t * stride, 0, channels * sizeof(T));
    }
}

template <class T>
void scan_forward(const ScanTask<T>& task) {
    constexpr int width = Vector<T>::width;
    const int64_t groups = (task.channels + width - 1) / width;
    const int64_t group_size = task.states * width;
    Tile<T, tile_length> tile;
    for (int64_t first = 0; first < task.steps; first += tile_length) {
        const int64_t count = task.steps - first < tile_length ? task.steps - first : tile_length;
        if (task.checkpoints && first % chunk_length == 0) {
            std::memcpy(task.checkpoints + first / chunk_length * task.checkpoint_step, task.state,
                        groups * group_size * sizeof(T));
        }
        if (all_padding(task, first, count)) {
            if (task.y) {
                zero(task.y + first * task.y_step, task.y_step, count, task.channels);
            }
            continue;
        }
        for (int64_t group = 0; group < groups; group++) {
            const int64_t channel = group * width;
            const int part = task.channels - channel < width ? static_cast<int>(task.channels - channel) : width;
            const T* a = task.a + group * group_size;
            T* state = task.state + group * group_size;
            tile.read(task, first, count, channel, part);
            if (task.y) {
                forward_tile<T, true>(task, tile, first, count, a, state);
                write_outputs(task, tile, first, count, channel, part);
            } else {
                forward_tile<T, false>(task, tile, first, count, a, state);
            }
            if (task.delta_sum) {
                add_delta(task, tile, count, channel);
            }
        }
    }
}

// One step, with a vector along the states as they lie in memory: nothing has to be packed.
template <class T>
void scan_step(const ScanStep<T>& task) {
    constexpr int width = Vector<T>::width;
    constexpr T log2e = static_cast<T>(1.44269504088896340736);
    for (int64_t channel = 0; channel < task.channels; channel += width) {
        const int part = task.channels - channel < width ? static_cast<int>(task.channels - channel) : width;
        Vec<T> raw = load(task.delta + channel, part);
        if (task.delta_bias) {
            raw += load(task.delta_bias + channel, part);
        }
        const Vec<T> u = load(task.u + channel, part);
        const Vec<T> delta = softplus<T>(raw);
        const Vec<T> input = delta * u;
        Vec<T> y = task.d ? load(task.d + channel, part) * u : Vec<T>{};
        for (int lane = 0; lane < part; lane++) {
            const int64_t offset = (channel + lane) * task.states;
            const T scaled = delta[lane] * log2e;
            Vec<T> seen = {};
            for (int64_t n = 0; n < task.states; n += width) {
                const int count = task.states - n < width ? static_cast<int>(task.states - n) : width;
                Vec<T> s = load(task.b + n, count) * input[lane];
                if (task.state_before) {
                    s += exp2<T>(load(task.a + offset + n, count) * scaled) *
                         load(task.state_before + offset + n, count);
                }
                store(task.state + offset + n, s, count);
                seen += s * load(task.c + n, count);
            }
            y[lane] += sum<T>(seen);
        }
        if (task.z) {
            const Vec<T> z = load(task.z + channel, part);
            y *= z * sigmoid<T>(z);
        }
        store(task.y + channel, y, part);
    }
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba

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

// The backward of the selective scan: chunk after chunk from the last to the first, the states of a chunk computed
// again from the one before it; within a chunk run after run, since nothing passes a reset.
//
// With g_t the gradient of s_t, e_t = exp(Δ_t A), w_t = Δ_t u_t and r_t the gradient of C_t·s_t:
//   g_t = C_t r_t + e_{t+1} g_{t+1}        dC_t = Σ_e r_t s_t     dB_t = Σ_e g_t w_t     dw_t = Σ_n g_t B_t
//   h_t = e_t g_t s_{t-1}                  dA = Σ_t Δ_t h_t       dΔ_t = u_t dw_t + Σ_n A h_t

#pragma once

#include "scan_forward.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

constexpr int backward_states = 4;

template <class T>
struct BackwardTile : Tile<T, chunk_length> {
    Vec<T> dy[chunk_length];      // after the gate: the gradient of C·s + D·u; 0 at padding
    Vec<T> dinput[chunk_length];  // Σ_n g B
    Vec<T> decay[chunk_length];   // Σ_n h A, A times log2(e)

    void read_gradient(
            const ScanBackwardTask<T>& task, int64_t first, int64_t count, int64_t channel, int width) {
        for (int64_t t = 0; t < count; t++) {
            const int64_t step = first + t;
            dinput[t] = decay[t] = dy[t] = Vec<T>{};
            if (task.dy && (!task.mask || task.mask[step * task.mask_step])) {
                const T* dy_at = task.dy + step * task.dy_step + channel;
                __builtin_prefetch(dy_at + Vector<T>::width);
                dy[t] = load(dy_at, width);
                if (task.z) {
                    const T* z_at = task.z + step * task.z_step + channel;
                    __builtin_prefetch(z_at + Vector<T>::width);
                    const Vec<T> z = load(z_at, width);
                    dy[t] *= z * sigmoid<T>(z);
                }
            }
        }
    }
};

// What the states of one vector of channels share in the backward of a chunk.
template <class T>
struct StateBlock {
    int64_t first, n;
    Run run;  // of the steps of the chunk
    const T* a;
    const T* start;  // the states before the run; null for zero
    T* dstate;
    T* da;
    T* db;  // (step, N, lane), summed over the vectors of channels
    T* dc;
};

template <class T, int states>
static inline void backward_states_of(
        const ScanBackwardTask<T>& task, BackwardTile<T>& tile, const StateBlock<T>& block) {
    constexpr int width = Vector<T>::width;
    Vec<T> s[chunk_length + 1][states];
    Vec<T> e[chunk_length][states];
#pragma GCC unroll 16
    for (int i = 0; i < states; i++) {
        s[block.run.begin][i] = block.start ? load(block.start + i * width) : Vec<T>{};
    }
    for (int64_t t = block.run.begin; t < block.run.end; t++) {
        const T* b = task.b + (block.first + t) * task.b_step + block.n;
        const T* c = task.c + (block.first + t) * task.c_step + block.n;
        Vec<T> y = tile.y[t];
#pragma GCC unroll 16
        for (int i = 0; i < states; i++) {
            e[t][i] = tile.delta[t] * load(block.a + i * width);
        }
        exp2<T, states>(e[t]);
#pragma GCC unroll 16
        for (int i = 0; i < states; i++) {
            s[t + 1][i] = e[t][i] * s[t][i] + tile.input[t] * b[i];
            y += s[t + 1][i] * c[i];
        }
        tile.y[t] = y;
    }
    Vec<T> g[states];
    Vec<T> da[states];
#pragma GCC unroll 16
    for (int i = 0; i < states; i++) {
        g[i] = load(block.dstate + i * width);
        da[i] = load(block.da + i * width);
    }
    for (int64_t t = block.run.end - 1; t >= block.run.begin; t--) {
        const T* b = task.b + (block.first + t) * task.b_step + block.n;
        const T* c = task.c + (block.first + t) * task.c_step + block.n;
        T* db = block.db + (t * task.states + block.n) * width;
        T* dc = block.dc + (t * task.states + block.n) * width;
        Vec<T> dinput = tile.dinput[t];
        Vec<T> decay = tile.decay[t];
#pragma GCC unroll 16
        for (int i = 0; i < states; i++) {
            g[i] += tile.dy[t] * c[i];
            store(dc + i * width, load(dc + i * width) + tile.dy[t] * s[t + 1][i]);
            store(db + i * width, load(db + i * width) + tile.input[t] * g[i]);
            dinput += g[i] * b[i];
            g[i] *= e[t][i];
            const Vec<T> h = g[i] * s[t][i];
            decay += h * load(block.a + i * width);
            da[i] += h * tile.delta[t];
        }
        tile.dinput[t] = dinput;
        tile.decay[t] = decay;
    }
#pragma GCC unroll 16
    for (int i = 0; i < states; i++) {
        store(block.dstate + i * width, g[i]);
        store(block.da + i * width, da[i]);
    }
}

// Only takes the gradient of the state from the end of a run to its start.
template <class T>
static void backward_state_only(
        const ScanBackwardTask<T>& task, const BackwardTile<T>& tile, int64_t first, Run run, const T* a,
        T* dstate) {
    constexpr int width = Vector<T>::width;
    for (int64_t n = 0; n < task.states; n++) {
        Vec<T> g = load(dstate + n * width);
        const Vec<T> a_n = load(a + n * width);
        for (int64_t t = run.end - 1; t >= run.begin; t--) {
            g += tile.dy[t] * task.c[(first + t) * task.c_step + n];
            g *= exp2<T>(tile.delta[t] * a_n);
        }
        store(dstate + n * width, g);
    }
}

template <class T>
static void write_gradients(
        const ScanBackwardTask<T>& task, const BackwardTile<T>& tile, int64_t first, int64_t count, int64_t channel,
        int width) {
    constexpr T ln2 = static_cast<T>(0.693147180559945309417);
    const Vec<T> d = task.d ? load(task.d + channel, width) : Vec<T>{};
    Vec<T> dd = load(task.dd + channel);
    Vec<T> dbias = load(task.ddelta_bias + channel);
    for (int64_t t = 0; t < count; t++) {
        const int64_t step = first + t;
        const bool token = !task.mask || task.mask[step * task.mask_step];
        dd += tile.dy[t] * tile.u[t];
        const Vec<T> du = tile.dy[t] * d + tile.delta[t] * tile.dinput[t];
        const Vec<T> slope = tile.raw[t] > T(20) ? splat(T(1)) : sigmoid<T>(tile.raw[t]);
        Vec<T> draw = (tile.u[t] * tile.dinput[t] + ln2 * tile.decay[t]) * slope;
        draw = token ? draw : Vec<T>{};
        dbias += draw;
        const int64_t at = step * task.gradient_step + channel;
        __builtin_prefetch(task.du + at + Vector<T>::width, 1);
        __builtin_prefetch(task.ddelta + at + Vector<T>::width, 1);
        store(task.du + at, token ? du : Vec<T>{}, width);
        store(task.ddelta + at, draw, width);
        if (task.dz) {
            Vec<T> dz = {};
            if (token && task.dy) {
                const Vec<T> z = load(task.z + step * task.z_step + channel, width);
                const Vec<T> gate = sigmoid<T>(z);
                const Vec<T> y = tile.y[t] + d * tile.u[t];
                dz = load(task.dy + step * task.dy_step + channel, width) * y * gate * (T(1) + z * (T(1) - gate));
            }
            __builtin_prefetch(task.dz + at + Vector<T>::width, 1);
            store(task.dz + at, dz, width);
        }
    }
    store(task.dd + channel, dd);
    store(task.ddelta_bias + channel, dbias);
}

template <class T>
static void backward_run(const ScanBackwardTask<T>& task, BackwardTile<T>& tile, StateBlock<T> block) {
    constexpr int width = Vector<T>::width;
    const StateBlock<T> all = block;
    for (block.n = 0; block.n < task.states;) {
        const int64_t offset = block.n * width;
        block.a = all.a + offset;
        block.start = all.start ? all.start + offset : nullptr;
        block.dstate = all.dstate + offset;
        block.da = all.da + offset;
        if (block.n + backward_states <= task.states) {
            backward_states_of<T, backward_states>(task, tile, block);
            block.n += backward_states;
        } else {
            backward_states_of<T, 1>(task, tile, block);
            block.n++;
        }
    }
}

// block: the whole chunk
template <class T>
static void backward_group(
        const ScanBackwardTask<T>& task, BackwardTile<T>& tile, StateBlock<T> block, int64_t channel, int part) {
    const int64_t count = block.run.end;
    const T* start = block.start;
    tile.read(task, block.first, count, channel, part);
    tile.read_gradient(task, block.first, count, channel, part);
    for (int64_t end = count; end > 0; end = block.run.begin) {
        block.run = run_to(task, block.first, end);
        if (task.du) {
            block.start = block.run.begin > 0 || block.run.reset ? nullptr : start;
            backward_run(task, tile, block);
        } else {
            backward_state_only(task, tile, block.first, block.run, block.a, block.dstate);
        }
        if (block.run.reset) {
            std::memset(block.dstate, 0, task.states * Vector<T>::width * sizeof(T));
        }
    }
    if (task.du) {
        write_gradients(task, tile, block.first, count, channel, part);
    } else {
        add_delta(task, tile, count, channel);
    }
}

template <class T>
static void sum_lanes(const T* lanes, int64_t count, T* to) {
    for (int64_t i = 0; i < count; i++) {
        to[i] = sum<T>(load(lanes + i * Vector<T>::width));
    }
}

template <class T>
static void zero_gradients(const ScanBackwardTask<T>& task, int64_t first, int64_t count) {
    if (!task.du) {
        return;
    }
    zero(task.du + first * task.gradient_step, task.gradient_step, count, task.channels);
    zero(task.ddelta + first * task.gradient_step, task.gradient_step, count, task.channels);
    if (task.dz) {
        zero(task.dz + first * task.gradient_step, task.gradient_step, count, task.channels);
    }
    zero(task.db + first * task.share_step, task.share_step, count, task.states);
    zero(task.dc + first * task.share_step, task.share_step, count, task.states);
}

template <class T>
void scan_backward(const ScanBackwardTask<T>& task) {
    constexpr int width = Vector<T>::width;
    const int64_t groups = (task.channels + width - 1) / width;
    const int64_t group_size = task.states * width;
    BackwardTile<T> tile;
    for (int64_t chunk = (task.steps - 1) / chunk_length; chunk >= 0; chunk--) {
        const int64_t first = chunk * chunk_length;
        const int64_t count = task.steps - first < chunk_length ? task.steps - first : chunk_length;
        if (all_padding(task, first, count)) {
            zero_gradients(task, first, count);
            continue;
        }
        T* db = task.scratch;
        T* dc = db + count * group_size;
        if (task.du) {
            std::memset(db, 0, 2 * count * group_size * sizeof(T));
        }
        for (int64_t group = 0; group < groups; group++) {
            const int64_t channel = group * width;
            const int part = task.channels - channel < width ? static_cast<int>(task.channels - channel) : width;
            const int64_t offset = group * group_size;
            const T* start = task.du ? task.checkpoints + chunk * task.checkpoint_step + offset : nullptr;
            T* da = task.du ? task.da + offset : nullptr;
            const StateBlock<T> block = {first,         0,  {0, count, false}, task.a + offset, start,
                                         task.dstate + offset, da, db,         dc};
            backward_group(task, tile, block, channel, part);
        }
        if (task.du) {
            for (int64_t t = 0; t < count; t++) {
                sum_lanes(db + t * group_size, task.states, task.db + (first + t) * task.share_step);
                sum_lanes(dc + t * group_size, task.states, task.dc + (first + t) * task.share_step);
            }
        }
    }
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba

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

// The scan of Mamba-2 in chunks, as products of small matrices (Dao and Gu 2024, section 6). With α_t = exp(Δ_t A),
// W_ij = α_{j+1} … α_i for j ≤ i, and u = Δ x, a chunk that starts in the state S has
//
//     y_i = W_i(-1) S C_i + Σ_{j ≤ i} W_ij (C_i·B_j) u_j    and leaves    W_n(-1) S + Σ_j W_nj u_j B_j^T.
//
// W is made by multiplying its rows by α, so every factor is at most 1, a reset is α = 0 and padding is α = 1 with
// u = 0. A state is kept as its transpose, (N, P), whose rows are whole vectors. Segments are the steps for which what
// all heads of a group share is kept: rows and transposes of B and C, and C B^T.

#pragma once

#include "dense.h"
#include "product.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

static inline int64_t smaller(int64_t x, int64_t y) {
    return x < y ? x : y;
}

template <class T>
static inline int64_t whole_vectors(int64_t count) {
    return (count + Vector<T>::width - 1) / Vector<T>::width;
}

template <class T>
static inline int64_t padded(int64_t count) {
    return whole_vectors<T>(count) * Vector<T>::width;
}

// Hands out the scratch memory of a task, line by line of the cache.
template <class T>
struct Scratch {
    T* base;
    int64_t used = 0;

    T* take(int64_t count) {
        constexpr int64_t line = 64 / sizeof(T);
        const int64_t at = used;
        used += (count + line - 1) / line * line;
        return base ? base + at : nullptr;
    }
};

// What the heads of a group share, for each chunk of a segment.
template <class T>
struct Shared {
    int64_t states, row;  // N, and the length of a row of N numbers
    T *b, *b_columns, *c, *c_columns, *products;

    Shared(Scratch<T>& scratch, int64_t states, bool backward)
        : states(states),
          row(padded<T>(states)),
          b(backward ? scratch.take(ssd_segment * row) : nullptr),
          b_columns(scratch.take(ssd_segment * states)),
          c(scratch.take(ssd_segment * row)),
          c_columns(backward ? scratch.take(ssd_segment * states) : nullptr),
          products(scratch.take(ssd_segment * ssd_chunk)) {}

    const T* b_rows(int64_t chunk) const { return b + chunk * ssd_chunk * row; }
    const T* b_transposed(int64_t chunk) const { return b_columns + chunk * ssd_chunk * states; }
    const T* c_rows(int64_t chunk) const { return c + chunk * ssd_chunk * row; }
    const T* c_transposed(int64_t chunk) const { return c_columns + chunk * ssd_chunk * states; }
    const T* cb(int64_t chunk) const { return products + chunk * ssd_chunk * ssd_chunk; }

    // Rows of N numbers with zeros behind them.
    void pack(const T* from, int64_t step, int64_t count, T* to) const {
        for (int64_t t = 0; t < count; t++) {
            for (int64_t n = 0; n < states; n += Vector<T>::width) {
                store(to + t * row + n, load(from + t * step + n, lanes_at<T>(n, states)));
            }
        }
    }

    // (N, chunk), zeros behind the last step.
    void pack_columns(const T* from, int64_t step, int64_t count, T* to) const {
        if (count < ssd_chunk) {
            std::memset(to, 0, states * ssd_chunk * sizeof(T));
        }
        transpose(from, step, count, states, to, ssd_chunk);
    }

    void read(const SSDTask<T>& task, int64_t first, int64_t chunk, int64_t count) {
        const T* task_b = task.b + first * task.b_step;
        const T* task_c = task.c + first * task.c_step;
        T* c_to = c + chunk * ssd_chunk * row;
        T* b_to = b_columns + chunk * ssd_chunk * states;
        pack(task_c, task.c_step, count, c_to);
        pack_columns(task_b, task.b_step, count, b_to);
        if (b) {
            pack(task_b, task.b_step, count, b + chunk * ssd_chunk * row);
            pack_columns(task_c, task.c_step, count, c_columns + chunk * ssd_chunk * states);
        }
        Product<T> product;
        product.rows = count;
        product.inner = states;
        product.a = c_to;
        product.a_row = row;
        product.b = b_to;
        product.b_row = ssd_chunk;
        product.c = products + chunk * ssd_chunk * ssd_chunk;
        product.c_row = ssd_chunk;
        multiply_below_diagonal(product);
    }
};

// Vectors with ones in some lanes.
template <class T>
struct Lane {
    static constexpr int width = Vector<T>::width;
    T ones_before[2 * width] = {};  // width ones, width zeros
    T one_between[2 * width] = {};  // a one behind width - 1 zeros
    constexpr Lane() {
        for (int i = 0; i < width; i++) {
            ones_before[i] = T(1);
        }
        one_between[width - 1] = T(1);
    }

    static Vec<T> only(int lane) {
        static constexpr Lane<T> lanes;
        return load(lanes.one_between + width - 1 - lane);
    }

    static Vec<T> before(int lane) {
        static constexpr Lane<T> lanes;
        return load(lanes.ones_before + width - lane);
    }
};

// The time steps and decays of a head in a chunk.
template <class T>
struct Steps {
    int64_t count;
    T raw[ssd_chunk];         // Δ before softplus
    T delta[ssd_chunk];       // 0 at padding
    T decay[ssd_chunk];       // α
    T from_start[ssd_chunk];  // W_i(-1), behind the last step 0
    T to_end[ssd_chunk];      // W_nj, behind the last step 0
    T through;                 // W_n(-1)

    static bool token(const SSDTask<T>& task, int64_t step) {
        return !task.mask || task.mask[step * task.mask_step] != 0;
    }

    void read(const SSDTask<T>& task, int64_t head, int64_t first, int64_t steps) {
        constexpr T log2e = static_cast<T>(1.44269504088896340736);
        constexpr int width = Vector<T>::width;
        count = steps;
        const T bias = task.delta_bias ? task.delta_bias[head] : T(0);
        const T* from = task.delta + first * task.delta_step + head;
        for (int64_t t = 0; t < count; t++) {
            raw[t] = from[t * task.delta_step] + bias;
        }
        for (int64_t t = 0; t < count; t += width) {
            const int part = lanes_at<T>(t, count);
            const Vec<T> step = clamp<T>(softplus<T>(load(raw + t, part)), task.delta_min, task.delta_max);
            store(delta + t, step);
            store(decay + t, exp2<T>(step * (task.a[head] * log2e)));
        }
        T product = 1;
        for (int64_t t = 0; t < count; t++) {
            if (!token(task, first + t)) {
                delta[t] = 0;
                decay[t] = 1;
            } else if (task.resets && task.resets[(first + t) * task.resets_step]) {
                decay[t] = 0;
            }
            from_start[t] = product *= decay[t];
        }
        for (int64_t t = count; t < ssd_chunk; t++) {
            from_start[t] = to_end[t] = 0;
        }
        through = product;
        product = 1;
        for (int64_t t = count - 1; t >= 0; t--) {
            to_end[t] = product;
            product *= decay[t];
        }
    }

    // Makes W and multiplies it by C B^T; both keep their zeros above the diagonal.
    void weigh(const T* cb, T* weights, T* weighted) const {
        constexpr int width = Vector<T>::width;
        Vec<T> row[ssd_chunk / width];
        for (int64_t i = 0; i < count; i++) {
            const int64_t last = i / width;
            if (i % width == 0) {
                row[last] = Vec<T>{};
            }
            for (int64_t v = 0; v <= last; v++) {
                row[v] *= decay[i];
            }
            row[last] += Lane<T>::only(static_cast<int>(i % width));
            for (int64_t v = 0; v <= last; v++) {
                const int64_t at = i * ssd_chunk + v * width;
                if (weights) {
                    store(weights + at, row[v]);
                }
                store(weighted + at, row[v] == T(0) ? Vec<T>{} : row[v] * load(cb + at));
            }
        }
    }
};

// What a head needs in a chunk of the forward.
template <class T>
struct Head {
    static constexpr int width = Vector<T>::width;
    const int64_t states, size, row;  // N, P, and the length of a row of P numbers
    T *input, *output, *weighted;
    Steps<T> steps;

    Head(Scratch<T>& scratch, int64_t states, int64_t size)
        : states(states),
          size(size),
          row(padded<T>(size)),
          input(scratch.take(ssd_chunk * row)),
          output(scratch.take(ssd_chunk * row)),
          weighted(scratch.take(ssd_chunk * ssd_chunk)) {
        if (weighted) {
            std::memset(weighted, 0, ssd_chunk * ssd_chunk * sizeof(T));
        }
    }

    int64_t state_size() const { return states * row; }

    // u
    void read_input(const T* x, int64_t x_step) {
        for (int64_t t = 0; t < steps.count; t++) {
            for (int64_t p = 0; p < size; p += width) {
                store(input + t * row + p, load(x + t * x_step + p, lanes_at<T>(p, size)) * steps.delta[t]);
            }
        }
    }

    // Multiplies each of the steps' rows by a number; one with 0 forgets what it was.
    void scale(T* rows, const T* factors) const {
        for (int64_t t = 0; t < steps.count; t++) {
            for (int64_t p = 0; p < row; p += width) {
                T* at = rows + t * row + p;
                store(at, factors[t] == T(0) ? Vec<T>{} : load(at) * factors[t]);
            }
        }
    }

    // (steps, P): rows of the left matrix times those of a state.
    Product<T> read_state(const T* left, int64_t left_row, const T* state, T* to) const {
        Product<T> p;
        p.rows = steps.count;
        p.inner = states;
        p.vectors = row / width;
        p.a = left;
        p.a_row = left_row;
        p.b = state;
        p.b_row = row;
        p.c = to;
        p.c_row = row;
        return p;
    }

    // (N, P): columns (N, chunk) times rows that are weighted already, added to the state that is left.
    void write_state(const T* columns, const T* rows, T* state) const {
        Product<T> p;
        p.rows = states;
        p.inner = steps.count;
        p.vectors = row / width;
        p.a = columns;
        p.a_row = ssd_chunk;
        p.b = rows;
        p.b_row = row;
        p.c = state;
        p.c_row = row;
        p.beta = steps.through;
        multiply(p);
    }

    // Adds (steps, steps) times (steps, P).
    void add_steps(const T* weights, int64_t weight_row, int64_t weight_inner, Part part, const T* rows, T* to) const {
        Product<T> p;
        p.rows = p.inner = steps.count;
        p.vectors = row / width;
        p.a = weights;
        p.a_row = weight_row;
        p.a_inner = weight_inner;
        p.b = rows;
        p.b_row = row;
        p.c = to;
        p.c_row = row;
        p.beta = 1;
        p.part = part;
        multiply(p);
    }

    // Takes the state through a chunk whose u is in place, which loses it.
    void advance(const Shared<T>& shared, int64_t chunk, T* state) {
        scale(input, steps.to_end);
        write_state(shared.b_transposed(chunk), input, state);
    }
};

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba

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

// Gradients of the scan of Mamba-2. States are computed again from those that the forward kept, segment by segment
// from the last one on. With the names of ssd_parts.h, dS the gradient of the state that a chunk leaves, and
// K_ij = dy_i·u_j,
//
//     du_j = Σ_{i ≥ j} W_ij (C_i·B_j) dy_i + W_nj dS B_j
//     dB_j = Σ_{i ≥ j} W_ij K_ij C_i + W_nj dS^T u_j
//     dC_i = Σ_{j ≤ i} W_ij K_ij B_j + W_i(-1) S^T dy_i
//     dS'  = W_n(-1) dS + Σ_i W_i(-1) dy_i C_i^T
//
// and the gradient of ln α_k is the sum of all products with a W that spans k. Heads add their sums over W K for a
// group, so that it is multiplied by B and C once.

#pragma once

#include "ssd_forward.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

// The gradients of B and C that the heads of a group have made, for each chunk of a segment.
template <class T>
struct SharedGradients {
    int64_t states, row;
    T *b, *c, *products;  // (N, chunk), (N, chunk), (chunk, chunk) for each chunk
    T* rows;              // (chunk, N)

    SharedGradients(Scratch<T>& scratch, int64_t states)
        : states(states),
          row(padded<T>(states)),
          b(scratch.take(ssd_segment * states)),
          c(scratch.take(ssd_segment * states)),
          products(scratch.take(ssd_segment * ssd_chunk)),
          rows(scratch.take(ssd_chunk * row)) {}

    T* b_columns(int64_t chunk) const { return b + chunk * ssd_chunk * states; }
    T* c_columns(int64_t chunk) const { return c + chunk * ssd_chunk * states; }
    T* wk(int64_t chunk) const { return products + chunk * ssd_chunk * ssd_chunk; }

    void clear() const {
        std::memset(b, 0, ssd_segment * states * sizeof(T));
        std::memset(c, 0, ssd_segment * states * sizeof(T));
        std::memset(products, 0, ssd_segment * ssd_chunk * sizeof(T));
    }

    // Columns, and the sums over steps times the rows of the other one.
    void write(const T* columns, const T* weights, bool transposed, const T* others, int64_t count, T* to,
               int64_t to_step) const {
        transpose(columns, ssd_chunk, states, count, rows, row);
        Product<T> p;
        p.rows = p.inner = count;
        p.vectors = row / Vector<T>::width;
        p.a = weights;
        p.a_row = transposed ? 1 : ssd_chunk;
        p.a_inner = transposed ? ssd_chunk : 1;
        p.part = transposed ? Part::upper : Part::lower;
        p.b = others;
        p.b_row = row;
        p.c = rows;
        p.c_row = row;
        p.beta = 1;
        multiply(p);
        for (int64_t t = 0; t < count; t++) {
            std::memcpy(to + t * to_step, rows + t * row, states * sizeof(T));
        }
    }
};

// What a head needs in a chunk of the backward.
template <class T>
struct HeadGradients : Head<T> {
    using Head<T>::width;
    using Head<T>::states;
    using Head<T>::size;
    using Head<T>::row;
    using Head<T>::input;
    using Head<T>::output;  // du
    using Head<T>::weighted;
    using Head<T>::steps;
    T *kept;                         // (chunk, state): states before the chunks of a segment
    T *dy, *dy_columns;              // (chunk, P), (P, chunk); 0 at padding
    T *input_columns;                // (P, chunk)
    T *weights, *products, *columns;  // W, K, (N, chunk)
    T through_state;                  // the part of each gradient of ln α that passes through the whole chunk
    T before_end[ssd_chunk];         // what each step sends to the state that is left
    T from_begin[ssd_chunk];         // what each step gets from the state before
    T between[ssd_chunk];            // of each step's ln α, what passes over it inside of the chunk

    HeadGradients(Scratch<T>& scratch, int64_t states, int64_t size)
        : Head<T>(scratch, states, size),
          kept(scratch.take(ssd_segment / ssd_chunk * this->state_size())),
          dy(scratch.take(ssd_chunk * row)),
          dy_columns(scratch.take(ssd_chunk * size)),
          input_columns(scratch.take(ssd_chunk * size)),
          weights(scratch.take(ssd_chunk * ssd_chunk)),
          products(scratch.take(ssd_chunk * ssd_chunk)),
          columns(scratch.take(ssd_chunk * states)) {}

    void read(const SSDBackwardTask<T>& task, int64_t index, int64_t first, int64_t count) {
        steps.read(task, index, first, count);
        this->read_input(task.x + first * task.x_step + index * size, task.x_step);
    }

    void read_gradient(const SSDBackwardTask<T>& task, int64_t index, int64_t first) const {
        for (int64_t t = 0; t < steps.count; t++) {
            const bool token = Steps<T>::token(task, first + t);
            const T* from = task.dy + (first + t) * task.dy_step + index * size;
            for (int64_t p = 0; p < size; p += width) {
                store(dy + t * row + p, token ? load(from + p, lanes_at<T>(p, size)) : Vec<T>{});
            }
        }
    }

    void turn(const T* rows, T* to) const {
        if (steps.count < ssd_chunk) {
            std::memset(to, 0, ssd_chunk * size * sizeof(T));
        }
        transpose(rows, row, steps.count, size, to, ssd_chunk);
    }

    // Adds what passes through a state to the gradient of B or C, (N, chunk), and multiplies it by B or C itself.
    void pass_state(const T* state, const T* rows, const T* factors, const T* own, T* sums, T* products_of) const {
        Product<T> p;
        p.rows = states;
        p.inner = size;
        p.vectors = whole_vectors<T>(steps.count);
        p.a = state;
        p.a_row = row;
        p.b = rows;
        p.b_row = ssd_chunk;
        p.c = columns;
        p.c_row = ssd_chunk;
        multiply(p);
        for (int64_t t = 0; t < steps.count; t += width) {
            const Vec<T> factor = load(factors + t);
            Vec<T> product = {};
            for (int64_t n = 0; n < states; n++) {
                const int64_t at = n * ssd_chunk + t;
                const Vec<T> value = factor * load(columns + at);
                product += value * load(own + at);
                store(sums + at, load(sums + at) + value);
            }
            store(products_of + t, product);
        }
    }

    // K, and the sums over pairs of steps.
    void pass_steps(const T* cb, T* sums) {
        Product<T> p;
        p.rows = steps.count;
        p.inner = size;
        p.a = dy;
        p.a_row = row;
        p.b = input_columns;
        p.b_row = ssd_chunk;
        p.c = products;
        p.c_row = ssd_chunk;
        multiply_below_diagonal(p);
        // for each earlier step, the sum of W (C·B) K over the later ones
        Vec<T> later[ssd_chunk / width] = {};
        for (int64_t i = steps.count - 1; i >= 0; i--) {
            const int64_t last = i / width;
            Vec<T> total = {};
            for (int64_t v = 0; v <= last; v++) {
                const int64_t at = i * ssd_chunk + v * width;
                const Vec<T> w = load(weights + at);
                const Vec<T> wk = w == T(0) ? Vec<T>{} : w * load(products + at);
                store(sums + at, load(sums + at) + wk);
                later[v] += w == T(0) ? Vec<T>{} : wk * load(cb + at);
                if (v == last) {
                    later[v] *= Lane<T>::before(static_cast<int>(i % width));
                }
                total += later[v];
            }
            between[i] = sum<T>(total);
        }
    }

    T dot_states(const T* x, const T* y) const {
        Vec<T> total = {};
        for (int64_t i = 0; i < this->state_size(); i += width) {
            total += load(x + i) * load(y + i);
        }
        return sum<T>(total);
    }

    // All gradients of a chunk but those that write_gradients makes of them.
    void pass(const Shared<T>& shared, const SharedGradients<T>& sums, int64_t chunk, T* dstate) {
        const T* state = kept + chunk * this->state_size();
        steps.weigh(shared.cb(chunk), weights, weighted);
        turn(dy, dy_columns);
        turn(input, input_columns);
        through_state = steps.through == T(0) ? T(0) : steps.through * dot_states(dstate, state);
        multiply(this->read_state(shared.b_rows(chunk), shared.row, dstate, output));
        this->scale(output, steps.to_end);
        this->add_steps(weighted, 1, ssd_chunk, Part::upper, dy, output);
        pass_state(dstate, input_columns, steps.to_end, shared.b_transposed(chunk), sums.b_columns(chunk), before_end);
        pass_state(state, dy_columns, steps.from_start, shared.c_transposed(chunk), sums.c_columns(chunk), from_begin);
        pass_steps(shared.cb(chunk), sums.wk(chunk));
    }

    // Takes the gradient of the state that the chunk leaves to the one that it starts in; dy is lost.
    void retreat(const Shared<T>& shared, int64_t chunk, T* dstate) const {
        this->scale(dy, steps.from_start);
        this->write_state(shared.c_transposed(chunk), dy, dstate);
    }
};

// dx and the gradient of D; x·du of each step.
template <class T>
static void write_inputs(
        const SSDBackwardTask<T>& task, const HeadGradients<T>& head, int64_t index, int64_t first, T* products) {
    Vec<T> skipped = {};
    for (int64_t t = 0; t < head.steps.count; t++) {
        const T* x = task.x + (first + t) * task.x_step + index * head.size;
        T* dx = task.dx + (first + t) * task.dx_step + index * head.size;
        Vec<T> product = {};
        for (int64_t p = 0; p < head.size; p += Vector<T>::width) {
            const int part = lanes_at<T>(p, head.size);
            const Vec<T> value = load(x + p, part);
            const Vec<T> du = load(head.output + t * head.row + p);
            const Vec<T> dy = load(head.dy + t * head.row + p);
            store(dx + p, head.steps.delta[t] * du + skip_of(task, index, p, part) * dy, part);
            product += value * du;
            if (task.dd && task.d_per_channel) {
                T* dd = task.dd + index * head.size + p;
                store(dd, load(dd, part) + dy * value, part);
            } else {
                skipped += dy * value;
            }
        }
        products[t] = sum<T>(product);
    }
    if (task.dd && !task.d_per_channel) {
        task.dd[index] += sum<T>(skipped);
    }
}

// Gradients of Δ, its bias and A from those of u and of ln α.
template <class T>
static void write_steps(
        const SSDBackwardTask<T>& task, const HeadGradients<T>& head, int64_t index, int64_t first, const T* products) {
    const Steps<T>& steps = head.steps;
    T gradient[ssd_chunk];
    T from_later = 0;
    for (int64_t t = steps.count - 1; t >= 0; t--) {
        gradient[t] = head.between[t] + (from_later += head.from_begin[t]);
    }
    T to_later = head.through_state;
    T da = 0;
    for (int64_t t = 0; t < steps.count; t++) {
        gradient[t] += to_later;
        to_later += head.before_end[t];
        da += gradient[t] * steps.delta[t];
        gradient[t] = products[t] + gradient[t] * task.a[index];
    }
    task.da[index] += da;
    Vec<T> total = {};
    for (int64_t t = 0; t < steps.count; t += Vector<T>::width) {
        const int part = lanes_at<T>(t, steps.count);
        const Vec<T> raw = load(steps.raw + t, part);
        const Vec<T> soft = softplus<T>(raw);
        Vec<T> slope = soft < task.delta_min ? Vec<T>{} : sigmoid<T>(raw);
        slope = soft > task.delta_max ? Vec<T>{} : slope;
        store(gradient + t, load(gradient + t, part) * slope, part);
    }
    for (int64_t t = 0; t < steps.count; t++) {
        gradient[t] = Steps<T>::token(task, first + t) ? gradient[t] : T(0);
        task.ddelta[(first + t) * task.ddelta_step + index] = gradient[t];
    }
    for (int64_t t = 0; t < steps.count; t += Vector<T>::width) {
        total += load(gradient + t, lanes_at<T>(t, steps.count));
    }
    if (task.ddelta_bias) {
        task.ddelta_bias[index] += sum<T>(total);
    }
}

template <class T>
static void ssd_backward_head(
        const SSDBackwardTask<T>& task, const Shared<T>& shared, const SharedGradients<T>& sums,
        HeadGradients<T>& head, int64_t index, int64_t first, int64_t end) {
    const int64_t size = head.state_size();
    const int64_t chunks = (end - first + ssd_chunk - 1) / ssd_chunk;
    std::memcpy(head.kept, task.checkpoints + first / ssd_segment * task.checkpoint_step + index * size,
                size * sizeof(T));
    for (int64_t chunk = 0; chunk + 1 < chunks; chunk++) {
        T* next = head.kept + (chunk + 1) * size;
        std::memcpy(next, head.kept + chunk * size, size * sizeof(T));
        head.read(task, index, first + chunk * ssd_chunk, ssd_chunk);
        head.advance(shared, chunk, next);
    }
    for (int64_t chunk = chunks - 1; chunk >= 0; chunk--) {
        const int64_t at = first + chunk * ssd_chunk;
        T* dstate = task.dstate + index * size;
        T products[ssd_chunk];
        head.read(task, index, at, smaller(ssd_chunk, end - at));
        head.read_gradient(task, index, at);
        head.pass(shared, sums, chunk, dstate);
        write_inputs(task, head, index, at, products);
        write_steps(task, head, index, at, products);
        head.retreat(shared, chunk, dstate);
    }
}

template <class T>
void ssd_backward(const SSDBackwardTask<T>& task) {
    Scratch<T> scratch{task.scratch};
    Shared<T> shared(scratch, task.states, true);
    SharedGradients<T> sums(scratch, task.states);
    HeadGradients<T> head(scratch, task.states, task.head_size);
    for (int64_t first = (task.steps - 1) / ssd_segment * ssd_segment; first >= 0; first -= ssd_segment) {
        const int64_t end = smaller(first + ssd_segment, task.steps);
        for (int64_t at = first; at < end; at += ssd_chunk) {
            shared.read(task, at, (at - first) / ssd_chunk, smaller(ssd_chunk, end - at));
        }
        sums.clear();
        for (int64_t index = 0; index < task.heads; index++) {
            ssd_backward_head(task, shared, sums, head, index, first, end);
        }
        for (int64_t at = first; at < end; at += ssd_chunk) {
            const int64_t chunk = (at - first) / ssd_chunk;
            const int64_t count = smaller(ssd_chunk, end - at);
            sums.write(sums.b_columns(chunk), sums.wk(chunk), true, shared.c_rows(chunk), count,
                       task.db + at * task.share_step, task.share_step);
            sums.write(sums.c_columns(chunk), sums.wk(chunk), false, shared.b_rows(chunk), count,
                       task.dc + at * task.share_step, task.share_step);
        }
    }
}

// The numbers that the scratch memory of a task holds.
template <class T>
static int64_t ssd_backward_scratch(int64_t states, int64_t head_size) {
    Scratch<T> scratch{nullptr};
    Shared<T> shared(scratch, states, true);
    SharedGradients<T> sums(scratch, states);
    HeadGradients<T> head(scratch, states, head_size);
    return scratch.used;
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba

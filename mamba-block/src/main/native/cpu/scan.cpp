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

// The selective scan on tensors of a CPU: how the work is cut into tasks, and what they share.

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cstring>

#include "tasks.h"

namespace mamba {
namespace cpu {
namespace {

// Below this many states a second thread costs more than it saves.
constexpr int64_t least_work = 1 << 15;

// Where time is cut as well, every part is read twice: first for what it does to a state. That pays from here on.
constexpr int64_t least_parts = 3;
constexpr int64_t shortest_part = 4 * chunk_length;

// The cut of a scan: tasks are rows × splits of the channels × parts of time.
struct Plan {
    int64_t rows, steps, channels, states;
    int64_t lanes, groups;
    int64_t splits = 1, parts = 1;
    int64_t groups_per_split, part_length;

    Plan(const SelectiveScanArgs& args, int64_t lanes)
        : rows(args.u.size(0)),
          steps(args.u.size(1)),
          channels(args.u.size(2)),
          states(args.a.size(1)),
          lanes(lanes),
          groups(ceil_div(channels, lanes)) {
        const bool small = rows * steps * channels * states < least_work;
        const int64_t threads = small ? 1 : available_threads();
        if (rows % threads != 0 && rows < 4 * threads) {
            splits = std::min(groups, rows < threads ? ceil_div(threads, rows) : threads);
        }
        const int64_t wanted = threads / (rows * splits);
        if (wanted >= least_parts) {
            parts = std::max<int64_t>(1, std::min(wanted, steps / shortest_part));
        }
        groups_per_split = ceil_div(groups, splits);
        splits = ceil_div(groups, groups_per_split);
        part_length = ceil_div(ceil_div(steps, parts), chunk_length) * chunk_length;
        parts = ceil_div(steps, part_length);
    }

    int64_t tasks() const { return rows * splits * parts; }
    int64_t group_size() const { return states * lanes; }
    int64_t state_size() const { return groups * group_size(); }
    int64_t chunks() const { return ceil_div(steps, chunk_length); }
};

// One task of a plan.
struct Piece {
    int64_t row, split, part, first_group, first_channel, channels, first_step, steps;

    Piece(const Plan& plan, int64_t task)
        : row(task / plan.splits % plan.rows),
          split(task % plan.splits),
          part(task / plan.splits / plan.rows),
          first_group(split * plan.groups_per_split),
          first_channel(first_group * plan.lanes),
          channels(std::min(plan.channels - first_channel, plan.groups_per_split * plan.lanes)),
          first_step(part * plan.part_length),
          steps(std::min(plan.steps - first_step, plan.part_length)) {}
};

// (E, N) to (group, N, lane), times a factor.
template <class T>
void pack(const Plan& plan, const T* from, T factor, T* to) {
    std::memset(to, 0, plan.state_size() * sizeof(T));
    for (int64_t channel = 0; channel < plan.channels; channel++) {
        T* lane = to + channel / plan.lanes * plan.group_size() + channel % plan.lanes;
        for (int64_t n = 0; n < plan.states; n++) {
            lane[n * plan.lanes] = from[channel * plan.states + n] * factor;
        }
    }
}

template <class T>
void unpack(const Plan& plan, const T* from, T* to) {
    for (int64_t channel = 0; channel < plan.channels; channel++) {
        const T* lane = from + channel / plan.lanes * plan.group_size() + channel % plan.lanes;
        for (int64_t n = 0; n < plan.states; n++) {
            to[channel * plan.states + n] = lane[n * plan.lanes];
        }
    }
}

template <class T>
at::Tensor packed_a(const Plan& plan, const SelectiveScanArgs& args) {
    at::Tensor packed = at::empty({plan.state_size()}, args.u.options());
    pack(plan, data<T>(args.a), static_cast<T>(1.44269504088896340736), packed.mutable_data_ptr<T>());
    return packed;
}

// (part, row, packed state), the states of one part filled from (B, E, N).
template <class T>
at::Tensor packed_states(const Plan& plan, const SelectiveScanArgs& args, const at::Tensor& given, int64_t part) {
    at::Tensor states = at::zeros({plan.parts, plan.rows, plan.state_size()}, args.u.options());
    if (given.defined()) {
        T* to = states.mutable_data_ptr<T>() + part * plan.rows * plan.state_size();
        const T* from = data<T>(given);
        parallel(plan.rows, [&](int64_t row, int64_t) {
            pack(plan, from + row * plan.channels * plan.states, T(1), to + row * plan.state_size());
        });
    }
    return states;
}

template <class T>
at::Tensor unpacked_states(const Plan& plan, const SelectiveScanArgs& args, const at::Tensor& states, int64_t part) {
    at::Tensor result = at::empty({plan.rows, plan.channels, plan.states}, args.u.options());
    const T* from = data<T>(states) + part * plan.rows * plan.state_size();
    T* to = result.mutable_data_ptr<T>();
    parallel(plan.rows, [&](int64_t row, int64_t) {
        unpack(plan, from + row * plan.state_size(), to + row * plan.channels * plan.states);
    });
    return result;
}

// A sequence as a task reads it: its first element in scan order and the stride from step to step.
template <class T>
struct View {
    T* first;
    int64_t step;

    View(T* base, const at::Tensor& sequence, const SelectiveScanArgs& args, const Piece& piece, bool with_channels) {
        if (!base) {
            first = nullptr;
            step = 0;
            return;
        }
        const int64_t at = args.reverse ? args.u.size(1) - 1 - piece.first_step : piece.first_step;
        first = base + piece.row * sequence.stride(0) + at * sequence.stride(1) +
                (with_channels ? piece.first_channel : 0);
        step = args.reverse ? -sequence.stride(1) : sequence.stride(1);
    }
};

template <class T>
void fill(ScanTask<T>& task, const SelectiveScanArgs& args, const Plan& plan, const Piece& piece, const at::Tensor& a,
          const at::Tensor& states) {
    const auto read = [&](const at::Tensor& sequence, bool with_channels, const T*& first, int64_t& step) {
        const View<const T> view(data<T>(sequence), sequence, args, piece, with_channels);
        first = view.first;
        step = view.step;
    };
    task.steps = piece.steps;
    task.channels = piece.channels;
    task.states = plan.states;
    read(args.u, true, task.u, task.u_step);
    read(args.delta, true, task.delta, task.delta_step);
    read(args.z, true, task.z, task.z_step);
    read(args.b, false, task.b, task.b_step);
    read(args.c, false, task.c, task.c_step);
    const View<const uint8_t> mask(data<uint8_t>(args.mask), args.mask, args, piece, false);
    task.mask = mask.first;
    task.mask_step = mask.step;
    const View<const uint8_t> resets(data<uint8_t>(args.resets), args.resets, args, piece, false);
    task.resets = resets.first;
    task.resets_step = resets.step;
    task.a = data<T>(a) + piece.first_group * plan.group_size();
    task.delta_bias = offset(data<T>(args.delta_bias), piece.first_channel);
    task.d = offset(data<T>(args.d), piece.first_channel);
    task.state = offset(mutable_data<T>(states), (piece.part * plan.rows + piece.row) * plan.state_size() +
                                                         piece.first_group * plan.group_size());
}

// Whether nothing passes through a part of a row.
bool cut_off(const SelectiveScanArgs& args, const Plan& plan, int64_t row, int64_t part) {
    if (!args.resets.defined()) {
        return false;
    }
    const int64_t begin = part * plan.part_length;
    const int64_t count = std::min(plan.part_length, plan.steps - begin);
    const uint8_t* first =
            data<uint8_t>(args.resets) + row * plan.steps + (args.reverse ? plan.steps - begin - count : begin);
    return std::any_of(first, first + count, [](uint8_t reset) { return reset != 0; });
}

// Turns what each part does to a zero state into what comes out of it: states holds, for the parts in the order in
// which they are passed, first what comes in and then what part after part adds.
template <class T>
void combine(
        const SelectiveScanArgs& args, const Plan& plan, const at::Tensor& a, const at::Tensor& sums, const at::Tensor& states,
        bool backwards) {
    const Kernels<T>& kernel = kernels<T>();
    const T* a_data = data<T>(a);
    const T* sum_data = data<T>(sums);
    T* state_data = mutable_data<T>(states);
    const at::Tensor decays = at::empty({plan.rows, plan.state_size()}, a.options());
    T* decay_data = mutable_data<T>(decays);
    parallel(plan.rows, [&](int64_t row, int64_t) {
        T* e = decay_data + row * plan.state_size();
        for (int64_t i = 1; i < plan.parts; i++) {
            const int64_t part = backwards ? plan.parts - 1 - i : i;
            const int64_t passed = backwards ? part + 1 : part - 1;
            if (cut_off(args, plan, row, passed)) {
                continue;
            }
            T* state = state_data + (part * plan.rows + row) * plan.state_size();
            const T* before = state_data + (passed * plan.rows + row) * plan.state_size();
            const T* sum = sum_data + (passed * plan.rows + row) * plan.groups * plan.lanes;
            for (int64_t j = 0; j < plan.state_size(); j++) {
                e[j] = a_data[j] * sum[j / plan.group_size() * plan.lanes + j % plan.lanes];
            }
            kernel.exp2(e, e, plan.state_size());
            for (int64_t j = 0; j < plan.state_size(); j++) {
                state[j] += e[j] * before[j];
            }
        }
    });
}

template <class T>
SelectiveScanResult step(const SelectiveScanArgs& args) {
    const int64_t rows = args.u.size(0), channels = args.u.size(2), states = args.a.size(1);
    SelectiveScanResult result;
    result.y = at::empty(args.u.sizes(), args.u.options());
    result.final_state = at::empty({rows, channels, states}, args.u.options());
    T* y = result.y.mutable_data_ptr<T>();
    T* state = result.final_state.mutable_data_ptr<T>();
    // one row is too short for two threads: measured
    parallel(rows, [&](int64_t row, int64_t) {
        ScanStep<T> task;
        task.channels = channels;
        task.states = states;
        task.u = data<T>(args.u) + row * args.u.stride(0);
        task.delta = data<T>(args.delta) + row * args.delta.stride(0);
        task.z = args.z.defined() ? data<T>(args.z) + row * args.z.stride(0) : nullptr;
        task.b = data<T>(args.b) + row * args.b.stride(0);
        task.c = data<T>(args.c) + row * args.c.stride(0);
        task.a = data<T>(args.a);
        task.delta_bias = data<T>(args.delta_bias);
        task.d = data<T>(args.d);
        task.state_before = offset(data<T>(args.initial_state), row * channels * states);
        task.state = state + row * channels * states;
        task.y = y + row * channels;
        kernels<T>().scan_step(task);
    });
    return result;
}

template <class T>
SelectiveScanResult forward(const SelectiveScanArgs& args, bool with_checkpoints) {
    if (args.u.size(1) == 1 && !with_checkpoints && !args.mask.defined() && !args.resets.defined()) {
        return step<T>(args);
    }
    const Kernels<T>& kernel = kernels<T>();
    const Plan plan(args, kernel.lanes);
    const at::Tensor a = packed_a<T>(plan, args);
    const at::Tensor states = packed_states<T>(plan, args, args.initial_state, 0);
    SelectiveScanResult result;
    result.y = at::empty(args.u.sizes(), args.u.options());
    if (with_checkpoints) {
        result.checkpoints = at::empty({plan.rows, plan.chunks(), plan.state_size()}, args.u.options());
    }
    if (plan.parts > 1) {
        // what part p does is written where part p + 1 starts
        const at::Tensor sums = at::zeros({plan.parts, plan.rows, plan.groups * plan.lanes}, args.u.options());
        parallel(plan.tasks() - plan.rows * plan.splits, [&](int64_t index, int64_t) {
            const Piece piece(plan, index);
            ScanTask<T> task;
            fill(task, args, plan, piece, a, states);
            task.state += plan.rows * plan.state_size();
            task.delta_sum = sums.mutable_data_ptr<T>() +
                             (piece.part * plan.rows + piece.row) * plan.groups * plan.lanes + piece.first_channel;
            kernel.scan_forward(task);
        });
        combine<T>(args, plan, a, sums, states, false);
    }
    parallel(plan.tasks(), [&](int64_t index, int64_t) {
        const Piece piece(plan, index);
        ScanTask<T> task;
        fill(task, args, plan, piece, a, states);
        const View<T> y(result.y.mutable_data_ptr<T>(), result.y, args, piece, true);
        task.y = y.first;
        task.y_step = y.step;
        if (with_checkpoints) {
            const int64_t chunk = piece.row * plan.chunks() + piece.first_step / chunk_length;
            task.checkpoints = result.checkpoints.mutable_data_ptr<T>() + chunk * plan.state_size() +
                               piece.first_group * plan.group_size();
            task.checkpoint_step = plan.state_size();
        }
        kernel.scan_forward(task);
    });
    result.final_state = unpacked_states<T>(plan, args, states, plan.parts - 1);
    return result;
}

template <class T>
struct Backward {
    const SelectiveScanArgs& args;
    const at::Tensor& checkpoints;
    const at::Tensor& dy;
    const Kernels<T>& kernel = kernels<T>();
    const Plan plan;
    const at::TensorOptions options;
    const at::Tensor a;
    const at::Tensor dstates;
    SelectiveScanGradients gradients;
    // shares of the tasks, summed in the order of the tasks
    at::Tensor db, dc, da, dd, dbias;
    at::Tensor db_shape;  // one share

    Backward(const SelectiveScanArgs& args, const at::Tensor& checkpoints, const at::Tensor& dy, const at::Tensor& dstate)
        : args(args),
          checkpoints(checkpoints),
          dy(dy),
          plan(args, kernels<T>().lanes),
          options(args.u.options()),
          a(packed_a<T>(plan, args)),
          dstates(packed_states<T>(plan, args, dstate, plan.parts - 1)) {
        gradients.u = at::empty(args.u.sizes(), options);
        gradients.delta = at::empty(args.u.sizes(), options);
        if (args.z.defined()) {
            gradients.z = at::empty(args.u.sizes(), options);
        }
        db = at::empty({plan.splits, plan.rows, plan.steps, plan.states}, options);
        dc = at::empty_like(db);
        db_shape = db.select(0, 0);
        da = at::zeros({plan.parts * plan.rows, plan.state_size()}, options);
        dd = at::zeros({plan.parts * plan.rows, plan.groups * plan.lanes}, options);
        dbias = at::zeros_like(dd);
    }

    void fill_backward(ScanBackwardTask<T>& task, const Piece& piece) const {
        fill<T>(task, args, plan, piece, a, at::Tensor());
        if (dy.defined()) {
            const View<const T> view(data<T>(dy), dy, args, piece, true);
            task.dy = view.first;
            task.dy_step = view.step;
        }
        task.dstate = dstates.mutable_data_ptr<T>() + (piece.part * plan.rows + piece.row) * plan.state_size() +
                      piece.first_group * plan.group_size();
    }

    // What comes into each part from behind.
    void connect_parts() const {
        const at::Tensor sums = at::zeros({plan.parts, plan.rows, plan.groups * plan.lanes}, options);
        const int64_t per_part = plan.rows * plan.splits;
        parallel(plan.tasks() - per_part, [&](int64_t index, int64_t) {
            const Piece piece(plan, index + per_part);
            ScanBackwardTask<T> task;
            fill_backward(task, piece);
            task.dstate -= plan.rows * plan.state_size();
            task.delta_sum = sums.mutable_data_ptr<T>() +
                             (piece.part * plan.rows + piece.row) * plan.groups * plan.lanes + piece.first_channel;
            kernel.scan_backward(task);
        });
        combine<T>(args, plan, a, sums, dstates, true);
    }

    void run_task(const Piece& piece, T* scratch) const {
        ScanBackwardTask<T> task;
        fill_backward(task, piece);
        const auto write = [&](const at::Tensor& sequence) {
            return View<T>(mutable_data<T>(sequence), sequence, args, piece, true);
        };
        const View<T> du = write(gradients.u);
        task.du = du.first;
        task.gradient_step = du.step;
        task.ddelta = write(gradients.delta).first;
        task.dz = write(gradients.z).first;
        const int64_t share = piece.split * plan.rows * plan.steps * plan.states;
        const View<T> share_of_db(mutable_data<T>(db) + share, db_shape, args, piece, false);
        task.db = share_of_db.first;
        task.share_step = share_of_db.step;
        task.dc = View<T>(mutable_data<T>(dc) + share, db_shape, args, piece, false).first;
        const int64_t index = piece.part * plan.rows + piece.row;
        task.da = mutable_data<T>(da) + index * plan.state_size() + piece.first_group * plan.group_size();
        task.dd = mutable_data<T>(dd) + index * plan.groups * plan.lanes + piece.first_channel;
        task.ddelta_bias = mutable_data<T>(dbias) + index * plan.groups * plan.lanes + piece.first_channel;
        task.checkpoints =
                checkpoints.mutable_data_ptr<T>() +
                (piece.row * plan.chunks() + piece.first_step / chunk_length) * plan.state_size() +
                piece.first_group * plan.group_size();
        task.checkpoint_step = plan.state_size();
        task.scratch = scratch;
        kernel.scan_backward(task);
    }

    SelectiveScanGradients run() {
        if (plan.parts > 1) {
            connect_parts();
        }
        const int64_t scratch_size = 2 * chunk_length * plan.group_size();
        const at::Tensor scratch = at::empty({std::min(plan.tasks(), available_threads()), scratch_size}, options);
        parallel(plan.tasks(), [&](int64_t index, int64_t thread) {
            run_task(Piece(plan, index), mutable_data<T>(scratch) + thread * scratch_size);
        });
        gradients.b = plan.splits == 1 ? db.squeeze(0) : db.sum(0);
        gradients.c = plan.splits == 1 ? dc.squeeze(0) : dc.sum(0);
        gradients.a = at::empty({plan.channels, plan.states}, options);
        unpack(plan, data<T>(da.sum(0)), gradients.a.template mutable_data_ptr<T>());
        if (args.d.defined()) {
            gradients.d = dd.sum(0).slice(0, 0, plan.channels).clone();
        }
        if (args.delta_bias.defined()) {
            gradients.delta_bias = dbias.sum(0).slice(0, 0, plan.channels).clone();
        }
        if (args.initial_state.defined()) {
            gradients.initial_state = unpacked_states<T>(plan, args, dstates, 0);
        }
        return gradients;
    }
};

}  // namespace

SelectiveScanResult scan_forward(const SelectiveScanArgs& args, bool with_checkpoints) {
    return dispatch(args.u, [&](auto type) { return forward<decltype(type)>(args, with_checkpoints); });
}

SelectiveScanGradients scan_backward(
        const SelectiveScanArgs& args, const at::Tensor& checkpoints, const at::Tensor& dy, const at::Tensor& dstate) {
    return dispatch(args.u, [&](auto type) { return Backward<decltype(type)>(args, checkpoints, dy, dstate).run(); });
}

}  // namespace cpu
}  // namespace mamba

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

// The scan of Mamba-2 on tensors of a CPU: how the work is cut into tasks, and what they share.

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

#include "tasks.h"

namespace mamba {
namespace cpu {
namespace {

// Below this many numbers of states a second thread costs more than it saves.
constexpr int64_t least_work = 1 << 15;

// The cut of a scan: tasks are rows × groups × splits of the heads of a group.
struct SSDPlan {
    int64_t rows, steps, heads, head_size, states, groups;
    int64_t packed_state;  // numbers of a packed state of a head
    int64_t splits = 1, heads_per_group, heads_per_split;

    SSDPlan(const SSDScanArgs& args, int64_t lanes)
        : rows(args.x.size(0)),
          steps(args.x.size(1)),
          heads(args.heads()),
          head_size(args.head_size()),
          states(args.states()),
          groups(args.groups),
          packed_state(states * ceil_div(head_size, lanes) * lanes),
          heads_per_group(heads / groups) {
        const bool small = rows * steps * heads * head_size * states < least_work;
        const int64_t threads = small ? 1 : available_threads();
        const int64_t pairs = rows * groups;
        if (pairs % threads != 0 && pairs < 4 * threads) {
            splits = std::min(heads_per_group, pairs < threads ? ceil_div(threads, pairs) : threads);
        }
        heads_per_split = ceil_div(heads_per_group, splits);
        splits = ceil_div(heads_per_group, heads_per_split);
    }

    int64_t tasks() const { return rows * groups * splits; }
    int64_t segments() const { return ceil_div(steps, ssd_segment); }
    int64_t threads() const { return std::min(tasks(), available_threads()); }
};

// One task of a plan.
struct SSDPiece {
    int64_t row, group, split, first_head, heads;

    SSDPiece(const SSDPlan& plan, int64_t task)
        : row(task / plan.splits / plan.groups),
          group(task / plan.splits % plan.groups),
          split(task % plan.splits),
          first_head(group * plan.heads_per_group + split * plan.heads_per_split),
          heads(std::min(plan.heads_per_split, plan.heads_per_group - split * plan.heads_per_split)) {}
};

// The first element of a row of a sequence in scan order, and the stride from step to step.
template <class T>
void view(T* base, const at::Tensor& sequence, const SSDScanArgs& args, int64_t row, int64_t column, T*& first,
          int64_t& step) {
    if (!base) {
        return;
    }
    const int64_t at = args.reverse ? sequence.size(1) - 1 : 0;
    first = base + row * sequence.stride(0) + at * sequence.stride(1) + column;
    step = args.reverse ? -sequence.stride(1) : sequence.stride(1);
}

template <class T>
void fill(SSDTask<T>& task, const SSDScanArgs& args, const SSDPlan& plan, const SSDPiece& piece) {
    const auto read = [&](const at::Tensor& sequence, int64_t column, const T*& first, int64_t& step) {
        view(data<T>(sequence), sequence, args, piece.row, column, first, step);
    };
    task.steps = plan.steps;
    task.heads = piece.heads;
    task.head_size = plan.head_size;
    task.states = plan.states;
    read(args.x, piece.first_head * plan.head_size, task.x, task.x_step);
    read(args.delta, piece.first_head, task.delta, task.delta_step);
    read(args.b, piece.group * plan.states, task.b, task.b_step);
    read(args.c, piece.group * plan.states, task.c, task.c_step);
    view(data<uint8_t>(args.mask), args.mask, args, piece.row, 0, task.mask, task.mask_step);
    view(data<uint8_t>(args.resets), args.resets, args, piece.row, 0, task.resets, task.resets_step);
    task.a = data<T>(args.a) + piece.first_head;
    task.delta_bias = offset(data<T>(args.delta_bias), piece.first_head);
    task.d_per_channel = args.d.defined() && args.d.size(0) != plan.heads;
    task.d = offset(data<T>(args.d), piece.first_head * (task.d_per_channel ? plan.head_size : 1));
    task.delta_min = static_cast<T>(args.delta_min);
    task.delta_max = static_cast<T>(args.delta_max);
}

// The packed states of all heads, (B, H, packed).
template <class T>
at::Tensor packed_states(const SSDPlan& plan, const SSDScanArgs& args, const at::Tensor& given) {
    if (!given.defined()) {
        return at::zeros({plan.rows, plan.heads, plan.packed_state}, args.x.options());
    }
    const at::Tensor states = at::empty({plan.rows, plan.heads, plan.packed_state}, args.x.options());
    const T* from = data<T>(given);
    T* to = states.mutable_data_ptr<T>();
    parallel(plan.rows * plan.heads, [&](int64_t head, int64_t) {
        kernels<T>().ssd_pack(from + head * plan.head_size * plan.states, plan.states, plan.head_size,
                               to + head * plan.packed_state);
    });
    return states;
}

template <class T>
at::Tensor unpacked_states(const SSDPlan& plan, const SSDScanArgs& args, const at::Tensor& states) {
    const at::Tensor result = at::empty({plan.rows, plan.heads, plan.head_size, plan.states}, args.x.options());
    const T* from = data<T>(states);
    T* to = result.mutable_data_ptr<T>();
    parallel(plan.rows * plan.heads, [&](int64_t head, int64_t) {
        kernels<T>().ssd_unpack(from + head * plan.packed_state, plan.states, plan.head_size,
                                 to + head * plan.head_size * plan.states);
    });
    return result;
}

template <class T>
void point_at_states(SSDTask<T>& task, const SSDPlan& plan, const SSDPiece& piece, T* checkpoints) {
    task.checkpoint_step = plan.heads * plan.packed_state;
    task.checkpoints = offset(
            checkpoints, piece.row * plan.segments() * task.checkpoint_step + piece.first_head * plan.packed_state);
}

template <class T>
SSDScanResult step(const SSDScanArgs& args) {
    const SSDPlan plan(args, kernels<T>().lanes);
    SSDScanResult result;
    result.y = at::empty(args.x.sizes(), args.x.options());
    result.final_state = at::empty({plan.rows, plan.heads, plan.head_size, plan.states}, args.x.options());
    T* y = result.y.mutable_data_ptr<T>();
    T* state = result.final_state.mutable_data_ptr<T>();
    parallel(plan.tasks(), [&](int64_t index, int64_t) {
        const SSDPiece piece(plan, index);
        SSDTask<T> all;
        fill(all, args, plan, piece);
        for (int64_t i = 0; i < piece.heads; i++) {
            const int64_t head = piece.row * plan.heads + piece.first_head + i;
            SSDStep<T> task;
            task.head_size = plan.head_size;
            task.states = plan.states;
            task.x = all.x + i * plan.head_size;
            task.b = all.b;
            task.c = all.c;
            task.d = offset(all.d, i * (all.d_per_channel ? plan.head_size : 1));
            task.d_step = all.d_per_channel ? 1 : 0;
            task.delta = all.delta[i];
            task.delta_bias = all.delta_bias ? all.delta_bias[i] : T(0);
            task.a = all.a[i];
            task.delta_min = all.delta_min;
            task.delta_max = all.delta_max;
            task.state_before = offset(data<T>(args.initial_state), head * plan.head_size * plan.states);
            task.state = state + head * plan.head_size * plan.states;
            task.y = y + head * plan.head_size;
            kernels<T>().ssd_step(task);
        }
    });
    return result;
}

template <class T>
SSDScanResult forward(const SSDScanArgs& args, bool with_saved) {
    if (args.x.size(1) == 1 && !with_saved && !args.mask.defined() && !args.resets.defined()) {
        return step<T>(args);
    }
    const Kernels<T>& kernel = kernels<T>();
    const SSDPlan plan(args, kernel.lanes);
    const at::Tensor states = packed_states<T>(plan, args, args.initial_state);
    SSDScanResult result;
    result.y = at::empty(args.x.sizes(), args.x.options());
    at::Tensor checkpoints;
    if (with_saved) {
        checkpoints = at::empty({plan.rows, plan.segments(), plan.heads, plan.packed_state}, args.x.options());
        result.saved.push_back(checkpoints);
    }
    const int64_t scratch_size = kernel.ssd_forward_scratch(plan.states, plan.head_size);
    const at::Tensor scratch = at::empty({plan.threads(), scratch_size}, args.x.options());
    parallel(plan.tasks(), [&](int64_t index, int64_t thread) {
        const SSDPiece piece(plan, index);
        SSDTask<T> task;
        fill(task, args, plan, piece);
        point_at_states(task, plan, piece, mutable_data<T>(checkpoints));
        task.state = mutable_data<T>(states) + (piece.row * plan.heads + piece.first_head) * plan.packed_state;
        view(mutable_data<T>(result.y), result.y, args, piece.row, piece.first_head * plan.head_size, task.y,
             task.y_step);
        task.scratch = mutable_data<T>(scratch) + thread * scratch_size;
        kernel.ssd_forward(task);
    });
    result.final_state = unpacked_states<T>(plan, args, states);
    return result;
}

template <class T>
struct Backward {
    const SSDScanArgs& args;
    const at::Tensor& checkpoints;
    const at::Tensor dy;
    const Kernels<T>& kernel = kernels<T>();
    const SSDPlan plan;
    const at::TensorOptions options;
    const at::Tensor dstates;
    SSDScanGradients gradients;
    // (split, B, L, G * N), and (B, …) for the parameters: summed in this order
    at::Tensor db, dc, da, dd, dbias;

    Backward(const SSDScanArgs& args, const at::Tensor& checkpoints, const at::Tensor& dy, const at::Tensor& dstate)
        : args(args),
          checkpoints(checkpoints),
          dy(dy.defined() ? dy : at::zeros(args.x.sizes(), args.x.options())),
          plan(args, kernels<T>().lanes),
          options(args.x.options()),
          dstates(packed_states<T>(plan, args, dstate)) {
        gradients.x = at::empty(args.x.sizes(), options);
        gradients.delta = at::empty(args.delta.sizes(), options);
        db = at::empty({plan.splits, plan.rows, plan.steps, plan.groups * plan.states}, options);
        dc = at::empty_like(db);
        da = at::zeros({plan.rows, plan.heads}, options);
        if (args.d.defined()) {
            dd = at::zeros({plan.rows, args.d.size(0)}, options);
        }
        if (args.delta_bias.defined()) {
            dbias = at::zeros({plan.rows, plan.heads}, options);
        }
    }

    void run_task(const SSDPiece& piece, T* scratch) const {
        SSDBackwardTask<T> task;
        fill<T>(task, args, plan, piece);
        point_at_states<T>(task, plan, piece, mutable_data<T>(checkpoints));
        const int64_t column = piece.first_head * plan.head_size;
        const int64_t first = piece.row * plan.heads + piece.first_head;
        view(data<T>(dy), dy, args, piece.row, column, task.dy, task.dy_step);
        view(mutable_data<T>(gradients.x), gradients.x, args, piece.row, column, task.dx, task.dx_step);
        view(mutable_data<T>(gradients.delta), gradients.delta, args, piece.row, piece.first_head, task.ddelta,
             task.ddelta_step);
        const int64_t share = piece.split * plan.rows + piece.row;
        const int64_t width = plan.groups * plan.states;
        const int64_t at = (share * plan.steps + (args.reverse ? plan.steps - 1 : 0)) * width + piece.group * plan.states;
        task.db = mutable_data<T>(db) + at;
        task.dc = mutable_data<T>(dc) + at;
        task.share_step = args.reverse ? -width : width;
        task.dstate = mutable_data<T>(dstates) + first * plan.packed_state;
        task.da = mutable_data<T>(da) + first;
        task.ddelta_bias = offset(mutable_data<T>(dbias), first);
        task.dd = offset(mutable_data<T>(dd), first * (task.d_per_channel ? plan.head_size : 1));
        task.scratch = scratch;
        kernel.ssd_backward(task);
    }

    SSDScanGradients run() {
        const int64_t scratch_size = kernel.ssd_backward_scratch(plan.states, plan.head_size);
        const at::Tensor scratch = at::empty({plan.threads(), scratch_size}, options);
        parallel(plan.tasks(), [&](int64_t index, int64_t thread) {
            run_task(SSDPiece(plan, index), mutable_data<T>(scratch) + thread * scratch_size);
        });
        gradients.b = plan.splits == 1 ? db.squeeze(0) : db.sum(0);
        gradients.c = plan.splits == 1 ? dc.squeeze(0) : dc.sum(0);
        gradients.a = da.sum(0);
        gradients.d = dd.defined() ? dd.sum(0) : dd;
        gradients.delta_bias = dbias.defined() ? dbias.sum(0) : dbias;
        if (args.initial_state.defined()) {
            gradients.initial_state = unpacked_states<T>(plan, args, dstates);
        }
        return gradients;
    }
};

}  // namespace

SSDScanResult ssd_forward(const SSDScanArgs& args, bool with_saved) {
    return dispatch(args.x, [&](auto type) { return forward<decltype(type)>(args, with_saved); });
}

SSDScanGradients ssd_backward(
        const SSDScanArgs& args, const std::vector<at::Tensor>& saved, const at::Tensor& dy, const at::Tensor& dstate) {
    return dispatch(
            args.x, [&](auto type) { return Backward<decltype(type)>(args, saved.at(0), dy, dstate).run(); });
}

}  // namespace cpu
}  // namespace mamba

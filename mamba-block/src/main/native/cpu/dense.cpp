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

// Convolution, norm and product with few rows on tensors of a CPU.

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cstring>

#include "dense_ops.h"
#include "tasks.h"

namespace mamba {
namespace cpu {
namespace {

// Numbers that one task of a convolution or norm handles at least.
constexpr int64_t least_numbers = 1 << 14;

bool is_set(uint8_t flag) {
    return flag != 0;
}

// The lengths of the rows before their padding.
int64_t row_length(const ConvArgs& args, int64_t row) {
    if (!args.mask.defined()) {
        return args.x.size(1);
    }
    const uint8_t* mask = data<uint8_t>(args.mask) + row * args.mask.stride(0);
    return std::count_if(mask, mask + args.mask.size(1), is_set);
}

template <class T>
struct Convolution {
    const ConvArgs& args;
    const Kernels<T>& kernel = kernels<T>();
    const int64_t rows, steps, channels, taps;
    const at::Tensor weight;  // (K, E)

    explicit Convolution(const ConvArgs& args)
        : args(args),
          rows(args.x.size(0)),
          steps(args.x.size(1)),
          channels(args.x.size(2)),
          taps(args.weight.size(1)),
          weight(at::empty({taps, channels}, args.x.options())) {
        const T* from = data<T>(args.weight);
        T* to = weight.mutable_data_ptr<T>();
        for (int64_t k = 0; k < taps; k++) {
            for (int64_t channel = 0; channel < channels; channel++) {
                to[k * channels + channel] = from[channel * taps + k];
            }
        }
    }

    const T* x_row(int64_t row) const { return data<T>(args.x) + row * args.x.stride(0); }

    const T* window_row(int64_t row) const {
        return offset(data<T>(args.window), row * (taps - 1) * channels);
    }

    void fill(ConvTask<T>& task, int64_t row, int64_t first_channel) const {
        task.steps = steps;
        task.channels = channels - first_channel;
        task.taps = static_cast<int>(taps);
        task.x = x_row(row) + first_channel;
        task.x_step = args.x.stride(1);
        task.window = offset(window_row(row), first_channel);
        task.window_step = channels;
        task.weight = data<T>(weight) + first_channel;
        task.weight_step = channels;
        task.bias = offset(data<T>(args.bias), first_channel);
        task.silu = args.silu;
    }

    const uint8_t* resets_row(int64_t row) const { return offset(data<uint8_t>(args.resets), row * steps); }

    // Where the steps end that nothing but a reset at their first one cuts off.
    int64_t run_end(int64_t row, int64_t from, int64_t end) const {
        const uint8_t* resets = resets_row(row);
        return resets ? std::find_if(resets + from + 1, resets + end, is_set) - resets : end;
    }

    bool is_reset(int64_t row, int64_t step) const { return args.resets.defined() && resets_row(row)[step] != 0; }

    // The first of the inputs from `lowest` on, which may lie in the window, that count for a step.
    int64_t seen_from(int64_t row, int64_t lowest, int64_t step) const {
        const int64_t end = args.resets.defined() ? std::max<int64_t>(lowest, 0) : step;
        for (int64_t before = step - 1; before >= end; before--) {
            if (is_reset(row, before)) {
                return before;
            }
        }
        return lowest;
    }

    // Where time is cut instead of at a step, so that a reset is never inside the window of a block.
    int64_t cut(int64_t row, int64_t step) const {
        const int64_t seen = seen_from(row, step - taps + 1, step);
        return step < steps && seen > step - taps + 1 ? seen : step;
    }

    // Cuts time, since neighbouring channels share the lines of the cache.
    void forward(T* y) const {
        const int64_t block = std::max(taps, ceil_div(least_numbers, channels));
        const int64_t blocks = ceil_div(steps, block);
        parallel(rows * blocks, [&](int64_t index, int64_t) {
            const int64_t row = index / blocks;
            const int64_t first = cut(row, index % blocks * block);
            const int64_t end = cut(row, std::min((index % blocks + 1) * block, steps));
            for (int64_t from = first; from < end;) {
                const int64_t to = run_end(row, from, end);
                forward_run(row, from, to, y);
                from = to;
            }
        });
    }

    // Takes steps of which none but the first may be a reset; where it is none, they start a row or a block.
    void forward_run(int64_t row, int64_t from, int64_t to, T* y) const {
        ConvTask<T> task;
        fill(task, row, 0);
        task.steps = to - from;
        task.x += from * task.x_step;
        if (is_reset(row, from)) {
            task.window = nullptr;
        } else if (from > 0) {
            task.window = task.x - (taps - 1) * task.x_step;
            task.window_step = task.x_step;
        }
        task.y = y + (row * steps + from) * channels;
        task.y_step = channels;
        kernel.conv_forward(task);
    }

    // The last inputs of each row: what a window and then x hold before its padding, zero before the last reset.
    void last_inputs(T* window) const {
        for (int64_t row = 0; row < rows; row++) {
            const int64_t length = row_length(args, row);
            const int64_t seen = seen_from(row, length - taps + 1, length);
            for (int64_t i = 0; i < taps - 1; i++) {
                const int64_t at = length - taps + 1 + i;
                T* to = window + (row * (taps - 1) + i) * channels;
                const T* from = at < seen ? nullptr
                                : at >= 0 ? x_row(row) + at * args.x.stride(1)
                                        : offset(window_row(row), (at + taps - 1) * channels);
                if (from) {
                    std::memcpy(to, from, channels * sizeof(T));
                } else {
                    std::memset(to, 0, channels * sizeof(T));
                }
            }
        }
    }

    ConvResult run() const {
        ConvResult result;
        result.y = at::empty(args.x.sizes(), args.x.options());
        forward(result.y.template mutable_data_ptr<T>());
        result.window = at::empty({rows, taps - 1, channels}, args.x.options());
        last_inputs(result.window.template mutable_data_ptr<T>());
        return result;
    }

    // Cuts the channels, so that every sum over time and rows is made by one task in one order.
    ConvGradients run_backward(const at::Tensor& dy, const at::Tensor& dwindow) const {
        const auto options = args.x.options();
        ConvGradients gradients;
        gradients.x = at::empty(args.x.sizes(), options);
        gradients.window = !args.window.defined() ? at::Tensor()
                           : args.resets.defined() ? at::zeros(args.window.sizes(), options)
                                                   : at::empty(args.window.sizes(), options);
        gradients.bias = args.bias.defined() ? at::zeros({channels}, options) : at::Tensor();
        const at::Tensor dweight = at::zeros({taps, channels}, options);
        const at::Tensor zeros = dy.defined() ? at::Tensor() : at::zeros(args.x.sizes(), options);
        const at::Tensor& given = dy.defined() ? dy : zeros;
        const int64_t width = std::max(kernel.lanes, ceil_div(ceil_div(channels, available_threads()), kernel.lanes) *
                                                             kernel.lanes);
        const int64_t scratch_size = (steps + taps - 1) * kernel.lanes;
        const at::Tensor scratch = at::empty({available_threads(), scratch_size}, options);
        parallel(ceil_div(channels, width), [&](int64_t index, int64_t thread) {
            const int64_t channel = index * width;
            for (int64_t row = 0; row < rows; row++) {
                ConvBackwardTask<T> task;
                fill(task, row, channel);
                task.channels = std::min(width, task.channels);
                task.dy = data<T>(given) + row * given.stride(0) + channel;
                task.dy_step = given.stride(1);
                task.dx = gradients.x.template mutable_data_ptr<T>() + row * steps * channels + channel;
                task.dx_step = channels;
                task.dwindow = offset(mutable_data<T>(gradients.window), row * (taps - 1) * channels + channel);
                task.dweight = dweight.mutable_data_ptr<T>() + channel;
                task.dbias = offset(mutable_data<T>(gradients.bias), channel);
                task.scratch = mutable_data<T>(scratch) + thread * scratch_size;
                backward_row(task, row);
            }
        });
        if (dwindow.defined()) {
            add_window_gradient(data<T>(dwindow), gradients);
        }
        gradients.weight = dweight.t().contiguous();
        return gradients;
    }

    // Runs a task for all steps, from reset to reset.
    void backward_row(ConvBackwardTask<T> task, int64_t row) const {
        for (int64_t from = 0; from < steps;) {
            if (is_reset(row, from)) {
                task.window = nullptr;
                task.dwindow = nullptr;
            }
            task.steps = run_end(row, from, steps) - from;
            kernel.conv_backward(task);
            task.x += task.steps * task.x_step;
            task.dy += task.steps * task.dy_step;
            task.dx += task.steps * task.dx_step;
            from += task.steps;
        }
    }

    void add_window_gradient(const T* dwindow, const ConvGradients& gradients) const {
        for (int64_t row = 0; row < rows; row++) {
            const int64_t length = row_length(args, row);
            const int64_t seen = seen_from(row, length - taps + 1, length);
            for (int64_t i = 0; i < taps - 1; i++) {
                const int64_t at = length - taps + 1 + i;
                T* to = at < seen ? nullptr
                        : at >= 0 ? gradients.x.template mutable_data_ptr<T>() + (row * steps + at) * channels
                                : offset(mutable_data<T>(gradients.window), (row * (taps - 1) + at + taps - 1) * channels);
                const T* from = dwindow + (row * (taps - 1) + i) * channels;
                for (int64_t channel = 0; to && channel < channels; channel++) {
                    to[channel] += from[channel];
                }
            }
        }
    }
};

template <class T>
NormTask<T> norm_task(const at::Tensor& x, const at::Tensor& weight, double epsilon, int64_t first, int64_t rows) {
    NormTask<T> task;
    task.rows = rows;
    task.size = x.size(1);
    task.x = data<T>(x) + first * x.stride(0);
    task.x_step = x.stride(0);
    task.weight = data<T>(weight);
    task.epsilon = static_cast<T>(epsilon);
    return task;
}

template <class T>
void norm(const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& y) {
    const int64_t block = ceil_div(least_numbers, x.size(1));
    parallel(ceil_div(x.size(0), block), [&](int64_t index, int64_t) {
        const int64_t first = index * block;
        NormTask<T> task = norm_task<T>(x, weight, epsilon, first, std::min(block, x.size(0) - first));
        task.y = y.mutable_data_ptr<T>() + first * x.size(1);
        kernels<T>().norm_forward(task);
    });
}

// The rows of a task of a norm's backward: few tasks, since each has a share of the gradient of the weight.
int64_t share_rows(int64_t rows, int64_t size) {
    return std::max(ceil_div(least_numbers, size), ceil_div(rows, 4 * available_threads()));
}

template <class T>
std::tuple<at::Tensor, at::Tensor> norm_gradients(
        const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& dy) {
    const int64_t rows = x.size(0);
    const int64_t block = share_rows(rows, x.size(1));
    const int64_t blocks = ceil_div(rows, block);
    const at::Tensor dx = at::empty(x.sizes(), x.options());
    const at::Tensor shares = at::zeros({blocks, x.size(1)}, x.options());
    parallel(blocks, [&](int64_t index, int64_t) {
        const int64_t first = index * block;
        NormTask<T> task = norm_task<T>(x, weight, epsilon, first, std::min(block, rows - first));
        task.dy = data<T>(dy) + first * dy.stride(0);
        task.dy_step = dy.stride(0);
        task.dx = dx.mutable_data_ptr<T>() + first * x.size(1);
        task.dweight = shares.mutable_data_ptr<T>() + index * x.size(1);
        kernels<T>().norm_backward(task);
    });
    return {dx, shares.sum(0)};
}

template <class T>
GatedNormTask<T> gated_norm_task(const GatedNormArgs& args, int64_t first, int64_t rows) {
    GatedNormTask<T> task;
    task.rows = rows;
    task.groups = args.groups;
    task.size = args.x.size(1) / args.groups;
    task.x = data<T>(args.x) + first * args.x.stride(0);
    task.x_step = args.x.stride(0);
    task.z = data<T>(args.z) + first * args.z.stride(0);
    task.z_step = args.z.stride(0);
    task.weight = data<T>(args.weight);
    task.epsilon = static_cast<T>(args.epsilon);
    task.norm_before_gate = args.norm_before_gate;
    return task;
}

template <class T>
void gated_norm(const GatedNormArgs& args, const at::Tensor& y) {
    const int64_t rows = args.x.size(0), size = args.x.size(1);
    const int64_t block = ceil_div(least_numbers, size);
    parallel(ceil_div(rows, block), [&](int64_t index, int64_t) {
        const int64_t first = index * block;
        GatedNormTask<T> task = gated_norm_task<T>(args, first, std::min(block, rows - first));
        task.y = y.mutable_data_ptr<T>() + first * size;
        kernels<T>().gated_norm_forward(task);
    });
}

template <class T>
GatedNormArgs gated_norm_gradients(const GatedNormArgs& args, const at::Tensor& dy) {
    const int64_t rows = args.x.size(0), size = args.x.size(1);
    const int64_t block = share_rows(rows, size);
    const int64_t blocks = ceil_div(rows, block);
    const at::Tensor dx = at::empty({rows, size}, args.x.options());
    const at::Tensor dz = at::empty({rows, size}, args.x.options());
    const at::Tensor shares = at::zeros({blocks, size}, args.x.options());
    parallel(blocks, [&](int64_t index, int64_t) {
        const int64_t first = index * block;
        GatedNormTask<T> task = gated_norm_task<T>(args, first, std::min(block, rows - first));
        task.dy = data<T>(dy) + first * dy.stride(0);
        task.dy_step = dy.stride(0);
        task.dx = dx.mutable_data_ptr<T>() + first * size;
        task.dz = dz.mutable_data_ptr<T>() + first * size;
        task.dweight = shares.mutable_data_ptr<T>() + index * size;
        kernels<T>().gated_norm_backward(task);
    });
    return {dx, dz, shares.sum(0)};
}

template <class T>
void linear_into(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& y) {
    const int64_t out = weight.size(0);
    const int64_t tasks = std::min(available_threads(), ceil_div(weight.numel(), least_numbers));
    const int64_t block = ceil_div(out, tasks);
    parallel(ceil_div(out, block), [&](int64_t index, int64_t) {
        const int64_t begin = index * block;
        LinearTask<T> task;
        task.rows = x.size(0);
        task.in = x.size(1);
        task.out = std::min(block, out - begin);
        task.x = data<T>(x);
        task.x_step = x.stride(0);
        task.weight = data<T>(weight) + begin * weight.stride(0);
        task.weight_step = weight.stride(0);
        task.bias = offset(data<T>(bias), begin);
        task.y = y.mutable_data_ptr<T>() + begin;
        task.y_step = out;
        kernels<T>().linear(task);
    });
}

}  // namespace

ConvResult conv_forward(const ConvArgs& args) {
    return dispatch(args.x, [&](auto type) { return Convolution<decltype(type)>(args).run(); });
}

ConvGradients conv_backward(const ConvArgs& args, const at::Tensor& dy, const at::Tensor& dwindow) {
    return dispatch(args.x, [&](auto type) { return Convolution<decltype(type)>(args).run_backward(dy, dwindow); });
}

at::Tensor norm_forward(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
    const at::Tensor y = at::empty(x.sizes(), x.options());
    dispatch(x, [&](auto type) { norm<decltype(type)>(x, weight, epsilon, y); });
    return y;
}

std::tuple<at::Tensor, at::Tensor> norm_backward(
        const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& dy) {
    return dispatch(x, [&](auto type) { return norm_gradients<decltype(type)>(x, weight, epsilon, dy); });
}

at::Tensor gated_norm_forward(const GatedNormArgs& args) {
    const at::Tensor y = at::empty(args.x.sizes(), args.x.options());
    dispatch(args.x, [&](auto type) { gated_norm<decltype(type)>(args, y); });
    return y;
}

GatedNormArgs gated_norm_backward(const GatedNormArgs& args, const at::Tensor& dy) {
    return dispatch(args.x, [&](auto type) { return gated_norm_gradients<decltype(type)>(args, dy); });
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    const at::Tensor y = at::empty({x.size(0), weight.size(0)}, x.options());
    dispatch(x, [&](auto type) { linear_into<decltype(type)>(x, weight, bias, y); });
    return y;
}

at::Tensor state_matrix(const at::Tensor& a_log) {
    const at::Tensor a = at::empty(a_log.sizes(), a_log.options());
    dispatch(a_log, [&](auto type) {
        using T = decltype(type);
        kernels<T>().negative_exp(data<T>(a_log), a.mutable_data_ptr<T>(), a_log.numel());
    });
    return a;
}

}  // namespace cpu
}  // namespace mamba

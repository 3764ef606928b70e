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

// The operators of Mamba: checks, gradients and the choice of the device.

#include "operators.h"

#include "autograd.h"
#include "checks.h"
#include "cpu/dense_ops.h"
#include "cpu/kernels.h"
#include "public.h"

namespace mamba {
namespace {

struct SelectiveScan {
    using Args = SelectiveScanArgs;
    static constexpr const char* name = "selective_scan";

    static Computed forward(const Args& args, bool with_saved) {
        const SelectiveScanResult result = MAMBA_ON_DEVICE(args.u, scan_forward(args, with_saved));
        return {{result.y, result.final_state}, {result.checkpoints}};
    }

    static Args backward(const Args& args, const variable_list& saved, const variable_list& gradients) {
        return MAMBA_ON_DEVICE(args.u, scan_backward(args, saved[0], gradients[0], gradients[1]));
    }
};

struct Conv {
    using Args = ConvArgs;
    static constexpr const char* name = "causal_conv1d";

    static Computed forward(const Args& args, bool) {
        const ConvResult result = MAMBA_ON_DEVICE(args.x, conv_forward(args));
        return {{result.y, result.window}, {}};
    }

    static Args backward(const Args& args, const variable_list&, const variable_list& gradients) {
        return MAMBA_ON_DEVICE(args.x, conv_backward(args, gradients[0], gradients[1]));
    }
};

// Of rows.
struct NormArgs {
    at::Tensor x;       // (rows, d)
    at::Tensor weight;  // (d)
    double epsilon = 0;

    MAMBA_TENSORS(x, weight)
    MAMBA_OPTIONS(epsilon)
};

struct Norm {
    using Args = NormArgs;
    static constexpr const char* name = "rms_norm";

    static Computed forward(const Args& args, bool) {
        return {{MAMBA_ON_DEVICE(args.x, norm_forward(args.x, args.weight, args.epsilon))}, {}};
    }

    static Args backward(const Args& args, const variable_list&, const variable_list& gradients) {
        const auto [dx, dweight] =
                MAMBA_ON_DEVICE(args.x, norm_backward(args.x, args.weight, args.epsilon, gradients[0]));
        return {dx, dweight};
    }
};

}  // namespace

std::tuple<at::Tensor, at::Tensor> selective_scan(const SelectiveScanArgs& given) {
    SelectiveScanArgs args = given;
    const Checks check("selective_scan", "u", given.u);
    check.rank("u", args.u, 3);
    check.rank("a", args.a, 2);
    const int64_t rows = args.u.size(0), length = args.u.size(1), channels = args.u.size(2), states = args.a.size(1);
    check.shape("a", args.a, {channels, states});
    check.sequence("delta", args.delta, args.u.sizes());
    check.sequence("b", args.b, {rows, length, states});
    check.sequence("c", args.c, {rows, length, states});
    if (args.delta_bias.defined()) {
        check.shape("delta_bias", args.delta_bias, {channels});
    }
    if (args.d.defined()) {
        check.shape("d", args.d, {channels});
    }
    if (args.z.defined()) {
        check.sequence("gate (z)", args.z, args.u.sizes());
    }
    args.mask = check.flags("mask", args.mask, rows, length);
    args.resets = check.resets(args.resets, args.mask, rows, length);
    if (args.initial_state.defined()) {
        check.shape("initial_state", args.initial_state, {rows, channels, states});
    }
    for (at::Tensor* sequence : {&args.u, &args.delta, &args.b, &args.c, &args.z}) {
        *sequence = inner_contiguous(*sequence);
    }
    for (at::Tensor* parameter_of : {&args.delta_bias, &args.a, &args.d, &args.initial_state}) {
        *parameter_of = parameter(*parameter_of, args.u);
    }
    const variable_list outputs = run<SelectiveScan>(args);
    return {outputs[0], outputs[1]};
}

std::tuple<at::Tensor, at::Tensor> causal_conv1d(const ConvArgs& given) {
    ConvArgs args = given;
    const Checks check("causal_conv1d", "x", given.x);
    check.rank("x", args.x, 3);
    TORCH_CHECK_VALUE(args.weight.defined() && args.weight.dim() >= 2,
                      "causal_conv1d: weight must have the shape (E, K)");
    const int64_t rows = args.x.size(0), length = args.x.size(1), channels = args.x.size(2), taps = args.weight.size(-1);
    if (args.weight.dim() == 3 && args.weight.size(1) == 1) {
        args.weight = args.weight.squeeze(1);
    }
    check.shape("weight", args.weight, {channels, taps});
    TORCH_CHECK_VALUE(taps >= 1, "causal_conv1d: weight must have at least one tap, found the shape ",
                      given.weight.sizes());
    if (args.bias.defined()) {
        check.shape("bias", args.bias, {channels});
    }
    if (args.window.defined()) {
        check.sequence("window", args.window, {rows, taps - 1, channels});
        args.window = args.window.contiguous();
    }
    args.mask = check.flags("mask", args.mask, rows, length);
    args.resets = check.resets(args.resets, args.mask, rows, length);
    args.x = inner_contiguous(args.x);
    if (recorded(args)) {
        args.weight = parameter(args.weight, args.x);
        args.bias = parameter(args.bias, args.x);
    } else {
        const at::NoGradGuard guard;
        prepare_parameters(args.x, {&args.weight, &args.bias});
    }
    const variable_list outputs = run<Conv>(args);
    return {outputs[0], outputs[1]};
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
    const Checks check("rms_norm", "x", x);
    TORCH_CHECK_VALUE(x.dim() > 0 && x.numel() > 0, "rms_norm: x must not be empty, found the shape ", x.sizes());
    check.shape("weight", weight, {x.size(-1)});
    NormArgs args{rows_of(x), weight, epsilon};
    if (recorded(args)) {
        args.weight = parameter(weight, x);
    } else {
        const at::NoGradGuard guard;
        prepare_parameters(x, {&args.weight});
    }
    return run<Norm>(args)[0].reshape(x.sizes());
}

namespace {

// The scan of one step from what x_proj selects.
std::tuple<at::Tensor, at::Tensor> scan_selected(
        const MambaStepArgs& args, const at::Tensor& u, const at::Tensor& selected, const at::Tensor& z) {
    const int64_t states = args.a_log.size(1), rank = args.dt_weight.size(1);
    const at::Tensor delta = linear(selected.narrow(2, 0, rank), args.dt_weight, at::Tensor());
    SelectiveScanArgs scan;
    scan.u = u;
    scan.delta = delta;
    scan.delta_bias = args.dt_bias;
    scan.a = cpu::state_matrix(parameter(args.a_log, u));
    scan.b = selected.narrow(2, rank, states);
    scan.c = selected.narrow(2, rank + states, states);
    scan.d = args.d;
    scan.z = z;
    scan.initial_state = args.state;
    return selective_scan(scan);
}

// The same as one kernel of a GPU.
std::tuple<at::Tensor, at::Tensor> cuda_scan_step(
        const MambaStepArgs& args, const at::Tensor& u, const at::Tensor& selected, const at::Tensor& z) {
    const Checks check("mamba_step", "x", args.x);
    const int64_t channels = args.a_log.size(0);
    if (args.dt_bias.defined()) {
        check.shape("dt_bias", args.dt_bias, {channels});
    }
    if (args.d.defined()) {
        check.shape("d", args.d, {channels});
    }
    if (args.state.defined()) {
        check.shape("state", args.state, {u.size(0), channels, args.a_log.size(1)});
    }
    ScanStepArgs step{u, selected, args.dt_weight.contiguous(), args.dt_bias, args.a_log, args.d, z, args.state};
    prepare_parameters(u, {&step.dt_bias, &step.a_log, &step.d, &step.state});
    return cuda::scan_step(step);
}

}  // namespace

std::optional<std::string> refusal(const MambaStepArgs& args) {
    return recorded(args) ? std::make_optional<std::string>("it records no gradients") : std::nullopt;
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> mamba_step(const MambaStepArgs& args) {
    const at::Tensor& x = args.x;
    const Checks check("mamba_step", "x", x);
    check.accept(refusal(args));
    check.rank("x", x, 3);
    check.rank("a_log", args.a_log, 2);
    check.rank("dt_weight", args.dt_weight, 2);
    check.given("conv_weight", args.conv_weight);
    const int64_t channels = args.a_log.size(0), states = args.a_log.size(1), rank = args.dt_weight.size(1);
    check.shape("a_log", args.a_log, {channels, states});
    check.shape("in_weight", args.in_weight, {2 * channels, x.size(2)});
    check.shape("x_weight", args.x_weight, {rank + 2 * states, channels});
    check.sequence("dt_weight", args.dt_weight, {channels, rank});
    TORCH_CHECK_VALUE(x.size(1) == 1, "mamba_step: x must hold one token, found the shape ", x.sizes());
    check.shape("out_weight", args.out_weight, {x.size(2), channels});
    const at::NoGradGuard guard;
    const at::Tensor projected = linear(x, args.in_weight, args.in_bias);
    const auto [u, window] = causal_conv1d(
            {projected.narrow(2, 0, channels), args.conv_weight, args.conv_bias, args.window, {}, {}, true});
    const at::Tensor selected = linear(u, args.x_weight, args.x_bias);
    const at::Tensor z = projected.narrow(2, channels, channels);
    const auto [y, state] =
            x.is_cuda() ? cuda_scan_step(args, u, selected, z) : scan_selected(args, u, selected, z);
    return {linear(y, args.out_weight, args.out_bias), window, state};
}

}  // namespace mamba

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

// The operators as libtorch knows them: checks, gradients and the choice of the device.

#include <torch/library.h>

#include "operators.h"

#include "autograd.h"
#include "checks.h"
#include "cpu/dense_ops.h"
#include "cpu/kernels.h"
#include "public.h"

namespace mamba {
namespace {

class Scan : public torch::autograd::Function<Scan> {
   public:
    static variable_list forward(
            AutogradContext* ctx, const at::Tensor& u, const at::Tensor& delta,
            const std::optional<at::Tensor>& delta_bias, const at::Tensor& a, const at::Tensor& b, const at::Tensor& c,
            const std::optional<at::Tensor>& d, const std::optional<at::Tensor>& z,
            const std::optional<at::Tensor>& mask, const std::optional<at::Tensor>& resets,
            const std::optional<at::Tensor>& initial_state, bool reverse) {
        const ScanArgs args{u,        delta,       given(delta_bias), a, b, c, given(d), given(z), given(mask),
                            given(resets), given(initial_state), reverse};
        const ScanResult result = MAMBA_ON_DEVICE(u, scan_forward(args, true));
        ctx->save_for_backward({u, delta, args.delta_bias, a, b, c, args.d, args.z, args.mask, args.resets,
                                args.initial_state, result.checkpoints});
        ctx->saved_data["reverse"] = reverse;
        ctx->set_materialize_grads(false);
        return {result.y, result.final_state};
    }

    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        refuse_second_derivative("selective_scan");
        const variable_list s = ctx->get_saved_variables();
        const ScanArgs args{s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10],
                            ctx->saved_data["reverse"].toBool()};
        const at::Tensor dy = inner_contiguous(gradients[0]);
        const at::Tensor dstate = gradients[1].defined() ? gradients[1].contiguous() : gradients[1];
        const ScanGradients g = MAMBA_ON_DEVICE(args.u, scan_backward(args, s[11], dy, dstate));
        return {g.u, g.delta,      g.delta_bias, g.a,            g.b, g.c, g.d, g.z, at::Tensor(),
                at::Tensor(), g.initial_state, at::Tensor()};
    }
};

class Conv : public torch::autograd::Function<Conv> {
   public:
    static variable_list forward(
            AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
            const std::optional<at::Tensor>& window, const std::optional<at::Tensor>& mask,
            const std::optional<at::Tensor>& resets, bool silu) {
        const ConvArgs args{x, weight, given(bias), given(window), given(mask), given(resets), silu};
        const ConvResult result = MAMBA_ON_DEVICE(x, conv_forward(args));
        ctx->save_for_backward({x, weight, args.bias, args.window, args.mask, args.resets});
        ctx->saved_data["silu"] = silu;
        ctx->set_materialize_grads(false);
        return {result.y, result.window};
    }

    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        refuse_second_derivative("causal_conv1d");
        const variable_list s = ctx->get_saved_variables();
        const ConvArgs args{s[0], s[1], s[2], s[3], s[4], s[5], ctx->saved_data["silu"].toBool()};
        const at::Tensor dy = inner_contiguous(gradients[0]);
        const at::Tensor dwindow = gradients[1].defined() ? gradients[1].contiguous() : gradients[1];
        const ConvGradients g = MAMBA_ON_DEVICE(args.x, conv_backward(args, dy, dwindow));
        return {g.x, g.weight, g.bias, g.window, at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

class Norm : public torch::autograd::Function<Norm> {
   public:
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight, double epsilon) {
        ctx->save_for_backward({x, weight});
        ctx->saved_data["epsilon"] = epsilon;
        return MAMBA_ON_DEVICE(x, norm_forward(x, weight, epsilon));
    }

    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        refuse_second_derivative("rms_norm");
        const variable_list s = ctx->get_saved_variables();
        const double epsilon = ctx->saved_data["epsilon"].toDouble();
        const at::Tensor dy = inner_contiguous(gradients[0]);
        const auto [dx, dweight] = MAMBA_ON_DEVICE(s[0], norm_backward(s[0], s[1], epsilon, dy));
        return {dx, dweight, at::Tensor()};
    }
};

}  // namespace

std::tuple<at::Tensor, at::Tensor> selective_scan(
        const at::Tensor& u, const at::Tensor& delta, const std::optional<at::Tensor>& delta_bias, const at::Tensor& a,
        const at::Tensor& b, const at::Tensor& c, const std::optional<at::Tensor>& d,
        const std::optional<at::Tensor>& z, const std::optional<at::Tensor>& mask,
        const std::optional<at::Tensor>& initial_state, bool reverse, const std::optional<at::Tensor>& resets) {
    const Checks check("selective_scan", "u", u);
    check.rank("u", u, 3);
    check.rank("a", a, 2);
    const int64_t rows = u.size(0), length = u.size(1), channels = u.size(2), states = a.size(1);
    check.shape("a", a, {channels, states});
    check.sequence("delta", delta, u.sizes());
    check.sequence("b", b, {rows, length, states});
    check.sequence("c", c, {rows, length, states});
    ScanArgs args;
    args.u = inner_contiguous(u);
    args.delta = inner_contiguous(delta);
    args.a = parameter(a, u);
    args.b = inner_contiguous(b);
    args.c = inner_contiguous(c);
    if ((args.delta_bias = given(delta_bias)).defined()) {
        check.shape("delta_bias", args.delta_bias, {channels});
        args.delta_bias = parameter(args.delta_bias, u);
    }
    if ((args.d = given(d)).defined()) {
        check.shape("d", args.d, {channels});
        args.d = parameter(args.d, u);
    }
    if ((args.z = given(z)).defined()) {
        check.sequence("gate (z)", args.z, u.sizes());
        args.z = inner_contiguous(args.z);
    }
    args.mask = check.flags("mask", given(mask), rows, length);
    args.resets = check.resets(given(resets), args.mask, rows, length);
    if ((args.initial_state = given(initial_state)).defined()) {
        check.shape("initial_state", args.initial_state, {rows, channels, states});
        args.initial_state = parameter(args.initial_state, u);
    }
    args.reverse = reverse;
    if (recorded({args.u, args.delta, args.delta_bias, args.a, args.b, args.c, args.d, args.z, args.initial_state})) {
        const variable_list result = Scan::apply(
                args.u, args.delta, optional(args.delta_bias), args.a, args.b, args.c, optional(args.d),
                optional(args.z), optional(args.mask), optional(args.resets), optional(args.initial_state), reverse);
        return {result[0], result[1]};
    }
    const at::NoGradGuard guard;
    const ScanResult result = MAMBA_ON_DEVICE(u, scan_forward(args, false));
    return {result.y, result.final_state};
}

std::tuple<at::Tensor, at::Tensor> causal_conv1d(
        const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
        const std::optional<at::Tensor>& window, const std::optional<at::Tensor>& mask, bool silu,
        const std::optional<at::Tensor>& resets) {
    const Checks check("causal_conv1d", "x", x);
    check.rank("x", x, 3);
    TORCH_CHECK_VALUE(weight.defined() && weight.dim() >= 2, "causal_conv1d: weight must have the shape (E, K)");
    const int64_t rows = x.size(0), length = x.size(1), channels = x.size(2), taps = weight.size(-1);
    const at::Tensor taps_weight = weight.dim() == 3 && weight.size(1) == 1 ? weight.squeeze(1) : weight;
    check.shape("weight", taps_weight, {channels, taps});
    TORCH_CHECK_VALUE(taps >= 2, "causal_conv1d: weight must have at least two taps, found the shape ", weight.sizes());
    ConvArgs args;
    args.x = inner_contiguous(x);
    args.weight = taps_weight;
    if ((args.bias = given(bias)).defined()) {
        check.shape("bias", args.bias, {channels});
    }
    if ((args.window = given(window)).defined()) {
        check.sequence("window", args.window, {rows, taps - 1, channels});
        args.window = args.window.contiguous();
    }
    args.mask = check.flags("mask", given(mask), rows, length);
    args.resets = check.resets(given(resets), args.mask, rows, length);
    args.silu = silu;
    if (recorded({args.x, args.weight, args.bias, args.window})) {
        args.weight = parameter(args.weight, x);
        args.bias = parameter(args.bias, x);
        const variable_list result = Conv::apply(
                args.x, args.weight, optional(args.bias), optional(args.window), optional(args.mask),
                optional(args.resets), silu);
        return {result[0], result[1]};
    }
    const at::NoGradGuard guard;
    prepare_parameters(x, {&args.weight, &args.bias});
    const ConvResult result = MAMBA_ON_DEVICE(x, conv_forward(args));
    return {result.y, result.window};
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
    const Checks check("rms_norm", "x", x);
    TORCH_CHECK_VALUE(x.dim() > 0 && x.numel() > 0, "rms_norm: x must not be empty, found the shape ", x.sizes());
    check.shape("weight", weight, {x.size(-1)});
    const at::Tensor rows = rows_of(x);
    if (recorded({rows, weight})) {
        return Norm::apply(rows, parameter(weight, x), epsilon).reshape(x.sizes());
    }
    const at::NoGradGuard guard;
    at::Tensor scale = weight;
    prepare_parameters(x, {&scale});
    return MAMBA_ON_DEVICE(x, norm_forward(rows, scale, epsilon)).reshape(x.sizes());
}

namespace {

std::tuple<at::Tensor, at::Tensor> cuda_scan_step(
        const at::Tensor& u, const at::Tensor& selected, const at::Tensor& dt_weight, const at::Tensor& dt_bias,
        const at::Tensor& a_log, const at::Tensor& d, const at::Tensor& z, const at::Tensor& state) {
    const Checks check("mamba_step", "x", u);
    const int64_t channels = a_log.size(0);
    if (dt_bias.defined()) {
        check.shape("dt_bias", dt_bias, {channels});
    }
    if (d.defined()) {
        check.shape("d", d, {channels});
    }
    if (state.defined()) {
        check.shape("state", state, {u.size(0), channels, a_log.size(1)});
    }
    StepArgs args{u, selected, dt_weight.contiguous(), dt_bias, a_log, d, z, state};
    prepare_parameters(u, {&args.dt_bias, &args.a_log, &args.d, &args.state});
    return cuda::scan_step(args);
}

}  // namespace

std::tuple<at::Tensor, at::Tensor, at::Tensor> mamba_step(
        const at::Tensor& x, const at::Tensor& in_weight, const std::optional<at::Tensor>& in_bias,
        const at::Tensor& conv_weight, const std::optional<at::Tensor>& conv_bias, const at::Tensor& x_weight,
        const std::optional<at::Tensor>& x_bias, const at::Tensor& dt_weight, const std::optional<at::Tensor>& dt_bias,
        const at::Tensor& a_log, const std::optional<at::Tensor>& d, const at::Tensor& out_weight,
        const std::optional<at::Tensor>& out_bias, const std::optional<at::Tensor>& window,
        const std::optional<at::Tensor>& state) {
    const Checks check("mamba_step", "x", x);
    check.rank("x", x, 3);
    check.rank("a_log", a_log, 2);
    check.rank("dt_weight", dt_weight, 2);
    const int64_t channels = a_log.size(0), states = a_log.size(1), rank = dt_weight.size(1);
    check.shape("a_log", a_log, {channels, states});
    check.shape("in_weight", in_weight, {2 * channels, x.size(2)});
    check.shape("x_weight", x_weight, {rank + 2 * states, channels});
    check.sequence("dt_weight", dt_weight, {channels, rank});
    TORCH_CHECK_VALUE(x.size(1) == 1, "mamba_step: x must hold one token, found the shape ", x.sizes());
    check.shape("out_weight", out_weight, {x.size(2), channels});
    const at::NoGradGuard guard;
    const at::Tensor projected = mamba::linear(x, in_weight, in_bias);
    const auto [u, next_window] =
            causal_conv1d(projected.narrow(2, 0, channels), conv_weight, conv_bias, window, std::nullopt, true);
    const at::Tensor selected = mamba::linear(u, x_weight, x_bias);
    const at::Tensor z = projected.narrow(2, channels, channels);
    const auto [y, next_state] =
            x.is_cuda() ? cuda_scan_step(u, selected, dt_weight, given(dt_bias), a_log, given(d), z, given(state))
                        : selective_scan(
                                  u, mamba::linear(selected.narrow(2, 0, rank), dt_weight, std::nullopt), dt_bias,
                                  cpu::state_matrix(parameter(a_log, x)), selected.narrow(2, rank, states),
                                  selected.narrow(2, rank + states, states), d, z, std::nullopt, state, false);
    return {mamba::linear(y, out_weight, out_bias), next_window, next_state};
}

}  // namespace mamba

TORCH_LIBRARY(mamba, library) {
    library.def(
            "selective_scan(Tensor u, Tensor delta, Tensor? delta_bias, Tensor a, Tensor b, Tensor c, Tensor? d, "
            "Tensor? z, Tensor? mask, Tensor? initial_state, bool reverse, Tensor? resets=None) -> (Tensor, Tensor)",
            &mamba::selective_scan);
    library.def(
            "dual_scan(Tensor x, Tensor delta, Tensor? delta_bias, Tensor a, Tensor b, Tensor c, Tensor? d, "
            "Tensor? mask, Tensor? resets, Tensor? initial_state, int groups, float delta_min, float delta_max, "
            "bool reverse) -> (Tensor, Tensor)",
            &mamba::dual_scan);
    library.def(
            "causal_conv1d(Tensor x, Tensor weight, Tensor? bias, Tensor? window, Tensor? mask, bool silu, "
            "Tensor? resets=None) -> (Tensor, Tensor)",
            &mamba::causal_conv1d);
    library.def("rms_norm(Tensor x, Tensor weight, float epsilon) -> Tensor", &mamba::rms_norm);
    library.def(
            "gated_rms_norm(Tensor x, Tensor z, Tensor weight, int groups, float epsilon, bool norm_before_gate) -> "
            "Tensor",
            &mamba::gated_rms_norm);
    library.def("linear(Tensor x, Tensor weight, Tensor? bias) -> Tensor", &mamba::linear);
    library.def(
            "mamba_step(Tensor x, Tensor in_weight, Tensor? in_bias, Tensor conv_weight, Tensor? conv_bias, "
            "Tensor x_weight, Tensor? x_bias, Tensor dt_weight, Tensor? dt_bias, Tensor a_log, Tensor? d, "
            "Tensor out_weight, Tensor? out_bias, Tensor? window, Tensor? state) -> (Tensor, Tensor, Tensor)",
            &mamba::mamba_step);
}

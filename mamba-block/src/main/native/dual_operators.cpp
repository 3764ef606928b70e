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

// The operators of Mamba-2 as libtorch knows them.

#include <ATen/ops/silu.h>

#include "autograd.h"
#include "checks.h"
#include "cpu/dense_ops.h"
#include "operators.h"
#include "public.h"

namespace mamba {
namespace {

class Dual : public torch::autograd::Function<Dual> {
   public:
    static variable_list forward(
            AutogradContext* ctx, const at::Tensor& x, const at::Tensor& delta,
            const std::optional<at::Tensor>& delta_bias, const at::Tensor& a, const at::Tensor& b, const at::Tensor& c,
            const std::optional<at::Tensor>& d, const std::optional<at::Tensor>& mask,
            const std::optional<at::Tensor>& resets, const std::optional<at::Tensor>& initial_state, int64_t groups,
            double delta_min, double delta_max, bool reverse) {
        const DualArgs args{x,      delta,     given(delta_bias), a,      b, c, given(d), given(mask), given(resets),
                            given(initial_state), groups, delta_min, delta_max, reverse};
        const DualResult result = MAMBA_ON_DEVICE(x, dual_forward(args, true));
        variable_list kept{x,      delta,     args.delta_bias, a,
                           b,      c,         args.d,          args.mask,
                           args.resets, args.initial_state};
        kept.insert(kept.end(), result.saved.begin(), result.saved.end());
        ctx->save_for_backward(kept);
        ctx->saved_data["groups"] = groups;
        ctx->saved_data["delta_min"] = delta_min;
        ctx->saved_data["delta_max"] = delta_max;
        ctx->saved_data["reverse"] = reverse;
        ctx->set_materialize_grads(false);
        return {result.y, result.final_state};
    }

    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        refuse_second_derivative("dual_scan");
        const variable_list s = ctx->get_saved_variables();
        const DualArgs args{s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9],
                            ctx->saved_data["groups"].toInt(),
                            ctx->saved_data["delta_min"].toDouble(),
                            ctx->saved_data["delta_max"].toDouble(),
                            ctx->saved_data["reverse"].toBool()};
        const variable_list saved(s.begin() + 10, s.end());
        const at::Tensor dy = inner_contiguous(gradients[0]);
        const at::Tensor dstate = gradients[1].defined() ? gradients[1].contiguous() : gradients[1];
        const DualGradients g = MAMBA_ON_DEVICE(args.x, dual_backward(args, saved, dy, dstate));
        return {g.x, g.delta, g.delta_bias, g.a, g.b, g.c, g.d, at::Tensor(), at::Tensor(), g.initial_state,
                at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

class GatedNorm : public torch::autograd::Function<GatedNorm> {
   public:
    static at::Tensor forward(
            AutogradContext* ctx, const at::Tensor& x, const at::Tensor& z, const at::Tensor& weight, int64_t groups,
            double epsilon, bool norm_before_gate) {
        ctx->save_for_backward({x, z, weight});
        ctx->saved_data["groups"] = groups;
        ctx->saved_data["epsilon"] = epsilon;
        ctx->saved_data["norm_before_gate"] = norm_before_gate;
        return cpu::gated_norm_forward({x, z, weight, groups, epsilon, norm_before_gate});
    }

    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        refuse_second_derivative("gated_rms_norm");
        const variable_list s = ctx->get_saved_variables();
        const cpu::GatedNormArgs args{s[0], s[1], s[2], ctx->saved_data["groups"].toInt(),
                                      ctx->saved_data["epsilon"].toDouble(),
                                      ctx->saved_data["norm_before_gate"].toBool()};
        const auto [dx, dz, dweight] = cpu::gated_norm_backward(args, inner_contiguous(gradients[0]));
        return {dx, dz, dweight, at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

}  // namespace

std::optional<std::string> dual_refusal(const at::Tensor& x, int64_t states) {
    return x.is_cuda() ? cuda::dual_refusal(x, states) : std::nullopt;
}

std::tuple<at::Tensor, at::Tensor> dual_scan(
        const at::Tensor& x, const at::Tensor& delta, const std::optional<at::Tensor>& delta_bias, const at::Tensor& a,
        const at::Tensor& b, const at::Tensor& c, const std::optional<at::Tensor>& d,
        const std::optional<at::Tensor>& mask, const std::optional<at::Tensor>& resets,
        const std::optional<at::Tensor>& initial_state, int64_t groups, double delta_min, double delta_max,
        bool reverse) {
    const Checks check("dual_scan", "x", x);
    check.rank("x", x, 3);
    check.rank("a", a, 1);
    check.rank("b", b, 3);
    const int64_t rows = x.size(0), length = x.size(1), channels = x.size(2), heads = a.size(0);
    check.shape("a", a, {heads});
    TORCH_CHECK_VALUE(channels % heads == 0, "dual_scan: a must have a number for each head, whose number divides the ",
                      channels, " channels of x; found ", heads);
    TORCH_CHECK_VALUE(groups > 0 && heads % groups == 0, "dual_scan: groups must divide the ", heads,
                      " heads, found ", groups);
    TORCH_CHECK_VALUE(b.size(2) % groups == 0, "dual_scan: b must have the same number of states for each of the ",
                      groups, " groups, found the shape ", b.sizes());
    TORCH_CHECK_VALUE(delta_min >= 0 && delta_min <= delta_max,
                      "dual_scan: delta_min must not be negative nor above delta_max, found ", delta_min, " and ",
                      delta_max);
    check.sequence("delta", delta, {rows, length, heads});
    check.sequence("b", b, {rows, length, b.size(2)});
    check.sequence("c", c, b.sizes());
    DualArgs args;
    args.x = inner_contiguous(x);
    args.delta = inner_contiguous(delta);
    args.a = parameter(a, x);
    args.b = inner_contiguous(b);
    args.c = inner_contiguous(c);
    if ((args.delta_bias = given(delta_bias)).defined()) {
        check.shape("delta_bias", args.delta_bias, {heads});
        args.delta_bias = parameter(args.delta_bias, x);
    }
    if ((args.d = given(d)).defined()) {
        check.shape("d", args.d, {args.d.numel() == channels ? channels : heads});
        args.d = parameter(args.d, x);
    }
    args.mask = check.flags("mask", given(mask), rows, length);
    args.resets = check.resets(given(resets), args.mask, rows, length);
    if ((args.initial_state = given(initial_state)).defined()) {
        check.shape("initial_state", args.initial_state, {rows, heads, channels / heads, b.size(2) / groups});
        args.initial_state = parameter(args.initial_state, x);
    }
    args.groups = groups;
    args.delta_min = delta_min;
    args.delta_max = delta_max;
    args.reverse = reverse;
    if (recorded({args.x, args.delta, args.delta_bias, args.a, args.b, args.c, args.d, args.initial_state})) {
        const variable_list result = Dual::apply(
                args.x, args.delta, optional(args.delta_bias), args.a, args.b, args.c, optional(args.d),
                optional(args.mask), optional(args.resets), optional(args.initial_state), groups, delta_min, delta_max,
                reverse);
        return {result[0], result[1]};
    }
    const at::NoGradGuard guard;
    const DualResult result = MAMBA_ON_DEVICE(x, dual_forward(args, false));
    return {result.y, result.final_state};
}

at::Tensor gated_rms_norm(
        const at::Tensor& x, const at::Tensor& z, const at::Tensor& weight, int64_t groups, double epsilon,
        bool norm_before_gate) {
    const Checks check("gated_rms_norm", "x", x);
    TORCH_CHECK_VALUE(x.is_cpu(), "gated_rms_norm: x must be on a CPU, found ", x.device());
    TORCH_CHECK_VALUE(x.dim() > 0 && x.numel() > 0, "gated_rms_norm: x must not be empty, found the shape ", x.sizes());
    check.sequence("z", z, x.sizes());
    check.shape("weight", weight, {x.size(-1)});
    TORCH_CHECK_VALUE(groups > 0 && x.size(-1) % groups == 0, "gated_rms_norm: groups must divide the ", x.size(-1),
                      " channels, found ", groups);
    const at::Tensor rows = rows_of(x), gate = rows_of(z), scale = parameter(weight, x);
    if (recorded({rows, gate, scale})) {
        return GatedNorm::apply(rows, gate, scale, groups, epsilon, norm_before_gate).reshape(x.sizes());
    }
    const at::NoGradGuard guard;
    return cpu::gated_norm_forward({rows, gate, scale, groups, epsilon, norm_before_gate}).reshape(x.sizes());
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> dual_step(
        const at::Tensor& x, const at::Tensor& in_weight, const std::optional<at::Tensor>& in_bias,
        const at::Tensor& conv_weight, const std::optional<at::Tensor>& conv_bias,
        const std::optional<at::Tensor>& dt_bias, const at::Tensor& a_log, const std::optional<at::Tensor>& d,
        const std::optional<at::Tensor>& norm_weight, const at::Tensor& out_weight,
        const std::optional<at::Tensor>& out_bias, const std::optional<at::Tensor>& window,
        const std::optional<at::Tensor>& state, const DualStepOptions& options) {
    const Checks check("dual_step", "x", x);
    check.rank("x", x, 3);
    check.rank("a_log", a_log, 1);
    check.rank("out_weight", out_weight, 2);
    check.rank("conv_weight", conv_weight, conv_weight.defined() ? conv_weight.dim() : 2);
    TORCH_CHECK_VALUE(x.is_cpu(), "dual_step: x must be on a CPU, found ", x.device());
    TORCH_CHECK_VALUE(x.size(1) == 1, "dual_step: x must hold one token, found the shape ", x.sizes());
    const int64_t heads = a_log.size(0), channels = out_weight.size(1), convolved = conv_weight.size(0);
    check.shape("out_weight", out_weight, {x.size(2), channels});
    check.shape("in_weight", in_weight, {channels + convolved + heads, x.size(2)});
    const int64_t selected = convolved - channels;  // B and C
    TORCH_CHECK_VALUE(selected > 0 && selected % 2 == 0, "dual_step: conv_weight must have a row for each of the ",
                      channels, " channels and of the numbers of B and C, found the shape ", conv_weight.sizes());
    const at::NoGradGuard guard;
    const at::Tensor projected = mamba::linear(x, in_weight, in_bias);
    const auto [sequence, next_window] = causal_conv1d(
            projected.narrow(2, channels, convolved), conv_weight, conv_bias, window, std::nullopt, true);
    const auto [y, next_state] = dual_scan(
            sequence.narrow(2, 0, channels), projected.narrow(2, channels + convolved, heads), dt_bias,
            cpu::state_matrix(parameter(a_log, x)), sequence.narrow(2, channels, selected / 2),
            sequence.narrow(2, channels + selected / 2, selected / 2), d, std::nullopt, std::nullopt, state,
            options.groups, options.delta_min, options.delta_max, false);
    const at::Tensor z = projected.narrow(2, 0, channels);
    const at::Tensor gated = given(norm_weight).defined()
                                     ? gated_rms_norm(y, z, *norm_weight, options.groups, options.epsilon,
                                                      options.norm_before_gate)
                                     : y.mul(at::silu(z));
    return {mamba::linear(gated, out_weight, out_bias), next_window, next_state};
}

}  // namespace mamba

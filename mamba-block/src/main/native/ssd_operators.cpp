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

// The operators of Mamba-2: checks, gradients and the choice of the device.

#include <ATen/ops/silu.h>

#include "autograd.h"
#include "checks.h"
#include "cpu/dense_ops.h"
#include "operators.h"
#include "public.h"

namespace mamba {
namespace {

struct SSDScan {
    using Args = SSDScanArgs;
    static constexpr const char* name = "ssd_scan";

    static Computed forward(const Args& args, bool with_saved) {
        const SSDScanResult result = MAMBA_ON_DEVICE(args.x, ssd_forward(args, with_saved));
        return {{result.y, result.final_state}, result.saved};
    }

    static Args backward(const Args& args, const variable_list& saved, const variable_list& gradients) {
        return MAMBA_ON_DEVICE(args.x, ssd_backward(args, saved, gradients[0], gradients[1]));
    }
};

struct GatedNorm {
    using Args = GatedNormArgs;
    static constexpr const char* name = "gated_rms_norm";

    static Computed forward(const Args& args, bool) { return {{cpu::gated_norm_forward(args)}, {}}; }

    static Args backward(const Args& args, const variable_list&, const variable_list& gradients) {
        return cpu::gated_norm_backward(args, gradients[0]);
    }
};

std::optional<std::string> only_on_cpu(const at::Tensor& x) {
    return x.is_cuda() ? std::make_optional<std::string>("there is no kernel of it for a GPU") : std::nullopt;
}

}  // namespace

std::optional<std::string> refusal(const SSDScanArgs& args) {
    // of arguments that are wrong otherwise, the checks say so
    const bool has_states = args.b.defined() && args.b.dim() == 3 && args.groups > 0;
    return has_states && args.x.is_cuda() ? cuda::ssd_refusal(args.x, args.states()) : std::nullopt;
}

std::tuple<at::Tensor, at::Tensor> ssd_scan(const SSDScanArgs& given) {
    SSDScanArgs args = given;
    const Checks check("ssd_scan", "x", given.x);
    check.rank("x", args.x, 3);
    check.rank("a", args.a, 1);
    check.rank("b", args.b, 3);
    const int64_t rows = args.x.size(0), length = args.x.size(1), channels = args.x.size(2), heads = args.a.size(0);
    check.shape("a", args.a, {heads});
    TORCH_CHECK_VALUE(channels % heads == 0, "ssd_scan: a must have a number for each head, whose number divides the ",
                      channels, " channels of x; found ", heads);
    TORCH_CHECK_VALUE(args.groups > 0 && heads % args.groups == 0, "ssd_scan: groups must divide the ", heads,
                      " heads, found ", args.groups);
    TORCH_CHECK_VALUE(args.b.size(2) % args.groups == 0,
                      "ssd_scan: b must have the same number of states for each of the ", args.groups,
                      " groups, found the shape ", args.b.sizes());
    TORCH_CHECK_VALUE(args.delta_min >= 0 && args.delta_min <= args.delta_max,
                      "ssd_scan: delta_min must not be negative nor above delta_max, found ", args.delta_min, " and ",
                      args.delta_max);
    check.sequence("delta", args.delta, {rows, length, heads});
    check.sequence("b", args.b, {rows, length, args.b.size(2)});
    check.sequence("c", args.c, args.b.sizes());
    if (args.delta_bias.defined()) {
        check.shape("delta_bias", args.delta_bias, {heads});
    }
    if (args.d.defined()) {
        check.shape("d", args.d, {args.d.numel() == channels ? channels : heads});
    }
    args.mask = check.flags("mask", args.mask, rows, length);
    args.resets = check.resets(args.resets, args.mask, rows, length);
    if (args.initial_state.defined()) {
        check.shape("initial_state", args.initial_state, {rows, heads, channels / heads, args.b.size(2) / args.groups});
    }
    for (at::Tensor* sequence : {&args.x, &args.delta, &args.b, &args.c}) {
        *sequence = inner_contiguous(*sequence);
    }
    for (at::Tensor* parameter_of : {&args.delta_bias, &args.a, &args.d, &args.initial_state}) {
        *parameter_of = parameter(*parameter_of, args.x);
    }
    const variable_list outputs = run<SSDScan>(args);
    return {outputs[0], outputs[1]};
}

std::optional<std::string> refusal(const GatedNormArgs& given) {
    return only_on_cpu(given.x);
}

at::Tensor gated_rms_norm(const GatedNormArgs& given) {
    const at::Tensor& x = given.x;
    const Checks check("gated_rms_norm", "x", x);
    check.accept(refusal(given));
    TORCH_CHECK_VALUE(x.dim() > 0 && x.numel() > 0, "gated_rms_norm: x must not be empty, found the shape ", x.sizes());
    check.sequence("z", given.z, x.sizes());
    check.shape("weight", given.weight, {x.size(-1)});
    TORCH_CHECK_VALUE(given.groups > 0 && x.size(-1) % given.groups == 0, "gated_rms_norm: groups must divide the ",
                      x.size(-1), " channels, found ", given.groups);
    GatedNormArgs args = given;
    args.x = rows_of(x);
    args.z = rows_of(given.z);
    args.weight = parameter(given.weight, x);
    return run<GatedNorm>(args)[0].reshape(x.sizes());
}

std::optional<std::string> refusal(const Mamba2StepArgs& args) {
    return recorded(args) ? std::make_optional<std::string>("it records no gradients") : only_on_cpu(args.x);
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> mamba2_step(const Mamba2StepArgs& args) {
    const at::Tensor& x = args.x;
    const Checks check("mamba2_step", "x", x);
    check.accept(refusal(args));
    check.rank("x", x, 3);
    check.rank("a_log", args.a_log, 1);
    check.rank("out_weight", args.out_weight, 2);
    check.given("conv_weight", args.conv_weight);
    TORCH_CHECK_VALUE(x.size(1) == 1, "mamba2_step: x must hold one token, found the shape ", x.sizes());
    const int64_t heads = args.a_log.size(0), channels = args.out_weight.size(1), convolved = args.conv_weight.size(0);
    check.shape("out_weight", args.out_weight, {x.size(2), channels});
    check.shape("in_weight", args.in_weight, {channels + convolved + heads, x.size(2)});
    const int64_t selected = convolved - channels;  // B and C
    TORCH_CHECK_VALUE(selected > 0 && selected % 2 == 0, "mamba2_step: conv_weight must have a row for each of the ",
                      channels, " channels and of the numbers of B and C, found the shape ", args.conv_weight.sizes());
    const at::NoGradGuard guard;
    const at::Tensor projected = linear(x, args.in_weight, args.in_bias);
    const auto [sequence, window] = causal_conv1d(
            {projected.narrow(2, channels, convolved), args.conv_weight, args.conv_bias, args.window, {}, {}, true});
    SSDScanArgs scan;
    scan.x = sequence.narrow(2, 0, channels);
    scan.delta = projected.narrow(2, channels + convolved, heads);
    scan.delta_bias = args.dt_bias;
    scan.a = cpu::state_matrix(parameter(args.a_log, x));
    scan.b = sequence.narrow(2, channels, selected / 2);
    scan.c = sequence.narrow(2, channels + selected / 2, selected / 2);
    scan.d = args.d;
    scan.initial_state = args.state;
    scan.groups = args.groups;
    scan.delta_min = args.delta_min;
    scan.delta_max = args.delta_max;
    const auto [y, state] = ssd_scan(scan);
    const at::Tensor z = projected.narrow(2, 0, channels);
    const at::Tensor gated =
            args.norm_weight.defined()
                    ? gated_rms_norm({y, z, args.norm_weight, args.groups, args.epsilon, args.norm_before_gate})
                    : y.mul(at::silu(z));
    return {linear(gated, args.out_weight, args.out_bias), window, state};
}

}  // namespace mamba

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

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>

#include "../operators.h"
#include "driver.h"
#include "params.h"
#include "tensors.h"

namespace mamba {
namespace cuda {

namespace {

// A chunk reads taps - 1 steps more than its own; the backward also writes its part of the weight's gradient.
constexpr int64_t kForwardSteps = 32;
constexpr int64_t kBackwardSteps = 64;

ConvParams params_of(const ConvArgs& args, int64_t steps) {
    ConvParams params{};
    params.x = view_of(args.x);
    params.mask = view_of(args.mask);
    params.resets = view_of(args.resets);
    params.weight = address(args.weight);
    params.bias = address(args.bias);
    params.window = address(args.window);
    params.length = static_cast<int>(args.x.size(1));
    params.channels = static_cast<int>(args.x.size(2));
    params.channel_blocks = static_cast<int>(divide_up(args.x.size(2), kConvThreads));
    params.chunk_length = static_cast<int>(steps);
    params.chunks = static_cast<int>(divide_up(args.x.size(1), steps));
    params.silu = args.silu;
    return params;
}

Variant variant_of(const ConvArgs& args) {
    Variant variant{args.x.scalar_type(), static_cast<int>(args.weight.size(1))};
    variant.stored = is_stored(args.weight, args.x);
    variant.resets = args.resets.defined();
    return variant;
}

int64_t blocks_of(const ConvArgs& args, const ConvParams& params) {
    return args.x.size(0) * params.chunks * params.channel_blocks;
}

}  // namespace

ConvResult conv_forward(const ConvArgs& args) {
    const c10::DeviceGuard guard(args.x.device());
    ConvParams params = params_of(args, kForwardSteps);
    ConvResult result;
    result.y = at::empty(args.x.sizes(), args.x.options());
    result.window = at::empty({args.x.size(0), args.weight.size(1) - 1, args.x.size(2)}, args.x.options());
    params.y = view_of(result.y);
    params.window_out = address(result.window);
    launch(Kernel::kConvForward, variant_of(args), args.x, blocks_of(args, params), kConvThreads, 1, 0, &params);
    return result;
}

ConvGradients conv_backward(const ConvArgs& args, const at::Tensor& dy, const at::Tensor& dwindow) {
    const c10::DeviceGuard guard(args.x.device());
    ConvParams params = params_of(args, kBackwardSteps);
    const int64_t channels = args.x.size(2);
    const int64_t taps = args.weight.size(1);
    ConvGradients gradients;
    gradients.x = at::empty(args.x.sizes(), args.x.options());
    if (args.window.defined()) {
        gradients.window = at::empty(args.window.sizes(), args.x.options());
    }
    const at::ScalarType real = real_type(args.x.scalar_type());
    const at::Tensor partial
            = at::empty({args.x.size(0) * params.chunks, channels * (taps + 1)}, args.x.options().dtype(real));
    params.dy = view_of(dy);
    params.dx = view_of(gradients.x);
    params.dwindow_out = address(dwindow);
    params.dwindow = address(gradients.window);
    params.partial = address(partial);
    launch(Kernel::kConvBackward, variant_of(args), args.x, blocks_of(args, params), kConvThreads, 1, 0, &params);
    const at::Tensor sums = sum_parts(partial, real);
    gradients.weight = sums.narrow(0, 0, channels * taps).view({channels, taps});
    if (args.bias.defined()) {
        gradients.bias = sums.narrow(0, channels * taps, channels);
    }
    return gradients;
}

}  // namespace cuda
}  // namespace mamba

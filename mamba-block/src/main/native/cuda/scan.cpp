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
#include <cstdint>

#include "../operators.h"
#include "driver.h"
#include "params.h"
#include "tensors.h"

namespace mamba {
namespace cuda {

namespace {

// Blocks per multiprocessor that time is split for, and below which it is split at all: a split costs every
// exponential twice.
constexpr int64_t kForwardBlocks = 4;
constexpr int64_t kBackwardBlocks = 6;
constexpr int64_t kEnoughBlocks = 2;
// Each chunk passes through the summaries of those before it.
constexpr int64_t kMaxChunks = 64;

// Whether every step begins where four numbers can be read at once.
bool steps_aligned(const at::Tensor& tensor) {
    if (!tensor.defined()) {
        return true;
    }
    const int64_t bytes = 4 * static_cast<int64_t>(tensor.element_size());
    return reinterpret_cast<uintptr_t>(tensor.data_ptr()) % bytes == 0 && tensor.stride(0) % 4 == 0
           && tensor.stride(1) % 4 == 0;
}

struct Plan {
    Variant variant;
    at::ScalarType real;
    int64_t batch, length, channels, states;
    int64_t channel_blocks, segment, segments, chunk_length, chunks;

    Plan(const SelectiveScanArgs& args, const at::Tensor& dy, int64_t blocks_wanted) {
        batch = args.u.size(0);
        length = args.u.size(1);
        channels = args.u.size(2);
        states = args.a.size(1);
        TORCH_CHECK(states <= 256, "mamba: at most 256 states per channel on a GPU, not ", states);
        TORCH_CHECK(length < (1 << 30), "mamba: too many steps: ", length);
        TORCH_CHECK(channels < (1 << 30), "mamba: too many channels: ", channels);
        variant.storage = args.u.scalar_type();
        variant.size = static_cast<int>(states);
        variant.lanes = scan_lanes(variant.size);
        variant.resets = args.resets.defined();
        variant.vector = channels % 4 == 0 && steps_aligned(args.u) && steps_aligned(args.delta)
                         && steps_aligned(args.z) && steps_aligned(dy)
                         && (states % 4 != 0 || (steps_aligned(args.b) && steps_aligned(args.c)));
        real = real_type(variant.storage);
        channel_blocks = divide_up(channels, scan_channels(variant.lanes));
        segment = scan_segment(variant.size, real == at::kDouble ? 8 : 4);
        segments = divide_up(length, segment);
        const int64_t blocks = batch * channel_blocks;
        const int64_t processors = multiprocessors(args.u);
        int64_t wanted = 1;
        if (blocks < kEnoughBlocks * processors) {
            wanted = std::min({divide_up(blocks_wanted * processors, blocks), segments, kMaxChunks});
        }
        chunk_length = divide_up(segments, wanted) * segment;
        chunks = divide_up(length, chunk_length);
    }

    int64_t blocks() const {
        return batch * chunks * channel_blocks;
    }

    at::Tensor reals(const SelectiveScanArgs& args, at::IntArrayRef sizes) const {
        return at::empty(sizes, args.u.options().dtype(real));
    }
};

ScanParams params_of(const SelectiveScanArgs& args, const Plan& plan) {
    ScanParams params{};
    params.u = view_of(args.u, args.reverse);
    params.delta = view_of(args.delta, args.reverse);
    params.z = view_of(args.z, args.reverse);
    params.b = view_of(args.b, args.reverse);
    params.c = view_of(args.c, args.reverse);
    params.mask = view_of(args.mask, args.reverse);
    params.resets = view_of(args.resets, args.reverse);
    params.a = address(args.a);
    params.d = address(args.d);
    params.delta_bias = address(args.delta_bias);
    params.initial_state = address(args.initial_state);
    params.batch = static_cast<int>(plan.batch);
    params.length = static_cast<int>(plan.length);
    params.channels = static_cast<int>(plan.channels);
    params.channel_blocks = static_cast<int>(plan.channel_blocks);
    params.chunks = static_cast<int>(plan.chunks);
    params.chunk_length = static_cast<int>(plan.chunk_length);
    params.segments = static_cast<int>(plan.segments);
    return params;
}

}  // namespace

SelectiveScanResult scan_forward(const SelectiveScanArgs& args, bool with_checkpoints) {
    const c10::DeviceGuard guard(args.u.device());
    const Plan plan(args, {}, kForwardBlocks);
    ScanParams params = params_of(args, plan);
    SelectiveScanResult result;
    result.y = at::empty({plan.batch, plan.length, plan.channels}, args.u.options());
    result.final_state = plan.reals(args, {plan.batch, plan.channels, plan.states});
    if (with_checkpoints) {
        result.checkpoints = plan.reals(args, {plan.batch, plan.segments, plan.channels, plan.states});
    }
    params.y = view_of(result.y, args.reverse);
    params.final_state = address(result.final_state);
    params.checkpoints = address(result.checkpoints);
    at::Tensor summaries, elapsed;
    if (plan.chunks > 1) {
        summaries = plan.reals(args, {plan.batch, plan.chunks, plan.channels, plan.states});
        elapsed = plan.reals(args, {plan.batch, plan.chunks, plan.channels});
        params.summaries = address(summaries);
        params.elapsed = address(elapsed);
        launch(Kernel::kScanSummary, plan.variant, args.u, plan.blocks(), kScanThreads, 1, 0, &params);
    }
    launch(Kernel::kScanForward, plan.variant, args.u, plan.blocks(), kScanThreads, 1, 0, &params);
    return result;
}

SelectiveScanGradients scan_backward(
        const SelectiveScanArgs& args, const at::Tensor& checkpoints, const at::Tensor& dy, const at::Tensor& dstate) {
    const c10::DeviceGuard guard(args.u.device());
    const Plan plan(args, dy, kBackwardBlocks);
    ScanParams params = params_of(args, plan);
    SelectiveScanGradients gradients;
    const auto sequence = [&] { return at::empty({plan.batch, plan.length, plan.channels}, args.u.options()); };
    gradients.u = sequence();
    gradients.delta = sequence();
    if (args.z.defined()) {
        gradients.z = sequence();
    }
    if (args.initial_state.defined()) {
        gradients.initial_state = plan.reals(args, {plan.batch, plan.channels, plan.states});
    }
    params.dy = view_of(dy, args.reverse);
    params.du = view_of(gradients.u, args.reverse);
    params.ddelta = view_of(gradients.delta, args.reverse);
    params.dz = view_of(gradients.z, args.reverse);
    params.dstate = address(dstate);
    params.dinitial_state = address(gradients.initial_state);
    params.checkpoints = address(checkpoints);

    const int64_t chunks = plan.batch * plan.chunks;
    const at::Tensor partial_a = plan.reals(args, {chunks, plan.channels, plan.states});
    const at::Tensor partial_d = plan.reals(args, {chunks, 2, plan.channels});
    const at::Tensor partial_bc = plan.reals(args, {plan.channel_blocks, 2, plan.batch, plan.length, plan.states});
    params.partial_a = address(partial_a);
    params.partial_d = address(partial_d);
    params.partial_bc = view_of(partial_bc.select(0, 0).select(0, 0), args.reverse);
    params.partial_half = plan.batch * plan.length * plan.states;

    at::Tensor adjoints, elapsed;
    if (plan.chunks > 1) {
        adjoints = plan.reals(args, {plan.batch, plan.chunks, plan.channels, plan.states});
        elapsed = plan.reals(args, {plan.batch, plan.chunks, plan.channels});
        params.adjoints = address(adjoints);
        params.elapsed = address(elapsed);
        launch(Kernel::kScanAdjoint, plan.variant, args.u, plan.blocks(), kScanThreads, 1, 0, &params);
    }
    const int real_bytes = plan.real == at::kDouble ? 8 : 4;
    const int64_t shared = static_cast<int64_t>(real_bytes)
                           * scan_backward_reals(plan.variant.size, plan.variant.lanes, real_bytes);
    launch(Kernel::kScanBackward, plan.variant, args.u, plan.blocks(), kScanThreads, 1, shared, &params);

    gradients.a = sum_parts(partial_a, plan.real);
    const at::Tensor for_bc = sum_parts(partial_bc, args.b.scalar_type());
    gradients.b = for_bc.select(0, 0);
    gradients.c = for_bc.select(0, 1);
    if (args.d.defined() || args.delta_bias.defined()) {
        const at::Tensor for_d = sum_parts(partial_d, plan.real);
        if (args.d.defined()) {
            gradients.d = for_d.select(0, 0);
        }
        if (args.delta_bias.defined()) {
            gradients.delta_bias = for_d.select(0, 1);
        }
    }
    return gradients;
}

}  // namespace cuda
}  // namespace mamba

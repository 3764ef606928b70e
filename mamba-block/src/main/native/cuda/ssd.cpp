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

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../operators.h"
#include "driver.h"
#include "params.h"
#include "tensors.h"

namespace mamba {
namespace cuda {

namespace {

constexpr int kForwardSteps = 32;
constexpr int kLeastSteps = 16;
constexpr int kLeastTile = 16;
constexpr int kLeastCapability = 80;
constexpr int kMostHead = 64;
constexpr int kMostStates = 256;
// Each segment passes through the summaries of those before it.
constexpr int64_t kMostSegments = 64;
// What the pass that summarizes segments costs, in parts of the one that follows, and what each segment costs there.
constexpr double kForwardSummaryCost = 0.35;
constexpr double kBackwardSummaryCost = 0.15;
constexpr double kSegmentCost = 0.01;
// Taken by the system for each block.
constexpr int64_t kReservedBytes = 1024;

int power_of_two(int64_t value, int least) {
    int power = least;
    while (power < value) {
        power *= 2;
    }
    return power;
}

// Of states in shared memory.
int padded(int64_t states) {
    return power_of_two(states, 16);
}

int64_t bytes_of(int reals) {
    return reals * static_cast<int64_t>(sizeof(float));
}

std::string refused(const at::Tensor& x, int64_t states) {
    const auto type = x.scalar_type();
    if (type != at::kFloat && type != at::kHalf && type != at::kBFloat16) {
        return std::string("its sequences on a GPU are float32, float16 or bfloat16, not ") + c10::toString(type);
    }
    const int capability = compute_capability(x);
    if (capability < kLeastCapability) {
        return "it needs a GPU of compute capability 8.0 or above, found " + std::to_string(capability / 10) + "."
               + std::to_string(capability % 10);
    }
    if (states > kMostStates
        || bytes_of(ssd_backward_reals(kLeastSteps, kLeastTile, padded(states))) > shared_memory(x)) {
        return "the shared memory of this GPU does not hold " + std::to_string(states) + " states of each channel";
    }
    return "";
}

bool rows_aligned(const at::Tensor& tensor) {
    if (!tensor.defined()) {
        return true;
    }
    const int64_t bytes = 4 * static_cast<int64_t>(tensor.element_size());
    return reinterpret_cast<uintptr_t>(tensor.data_ptr()) % bytes == 0 && tensor.stride(0) % 4 == 0
           && tensor.stride(1) % 4 == 0;
}

// What of a scan a block has, and how many blocks there are.
struct SSDPlan {
    Variant variant;
    int64_t batch, length, heads, head_size, states;
    int64_t tiles, group_heads, chunk, segment_length, segments;
    int forward_steps = 0;
    int64_t available;

    SSDPlan(const SSDScanArgs& args, const at::Tensor& dy, bool backward) {
        batch = args.x.size(0);
        length = args.x.size(1);
        heads = args.heads();
        head_size = args.head_size();
        states = args.states();
        group_heads = heads / args.groups;
        const std::string refusal = refused(args.x, states);
        TORCH_CHECK(refusal.empty(), "ssd_scan: ", refusal);
        TORCH_CHECK(length < (1 << 30), "ssd_scan: too many steps: ", length);
        const auto type = args.x.scalar_type();
        variant.storage = type;
        variant.size = padded(states);
        variant.vector = head_size % 4 == 0 && states % 4 == 0 && rows_aligned(args.x) && rows_aligned(args.b)
                         && rows_aligned(args.c) && rows_aligned(dy);
        variant.resets = args.resets.defined();
        // The small types are exact in TF32.
        variant.tf32 = type != at::kFloat || at::globalContext().allowTF32CuBLAS();
        available = shared_memory(args.x);
        choose_blocks();
        split_time(multiprocessors(args.x), backward);
    }

    int64_t blocks() const {
        return batch * segments * heads * tiles;
    }

    int forward_reals() const {
        return ssd_forward_reals(forward_steps, variant.lanes, variant.size);
    }

    int backward_reals() const {
        return ssd_backward_reals(variant.steps, variant.lanes, variant.size);
    }

    int summary_reals() const {
        return ssd_summary_reals(forward_steps, variant.lanes, variant.size);
    }

    Variant forward_variant() const {
        Variant result = variant;
        result.steps = forward_steps;
        return result;
    }

    at::Tensor floats(const SSDScanArgs& args, at::IntArrayRef sizes) const {
        return at::empty(sizes, args.x.options().dtype(at::kFloat));
    }

private:
    // The longest chunk and the largest tile of a head that the backward has the memory for, rather a smaller tile than
    // very short chunks.
    void choose_blocks() {
        const int whole = power_of_two(std::min<int64_t>(head_size, kMostHead), 16);
        for (const std::vector<int>& chunks : {std::vector<int>{64, 32}, std::vector<int>{kLeastSteps}}) {
            for (int tile = whole; tile >= kLeastTile; tile /= 2) {
                for (const int steps : chunks) {
                    if (bytes_of(ssd_backward_reals(steps, tile, variant.size)) <= available) {
                        variant.lanes = tile;
                        variant.steps = steps;
                        tiles = divide_up(head_size, tile);
                        chunk = steps;
                        forward_steps = std::min(steps, kForwardSteps);
                        return;
                    }
                }
            }
        }
        TORCH_CHECK(false, "ssd_scan: no chunk fits into ", available, " bytes");
    }

    // Time is split where that occupies the card better than heads and batch do: blocks run in rounds.
    void split_time(int64_t processors, bool backward) {
        const int reals = backward ? backward_reals() : forward_reals();
        const int64_t fitting = (available + kReservedBytes) / (bytes_of(reals) + kReservedBytes);
        const int64_t slots = processors * (backward ? 1 : std::min<int64_t>(ssd_resident(reals), fitting));
        const int64_t chunks = divide_up(length, chunk);
        double least = 0;
        int64_t wanted = 1;
        for (int64_t count = 1; count <= std::min(kMostSegments, chunks); ++count) {
            const double rounds = static_cast<double>(divide_up(batch * heads * tiles * count, slots)) / count;
            const double summary = backward ? kBackwardSummaryCost : kForwardSummaryCost;
            const double cost = count == 1 ? rounds : rounds * (1 + summary + kSegmentCost * count);
            if (count == 1 || cost < least) {
                least = cost;
                wanted = count;
            }
        }
        segment_length = divide_up(chunks, wanted) * chunk;
        segments = divide_up(length, segment_length);
    }
};

SSDParams params_of(const SSDScanArgs& args, const SSDPlan& plan) {
    SSDParams params{};
    params.x = view_of(args.x, args.reverse);
    params.b = view_of(args.b, args.reverse);
    params.c = view_of(args.c, args.reverse);
    params.delta = view_of(args.delta, args.reverse);
    params.mask = view_of(args.mask, args.reverse);
    params.resets = view_of(args.resets, args.reverse);
    params.a = address(args.a);
    params.d = address(args.d);
    params.delta_bias = address(args.delta_bias);
    params.initial_state = address(args.initial_state);
    params.length = static_cast<int>(plan.length);
    params.heads = static_cast<int>(plan.heads);
    params.head_size = static_cast<int>(plan.head_size);
    params.states = static_cast<int>(plan.states);
    params.group_heads = static_cast<int>(plan.group_heads);
    params.tiles = static_cast<int>(plan.tiles);
    params.segments = static_cast<int>(plan.segments);
    params.segment_length = static_cast<int>(plan.segment_length);
    params.saved = static_cast<int>(divide_up(plan.length, plan.chunk));
    params.save_every = static_cast<int>(plan.chunk);
    params.delta_min = static_cast<float>(args.delta_min);
    params.delta_max = static_cast<float>(args.delta_max);
    params.skip_per_channel = args.d.defined() && args.d.numel() != plan.heads;
    return params;
}

// What passes between segments of time, where there are several.
struct Summaries {
    at::Tensor states, decays;

    Summaries(const SSDScanArgs& args, const SSDPlan& plan, Kernel kernel, SSDParams& params) {
        if (plan.segments == 1) {
            return;
        }
        states = plan.floats(args, {plan.batch, plan.segments, plan.heads, plan.head_size, plan.states});
        decays = plan.floats(args, {plan.batch, plan.segments, plan.heads});
        params.summaries = address(states);
        params.decays = address(decays);
        launch(kernel, plan.forward_variant(), args.x, plan.blocks(), kSSDThreads, 1, bytes_of(plan.summary_reals()),
               &params);
    }
};

// Where parts of the gradients of sequences and parameters go before they are summed.
struct Partials {
    at::Tensor bc, delta, a, d;

    Partials(const SSDScanArgs& args, const SSDPlan& plan, SSDParams& params) {
        bc = plan.floats(args, {plan.group_heads * plan.tiles, 2, plan.batch, plan.length, args.b.size(2)});
        delta = plan.floats(args, {plan.tiles, plan.batch, plan.length, plan.heads});
        a = plan.floats(args, {plan.batch, plan.segments, plan.tiles, 2, plan.heads});
        params.partial_b = view_of(bc.select(0, 0).select(0, 0), args.reverse);
        params.partial_c = view_of(bc.select(0, 0).select(0, 1), args.reverse);
        params.partial_delta = view_of(delta.select(0, 0), args.reverse);
        params.bc_part = bc.stride(0);
        params.delta_part = delta.stride(0);
        params.partial_a = address(a);
        if (args.d.defined()) {
            d = plan.floats(args, {plan.batch * plan.segments, plan.heads * plan.head_size});
            params.partial_d = address(d);
        }
    }

    void sum(const SSDScanArgs& args, const SSDPlan& plan, SSDScanGradients& gradients) const {
        const at::Tensor for_bc = sum_parts(bc, args.b.scalar_type());
        gradients.b = for_bc.select(0, 0);
        gradients.c = for_bc.select(0, 1);
        gradients.delta = sum_parts(delta, args.delta.scalar_type());
        const at::Tensor for_a = sum_parts(a.reshape({-1, 2, plan.heads}), at::kFloat);
        gradients.a = for_a.select(0, 0);
        if (args.delta_bias.defined()) {
            gradients.delta_bias = for_a.select(0, 1);
        }
        if (args.d.defined()) {
            gradients.d = sum_parts(d, at::kFloat);
            if (args.d.numel() == plan.heads) {
                gradients.d = sum_parts(gradients.d.reshape({plan.heads, plan.head_size}).t().contiguous(), at::kFloat);
            }
        }
    }
};

}  // namespace

std::optional<std::string> ssd_refusal(const at::Tensor& x, int64_t states) {
    const c10::DeviceGuard guard(x.device());
    const std::string reason = refused(x, states);
    return reason.empty() ? std::nullopt : std::make_optional(reason);
}

SSDScanResult ssd_forward(const SSDScanArgs& args, bool with_saved) {
    const c10::DeviceGuard guard(args.x.device());
    const SSDPlan plan(args, {}, false);
    SSDParams params = params_of(args, plan);
    SSDScanResult result;
    result.y = at::empty(args.x.sizes(), args.x.options());
    result.final_state = plan.floats(args, {plan.batch, plan.heads, plan.head_size, plan.states});
    if (with_saved) {
        result.saved = {plan.floats(args, {plan.batch, params.saved, plan.heads, plan.head_size, plan.states})};
        params.starts = address(result.saved[0]);
    }
    params.y = view_of(result.y, args.reverse);
    params.final_state = address(result.final_state);
    const Summaries summaries(args, plan, Kernel::kSSDSummary, params);
    launch(Kernel::kSSDForward, plan.forward_variant(), args.x, plan.blocks(), kSSDThreads, 1,
           bytes_of(plan.forward_reals()), &params);
    return result;
}

SSDScanGradients ssd_backward(
        const SSDScanArgs& args, const std::vector<at::Tensor>& saved, const at::Tensor& dy, const at::Tensor& dstate) {
    const c10::DeviceGuard guard(args.x.device());
    const at::Tensor given_dy = dy.defined() ? dy : at::zeros_like(args.x, at::MemoryFormat::Contiguous);
    const SSDPlan plan(args, given_dy, true);
    SSDParams params = params_of(args, plan);
    SSDScanGradients gradients;
    gradients.x = at::empty(args.x.sizes(), args.x.options());
    if (args.initial_state.defined()) {
        gradients.initial_state = plan.floats(args, {plan.batch, plan.heads, plan.head_size, plan.states});
    }
    params.dy = view_of(given_dy, args.reverse);
    params.dx = view_of(gradients.x, args.reverse);
    params.dstate = address(dstate);
    params.dinitial_state = address(gradients.initial_state);
    params.starts = address(saved.at(0));
    const Summaries summaries(args, plan, Kernel::kSSDAdjoint, params);
    const Partials partials(args, plan, params);
    launch(Kernel::kSSDBackward, plan.variant, args.x, plan.blocks(), kSSDBackwardThreads, 1,
           bytes_of(plan.backward_reals()), &params);
    partials.sum(args, plan, gradients);
    return gradients;
}

}  // namespace cuda
}  // namespace mamba

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

// How operators record gradients and choose the device.

#pragma once

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "args.h"
#include "checks.h"

#define MAMBA_ON_DEVICE(tensor, call) ((tensor).is_cuda() ? cuda::call : cpu::call)

namespace mamba {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

template <class Args>
variable_list list_of(const Args& args) {
    return std::apply([](const auto&... tensors) { return variable_list{tensors...}; }, args.tensors());
}

// Fills the arrays of an operator from a list that starts with them.
template <class Args>
void fill(Args& args, const variable_list& list) {
    size_t index = 0;
    std::apply([&](auto&... tensors) { ((tensors = list[index++]), ...); }, args.tensors());
}

template <class... Values>
std::tuple<Values...> values_of(const std::tuple<const Values&...>& references) {
    return references;
}

// Whether a call with these arguments has to leave gradients.
template <class... Tensors>
bool recorded_any(const Tensors&... tensors) {
    return at::GradMode::is_enabled() && ((tensors.defined() && tensors.requires_grad()) || ...);
}

template <class Args>
bool recorded(const Args& args) {
    return std::apply([](const auto&... tensors) { return recorded_any(tensors...); }, args.tensors());
}

inline void refuse_second_derivative(const char* name) {
    TORCH_CHECK(!at::GradMode::is_enabled(), name, ": has no second derivatives");
}

inline std::optional<at::Tensor> optional(const at::Tensor& tensor) {
    return tensor.defined() ? std::make_optional(tensor) : std::nullopt;
}

inline at::Tensor rows_of(const at::Tensor& x) {
    return inner_contiguous(x.reshape({-1, x.size(-1)}));
}

// What an operator computes, and what its backward needs besides the arguments.
struct Computed {
    variable_list outputs, saved;
};

// The node of an operator in libtorch's graph. The operator is a class with
//   Args and name;
//   static Computed forward(const Args& args, bool with_saved);
//   static Args backward(const Args& args, const variable_list& saved, const variable_list& gradients), which returns the
//       gradients in the places of the arguments. Those of the first output come with a contiguous last axis, those of
//       others contiguous; where there are several outputs, some may be undefined.
template <class Operator>
class Recorded : public torch::autograd::Function<Recorded<Operator>> {
   public:
    using Args = typename Operator::Args;

    // The arrays are passed once more by themselves: that is where libtorch looks for them.
    template <class... Tensors>
    static variable_list forward(AutogradContext* ctx, const Args& args, const Tensors&...) {
        Computed computed = Operator::forward(args, true);
        variable_list kept = list_of(args);
        kept.insert(kept.end(), computed.saved.begin(), computed.saved.end());
        ctx->save_for_backward(std::move(kept));
        ctx->saved_data["options"] = values_of(args.options());
        ctx->set_materialize_grads(computed.outputs.size() == 1);
        return std::move(computed.outputs);
    }

    static variable_list backward(AutogradContext* ctx, variable_list gradients) {
        refuse_second_derivative(Operator::name);
        const variable_list kept = ctx->get_saved_variables();
        Args args;
        fill(args, kept);
        args.options() = ctx->saved_data["options"].template to<decltype(values_of(std::as_const(args).options()))>();
        const variable_list saved(kept.begin() + std::tuple_size_v<decltype(args.tensors())>, kept.end());
        for (size_t i = 0; i < gradients.size(); i++) {
            gradients[i] = i == 0 || !gradients[i].defined() ? inner_contiguous(gradients[i]) : gradients[i].contiguous();
        }
        variable_list result = list_of(Operator::backward(args, saved, gradients));
        result.insert(result.begin(), at::Tensor());  // of the arguments as a whole
        return result;
    }
};

// Runs an operator on checked arguments, with a node in the graph where it is needed.
template <class Operator>
variable_list run(const typename Operator::Args& args) {
    if (recorded(args)) {
        return std::apply(
                [&](const auto&... tensors) { return Recorded<Operator>::apply(args, std::make_optional(tensors)...); },
                args.tensors());
    }
    const at::NoGradGuard guard;
    return Operator::forward(args, false).outputs;
}

}  // namespace mamba

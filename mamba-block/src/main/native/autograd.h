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

// What the operators share where they record gradients and choose the device.

#pragma once

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "checks.h"

#define MAMBA_ON_DEVICE(tensor, call) ((tensor).is_cuda() ? cuda::call : cpu::call)

namespace mamba {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

inline bool recorded(std::initializer_list<at::Tensor> tensors) {
    return at::GradMode::is_enabled() && std::any_of(tensors.begin(), tensors.end(), [](const at::Tensor& tensor) {
        return tensor.defined() && tensor.requires_grad();
    });
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

}  // namespace mamba

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

// Checks of arguments. Their messages name the operator and the argument.

#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>

namespace mamba {

// What the arguments of one call of an operator must agree on.
class Checks {
   public:
    Checks(const char* name, const char* first_name, const at::Tensor& first) : name_(name), first_(first) {
        TORCH_CHECK_VALUE(first.defined(), name, ": ", first_name, " is missing");
        TORCH_CHECK_VALUE(first.layout() == at::kStrided, name, ": ", first_name, " must be dense");
        TORCH_CHECK_VALUE(first.is_cpu() || first.is_cuda(), name, ": ", first_name,
                          " must be on a CPU or a CUDA device, found ", first.device());
        const auto type = first.scalar_type();
        const bool half = type == at::kHalf || type == at::kBFloat16;
        TORCH_CHECK_VALUE(type == at::kFloat || type == at::kDouble || (half && first.is_cuda()), name, ": ",
                          first_name, " must be float32 or float64, or on a GPU also float16 or bfloat16; found ", type,
                          " on ", first.device());
    }

    // Fails with the reason why the operator cannot take its arguments, if there is one.
    void accept(const std::optional<std::string>& refusal) const {
        TORCH_CHECK_VALUE(!refusal, name_, ": ", *refusal);
    }

    // A tensor with axes.
    void given(const char* argument, const at::Tensor& tensor) const {
        TORCH_CHECK_VALUE(tensor.defined(), name_, ": ", argument, " is missing");
        TORCH_CHECK_VALUE(tensor.dim() > 0 && tensor.numel() > 0, name_, ": ", argument,
                          " must not be empty, found the shape ", tensor.sizes());
    }

    // A floating point tensor of the given shape on the device of the first argument.
    void shape(const char* argument, const at::Tensor& tensor, at::IntArrayRef expected) const {
        TORCH_CHECK_VALUE(tensor.defined(), name_, ": ", argument, " is missing");
        TORCH_CHECK_VALUE(tensor.sizes() == expected, name_, ": ", argument, " must have the shape ", expected,
                          ", found ", tensor.sizes());
        TORCH_CHECK_VALUE(tensor.layout() == at::kStrided, name_, ": ", argument, " must be dense");
        TORCH_CHECK_VALUE(tensor.device() == first_.device(), name_, ": ", argument, " must be on ", first_.device(),
                          ", found ", tensor.device());
        TORCH_CHECK_VALUE(tensor.is_floating_point(), name_, ": ", argument, " must be of a floating point type, found ",
                          tensor.scalar_type());
    }

    // The same, and of the type of the first argument.
    void sequence(const char* argument, const at::Tensor& tensor, at::IntArrayRef expected) const {
        shape(argument, tensor, expected);
        TORCH_CHECK_VALUE(tensor.scalar_type() == first_.scalar_type(), name_, ": ", argument, " must be of the type ",
                          first_.scalar_type(), ", found ", tensor.scalar_type());
    }

    void rank(const char* argument, const at::Tensor& tensor, int64_t expected) const {
        TORCH_CHECK_VALUE(tensor.defined(), name_, ": ", argument, " is missing");
        TORCH_CHECK_VALUE(tensor.dim() == expected, name_, ": ", argument, " must have ", expected,
                          " axes, found the shape ", tensor.sizes());
        TORCH_CHECK_VALUE(tensor.numel() > 0, name_, ": ", argument, " must not be empty, found the shape ",
                          tensor.sizes());
    }

    // uint8 (B, L), from any type and from (B, L, 1).
    at::Tensor flags(const char* argument, const at::Tensor& tensor, int64_t rows, int64_t length) const {
        if (!tensor.defined()) {
            return tensor;
        }
        const bool fits = tensor.numel() == rows * length && tensor.dim() >= 2 && tensor.dim() <= 3 &&
                          tensor.size(0) == rows && tensor.size(1) == length;
        TORCH_CHECK_VALUE(fits, name_, ": ", argument, " must have the shape [", rows, ", ", length, "], found ",
                          tensor.sizes());
        TORCH_CHECK_VALUE(tensor.device() == first_.device(), name_, ": ", argument, " must be on ", first_.device(),
                          ", found ", tensor.device());
        return tensor.detach().reshape({rows, length}).ne(0).to(at::kByte).contiguous();
    }

    // The same; padding resets nothing.
    at::Tensor resets(const at::Tensor& tensor, const at::Tensor& mask, int64_t rows, int64_t length) const {
        const at::Tensor resets = flags("resets", tensor, rows, length);
        return resets.defined() && mask.defined() ? resets.mul(mask) : resets;
    }

   private:
    const char* name_;
    const at::Tensor& first_;
};

// The kernels read along a contiguous last axis.
inline at::Tensor inner_contiguous(const at::Tensor& tensor) {
    return !tensor.defined() || tensor.stride(-1) == 1 ? tensor : tensor.contiguous();
}

// The type of parameters, states and sums beside sequences of the given type.
inline at::ScalarType arithmetic_type(const at::Tensor& sequence) {
    return sequence.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

inline at::Tensor parameter(const at::Tensor& tensor, const at::Tensor& sequence) {
    return tensor.defined() ? tensor.to(arithmetic_type(sequence)).contiguous() : tensor;
}

// Parameters of a call that leaves no gradients. While decoding on a GPU converting them would take longer than the
// work: its kernels also read them in the type of the sequence, where all of them have it.
inline void prepare_parameters(const at::Tensor& sequence, std::initializer_list<at::Tensor*> parameters) {
    const bool readable = sequence.is_cuda() && std::all_of(parameters.begin(), parameters.end(), [&](at::Tensor* tensor) {
        return !tensor->defined() || tensor->scalar_type() == sequence.scalar_type();
    });
    for (at::Tensor* tensor : parameters) {
        *tensor = readable && tensor->defined() ? tensor->contiguous() : parameter(*tensor, sequence);
    }
}

}  // namespace mamba

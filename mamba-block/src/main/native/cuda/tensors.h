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

// Tensors as the kernels see them.

#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>

#include "driver.h"
#include "params.h"

namespace mamba {
namespace cuda {

inline void* address(const at::Tensor& tensor) {
    return tensor.defined() ? tensor.data_ptr() : nullptr;
}

// Of a (batch, steps, ...) tensor; with reversed time, from its last step.
inline View view_of(const at::Tensor& tensor, bool reverse = false) {
    if (!tensor.defined()) {
        return {nullptr, 0, 0};
    }
    const int64_t step = tensor.stride(1);
    TORCH_CHECK(step * static_cast<int64_t>(tensor.element_size()) <= 0x7fffffff,
                "mamba: steps lie too far apart in memory: ", step, " numbers");
    char* data = static_cast<char*>(tensor.data_ptr());
    if (reverse) {
        data += (tensor.size(1) - 1) * step * static_cast<int64_t>(tensor.element_size());
    }
    return {data, tensor.stride(0), reverse ? -step : step};
}

// Whether parameters are of the storage type of a sequence rather than of the type of its arithmetic.
inline bool is_stored(const at::Tensor& parameter, const at::Tensor& sequence) {
    return parameter.scalar_type() != real_type(sequence.scalar_type());
}

inline int64_t divide_up(int64_t value, int64_t by) {
    return (value + by - 1) / by;
}

// From how many sums on each thread makes four of them alone.
constexpr int64_t kManySums = 1 << 20;

// Sums a (parts, ...) tensor of the type of arithmetic over the parts.
inline at::Tensor sum_parts(const at::Tensor& parts, at::ScalarType type) {
    at::Tensor out = at::empty(parts.sizes().slice(1), parts.options().dtype(type));
    SumParams params{};
    params.in = parts.data_ptr();
    params.out = out.data_ptr();
    params.count = out.numel();
    params.parts = static_cast<int>(parts.size(0));
    constexpr int64_t threads = kSumColumns * kSumGroups;
    if (params.count % 4 == 0 && params.count >= kManySums) {
        launch(Kernel::kSumMany, Variant{type}, parts, divide_up(params.count, 4 * threads), threads, 1, 0, &params);
    } else {
        launch(Kernel::kSumParts, Variant{type}, parts, divide_up(params.count, kSumColumns), kSumColumns, kSumGroups, 0,
               &params);
    }
    return out;
}

}  // namespace cuda
}  // namespace mamba

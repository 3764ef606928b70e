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
#include <tuple>

#include "../operators.h"
#include "driver.h"
#include "params.h"
#include "tensors.h"

namespace mamba {
namespace cuda {

namespace {

// Blocks of the backward per multiprocessor: each leaves one row of partial sums.
constexpr int64_t kBackwardBlocks = 4;
// A thread keeps its columns in registers; more would spill, and slowly, but not fail.
constexpr int64_t kMaxColumns = 64;

NormParams params_of(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
    NormParams params{};
    params.x = x.data_ptr();
    params.weight = weight.data_ptr();
    params.x_row = x.stride(0);
    params.rows = x.size(0);
    params.width = static_cast<int>(x.size(1));
    params.epsilon = epsilon;
    return params;
}

Variant variant_of(const at::Tensor& x, const at::Tensor& weight) {
    const int64_t columns = divide_up(x.size(1), kNormThreads);
    TORCH_CHECK(columns <= kMaxColumns, "mamba: rms_norm on a GPU takes rows of up to ", kMaxColumns * kNormThreads,
                " numbers, not ", x.size(1));
    Variant variant{x.scalar_type(), static_cast<int>(columns)};
    variant.stored = is_stored(weight, x);
    return variant;
}

}  // namespace

at::Tensor norm_forward(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
    const c10::DeviceGuard guard(x.device());
    NormParams params = params_of(x, weight, epsilon);
    at::Tensor y = at::empty(x.sizes(), x.options());
    params.y = y.data_ptr();
    launch(Kernel::kNormForward, variant_of(x, weight), x, params.rows, kNormThreads, 1, 0, &params);
    return y;
}

std::tuple<at::Tensor, at::Tensor> norm_backward(
        const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& dy) {
    const c10::DeviceGuard guard(x.device());
    NormParams params = params_of(x, weight, epsilon);
    at::Tensor dx = at::empty(x.sizes(), x.options());
    const at::ScalarType real = real_type(x.scalar_type());
    const int64_t blocks = std::min<int64_t>(params.rows, kBackwardBlocks * multiprocessors(x));
    const at::Tensor partial = at::empty({blocks, x.size(1)}, x.options().dtype(real));
    params.dx = dx.data_ptr();
    params.dy = dy.data_ptr();
    params.dy_row = dy.stride(0);
    params.partial = partial.data_ptr();
    launch(Kernel::kNormBackward, variant_of(x, weight), x, blocks, kNormThreads, 1, 0, &params);
    return {dx, sum_parts(partial, real)};
}

}  // namespace cuda
}  // namespace mamba

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

#pragma once

#include <ATen/core/Tensor.h>

#include "../args.h"

namespace mamba {
namespace cpu {

// x W^T + bias for at most most_linear_rows rows: x (rows, in) and weight (out, in) with contiguous rows, bias (out)
// contiguous or undefined; float or double.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

// a b + bias of any size: a (rows, inner) with any strides, b (inner, columns) with one contiguous axis, bias (columns)
// contiguous or undefined; float or double. multiplies_faster says whether it pays.
at::Tensor matmul(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias);

// The gated norm of rows, (rows, E), contiguous along their last axis; float or double, the weight contiguous.
at::Tensor gated_norm_forward(const GatedNormArgs& args);
// Gradients in the places of x, z and the weight.
GatedNormArgs gated_norm_backward(const GatedNormArgs& args, const at::Tensor& dy);

// A = −exp(A_log), contiguous; float or double.
at::Tensor state_matrix(const at::Tensor& a_log);

}  // namespace cpu
}  // namespace mamba

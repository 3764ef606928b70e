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

// The operators, with gradients, for callers in C++; args.h describes their arguments. A wrong argument is a
// c10::ValueError that names it. Masks and resets may be of any type and shape (B, L) or (B, L, 1).
//
// refusal says why an operator cannot take its arguments where that depends on more than their being right: nothing where
// it can. The operator itself then fails with that reason.

#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <tuple>

#include "args.h"

namespace mamba {

// Returns y, (B, L, E), 0 at padding, and the final state, (B, E, N).
std::tuple<at::Tensor, at::Tensor> selective_scan(const SelectiveScanArgs& given);

// Returns y, (B, L, E), 0 at padding, and the final state, (B, H, P, N).
std::tuple<at::Tensor, at::Tensor> ssd_scan(const SSDScanArgs& given);
std::optional<std::string> refusal(const SSDScanArgs& args);

// The weight may be (E, 1, K), too. Returns y, (B, L, E), and the new window, (B, K-1, E).
std::tuple<at::Tensor, at::Tensor> causal_conv1d(const ConvArgs& given);

// x: (..., d); weight: (d). Returns x / sqrt(mean(x^2) + epsilon) * weight.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

// On a CPU only.
at::Tensor gated_rms_norm(const GatedNormArgs& given);
std::optional<std::string> refusal(const GatedNormArgs& given);

// x: (..., in); weight: (out, in); bias: (out) or undefined. Faster than libtorch's own for a few rows on a CPU, else the
// same.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

// Return the output, (B, 1, d), the new window and the new state. They record no gradients, and refuse where that would
// be wrong; that of Mamba-2 runs on a CPU only.
std::tuple<at::Tensor, at::Tensor, at::Tensor> mamba_step(const MambaStepArgs& args);
std::optional<std::string> refusal(const MambaStepArgs& args);
std::tuple<at::Tensor, at::Tensor, at::Tensor> mamba2_step(const Mamba2StepArgs& args);
std::optional<std::string> refusal(const Mamba2StepArgs& args);

}  // namespace mamba

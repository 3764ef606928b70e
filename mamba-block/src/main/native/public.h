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

// The operators, with gradients, for callers in C++. An argument that is not given is std::nullopt. A wrong argument
// is a c10::ValueError that names it.

#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <tuple>

namespace mamba {

// u, delta, z: (B, L, E); a: (E, N); b, c: (B, L, N); delta_bias, d: (E); mask: (B, L) or (B, L, 1), 0 at padding;
// initial_state: (B, E, N); resets: as mask, not 0 at the tokens before which the state is dropped. Returns y,
// (B, L, E), and the final state, (B, E, N).
std::tuple<at::Tensor, at::Tensor> selective_scan(
        const at::Tensor& u, const at::Tensor& delta, const std::optional<at::Tensor>& delta_bias, const at::Tensor& a,
        const at::Tensor& b, const at::Tensor& c, const std::optional<at::Tensor>& d,
        const std::optional<at::Tensor>& z, const std::optional<at::Tensor>& mask,
        const std::optional<at::Tensor>& initial_state, bool reverse,
        const std::optional<at::Tensor>& resets = std::nullopt);

// Why dual_scan cannot take a sequence like x, (B, L, E), with N states; nothing where it can.
std::optional<std::string> dual_refusal(const at::Tensor& x, int64_t states);

// The scan of Mamba-2. x: (B, L, E); delta: (B, L, H); delta_bias, a: (H); b, c: (B, L, G * N); d: (H) or (E); mask and
// resets as above; initial_state: (B, H, P, N) with P = E / H. Time steps are clamp(softplus(delta + delta_bias),
// delta_min, delta_max); delta_max may be infinite. Returns y, (B, L, E), and the final state, (B, H, P, N).
std::tuple<at::Tensor, at::Tensor> dual_scan(
        const at::Tensor& x, const at::Tensor& delta, const std::optional<at::Tensor>& delta_bias, const at::Tensor& a,
        const at::Tensor& b, const at::Tensor& c, const std::optional<at::Tensor>& d,
        const std::optional<at::Tensor>& mask, const std::optional<at::Tensor>& resets,
        const std::optional<at::Tensor>& initial_state, int64_t groups, double delta_min, double delta_max,
        bool reverse);

// x: (B, L, E); weight: (E, K) or (E, 1, K); bias: (E); window: (B, K-1, E); resets: as mask, not 0 at the tokens
// before which everything counts as zero. Returns y, (B, L, E), and the new window.
std::tuple<at::Tensor, at::Tensor> causal_conv1d(
        const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
        const std::optional<at::Tensor>& window, const std::optional<at::Tensor>& mask, bool silu,
        const std::optional<at::Tensor>& resets = std::nullopt);

// x: (..., d); weight: (d).
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

// RMSNorm(x * SiLU(z)) in groups of the last axis, or RMSNorm(x) * SiLU(z). x, z: (..., E); weight: (E). On a CPU only.
at::Tensor gated_rms_norm(
        const at::Tensor& x, const at::Tensor& z, const at::Tensor& weight, int64_t groups, double epsilon,
        bool norm_before_gate);

// x: (..., in); weight: (out, in); bias: (out). Faster than libtorch's own for a few rows on a CPU, else the same.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias);

// One token through a gated Mamba block. x: (B, 1, d); in_weight: (2E, d); conv_weight: (E, K); x_weight: (R+2N, E);
// dt_weight: (E, R); a_log: (E, N); out_weight: (d, E); window: (B, K-1, E); state: (B, E, N). Returns the output,
// (B, 1, d), the new window and the new state. Records no gradients.
std::tuple<at::Tensor, at::Tensor, at::Tensor> mamba_step(
        const at::Tensor& x, const at::Tensor& in_weight, const std::optional<at::Tensor>& in_bias,
        const at::Tensor& conv_weight, const std::optional<at::Tensor>& conv_bias, const at::Tensor& x_weight,
        const std::optional<at::Tensor>& x_bias, const at::Tensor& dt_weight, const std::optional<at::Tensor>& dt_bias,
        const at::Tensor& a_log, const std::optional<at::Tensor>& d, const at::Tensor& out_weight,
        const std::optional<at::Tensor>& out_bias, const std::optional<at::Tensor>& window,
        const std::optional<at::Tensor>& state);

struct DualStepOptions {
    int64_t groups;
    double delta_min, delta_max;
    double epsilon;  // of the norm
    bool norm_before_gate;
};

// One token through a Mamba-2 block on a CPU. x: (B, 1, d); in_weight: (2E + 2GN + H, d), whose rows make z, x, B, C and
// delta; conv_weight: (E + 2GN, K); a_log: (H); norm_weight: (E), without it there is only the gate; out_weight: (d, E);
// window: (B, K-1, E + 2GN); state: (B, H, P, N). Returns the output, (B, 1, d), the new window and the new state.
// Records no gradients.
std::tuple<at::Tensor, at::Tensor, at::Tensor> dual_step(
        const at::Tensor& x, const at::Tensor& in_weight, const std::optional<at::Tensor>& in_bias,
        const at::Tensor& conv_weight, const std::optional<at::Tensor>& conv_bias,
        const std::optional<at::Tensor>& dt_bias, const at::Tensor& a_log, const std::optional<at::Tensor>& d,
        const std::optional<at::Tensor>& norm_weight, const at::Tensor& out_weight,
        const std::optional<at::Tensor>& out_bias, const std::optional<at::Tensor>& window,
        const std::optional<at::Tensor>& state, const DualStepOptions& options);

}  // namespace mamba

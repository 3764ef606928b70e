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

// The arguments of the operators that take more than three. Symbols as in Gu and Dao 2023, algorithm 2, and Dao and Gu
// 2024, section 6: B rows, L steps, E channels, N states per channel, K taps, H heads, G groups. An undefined tensor is
// an argument that is not given.
//
// tensors() lists the arrays and options() everything else, in the order of the components of the Java record of the
// same name. jni.cpp and the recording of gradients follow these lists; nothing else repeats them.

#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <tuple>

#define MAMBA_TENSORS(...)                              \
    auto tensors() { return std::tie(__VA_ARGS__); }    \
    auto tensors() const { return std::tie(__VA_ARGS__); }

#define MAMBA_OPTIONS(...)                              \
    auto options() { return std::tie(__VA_ARGS__); }    \
    auto options() const { return std::tie(__VA_ARGS__); }

namespace mamba {

struct SelectiveScanArgs {
    at::Tensor u;              // (B, L, E)
    at::Tensor delta;          // (B, L, E), before bias and softplus
    at::Tensor delta_bias;     // (E)
    at::Tensor a;              // (E, N), negative
    at::Tensor b;              // (B, L, N)
    at::Tensor c;              // (B, L, N)
    at::Tensor d;              // (E)
    at::Tensor z;              // (B, L, E), the output is multiplied by SiLU(z)
    at::Tensor mask;           // (B, L), 0 at padding
    at::Tensor resets;         // (B, L): the state that comes into these steps is dropped
    at::Tensor initial_state;  // (B, E, N)
    bool reverse = false;      // time runs from the last step to the first

    MAMBA_TENSORS(u, delta, delta_bias, a, b, c, d, z, mask, resets, initial_state)
    MAMBA_OPTIONS(reverse)
};

// The scan of Mamba-2: one A and one time step for each of H heads, whose states are P × N for P = E / H channels. Head
// i reads group i * G / H of the G groups of B and C.
//
// dt = clamp(softplus(delta + delta_bias), delta_min, delta_max), 0 at padding; with it, for each head,
// S_t = exp(dt_t A) S_{t-1} + dt_t x_t B_t^T and y_t = S_t C_t + D x_t.
struct SSDScanArgs {
    at::Tensor x;              // (B, L, E)
    at::Tensor delta;          // (B, L, H), before bias and softplus
    at::Tensor delta_bias;     // (H)
    at::Tensor a;              // (H), negative
    at::Tensor b;              // (B, L, G * N)
    at::Tensor c;              // (B, L, G * N)
    at::Tensor d;              // (H), or (E) for one of each channel
    at::Tensor mask;           // (B, L), 0 at padding
    at::Tensor resets;         // (B, L): the state that comes into these steps is dropped
    at::Tensor initial_state;  // (B, H, P, N)
    int64_t groups = 1;        // G, a divisor of H
    double delta_min = 0;
    double delta_max = 0;      // may be infinite
    bool reverse = false;      // time runs from the last step to the first

    MAMBA_TENSORS(x, delta, delta_bias, a, b, c, d, mask, resets, initial_state)
    MAMBA_OPTIONS(groups, delta_min, delta_max, reverse)

    int64_t heads() const { return a.size(0); }
    int64_t head_size() const { return x.size(2) / a.size(0); }
    int64_t states() const { return b.size(2) / groups; }
};

struct ConvArgs {
    at::Tensor x;       // (B, L, E)
    at::Tensor weight;  // (E, K), the last tap meets the current step
    at::Tensor bias;    // (E)
    at::Tensor window;  // (B, K-1, E), the inputs before the first step, oldest first, of the type of x
    at::Tensor mask;    // (B, L), 0 at padding: tokens first, then padding
    at::Tensor resets;  // (B, L): what was before these steps counts as zero
    bool silu = false;

    MAMBA_TENSORS(x, weight, bias, window, mask, resets)
    MAMBA_OPTIONS(silu)
};

// RMSNorm(x * SiLU(z)) in groups of channels, or RMSNorm(x) * SiLU(z).
struct GatedNormArgs {
    at::Tensor x;       // (..., E)
    at::Tensor z;       // (..., E)
    at::Tensor weight;  // (E)
    int64_t groups = 1;
    double epsilon = 0;
    bool norm_before_gate = false;

    MAMBA_TENSORS(x, z, weight)
    MAMBA_OPTIONS(groups, epsilon, norm_before_gate)
};

// One token through a gated Mamba block; R is the rank of the time step.
struct MambaStepArgs {
    at::Tensor x;            // (B, 1, d)
    at::Tensor in_weight;    // (2E, d)
    at::Tensor in_bias;      // (2E)
    at::Tensor conv_weight;  // (E, K)
    at::Tensor conv_bias;    // (E)
    at::Tensor x_weight;     // (R+2N, E)
    at::Tensor x_bias;       // (R+2N)
    at::Tensor dt_weight;    // (E, R)
    at::Tensor dt_bias;      // (E)
    at::Tensor a_log;        // (E, N)
    at::Tensor d;            // (E)
    at::Tensor out_weight;   // (d, E)
    at::Tensor out_bias;     // (d)
    at::Tensor window;       // (B, K-1, E)
    at::Tensor state;        // (B, E, N)

    MAMBA_TENSORS(x, in_weight, in_bias, conv_weight, conv_bias, x_weight, x_bias, dt_weight, dt_bias, a_log, d,
                  out_weight, out_bias, window, state)
};

// One token through a Mamba-2 block.
struct Mamba2StepArgs {
    at::Tensor x;            // (B, 1, d)
    at::Tensor in_weight;    // (2E + 2GN + H, d), whose rows make z, x, B, C and delta
    at::Tensor in_bias;      // (2E + 2GN + H)
    at::Tensor conv_weight;  // (E + 2GN, K)
    at::Tensor conv_bias;    // (E + 2GN)
    at::Tensor dt_bias;      // (H)
    at::Tensor a_log;        // (H)
    at::Tensor d;            // (H) or (E)
    at::Tensor norm_weight;  // (E), without it there is only the gate
    at::Tensor out_weight;   // (d, E)
    at::Tensor out_bias;     // (d)
    at::Tensor window;       // (B, K-1, E + 2GN)
    at::Tensor state;        // (B, H, P, N)
    int64_t groups = 1;
    double delta_min = 0;
    double delta_max = 0;
    double epsilon = 0;  // of the norm
    bool norm_before_gate = false;

    MAMBA_TENSORS(x, in_weight, in_bias, conv_weight, conv_bias, dt_bias, a_log, d, norm_weight, out_weight, out_bias,
                  window, state)
    MAMBA_OPTIONS(groups, delta_min, delta_max, epsilon, norm_before_gate)
};

}  // namespace mamba

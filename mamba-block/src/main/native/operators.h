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

// What every device implements. Symbols as in Gu and Dao 2023, algorithm 2: B rows, L steps, E channels, N states
// per channel, K taps. An undefined tensor is an argument that was not given.
//
// All arguments arrive checked: shapes and devices fit, the last axis is contiguous, other strides are arbitrary
// (a slice of a wider matrix is not copied). Sequences have one storage type: float or double on a CPU; float, half
// or bfloat16 on a GPU. Parameters (delta_bias, a, d, weights), states and their gradients are float, or double with
// double sequences; they are contiguous. On a GPU those of conv_forward, norm_forward and scan_step may all be of the storage
// type instead, and the state after a step is of the type of A_log. The mask is uint8, contiguous, 0 at padding and 1 at tokens.
// So are resets: 1 at the tokens that nothing before them in the direction of time reaches, which are never padding.

#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace mamba {

// The most rows of a product that the kernels for few rows take.
constexpr int64_t most_linear_rows = 8;

struct ScanArgs {
    at::Tensor u;              // (B, L, E)
    at::Tensor delta;          // (B, L, E), before bias and softplus
    at::Tensor delta_bias;     // (E)
    at::Tensor a;              // (E, N), negative
    at::Tensor b;              // (B, L, N)
    at::Tensor c;              // (B, L, N)
    at::Tensor d;              // (E)
    at::Tensor z;              // (B, L, E), the output is multiplied by SiLU(z)
    at::Tensor mask;           // (B, L)
    at::Tensor resets;         // (B, L): the state that comes into these steps is dropped
    at::Tensor initial_state;  // (B, E, N)
    bool reverse = false;      // time runs from the last step to the first
};

struct ScanResult {
    at::Tensor y;            // (B, L, E), contiguous, storage type, 0 at padding
    at::Tensor final_state;  // (B, E, N)
    at::Tensor checkpoints;  // what the backward needs besides the arguments, or undefined
};

// Gradients of the arguments of the same name: of the type of the argument, contiguous; undefined where the argument
// is. 0 at padding.
struct ScanGradients {
    at::Tensor u, delta, delta_bias, a, b, c, d, z, initial_state;
};

// The scan of Mamba-2 (Dao and Gu 2024): one A and one Δ for each of H heads, whose states are P × N for P = E / H
// channels. Head i reads group i * G / H of the G groups of B and C.
//
// dt = clamp(softplus(delta + delta_bias), delta_min, delta_max), 0 at padding; with it, for each head,
// S_t = exp(dt_t A) S_{t-1} + dt_t x_t B_t^T and y_t = S_t C_t + D x_t.
struct DualArgs {
    at::Tensor x;              // (B, L, E)
    at::Tensor delta;          // (B, L, H), before bias and softplus
    at::Tensor delta_bias;     // (H)
    at::Tensor a;              // (H), negative
    at::Tensor b;              // (B, L, G * N)
    at::Tensor c;              // (B, L, G * N)
    at::Tensor d;              // (H), or (E) for one of each channel
    at::Tensor mask;           // (B, L)
    at::Tensor resets;         // (B, L): the state that comes into these steps is dropped
    at::Tensor initial_state;  // (B, H, P, N)
    int64_t groups = 1;        // G, a divisor of H
    double delta_min = 0;
    double delta_max = 0;      // may be infinite
    bool reverse = false;      // time runs from the last step to the first

    int64_t heads() const { return a.size(0); }
    int64_t head_size() const { return x.size(2) / a.size(0); }
    int64_t states() const { return b.size(2) / groups; }
};

struct DualResult {
    at::Tensor y;                   // (B, L, E), contiguous, storage type, 0 at padding
    at::Tensor final_state;         // (B, H, P, N)
    std::vector<at::Tensor> saved;  // what the backward needs besides the arguments
};

// As ScanGradients. The clamp passes gradients on from its ends on inwards, as libtorch's does.
struct DualGradients {
    at::Tensor x, delta, delta_bias, a, b, c, d, initial_state;
};

struct ConvArgs {
    at::Tensor x;       // (B, L, E)
    at::Tensor weight;  // (E, K), the last tap meets the current step
    at::Tensor bias;    // (E)
    at::Tensor window;  // (B, K-1, E), the inputs before the first step, oldest first, of the type of x; contiguous
    at::Tensor mask;    // (B, L): tokens first, then padding
    at::Tensor resets;  // (B, L): what was before these steps counts as zero
    bool silu = false;
};

struct ConvResult {
    at::Tensor y;       // (B, L, E), contiguous; unspecified but finite at padding
    at::Tensor window;  // (B, K-1, E), the last inputs of each row that are not padding, zero before the last reset
};

struct ConvGradients {
    at::Tensor x, weight, bias, window;
};

// One step of a scan whose time step is still to be computed from the selection: Δ before bias and softplus is the
// product of dt_weight and the first R numbers of selected; B and C follow them.
struct StepArgs {
    at::Tensor u;          // (B, 1, E)
    at::Tensor selected;   // (B, 1, R + 2N)
    at::Tensor dt_weight;  // (E, R), contiguous, of the type of u
    at::Tensor dt_bias;    // (E)
    at::Tensor a_log;      // (E, N), A = −exp(A_log)
    at::Tensor d;          // (E)
    at::Tensor z;          // (B, 1, E), given
    at::Tensor state;      // (B, E, N)
};

#define MAMBA_DEVICE_FUNCTIONS                                                                                     \
    /* with_checkpoints: whether a backward may follow */                                                          \
    ScanResult scan_forward(const ScanArgs& args, bool with_checkpoints);                                          \
    /* dy: (B, L, E), last axis contiguous, or undefined; dstate: (B, E, N) contiguous, or undefined */            \
    ScanGradients scan_backward(                                                                                   \
            const ScanArgs& args, const at::Tensor& checkpoints, const at::Tensor& dy, const at::Tensor& dstate);  \
    DualResult dual_forward(const DualArgs& args, bool with_saved);                                                \
    /* dy and dstate as above, dstate (B, H, P, N) */                                                              \
    DualGradients dual_backward(                                                                                   \
            const DualArgs& args, const std::vector<at::Tensor>& saved, const at::Tensor& dy, const at::Tensor& dstate); \
    ConvResult conv_forward(const ConvArgs& args);                                                                 \
    /* dy as above; dwindow: (B, K-1, E) contiguous, or undefined */                                               \
    ConvGradients conv_backward(const ConvArgs& args, const at::Tensor& dy, const at::Tensor& dwindow);            \
    /* x: (rows, d), weight: (d); y = x / sqrt(mean(x^2) + epsilon) * weight */                                    \
    at::Tensor norm_forward(const at::Tensor& x, const at::Tensor& weight, double epsilon);                        \
    /* dx and dweight */                                                                                           \
    std::tuple<at::Tensor, at::Tensor> norm_backward(                                                              \
            const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& dy);

namespace cpu {
MAMBA_DEVICE_FUNCTIONS
}
namespace cuda {
MAMBA_DEVICE_FUNCTIONS
// What a CPU composes of other operators: a GPU would spend more time on launches than on work. Products take at most
// most_linear_rows rows; x (rows, in) and weight (out, in) with contiguous rows, bias (out) of their type.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);
// y, (B, 1, E), and the next state
std::tuple<at::Tensor, at::Tensor> scan_step(const StepArgs& args);
// Why dual_forward and dual_backward cannot take sequences such as x with N states; nothing where they can.
std::optional<std::string> dual_refusal(const at::Tensor& x, int64_t states);
}
#undef MAMBA_DEVICE_FUNCTIONS

}  // namespace mamba

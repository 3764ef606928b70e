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

// What every device implements. Symbols as in args.h. An undefined tensor is an argument that was not given.
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

#include "args.h"

namespace mamba {

// The most rows of a product that the kernels for few rows take.
constexpr int64_t most_linear_rows = 8;

struct SelectiveScanResult {
    at::Tensor y;            // (B, L, E), contiguous, storage type, 0 at padding
    at::Tensor final_state;  // (B, E, N)
    at::Tensor checkpoints;  // what the backward needs besides the arguments, or undefined
};

struct SSDScanResult {
    at::Tensor y;                   // (B, L, E), contiguous, storage type, 0 at padding
    at::Tensor final_state;         // (B, H, P, N)
    std::vector<at::Tensor> saved;  // what the backward needs besides the arguments
};

struct ConvResult {
    at::Tensor y;       // (B, L, E), contiguous; unspecified but finite at padding
    at::Tensor window;  // (B, K-1, E), the last inputs of each row that are not padding, zero before the last reset
};

// Gradients stand in the places of the arguments: of the type of the argument, contiguous; undefined where the argument
// is, and for mask and resets. 0 at padding. That of a clamped time step passes from the ends of the clamp on inwards, as
// libtorch's does.
using SelectiveScanGradients = SelectiveScanArgs;
using SSDScanGradients = SSDScanArgs;
using ConvGradients = ConvArgs;

// One step of a scan whose time step is still to be computed from the selection: Δ before bias and softplus is the
// product of dt_weight and the first R numbers of selected; B and C follow them.
struct ScanStepArgs {
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
    SelectiveScanResult scan_forward(const SelectiveScanArgs& args, bool with_checkpoints);                                          \
    /* dy: (B, L, E), last axis contiguous, or undefined; dstate: (B, E, N) contiguous, or undefined */            \
    SelectiveScanGradients scan_backward(                                                                                   \
            const SelectiveScanArgs& args, const at::Tensor& checkpoints, const at::Tensor& dy, const at::Tensor& dstate);  \
    SSDScanResult ssd_forward(const SSDScanArgs& args, bool with_saved);                                                \
    /* dy and dstate as above, dstate (B, H, P, N) */                                                              \
    SSDScanGradients ssd_backward(                                                                                   \
            const SSDScanArgs& args, const std::vector<at::Tensor>& saved, const at::Tensor& dy, const at::Tensor& dstate); \
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
std::tuple<at::Tensor, at::Tensor> scan_step(const ScanStepArgs& args);
// Why ssd_forward and ssd_backward cannot take sequences such as x with N states; nothing where they can.
std::optional<std::string> ssd_refusal(const at::Tensor& x, int64_t states);
}
#undef MAMBA_DEVICE_FUNCTIONS

}  // namespace mamba

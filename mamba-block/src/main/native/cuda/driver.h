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

// Compiles the kernels for the GPU at hand and launches them. Nothing here needs CUDA's headers or libraries to build:
// the driver and NVRTC are found at run time through libtorch, which brings them.

#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace mamba {
namespace cuda {

enum class Kernel {
    kScanForward,
    kScanSummary,
    kScanAdjoint,
    kScanBackward,
    kConvForward,
    kConvBackward,
    kSSDForward,
    kSSDSummary,
    kSSDAdjoint,
    kSSDBackward,
    kNormForward,
    kNormBackward,
    kSumParts,
    kSumMany,
    kFewRows,
    kScanStep,
};

// What a kernel is compiled for.
struct Variant {
    at::ScalarType storage;
    int size = 1;         // states, taps, columns per thread, rows or lanes
    int lanes = 1;        // threads that share a channel's states; channels of a tile
    bool vector = false;  // whether sequences are read and written four numbers at a time
    bool stored = false;  // whether parameters are of the storage type rather than of that of arithmetic
    bool resets = false;  // whether there are resets
    int steps = 0;        // of a chunk
    bool tf32 = false;    // whether factors of products may be rounded to TF32
};

// Runs on the current stream of the tensor's device, which the caller has made the current device. The parameters are
// one of the structs of params.h.
void launch(
        Kernel kernel,
        const Variant& variant,
        const at::Tensor& on,
        int64_t blocks,
        int threads_x,
        int threads_y,
        int64_t shared_bytes,
        const void* parameters);

int multiprocessors(const at::Tensor& on);

// Shared memory that a block may ask for, in bytes.
int64_t shared_memory(const at::Tensor& on);

// Major and minor number in one: 80 is 8.0.
int compute_capability(const at::Tensor& on);

// The type of arithmetic, states and parameters that goes with sequences of a storage type.
at::ScalarType real_type(at::ScalarType storage);

}  // namespace cuda
}  // namespace mamba

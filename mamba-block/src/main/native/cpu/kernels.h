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

// The kernels on plain memory, one table of them for each instruction set. Steps and strides count elements. A
// sequence is given by its first step in scan order and the stride to the next one, which is negative in a reversed
// scan.

#pragma once

#include <cstdint>

namespace mamba {
namespace cpu {

// Steps between the states that the forward keeps for the backward. At N = 16 they are a quarter of the size of u.
constexpr int64_t chunk_length = 64;

// Channels are handled in groups of one vector each ("lanes"): parameters and states are packed (group, state, lane),
// the last group filled up with zeros.
template <class T>
struct ScanTask {
    int64_t steps = 0;
    int64_t channels = 0;  // from the first group of the task on; a whole number of groups but at the end of E
    int64_t states = 0;

    const T* u = nullptr;
    const T* delta = nullptr;
    const T* z = nullptr;  // or null
    const T* b = nullptr;
    const T* c = nullptr;
    const uint8_t* mask = nullptr;  // or null
    const uint8_t* resets = nullptr;  // or null
    int64_t u_step = 0, delta_step = 0, z_step = 0, b_step = 0, c_step = 0, mask_step = 0, resets_step = 0;

    const T* a = nullptr;           // packed, times log2(e)
    const T* delta_bias = nullptr;  // (channels) or null
    const T* d = nullptr;           // (channels) or null

    T* state = nullptr;        // packed; before the first step, then after the last
    T* y = nullptr;            // null: only the state and delta_sum are wanted
    int64_t y_step = 0;
    T* checkpoints = nullptr;  // (chunk, group of E, state, lane): states before each chunk; or null
    int64_t checkpoint_step = 0;
    T* delta_sum = nullptr;    // (group, lane), added to; or null
};

template <class T>
struct ScanBackwardTask : ScanTask<T> {
    const T* dy = nullptr;  // or null for zero
    int64_t dy_step = 0;

    T* dstate = nullptr;  // packed; of the state after the last step, then of the one before the first
    T* du = nullptr;      // null: only dstate is wanted
    T* ddelta = nullptr;
    T* dz = nullptr;              // or null
    int64_t gradient_step = 0;    // of du, ddelta and dz
    T* db = nullptr;              // (steps, N), this task's share
    T* dc = nullptr;              // (steps, N), this task's share
    int64_t share_step = 0;       // of db and dc
    T* da = nullptr;              // packed, added to
    T* dd = nullptr;              // (group, lane), added to
    T* ddelta_bias = nullptr;     // (group, lane), added to
    T* scratch = nullptr;         // 2 * chunk_length * N * lanes
};

// Steps that the scan of Mamba-2 makes by one product, and between the states that its forward keeps.
constexpr int64_t ssd_chunk = 64;
constexpr int64_t ssd_segment = 128;

// Some heads of one group. States are packed (head, N, row of P numbers, filled up to whole vectors with zeros).
template <class T>
struct SSDTask {
    int64_t steps = 0, heads = 0, head_size = 0, states = 0;

    const T* x = nullptr;
    const T* delta = nullptr;
    const T* b = nullptr;
    const T* c = nullptr;
    const uint8_t* mask = nullptr;    // or null
    const uint8_t* resets = nullptr;  // or null
    int64_t x_step = 0, delta_step = 0, b_step = 0, c_step = 0, mask_step = 0, resets_step = 0;

    const T* a = nullptr;           // (heads)
    const T* delta_bias = nullptr;  // (heads) or null
    const T* d = nullptr;           // (heads), or (heads, P) with d_per_channel, or null
    bool d_per_channel = false;
    T delta_min = 0, delta_max = 0;

    T* state = nullptr;  // packed; before the first step, then after the last
    T* y = nullptr;
    int64_t y_step = 0;
    T* checkpoints = nullptr;  // (segment, packed): states before each segment; or null
    int64_t checkpoint_step = 0;
    T* scratch = nullptr;  // as many numbers as ssd_forward_scratch or ssd_backward_scratch says
};

template <class T>
struct SSDBackwardTask : SSDTask<T> {
    const T* dy = nullptr;
    int64_t dy_step = 0;

    T* dstate = nullptr;  // packed; of the state after the last step, then of the one before the first
    T* dx = nullptr;
    T* ddelta = nullptr;
    int64_t dx_step = 0, ddelta_step = 0;
    T* db = nullptr;  // (steps, N), this task's share
    T* dc = nullptr;  // (steps, N), this task's share
    int64_t share_step = 0;    // of db and dc
    T* da = nullptr;           // (heads), added to
    T* dd = nullptr;           // as d, added to; or null
    T* ddelta_bias = nullptr;  // (heads), added to; or null
};

// A single step of one head of Mamba-2, on states as they lie in memory, (P, N).
template <class T>
struct SSDStep {
    int64_t head_size = 0, states = 0;
    const T *x = nullptr, *b = nullptr, *c = nullptr;
    const T* d = nullptr;  // (P), one number with d_step 0, or null
    int64_t d_step = 0;
    T delta = 0, delta_bias = 0, a = 0, delta_min = 0, delta_max = 0;
    const T* state_before = nullptr;  // or null for zero
    T* state = nullptr;
    T* y = nullptr;
};

// A single step, on parameters and states as they lie in memory, (channels, N).
template <class T>
struct ScanStep {
    int64_t channels = 0, states = 0;
    const T *u = nullptr, *delta = nullptr, *z = nullptr, *b = nullptr, *c = nullptr;  // z: or null
    const T *a = nullptr, *delta_bias = nullptr, *d = nullptr;                         // the last two: or null
    const T* state_before = nullptr;                                                   // or null for zero
    T* state = nullptr;
    T* y = nullptr;
};

template <class T>
struct ConvTask {
    int64_t steps = 0, channels = 0;
    int taps = 0;
    const T* x = nullptr;  // (steps, channels)
    int64_t x_step = 0;
    const T* window = nullptr;  // (taps - 1, channels), or null for zero
    int64_t window_step = 0;
    const T* weight = nullptr;  // (taps, channels)
    int64_t weight_step = 0;
    const T* bias = nullptr;  // or null
    bool silu = false;
    T* y = nullptr;
    int64_t y_step = 0;
};

template <class T>
struct ConvBackwardTask : ConvTask<T> {
    const T* dy = nullptr;
    int64_t dy_step = 0;
    T* dx = nullptr;
    int64_t dx_step = 0;
    T* dwindow = nullptr;  // (taps - 1, channels), or null
    T* dweight = nullptr;  // (taps, channels), added to, strides as of weight
    T* dbias = nullptr;    // added to; or null
    T* scratch = nullptr;  // (steps + taps - 1) * lanes
};

template <class T>
struct NormTask {
    int64_t rows = 0, size = 0;
    const T* x = nullptr;
    int64_t x_step = 0;
    const T* weight = nullptr;
    T epsilon = 0;
    T* y = nullptr;         // (rows, size); null in the backward
    const T* dy = nullptr;  // the backward
    int64_t dy_step = 0;
    T* dx = nullptr;        // (rows, size)
    T* dweight = nullptr;   // (size), added to
};

// RMSNorm in groups of channels, multiplied by SiLU of the gate z before or behind.
template <class T>
struct GatedNormTask {
    int64_t rows = 0, groups = 0, size = 0;  // numbers of a group
    const T* x = nullptr;
    int64_t x_step = 0;
    const T* z = nullptr;
    int64_t z_step = 0;
    const T* weight = nullptr;  // (groups, size)
    T epsilon = 0;
    bool norm_before_gate = false;
    T* y = nullptr;         // (rows, groups, size); null in the backward
    const T* dy = nullptr;  // the backward
    int64_t dy_step = 0;
    T *dx = nullptr, *dz = nullptr;  // (rows, groups, size)
    T* dweight = nullptr;            // (groups, size), added to
};

// y = x W^T + bias for a few rows, some of the outputs.
template <class T>
struct LinearTask {
    int64_t rows = 0, in = 0, out = 0;
    const T* x = nullptr;
    int64_t x_step = 0;
    const T* weight = nullptr;  // (out, in)
    int64_t weight_step = 0;
    const T* bias = nullptr;  // or null
    T* y = nullptr;
    int64_t y_step = 0;
};

// Columns of one panel of the right matrix of a large product, and its rows that are packed at once.
constexpr int64_t panel_columns = 64;
constexpr int64_t panel_depth = 1024;
constexpr int64_t panel_rows = 1024;  // of the left matrix that one task takes at most
constexpr int64_t panel_scratch = (panel_depth + panel_rows) * panel_columns;

// c = a b + bias for at most panel_rows rows and panel_columns columns. Either axis of b may be the contiguous one.
template <class T>
struct PanelTask {
    int64_t rows = 0, inner = 0, columns = 0;
    const T* a = nullptr;
    int64_t a_row = 0, a_inner = 0;  // from row to row and along a row
    const T* b = nullptr;
    int64_t b_inner = 0, b_column = 0;  // from row to row and along a row
    const T* bias = nullptr;            // (columns) or null
    T* c = nullptr;
    int64_t c_row = 0;
    T* scratch = nullptr;  // panel_scratch
};

template <class T>
struct Kernels {
    int64_t lanes;
    void (*scan_forward)(const ScanTask<T>&);
    void (*scan_backward)(const ScanBackwardTask<T>&);
    void (*scan_step)(const ScanStep<T>&);
    void (*ssd_forward)(const SSDTask<T>&);
    void (*ssd_backward)(const SSDBackwardTask<T>&);
    void (*ssd_step)(const SSDStep<T>&);
    int64_t (*ssd_forward_scratch)(int64_t states, int64_t head_size);
    int64_t (*ssd_backward_scratch)(int64_t states, int64_t head_size);
    // from (P, N) to the packed state of a head, and back
    void (*ssd_pack)(const T* from, int64_t states, int64_t head_size, T* to);
    void (*ssd_unpack)(const T* from, int64_t states, int64_t head_size, T* to);
    void (*exp2)(const T* x, T* y, int64_t count);  // count: a multiple of the lanes
    void (*negative_exp)(const T* x, T* y, int64_t count);
    void (*conv_forward)(const ConvTask<T>&);
    void (*conv_backward)(const ConvBackwardTask<T>&);
    void (*norm_forward)(const NormTask<T>&);
    void (*norm_backward)(const NormTask<T>&);
    void (*gated_norm_forward)(const GatedNormTask<T>&);
    void (*gated_norm_backward)(const GatedNormTask<T>&);
    void (*linear)(const LinearTask<T>&);
    void (*multiply_panel)(const PanelTask<T>&);
};

// The kernels for the widest instruction set that this CPU has.
template <class T>
const Kernels<T>& kernels();

// Whether multiply_panel beats the library that libtorch multiplies float matrices with.
bool multiplies_faster();

}  // namespace cpu
}  // namespace mamba

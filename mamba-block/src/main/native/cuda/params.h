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

// What host and device agree on: kernel parameters and the shape of a block. Compiled by the host's compiler and by
// NVRTC, so nothing is included here.

#pragma once

namespace mamba {
namespace cuda {

constexpr int kScanThreads = 128;
constexpr int kConvThreads = 128;
constexpr int kNormThreads = 256;
constexpr int kStepThreads = 128;
constexpr int kSSDThreads = 256;
constexpr int kSSDBackwardThreads = 512;
constexpr int kSumColumns = 32;
constexpr int kSumGroups = 8;
constexpr int kScanRegisterSteps = 8;

// A block of the scan is kScanThreads / lanes channels; `lanes` neighbouring threads share a channel's states.
constexpr int scan_lanes(int states) {
    return states <= 4 ? 1 : states <= 8 ? 2 : states <= 16 ? 4 : states <= 32 ? 8 : states <= 64 ? 16 : 32;
}

constexpr int scan_channels(int lanes) {
    return kScanThreads / lanes;
}

constexpr int scan_states_per_lane(int states, int lanes) {
    return (states + lanes - 1) / lanes;
}

// Steps of a tile of the forward pass.
constexpr int scan_tile(int states, int lanes, int real_bytes) {
    return states > 64 && real_bytes > 4 ? 4 : states > 64 || lanes == 1 || real_bytes > 4 ? 8 : 16;
}

// Steps between two saved states; the backward keeps this many steps of a block's channels in shared memory.
constexpr int scan_segment(int states, int real_bytes) {
    return states <= 4 ? 32 : states <= 32 ? 64 : states <= 128 || real_bytes == 4 ? 32 : 16;
}

// Steps whose states the backward holds in registers.
constexpr int scan_register_steps(int states, int lanes) {
    return scan_states_per_lane(states, lanes) <= 4 ? kScanRegisterSteps : kScanRegisterSteps / 2;
}

// Numbers of a row of a matrix in shared memory: so that the threads of a warp that read what a matrix instruction needs,
// along rows in pairs or along columns, hit different banks.
constexpr int ssd_pitch(int width) {
    return width + 8;
}

// What is known of the steps of a chunk: see Steps in ssd.cuh.
constexpr int ssd_steps_reals(int steps) {
    return 8 * steps + 4;
}

// Sums in groups that a warp makes: see Sums in ssd_backward.cu.
constexpr int ssd_sums_reals(int steps) {
    return kSSDBackwardThreads / 32 * (5 * 16 + 1) + 2 * (steps * steps / 16);
}

// Shared memory of the kernels in numbers: chunks of `steps`, a tile of `head` channels, `states` states.
constexpr int ssd_forward_reals(int steps, int head, int states) {
    return (2 * steps + head) * ssd_pitch(states) + steps * (ssd_pitch(head) + ssd_pitch(steps))
           + ssd_steps_reals(steps);
}

constexpr int ssd_summary_reals(int steps, int head, int states) {
    return steps * (ssd_pitch(states) + ssd_pitch(head)) + ssd_steps_reals(steps);
}

constexpr int ssd_backward_reals(int steps, int head, int states) {
    return 2 * (steps + head) * ssd_pitch(states) + 2 * steps * (ssd_pitch(head) + ssd_pitch(steps))
           + 2 * ssd_steps_reals(steps) + ssd_sums_reals(steps);
}

// Blocks that are to run on a multiprocessor at once.
constexpr int ssd_resident(int reals) {
    return reals <= 28000 ? 2 : 1;
}

constexpr int scan_power_of_two(int value) {
    int power = 1;
    while (power < value) {
        power *= 2;
    }
    return power;
}

// Values of one step in a warp's row of sums for the gradients of B and C.
constexpr int scan_sum_row(int states, int lanes) {
    return 2 * lanes * scan_power_of_two(scan_states_per_lane(states, lanes));
}

constexpr int scan_backward_reals(int states, int lanes, int real_bytes) {
    const int segment = scan_segment(states, real_bytes);
    const int per_lane = scan_states_per_lane(states, lanes);
    const int steps = scan_register_steps(states, lanes);
    return 2 * segment * lanes * per_lane                                               // B, C
           + 3 * segment * scan_channels(lanes)                                         // step, input, output gradient
           + segment / steps * kScanThreads * per_lane                                  // states
           + 2 * (kScanThreads / 32) * steps * scan_sum_row(states, lanes);             // sums for B and C
}

// A (batch, steps, any) tensor whose last axis is contiguous. Strides count elements; in reverse time the step is
// negative and data points at the last step.
struct View {
    void* data;
    long long batch;
    long long step;
};

struct ScanParams {
    View u, delta, z, b, c, dy, mask;
    View y, du, ddelta, dz;
    const void *a, *d, *delta_bias, *initial_state, *dstate;
    void *final_state, *dinitial_state;
    void* checkpoints;         // (batch, segments, channels, states): the state before each segment
    void* summaries;           // (batch, chunks, channels, states): the state after a chunk that starts from 0
    void* elapsed;             // (batch, chunks, channels): the sum of the steps of a chunk; -1 if it has a reset
    void* adjoints;            // as summaries, for the backward's recurrence, which runs from the last chunk
    void* partial_a;           // (batch, chunks, channels, states)
    void* partial_d;           // (batch, chunks, 2, channels): of D, of the bias
    View partial_bc;           // (channel blocks, 2, batch, length, states): of B, of C
    long long partial_half;    // batch * length * states
    int batch, length, channels;
    int channel_blocks, chunks, chunk_length, segments;
    View resets;               // read by kernels for resets only
};

struct ConvParams {
    View x, y, dy, dx, mask;
    const void *weight, *bias, *window, *dwindow_out;
    void *window_out, *dwindow;
    void* partial;  // (batch, chunks, channels * (taps + 1)): of the weight, then of the bias
    int length, channels, channel_blocks, chunks, chunk_length;
    int silu;
    View resets;    // read by kernels for resets only
};

struct NormParams {
    const void *x, *weight, *dy;
    void *y, *dx;
    void* partial;  // (blocks, width)
    long long x_row, dy_row, rows;
    int width;
    double epsilon;
};

// y = x W^T + bias: x (rows, in), weight (out, in), y (rows, out) contiguous.
struct LinearParams {
    const void *x, *weight, *bias;
    void* y;
    long long x_row, weight_row;
    int in, out;
};

// One step of a scan: see ScanStepArgs.
struct StepParams {
    const void *u, *selected, *dt_weight, *dt_bias, *a_log, *d, *z, *state;
    void *y, *next_state;
    long long u_row, selected_row, z_row;
    int batch, channels, states, rank;
};

// The SSD scan. Sums are parts of one chunk of time, one head and a tile of the head's channels each.
struct SSDParams {
    View x, b, c, delta, mask, resets, dy;
    View y, dx;
    const void *a, *d, *delta_bias, *initial_state, *dstate;
    void *final_state, *dinitial_state;
    void* starts;              // (batch, saved, heads, head size, states): the state before each save_every steps
    void* summaries;           // (batch, segments, heads, head size, states): see ssd_summary and ssd_adjoint
    void* decays;              // (batch, segments, heads): what remains of a state after a segment
    View partial_b, partial_c; // of one part of (group heads * tiles, 2, batch, length, groups * states)
    View partial_delta;        // of one part of (tiles, batch, length, heads)
    long long bc_part, delta_part;
    void* partial_a;           // (batch, segments, tiles, 2, heads): of A, of the bias
    void* partial_d;           // (batch, segments, heads * head size)
    int length, heads, head_size, states, group_heads, tiles;
    int segments, segment_length, saved, save_every;
    float delta_min, delta_max;
    int skip_per_channel;
};

// out[i] = the sum of in[p][i] over p, in a fixed order.
struct SumParams {
    const void* in;
    void* out;
    long long count;
    int parts;
};

}  // namespace cuda
}  // namespace mamba

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

// What the scan's kernels share. SIZE is the number of states per channel, LANE_COUNT the threads that share them;
// VECTOR tells that the rows of all sequences begin at multiples of 16 bytes and hold multiples of 4 numbers; RESETS,
// that states may be dropped.

#pragma once

#include "common.cuh"

constexpr int kStates = SIZE;
constexpr int kThreads = kScanThreads;
constexpr int kLanes = LANE_COUNT;
constexpr int kChannels = scan_channels(kLanes);
constexpr int kPerLane = scan_states_per_lane(kStates, kLanes);
constexpr int kPadded = kLanes * kPerLane;
constexpr bool kAligned = VECTOR;
constexpr bool kResets = RESETS;
constexpr int kSegment = scan_segment(kStates, sizeof(real));

// Steps whose sums over a channel's lanes are made together.
constexpr int kGroup = 4;
constexpr int kGroupOut = kGroup / kLanes > 1 ? kGroup / kLanes : 1;

struct alignas(2 * sizeof(real)) Step {
    real delta;
    real input;
};

// A thread's place in its block and its channel.
template <int COLUMNS>
struct Place {
    int block, chunk, batch;
    int lane;           // which of the channel's lanes
    int local;          // channel within the block
    int channel;        // channel of the tensor
    bool valid;
    // For loads and stores neighbouring threads take neighbouring channels, COLUMNS each. Beyond the last channel they
    // load the last.
    int column;         // channel within the block
    int row;
    int column_channel;
    bool column_valid;
    bool all_valid;     // the whole block

    __device__ __forceinline__ explicit Place(const ScanParams& p) {
        block = blockIdx.x % p.channel_blocks;
        const int rest = blockIdx.x / p.channel_blocks;
        chunk = rest % p.chunks;
        batch = rest / p.chunks;
        lane = threadIdx.x % kLanes;
        local = threadIdx.x / kLanes;
        channel = block * kChannels + local;
        valid = channel < p.channels;
        column = threadIdx.x % (kChannels / COLUMNS) * COLUMNS;
        row = threadIdx.x / (kChannels / COLUMNS);
        column_valid = block * kChannels + column < p.channels;
        all_valid = (block + 1) * kChannels <= p.channels;
        column_channel = min(block * kChannels + column, p.channels - COLUMNS);
    }

    // Where (chunk, channel) lies in a (batch, chunks, channels) tensor.
    __device__ __forceinline__ long long in_chunks(const ScanParams& p, int of_chunk) const {
        return (static_cast<long long>(batch) * p.chunks + of_chunk) * p.channels + channel;
    }
};

__device__ __forceinline__ void load_states(const void* from, long long channel, int lane, bool valid, real* states) {
    const real* source = static_cast<const real*>(from) + channel * kStates + lane * kPerLane;
#pragma unroll
    for (int k = 0; k < kPerLane; ++k) {
        states[k] = valid && from && lane * kPerLane + k < kStates ? source[k] : real(0);
    }
}

__device__ __forceinline__ void store_states(void* to, long long channel, int lane, bool valid, const real* states) {
    real* target = static_cast<real*>(to) + channel * kStates + lane * kPerLane;
#pragma unroll
    for (int k = 0; k < kPerLane; ++k) {
        if (valid && lane * kPerLane + k < kStates) {
            target[k] = states[k];
        }
    }
}

// The channels that a thread loads at once, of so many values in all.
constexpr int columns_at_once(int values) {
    return !kAligned || values < 2 ? 1 : values < 4 ? 2 : 4;
}

__device__ __forceinline__ void load_parameters(const void* from, int channel, int count, real* values) {
    for (int i = 0; i < count; ++i) {
        values[i] = from ? static_cast<const real*>(from)[channel + i] : real(0);
    }
}

// Which of `count` steps from `first` on are tokens: bit i is step first + i, or first - i backward.
template <int COUNT>
__device__ __forceinline__ unsigned token_bits(
        const Rows<const unsigned char>& mask, bool masked, int first, int end) {
    static_assert(COUNT <= 32, "one bit per lane of a warp");
    const int remaining = end - first;
    if (remaining <= 0) {
        return 0;
    }
    if (!masked) {
        return remaining >= 32 ? 0xffffffffu >> (32 - COUNT) : (1u << (remaining < COUNT ? remaining : COUNT)) - 1;
    }
    const int lane = threadIdx.x % 32;
    return __ballot_sync(0xffffffffu, lane < COUNT && lane < remaining && mask[first + lane] != 0);
}

// Which of them drop the state that comes in; none is beyond the tokens.
template <int COUNT>
__device__ __forceinline__ unsigned reset_bits(const Rows<const unsigned char>& resets, int first, int end) {
    return kResets ? token_bits<COUNT>(resets, true, first, end) : 0;
}

// The sum of a chunk's steps decays whatever enters it: the states before this chunk, or the adjoints after it. A reset
// in the chunk lets nothing through.
template <typename Place>
__device__ __forceinline__ void pass_chunk(
        const ScanParams& p, const Place& place, const void* summaries, int chunk, const real* a, real* states) {
    const long long at = place.in_chunks(p, chunk);
    real local[kPerLane];
    load_states(summaries, at, place.lane, place.valid, local);
    const real elapsed = place.valid ? static_cast<const real*>(p.elapsed)[at] : real(0);
#pragma unroll
    for (int k = 0; k < kPerLane; ++k) {
        if (kResets && elapsed < 0) {
            states[k] = local[k];
        } else {
            states[k] = exp2_of(elapsed * a[k]) * states[k] + local[k];
        }
    }
}

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

// The selective scan forward. A block walks over its chunk of time in tiles. Softplus, gate and conversions are done
// once per step and channel, by threads laid out for coalesced access; then the threads of a channel share its states.
// The next tile's loads are in flight during the arithmetic of the current one.
//
// Where the channels alone do not fill the card, time is split: scan_summary finds what a chunk makes of a zero state,
// and scan_forward first applies the chunks before its own to the initial state.

#include "scan.cuh"

constexpr int kTile = scan_tile(kStates, kLanes);
constexpr int kPerThread = (kTile * kChannels + kThreads - 1) / kThreads;
constexpr int kRowsApart = kThreads / kChannels;
constexpr int kBcPerThread = (kTile * kStates + kThreads - 1) / kThreads;
// Threads of a warp that write the sums of different steps hit different banks.
constexpr int kSumPitch = kChannels + (kLanes > 1 ? 32 / kLanes : 0);

static_assert(kSegment % kTile == 0, "states are saved between tiles");

enum Mode { kFull, kSummary, kAdjoint };

struct Tile {
    Storage delta[kPerThread], u[kPerThread], z[kPerThread], b[kBcPerThread], c[kBcPerThread];
};

template <Mode MODE>
__device__ __forceinline__ void scan_chunk(const ScanParams& p) {
    __shared__ Step s_step[kTile * kChannels];
    __shared__ alignas(16) real s_b[kTile * kPadded];
    __shared__ alignas(16) real s_c[MODE == kFull ? kTile * kPadded : 1];
    __shared__ real s_sum[MODE == kFull ? kTile * kSumPitch : 1];

    const Place place(p);
    const int begin = place.chunk * p.chunk_length;
    const int steps = min(p.chunk_length, p.length - begin);
    const int direction = MODE == kAdjoint ? -1 : 1;
    const int first = MODE == kAdjoint ? begin + steps - 1 : begin;
    const int column = place.block * kChannels + place.column;
    // The adjoint's recurrence takes C and the gradient of y where the forward takes B and u.
    const Rows<const Storage> delta(p.delta, place.batch, first, direction, column);
    const Rows<const Storage> u(MODE == kAdjoint ? p.dy : p.u, place.batch, first, direction, column);
    const Rows<const Storage> z(p.z, place.batch, first, direction, column);
    const Rows<const Storage> b(MODE == kAdjoint ? p.c : p.b, place.batch, first, direction, 0);
    const Rows<const Storage> c(p.c, place.batch, first, direction, 0);
    const Rows<const unsigned char> mask(p.mask, place.batch, first, direction, 0);
    const Rows<Storage> y(p.y, place.batch, first, direction, column);

    const real bias = place.column_valid && p.delta_bias ? static_cast<const real*>(p.delta_bias)[column] : real(0);
    const real d = place.column_valid && p.d ? static_cast<const real*>(p.d)[column] : real(0);
    const bool gated = MODE != kSummary && z.data;

    const auto load = [&](Tile& tile, int start, unsigned bits) {
#pragma unroll
        for (int i = 0; i < kPerThread; ++i) {
            const int t = place.row + i * kRowsApart;
            if (place.column_valid && t < kTile && (bits >> t & 1)) {
                tile.delta[i] = delta[start + t];
                tile.u[i] = u[start + t];
                if (gated) {
                    tile.z[i] = z[start + t];
                }
            }
        }
#pragma unroll
        for (int i = 0; i < kBcPerThread; ++i) {
            const int t = (i * kThreads + threadIdx.x) / kStates;
            const int n = (i * kThreads + threadIdx.x) % kStates;
            if (t < kTile && (bits >> t & 1)) {
                tile.b[i] = (&b[start + t])[n];
                if (MODE == kFull) {
                    tile.c[i] = (&c[start + t])[n];
                }
            }
        }
    };

    // Steps that are no tokens get a step of 0 and no input, which leaves the states as they are.
    const auto publish = [&](const Tile& tile, unsigned bits) {
#pragma unroll
        for (int i = 0; i < kPerThread; ++i) {
            const int t = place.row + i * kRowsApart;
            if (t < kTile) {
                Step step = {0, 0};
                if (place.column_valid && (bits >> t & 1)) {
                    step.delta = softplus(to_real(tile.delta[i]) + bias);
                    step.input = to_real(tile.u[i]);
                    if (MODE != kAdjoint) {
                        step.input *= step.delta;
                    } else if (gated) {
                        const real gate = to_real(tile.z[i]);
                        step.input *= gate * sigmoid(gate);
                    }
                }
                s_step[t * kChannels + place.column] = step;
            }
        }
#pragma unroll
        for (int i = 0; i < kBcPerThread; ++i) {
            const int t = (i * kThreads + threadIdx.x) / kStates;
            const int n = (i * kThreads + threadIdx.x) % kStates;
            if (t < kTile) {
                const bool token = bits >> t & 1;
                s_b[t * kPadded + n] = token ? to_real(tile.b[i]) : real(0);
                if (MODE == kFull) {
                    s_c[t * kPadded + n] = token ? to_real(tile.c[i]) : real(0);
                }
            }
        }
    };

    // Lanes beyond the last state meet zeros.
    for (int i = threadIdx.x; i < kTile * kPadded; i += kThreads) {
        if (i % kPadded >= kStates) {
            s_b[i] = 0;
            if (MODE == kFull) {
                s_c[i] = 0;
            }
        }
    }

    unsigned bits = token_bits<kTile>(mask, 0, steps);
    unsigned next_bits = token_bits<kTile>(mask, kTile, steps);
    Tile tile;
    load(tile, 0, bits);

    real a[kPerLane], state[kPerLane];
    load_states(p.a, place.channel, place.lane, place.valid, a);
#pragma unroll
    for (int k = 0; k < kPerLane; ++k) {
        a[k] *= kLog2E;
        state[k] = 0;
    }
    if (MODE == kFull) {
        const long long channel = static_cast<long long>(place.batch) * p.channels + place.channel;
        load_states(p.initial_state, channel, place.lane, place.valid, state);
#pragma unroll 4
        for (int chunk = 0; chunk < place.chunk; ++chunk) {
            pass_chunk(p, place, p.summaries, chunk, a, state);
        }
    }
    real elapsed = 0;

#pragma unroll 1
    for (int start = 0; start < steps; start += kTile) {
        if (MODE == kFull && p.checkpoints && start % kSegment == 0) {
            const long long at = static_cast<long long>(place.batch) * p.segments + (begin + start) / kSegment;
            store_states(p.checkpoints, at * p.channels + place.channel, place.lane, place.valid, state);
        }
        publish(tile, bits);
        Storage current_u[kPerThread], current_z[kPerThread];
#pragma unroll
        for (int i = 0; i < kPerThread; ++i) {
            current_u[i] = tile.u[i];
            current_z[i] = tile.z[i];
        }
        __syncthreads();
        load(tile, start + kTile, next_bits);
        const unsigned after_next_bits = token_bits<kTile>(mask, start + 2 * kTile, steps);

        const int groups = bits ? (32 - __clz(bits) + kGroup - 1) / kGroup : 0;
#pragma unroll 1
        for (int group = 0; group < groups; ++group) {
            real sum[kGroup];
#pragma unroll
            for (int i = 0; i < kGroup; ++i) {
                const int t = group * kGroup + i;
                const Step step = s_step[t * kChannels + place.local];
                const Pack<kPerLane> pack_b = *reinterpret_cast<const Pack<kPerLane>*>(
                        s_b + t * kPadded + place.lane * kPerLane);
                elapsed += step.delta;
                sum[i] = 0;
#pragma unroll
                for (int k = 0; k < kPerLane; ++k) {
                    const real decay = exp2_of(step.delta * a[k]);
                    if (MODE == kAdjoint) {
                        state[k] = decay * (state[k] + step.input * pack_b.value[k]);
                    } else {
                        state[k] = decay * state[k] + step.input * pack_b.value[k];
                    }
                }
                if (MODE == kFull) {
                    const Pack<kPerLane> pack_c = *reinterpret_cast<const Pack<kPerLane>*>(
                            s_c + t * kPadded + place.lane * kPerLane);
#pragma unroll
                    for (int k = 0; k < kPerLane; ++k) {
                        sum[i] += state[k] * pack_c.value[k];
                    }
                }
            }
            if (MODE == kFull) {
                Reduce<kGroup, kLanes, 1>::run(sum, place.lane);
                const int t = group * kGroup + reduced_index<kGroup, kLanes>(place.lane);
                if (reduced_owner<kGroup, kLanes>(place.lane)) {
#pragma unroll
                    for (int i = 0; i < kGroupOut; ++i) {
                        s_sum[(t + i) * kSumPitch + place.local] = sum[i];
                    }
                }
            }
        }
        __syncthreads();
        if (MODE == kFull && place.column_valid) {
#pragma unroll
            for (int i = 0; i < kPerThread; ++i) {
                const int t = place.row + i * kRowsApart;
                if (t < kTile && start + t < steps) {
                    real out = 0;
                    if (bits >> t & 1) {
                        out = s_sum[t * kSumPitch + place.column] + d * to_real(current_u[i]);
                        if (gated) {
                            const real gate = to_real(current_z[i]);
                            out *= gate * sigmoid(gate);
                        }
                    }
                    y[start + t] = to_storage(out);
                }
            }
        }
        bits = next_bits;
        next_bits = after_next_bits;
    }

    if (MODE == kFull) {
        if (place.chunk == p.chunks - 1) {
            const long long channel = static_cast<long long>(place.batch) * p.channels + place.channel;
            store_states(p.final_state, channel, place.lane, place.valid, state);
        }
    } else {
        const long long at = place.in_chunks(p, place.chunk);
        store_states(MODE == kAdjoint ? p.adjoints : p.summaries, at, place.lane, place.valid, state);
        if (place.valid && place.lane == 0) {
            static_cast<real*>(p.elapsed)[at] = elapsed;
        }
    }
}

extern "C" __global__ void __launch_bounds__(kThreads) scan_forward(const __grid_constant__ ScanParams p) {
    scan_chunk<kFull>(p);
}

extern "C" __global__ void __launch_bounds__(kThreads) scan_summary(const __grid_constant__ ScanParams p) {
    scan_chunk<kSummary>(p);
}

extern "C" __global__ void __launch_bounds__(kThreads) scan_adjoint(const __grid_constant__ ScanParams p) {
    scan_chunk<kAdjoint>(p);
}

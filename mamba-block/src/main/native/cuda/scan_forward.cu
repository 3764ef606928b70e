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
constexpr int kResident = sizeof(real) == 4 && kStates <= 64 ? 4 : 1;
constexpr int kPerThread = (kTile * kChannels + kThreads - 1) / kThreads;
constexpr int kRowsApart = kThreads / kChannels;
constexpr int kBcPerThread = (kTile * kStates + kThreads - 1) / kThreads;
// Threads of a warp that write the sums of different steps hit different banks.
constexpr int kSumPitch = kChannels + (kLanes > 1 ? 32 / kLanes : 0);

constexpr unsigned kAllBits = ~0u >> (32 - kTile);
// Whether the values of a tile are the same number for every thread.
constexpr bool kEven = kTile * kChannels % kThreads == 0;
constexpr bool kBcEven = kTile * kStates % kThreads == 0;

static_assert(kSegment % kTile == 0, "states are saved between tiles");

// The step and the state of the i-th value of B and C that a thread loads, and where it lies from the thread's column.
__device__ __forceinline__ int bc_step(int i) {
    return (i * kThreads + threadIdx.x) / kStates;
}

__device__ __forceinline__ int bc_state(int i) {
    return kThreads % kStates == 0 ? threadIdx.x % kStates : (i * kThreads + threadIdx.x) % kStates;
}

__device__ __forceinline__ int bc_offset(int i) {
    return kThreads % kStates == 0 ? 0 : bc_state(i);
}

enum Mode { kFull, kSummary, kAdjoint };

struct Tile {
    Storage delta[kPerThread], u[kPerThread], z[kPerThread], b[kBcPerThread], c[kBcPerThread];
};

template <Mode MODE>
__device__ __forceinline__ void scan_chunk(const ScanParams& p) {
    // Two of each, so that one barrier per tile is enough.
    __shared__ Step s_step[2][kTile * kChannels];
    __shared__ alignas(16) real s_b[2][kTile * kPadded];
    __shared__ alignas(16) real s_c[2][MODE == kFull ? kTile * kPadded : 1];
    __shared__ real s_sum[2][MODE == kFull ? kTile * kSumPitch : 1];

    const Place place(p);
    const int begin = place.chunk * p.chunk_length;
    const int steps = min(p.chunk_length, p.length - begin);
    const int direction = MODE == kAdjoint ? -1 : 1;
    const int first = MODE == kAdjoint ? begin + steps - 1 : begin;
    const int column = place.column_channel;
    // The adjoint's recurrence takes C and the gradient of y where the forward takes B and u.
    const Rows<const Storage> delta(p.delta, place.batch, first, direction, column);
    const Rows<const Storage> u(MODE == kAdjoint ? either(p.dy, p.u) : p.u, place.batch, first, direction, column);
    const Rows<const Storage> z(either(p.z, p.u), place.batch, first, direction, column);
    const int bc_column = kThreads % kStates == 0 ? threadIdx.x % kStates : 0;
    const Rows<const Storage> b(MODE == kAdjoint ? p.c : p.b, place.batch, first, direction, bc_column);
    const Rows<const Storage> c(p.c, place.batch, first, direction, bc_column);
    const Rows<const unsigned char> mask(p.mask, place.batch, first, direction, 0);
    const Rows<Storage> y(p.y, place.batch, first, direction, column);

    const real bias = p.delta_bias ? static_cast<const real*>(p.delta_bias)[column] : real(0);
    const real d = p.d ? static_cast<const real*>(p.d)[column] : real(0);
    const bool gated = MODE != kSummary && p.z.data;
    const bool masked = p.mask.data;
    const bool has_input = MODE != kAdjoint || p.dy.data;

    const auto load = [&](Tile& tile, int start) {
#pragma unroll
        for (int i = 0; i < kPerThread; ++i) {
            const int t = min(start + place.row + i * kRowsApart, steps - 1);
            tile.delta[i] = delta[t];
            tile.u[i] = u[t];
            if (MODE != kSummary) {
                tile.z[i] = z[t];
            }
        }
#pragma unroll
        for (int i = 0; i < kBcPerThread; ++i) {
            const int t = min(start + bc_step(i), steps - 1);
            tile.b[i] = (&b[t])[bc_offset(i)];
            if (MODE == kFull) {
                tile.c[i] = (&c[t])[bc_offset(i)];
            }
        }
    };

    // Steps that are no tokens get a step of 0 and no input, which leaves the states as they are.
    const auto publish_as = [&](auto whole, const Tile& tile, unsigned bits, int half) {
#pragma unroll
        for (int i = 0; i < kPerThread; ++i) {
            const int t = place.row + i * kRowsApart;
            Step step;
            step.delta = softplus(to_real(tile.delta[i]) + bias);
            step.input = to_real(tile.u[i]);
            if (MODE != kAdjoint) {
                step.input *= step.delta;
            } else {
                const real gate = to_real(tile.z[i]);
                step.input *= gated ? gate * sigmoid(gate) : real(1);
                step.input = has_input ? step.input : real(0);
            }
            if (!whole.value) {
                const bool token = bits >> t & 1;
                step.delta = token ? step.delta : real(0);
                step.input = token ? step.input : real(0);
            }
            if (kEven || t < kTile) {
                s_step[half][t * kChannels + place.column] = step;
            }
        }
#pragma unroll
        for (int i = 0; i < kBcPerThread; ++i) {
            const int t = bc_step(i);
            const bool token = whole.value || (bits >> t & 1);
            if (kBcEven || t < kTile) {
                s_b[half][t * kPadded + bc_state(i)] = token ? to_real(tile.b[i]) : real(0);
                if (MODE == kFull) {
                    s_c[half][t * kPadded + bc_state(i)] = token ? to_real(tile.c[i]) : real(0);
                }
            }
        }
    };
    const auto publish = [&](const Tile& tile, unsigned bits, int half) {
        if (bits == kAllBits) {
            publish_as(Flag<true>(), tile, bits, half);
        } else if (bits) {
            publish_as(Flag<false>(), tile, bits, half);
        }
    };

    // Of the tile before the current one.
    Storage done_u[kPerThread], done_z[kPerThread];
    const auto write_as = [&](auto whole, int start, unsigned bits, int half) {
#pragma unroll
        for (int i = 0; i < kPerThread; ++i) {
            const int t = place.row + i * kRowsApart;
            const real gate = to_real(done_z[i]);
            real out = s_sum[half][kEven || t < kTile ? t * kSumPitch + place.column : 0];
            out += d * to_real(done_u[i]);
            out *= gated ? gate * sigmoid(gate) : real(1);
            if (whole.value) {
                y[start + t] = to_storage(out);
            } else if (place.column_valid && start + t < steps && (kEven || t < kTile)) {
                y[start + t] = to_storage(bits >> t & 1 ? out : real(0));
            }
        }
    };
    const auto write = [&](int start, unsigned bits, int half) {
        if (kEven && bits == kAllBits && place.all_valid) {
            write_as(Flag<true>(), start, bits, half);
        } else {
            write_as(Flag<false>(), start, bits, half);
        }
    };

    // Lanes beyond the last state meet zeros.
    for (int i = threadIdx.x; i < kTile * kPadded; i += kThreads) {
        if (i % kPadded >= kStates) {
            s_b[0][i] = 0;
            s_b[1][i] = 0;
            if (MODE == kFull) {
                s_c[0][i] = 0;
                s_c[1][i] = 0;
            }
        }
    }

    unsigned bits = token_bits<kTile>(mask, masked, 0, steps);
    unsigned next_bits = token_bits<kTile>(mask, masked, kTile, steps);
    Tile tile;
    load(tile, 0);

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
    publish(tile, bits, 0);
    unsigned done_bits = 0;
    int half = 0;

#pragma unroll 1
    for (int start = 0; start < steps; start += kTile) {
        if (MODE == kFull && p.checkpoints && start % kSegment == 0) {
            const long long at = static_cast<long long>(place.batch) * p.segments + (begin + start) / kSegment;
            store_states(p.checkpoints, at * p.channels + place.channel, place.lane, place.valid, state);
        }
        __syncthreads();
        if (MODE == kFull) {
            if (start > 0) {
                write(start - kTile, done_bits, half ^ 1);
            }
            done_bits = bits;
#pragma unroll
            for (int i = 0; i < kPerThread; ++i) {
                done_u[i] = tile.u[i];
                done_z[i] = tile.z[i];
            }
        }
        if (next_bits) {
            load(tile, start + kTile);
        }
        const unsigned after_next_bits = token_bits<kTile>(mask, masked, start + 2 * kTile, steps);

        const auto take_group = [&](int group) {
            real sum[kGroup];
#pragma unroll
            for (int i = 0; i < kGroup; ++i) {
                const int t = group * kGroup + i;
                const Step step = s_step[half][t * kChannels + place.local];
                const Pack<kPerLane> pack_b = *reinterpret_cast<const Pack<kPerLane>*>(
                        s_b[half] + t * kPadded + place.lane * kPerLane);
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
                            s_c[half] + t * kPadded + place.lane * kPerLane);
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
                        s_sum[half][(t + i) * kSumPitch + place.local] = sum[i];
                    }
                }
            }
        };
        // Few steps are the rule in decoding, whole tiles elsewhere.
        if (bits >> kGroup) {
#pragma unroll
            for (int group = 0; group < kTile / kGroup; ++group) {
                take_group(group);
            }
        } else if (bits) {
            take_group(0);
        }
        half ^= 1;
        publish(tile, next_bits, half);
        bits = next_bits;
        next_bits = after_next_bits;
    }

    if (MODE == kFull) {
        __syncthreads();
        write((steps - 1) / kTile * kTile, done_bits, half ^ 1);
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

extern "C" __global__ void __launch_bounds__(kThreads, kResident) scan_forward(const __grid_constant__ ScanParams p) {
    scan_chunk<kFull>(p);
}

extern "C" __global__ void __launch_bounds__(kThreads) scan_summary(const __grid_constant__ ScanParams p) {
    scan_chunk<kSummary>(p);
}

extern "C" __global__ void __launch_bounds__(kThreads) scan_adjoint(const __grid_constant__ ScanParams p) {
    scan_chunk<kAdjoint>(p);
}

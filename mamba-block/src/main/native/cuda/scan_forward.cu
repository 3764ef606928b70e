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

constexpr int kTile = scan_tile(kStates, kLanes, sizeof(real));
constexpr int kResident = sizeof(real) == 4 && kStates <= 64 ? 4 : 1;
constexpr unsigned kAllBits = ~0u >> (32 - kTile);

// The values of a tile that a thread loads: kGroups rows of kColumns channels.
constexpr int kPerThread = (kTile * kChannels + kThreads - 1) / kThreads;
constexpr int kColumns = columns_at_once(kPerThread);
constexpr int kGroups = kPerThread / kColumns;
constexpr int kRowsApart = kThreads * kColumns / kChannels;
// Whether that is the same number for every thread.
constexpr bool kEven = kTile * kChannels % kThreads == 0;

// The same for B and C, which follow each other in shared memory: first all threads' pieces of B, then of C.
constexpr int kBcColumns = kAligned && kStates % 4 == 0 ? 4 : 1;
constexpr int kBcPieces = kTile * kStates / kBcColumns;
constexpr int kBcGroups = (2 * kBcPieces + kThreads - 1) / kThreads;

// Threads of a warp that write the sums of different steps hit different banks.
constexpr int kSumPitch = kChannels + (kLanes > 1 ? 32 / kLanes : 0);

static_assert(kSegment % kTile == 0, "states are saved between tiles");

enum Mode { kFull, kSummary, kAdjoint };

using Columns = Stored<kColumns>;
using BcColumns = Stored<kBcColumns>;

struct Tile {
    Columns delta[kGroups], u[kGroups], z[kGroups];
    BcColumns bc[kBcGroups];
};

template <Mode MODE>
__device__ __forceinline__ void scan_chunk(const ScanParams& p) {
    __shared__ alignas(16) Step s_step[kTile * kChannels];
    __shared__ alignas(16) real s_bc[2 * kTile * kPadded];
    __shared__ alignas(16) real s_sum[MODE == kFull ? kTile * kSumPitch : 1];
    const real* const s_b = s_bc;
    const real* const s_c = s_bc + kTile * kPadded;

    const Place<kColumns> place(p);
    const int begin = place.chunk * p.chunk_length;
    const int steps = min(p.chunk_length, p.length - begin);
    const int direction = MODE == kAdjoint ? -1 : 1;
    const int first = MODE == kAdjoint ? begin + steps - 1 : begin;
    const int column = place.column_channel;
    // The adjoint's recurrence takes C and the gradient of y where the forward takes B and u.
    using Input = Rows<const Columns, Storage>;
    const Input delta(p.delta, place.batch, first, direction, column);
    const Input u(MODE == kAdjoint ? either(p.dy, p.u) : p.u, place.batch, first, direction, column);
    const Input z(either(p.z, p.u), place.batch, first, direction, column);
    const Rows<const Storage> b(MODE == kAdjoint ? p.c : p.b, place.batch, first, direction, 0);
    const Rows<const Storage> c(p.c, place.batch, first, direction, 0);
    const Rows<const unsigned char> mask(p.mask, place.batch, first, direction, 0);
    const Rows<const unsigned char> resets(p.resets, place.batch, first, direction, 0);
    const Rows<Columns, Storage> y(p.y, place.batch, first, direction, column);

    real bias[kColumns], d[kColumns];
    load_parameters(p.delta_bias, column, kColumns, bias);
    load_parameters(p.d, column, kColumns, d);
    const bool gated = MODE != kSummary && p.z.data;
    const bool masked = p.mask.data;
    const bool has_input = MODE != kAdjoint || p.dy.data;

    // Of B and C, the i-th piece of this thread: whether there is one, and where it lies in a tile.
    struct Piece {
        bool exists, of_c;
        int t, n;

        __device__ __forceinline__ explicit Piece(int i) {
            const int index = i * kThreads + threadIdx.x;
            of_c = index >= kBcPieces;
            const int within = (of_c ? index - kBcPieces : index) * kBcColumns;
            t = within / kStates;
            n = within % kStates;
            exists = index < (MODE == kFull ? 2 : 1) * kBcPieces;
        }
    };

    const auto load = [&](Tile& tile, int start) {
#pragma unroll
        for (int i = 0; i < kGroups; ++i) {
            const int t = min(start + place.row + i * kRowsApart, steps - 1);
            tile.delta[i] = delta[t];
            tile.u[i] = u[t];
            if (MODE != kSummary) {
                tile.z[i] = z[t];
            }
        }
#pragma unroll
        for (int i = 0; i < kBcGroups; ++i) {
            const Piece piece(i);
            if (piece.exists) {
                const Rows<const Storage>& from = piece.of_c ? c : b;
                tile.bc[i] = *reinterpret_cast<const BcColumns*>(&from[min(start + piece.t, steps - 1)] + piece.n);
            }
        }
    };

    // Steps that are no tokens get a step of 0 and no input, which leaves the states as they are.
    const auto publish = [&](auto whole, const Tile& tile, unsigned bits) {
#pragma unroll
        for (int i = 0; i < kGroups; ++i) {
            const int t = place.row + i * kRowsApart;
            const bool token = whole.value || (bits >> t & 1);
            Vector<Step, kColumns> step;
#pragma unroll
            for (int k = 0; k < kColumns; ++k) {
                const real size = softplus(tile.delta[i].get(k) + bias[k]);
                real input = tile.u[i].get(k);
                if (MODE != kAdjoint) {
                    input *= size;
                } else {
                    const real gate = tile.z[i].get(k);
                    input = has_input ? input : real(0);
                    input *= gated ? gate * sigmoid(gate) : real(1);
                }
                step.value[k] = {token ? size : real(0), token ? input : real(0)};
            }
            if (kEven || t < kTile) {
                *reinterpret_cast<Vector<Step, kColumns>*>(s_step + t * kChannels + place.column) = step;
            }
        }
#pragma unroll
        for (int i = 0; i < kBcGroups; ++i) {
            const Piece piece(i);
            const bool token = whole.value || (bits >> piece.t & 1);
            Pack<kBcColumns> values;
#pragma unroll
            for (int k = 0; k < kBcColumns; ++k) {
                values.value[k] = token ? tile.bc[i].get(k) : real(0);
            }
            if (piece.exists) {
                *reinterpret_cast<Pack<kBcColumns>*>(
                        s_bc + (piece.of_c ? kTile * kPadded : 0) + piece.t * kPadded + piece.n) = values;
            }
        }
    };

    const auto write = [&](auto whole, int start, unsigned bits, const Columns* raw_u, const Columns* raw_z) {
#pragma unroll
        for (int i = 0; i < kGroups; ++i) {
            const int t = place.row + i * kRowsApart;
            const bool token = whole.value || (bits >> t & 1);
            Columns out;
#pragma unroll
            for (int k = 0; k < kColumns; ++k) {
                const real gate = raw_z[i].get(k);
                real sum = s_sum[kEven || t < kTile ? t * kSumPitch + place.column + k : 0];
                sum += d[k] * raw_u[i].get(k);
                sum *= gated ? gate * sigmoid(gate) : real(1);
                out.set(k, token ? sum : real(0));
            }
            if (whole.value || (place.column_valid && start + t < steps && (kEven || t < kTile))) {
                y[start + t] = out;
            }
        }
    };

    // Lanes beyond the last state meet zeros.
    for (int i = threadIdx.x; i < 2 * kTile * kPadded; i += kThreads) {
        if (i % kPadded >= kStates) {
            s_bc[i] = 0;
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
    bool cut = false;  // whether there was a reset

#pragma unroll 1
    for (int start = 0; start < steps; start += kTile) {
        if (MODE == kFull && p.checkpoints && start % kSegment == 0) {
            const long long at = static_cast<long long>(place.batch) * p.segments + (begin + start) / kSegment;
            store_states(p.checkpoints, at * p.channels + place.channel, place.lane, place.valid, state);
        }
        const bool whole = kEven && bits == kAllBits && place.all_valid;
        if (whole) {
            publish(Flag<true>(), tile, bits);
        } else if (bits) {
            publish(Flag<false>(), tile, bits);
        }
        Columns raw_u[kGroups], raw_z[kGroups];
#pragma unroll
        for (int i = 0; i < kGroups; ++i) {
            raw_u[i] = tile.u[i];
            raw_z[i] = tile.z[i];
        }
        __syncthreads();
        if (next_bits) {
            load(tile, start + kTile);
        }
        const unsigned after_next_bits = token_bits<kTile>(mask, masked, start + 2 * kTile, steps);
        const unsigned dropped = reset_bits<kTile>(resets, start, steps);
        cut |= dropped != 0;

        const auto take_group = [&](int group) {
            real sum[kGroup];
#pragma unroll
            for (int i = 0; i < kGroup; ++i) {
                const int t = group * kGroup + i;
                const bool reset = kResets && (dropped >> t & 1);
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
                        state[k] = reset ? real(0) : state[k];
                    } else {
                        state[k] = reset ? real(0) : state[k];
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
        __syncthreads();
        if (MODE == kFull && whole) {
            write(Flag<true>(), start, bits, raw_u, raw_z);
        } else if (MODE == kFull) {
            write(Flag<false>(), start, bits, raw_u, raw_z);
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
            static_cast<real*>(p.elapsed)[at] = cut ? real(-1) : elapsed;
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

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

// The gradients of the selective scan. With s_t = decay_t s_{t-1} + input_t B_t and y_t = C_t*s_t before the gate, the
// adjoint of s_t is adjoint_t = carried_t + dp_t C_t, where dp is the gradient of y before the gate and
// carried_{t-1} = decay_t adjoint_t. At a reset s_{t-1} and carried_{t-1} count as 0.
//
// States are not kept: a block goes through its chunk segment by segment from the end, starts each at the state that
// the forward saved, walks it once to find the state before every few steps, then takes these few steps backward with
// their states and decays in registers. Where the forward would split time, scan_adjoint (scan_forward.cu) first finds
// what each chunk makes of a zero adjoint.

#include "scan.cuh"

// A thread loads rows of kColumns channels, kBatch of them at once, and kBcBatch pieces of B and of C.
constexpr int kColumns = columns_at_once(kSegment * kChannels / kThreads);
constexpr int kRowsApart = kThreads * kColumns / kChannels;
constexpr int kBatchWanted = kColumns == 4 ? 2 : 4;
constexpr int kBatch = kSegment / kRowsApart >= kBatchWanted ? kBatchWanted : 1;
constexpr int kBcColumns = kAligned && kStates % 4 == 0 ? 4 : 1;
constexpr int kBcBatch = kSegment * kStates / kBcColumns / kThreads >= 2 ? 2 : 1;
constexpr int kSteps = scan_register_steps(kStates, kLanes);
constexpr int kBlocks = kSegment / kSteps;
constexpr int kWarps = kThreads / 32;
constexpr int kResident = sizeof(real) == 4 ? 3 : 1;

// A thread's gradients of B and C at one step, and the channels of a warp over which they are summed.
constexpr int kHalf = scan_power_of_two(kPerLane);
constexpr int kSums = 2 * kHalf;
constexpr int kSumChannels = 32 / kLanes;
constexpr int kSumsOut = kSums / kSumChannels > 1 ? kSums / kSumChannels : 1;
// Gradients of B and C of one step.
constexpr int kLine = 2 * kStates;
constexpr unsigned long long kAllBits = ~0ull >> (64 - kSegment);
constexpr int kSumRow = scan_sum_row(kStates, kLanes);

static_assert(kChannels / kGroup % kColumns == 0 || kColumns == 1, "rotated rows keep their vectors");
static_assert(kSteps % kGroup == 0 && kSegment % kSteps == 0 && kSegment <= 64, "groups of steps nest");

using Columns = Stored<kColumns>;
using BcColumns = Stored<kBcColumns>;

// Rotates each row, so that threads that access one channel at neighbouring steps hit different banks.
__device__ __forceinline__ int cell(int t, int channel) {
    return t * kChannels + ((channel + t * (kChannels / kGroup)) & (kChannels - 1));
}

extern "C" __global__ void __launch_bounds__(kThreads, kResident) scan_backward(const __grid_constant__ ScanParams p) {
    extern __shared__ __align__(16) unsigned char shared[];
    // First the step and its input, later the sums over the states of adjoint * B and of the decay's gradient * A.
    Step* const s_step = reinterpret_cast<Step*>(shared);
    // First dp, later y before the gate without D u.
    real* const s_dp = reinterpret_cast<real*>(s_step + kSegment * kChannels);
    real* const s_b = s_dp + kSegment * kChannels;
    real* const s_c = s_b + kSegment * kPadded;
    real* const s_state = s_c + kSegment * kPadded;
    real* const s_sums = s_state + kBlocks * kThreads * kPerLane;

    const Place<kColumns> place(p);
    const int begin = place.chunk * p.chunk_length;
    const int end = min(begin + p.chunk_length, p.length);
    const int column = place.column_channel;
    using Input = Rows<const Columns, Storage>;
    using Output = Rows<Columns, Storage>;
    const Input delta(p.delta, place.batch, 0, 1, column);
    const Input u(p.u, place.batch, 0, 1, column);
    const Input z(either(p.z, p.u), place.batch, 0, 1, column);
    const Input dy(either(p.dy, p.u), place.batch, 0, 1, column);
    const Rows<const Storage> b(p.b, place.batch, 0, 1, 0);
    const Rows<const Storage> c(p.c, place.batch, 0, 1, 0);
    const Rows<const unsigned char> mask(p.mask, place.batch, 0, 1, 0);
    const Rows<const unsigned char> resets(p.resets, place.batch, 0, 1, 0);
    const Output du(p.du, place.batch, 0, 1, column);
    const Output ddelta(p.ddelta, place.batch, 0, 1, column);
    const Output dz(p.dz, place.batch, 0, 1, column);
    View view_b = p.partial_bc;
    view_b.data = static_cast<real*>(view_b.data) + place.block * 2 * p.partial_half;
    View view_c = view_b;
    view_c.data = static_cast<real*>(view_c.data) + p.partial_half;
    const Rows<real> partial_b(view_b, place.batch, 0, 1, 0);
    const Rows<real> partial_c(view_c, place.batch, 0, 1, 0);

    real bias[kColumns], d[kColumns], dd[kColumns], dbias[kColumns];
    load_parameters(p.delta_bias, column, kColumns, bias);
    load_parameters(p.d, column, kColumns, d);
#pragma unroll
    for (int k = 0; k < kColumns; ++k) {
        dd[k] = 0;
        dbias[k] = 0;
    }
    const bool gated = p.z.data;
    const bool masked = p.mask.data;
    const bool has_dy = p.dy.data;

    real a[kPerLane], carried[kPerLane], da[kPerLane];
    load_states(p.a, place.channel, place.lane, place.valid, a);
    const long long batch_channel = static_cast<long long>(place.batch) * p.channels + place.channel;
    load_states(p.dstate, batch_channel, place.lane, place.valid, carried);
#pragma unroll
    for (int k = 0; k < kPerLane; ++k) {
        a[k] *= kLog2E;
        da[k] = 0;
    }
#pragma unroll 4
    for (int chunk = p.chunks - 1; chunk > place.chunk; --chunk) {
        pass_chunk(p, place, p.adjoints, chunk, a, carried);
    }

    for (int i = threadIdx.x; i < kSegment * kPadded; i += kThreads) {
        if (i % kPadded >= kStates) {
            s_b[i] = 0;
            s_c[i] = 0;
        }
    }

#pragma unroll 1
    for (int start = begin + (end - begin - 1) / kSegment * kSegment; start >= begin; start -= kSegment) {
        unsigned long long bits = token_bits<(kSegment < 32 ? kSegment : 32)>(mask, masked, start, end);
        if (kSegment > 32) {
            bits |= static_cast<unsigned long long>(token_bits<32>(mask, masked, start + 32, end)) << 32;
        }
        unsigned long long dropped = reset_bits<(kSegment < 32 ? kSegment : 32)>(resets, start, end);
        if (kSegment > 32) {
            dropped |= static_cast<unsigned long long>(reset_bits<32>(resets, start + 32, end)) << 32;
        }
        const bool any = bits != 0;
        const auto is_token = [&](int t) { return (bits >> t & 1) != 0; };
        const auto is_reset = [&](int t) { return kResets && (dropped >> t & 1) != 0; };
        const bool whole_segment = bits == kAllBits && place.all_valid;
        struct Raw {
            Columns delta[kBatch], u[kBatch], z[kBatch], dy[kBatch];
        };
        const auto load = [&](auto whole, int row, Raw& raw) {
#pragma unroll
            for (int i = 0; i < kBatch; ++i) {
                const int step = start + row + i * kRowsApart;
                const int t = whole.value ? step : min(step, end - 1);
                raw.delta[i] = delta[t];
                raw.u[i] = u[t];
                raw.z[i] = z[t];
                raw.dy[i] = dy[t];
            }
        };
        const int blocks = (min(kSegment, end - start) + kSteps - 1) / kSteps;
        const int rows = blocks * kSteps;

        real state[kPerLane];
        const long long at = static_cast<long long>(place.batch) * p.segments + start / kSegment;
        load_states(p.checkpoints, at * p.channels + place.channel, place.lane, place.valid, state);

        const auto fill_as = [&](auto whole) {
#pragma unroll 1
            for (int row = place.row; row < rows; row += kBatch * kRowsApart) {
                Raw raw;
                load(whole, row, raw);
#pragma unroll
                for (int i = 0; i < kBatch; ++i) {
                    const int t = row + i * kRowsApart;
                    // Channels beyond the last one must not count in the sums over channels.
                    const bool counts = whole.value || (is_token(t) && place.column_valid);
                    Vector<Step, kColumns> step;
                    Pack<kColumns> for_dp;
#pragma unroll
                    for (int k = 0; k < kColumns; ++k) {
                        const real size = softplus(raw.delta[i].get(k) + bias[k]);
                        const real gate = raw.z[i].get(k);
                        real dp = has_dy ? raw.dy[i].get(k) : real(0);
                        dp *= gated ? gate * sigmoid(gate) : real(1);
                        const real input = size * raw.u[i].get(k);
                        step.value[k] = {counts ? size : real(0), counts ? input : real(0)};
                        for_dp.value[k] = counts ? dp : real(0);
                    }
                    *reinterpret_cast<Vector<Step, kColumns>*>(s_step + cell(t, place.column)) = step;
                    *reinterpret_cast<Pack<kColumns>*>(s_dp + cell(t, place.column)) = for_dp;
                }
            }
        };
        // A segment without tokens is passed over.
        if (whole_segment) {
            fill_as(Flag<true>());
        } else if (any) {
            fill_as(Flag<false>());
        }
#pragma unroll 1
        for (int first = threadIdx.x; any && first * kBcColumns < rows * kStates; first += kBcBatch * kThreads) {
            BcColumns raw_b[kBcBatch], raw_c[kBcBatch];
#pragma unroll
            for (int i = 0; i < kBcBatch; ++i) {
                const int index = (first + i * kThreads) * kBcColumns;
                const int t = min(start + index / kStates, end - 1);
                raw_b[i] = *reinterpret_cast<const BcColumns*>(&b[t] + index % kStates);
                raw_c[i] = *reinterpret_cast<const BcColumns*>(&c[t] + index % kStates);
            }
#pragma unroll
            for (int i = 0; i < kBcBatch; ++i) {
                const int index = (first + i * kThreads) * kBcColumns;
                const int t = index / kStates;
                if (t < rows) {
                    Pack<kBcColumns> for_b, for_c;
#pragma unroll
                    for (int k = 0; k < kBcColumns; ++k) {
                        for_b.value[k] = is_token(t) ? raw_b[i].get(k) : real(0);
                        for_c.value[k] = is_token(t) ? raw_c[i].get(k) : real(0);
                    }
                    *reinterpret_cast<Pack<kBcColumns>*>(s_b + t * kPadded + index % kStates) = for_b;
                    *reinterpret_cast<Pack<kBcColumns>*>(s_c + t * kPadded + index % kStates) = for_c;
                }
            }
        }
        __syncthreads();

        if (any) {
#pragma unroll 1
            for (int block = 0; block < blocks; ++block) {
                Pack<kPerLane>* const saved = reinterpret_cast<Pack<kPerLane>*>(s_state) + block * kThreads;
#pragma unroll
                for (int k = 0; k < kPerLane; ++k) {
                    saved[threadIdx.x].value[k] = state[k];
                }
                if (block == blocks - 1) {
                    break;
                }
#pragma unroll
                for (int i = 0; i < kSteps; ++i) {
                    const int t = block * kSteps + i;
                    const Step step = s_step[cell(t, place.local)];
                    const Pack<kPerLane> pack_b = *reinterpret_cast<const Pack<kPerLane>*>(
                            s_b + t * kPadded + place.lane * kPerLane);
#pragma unroll
                    for (int k = 0; k < kPerLane; ++k) {
                        state[k] = is_reset(t) ? real(0) : state[k];
                        state[k] = exp2_of(step.delta * a[k]) * state[k] + step.input * pack_b.value[k];
                    }
                }
            }
        }

#pragma unroll 1
        for (int block = blocks - 1; block >= 0; --block) {
            real* const sums = s_sums + (block & 1) * kWarps * kSteps * kSumRow;
            if (any) {
                real before[kPerLane], states[kSteps][kPerLane], decay[kSteps][kPerLane];
                const Pack<kPerLane>* const saved = reinterpret_cast<const Pack<kPerLane>*>(s_state) + block * kThreads;
#pragma unroll
                for (int k = 0; k < kPerLane; ++k) {
                    before[k] = saved[threadIdx.x].value[k];
                }
#pragma unroll
                for (int i = 0; i < kSteps; ++i) {
                    const int t = block * kSteps + i;
                    const Step step = s_step[cell(t, place.local)];
                    const Pack<kPerLane> pack_b = *reinterpret_cast<const Pack<kPerLane>*>(
                            s_b + t * kPadded + place.lane * kPerLane);
#pragma unroll
                    for (int k = 0; k < kPerLane; ++k) {
                        const real previous = i ? states[i ? i - 1 : 0][k] : before[k];
                        decay[i][k] = exp2_of(step.delta * a[k]);
                        states[i][k] = decay[i][k] * (is_reset(t) ? real(0) : previous)
                                       + step.input * pack_b.value[k];
                    }
                }
                real sum_p[kGroup], sum_b[kGroup], sum_a[kGroup];
#pragma unroll
                for (int i = kSteps - 1; i >= 0; --i) {
                    const int t = block * kSteps + i;
                    const Step step = s_step[cell(t, place.local)];
                    const real dp = s_dp[cell(t, place.local)];
                    const Pack<kPerLane> pack_b = *reinterpret_cast<const Pack<kPerLane>*>(
                            s_b + t * kPadded + place.lane * kPerLane);
                    const Pack<kPerLane> pack_c = *reinterpret_cast<const Pack<kPerLane>*>(
                            s_c + t * kPadded + place.lane * kPerLane);
                    real for_bc[kSums];
                    real with_c = 0, with_b = 0, with_a = 0;
#pragma unroll
                    for (int k = 0; k < kHalf; ++k) {
                        if (k >= kPerLane) {
                            for_bc[k] = 0;
                            for_bc[kHalf + k] = 0;
                            continue;
                        }
                        const real adjoint = carried[k] + dp * pack_c.value[k];
                        for_bc[k] = adjoint * step.input;
                        for_bc[kHalf + k] = dp * states[i][k];
                        with_c += states[i][k] * pack_c.value[k];
                        with_b += adjoint * pack_b.value[k];
                        const real previous = i ? states[i ? i - 1 : 0][k] : before[k];
                        carried[k] = is_reset(t) ? real(0) : decay[i][k] * adjoint;
                        const real exponent = carried[k] * (is_reset(t) ? real(0) : previous);
                        with_a += exponent * a[k];
                        da[k] += step.delta * exponent;
                    }
                    sum_p[i % kGroup] = with_c;
                    sum_b[i % kGroup] = with_b;
                    sum_a[i % kGroup] = with_a;

                    const int member = threadIdx.x % 32 / kLanes;
                    Reduce<kSums, kSumChannels, kLanes>::run(for_bc, member);
                    if (reduced_owner<kSums, kSumChannels>(member)) {
                        real* const row = sums + (threadIdx.x / 32 * kSteps + i) * kSumRow + place.lane * kSums
                                          + reduced_index<kSums, kSumChannels>(member);
#pragma unroll
                        for (int k = 0; k < kSumsOut; ++k) {
                            row[k] = for_bc[k];
                        }
                    }
                    if (i % kGroup == 0) {
                        // The other lanes have read the cells that are overwritten now.
                        __syncwarp();
                        Reduce<kGroup, kLanes, 1>::run(sum_p, place.lane);
                        Reduce<kGroup, kLanes, 1>::run(sum_b, place.lane);
                        Reduce<kGroup, kLanes, 1>::run(sum_a, place.lane);
                        if (reduced_owner<kGroup, kLanes>(place.lane)) {
#pragma unroll
                            for (int k = 0; k < kGroupOut; ++k) {
                                const int into = cell(t + reduced_index<kGroup, kLanes>(place.lane) + k, place.local);
                                s_step[into] = {sum_b[k], sum_a[k]};
                                s_dp[into] = sum_p[k];
                            }
                        }
                    }
                }
            }
            __syncthreads();
            // No barrier follows: the next steps use the other half of the sums.
#pragma unroll
            for (int i = 0; i < (kSteps * kLine + kThreads - 1) / kThreads; ++i) {
                const int step = (i * kThreads + threadIdx.x) / kLine;
                const int within = (kThreads % kLine == 0 ? threadIdx.x : i * kThreads + threadIdx.x) % kLine;
                const int which = within / kStates;
                const int n = within % kStates;
                const int t = start + block * kSteps + step;
                if ((kSteps * kLine % kThreads == 0 || step < kSteps) && t < end) {
                    const real* const from
                            = sums + step * kSumRow + n / kPerLane * kSums + which * kHalf + n % kPerLane;
                    real sum = 0;
#pragma unroll
                    for (int warp = 0; warp < kWarps; ++warp) {
                        sum += from[warp * kSteps * kSumRow];
                    }
                    (which == 0 ? &partial_b[t] : &partial_c[t])[n] = any ? sum : real(0);
                }
            }
        }

        const auto write_as = [&](auto whole) {
#pragma unroll 1
            for (int row = place.row; row < min(kSegment, end - start); row += kBatch * kRowsApart) {
                Raw raw;
                load(whole, row, raw);
#pragma unroll
                for (int i = 0; i < kBatch; ++i) {
                    const int t = row + i * kRowsApart;
                    const bool token = whole.value || is_token(t);
                    const Vector<Step, kColumns> sums
                            = *reinterpret_cast<const Vector<Step, kColumns>*>(s_step + cell(t, place.column));
                    const Pack<kColumns> outs = *reinterpret_cast<const Pack<kColumns>*>(s_dp + cell(t, place.column));
                    Columns for_u, for_delta, for_z;
#pragma unroll
                    for (int k = 0; k < kColumns; ++k) {
                        const Step sum = sums.value[k];
                        const real input = raw.u[i].get(k);
                        real slope;
                        const real size = softplus(raw.delta[i].get(k) + bias[k], slope);
                        const real gate = raw.z[i].get(k);
                        const real open = sigmoid(gate);
                        const real dout = has_dy ? raw.dy[i].get(k) : real(0);
                        const real dp = gated ? dout * gate * open : dout;
                        const real before_gate = outs.value[k] + d[k] * input;
                        const real grad_z = dout * before_gate * open * (1 + gate * (1 - open));
                        const real grad_u = size * sum.delta + dp * d[k];
                        const real grad_delta = (input * sum.delta + kLn2 * sum.input) * slope;
                        dd[k] += token ? dp * input : real(0);
                        dbias[k] += token ? grad_delta : real(0);
                        for_u.set(k, token ? grad_u : real(0));
                        for_delta.set(k, token ? grad_delta : real(0));
                        for_z.set(k, token ? grad_z : real(0));
                    }
                    if (whole.value || (place.column_valid && start + t < end)) {
                        du[start + t] = for_u;
                        ddelta[start + t] = for_delta;
                        if (gated) {
                            dz[start + t] = for_z;
                        }
                    }
                }
            }
        };
        if (whole_segment) {
            write_as(Flag<true>());
        } else {
            write_as(Flag<false>());
        }
    }

    const long long at = place.in_chunks(p, place.chunk);
    store_states(p.partial_a, at, place.lane, place.valid, da);
    if (place.chunk == 0 && p.dinitial_state) {
        store_states(p.dinitial_state, batch_channel, place.lane, place.valid, carried);
    }
    __syncthreads();
    real* const s_total = reinterpret_cast<real*>(shared);
#pragma unroll
    for (int k = 0; k < kColumns; ++k) {
        const int at_column = place.row * kChannels + place.column + k;
        s_total[at_column] = dd[k];
        s_total[kRowsApart * kChannels + at_column] = dbias[k];
    }
    __syncthreads();
    const int local = threadIdx.x;
    if (local < kChannels && place.block * kChannels + local < p.channels) {
        real sum_d = 0, sum_bias = 0;
        for (int row = 0; row < kRowsApart; ++row) {
            sum_d += s_total[row * kChannels + local];
            sum_bias += s_total[(kRowsApart + row) * kChannels + local];
        }
        const long long line = (static_cast<long long>(place.batch) * p.chunks + place.chunk) * 2 * p.channels;
        real* const partial = static_cast<real*>(p.partial_d) + line + place.block * kChannels + local;
        partial[0] = sum_d;
        partial[p.channels] = sum_bias;
    }
}

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
// carried_{t-1} = decay_t adjoint_t.
//
// States are not kept: a block goes through its chunk segment by segment from the end, starts each at the state that
// the forward saved, walks it once to find the state before every few steps, then takes these few steps backward with
// their states and decays in registers. Where the forward would split time, scan_adjoint (scan_forward.cu) first finds
// what each chunk makes of a zero adjoint.

#include "scan.cuh"

constexpr int kRowsApart = kThreads / kChannels;
constexpr int kSteps = scan_register_steps(kStates, kLanes);
constexpr int kBlocks = kSegment / kSteps;
constexpr int kWarps = kThreads / 32;
constexpr int kResident = sizeof(real) == 4 ? 3 : 1;

// A thread's gradients of B and C at one step, and the channels of a warp over which they are summed.
constexpr int kHalf = scan_power_of_two(kPerLane);
constexpr int kSums = 2 * kHalf;
constexpr int kSumChannels = 32 / kLanes;
constexpr int kSumsOut = kSums / kSumChannels > 1 ? kSums / kSumChannels : 1;
constexpr int kSumRow = scan_sum_row(kStates, kLanes);

static_assert(kSteps % kGroup == 0 && kSegment % kSteps == 0 && kSegment <= 64, "groups of steps nest");

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
    real* const s_sums = s_state + (kBlocks - 1) * kThreads * kPerLane;

    const Place place(p);
    const int begin = place.chunk * p.chunk_length;
    const int end = min(begin + p.chunk_length, p.length);
    const int column = place.block * kChannels + place.column;
    const Rows<const Storage> delta(p.delta, place.batch, 0, 1, column);
    const Rows<const Storage> u(p.u, place.batch, 0, 1, column);
    const Rows<const Storage> z(p.z, place.batch, 0, 1, column);
    const Rows<const Storage> dy(p.dy, place.batch, 0, 1, column);
    const Rows<const Storage> b(p.b, place.batch, 0, 1, 0);
    const Rows<const Storage> c(p.c, place.batch, 0, 1, 0);
    const Rows<const unsigned char> mask(p.mask, place.batch, 0, 1, 0);
    const Rows<Storage> du(p.du, place.batch, 0, 1, column);
    const Rows<Storage> ddelta(p.ddelta, place.batch, 0, 1, column);
    const Rows<Storage> dz(p.dz, place.batch, 0, 1, column);

    const real bias = place.column_valid && p.delta_bias ? static_cast<const real*>(p.delta_bias)[column] : real(0);
    const real d = place.column_valid && p.d ? static_cast<const real*>(p.d)[column] : real(0);

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
    real dd = 0, dbias = 0;

    for (int i = threadIdx.x; i < kSegment * kPadded; i += kThreads) {
        if (i % kPadded >= kStates) {
            s_b[i] = 0;
            s_c[i] = 0;
        }
    }

#pragma unroll 1
    for (int start = begin + (end - begin - 1) / kSegment * kSegment; start >= begin; start -= kSegment) {
        unsigned long long bits = token_bits<(kSegment < 32 ? kSegment : 32)>(mask, start, end);
        if (kSegment > 32) {
            bits |= static_cast<unsigned long long>(token_bits<32>(mask, start + 32, end)) << 32;
        }
        const bool any = bits != 0;
        const auto is_token = [&](int t) { return (bits >> t & 1) != 0; };
        const int blocks = (min(kSegment, end - start) + kSteps - 1) / kSteps;
        const int rows = blocks * kSteps;

        real state[kPerLane];
        const long long at = static_cast<long long>(place.batch) * p.segments + start / kSegment;
        load_states(p.checkpoints, at * p.channels + place.channel, place.lane, place.valid, state);

#pragma unroll 4
        for (int t = place.row; t < rows; t += kRowsApart) {
            Step step = {0, 0};
            real dp = 0;
            if (place.column_valid && is_token(t)) {
                step.delta = softplus(to_real(delta[start + t]) + bias);
                step.input = step.delta * to_real(u[start + t]);
                if (dy.data) {
                    dp = to_real(dy[start + t]);
                    if (z.data) {
                        const real gate = to_real(z[start + t]);
                        dp *= gate * sigmoid(gate);
                    }
                }
            }
            s_step[cell(t, place.column)] = step;
            s_dp[cell(t, place.column)] = dp;
        }
#pragma unroll 4
        for (int i = threadIdx.x; i < rows * kStates; i += kThreads) {
            const int t = i / kStates;
            const int n = i % kStates;
            const bool token = is_token(t);
            s_b[t * kPadded + n] = token ? to_real((&b[start + t])[n]) : real(0);
            s_c[t * kPadded + n] = token ? to_real((&c[start + t])[n]) : real(0);
        }
        __syncthreads();

        if (any) {
#pragma unroll 1
            for (int block = 0; block < blocks - 1; ++block) {
#pragma unroll
                for (int i = 0; i < kSteps; ++i) {
                    const int t = block * kSteps + i;
                    const Step step = s_step[cell(t, place.local)];
                    const Pack<kPerLane> pack_b = *reinterpret_cast<const Pack<kPerLane>*>(
                            s_b + t * kPadded + place.lane * kPerLane);
#pragma unroll
                    for (int k = 0; k < kPerLane; ++k) {
                        state[k] = exp2_of(step.delta * a[k]) * state[k] + step.input * pack_b.value[k];
                    }
                }
                Pack<kPerLane>* const saved = reinterpret_cast<Pack<kPerLane>*>(s_state) + block * kThreads;
#pragma unroll
                for (int k = 0; k < kPerLane; ++k) {
                    saved[threadIdx.x].value[k] = state[k];
                }
            }
        }

#pragma unroll 1
        for (int block = blocks - 1; block >= 0; --block) {
            real* const sums = s_sums + (block & 1) * kWarps * kSteps * kSumRow;
            if (any) {
                real before[kPerLane], states[kSteps][kPerLane], decay[kSteps][kPerLane];
                if (block > 0) {
                    const Pack<kPerLane>* const saved
                            = reinterpret_cast<const Pack<kPerLane>*>(s_state) + (block - 1) * kThreads;
#pragma unroll
                    for (int k = 0; k < kPerLane; ++k) {
                        before[k] = saved[threadIdx.x].value[k];
                    }
                } else {
                    load_states(
                            p.checkpoints, at * p.channels + place.channel, place.lane, place.valid, before);
                }
#pragma unroll
                for (int i = 0; i < kSteps; ++i) {
                    const int t = block * kSteps + i;
                    const Step step = s_step[cell(t, place.local)];
                    const Pack<kPerLane> pack_b = *reinterpret_cast<const Pack<kPerLane>*>(
                            s_b + t * kPadded + place.lane * kPerLane);
#pragma unroll
                    for (int k = 0; k < kPerLane; ++k) {
                        decay[i][k] = exp2_of(step.delta * a[k]);
                        states[i][k] = decay[i][k] * (i ? states[i ? i - 1 : 0][k] : before[k])
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
                        carried[k] = decay[i][k] * adjoint;
                        const real exponent = carried[k] * (i ? states[i ? i - 1 : 0][k] : before[k]);
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
            const long long part = static_cast<long long>(gridDim.x / (p.channel_blocks * p.chunks)) * p.length;
            real* const partial = static_cast<real*>(p.partial_bc);
            for (int i = threadIdx.x; i < kSteps * 2 * kStates; i += kThreads) {
                const int step = i / (2 * kStates);
                const int which = i / kStates % 2;
                const int n = i % kStates;
                const int t = start + block * kSteps + step;
                if (t < end) {
                    real sum = 0;
                    if (any) {
                        const real* const from
                                = sums + step * kSumRow + n / kPerLane * kSums + which * kHalf + n % kPerLane;
#pragma unroll
                        for (int warp = 0; warp < kWarps; ++warp) {
                            sum += from[warp * kSteps * kSumRow];
                        }
                    }
                    const int row = p.reverse ? p.length - 1 - t : t;
                    const long long line = static_cast<long long>(place.batch) * p.length + row;
                    partial[((place.block * 2 + which) * part + line) * kStates + n] = sum;
                }
            }
        }

        if (place.column_valid) {
#pragma unroll 4
            for (int t = place.row; t < min(kSegment, end - start); t += kRowsApart) {
                real grad_u = 0, grad_delta = 0, grad_z = 0;
                if (is_token(t)) {
                    const Step sum = s_step[cell(t, place.column)];
                    const real input = to_real(u[start + t]);
                    const real raw = to_real(delta[start + t]) + bias;
                    const real dout = dy.data ? to_real(dy[start + t]) : real(0);
                    real dp = dout;
                    if (z.data) {
                        const real gate = to_real(z[start + t]);
                        const real open = sigmoid(gate);
                        dp *= gate * open;
                        const real before_gate = s_dp[cell(t, place.column)] + d * input;
                        grad_z = dout * before_gate * open * (1 + gate * (1 - open));
                    }
                    grad_u = softplus(raw) * sum.delta + dp * d;
                    grad_delta = (input * sum.delta + kLn2 * sum.input) * (raw > 20 ? real(1) : sigmoid(raw));
                    dd += dp * input;
                    dbias += grad_delta;
                }
                du[start + t] = to_storage(grad_u);
                ddelta[start + t] = to_storage(grad_delta);
                if (z.data) {
                    dz[start + t] = to_storage(grad_z);
                }
            }
        }
    }

    const long long at = place.in_chunks(p, place.chunk);
    store_states(p.partial_a, at, place.lane, place.valid, da);
    if (place.chunk == 0 && p.dinitial_state) {
        store_states(p.dinitial_state, batch_channel, place.lane, place.valid, carried);
    }
    __syncthreads();
    real* const s_total = reinterpret_cast<real*>(shared);
    s_total[threadIdx.x] = dd;
    s_total[kThreads + threadIdx.x] = dbias;
    __syncthreads();
    if (place.row == 0 && place.column_valid) {
        dd = 0;
        dbias = 0;
        for (int row = 0; row < kRowsApart; ++row) {
            dd += s_total[row * kChannels + place.column];
            dbias += s_total[kThreads + row * kChannels + place.column];
        }
        const long long line = (static_cast<long long>(place.batch) * p.chunks + place.chunk) * 2 * p.channels;
        real* const partial = static_cast<real*>(p.partial_d) + line + column;
        partial[0] = dd;
        partial[p.channels] = dbias;
    }
}

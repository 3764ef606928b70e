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

// Backward, from the last chunk to the first. Everything but the states before the chunks is computed again.
//
// With u = Δ x, a chunk computes y_i = Σ_j G_ij D_ij u_j + E_i S C_i and the state T S + Σ_j W_j u_j B_j', where
// G = C B', D_ij are decays from step j to step i, E_i those from the beginning to i, W_j from j to the end, T over the
// whole chunk, and S is the state before it. The gradient of the decay at a step t, da_t, is the sum of what all pairs
// (from, to) whose way leads across t contribute; terms are never subtracted that did not come from the same products.

#include "params.h"

constexpr int kThreads = mamba::cuda::kSSDBackwardThreads;

#include "ssd.cuh"

using Pairs = Tile<kSteps, kSteps>;
using Channels = Tile<kSteps, kHead>;
using Inputs = Tile<kSteps, kStates>;

// What a block sums in shared memory, by groups of columns or rows that one warp holds. Of what pairs of steps contribute
// only differences of sums count, those of the pairs with a step between them: in doubles, since little may be left.
struct Sums {
    static constexpr int kByRows = Pairs::kGroups * kSteps;
    double* rows;     // of a pair's contribution, over what comes in at a step
    double* columns;  // over what goes out from a step
    float* direct;    // x times the gradient of u
    float* entering;  // contributions from the state before the chunk to a step
    float* leaving;   // from a step to the state after it
    float* passing;   // from state to state, by warps

    __device__ __forceinline__ explicit Sums(float* data)
            : rows(reinterpret_cast<double*>(data)), columns(rows + kByRows),
              direct(reinterpret_cast<float*>(columns + Pairs::kRowBlocks * kSteps)), entering(direct + kByRows),
              leaving(entering + kByRows), passing(leaving + kByRows) {}
};

static_assert(5 * Sums::kByRows + 2 * Pairs::kRowBlocks * kSteps + kWarps == ssd_sums_reals(kSteps),
              "room for the sums");
static_assert(ssd_steps_reals(kSteps) % 2 == 0, "doubles in their places");

template <int GROUPS, typename Sum>
__device__ __forceinline__ Sum gather(const Sum* sums, int step) {
    Sum sum = 0;
#pragma unroll
    for (int group = 0; group < GROUPS; ++group) {
        sum += sums[group * kSteps + step];
    }
    return sum;
}

// Sums of the number pairs have below the diagonal, over rows and over columns.
__device__ __forceinline__ void sum_pairs(Pairs& pairs, const Sums& sums) {
    pairs.sum_rows(sums.rows, [](int to, int from, float one, float two) {
        return (from < to ? static_cast<double>(one) : 0.0) + (from + 1 < to ? static_cast<double>(two) : 0.0);
    });
    if (!Pairs::active()) {
        return;
    }
#pragma unroll
    for (int i = 0; i < Pairs::kPairs; ++i) {
#pragma unroll
        for (int second = 0; second < 2; ++second) {
            const int from = Pairs::column(i) + second;
            double sum = (from < Pairs::row(0) ? static_cast<double>(pairs.value[i][second]) : 0.0)
                         + (from < Pairs::row(1) ? static_cast<double>(pairs.value[i][2 + second]) : 0.0);
            sum += __shfl_xor_sync(0xffffffffu, sum, 4);
            sum += __shfl_xor_sync(0xffffffffu, sum, 8);
            sum += __shfl_xor_sync(0xffffffffu, sum, 16);
            if (lane_number() < 4) {
                sums.columns[warp_number() % Pairs::kRowBlocks * kSteps + from] = sum;
            }
        }
    }
}

// The gradients of a chunk's steps, by one warp: lanes hold neighbouring steps.
__device__ __forceinline__ void finish_steps(
        const SSDParams& p, const Work& work, int first, const Steps& steps, const Sums& sums, float& sum_a,
        float& sum_bias) {
    constexpr int kEach = (kSteps + 31) / 32;
    const int lane = lane_number();
    const float rate = static_cast<const float*>(p.a)[work.head];
    float passing = 0;
#pragma unroll
    for (int warp = 0; warp < kWarps; ++warp) {
        passing += sums.passing[warp];
    }
    double later[kEach];   // pairs that end at this step or after it but begin before, and entering ones
    float earlier[kEach];  // leaving ones that begin before this step
    double sum_later = 0;
    float sum_earlier = 0;
#pragma unroll
    for (int i = kEach - 1; i >= 0; --i) {
        const int s = lane * kEach + i;
        if (s < kSteps) {
            sum_later += gather<Pairs::kSums>(sums.rows, s) - gather<Pairs::kRowBlocks>(sums.columns, s)
                         + gather<Inputs::kSums>(sums.entering, s);
        }
        later[i] = sum_later;
    }
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
        const int s = lane * kEach + i;
        earlier[i] = sum_earlier;
        if (s < kSteps) {
            sum_earlier += gather<Inputs::kSums>(sums.leaving, s);
        }
    }
    double later_lanes = sum_later;
    float earlier_lanes = sum_earlier;
#pragma unroll
    for (int apart = 1; apart < 32; apart *= 2) {
        const double down = __shfl_down_sync(0xffffffffu, later_lanes, apart);
        const float up = __shfl_up_sync(0xffffffffu, earlier_lanes, apart);
        later_lanes += lane + apart < 32 ? down : 0.0;
        earlier_lanes += lane >= apart ? up : 0.0f;
    }
    later_lanes -= sum_later;
    earlier_lanes -= sum_earlier;
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
        const int s = lane * kEach + i;
        const int t = first + s;
        if (s < kSteps && t < work.end) {
            const bool reset = s == 0 ? steps.count[0] != 0 : steps.count[s] != steps.count[s - 1];
            const float crossing = static_cast<float>(later[i] + later_lanes);
            const float decay = reset ? 0.0f : crossing + earlier[i] + earlier_lanes + passing;
            const float gradient = (gather<Channels::kSums>(sums.direct, s) + rate * decay) * steps.slope[s];
            sum_a += decay * steps.delta[s];
            sum_bias += gradient;
            static_cast<float*>(p.partial_delta.data)[work.tile * p.delta_part + work.batch * p.partial_delta.batch
                                                      + t * p.partial_delta.step + work.head]
                    = gradient;
        }
    }
}

__device__ __forceinline__ void store_inputs(
        Inputs& gradient, const SSDParams& p, const Work& work, const View& view, int first) {
    const int part = work.head % p.group_heads * p.tiles + work.tile;
    float* const to = static_cast<float*>(view.data) + part * p.bc_part + work.batch * view.batch
                      + work.group_column(p);
    gradient.each([&](int s, int column, float& one, float& two) {
        if (first + s < work.end && column < p.states) {
            store_two_floats(to + (first + s) * view.step + column, one, two, column + 1 < p.states);
        }
    });
}

__device__ __forceinline__ void prefetch_state(const SSDParams& p, const Work& work, const float* from) {
    for (int at = threadIdx.x * 32; at < work.channels(p) * p.states; at += kThreads * 32) {
        prefetch(from + at);
    }
}

extern "C" __global__ void __launch_bounds__(kThreads, 1) ssd_backward(const __grid_constant__ SSDParams p) {
    float* const s_c = reinterpret_cast<float*>(s_memory);
    float* const s_b = s_c + kSteps * kStatePitch;
    float* const s_state = s_b + kSteps * kStatePitch;
    float* const s_dstate = s_state + kHead * kStatePitch;
    float* const s_x = s_dstate + kHead * kStatePitch;
    float* const s_dy = s_x + kSteps * kHeadPitch;
    float* const s_mix = s_dy + kSteps * kHeadPitch;
    float* const s_dmix = s_mix + kSteps * kStepPitch;
    float* const s_steps = s_dmix + kSteps * kStepPitch;
    const Sums sums(s_steps + 2 * ssd_steps_reals(kSteps));

    const Work work(p);
    const int column = work.head_column(p);
    const int channels = work.channels(p);
    State dstate;
    load_state(dstate, p, work, p.dstate ? work.states(p, const_cast<void*>(p.dstate), 1, 0) : nullptr);
    for (int segment = p.segments - 1; segment > work.segment; --segment) {
        apply_segment(dstate, p, work, segment);
    }
    float sum_a = 0;
    float sum_bias = 0;
    float sum_d = 0;
    const int chunks = (work.end - work.begin + kSteps - 1) / kSteps;
    for (int chunk = chunks - 1; chunk >= 0; --chunk) {
        const int first = work.begin + chunk * kSteps;
        const Steps steps(s_steps, chunk);
        const Chunk<kHead> dy(p, work, p.dy, first, column, channels);
        const Chunk<kHead> x(p, work, p.x, first, column, channels);
        const Chunk<kStates> c(p, work, p.c, first, work.group_column(p), p.states);
        const Chunk<kStates> b(p, work, p.b, first, work.group_column(p), p.states);
        State before;
        load_state(before, p, work, work.states(p, p.starts, p.saved, first / kSteps));
        if (warp_number() == 0) {
            steps.load(p, work, first);
        } else if (warp_number() == 1 && chunk < chunks - 1) {
            finish_steps(p, work, first + kSteps, Steps(s_steps, chunk + 1), sums, sum_a, sum_bias);
        }
        share_state(dstate, s_dstate);
        dy.put(s_dy);
        x.put(s_x);
        c.put(s_c);
        b.put(s_b);
        share_state(before, s_state);
        if (chunk > 0) {
            prefetch_rows<kHead>(work, p.dy, first - kSteps, column);
            prefetch_rows<kHead>(work, p.x, first - kSteps, column);
            prefetch_state(p, work, work.states(p, p.starts, p.saved, first / kSteps - 1));
        }
        __syncthreads();

        float passing = 0;
        before.each([&](int row, int at, float& one, float& two) {
            const float2 after = two_at(s_dstate + row * kStatePitch + at);
            passing += one * after.x + two * after.y;
        });
        passing *= *steps.total;
#pragma unroll
        for (int apart = 16; apart > 0; apart /= 2) {
            passing += __shfl_xor_sync(0xffffffffu, passing, apart);
        }
        if (lane_number() == 0) {
            sums.passing[warp_number()] = passing;
        }
        {
            Pairs mix, dmix;
            mix.clear();
            dmix.clear();
            if (Pairs::rows_from() + 15 >= Pairs::column(0) - lane_number() % 4 * 2) {
                mix.add_product<kStates>(Along<kStatePitch>{s_c}, Along<kStatePitch>{s_b});
                dmix.add_product<kHead>(Along<kHeadPitch>{s_dy}, Along<kHeadPitch>{s_x});
            }
            if (Pairs::active()) {
#pragma unroll
                for (int i = 0; i < Pairs::kPairs; ++i) {
#pragma unroll
                    for (int half = 0; half < 2; ++half) {
                        const int to = Pairs::row(half);
                        const int from = Pairs::column(i);
                        float* const mixed = &mix.value[i][2 * half];
                        const float* const gradient = &dmix.value[i][2 * half];
                        const float2 decay = make_float2(steps.decay(from, to), steps.decay(from + 1, to));
                        const float2 product = make_float2(mixed[0] * decay.x, mixed[1] * decay.y);
                        const float2 dproduct = make_float2(
                                gradient[0] * steps.delta[from], gradient[1] * steps.delta[from + 1]);
                        const int at = to * kStepPitch + from;
                        *reinterpret_cast<float2*>(s_mix + at) = product;
                        *reinterpret_cast<float2*>(s_dmix + at) = make_float2(
                                dproduct.x * decay.x, dproduct.y * decay.y);
                        mixed[0] = product.x * dproduct.x;
                        mixed[1] = product.y * dproduct.y;
                    }
                }
            }
            sum_pairs(mix, sums);
        }
        __syncthreads();

        {
            Channels du;
            du.clear();
            du.add_product<kStates>(Along<kStatePitch>{s_b}, Along<kStatePitch>{s_dstate});
            du.each([&](int s, int, float& one, float& two) {
                one *= steps.leaving[s];
                two *= steps.leaving[s];
            });
            du.add_product(Across<kStepPitch>{s_mix}, Across<kHeadPitch>{s_dy}, Channels::rows_from(), kSteps);
            du.sum_rows(sums.direct, [&](int s, int channel, float one, float two) {
                const float2 x = two_at(s_x + s * kHeadPitch + channel);
                return one * x.x + two * x.y;
            });
            du.each([&](int s, int channel, float& one, float& two) {
                if (first + s < work.end && channel < channels) {
                    const bool both = channel + 1 < channels;
                    const Skip skip(p, work, channel, both);
                    const float2 dy = two_at(s_dy + s * kHeadPitch + channel);
                    store_two(static_cast<Storage*>(p.dx.data) + work.batch * p.dx.batch + (first + s) * p.dx.step
                                      + column + channel,
                              steps.delta[s] * one + skip.first * dy.x, steps.delta[s] * two + skip.second * dy.y,
                              both);
                }
            });
        }
        {
            Inputs dc;
            dc.clear();
            dc.add_product<kHead>(Apart<kHeadPitch>{s_dy}, Across<kStatePitch>{s_state});
            dc.each([&](int s, int, float& one, float& two) {
                one *= steps.entering[s];
                two *= steps.entering[s];
            });
            dc.sum_rows(sums.entering, [&](int s, int n, float one, float two) {
                const float2 c = two_at(s_c + s * kStatePitch + n);
                return one * c.x + two * c.y;
            });
            dc.add_product(Apart<kStepPitch>{s_dmix}, Across<kStatePitch>{s_b}, 0, Inputs::rows_from() + 16);
            store_inputs(dc, p, work, p.partial_c, first);
        }
        {
            Inputs db;
            db.clear();
            db.add_product<kHead>(Apart<kHeadPitch>{s_x}, Across<kStatePitch>{s_dstate});
            db.each([&](int s, int, float& one, float& two) {
                one *= steps.added[s];
                two *= steps.added[s];
            });
            db.sum_rows(sums.leaving, [&](int s, int n, float one, float two) {
                const float2 b = two_at(s_b + s * kStatePitch + n);
                return one * b.x + two * b.y;
            });
            db.add_product(Across<kStepPitch>{s_dmix}, Across<kStatePitch>{s_c}, Inputs::rows_from(), kSteps);
            store_inputs(db, p, work, p.partial_b, first);
        }
        scale_state(dstate, *steps.total);
        dstate.add_product<kSteps>(ScaledAcross<kHeadPitch>{s_dy, steps.entering}, Across<kStatePitch>{s_c});
#pragma unroll 8
        for (int s = threadIdx.x / kHead; s < kSteps; s += kThreads / kHead) {
            sum_d += s_x[s * kHeadPitch + threadIdx.x % kHead] * s_dy[s * kHeadPitch + threadIdx.x % kHead];
        }
        __syncthreads();
    }
    if (warp_number() == 1) {
        finish_steps(p, work, work.begin, Steps(s_steps, 0), sums, sum_a, sum_bias);
    }
    if (work.segment == 0 && p.dinitial_state) {
        store_state(dstate, p, work, work.states(p, p.dinitial_state, 1, 0));
    }
    const long long part = static_cast<long long>(work.batch) * p.segments + work.segment;
    if (p.partial_d) {
        // x and dy, which follow each other, have room for a number of each thread.
        s_x[threadIdx.x] = sum_d;
        __syncthreads();
        if (threadIdx.x < channels) {
            for (int at = threadIdx.x + kHead; at < kThreads; at += kHead) {
                sum_d += s_x[at];
            }
            static_cast<float*>(p.partial_d)[part * p.heads * p.head_size + column + threadIdx.x] = sum_d;
        }
    }
    if (warp_number() == 1) {
#pragma unroll
        for (int apart = 16; apart > 0; apart /= 2) {
            sum_a += __shfl_xor_sync(0xffffffffu, sum_a, apart);
            sum_bias += __shfl_xor_sync(0xffffffffu, sum_bias, apart);
        }
        if (lane_number() == 0) {
            float* const to = static_cast<float*>(p.partial_a) + (part * p.tiles + work.tile) * 2 * p.heads + work.head;
            to[0] = sum_a;
            to[p.heads] = sum_bias;
        }
    }
}

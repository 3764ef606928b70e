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

// Forward, and what segments of time contribute to the states that pass through them, when time is split because heads
// alone do not fill the card.

#include "params.h"

constexpr int kThreads = mamba::cuda::kSSDThreads;

#include "ssd.cuh"

constexpr int kResident = ssd_resident(ssd_forward_reals(kSteps, kHead, kStates));

extern "C" __global__ void __launch_bounds__(kThreads, kResident) ssd_forward(const __grid_constant__ SSDParams p) {
    float* const s_c = reinterpret_cast<float*>(s_memory);
    float* const s_b = s_c + kSteps * kStatePitch;
    float* const s_state = s_b + kSteps * kStatePitch;
    float* const s_x = s_state + kHead * kStatePitch;
    float* const s_mix = s_x + kSteps * kHeadPitch;
    const Steps steps(s_mix + kSteps * kStepPitch);

    const Work work(p);
    const int column = work.head_column(p);
    const int channels = work.channels(p);
    State state;
    load_state(state, p, work,
               p.initial_state ? work.states(p, const_cast<void*>(p.initial_state), 1, 0) : nullptr);
    for (int segment = 0; segment < work.segment; ++segment) {
        apply_segment(state, p, work, segment);
    }
    for (int first = work.begin; first < work.end; first += kSteps) {
        const Chunk<kHead> x(p, work, p.x, first, column, channels);
        const Chunk<kStates> c(p, work, p.c, first, work.group_column(p), p.states);
        const Chunk<kStates> b(p, work, p.b, first, work.group_column(p), p.states);
        if (warp_number() == 0) {
            steps.load(p, work, first);
        }
        share_state(state, s_state);
        x.put(s_x);
        c.put(s_c);
        b.put(s_b);
        if (p.starts && first % p.save_every == 0) {
            store_state(state, p, work, work.states(p, p.starts, p.saved, first / p.save_every));
        }
        prefetch_rows<kHead>(work, p.x, first + kSteps, column);
        __syncthreads();

        Tile<kSteps, kSteps> mix;
        Tile<kSteps, kHead> y;
        mix.clear();
        y.clear();
        add_products<kStates>(mix, y, Along<kStatePitch>{s_c}, Along<kStatePitch>{s_b}, Along<kStatePitch>{s_state});
        mix.each([&](int to, int from, float& one, float& two) {
            *reinterpret_cast<float2*>(s_mix + to * kStepPitch + from) = make_float2(
                    one * steps.decay(from, to) * steps.delta[from],
                    two * steps.decay(from + 1, to) * steps.delta[from + 1]);
        });
        __syncthreads();

        y.each([&](int t, int, float& one, float& two) {
            one *= steps.entering[t];
            two *= steps.entering[t];
        });
        y.add_product(Apart<kStepPitch>{s_mix}, Across<kHeadPitch>{s_x}, 0, Tile<kSteps, kHead>::rows_from() + 16);
        y.each([&](int t, int channel, float& one, float& two) {
            if (first + t < work.end && channel < channels) {
                const bool both = channel + 1 < channels;
                const Skip skip(p, work, channel, both);
                const float2 x = two_at(s_x + t * kHeadPitch + channel);
                store_two(static_cast<Storage*>(p.y.data) + work.batch * p.y.batch + (first + t) * p.y.step + column
                                  + channel,
                          one + skip.first * x.x, two + skip.second * x.y, both);
            }
        });
        scale_state(state, *steps.total);
        state.add_product<kSteps>(ScaledAcross<kHeadPitch>{s_x, steps.added}, Across<kStatePitch>{s_b});
        __syncthreads();
    }
    if (work.segment == p.segments - 1) {
        store_state(state, p, work, work.states(p, p.final_state, 1, 0));
    }
}

// What is left of a zero state after a segment and how much a state decays in it; or, for the adjoint, what the gradients
// of a segment's outputs add to the gradient of the state before it.
template <bool ADJOINT>
__device__ __forceinline__ void summarize(const SSDParams& p) {
    float* const s_rows = reinterpret_cast<float*>(s_memory);
    float* const s_channels = s_rows + kSteps * kStatePitch;
    const Steps steps(s_channels + kSteps * kHeadPitch);

    const Work work(p);
    const int chunks = (work.end - work.begin + kSteps - 1) / kSteps;
    float decay = 1;
    State state;
    state.clear();
    for (int chunk = 0; chunk < chunks; ++chunk) {
        const int first = work.begin + (ADJOINT ? chunks - 1 - chunk : chunk) * kSteps;
        const Chunk<kHead> channels(p, work, ADJOINT ? p.dy : p.x, first, work.head_column(p), work.channels(p));
        const Chunk<kStates> rows(p, work, ADJOINT ? p.c : p.b, first, work.group_column(p), p.states);
        if (warp_number() == 0) {
            steps.load(p, work, first);
        }
        channels.put(s_channels);
        rows.put(s_rows);
        __syncthreads();
        decay *= *steps.total;
        scale_state(state, *steps.total);
        state.add_product<kSteps>(ScaledAcross<kHeadPitch>{s_channels, ADJOINT ? steps.entering : steps.added},
                                  Across<kStatePitch>{s_rows});
        __syncthreads();
    }
    store_state(state, p, work, work.states(p, p.summaries, p.segments, work.segment));
    if (threadIdx.x == 0 && work.tile == 0) {
        const long long at = (static_cast<long long>(work.batch) * p.segments + work.segment) * p.heads + work.head;
        static_cast<float*>(p.decays)[at] = decay;
    }
}

extern "C" __global__ void __launch_bounds__(kThreads, kResident) ssd_summary(const __grid_constant__ SSDParams p) {
    summarize<false>(p);
}

extern "C" __global__ void __launch_bounds__(kThreads, kResident) ssd_adjoint(const __grid_constant__ SSDParams p) {
    summarize<true>(p);
}

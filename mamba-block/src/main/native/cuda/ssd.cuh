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

// The scan of Mamba-2 (Dao and Gu 2024, section 6) in chunks of kSteps. A block has one head, or kHead channels of it,
// and walks over its time chunk by chunk; the state stays in its registers. All products are made by the matrix units:
// of numbers rounded to TF32 if the user allows that, else of numbers in two parts, which is as exact as float.

// Included after kThreads.
#include "common.cuh"

constexpr int kWarps = kThreads / 32;
constexpr int kSteps = STEPS;
constexpr int kHead = LANE_COUNT;
constexpr int kStates = SIZE;
constexpr int kStatePitch = ssd_pitch(kStates);
constexpr int kHeadPitch = ssd_pitch(kHead);
constexpr int kStepPitch = ssd_pitch(kSteps);

static_assert(kSteps % 16 == 0 && kHead % 16 == 0 && kStates % 8 == 0, "whole matrix instructions");
static_assert(kSteps <= 128 && kHead <= 128, "a warp for every 16 rows");

extern __shared__ float4 s_memory[];

struct Two {
    float first, second;
};

__device__ __forceinline__ int warp_number() {
    return threadIdx.x / 32;
}

__device__ __forceinline__ int lane_number() {
    return threadIdx.x % 32;
}

// d += a b for matrices of 16 x 8 and 8 x 8 numbers, of which the hardware ignores the last 13 bits.
__device__ __forceinline__ void multiply_add(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// Numbers as the matrix unit takes them.
template <int COUNT>
struct Operand {
    unsigned large[COUNT];
#if !TF32
    unsigned small[COUNT];
#endif

    __device__ __forceinline__ void set(int i, float value) {
        const unsigned bits = __float_as_uint(value);
#if TF32
        large[i] = bits + 0x1000u;
#else
        large[i] = bits & 0xffffe000u;
        small[i] = __float_as_uint(value - __uint_as_float(large[i])) + 0x1000u;
#endif
    }
};

__device__ __forceinline__ void multiply_add(float (&d)[4], const Operand<4>& a, const Operand<2>& b) {
#if !TF32
    multiply_add(d, a.small, b.large);
    multiply_add(d, a.large, b.small);
#endif
    multiply_add(d, a.large, b.large);
}

// Operands in shared memory: the numbers that a thread needs of a row of the left or a column of the right matrix, where
// k begins a step of 8 along the axis that is summed over, and q is the place of the thread among the four that share
// the row. Which k a thread takes is free as long as both operands agree: neighbours (Along) or q and q + 4 (the others).
template <int PITCH>
struct Along {
    const float* data;

    __device__ __forceinline__ Two get(int row, int k, int q) const {
        const float2 pair = *reinterpret_cast<const float2*>(data + row * PITCH + k + 2 * q);
        return {pair.x, pair.y};
    }
};

template <int PITCH>
struct Apart {
    const float* data;

    __device__ __forceinline__ Two get(int row, int k, int q) const {
        const float* const at = data + row * PITCH + k + q;
        return {at[0], at[4]};
    }
};

// The matrix is stored transposed.
template <int PITCH>
struct Across {
    const float* data;

    __device__ __forceinline__ Two get(int row, int k, int q) const {
        const float* const at = data + (k + q) * PITCH + row;
        return {at[0], at[4 * PITCH]};
    }
};

template <int PITCH>
struct ScaledAcross {
    const float* data;
    const float* scale;

    __device__ __forceinline__ Two get(int row, int k, int q) const {
        const Two two = Across<PITCH>{data}.get(row, k, q);
        return {two.first * scale[k + q], two.second * scale[k + q + 4]};
    }
};

// What a warp holds of a matrix that the block computes: 16 rows, of which a thread has two, and pairs of columns.
template <int ROWS, int COLUMNS>
struct Tile {
    static constexpr int kRowBlocks = ROWS / 16;
    static constexpr int kGroups = kWarps / kRowBlocks;
    static constexpr int kPairs = (COLUMNS / 8 + kGroups - 1) / kGroups;
    float value[kPairs][4];

    static __device__ __forceinline__ int group() {
        return warp_number() / kRowBlocks;
    }

    // Warps may be left over.
    static __device__ __forceinline__ bool active() {
        return group() * kPairs * 8 < COLUMNS;
    }

    // The first of the warp's rows.
    static __device__ __forceinline__ int rows_from() {
        return warp_number() % kRowBlocks * 16;
    }

    static __device__ __forceinline__ int row(int half) {
        return warp_number() % kRowBlocks * 16 + half * 8 + lane_number() / 4;
    }

    static __device__ __forceinline__ int column(int pair) {
        return (group() * kPairs + pair) * 8 + lane_number() % 4 * 2;
    }

    __device__ __forceinline__ void clear() {
#pragma unroll
        for (int i = 0; i < kPairs; ++i) {
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                value[i][j] = 0;
            }
        }
    }

    // f(row, column, two neighbouring numbers of the row)
    template <typename F>
    __device__ __forceinline__ void each(F f) {
        if (active()) {
#pragma unroll
            for (int half = 0; half < 2; ++half) {
#pragma unroll
                for (int i = 0; i < kPairs; ++i) {
                    f(row(half), column(i), value[i][2 * half], value[i][2 * half + 1]);
                }
            }
        }
    }

    template <typename A>
    static __device__ __forceinline__ Operand<4> left_operand(const A& a, int k) {
        Operand<4> left;
        const Two upper = a.get(row(0), k, lane_number() % 4);
        const Two lower = a.get(row(1), k, lane_number() % 4);
        left.set(0, upper.first);
        left.set(1, lower.first);
        left.set(2, upper.second);
        left.set(3, lower.second);
        return left;
    }

    // += left b over 8 numbers
    template <typename B>
    __device__ __forceinline__ void add_step(const Operand<4>& left, const B& b, int k) {
        const int first_column = group() * kPairs * 8 + lane_number() / 4;
#pragma unroll
        for (int i = 0; i < kPairs; ++i) {
            Operand<2> right;
            const Two two = b.get(first_column + i * 8, k, lane_number() % 4);
            right.set(0, two.first);
            right.set(1, two.second);
            multiply_add(value[i], left, right);
        }
    }

    // += a b over DEPTH numbers
    template <int DEPTH, typename A, typename B>
    __device__ __forceinline__ void add_product(const A& a, const B& b) {
        if (!active()) {
            return;
        }
#pragma unroll 4
        for (int k = 0; k < DEPTH; k += 8) {
            add_step(left_operand(a, k), b, k);
        }
    }

    // += a b, for k from `from` to `to`, which are multiples of 16
    template <typename A, typename B>
    __device__ __forceinline__ void add_product(const A& a, const B& b, int from, int to) {
        if (!active()) {
            return;
        }
#pragma unroll 2
        for (int k = from; k < to; k += 16) {
            add_step(left_operand(a, k), b, k);
            add_step(left_operand(a, k + 8), b, k + 8);
        }
    }

    // sums[group][row] = the sum of f(row, column, two neighbouring numbers) over the columns that the warp holds
    template <typename Sum, typename F>
    __device__ __forceinline__ void sum_rows(Sum* sums, F f) {
        if (!active()) {
            return;
        }
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            Sum sum = 0;
#pragma unroll
            for (int i = 0; i < kPairs; ++i) {
                sum += f(row(half), column(i), value[i][2 * half], value[i][2 * half + 1]);
            }
            sum += __shfl_xor_sync(0xffffffffu, sum, 1);
            sum += __shfl_xor_sync(0xffffffffu, sum, 2);
            if (lane_number() % 4 == 0) {
                sums[group() * ROWS + row(half)] = sum;
            }
        }
    }

    // How many groups of sums there are.
    static constexpr int kSums = (COLUMNS / 8 + kPairs - 1) / kPairs;
};

// one += a b, two += a c over DEPTH numbers
template <int DEPTH, typename One, typename Other, typename A, typename B, typename C>
__device__ __forceinline__ void add_products(One& one, Other& other, const A& a, const B& b, const C& c) {
    static_assert(One::kRowBlocks == Other::kRowBlocks, "a warp has the same rows of both");
#pragma unroll 4
    for (int k = 0; k < DEPTH; k += 8) {
        const Operand<4> left = One::left_operand(a, k);
        if (One::active()) {
            one.add_step(left, b, k);
        }
        if (Other::active()) {
            other.add_step(left, c, k);
        }
    }
}

__device__ __forceinline__ float2 two_at(const float* data) {
    return *reinterpret_cast<const float2*>(data);
}

using State = Tile<kHead, kStates>;

// What a block works on.
struct Work {
    int batch, segment, head, tile, begin, end;

    __device__ __forceinline__ explicit Work(const SSDParams& p) {
        int block = blockIdx.x;
        tile = block % p.tiles;
        block /= p.tiles;
        head = block % p.heads;
        block /= p.heads;
        segment = block % p.segments;
        batch = block / p.segments;
        begin = segment * p.segment_length;
        end = min(p.length, begin + p.segment_length);
    }

    __device__ __forceinline__ int group_column(const SSDParams& p) const {
        return head / p.group_heads * p.states;
    }

    __device__ __forceinline__ int head_column(const SSDParams& p) const {
        return head * p.head_size + tile * kHead;
    }

    // Channels of the tile that exist.
    __device__ __forceinline__ int channels(const SSDParams& p) const {
        return min(kHead, p.head_size - tile * kHead);
    }

    // Where the tile begins in a (batch, parts, heads, head size, states) array.
    __device__ __forceinline__ float* states(const SSDParams& p, void* data, int parts, int part) const {
        const long long index = (static_cast<long long>(batch) * parts + part) * p.heads + head;
        return static_cast<float*>(data) + (index * p.head_size + tile * kHead) * p.states;
    }

    __device__ __forceinline__ bool is_token(const SSDParams& p, int t) const {
        return t < end
               && (!p.mask.data
                   || static_cast<const unsigned char*>(p.mask.data)[batch * p.mask.batch + t * p.mask.step] != 0);
    }
};

// 2 to the power of it is 0, so that a step which decays faster does not differ.
constexpr float kLowestLog = -256.0f;

// The steps of a chunk. Decays are powers of two of differences that are never positive; a reset lies between two steps
// if their counts differ. The logarithms are in two parts: between steps that decay fast, single numbers would lose what
// slow ones decay.
struct Steps {
    float* delta;     // 0 at padding
    float* elapsed;   // log2 of the decay since the beginning of the chunk, resets left out
    float* count;     // resets since then
    float* entering;  // decay of the state before the chunk at the step
    float* leaving;   // decay of the step at the end of the chunk
    float* slope;     // of Δ by what it is computed from
    float* added;     // leaving times delta
    float* rest;      // what elapsed lacks
    float* total;     // decay over the chunk

    // Of two places, which chunks use in turns.
    __device__ __forceinline__ Steps(float* both, int turn) : Steps(both + turn % 2 * ssd_steps_reals(kSteps)) {}

    __device__ __forceinline__ explicit Steps(float* data)
            : delta(data), elapsed(data + kSteps), count(data + 2 * kSteps), entering(data + 3 * kSteps),
              leaving(data + 4 * kSteps), slope(data + 5 * kSteps), added(data + 6 * kSteps),
              rest(data + 7 * kSteps), total(data + 8 * kSteps) {}

    __device__ __forceinline__ float decay(int from, int to) const {
        const bool reaches = from <= to && count[from] == count[to];
        const float log = elapsed[to] - elapsed[from] + (rest[to] - rest[from]);
        return reaches ? exp2_of(fminf(log, 0.0f)) : 0.0f;
    }

    // By the first warp.
    __device__ __forceinline__ void load(const SSDParams& p, const Work& work, int first) const {
        constexpr int kEach = (kSteps + 31) / 32;
        const int lane = lane_number();
        const float rate = static_cast<const float*>(p.a)[work.head] * kLog2E;
        const float bias = p.delta_bias ? static_cast<const float*>(p.delta_bias)[work.head] : 0.0f;
        double logs[kEach];
        double log_sum = 0;
        float resets = 0;
#pragma unroll
        for (int i = 0; i < kEach; ++i) {
            const int s = lane * kEach + i;
            logs[i] = 0;
            if (s < kSteps) {
                const int t = first + s;
                const bool token = work.is_token(p, t);
                float step = 0;
                float derivative = 0;
                if (token) {
                    const Storage* const raw = static_cast<const Storage*>(p.delta.data) + work.batch * p.delta.batch
                                               + t * p.delta.step + work.head;
                    const float free = softplus(to_real(*raw) + bias, derivative);
                    step = fminf(fmaxf(free, p.delta_min), p.delta_max);
                    derivative = free < p.delta_min || free > p.delta_max ? 0.0f : derivative;
#if RESETS
                    const unsigned char* const flags = static_cast<const unsigned char*>(p.resets.data);
                    const bool reset = flags[work.batch * p.resets.batch + t * p.resets.step] != 0;
                    resets += reset;
                    log_sum += reset ? 0.0f : fmaxf(step * rate, kLowestLog);
#else
                    log_sum += fmaxf(step * rate, kLowestLog);
#endif
                }
                delta[s] = step;
                slope[s] = derivative;
                logs[i] = log_sum;
                count[s] = resets;
            }
        }
        double log_before = log_sum;
        float resets_before = resets;
#pragma unroll
        for (int apart = 1; apart < 32; apart *= 2) {
            const double other = __shfl_up_sync(0xffffffffu, log_before, apart);
            const float other_resets = __shfl_up_sync(0xffffffffu, resets_before, apart);
            log_before += lane >= apart ? other : 0.0;
            resets_before += lane >= apart ? other_resets : 0.0f;
        }
        const double log_total = __shfl_sync(0xffffffffu, log_before, 31);
        const float resets_total = __shfl_sync(0xffffffffu, resets_before, 31);
        log_before -= log_sum;
        resets_before -= resets;
#pragma unroll
        for (int i = 0; i < kEach; ++i) {
            const int s = lane * kEach + i;
            if (s < kSteps) {
                const double log = logs[i] + log_before;
                const float to_end = static_cast<float>(log_total - log);
                elapsed[s] = static_cast<float>(log);
                rest[s] = static_cast<float>(log - elapsed[s]);
                count[s] += resets_before;
                entering[s] = count[s] == 0 ? exp2_of(elapsed[s]) : 0.0f;
                leaving[s] = count[s] == resets_total ? exp2_of(fminf(to_end, 0.0f)) : 0.0f;
                added[s] = leaving[s] * delta[s];
            }
        }
        if (lane == 0) {
            *total = resets_total == 0 ? exp2_of(static_cast<float>(log_total)) : 0.0f;
        }
    }
};

// A chunk of a sequence on its way into shared memory, in the registers of the block. All chunks that a step of the walk
// needs are asked for before the first of them is waited for.
template <int WIDTH>
struct Chunk {
    static constexpr int kColumns = VECTOR ? 4 : 1;
    static constexpr int kPieces = kSteps * WIDTH / kColumns;
    static constexpr int kEach = (kPieces + kThreads - 1) / kThreads;
    static_assert(kEach <= 64, "a bit for every piece");
    Stored<kColumns> loaded[kEach];
    unsigned long long present;  // those that are not padding, nor columns that do not exist

    static __device__ __forceinline__ int row(int i) {
        return (i * kThreads + threadIdx.x) / (WIDTH / kColumns);
    }

    static __device__ __forceinline__ int column(int i) {
        return (i * kThreads + threadIdx.x) % (WIDTH / kColumns) * kColumns;
    }

    // What is not there is read from where something is: loads without branches are made at once.
    __device__ __forceinline__ Chunk(
            const SSDParams& p, const Work& work, const View& view, int first, int left, int columns)
            : present(0) {
        const Storage* const from = static_cast<const Storage*>(view.data) + work.batch * view.batch + left;
#pragma unroll
        for (int i = 0; i < kEach; ++i) {
            const int t = min(first + row(i), work.end - 1);
            const int at = min(column(i), columns - kColumns);
            loaded[i] = *reinterpret_cast<const Stored<kColumns>*>(from + t * view.step + at);
            present |= static_cast<unsigned long long>(t == first + row(i) && at == column(i)) << i;
        }
        if (p.mask.data) {
            const unsigned char* const mask = static_cast<const unsigned char*>(p.mask.data) + work.batch * p.mask.batch;
#pragma unroll
            for (int i = 0; i < kEach; ++i) {
                const int t = min(first + row(i), work.end - 1);
                present &= ~(static_cast<unsigned long long>(mask[t * p.mask.step] == 0) << i);
            }
        }
    }

    __device__ __forceinline__ void put(float* to) const {
#pragma unroll
        for (int i = 0; i < kEach; ++i) {
            if (kPieces % kThreads == 0 || i * kThreads + threadIdx.x < kPieces) {
                const bool there = present >> i & 1;
                float* const place = to + row(i) * ssd_pitch(WIDTH) + column(i);
#if VECTOR
                *reinterpret_cast<float4*>(place) = make_float4(
                        there ? loaded[i].get(0) : 0.0f, there ? loaded[i].get(1) : 0.0f,
                        there ? loaded[i].get(2) : 0.0f, there ? loaded[i].get(3) : 0.0f);
#else
                *place = there ? loaded[i].get(0) : 0.0f;
#endif
            }
        }
    }
};

__device__ __forceinline__ void prefetch(const void* address) {
    asm volatile("prefetch.global.L2 [%0];" ::"l"(address));
}

// Brings a chunk closer while the one before it in the walk is worked on.
template <int WIDTH>
__device__ __forceinline__ void prefetch_rows(const Work& work, const View& view, int first, int left) {
    constexpr int kLine = 128 / sizeof(Storage);
    constexpr int kLines = (WIDTH + kLine - 1) / kLine;
    const Storage* const from = static_cast<const Storage*>(view.data) + work.batch * view.batch + left;
    for (int i = threadIdx.x; i < kSteps * kLines; i += kThreads) {
        const int t = first + i / kLines;
        if (t < work.end) {
            prefetch(from + t * view.step + i % kLines * kLine);
        }
    }
}

// Two neighbouring numbers of a sequence.
__device__ __forceinline__ void store_two(Storage* to, float first, float second, bool both) {
#if VECTOR
    Stored<2> pair;
    pair.set(0, first);
    pair.set(1, second);
    *reinterpret_cast<Stored<2>*>(to) = pair;
#else
    to[0] = to_storage(first);
    if (both) {
        to[1] = to_storage(second);
    }
#endif
}

__device__ __forceinline__ void store_two_floats(float* to, float first, float second, bool both) {
#if VECTOR
    *reinterpret_cast<float2*>(to) = make_float2(first, second);
#else
    to[0] = first;
    if (both) {
        to[1] = second;
    }
#endif
}

// What a channel and the next one are multiplied by on their way past the scan.
struct Skip {
    float first, second;

    __device__ __forceinline__ Skip(const SSDParams& p, const Work& work, int channel, bool both) {
        const float* const d = static_cast<const float*>(p.d);
        const int at = p.skip_per_channel ? work.head_column(p) + channel : work.head;
        first = d ? d[at] : 0.0f;
        second = d && both ? d[p.skip_per_channel ? at + 1 : at] : 0.0f;
    }
};

// Visits what exists of a block's states: f(offset in the (head size, states) matrix of the tile, two numbers, whether
// the second exists).
template <typename F>
__device__ __forceinline__ void each_state(State& state, const SSDParams& p, const Work& work, F f) {
    const int channels = work.channels(p);
    state.each([&](int row, int column, float& first, float& second) {
        if (row < channels && column < p.states) {
            f(row * p.states + column, first, second, column + 1 < p.states);
        }
    });
}

__device__ __forceinline__ void load_state(State& state, const SSDParams& p, const Work& work, const float* from) {
    state.clear();
    if (from) {
        const int channels = work.channels(p);
        state.each([&](int row, int column, float& first, float& second) {
            const float* const at = from + min(row, channels - 1) * p.states;
            const bool there = row < channels && column < p.states;
#if VECTOR
            const float2 pair = *reinterpret_cast<const float2*>(at + min(column, p.states - 2));
            first = there ? pair.x : 0.0f;
            second = there ? pair.y : 0.0f;
#else
            const float one = at[min(column, p.states - 1)];
            const float two = at[min(column + 1, p.states - 1)];
            first = there ? one : 0.0f;
            second = there && column + 1 < p.states ? two : 0.0f;
#endif
        });
    }
}

// state = decay * state + what another segment adds
__device__ __forceinline__ void apply_segment(State& state, const SSDParams& p, const Work& work, int segment) {
    State added;
    load_state(added, p, work, work.states(p, p.summaries, p.segments, segment));
    const float decay = static_cast<const float*>(
            p.decays)[(static_cast<long long>(work.batch) * p.segments + segment) * p.heads + work.head];
#pragma unroll
    for (int i = 0; i < State::kPairs; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            state.value[i][j] = decay * state.value[i][j] + added.value[i][j];
        }
    }
}

__device__ __forceinline__ void store_state(State& state, const SSDParams& p, const Work& work, float* to) {
    each_state(state, p, work, [&](int at, float& first, float& second, bool both) {
        store_two_floats(to + at, first, second, both);
    });
}

// The state as an operand.
__device__ __forceinline__ void share_state(State& state, float* to) {
    state.each([&](int row, int column, float& first, float& second) {
        *reinterpret_cast<float2*>(to + row * kStatePitch + column) = make_float2(first, second);
    });
}

__device__ __forceinline__ void scale_state(State& state, float factor) {
    state.each([&](int, int, float& first, float& second) {
        first *= factor;
        second *= factor;
    });
}

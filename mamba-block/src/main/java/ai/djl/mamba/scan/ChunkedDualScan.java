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
package ai.djl.mamba.scan;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * The dual form in matrix products (Dao and Gu 2024, section 6): within a chunk of Q steps y = (M ∘
 * C Bᵀ) Δx, where M is a matrix of decays; a state for each chunk by one product; a short
 * recurrence over the chunks, itself a product; and one product from states to outputs.
 *
 * <p>A decay from step j to step i is exp(c_i − c_j), where c is the cumulative sum of Δ·A in the
 * chunk, so no exponent is positive. The sums are computed in float64 and kept as hi + lo in the
 * type of the sequence: where some steps decay fast, the difference of single sums would lose what
 * the slow ones between them decay. As |lo| is tiny, exp(lo_i) and exp(−lo_j) multiply vectors
 * rather than matrices.
 */
public final class ChunkedDualScan extends ComposedDualScan {

    /** More chunks than this follow one another: their recurrence is a product quadratic in it. */
    private static final int CHUNKS = 32;

    private static final int CHUNK_LENGTH = 64;

    /** exp of it is 0; times the resets in a block it is still finite. */
    private static final float NEVER = -1e20f;

    /** So low that NEVER times the resets that lie between two steps does not lift it. */
    private static final float FUTURE = -1e37f;

    private final int chunkLength;

    /** Creates a scan that chooses its chunks from the shape of the input. */
    public ChunkedDualScan() {
        this(CHUNK_LENGTH);
    }

    /**
     * Creates a scan with given chunks.
     *
     * @param chunkLength the number of steps in a chunk, Q
     */
    public ChunkedDualScan(int chunkLength) {
        this.chunkLength = chunkLength;
    }

    /** {@inheritDoc} */
    @Override
    public String name() {
        return "chunked";
    }

    @Override
    long[] cuts(DualScanInput in) {
        return new ChunkPlan(CHUNKS, chunkLength).cuts(in.x().getShape().get(1));
    }

    @Override
    NDList recur(Steps steps, NDArray state) {
        if (steps.length() == 1) {
            return SequentialDualScan.run(steps, state);
        }
        long chunks = Math.max(1, steps.length() / chunkLength);
        return new Block(steps, chunks).scan(state);
    }

    /** One block: K chunks of Q steps in each of B rows, R = B·K chunks altogether. */
    private static final class Block {

        private final Steps steps;
        private final NDManager manager;
        private final DataType type;
        private final long batch;
        private final long chunks;
        private final long rows;
        private final long length;
        private final long heads;
        private final long size;
        private final long groups;
        private final long stateSize;

        Block(Steps steps, long chunks) {
            this.steps = steps;
            this.chunks = chunks;
            manager = steps.x().getManager();
            type = steps.x().getDataType();
            batch = steps.rows();
            rows = batch * chunks;
            length = steps.length() / chunks;
            heads = steps.heads();
            size = steps.headSize();
            groups = steps.groups();
            stateSize = steps.states();
        }

        NDList scan(NDArray state) {
            NDArray sums =
                    steps.exponent()
                            .reshape(rows, length, heads)
                            .toType(DataType.FLOAT64, false)
                            .cumSum(1);
            NDArray hi = sums.toType(type, false); // (R, Q, H)
            NDArray lo = sums.sub(hi.toType(DataType.FLOAT64, false)).stopGradient();
            lo = lo.toType(type, false);
            NDArray breaks = steps.resets() == null ? null : breaks();

            NDArray weight = steps.delta().reshape(rows, length, heads).mul(lo.neg().exp());
            NDArray x = steps.x().reshape(rows, length, heads, size).mul(weight.expandDims(3));
            NDArray b = steps.b().reshape(rows, length, groups, stateSize).transpose(0, 2, 1, 3);
            NDArray c = steps.c().reshape(rows, length, groups, stateSize).transpose(0, 2, 1, 3);

            NDArray y = within(x, b, c, hi, breaks);
            NDArray end = added(x, b, hi, lo, breaks);
            if (chunks > 1 || state != null) {
                NDArray starts = starts(end, sums, breaks, state); // (B, H, K + 1, P·N)
                y = y.add(before(c, starts, hi, breaks));
                end = starts.get(new NDIndex().addAllDim(2).addSliceDim(chunks, chunks + 1));
            }
            y = y.mul(lo.exp().expandDims(3));
            return new NDList(
                    y.reshape(batch, chunks * length, heads, size),
                    end.reshape(batch, heads, size, stateSize));
        }

        /** The number of resets in each chunk up to each of its steps, (R, Q, 1). */
        private NDArray breaks() {
            return steps.resets().reshape(rows, length, 1).cumSum(1);
        }

        /** Σ_{j ≤ i} C_i · B_j exp(c_i − c_j) Δ_j x_j, but for exp(lo_i): (R, Q, H, P). */
        private NDArray within(NDArray x, NDArray b, NDArray c, NDArray hi, NDArray breaks) {
            NDArray decay =
                    decays(
                            hi.transpose(0, 2, 1),
                            breaks == null ? null : breaks.transpose(0, 2, 1));
            NDArray products = c.matMul(b.transpose(0, 1, 3, 2)); // (R, G, Q, Q)
            NDArray mixing =
                    decay.reshape(rows, groups, heads / groups, length, length)
                            .mul(products.expandDims(2))
                            .reshape(rows, heads, length, length);
            return mixing.matMul(x.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3);
        }

        /** What a chunk adds to the state, Σ_j exp(c_Q − c_j) Δ_j x_j ⊗ B_j: (B, K, H, P·N). */
        private NDArray added(NDArray x, NDArray b, NDArray hi, NDArray lo, NDArray breaks) {
            NDArray exponent = last(hi).sub(hi);
            if (breaks != null) {
                exponent = exponent.add(last(breaks).sub(breaks).mul(NEVER));
            }
            NDArray toEnd = exponent.exp().mul(last(lo).exp());
            NDArray weighted =
                    x.mul(toEnd.expandDims(3))
                            .reshape(rows, length, groups, heads / groups * size)
                            .transpose(0, 2, 3, 1); // (R, G, P·H/G, Q)
            return weighted.matMul(b).reshape(batch, chunks, heads, size * stateSize);
        }

        /** The state before each chunk, and that after the last: (B, H, K + 1, P·N). */
        private NDArray starts(NDArray added, NDArray sums, NDArray breaks, NDArray state) {
            NDArray first =
                    state == null
                            ? manager.zeros(new Shape(batch, 1, heads, size * stateSize), type)
                            : state.reshape(batch, 1, heads, size * stateSize);
            NDArray decay = decays(untilChunk(sums), breaks == null ? null : untilChunk(breaks));
            NDArray parts = first.concat(added, 1).transpose(0, 2, 1, 3); // (B, H, K + 1, P·N)
            return decay.toType(type, false).matMul(parts);
        }

        /** The sum over the chunks before each chunk, and over all: (R, Q, X) → (B, X, K + 1). */
        private NDArray untilChunk(NDArray sums) {
            long width = sums.getShape().get(2);
            NDArray totals = last(sums).reshape(batch, chunks, width).transpose(0, 2, 1);
            NDArray none = manager.zeros(new Shape(batch, width, 1), sums.getDataType());
            return none.concat(totals.cumSum(2), 2);
        }

        /** exp(c_i) C_i S, the part of y that comes from before the chunk: (R, Q, H, P). */
        private NDArray before(NDArray c, NDArray starts, NDArray hi, NDArray breaks) {
            NDArray states =
                    starts.get(new NDIndex().addAllDim(2).addSliceDim(0, chunks))
                            .transpose(0, 2, 1, 3) // (B, K, H, P·N)
                            .reshape(rows, groups, heads / groups * size, stateSize);
            NDArray exponent = breaks == null ? hi : hi.add(breaks.mul(NEVER));
            return c.matMul(states.transpose(0, 1, 3, 2)) // (R, G, Q, P·H/G)
                    .transpose(0, 2, 1, 3)
                    .reshape(rows, length, heads, size)
                    .mul(exponent.exp().expandDims(3));
        }

        private static NDArray last(NDArray steps) {
            long length = steps.getShape().get(1);
            return steps.get(new NDIndex().addAllDim().addSliceDim(length - 1, length));
        }

        /**
         * The decays from j to i, exp(c_i − c_j) where j ≤ i and nothing breaks between, else 0.
         *
         * @param sums c, (X, H, T)
         * @param breaks the number of resets up to each step, (X, 1, T), or {@code null}
         * @return the decays, (X, H, T, T)
         */
        private NDArray decays(NDArray sums, NDArray breaks) {
            NDArray exponent = differences(sums).add(future(sums));
            if (breaks != null) {
                exponent =
                        exponent.add(
                                differences(breaks).toType(sums.getDataType(), false).mul(NEVER));
            }
            return exponent.exp();
        }

        private static NDArray differences(NDArray sums) {
            return sums.expandDims(3).sub(sums.expandDims(2));
        }

        /** 0 where j ≤ i, and where j > i lower than resets could make up for: (T, T). */
        private NDArray future(NDArray sums) {
            int width = Math.toIntExact(sums.getShape().get(2));
            float[] values = new float[width * width];
            for (int i = 0; i < width; i++) {
                Arrays.fill(values, i * width + i + 1, (i + 1) * width, FUTURE);
            }
            return manager.create(values, new Shape(width, width))
                    .toType(sums.getDataType(), false);
        }
    }
}

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
package ai.djl.mamba.ops;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Differentiable;
import ai.djl.mamba.internal.HostArrays;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * The SSD scan as matrix products (Dao and Gu 2024, section 6): within a chunk of Q steps y = (M ∘
 * C Bᵀ) Δx, where M is a matrix of decays; one product gives the state of each chunk; a short
 * recurrence over the chunks is itself a product; and one product takes the states to the outputs.
 *
 * <p>A decay from step j to step i is exp(Σ Δ_k A) over j &lt; k ≤ i, each exponent summed on its
 * own: the difference of two cumulative sums would lose the decay of slow steps between fast ones,
 * and its gradients would lose whatever is small compared to their terms.
 */
final class ChunkedSSDScan extends ComposedSSDScan {

    /**
     * At most this many chunks run together: the recurrence over them is a product of quadratic
     * cost.
     */
    private static final int CHUNKS = 32;

    private static final double CHUNK_LENGTH_FACTOR = 0.6;
    private static final int MIN_CHUNK = 16;
    private static final int MAX_CHUNK = 128;

    /** Its exp is 0, and so is the exp of its sum over all steps of a block. */
    private static final float NEVER = -1e20f;

    private final int fixedLength; // 0: taken from the input

    /** Creates a scan whose chunk length comes from the input, or else from its shape. */
    ChunkedSSDScan() {
        fixedLength = 0;
    }

    /**
     * Creates a scan with a given chunk length, for measurements.
     *
     * @param chunkLength the number of steps in a chunk, Q
     */
    ChunkedSSDScan(int chunkLength) {
        Checks.positive("ChunkedSSDScan", "chunkLength", chunkLength);
        fixedLength = chunkLength;
    }

    /** {@inheritDoc} */
    @Override
    public String name() {
        return "chunked";
    }

    @Override
    long[] cuts(SSDScanInput in) {
        return new ChunkPlan(CHUNKS, chunkLength(in)).cuts(in.x().getShape().get(1));
    }

    /**
     * The number of steps in a chunk unless it is given. For each step a head computes Q decays and
     * 1/Q of a state, so the best Q grows with the square root of the state size; the factor comes
     * from the tables in the benchmark notes.
     *
     * @param in the arguments of the scan
     * @return Q, a power of two if it was not given
     */
    private int chunkLength(SSDScanInput in) {
        if (fixedLength > 0 || in.chunkLength() > 0) {
            return fixedLength > 0 ? fixedLength : in.chunkLength();
        }
        long stateSize = in.x().getShape().get(2) / in.heads() * in.states(); // P·N
        double best = CHUNK_LENGTH_FACTOR * Math.sqrt((double) stateSize);
        int power = 1 << Math.max(0, (int) Math.round(Math.log(best) / Math.log(2)));
        return Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, power));
    }

    @Override
    NDList recur(SSDScanInput in, Steps steps, NDArray state) {
        if (steps.length() == 1) {
            return SequentialSSDScan.run(steps, state);
        }
        long chunks = Math.max(1, steps.length() / chunkLength(in));
        return new Block(steps, chunks).scan(state);
    }

    /** One block: K chunks of Q steps in each of B rows, R = B·K chunks in total. */
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
            NDArray exponent = steps.exponent();
            if (steps.resets() != null) {
                exponent = exponent.add(Differentiable.scale(steps.resets(), NEVER));
            }
            exponent = exponent.reshape(rows, length, heads);
            NDArray x = steps.x().mul(steps.delta().expandDims(3));
            x = x.reshape(rows, length, heads, size);
            NDArray b = steps.b().reshape(rows, length, groups, stateSize).transpose(0, 2, 1, 3);
            NDArray c = steps.c().reshape(rows, length, groups, stateSize).transpose(0, 2, 1, 3);

            NDArray y = within(x, b, c, exponent);
            NDArray end = added(x, b, exponent);
            if (chunks > 1 || state != null) {
                NDArray starts = starts(end, exponent, state); // (B, H, K + 1, P·N)
                y = y.add(before(c, starts, exponent));
                end = starts.get(new NDIndex().addAllDim(2).addSliceDim(chunks, chunks + 1));
            }
            return new NDList(
                    y.reshape(batch, chunks * length, heads, size),
                    end.reshape(batch, heads, size, stateSize));
        }

        /** Σ_{j ≤ i} C_i · B_j decay(j, i) Δ_j x_j: (R, Q, H, P). */
        private NDArray within(NDArray x, NDArray b, NDArray c, NDArray exponent) {
            NDArray products = b.matMul(c.transpose(0, 1, 3, 2)); // (R, G, Q, Q)
            NDArray mixing =
                    decays(exponent.transpose(0, 2, 1))
                            .reshape(rows, groups, heads / groups, length, length)
                            .mul(products.expandDims(2))
                            .reshape(rows, heads, length, length);
            return x.transpose(0, 2, 3, 1).matMul(mixing).transpose(0, 3, 1, 2);
        }

        /** What a chunk adds to the state, Σ_j decay(j, Q) Δ_j x_j ⊗ B_j: (B, K, H, P·N). */
        private NDArray added(NDArray x, NDArray b, NDArray exponent) {
            NDArray none = manager.zeros(new Shape(rows, 1, heads), type);
            NDArray later =
                    length == 1
                            ? none
                            : exponent.get(new NDIndex().addAllDim().addSliceDim(1, length))
                                    .concat(none, 1);
            NDArray toEnd = later.flip(1).cumSum(1).flip(1).exp();
            NDArray weighted =
                    x.mul(toEnd.expandDims(3))
                            .reshape(rows, length, groups, heads / groups * size)
                            .transpose(0, 2, 3, 1); // (R, G, P·H/G, Q)
            return weighted.matMul(b).reshape(batch, chunks, heads, size * stateSize);
        }

        /** The state before each chunk and after the last: (B, H, K + 1, P·N). */
        private NDArray starts(NDArray added, NDArray exponent, NDArray state) {
            NDArray first =
                    state == null
                            ? manager.zeros(new Shape(batch, 1, heads, size * stateSize), type)
                            : state.reshape(batch, 1, heads, size * stateSize);
            NDArray parts = first.concat(added, 1).transpose(0, 2, 1, 3); // (B, H, K + 1, P·N)
            NDArray ofChunks =
                    manager.zeros(new Shape(batch, 1, heads), type)
                            .concat(exponent.sum(new int[] {1}).reshape(batch, chunks, heads), 1);
            return decays(ofChunks.transpose(0, 2, 1)).transpose(0, 1, 3, 2).matMul(parts);
        }

        /** decay(start, i) C_i S, the contribution to y from before the chunk: (R, Q, H, P). */
        private NDArray before(NDArray c, NDArray starts, NDArray exponent) {
            NDArray states =
                    starts.get(new NDIndex().addAllDim(2).addSliceDim(0, chunks))
                            .transpose(0, 2, 1, 3) // (B, K, H, P·N)
                            .reshape(rows, groups, heads / groups * size, stateSize);
            return c.matMul(states.transpose(0, 1, 3, 2)) // (R, G, Q, P·H/G)
                    .transpose(0, 2, 1, 3)
                    .reshape(rows, length, heads, size)
                    .mul(exponent.cumSum(1).exp().expandDims(3));
        }

        /**
         * The decays from each step to every other, 0 towards earlier steps.
         *
         * @param exponent the exponent of each step, (X, H, T)
         * @return exp(Σ_{j<k≤i} exponent_k) at (j, i), (X, H, T, T)
         */
        private NDArray decays(NDArray exponent) {
            int width = Math.toIntExact(exponent.getShape().get(2));
            float[] later = new float[width * width];
            float[] earlier = new float[width * width];
            for (int j = 0; j < width; j++) {
                Arrays.fill(later, j * width + j + 1, (j + 1) * width, 1);
                Arrays.fill(earlier, j * width, j * width + j, NEVER);
            }
            NDArray sums = exponent.expandDims(2).mul(constant(later, width)).cumSum(3);
            return sums.add(constant(earlier, width)).exp();
        }

        /** A new PyTorch array wraps Java memory, which the autograd graph does not keep alive. */
        private NDArray constant(float[] values, int width) {
            return HostArrays.create(manager, values, new Shape(width, width))
                    .toType(type, false)
                    .duplicate();
        }
    }
}

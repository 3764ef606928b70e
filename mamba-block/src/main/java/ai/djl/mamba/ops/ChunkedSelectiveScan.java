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

import ai.djl.mamba.internal.Differentiable;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;

/**
 * A two-level selective scan: the sequence is split into consecutive blocks, and each block into
 * chunks that are scanned side by side.
 *
 * <p>Within a block, step t of all chunks is one operation on (chunks·B, N, E). Each chunk starts
 * from zero; a short scan over the chunk ends then gives the true start states S, which are added
 * at step t, times the product of the decays up to t. Every factor is the exp of a non-positive
 * number: nothing is divided by a cumulative decay, which would underflow.
 *
 * <p>A block is sized to fit the cache, so in inference the decays and states of the whole sequence
 * never exist at once; in training the autograd graph keeps them, which takes memory linear in L.
 */
final class ChunkedSelectiveScan extends ComposedSelectiveScan {

    private final ChunkPlan fixedPlan;

    /** Creates a scan that chooses its chunks from the shape of the input. */
    public ChunkedSelectiveScan() {
        fixedPlan = null;
    }

    /**
     * Creates a scan with given chunks, for measurements.
     *
     * @param chunks the number of chunks that are scanned side by side
     * @param chunkLength the number of steps in a chunk
     */
    public ChunkedSelectiveScan(int chunks, int chunkLength) {
        fixedPlan = new ChunkPlan(chunks, chunkLength);
    }

    /** {@inheritDoc} */
    @Override
    public String name() {
        return "chunked";
    }

    @Override
    long[] cuts(SelectiveScanInput in) {
        return plan(in.u().getShape(), in.a()).cuts(in.u().getShape().get(1));
    }

    @Override
    NDList recur(Steps steps, NDArray a, NDArray state) {
        Shape shape = steps.delta().getShape();
        return new Block(steps, plan(shape, a).chunksIn(shape.get(1))).scan(a, state);
    }

    private ChunkPlan plan(Shape shape, NDArray a) {
        return fixedPlan != null
                ? fixedPlan
                : ChunkPlan.choose(shape.get(0) * a.size(), a.getDevice().isGpu());
    }

    /** One block: {@code chunks} chunks of {@code length} steps, and R = B·chunks rows. */
    private static final class Block {

        private final Steps steps;
        private final long batch;
        private final long chunks;
        private final long rows;
        private final long length;
        private final long channels;
        private final long states;

        Block(Steps steps, long chunks) {
            this.steps = steps;
            this.chunks = chunks;
            Shape shape = steps.delta().getShape();
            batch = shape.get(0);
            rows = batch * chunks;
            length = shape.get(1) / chunks;
            channels = shape.get(2);
            states = steps.b().getShape().get(2);
        }

        NDList scan(NDArray a, NDArray state) {
            NDArray delta = stepsFirst(steps.delta()).expandDims(2); // (length, R, 1, E)
            NDArray input = stepsFirst(steps.input()).expandDims(2);
            NDArray b = stepsFirst(steps.b()).expandDims(3); // (length, R, N, 1)
            NDArray c = stepsFirst(steps.c()).expandDims(2); // (length, R, 1, N)
            NDArray decay = delta.mul(a).exp();
            if (steps.keep() != null) {
                decay = decay.mul(stepsFirst(steps.keep()).expandDims(3));
            }
            NDList decays = decay.split(length, 0); // (1, R, N, E)
            NDList added = input.mul(b).split(length, 0);
            boolean oneLevel = chunks == 1;
            NDList local = scanSteps(decays, added, oneLevel ? state : null);
            NDArray all = Differentiable.concat(local, 0); // (length, R, N, E)
            NDArray last = local.get(local.size() - 1);
            if (!oneLevel) {
                NDList products = decayProducts(decays);
                NDList starts = startStates(last, products.get(products.size() - 1), state);
                last = starts.remove(starts.size() - 1); // (B, 1, N, E)
                NDArray start = Differentiable.concat(starts, 1).reshape(1, rows, states, channels);
                all = all.add(Differentiable.concat(products, 0).mul(start));
            }
            NDArray y = c.matMul(all).reshape(length, rows, channels).transpose(1, 0, 2);
            return new NDList(
                    y.reshape(batch, chunks * length, channels),
                    last.reshape(batch, states, channels));
        }

        /** (B, chunks·length, X) → (length, R, X), so that a step is contiguous in memory. */
        private NDArray stepsFirst(NDArray x) {
            return x.reshape(rows, length, x.getShape().get(2)).transpose(1, 0, 2);
        }

        /** Scans all chunks side by side, from the given state or from zero. */
        private NDList scanSteps(NDList decays, NDList added, NDArray state) {
            NDList local = new NDList(decays.size());
            NDArray s = state;
            for (int t = 0; t < decays.size(); t++) {
                if (s == null) {
                    s = added.get(t);
                } else {
                    NDArray kept = decays.get(t).mul(s);
                    s = kept.add(added.get(t));
                    kept.close(); // its memory is still in the cache for the next step
                }
                local.add(s);
            }
            return local;
        }

        private NDList decayProducts(NDList decays) {
            NDList products = new NDList(decays.size());
            NDArray product = decays.get(0);
            products.add(product);
            for (int t = 1; t < decays.size(); t++) {
                product = product.mul(decays.get(t));
                products.add(product);
            }
            return products;
        }

        /** The state at the start of each chunk, followed by the state at the end. */
        private NDList startStates(NDArray ends, NDArray decay, NDArray state) {
            NDList localEnds = ends.reshape(batch, chunks, states, channels).split(chunks, 1);
            NDList decays = decay.reshape(batch, chunks, states, channels).split(chunks, 1);
            NDArray s =
                    state == null
                            ? localEnds.get(0).zerosLike()
                            : state.reshape(batch, 1, states, channels);
            NDList starts = new NDList();
            starts.add(s);
            for (int k = 0; k < chunks; k++) {
                s = decays.get(k).mul(s).add(localEnds.get(k));
                starts.add(s);
            }
            return starts;
        }
    }
}

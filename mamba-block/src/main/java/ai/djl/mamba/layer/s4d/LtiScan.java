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
package ai.djl.mamba.layer.s4d;

import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.ops.Padding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Runs a {@link DiagonalSystem} over a sequence, as a recurrence or as a convolution.
 *
 * <p>Time is split as l = q·c + r. Every power of Ā is the product of an entry of the table Ā⁰ …
 * Ā^{c−1} and a power of Ā^c, so that neither way needs an array (E, N, L): apart from the tables,
 * memory grows as E·L·N/c. Arrays are channels-first, so that the work of each channel is one
 * matrix product of a batch.
 */
final class LtiScan {

    /** The length from which transforms were faster on a CPU, forward and backward. */
    private static final long MIN_CONVOLUTION_LENGTH = 32;

    /** Longer chunks cost more in Toeplitz matrices, shorter ones in the loop over chunks. */
    private static final long RECURRENT_CHUNK = 32;

    private final DiagonalSystem system;
    private final long length; // L
    private final long chunk; // c, a power of two
    private final long chunks; // Q = ⌈L / c⌉
    private final ComplexArray powers; // Ā⁰ … Ā^{c−1}, (E, c, H)
    private final ComplexArray chunkDecay; // Ā^c, (E, 1, H)

    /**
     * Computes the tables of powers.
     *
     * @param system the system
     * @param length L, the length of the sequence
     * @param chunk c, the length of a chunk, a power of two
     */
    LtiScan(DiagonalSystem system, long length, long chunk) {
        this.system = system;
        this.length = length;
        this.chunk = chunk;
        chunks = (length + chunk - 1) / chunk;
        DiagonalSystem.Powers made = DiagonalSystem.powers(system.decay().expandDims(1), chunk);
        powers = made.table();
        chunkDecay = made.next();
    }

    /**
     * Runs a system in the way that the mode and the input call for. Rows with several documents
     * always use the recurrence: a kernel would reach across document boundaries.
     *
     * @param system the system
     * @param input the input
     * @param mode the mode
     * @return the output, (B, L, E), and the final state, (B, E, N), if it is wanted
     */
    static NDList run(DiagonalSystem system, SequenceInput input, S4D.Mode mode) {
        boolean convolve = convolves(input, mode);
        if (input.documents() != null) {
            return PackedLtiScan.run(system, input);
        }
        boolean padded = input.padding() != null;
        NDArray u = padded ? input.data().mul(input.padding().mask()) : input.data();
        long length = u.getShape().get(1);
        if (length == 1 && !padded) {
            NDList result = step(system, u, input.state(0));
            return input.needState() ? result : new NDList(result.get(0));
        }
        LtiScan scan = new LtiScan(system, length, chunkLength(length, convolve));
        NDArray channelsFirst = u.transpose(2, 0, 1);
        NDArray state = input.state(0) == null ? null : input.state(0).transpose(1, 0, 2);
        NDList result =
                convolve
                        ? new NDList(scan.convolve(channelsFirst, state))
                        : scan.recur(channelsFirst, state, null, input.needState() && !padded);
        if (input.needState() && result.size() == 1) {
            result.add(scan.finalState(u, input.padding(), state));
        }
        result.set(0, result.get(0).transpose(1, 2, 0));
        if (input.needState()) {
            result.set(1, result.get(1).transpose(1, 0, 2));
        }
        return result;
    }

    private static boolean convolves(SequenceInput input, S4D.Mode mode) {
        boolean capable = "PyTorch".equals(input.data().getManager().getEngine().getEngineName());
        if (mode == S4D.Mode.CONVOLUTION && !capable) {
            throw new UnsupportedOperationException(
                    "S4D: Mode.CONVOLUTION needs Fourier transforms, which only the PyTorch engine"
                            + " has; use AUTO or RECURRENCE");
        }
        boolean stateless = input.state(0) == null && !input.needState();
        boolean isLong = input.data().getShape().get(1) >= MIN_CONVOLUTION_LENGTH;
        return mode == S4D.Mode.CONVOLUTION
                || (mode == S4D.Mode.AUTO && capable && stateless && isLong);
    }

    /** Chooses c, a power of two: about √L to balance the two factors of the kernel. */
    static long chunkLength(long length, boolean convolve) {
        long target = convolve ? (long) Math.ceil(Math.sqrt((double) length)) : RECURRENT_CHUNK;
        long chunk = 1;
        while (chunk < Math.min(target, length)) {
            chunk *= 2;
        }
        return chunk;
    }

    /**
     * Makes a single step, without tables.
     *
     * @param system the system
     * @param u the input, (B, 1, E)
     * @param state the previous state, (B, E, N), or {@code null} for zero
     * @return the output, (B, 1, E), and the new state, (B, E, N)
     */
    static NDList step(DiagonalSystem system, NDArray u, NDArray state) {
        ComplexArray s = system.input().mul(u.transpose(0, 2, 1)); // (B, E, H)
        if (state != null) {
            s = s.add(ComplexArray.unpack(state).mul(system.decay()));
        }
        NDArray packed = s.pack();
        NDArray y = packed.mul(system.outputWeights()).sum(new int[] {2});
        return new NDList(y.expandDims(1), packed);
    }

    /**
     * Runs the recurrence chunk by chunk: a Toeplitz matrix product within a chunk, the state
     * between chunks.
     *
     * @param u the input, (E, B, L), zero at padding
     * @param state the begin state, (E, B, N), or {@code null} for zero
     * @param keep 0 for chunks before which the state is dropped, otherwise 1, (1, B, Q, 1), or
     *     {@code null} if it is never dropped
     * @param needState whether to return the final state if it falls on the end of a chunk
     * @return the outputs, (E, B, L), and the final state, (E, B, N), if it is wanted and L is a
     *     multiple of c
     */
    NDList recur(NDArray u, NDArray state, NDArray keep, boolean needState) {
        long batch = u.getShape().get(1);
        NDArray blocks = padded(u, false).reshape(system.channels(), batch * chunks, chunk);
        NDArray y = blocks.matMul(toeplitz(kernel(system.input().mul(system.output()))));
        boolean finishes = needState && chunks * chunk == length;
        NDList result = new NDList();
        if (chunks > 1 || state != null || finishes) {
            NDList states = chunkStates(blocks, batch, state, keep, finishes);
            NDArray starts = states.get(0).reshape(system.channels(), batch * chunks, -1);
            // the state at the start of a chunk reaches its step t through C Ā^{t+1}
            ComplexArray seen = powers.mul(system.output().mul(system.decay()).expandDims(1));
            y = y.add(starts.matMul(seen.packWeights().transpose(0, 2, 1)));
            if (finishes) {
                result.add(states.get(1));
            }
        }
        result.add(0, unpadded(y.reshape(system.channels(), batch, chunks * chunk)));
        return result;
    }

    /**
     * The states at the start of each chunk, (E, B, Q, N), and if wanted the final one, (E, B, N).
     */
    private NDList chunkStates(
            NDArray blocks, long batch, NDArray state, NDArray keep, boolean withEnd) {
        Shape one = new Shape(system.channels(), batch, 1, system.stateSize());
        ComplexArray s =
                ComplexArray.unpack(
                        state == null
                                ? blocks.getManager().zeros(one, blocks.getDataType())
                                : state.reshape(one));
        ComplexArray added = ComplexArray.unpack(chunkEnds(blocks, batch));
        NDList addedRe = added.re().split(chunks, 2);
        NDList addedIm = added.im().split(chunks, 2);
        ComplexArray decay = chunkDecay.expandDims(1); // (E, 1, 1, H)
        NDList kept = keep == null ? null : keep.split(chunks, 2); // (1, B, 1, 1)
        NDList re = new NDList();
        NDList im = new NDList();
        for (int q = 0; q < chunks; q++) {
            s = kept == null ? s : s.mul(kept.get(q));
            re.add(s.re());
            im.add(s.im());
            if (q < chunks - 1 || withEnd) {
                s = s.mul(decay).add(new ComplexArray(addedRe.get(q), addedIm.get(q)));
            }
        }
        NDList result = new NDList(ComplexArray.concat(re, im, 2).pack());
        if (withEnd) {
            result.add(s.pack().reshape(system.stateShape(batch)));
        }
        return result;
    }

    /** What the inputs of each chunk, (E, B·Q, c), add to the state at its end, (E, B, Q, N). */
    private NDArray chunkEnds(NDArray blocks, long batch) {
        NDArray weights = powers.flip(1).mul(system.input().expandDims(1)).pack(); // (E, c, N)
        return blocks.matMul(weights).reshape(system.channels(), batch, chunks, system.stateSize());
    }

    /** The response 2·Re(Σ w Ā^l) to weights w, (E, H), for l &lt; c: (E, c). */
    private NDArray kernel(ComplexArray w) {
        return powers.pack().matMul(w.packWeights().expandDims(2)).squeeze(2);
    }

    /**
     * The matrices, (E, c, c), that map the inputs of a chunk (rows) to its outputs (columns).
     *
     * <p>Copies of K, each followed by c zeros, move one to the right from row to row when they are
     * read as rows that are one element shorter. This gives a Toeplitz matrix by reshapes alone; a
     * gather would need an operator that not all engines have.
     */
    private NDArray toeplitz(NDArray k) {
        long e = system.channels();
        NDArray row = k.concat(k.zerosLike(), 1).reshape(e, 1, 2 * chunk);
        NDArray copies = row.broadcast(e, chunk, 2 * chunk).reshape(e, 2 * chunk * chunk);
        NDArray skewed =
                copies.split(new long[] {chunk * (2 * chunk - 1)}, 1)
                        .get(0)
                        .reshape(e, chunk, 2 * chunk - 1);
        return chunk == 1 ? skewed : skewed.split(new long[] {chunk}, 2).get(0);
    }

    /**
     * Convolves with the kernel K_l = 2·Re(Σ C B̄ Ā^l), with transforms long enough that nothing
     * wraps around.
     *
     * @param u the input, (E, B, L), zero at padding
     * @param state the begin state, (E, B, N), or {@code null} for zero
     * @return the outputs, (E, B, L)
     */
    NDArray convolve(NDArray u, NDArray state) {
        long e = system.channels();
        ComplexArray factor = chunkPowers(); // (E, Q, H)
        ComplexArray feed = system.input().mul(system.output()).expandDims(1);
        NDArray kernel = longResponse(factor.mul(feed)); // (E, Q·c)
        long size = transformLength(length + chunks * chunk);
        NDArray product = u.rfft(size, 2).mul(kernel.reshape(e, 1, chunks * chunk).rfft(size, 2));
        NDArray y = unpadded(product.irfft(size, 2));
        if (state == null) {
            return y;
        }
        long batch = u.getShape().get(1);
        ComplexArray seen = system.output().mul(system.decay()).expandDims(1);
        ComplexArray weights =
                ComplexArray.unpack(state).mul(seen).expandDims(2).mul(factor.expandDims(1));
        NDArray response = longResponse(weights.reshape(e, batch * chunks, -1));
        return y.add(unpadded(response.reshape(e, batch, chunks * chunk)));
    }

    /**
     * The responses 2·Re(Σ w Ā^r) to weights w, (E, X, H), for r &lt; c, concatenated: (E, X·c).
     */
    private NDArray longResponse(ComplexArray w) {
        NDArray response = w.packWeights().matMul(powers.pack().transpose(0, 2, 1));
        return response.reshape(system.channels(), w.shape().get(1) * chunk);
    }

    /** Ā^{qc} for q &lt; Q, (E, Q, H). */
    private ComplexArray chunkPowers() {
        ComplexArray table = DiagonalSystem.powers(chunkDecay, chunks).table();
        if (table.shape().get(1) == chunks) {
            return table;
        }
        long[] cut = {chunks};
        return new ComplexArray(table.re().split(cut, 1).get(0), table.im().split(cut, 1).get(0));
    }

    /** The next length whose prime factors are at most 5, for which transforms are fast. */
    static long transformLength(long minimum) {
        long size = minimum;
        while (true) {
            long rest = size;
            for (int prime : new int[] {2, 3, 5}) {
                while (rest % prime == 0) {
                    rest /= prime;
                }
            }
            if (rest == 1) {
                return size;
            }
            size++;
        }
    }

    /**
     * Computes the state after the last token of each row. The tokens are moved to the end of the
     * row, after zeros, so that all rows end at the same step.
     *
     * @param u the input, (B, L, E)
     * @param padding which positions are tokens, or {@code null} if all are
     * @param state the begin state, (E, B, N), or {@code null} for zero
     * @return the final state, (E, B, N)
     */
    NDArray finalState(NDArray u, Padding padding, NDArray state) {
        long batch = u.getShape().get(0);
        NDManager manager = u.getManager();
        NDArray aligned;
        if (padding == null) {
            aligned = padded(u.transpose(2, 0, 1), true);
        } else {
            Shape before = new Shape(batch, chunks * chunk, system.channels());
            NDArray extended = manager.zeros(before, u.getDataType()).concat(u, 1);
            int count = Math.toIntExact(chunks * chunk);
            aligned = padding.fromEnd(extended, count).transpose(2, 0, 1);
        }
        NDArray blocks = aligned.reshape(system.channels(), batch * chunks, chunk);
        ComplexArray ends = ComplexArray.unpack(chunkEnds(blocks, batch));
        ComplexArray sum = ends.mul(chunkPowers().flip(1).expandDims(1)).sum(2); // (E, B, H)
        if (state != null) {
            long[] lengths = {length};
            if (padding != null) {
                lengths = padding.lengths();
            }
            ComplexArray kept = ComplexArray.unpack(state).mul(system.rowPowers(manager, lengths));
            sum = sum.add(kept);
        }
        return sum.pack();
    }

    /** Fills the last (or first) chunk with zeros: (E, B, L) → (E, B, Q·c). */
    private NDArray padded(NDArray u, boolean atStart) {
        long missing = chunks * chunk - length;
        if (missing == 0) {
            return u;
        }
        Shape shape = new Shape(u.getShape().get(0), u.getShape().get(1), missing);
        NDArray zeros = u.getManager().zeros(shape, u.getDataType());
        return atStart ? zeros.concat(u, 2) : u.concat(zeros, 2);
    }

    /** Truncates (E, B, at least L) to (E, B, L). */
    private NDArray unpadded(NDArray y) {
        return y.getShape().get(2) == length ? y : y.split(new long[] {length}, 2).get(0);
    }
}

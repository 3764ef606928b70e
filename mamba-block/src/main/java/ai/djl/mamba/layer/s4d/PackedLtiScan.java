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

import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.ops.Documents;
import ai.djl.mamba.ops.Padding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a {@link DiagonalSystem} over rows with several documents: the recurrence of {@link
 * LtiScan}, with the documents moved apart so that each starts at the start of a chunk, where the
 * state can be dropped.
 *
 * <p>The gaps are filled with zeros. A chunk is at most as long as the average document, so that a
 * row grows to less than twice its tokens plus one chunk.
 */
final class PackedLtiScan {

    private final long rows;
    private final long length; // L
    private final long chunk; // c
    private final long chunks; // Q of the longest spread row
    private final long[] sources; // of each step of the spread rows, in rows of L + 1 steps
    private final long[] targets; // of each step of the rows, in the spread rows
    private final float[] keep; // (B, Q)

    private PackedLtiScan(Padding padding, long length) {
        this.length = length;
        long[] lengths = padding.lengths();
        rows = lengths.length;
        List<List<Piece>> pieces = new ArrayList<>();
        long tokens = 0;
        long count = 0;
        for (int row = 0; row < rows; row++) {
            List<Piece> ofRow = pieces(padding.documents().starts(row), lengths[row]);
            pieces.add(ofRow);
            tokens += lengths[row];
            count += ofRow.size();
        }
        chunk = floorPowerOfTwo(Math.min(LtiScan.chunkLength(length, false), tokens / count));
        long maxChunks = 1;
        for (List<Piece> ofRow : pieces) {
            maxChunks = Math.max(maxChunks, ofRow.stream().mapToLong(this::chunksOf).sum());
        }
        chunks = maxChunks;
        sources = new long[Math.toIntExact(rows * chunks * chunk)];
        targets = new long[Math.toIntExact(rows * length)];
        keep = new float[Math.toIntExact(rows * chunks)];
        for (int row = 0; row < rows; row++) {
            place(row, pieces.get(row));
        }
    }

    /** A document, or the rest of one, in the steps of a row from start (inclusive) to end. */
    private record Piece(long start, long end, boolean continues) {}

    private static List<Piece> pieces(long[] starts, long end) {
        List<Piece> pieces = new ArrayList<>();
        boolean continues = true;
        long from = 0;
        for (long start : starts) {
            if (start > from) {
                pieces.add(new Piece(from, start, continues));
            }
            continues = false;
            from = start;
        }
        if (end > from) {
            pieces.add(new Piece(from, end, continues));
        }
        return pieces;
    }

    private long chunksOf(Piece piece) {
        return (piece.end() - piece.start() + chunk - 1) / chunk;
    }

    private static long floorPowerOfTwo(long value) {
        return Long.highestOneBit(value);
    }

    private void place(int row, List<Piece> pieces) {
        int spread = Math.toIntExact(chunks * chunk);
        int first = row * spread;
        for (int i = 0; i < spread; i++) {
            sources[first + i] = row * (length + 1) + length; // the zeros after the row
        }
        for (int i = 0; i < length; i++) {
            targets[Math.toIntExact(row * length + i)] = first; // for padding: unused
        }
        for (int q = 0; q < chunks; q++) {
            keep[Math.toIntExact(row * chunks + q)] = 1;
        }
        long q = row * chunks;
        for (Piece piece : pieces) {
            keep[Math.toIntExact(q)] = piece.continues() ? 1 : 0;
            for (long t = piece.start(); t < piece.end(); t++) {
                long at = q * chunk + t - piece.start();
                sources[Math.toIntExact(at)] = row * (length + 1) + t;
                targets[Math.toIntExact(row * length + t)] = at;
            }
            q += chunksOf(piece);
        }
    }

    /**
     * Runs a system.
     *
     * @param system the system
     * @param input the input, with documents
     * @return the output, (B, L, E), and the state after the last document of each row, (B, E, N),
     *     if it is wanted
     */
    static NDList run(DiagonalSystem system, SequenceInput input) {
        NDArray u = input.data().mul(input.mask());
        PackedLtiScan packed = new PackedLtiScan(input.padding(), u.getShape().get(1));
        NDArray state = input.state(0) == null ? null : input.state(0).transpose(1, 0, 2);
        NDList result = new NDList(packed.outputs(system, u, state));
        if (input.needState()) {
            result.add(finalState(system, u, input.padding(), state).transpose(1, 0, 2));
        }
        return result;
    }

    private NDArray outputs(DiagonalSystem system, NDArray u, NDArray state) {
        NDManager manager = u.getManager();
        Shape gap = new Shape(rows, 1, system.channels());
        NDArray extended = u.concat(manager.zeros(gap, u.getDataType()), 1);
        NDArray spread = Padding.take(extended, sources, chunks * chunk);
        // a copy: see DiagonalSystem.rowPowers
        NDArray kept =
                HostArrays.create(manager, keep, new Shape(1, rows, chunks, 1))
                        .toType(u.getDataType(), false)
                        .duplicate();
        LtiScan scan = new LtiScan(system, chunks * chunk, chunk);
        NDArray y = scan.recur(spread.transpose(2, 0, 1), state, kept, false).get(0);
        return Padding.take(y.transpose(1, 2, 0), targets, length);
    }

    /** The state after the last document, (E, B, N): everything before it is set to zero. */
    private static NDArray finalState(
            DiagonalSystem system, NDArray u, Padding padding, NDArray state) {
        Documents documents = padding.documents();
        long length = u.getShape().get(1);
        LtiScan scan = new LtiScan(system, length, LtiScan.chunkLength(length, false));
        NDArray begin = state == null ? null : state.mul(documents.unbroken().transpose(1, 0, 2));
        return scan.finalState(u.mul(documents.lastDocument()), padding, begin);
    }
}

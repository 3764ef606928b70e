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
package ai.djl.mamba.layer;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.TokenIds;
import ai.djl.mamba.ops.Padding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.UninitializedParameterException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads the inputs of a {@link SequenceBlock}: checks them, distinguishes segments, lengths and
 * state by their rank, and converts any rows to right padding. Owns the arrays that it creates.
 */
final class SequenceReader implements AutoCloseable {

    private final SequenceBlock block;
    private final String name;
    private final NDList inputs;
    private final NDList owned = new NDList();
    private final Shape shape;
    private Padding padding;
    private long[] order; // flat source position of each position, or null

    SequenceReader(SequenceBlock block, NDList inputs) {
        this.block = block;
        this.inputs = inputs;
        name = block.getClass().getSimpleName();
        Checks.require(!inputs.isEmpty(), name, "no input");
        shape = inputs.get(0).getShape();
    }

    SequenceInput read(boolean needState, boolean training, boolean lastOnly) {
        NDArray data = inputs.get(0);
        checkData(data);
        checkEngine();
        int next = 1;
        NDArray gate = null;
        if (block.hasGate()) {
            Checks.require(
                    inputs.size() > 1
                            && inputs.get(1).getShape().equals(shape)
                            && inputs.get(1).getDataType() == data.getDataType(),
                    name,
                    "expected a gate of shape %s and type %s as the second input, got %s",
                    shape,
                    data.getDataType(),
                    inputs.size() > 1 ? describe(inputs.get(1)) : "none");
            gate = inputs.get(1);
            next = 2;
        }
        if (inputs.size() > next && inputs.get(next).getShape().dimension() < 3) {
            readPadding(inputs.get(next++));
            data = reorder(data);
            gate = gate == null ? null : reorder(gate);
        }
        NDList state = readState(next, training);
        return new SequenceInput(data, gate, padding, state, needState, lastOnly);
    }

    private void checkData(NDArray data) {
        DataType expectedType = parameterType();
        boolean ids = block.inputRank() == 2;
        long features = ids ? 0 : block.inputSize();
        String expected = ids ? "(B, L) of token ids" : "(B, L, " + features + ")";
        Checks.require(
                shape.dimension() == (ids ? 2 : 3) && (ids || shape.get(2) == features),
                name,
                "expected an input of shape %s, got %s",
                expected,
                shape);
        Checks.require(
                shape.get(0) > 0 && shape.get(1) > 0,
                name,
                "expected at least one row and one step in %s, got %s",
                expected,
                shape);
        Checks.require(
                ids || data.getDataType() == expectedType,
                name,
                "expected an input of type %s, like the parameters, got %s",
                expectedType,
                data.getDataType());
    }

    /** Masks and lengths may be those of any engine, since they are read as numbers. */
    private void checkEngine() {
        NDArray parameter = firstParameter(block);
        for (int i = 0; parameter != null && i < inputs.size(); i++) {
            if (i == 0 || inputs.get(i).getShape().dimension() > 2) {
                Checks.engine(name, inputs.get(i), parameter);
            }
        }
    }

    private static NDArray firstParameter(Block block) {
        for (Parameter parameter : block.getDirectParameters().values()) {
            return parameter.getArray();
        }
        for (Block child : block.getChildren().values()) {
            NDArray array = firstParameter(child);
            if (array != null) {
                return array;
            }
        }
        return null;
    }

    private DataType parameterType() {
        try {
            return block.dataType();
        } catch (UninitializedParameterException e) {
            throw new IllegalStateException(
                    name + ": not initialized; call initialize or load parameters first", e);
        }
    }

    private void readPadding(NDArray given) {
        Shape found = given.getShape();
        boolean segmented = found.dimension() == 2;
        Shape expected =
                segmented ? new Shape(shape.get(0), shape.get(1)) : new Shape(shape.get(0));
        Checks.require(
                found.equals(expected),
                name,
                "expected a mask or segments %s or lengths (%d) for the input %s, got %s",
                new Shape(shape.get(0), shape.get(1)),
                shape.get(0),
                shape,
                found);
        long[] values = TokenIds.toLongs(given, name, segmented ? "a mask or segments" : "lengths");
        long[][] starts = new long[Math.toIntExact(shape.get(0))][0];
        long[] lengths = segmented ? readSegments(values, starts) : readLengths(values);
        NDManager manager = inputs.get(0).getManager();
        padding = new Padding(manager, lengths, starts, shape.get(1), block.dataType());
    }

    private long[] readLengths(long[] lengths) {
        for (long length : lengths) {
            Checks.require(
                    length >= 0 && length <= shape.get(1),
                    name,
                    "expected lengths in [0, %d], got %s",
                    shape.get(1),
                    Arrays.toString(lengths));
        }
        return lengths;
    }

    /** Moves the tokens of each row before its padding, keeping their order; finds documents. */
    private long[] readSegments(long[] segments, long[][] starts) {
        int rows = Math.toIntExact(shape.get(0));
        int length = Math.toIntExact(shape.get(1));
        long[] lengths = new long[rows];
        long[] sorted = new long[rows * length];
        boolean identity = true;
        for (int row = 0; row < rows; row++) {
            int start = row * length;
            int next = start;
            for (int t = start; t < start + length; t++) {
                if (segments[t] != 0) {
                    sorted[next++] = t;
                }
            }
            lengths[row] = (long) next - start;
            starts[row] = changes(segments, sorted, start, next);
            for (int t = start; t < start + length; t++) {
                if (segments[t] == 0) {
                    sorted[next++] = t;
                }
            }
            for (int t = start; t < start + length; t++) {
                identity &= sorted[t] == t;
            }
        }
        order = identity ? null : sorted;
        return lengths;
    }

    /** The steps, relative to {@code from}, whose number differs from the one before. */
    private static long[] changes(long[] segments, long[] sorted, int from, int to) {
        return IntStream.range(from + 1, to)
                .filter(t -> segments[(int) sorted[t]] != segments[(int) sorted[t - 1]])
                .mapToLong(t -> (long) t - from)
                .toArray();
    }

    private NDArray reorder(NDArray array) {
        if (order == null) {
            return array;
        }
        NDArray reordered;
        if (array.getShape().dimension() == 2) {
            long[] ids = TokenIds.toLongs(array, name, "token ids");
            long[] moved = Arrays.stream(order).map(i -> ids[(int) i]).toArray();
            reordered = Padding.indices(array.getManager(), moved, shape);
        } else {
            reordered = Padding.take(array, order, shape.get(1));
        }
        owned.add(reordered);
        return reordered;
    }

    /** Moves the outputs back to the positions of their tokens in the input. */
    NDArray restoreOrder(NDArray output) {
        if (order == null) {
            return output;
        }
        long[] inverse = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            inverse[(int) order[i]] = i;
        }
        owned.add(output);
        return Padding.take(output, inverse, shape.get(1));
    }

    private NDList readState(int from, boolean training) {
        if (inputs.size() == from) {
            return null;
        }
        List<StateSpec> expected = block.getStateSpecs();
        NDList given = inputs.subNDList(from);
        long rows = shape.get(0);
        if (!block.isCausal() || given.size() != expected.size()) {
            throw new IllegalArgumentException(
                    String.format(
                            "%s: expected %d state arrays after the input, %s, got %d, %s",
                            name,
                            expected.size(),
                            expected.stream().map(spec -> spec.describe(rows)).toList(),
                            given.size(),
                            Arrays.asList(given.getShapes())));
        }
        NDList state = new NDList();
        for (int i = 0; i < expected.size(); i++) {
            NDArray array = given.get(i);
            StateSpec spec = expected.get(i);
            if (!spec.accepts(array.getShape(), rows) || array.getDataType() != block.dataType()) {
                throw new IllegalArgumentException(
                        String.format(
                                "%s: expected a state array %d, %s of type %s, got %s",
                                name, i, spec.describe(rows), block.dataType(), describe(array)));
            }
            state.add(training ? array : detach(array));
        }
        return state;
    }

    private static String describe(NDArray array) {
        return array.getShape() + " " + array.getDataType();
    }

    private NDArray detach(NDArray array) {
        NDArray detached = array.stopGradient();
        detached.attach(inputs.get(0).getManager());
        owned.add(detached);
        return detached;
    }

    @Override
    public void close() {
        owned.close();
        if (padding != null) {
            padding.close();
        }
    }
}

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

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Causality;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Differentiable;
import ai.djl.mamba.internal.ParameterLoader;
import ai.djl.mamba.ops.Padding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A block that maps a sequence to a sequence and can carry a state from one call to the next.
 *
 * <p>Inputs, in this order:
 *
 * <ol>
 *   <li>the sequence: (B, L, E), or token ids (B, L) for a language model;
 *   <li>the gate z, (B, L, E), if the block was built with one;
 *   <li>optional: the segments (B, L), which are integers: 0 at padding, and at each token the
 *       number of its document; or the lengths (B) of right-padded rows of one document each;
 *   <li>optional: the begin state, one array (B, …) for each of {@link #getStateSpecs}.
 * </ol>
 *
 * <p>Outputs: the output sequence and, with {@code optReturnState(true)}, the final state, in the
 * form that the next call accepts. A call with L tokens, L calls with one token each, and any split
 * in between give the same outputs and states. A padded row gives the same outputs at its tokens,
 * and the same final state, as the row without padding; outputs at padded positions have no
 * meaning.
 *
 * <p>Where the segment number changes from one token of a row to the next, a new document starts,
 * and nothing before it reaches it: the state is zero, the window of a convolution holds zeros, and
 * no gradient flows back. So at the tokens of each document a packed row gives the same outputs as
 * the document alone, and its final state is the final state of its last document. The first
 * document continues the begin state, if there is one, so a long document can continue in the next
 * call. Only a change matters: 0 and 1 are an attention mask, and a number may recur later. A block
 * that reads backwards treats the ends of documents in the same way.
 *
 * <p>In inference a long sequence is processed in parts that carry the state, so memory use apart
 * from the output does not grow with L. The begin state is detached: a decoding loop on a thread
 * that records gradients must not keep the history of all its steps.
 */
public abstract class SequenceBlock extends AbstractBlock implements SegmentedBlock {

    /**
     * The name of a forward parameter: if {@code true}, a language model computes logits (B, 1, V)
     * for the last token of each row only.
     */
    public static final String LAST_ONLY = "lastOnly";

    /**
     * The tokens (B·L) that inference processes at a time on a CPU; larger parts were not faster.
     */
    private static final long TOKENS_AT_A_TIME = 8192;

    /** The steps of a long sequence on which the claim to be causal is checked. */
    private static final long CHECKED_STEPS = 16;

    /** The same on a GPU, which small parts would leave idle. */
    private static final long TOKENS_AT_A_TIME_ON_GPU = 32768;

    private static final long MIN_PART = 256;

    private final boolean returnState;
    private volatile int stateCount = -1; // not known yet
    private volatile boolean checkedCausal;

    /**
     * Creates a sequence block.
     *
     * @param version the version of the parameter format
     * @param returnState whether the outputs end with the final state
     */
    protected SequenceBlock(byte version, boolean returnState) {
        super(version);
        this.returnState = returnState;
    }

    /**
     * Returns whether the outputs end with the final state.
     *
     * @return whether the constructor requested it
     */
    public final boolean returnsState() {
        return returnState;
    }

    /**
     * Returns the arrays that make up the state.
     *
     * @return the arrays in order, empty for a block without state. Their number does not depend on
     *     sizes; to know their shapes, the block must be initialized
     */
    public abstract List<StateSpec> getStateSpecs();

    /**
     * Returns the shapes of the arrays that make up the state, at the start of a sequence.
     *
     * @param batchSize the number of rows B
     * @return the shapes, empty for a block without state; the block must be initialized
     */
    public final List<Shape> getStateShapes(long batchSize) {
        return getStateSpecs().stream().map(spec -> spec.startShape(batchSize)).toList();
    }

    /** The number of arrays that make up the state. */
    final int stateCount() {
        if (stateCount < 0) {
            stateCount = getStateSpecs().size();
        }
        return stateCount;
    }

    /**
     * Computes the block for checked input; called directly by blocks that contain this one.
     *
     * @param parameterStore the parameter store
     * @param input the input
     * @param training whether this is a training forward pass
     * @return the output and, if {@link SequenceInput#needState} is set, the final state; all
     *     attached to the manager of the input's data
     */
    public abstract NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training);

    /**
     * Returns the type of the parameters, which the input must share.
     *
     * @return the data type; the block must be initialized
     */
    public abstract DataType dataType();

    /**
     * Returns the size of the last axis of a three-axis input.
     *
     * @return the size; the block must be initialized
     */
    public abstract long inputSize();

    /**
     * Returns the size of the last axis of the output for the given input.
     *
     * @param inputShape the shape of the input
     * @return the size
     */
    protected abstract long outputSize(Shape inputShape);

    /**
     * Returns whether the second input is a gate.
     *
     * @return whether there is a gate
     */
    public boolean hasGate() {
        return false;
    }

    /**
     * Returns whether each output depends only on inputs up to its step, so that a state can be
     * carried. Inference reads a long sequence in parts if it does, after checking with a few steps
     * that parts give what the whole gives.
     *
     * @return whether the block is causal
     */
    public boolean isCausal() {
        return true;
    }

    /**
     * Returns whether the output is one vector for each row rather than one for each step.
     *
     * @return whether the block pools over time
     */
    protected boolean isPooled() {
        return false;
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        boolean lastOnly = params != null && Boolean.TRUE.equals(params.get(LAST_ONLY));
        try (SequenceReader reader = new SequenceReader(this, inputs)) {
            SequenceInput input = reader.read(returnState, training, lastOnly);
            NDList result =
                    isLong(input, training)
                            ? forwardInParts(parameterStore, input)
                            : forwardSequence(parameterStore, input, training);
            if (!lastOnly && !isPooled()) {
                result.set(0, reader.restoreOrder(result.get(0)));
            }
            return result;
        }
    }

    private boolean isLong(SequenceInput input, boolean training) {
        return !training && isCausal() && input.data().getShape().get(1) > partLength(input);
    }

    private static long partLength(SequenceInput input) {
        boolean gpu = input.data().getDevice().isGpu();
        long tokens = gpu ? TOKENS_AT_A_TIME_ON_GPU : TOKENS_AT_A_TIME;
        return Math.max(MIN_PART, tokens / input.data().getShape().get(0));
    }

    private NDList forwardInParts(ParameterStore store, SequenceInput input) {
        if (!checkedCausal) {
            checkCausal(store, input);
            checkedCausal = true;
        }
        NDManager manager = input.data().getManager();
        Shape shape = input.data().getShape();
        long length = shape.get(1);
        NDArray output = null;
        NDList lastOutputs = new NDList();
        NDList state = input.state();
        for (long start = 0; start < length; start += partLength(input)) {
            long end = Math.min(length, start + partLength(input));
            NDList result = forwardPart(store, input, state, start, end);
            if (start > 0) {
                state.close();
            }
            state = result.subNDList(1);
            NDArray part = result.get(0);
            if (input.lastOnly()) {
                lastOutputs.add(part);
                continue;
            }
            if (output == null) {
                long features = part.getShape().get(2);
                Shape full = new Shape(shape.get(0), length, features);
                output = manager.create(full, part.getDataType());
            }
            output.set(steps(start, end), part);
            part.close();
        }
        if (input.lastOnly()) {
            output = lastOfParts(lastOutputs, input);
        }
        NDList result = new NDList(output);
        if (input.needState()) {
            result.addAll(state);
        } else {
            state.close();
        }
        return result;
    }

    private void checkCausal(ParameterStore store, SequenceInput input) {
        long half = CHECKED_STEPS / 2;
        SequenceInput plain =
                new SequenceInput(input.data(), input.gate(), null, null, true, false);
        try (NDList whole = forwardPart(store, plain, null, 0, CHECKED_STEPS);
                NDList first = forwardPart(store, plain, null, 0, half);
                NDList second = forwardPart(store, plain, first.subNDList(1), half, CHECKED_STEPS);
                NDArray outputs = first.get(0).concat(second.get(0), 1)) {
            String difference = Causality.difference("output", outputs, whole.get(0));
            if (difference != null) {
                throw new IllegalStateException(
                        String.format(
                                "%s: isCausal() is true, but %s. A block that looks ahead must"
                                        + " return false",
                                getClass().getSimpleName(), difference));
            }
        }
    }

    private NDList forwardPart(
            ParameterStore store, SequenceInput input, NDList state, long start, long end) {
        NDArray data = input.data().get(steps(start, end));
        NDArray gate = input.gate() == null ? null : input.gate().get(steps(start, end));
        try (NDList slices = gate == null ? new NDList(data) : new NDList(data, gate);
                Padding padding =
                        input.padding() == null ? null : input.padding().part(start, end)) {
            return detached(
                    forwardSequence(
                            store,
                            new SequenceInput(
                                    slices.get(0), gate, padding, state, true, input.lastOnly()),
                            false));
        }
    }

    /** Detaches the results from a recorded graph, which would link all parts. */
    private static NDList detached(NDList recorded) {
        NDList results = new NDList();
        for (NDArray array : recorded) {
            results.add(array.stopGradient());
        }
        recorded.close();
        return results;
    }

    /** For each row, picks the output of the part that contains its last token. */
    private static NDArray lastOfParts(NDList parts, SequenceInput input) {
        NDArray all = Differentiable.concat(parts, 1); // (B, parts, V)
        int count = parts.size();
        parts.close(); // this also empties the list
        int rows = Math.toIntExact(all.getShape().get(0));
        long[] index = new long[rows];
        for (int row = 0; row < rows; row++) {
            long last = count - 1L;
            if (input.padding() != null) {
                last = Math.max(0, input.padding().lengths()[row] - 1) / partLength(input);
            }
            index[row] = row * (long) count + last;
        }
        try (all) {
            return Padding.take(all, index, 1);
        }
    }

    /** The steps from start to end of all rows. */
    static NDIndex steps(long start, long end) {
        return new NDIndex().addAllDim().addSliceDim(start, end);
    }

    /** {@inheritDoc} */
    @Override
    protected void beforeInitialize(Shape... inputShapes) {
        super.beforeInitialize(inputShapes);
        Shape in = inputShapes[0];
        Checks.require(
                in.dimension() == inputRank() && (in.dimension() < 3 || in.get(2) > 0),
                getClass().getSimpleName(),
                "expected an input shape with %d axes and a known last one, got %s",
                inputRank(),
                in);
    }

    /**
     * Returns the number of axes of the input.
     *
     * @return 3 for a sequence of vectors, 2 for token ids
     */
    protected int inputRank() {
        return 3;
    }

    /** {@inheritDoc} */
    @Override
    public void loadParameters(NDManager manager, DataInputStream is)
            throws IOException, MalformedModelException {
        ParameterLoader.load(this, manager, is, this::readMetadata);
    }

    private Shape[] readMetadata(DataInputStream is) throws IOException, MalformedModelException {
        loadMetadata(is.readByte(), is);
        return inputShapes;
    }

    /** {@inheritDoc} */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        Shape in = inputShapes[0];
        Shape output = new Shape(in.get(0), in.get(1), outputSize(in));
        if (!returnState) {
            return new Shape[] {output};
        }
        List<Shape> shapes = new ArrayList<>(List.of(output));
        shapes.addAll(getStateShapes(in.get(0)));
        return shapes.toArray(new Shape[0]);
    }
}

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
package ai.djl.mamba.testing;

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.Random;

/** Makes a block under test and its inputs, and runs it, as a whole or in parts. */
public abstract class BlockFixture extends ContractSuite {

    protected static final int VOCABULARY = 11;

    private final int features;

    /** Takes the size of the last axis of the input, or 0 for token ids. */
    protected BlockFixture(EngineSetup engine, int features) {
        super(engine);
        this.features = features;
    }

    /** Builds the block under test. */
    protected abstract SequenceBlock newBlock(boolean returnState);

    protected boolean takesIds() {
        return features == 0;
    }

    /** An initialized block that returns its state. */
    protected SequenceBlock block(DataType type) {
        return block(true, type, manager);
    }

    /** An initialized block, with parameters away from the special values that they start with. */
    protected SequenceBlock block(boolean returnState, DataType type, NDManager owner) {
        SequenceBlock block = newBlock(returnState);
        block.initialize(owner, type, inputShapes(block));
        long seed = 77;
        for (Parameter parameter : block.getParameters().values()) {
            NDArray array = parameter.getArray();
            array.addi(normal(seed++, type, array.getShape().getShape()).mul(0.3));
        }
        return block;
    }

    protected Shape[] inputShapes(SequenceBlock block) {
        Shape shape = takesIds() ? new Shape(1, 1) : new Shape(1, 1, features);
        return block.hasGate() ? new Shape[] {shape, shape} : new Shape[] {shape};
    }

    /** The sequence, and the gate where the block has one. */
    protected NDList data(SequenceBlock block, long seed, DataType type, long rows, long length) {
        if (takesIds()) {
            Shape shape = new Shape(rows, length);
            long[] ids = new Random(seed).longs(shape.size(), 0, VOCABULARY).toArray();
            return new NDList(manager.create(ids, shape));
        }
        NDList data = new NDList(normal(seed, type, rows, length, features));
        if (block.hasGate()) {
            data.add(normal(seed + 100, type, rows, length, features));
        }
        return data;
    }

    /** A begin state that is not zero. */
    protected NDList state(SequenceBlock block, long seed, long rows) {
        NDList state = new NDList();
        for (Shape shape : block.getStateShapes(rows)) {
            state.add(normal(seed + state.size(), block.dataType(), shape.getShape()));
        }
        return state;
    }

    /** The inputs of a forward call; padding and state may be absent. */
    protected static NDList inputs(NDList data, NDArray padding, NDList state) {
        NDList inputs = new NDList(data);
        if (padding != null) {
            inputs.add(padding);
        }
        if (state != null) {
            inputs.addAll(state);
        }
        return inputs;
    }

    protected NDList run(SequenceBlock block, NDList inputs) {
        return run(block, inputs, false);
    }

    protected NDList run(SequenceBlock block, NDList inputs, boolean training) {
        return block.forward(new ParameterStore(manager, false), inputs, training);
    }

    /** Runs parts one after another: the joined outputs and the final state. */
    protected NDList runInParts(
            SequenceBlock block, NDList data, NDList state, boolean training, long... lengths) {
        NDList outputs = new NDList();
        NDList current = state;
        long start = 0;
        for (long length : lengths) {
            NDList part = part(data, start, start + length);
            NDList result = run(block, inputs(part, null, current), training);
            outputs.add(result.get(0));
            current = result.subNDList(1);
            start += length;
        }
        NDList result = new NDList(NDArrays.concat(outputs, 1));
        result.addAll(current);
        return result;
    }

    /** Steps of all rows. */
    protected static NDList part(NDList arrays, long start, long end) {
        return slice(arrays, new NDIndex().addAllDim().addSliceDim(start, end));
    }

    /** One row, with all its steps or other axes. */
    protected static NDList row(NDList arrays, long row) {
        return slice(arrays, new NDIndex().addSliceDim(row, row + 1));
    }

    private static NDList slice(NDList arrays, NDIndex index) {
        NDList slices = new NDList();
        arrays.forEach(array -> slices.add(array.get(index)));
        return slices;
    }

    /** The arrays of all parameters. */
    protected static NDList parameters(SequenceBlock block) {
        NDList arrays = new NDList();
        block.getParameters().values().forEach(parameter -> arrays.add(parameter.getArray()));
        return arrays;
    }

    /** Everything that gradients flow to: parameters, begin state and, unless ids, the input. */
    protected NDList variables(SequenceBlock block, NDList data, NDList state) {
        NDList variables = parameters(block);
        variables.addAll(state);
        if (!takesIds()) {
            variables.addAll(data);
        }
        return variables;
    }
}

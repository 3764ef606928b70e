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

import ai.djl.MalformedModelException;
import ai.djl.engine.EngineException;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The contract of every {@link SequenceBlock}; this class tests what DJL asks of a block. */
public abstract class SequenceBlockSuite extends BlockPaddingSuite {

    /** More rows than inference takes in parts of more than 256 steps. */
    private static final int ROWS = 40;

    private static final int LONG = 270;

    protected SequenceBlockSuite(EngineSetup engine, int features) {
        super(engine, features);
    }

    @Test(dataProvider = "types")
    public void outputShapesAreThoseOfTheOutputs(DataType type) {
        for (boolean returnState : new boolean[] {false, true}) {
            SequenceBlock block = block(returnState, type, manager);
            NDList data = data(block, 1, type, 3, 4);
            NDList result = run(block, data);
            Assert.assertEquals(result.getShapes(), block.getOutputShapes(data.getShapes()));
            Assert.assertEquals(
                    result.size(), returnState ? 1 + block.getStateShapes(3).size() : 1);
            for (NDArray array : result) {
                Assert.assertEquals(array.getDataType(), type);
            }
        }
    }

    @Test
    public void describesItsInput() {
        SequenceBlock block = block(DataType.FLOAT32);
        Assert.assertEquals(
                block.describeInput().values().toArray(new Shape[0]), inputShapes(block));
        Assert.assertFalse(block.toString().isEmpty());
    }

    @Test
    public void savedParametersGiveTheSameOutputs() throws IOException, MalformedModelException {
        SequenceBlock block = block(DataType.FLOAT32);
        NDList data = data(block, 1, DataType.FLOAT32, 2, 7);
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        block.saveParameters(new DataOutputStream(saved));
        SequenceBlock fresh = newBlock(true);
        byte[] bytes = saved.toByteArray();
        fresh.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(bytes)));
        Assert.assertTrue(fresh.isInitialized());
        assertAllEqual(parameters(fresh), parameters(block), "parameters after loading");
        // loaded memory is aligned otherwise, and so matrix products may round otherwise
        assertAllNear(run(fresh, data), run(block, data), 1e-6, "outputs after loading");
        SequenceBlock initialized = newBlock(true);
        initialized.initialize(manager, DataType.FLOAT32, inputShapes(block));
        initialized.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(bytes)));
        assertAllEqual(run(initialized, data), run(fresh, data), "outputs after loading twice");
    }

    @Test
    public void frozenParametersAreNotTrained() {
        SequenceBlock block = block(DataType.FLOAT32);
        List<String> trained = new ArrayList<>();
        block.freezeParameters(true);
        block.getParameters().forEach(p -> Assert.assertFalse(p.getValue().requiresGradient()));
        block.freezeParameters(false);
        block.freezeParameters(true, SequenceBlockSuite::endsTheName);
        NDList data = data(block, 1, DataType.FLOAT32, 2, 5);
        try (GradientCollector collector = record()) {
            collector.backward(loss(run(block, data, true)));
        }
        List<String> expected = new ArrayList<>();
        block.getParameters()
                .forEach(
                        p -> {
                            if (!endsTheName(p.getValue())) {
                                expected.add(p.getKey());
                            }
                            if (p.getValue().getArray().hasGradient()
                                    && isNonZero(p.getValue().getArray().getGradient())) {
                                trained.add(p.getKey());
                            }
                        });
        Assert.assertEquals(trained, expected);
    }

    private static boolean endsTheName(Parameter parameter) {
        return parameter.getName().endsWith("bias") || parameter.getName().endsWith("A_log");
    }

    private static boolean isNonZero(NDArray array) {
        for (double value : doubles(array)) {
            if (value != 0) {
                return true;
            }
        }
        return false;
    }

    @Test
    public void longInferenceIsTheSameAsContinuation() {
        DataType type = DataType.FLOAT64;
        SequenceBlock block = block(type);
        NDList data = data(block, 1, type, ROWS, LONG);
        NDList state = state(block, 20, ROWS);
        NDList actual = run(block, inputs(data, null, state));
        NDList expected = runInParts(block, data, state, false, 100, 100, LONG - 200);
        assertAllNear(actual, expected, exact(type), "long input");
    }

    @Test
    public void longInferenceRespectsLengths() {
        DataType type = DataType.FLOAT64;
        SequenceBlock block = block(type);
        NDList data = data(block, 1, type, ROWS, LONG);
        long[] lengths = new long[ROWS];
        for (int row = 0; row < ROWS; row++) {
            lengths[row] = Math.min(LONG, row * 7);
        }
        NDList actual = run(block, inputs(data, manager.create(lengths), null));
        for (int row : new int[] {1, 30, 37, 38, 39}) {
            NDList alone = run(block, part(row(data, row), 0, lengths[row]));
            NDList found = row(actual.subNDList(1), row);
            assertAllNear(found, alone.subNDList(1), exact(type), "state of row " + row);
            NDList output = part(row(actual.subNDList(0, 1), row), 0, lengths[row]);
            assertAllNear(output, alone.subNDList(0, 1), exact(type), "output of row " + row);
        }
    }

    @Test
    public void keepsNothingButItsResults() {
        for (boolean training : new boolean[] {false, true}) {
            assertKeepsNothing(training, 2, 5);
        }
        assertKeepsNothing(false, ROWS, LONG);
    }

    private void assertKeepsNothing(boolean training, long rows, long length) {
        try (NDManager owner = NDManager.newBaseManager(manager.getDevice(), engineName)) {
            SequenceBlock block = block(true, DataType.FLOAT32, owner);
            NDList data = data(block, 1, DataType.FLOAT32, rows, length);
            NDArray lengths = manager.full(new Shape(rows), 3, DataType.INT64);
            NDArray mask = manager.ones(new Shape(rows, length), DataType.INT64);
            mask.set(new NDIndex(0, 0), 0);
            NDArray packed = mask.duplicate();
            packed.set(new NDIndex(":, 3:"), 2);
            NDList state = state(block, 20, rows);
            ParameterStore store = new ParameterStore(owner, false);
            for (NDArray padding : new NDArray[] {null, lengths, mask, packed}) {
                int ours = manager.getManagedArrays().size();
                int theirs = owner.getManagedArrays().size();
                NDList result = block.forward(store, inputs(data, padding, state), training);
                // not the padding itself: printing an array of a GPU leaves copies on the CPU
                Shape kind = padding == null ? null : padding.getShape();
                String what = data.get(0).getShape() + " training " + training + ", " + kind;
                Assert.assertEquals(owner.getManagedArrays().size(), theirs, "parameters: " + what);
                Assert.assertEquals(
                        manager.getManagedArrays().size(), ours + result.size(), "input: " + what);
                result.close();
            }
        }
    }

    /** Fails where there is no graph, as there should be none. */
    private void backwardOfInference(SequenceBlock block, NDList inputs) {
        NDArray loss = loss(run(block, inputs));
        try (GradientCollector collector = record()) {
            collector.backward(loss);
        } catch (EngineException e) {
            Assert.assertNotNull(e.getMessage());
        }
    }

    @Test
    public void givesTheSameOnAnotherThread() throws InterruptedException, ExecutionException {
        SequenceBlock block = block(DataType.FLOAT32);
        NDList data = data(block, 1, DataType.FLOAT32, 2, 6);
        NDList expected = run(block, data);
        Callable<NDList> inParts = () -> runInParts(block, data, null, false, 2, 3, 1);
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            NDList trainable = pool.submit(inParts).get();
            assertAllNear(trainable, expected, 1e-6, "another thread");
            block.freezeParameters(true);
            NDList begin = state(block, 20, 2);
            begin.forEach(array -> array.setRequiresGradient(true));
            pool.submit(() -> backwardOfInference(block, inputs(data, null, begin))).get();
            begin.forEach(array -> Assert.assertFalse(isNonZero(array.getGradient()), "graph"));
        } finally {
            pool.shutdown();
        }
    }
}

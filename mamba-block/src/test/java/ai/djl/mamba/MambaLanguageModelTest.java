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
package ai.djl.mamba;

import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.SequenceBlockSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Iterator;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The contract of a block, for {@link MambaLanguageModel}, and what it adds to it. */
public class MambaLanguageModelTest extends SequenceBlockSuite {

    private static final Mixer MAMBA =
            MambaOptions.builder().optStateSize(2).optConvKernel(3).optExpand(1).build();
    private static final Mixer MAMBA2 =
            Mamba2Options.builder()
                    .optStateSize(2)
                    .optConvKernel(3)
                    .optExpand(1)
                    .optHeadSize(1)
                    .build();

    private static final Mixer S4D = S4DOptions.builder().optStateSize(2).optConvKernel(2).build();

    private final boolean tiedHead;
    private final List<Mixer> layers;

    @Factory(dataProvider = "heads")
    public MambaLanguageModelTest(EngineSetup engine, boolean tiedHead, List<Mixer> layers) {
        super(engine, 0);
        this.tiedHead = tiedHead;
        this.layers = layers;
    }

    @DataProvider
    public static Object[][] heads() {
        return Engines.each(
                new Object[][] {
                    {true, List.of(MAMBA, MAMBA)},
                    {false, List.of(MAMBA, MAMBA)},
                    {true, List.of(MAMBA2, MAMBA2)},
                    {true, List.of(MAMBA, MAMBA2, S4D, MAMBA)}
                });
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return new MambaLanguageModel(config(), returnState);
    }

    private MambaConfig config() {
        return MambaConfig.builder()
                .setVocabSize(VOCABULARY)
                .optPadVocabMultiple(8)
                .setModelSize(3)
                .setLayers(layers)
                .optTiedHead(tiedHead)
                .build();
    }

    @Test
    public void paddedVocabularyHasLogits() {
        SequenceBlock block = block(DataType.FLOAT32);
        NDArray logits = run(block, data(block, 1, DataType.FLOAT32, 1, 3)).get(0);
        Assert.assertEquals(logits.getShape(), new Shape(1, 3, 16));
    }

    @Test
    public void idsMayBeOfAnyType() {
        SequenceBlock block = block(DataType.FLOAT32);
        NDArray ids = data(block, 1, DataType.FLOAT32, 2, 5).get(0);
        NDList expected = run(block, new NDList(ids));
        for (DataType type : new DataType[] {DataType.INT32, DataType.FLOAT32}) {
            assertAllEqual(run(block, new NDList(ids.toType(type, true))), expected, "" + type);
        }
    }

    @Test
    public void lastOnlyGivesTheLogitsOfTheLastToken() {
        for (long[] size : new long[][] {{4, 6}, {40, 270}}) {
            SequenceBlock block = block(DataType.FLOAT64);
            NDList ids = data(block, 1, DataType.FLOAT64, size[0], size[1]);
            assertLast(block, ids, null);
            long[] lengths = new long[(int) size[0]];
            int[] mask = new int[(int) (size[0] * size[1])];
            for (int row = 0; row < lengths.length; row++) {
                lengths[row] = 1 + (row * 7L) % size[1];
                mask[(int) ((row + 1) * size[1]) - 1 - row % 2] = 1;
                mask[(int) (row * size[1]) + row % 3] = 1;
            }
            assertLast(block, ids, manager.create(lengths));
            assertLast(block, ids, manager.create(mask, new Shape(size)));
            for (int i = 0; i < mask.length; i++) {
                mask[i] *= 1 + i % 3; // two documents in most rows
            }
            assertLast(block, ids, manager.create(mask, new Shape(size)));
        }
    }

    @Test
    public void streamIsTheGreedyContinuation() {
        MambaLanguageModel block = (MambaLanguageModel) block(DataType.FLOAT32);
        NDList prompt = data(block, 3, DataType.FLOAT32, 2, 5);
        Iterator<NDList> stream =
                block.forwardStreamIter(new ParameterStore(manager, false), prompt, false, null);
        NDArray read = prompt.head().toType(DataType.INT64, true);
        for (int step = 0; step < 6; step++) {
            NDArray all = run(block, new NDList(read)).get(0);
            long length = read.getShape().get(1);
            NDArray last = all.get(":, " + (length - 1) + ":");
            try (NDList logits = stream.next()) {
                assertNear(logits.singletonOrThrow(), last, 1e-5, "step " + step);
            }
            NDArray inUse = last.get(":, :, :" + block.getConfig().vocabSize());
            read = read.concat(inUse.argMax(2).toType(DataType.INT64, false), 1);
        }
        Assert.assertTrue(stream.hasNext());
        manager.close();
        Assert.assertFalse(stream.hasNext());
    }

    @Test
    public void streamNeedsAState() {
        MambaLanguageModel block = (MambaLanguageModel) newBlock(false);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        NDList prompt = data(block, 3, DataType.FLOAT32, 2, 5);
        ParameterStore store = new ParameterStore(manager, false);
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> block.forwardStreamIter(store, prompt, false, null));
    }

    @Test
    public void anUntiedHeadStartsAsTheEmbedding() {
        MambaLanguageModel model = (MambaLanguageModel) block(DataType.FLOAT32);
        NDList ids = data(model, 1, DataType.FLOAT32, 2, 5);
        double[] before = doubles(run(model, ids).get(0));
        model.freezeParameters(true);
        model.untieHead(manager);
        Assert.assertEquals(doubles(run(model, ids).get(0)), before);
        Assert.assertFalse(model.getConfig().tiedHead());
        Assert.assertEquals(model.getConfig().withTiedHead(tiedHead), config());
        Assert.assertFalse(model.getHead().getWeight().requiresGradient());
        model.getEmbedding().getArray().muli(2); // the head is not a view of it
        if (tiedHead) {
            double[] head = doubles(model.getHead().getWeight().getArray());
            double[] embedding = doubles(model.getEmbedding().getArray().div(2));
            Assert.assertEquals(head, embedding);
        }
        MambaLanguageModel later = new MambaLanguageModel(config());
        later.untieHead(null);
        later.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        Assert.assertEquals(
                later.getParameters().keys(), model.getParameters().keys(), "saved alike");
    }

    private void assertLast(SequenceBlock block, NDList ids, NDArray padding) {
        NDList inputs = inputs(ids, padding, null);
        NDList all = run(block, inputs);
        PairList<String, Object> params = new PairList<>();
        params.add(SequenceBlock.LAST_ONLY, true);
        NDList last = block.forward(new ParameterStore(manager, false), inputs, false, params);
        long rows = ids.get(0).getShape().get(0);
        long length = ids.get(0).getShape().get(1);
        Assert.assertEquals(last.get(0).getShape(), new Shape(rows, 1, 16));
        assertAllNear(last.subNDList(1), all.subNDList(1), 1e-12, "state");
        for (int row = 0; row < rows; row++) {
            long end = padding == null ? length : end(padding, row, length);
            NDList expected = part(row(all.subNDList(0, 1), row), end - 1, end);
            assertAllNear(row(last.subNDList(0, 1), row), expected, 1e-12, "row " + row);
        }
    }

    /** The position after the last token of a row. */
    private static long end(NDArray padding, int row, long length) {
        double[] values = doubles(padding);
        if (padding.getShape().dimension() == 1) {
            return (long) values[row];
        }
        long end = length;
        while (values[(int) (row * length + end - 1)] == 0) {
            end--;
        }
        return end;
    }
}

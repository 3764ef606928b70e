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

import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.testing.BlockFixture;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The contract of {@link MambaClassifier}. */
public class MambaClassifierTest extends BlockFixture {

    private static final int CLASSES = 5;
    private static final int LENGTH = 5;
    private static final int[][] MASK = {
        {0, 0, 1, 1, 1}, {1, 1, 1, 1, 1}, {1, 0, 0, 0, 0}, {0, 1, 0, 1, 1}
    };

    private static final Mixer MAMBA =
            MambaOptions.builder().optStateSize(2).optConvKernel(3).optExpand(1).build();
    private static final Mixer MAMBA2 =
            Mamba2Options.builder()
                    .optStateSize(2)
                    .optConvKernel(3)
                    .optExpand(1)
                    .optHeadSize(2)
                    .build();

    private final Pooling pooling;
    private final boolean bidirectional;
    private final Mixer mixer;

    @Factory(dataProvider = "variants")
    public MambaClassifierTest(
            EngineSetup engine,
            boolean vectors,
            Pooling pooling,
            boolean bidirectional,
            Mixer mixer) {
        super(engine, vectors ? 3 : 0);
        this.pooling = pooling;
        this.bidirectional = bidirectional;
        this.mixer = mixer;
    }

    @DataProvider
    public static Object[][] variants() {
        return Engines.each(
                new Object[][] {
                    {false, Pooling.LAST, false, MAMBA},
                    {false, Pooling.MEAN, true, MAMBA},
                    {true, Pooling.MEAN, false, MAMBA},
                    {true, Pooling.LAST, true, MAMBA},
                    {false, Pooling.LAST, false, MAMBA2},
                    {true, Pooling.MEAN, true, MAMBA2}
                });
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(VOCABULARY)
                        .setModelSize(4)
                        .setNumLayers(2)
                        .optMixer(mixer)
                        .build();
        return MambaClassifier.builder()
                .setConfig(config)
                .setNumClasses(CLASSES)
                .optPooling(pooling)
                .optBidirectional(bidirectional)
                .optVectorInput(!takesIds())
                .build();
    }

    @Test
    public void outputShapesAreThoseOfTheOutputs() {
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
            SequenceBlock block = block(type);
            NDList data = data(block, 1, type, 3, LENGTH);
            NDList result = run(block, data);
            Assert.assertEquals(result.getShapes(), new Shape[] {new Shape(3, CLASSES)});
            Assert.assertEquals(block.getOutputShapes(data.getShapes()), result.getShapes());
            Assert.assertEquals(result.get(0).getDataType(), type);
        }
    }

    @Test
    public void aRowOfSeveralDocumentsHasNoClass() {
        SequenceBlock block = block(DataType.FLOAT32);
        NDList data = data(block, 1, DataType.FLOAT32, 2, LENGTH);
        int[] one = {5, 5, 5, 5, 5, 3, 3, 0, 3, 0};
        run(block, inputs(data, manager.create(one, new Shape(2, LENGTH)), null));
        int[] two = {5, 5, 5, 5, 5, 3, 3, 0, 4, 0};
        IllegalArgumentException refused =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                run(
                                        block,
                                        inputs(
                                                data,
                                                manager.create(two, new Shape(2, LENGTH)),
                                                null)));
        Assert.assertTrue(refused.getMessage().contains("one class"), refused.getMessage());
    }

    @Test
    public void rowsGiveWhatTheyGiveAlone() {
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
            SequenceBlock block = block(type);
            NDList data = data(block, 1, type, MASK.length, LENGTH);
            int[] mask = new int[MASK.length * LENGTH];
            long[] lengths = new long[MASK.length];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = MASK[i / LENGTH][i % LENGTH];
                lengths[i / LENGTH] += mask[i];
            }
            NDArray masks = manager.create(mask, new Shape(MASK.length, LENGTH));
            NDList masked = run(block, inputs(data, masks, null));
            NDList shortened = run(block, inputs(data, manager.create(lengths), null));
            for (int row = 0; row < MASK.length; row++) {
                NDList alone = run(block, tokens(row(data, row), MASK[row]));
                assertAllNear(row(masked, row), alone, exact(type), "mask, row " + row);
                alone = run(block, part(row(data, row), 0, lengths[row]));
                assertAllNear(row(shortened, row), alone, exact(type), "lengths, row " + row);
            }
        }
    }

    private NDList tokens(NDList row, int[] mask) {
        NDArray found = null;
        for (int t = 0; t < mask.length; t++) {
            if (mask[t] != 0) {
                NDArray token = part(row, t, t + 1).get(0);
                found = found == null ? token : found.concat(token, 1);
            }
        }
        return new NDList(found);
    }

    @Test
    public void gradientsAgreeWithFiniteDifferences() {
        SequenceBlock block = block(DataType.FLOAT64);
        NDList data = data(block, 1, DataType.FLOAT64, 2, LENGTH);
        NDArray lengths = manager.create(new long[] {5, 2});
        assertGradients(
                variables(block, data, new NDList()),
                () -> loss(run(block, inputs(data, lengths, null), true)),
                "gradients of " + block.getParameters().keys());
    }

    @Test
    public void bothDirectionsAreRead() {
        SequenceBlock block = block(DataType.FLOAT64);
        NDList before = data(block, 1, DataType.FLOAT64, 1, LENGTH);
        NDList other = data(block, 2, DataType.FLOAT64, 1, LENGTH);
        NDArray first = part(other, 0, 1).get(0);
        NDArray last = part(other, LENGTH - 1, LENGTH).get(0);
        NDArray start = first.concat(part(before, 1, LENGTH).get(0), 1);
        NDArray end = part(before, 0, LENGTH - 1).get(0).concat(last, 1);
        double[] logits = doubles(run(block, before).get(0));
        Assert.assertNotEquals(doubles(run(block, new NDList(start)).get(0)), logits, "start");
        Assert.assertNotEquals(doubles(run(block, new NDList(end)).get(0)), logits, "end");
    }

    @Test
    public void rowsWithoutTokensAreRefused() {
        SequenceBlock block = block(DataType.FLOAT32);
        NDList data = data(block, 1, DataType.FLOAT32, 2, LENGTH);
        NDList inputs = inputs(data, manager.create(new long[] {3, 0}), null);
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, () -> run(block, inputs));
        Assert.assertTrue(e.getMessage().contains("MambaClassifier"), e.getMessage());
    }

    @Test
    public void keepsNothingButItsResults() {
        SequenceBlock block = block(DataType.FLOAT32);
        NDList data = data(block, 1, DataType.FLOAT32, 2, LENGTH);
        NDArray lengths = manager.create(new long[] {5, 2});
        for (NDArray padding : new NDArray[] {null, lengths}) {
            for (boolean training : new boolean[] {false, true}) {
                int before = manager.getManagedArrays().size();
                NDList result = run(block, inputs(data, padding, null), training);
                Assert.assertEquals(manager.getManagedArrays().size(), before + 1);
                result.close();
            }
        }
    }
}

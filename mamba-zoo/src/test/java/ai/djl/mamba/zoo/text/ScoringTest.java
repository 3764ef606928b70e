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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.google.gson.Gson;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Log-probabilities of given tokens, logits of all positions, and vectors of texts. */
public class ScoringTest extends EngineSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public ScoringTest(EngineSetup engine) {
        super(engine);
    }

    @DataProvider
    public Object[][] fixtures() {
        return Fixtures.models();
    }

    @Test(dataProvider = "fixtures")
    public void scoresAreThoseOfTransformers(String name) throws Exception {
        Path folder = Fixtures.folder(name);
        MambaLanguageModel model = MambaCheckpoint.load(folder, manager);
        TextGenerator generator = new TextGenerator(model, manager);
        int arrays = manager.getManagedArrays().size();
        int scored = 0;
        try (Reader json = Files.newBufferedReader(folder.resolve("expected.json"))) {
            for (Fixtures.Expected expected :
                    new Gson().fromJson(json, Fixtures.Expected[].class)) {
                long[] ids = expected.input_ids();
                checkLogits(generator, expected);
                Score score = generator.score(ids);
                Assert.assertEquals(score.tokens(), ids.length);
                Assert.assertEquals(score.scored(), ids.length - 1);
                if (expected.mean_nll() != null) {
                    Assert.assertEquals(score.meanNll(), expected.mean_nll(), 1e-4);
                    Assert.assertEquals(score.perplexity(), Math.exp(score.meanNll()), 0);
                    checkInParts(generator, ids, score);
                    scored++;
                }
            }
        }
        Assert.assertTrue(scored > 0);
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
    }

    private static void checkLogits(TextGenerator generator, Fixtures.Expected expected) {
        int[] positions = {0};
        generator.forEachLogits(
                expected.input_ids(),
                (position, row) -> {
                    Assert.assertEquals(position, positions[0]++);
                    double[] wanted = expected.logits()[position];
                    Assert.assertEquals(row.length, wanted.length);
                    for (int id = 0; id < row.length; id++) {
                        double bound = 1e-4 + 1e-4 * Math.abs(wanted[id]);
                        Assert.assertEquals(row[id], wanted[id], bound);
                    }
                });
        Assert.assertEquals(positions[0], expected.input_ids().length);
    }

    private static void checkInParts(TextGenerator generator, long[] ids, Score whole) {
        for (int split = 1; split < ids.length; split++) {
            Score first = generator.score(Arrays.copyOf(ids, split));
            try (PromptState state = generator.read(Arrays.copyOf(ids, split))) {
                Score rest = generator.score(state, Arrays.copyOfRange(ids, split, ids.length));
                Assert.assertEquals(first.scored() + rest.scored(), whole.scored());
                double sum = first.totalNll() + rest.totalNll();
                Assert.assertEquals(sum, whole.totalNll(), 1e-4 * ids.length);
            }
        }
    }

    /** Longer than the parts in which it is read. */
    @Test
    public void aLongTextIsScoredInParts() throws Exception {
        MambaLanguageModel model = MambaCheckpoint.load(Fixtures.folder("original-tiny"), manager);
        int vocabSize = model.getConfig().vocabSize();
        long[] ids = new Random(1).longs(9000, 0, vocabSize).toArray();
        TextGenerator generator = new TextGenerator(model, manager);
        float[] found = generator.logProbs(ids);
        Assert.assertEquals(found.length, ids.length - 1);
        NDArray input = manager.create(ids, new Shape(1, ids.length));
        NDArray logits =
                model.forward(new ParameterStore(manager, false), new NDList(input), false)
                        .head()
                        .get(":, :, :" + vocabSize);
        float[] all = logits.logSoftmax(2).toFloatArray();
        double total = 0;
        for (int t = 0; t < found.length; t++) {
            float expected = all[t * vocabSize + (int) ids[t + 1]];
            Assert.assertEquals(found[t], expected, 1e-4, "position " + t);
            total -= expected;
        }
        Score score = generator.score(ids);
        Assert.assertEquals(score.totalNll(), total, 1e-5 * total);
        Score one = generator.score(new long[] {3});
        Assert.assertEquals(one.scored(), 0);
        Assert.assertTrue(Double.isNaN(one.meanNll()));
    }

    @Test
    public void vectorsAreThoseOfEachTextAlone() throws Exception {
        MambaLanguageModel model = MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager);
        TextGenerator generator = new TextGenerator(model, manager);
        int arrays = manager.getManagedArrays().size();
        List<long[]> rows =
                List.of(new long[] {4, 5, 6}, new long[] {9}, new long[] {1, 2, 3, 4, 5, 6, 7});
        for (Pooling pooling : Pooling.values()) {
            float[][] together = generator.embed(rows, pooling);
            Assert.assertEquals(together.length, 3);
            for (int i = 0; i < 3; i++) {
                float[] alone = generator.embed(List.of(rows.get(i)), pooling)[0];
                Assert.assertEquals(alone.length, model.getConfig().modelSize());
                for (int k = 0; k < alone.length; k++) {
                    Assert.assertEquals(together[i][k], alone[k], 1e-5);
                }
            }
        }
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
        checkHead(model, generator, rows.get(2));
    }

    /** The head over the vector of the last token gives the logits. */
    private void checkHead(MambaLanguageModel model, TextGenerator generator, long[] ids) {
        NDArray vector = manager.create(generator.embed(List.of(ids), Pooling.LAST)[0]);
        NDArray logits = model.getEmbedding().getArray().matMul(vector.reshape(-1, 1));
        try (PromptState state = generator.read(ids)) {
            NDArray expected = manager.create(state.logits());
            assertNear(logits.reshape(-1), expected, 1e-5, "logits");
        }
    }
}

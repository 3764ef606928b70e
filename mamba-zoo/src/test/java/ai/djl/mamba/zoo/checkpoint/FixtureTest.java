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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.ops.Scans;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.TextGenerator;
import ai.djl.mamba.zoo.text.TokenStream;
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
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Checkpoints with outputs that transformers computed. Those with options of Mamba-2 have the
 * outputs of a plain recurrence in float64, with which transformers 5.24 agrees on the one that it
 * can compute, to 1.1e-5.
 */
public class FixtureTest extends EngineSuite {

    private static final double TOLERANCE = 1e-4;

    /**
     * Three groups in shards of bfloat16, with biases and a narrow time step; and the norm before
     * the gate, D per channel, an own head, a convolution without bias, sizes that are no powers of
     * two.
     */
    private static final List<String> OPTIONS =
            List.of("hf-mamba2-options", "original-mamba2-options");

    /** Convolutions of one tap, which have no state. */
    private static final List<String> KERNEL_ONE = List.of("hf-kernel-one", "hf-mamba2-kernel-one");

    private static final List<String> SCANS = List.of("sequential", "chunked", "auto");

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public FixtureTest(EngineSetup engine) {
        super(engine);
    }

    @DataProvider
    public Object[][] fixtures() {
        return Stream.of(Fixtures.MODELS, OPTIONS, KERNEL_ONE)
                .flatMap(List::stream)
                .flatMap(name -> SCANS.stream().map(scan -> new Object[] {name, scan}))
                .toArray(Object[][]::new);
    }

    @Test(dataProvider = "fixtures")
    public void agreesWithTransformers(String name, String scan) throws Exception {
        Path folder = Fixtures.folder(name);
        System.setProperty(Scans.PROPERTY, scan);
        try (Reader json = Files.newBufferedReader(folder.resolve("expected.json"))) {
            MambaLanguageModel model = MambaCheckpoint.load(folder, manager);
            for (Fixtures.Expected expected :
                    new Gson().fromJson(json, Fixtures.Expected[].class)) {
                checkLogits(model, expected, name + " " + scan);
                checkGreedy(model, expected, name + " " + scan);
            }
        } finally {
            System.clearProperty(Scans.PROPERTY);
        }
    }

    @Test
    public void oneTapInTheOtherDialect() throws Exception {
        for (String name : KERNEL_ONE) {
            MambaLanguageModel model = MambaCheckpoint.load(Fixtures.folder(name), manager);
            Path folder = TempFiles.folder("mamba-kernel-one");
            MambaCheckpoint.save(model, folder, Dialect.ORIGINAL);
            MambaLanguageModel other = MambaCheckpoint.load(folder, manager);
            Assert.assertEquals(other.getConfig(), model.getConfig());
            long[] ids = {1, 10, 3};
            Assert.assertEquals(doubles(logits(other, ids)), doubles(logits(model, ids)), name);
        }
    }

    private void checkLogits(MambaLanguageModel model, Fixtures.Expected expected, String what) {
        long[] ids = expected.input_ids();
        int vocabSize = model.getConfig().paddedVocabSize();
        double[] logits = doubles(logits(model, ids));
        double nll = 0;
        for (int t = 0; t < ids.length; t++) {
            double[] row = Arrays.copyOfRange(logits, t * vocabSize, (t + 1) * vocabSize);
            double[] wanted = expected.logits()[t];
            Assert.assertEquals(row.length, wanted.length, what);
            for (int v = 0; v < row.length; v++) {
                double bound = TOLERANCE + TOLERANCE * Math.abs(wanted[v]);
                Assert.assertEquals(row[v], wanted[v], bound, what + " at " + t + ", " + v);
            }
            if (t + 1 < ids.length) {
                // padded ids are no tokens: the reference leaves them out
                double[] inUse = Arrays.copyOf(row, model.getConfig().vocabSize());
                nll += logSumExp(inUse) - row[(int) ids[t + 1]];
            }
        }
        if (expected.mean_nll() != null) {
            Assert.assertEquals(nll / (ids.length - 1), expected.mean_nll(), TOLERANCE, what);
        }
    }

    private static double logSumExp(double[] row) {
        double max = Arrays.stream(row).max().orElseThrow();
        return max + Math.log(Arrays.stream(row).map(x -> Math.exp(x - max)).sum());
    }

    private void checkGreedy(MambaLanguageModel model, Fixtures.Expected expected, String what) {
        TextGenerator generator = new TextGenerator(model, manager);
        int[] tokens = new int[expected.greedy_12().length];
        GenerationOptions options =
                GenerationOptions.builder().optMaxNewTokens(tokens.length).build();
        try (TokenStream stream = generator.generate(expected.input_ids(), options)) {
            Arrays.setAll(tokens, i -> stream.nextInt());
            Assert.assertFalse(stream.hasNext());
        }
        Assert.assertEquals(tokens, expected.greedy_12(), what);
    }

    private NDArray logits(MambaLanguageModel model, long[] ids) {
        NDArray input = manager.create(ids, new Shape(1, ids.length));
        return model.forward(new ParameterStore(manager, false), new NDList(input), false).get(0);
    }

    @Test
    public void generatingLeavesNothingBehind() throws Exception {
        MambaLanguageModel model = MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager);
        int arrays = manager.getManagedArrays().size();
        TextGenerator generator = new TextGenerator(model, manager);
        GenerationOptions options =
                GenerationOptions.builder().optMaxNewTokens(50).optTemperature(1).build();
        try (TokenStream stream = generator.generate(new long[] {1, 2, 3}, options)) {
            while (stream.hasNext()) {
                int token = stream.nextInt();
                Assert.assertTrue(token >= 0 && token < model.getConfig().vocabSize());
            }
        }
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
    }
}

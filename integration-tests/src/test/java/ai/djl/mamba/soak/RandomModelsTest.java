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
package ai.djl.mamba.soak;

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.ops.Ops;
import ai.djl.mamba.ops.Scans;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Random models: checkpoints of either dialect that the library did not write are loaded with each
 * type, engine and scan, give the logits of {@link ReferenceModel} whole, in two parts and padded,
 * and are the same after being saved and loaded again.
 *
 * <p>{@code -Dai.djl.mamba.soak.models=10000} sets how many there are for each engine, {@code
 * -Dai.djl.mamba.soak.seed} which ones.
 */
public class RandomModelsTest extends EngineSuite {

    private static final int MODELS = Integer.getInteger("ai.djl.mamba.soak.models", 150);
    private static final long SEED = Long.getLong("ai.djl.mamba.soak.seed", 1);

    private final EngineSetup engine;

    @Factory(dataProvider = "engines")
    public RandomModelsTest(EngineSetup engine) {
        super(engine);
        this.engine = engine;
    }

    @DataProvider
    public static Object[][] engines() {
        return Engines.eachAndComposed(new Object[][] {{}});
    }

    @AfterMethod(alwaysRun = true)
    public void chooseScanAgain() {
        System.clearProperty(Scans.PROPERTY);
    }

    @Test
    public void computeWhatTheirFilesSayAndSurviveSaving() throws Exception {
        Path parent = TempFiles.folder("random-models");
        for (int i = 0; i < MODELS; i++) {
            long seed = 1_000_003 * SEED + i;
            Path folder = Files.createDirectory(parent.resolve("model" + i));
            try (NDManager own = manager.newSubManager()) {
                check(new Case(seed), folder, own);
            } catch (Exception e) {
                throw new AssertionError("Seed " + seed + ": " + e, e);
            }
            ProcessFiles.delete(folder);
        }
    }

    /** A model and how to run it. */
    private final class Case {

        final Random random;
        final RandomCheckpoint checkpoint;
        final DataType type;
        final String scan;
        final long[] ids;
        final String text;

        Case(long seed) {
            random = new Random(seed);
            checkpoint = new RandomCheckpoint(random);
            type = random.nextInt(4) == 0 ? DataType.FLOAT64 : DataType.FLOAT32;
            List<String> scans =
                    engine == EngineSetup.PYTORCH && Ops.nativeFor(engineName).exists()
                            ? List.of("auto", "native", "chunked", "sequential")
                            : List.of("auto", "chunked", "sequential");
            scan = scans.get(random.nextInt(scans.size()));
            ids = random.longs(2 + random.nextInt(13), 0, checkpoint.sizes.vocab()).toArray();
            text =
                    String.format(
                            "seed %d, %s scan, %s, ids %s: %s",
                            seed, scan, type, Arrays.toString(ids), checkpoint);
        }

        double tolerance() {
            return type == DataType.FLOAT64 ? 1e-7 : 2e-4;
        }
    }

    private void check(Case one, Path folder, NDManager own) throws Exception {
        System.setProperty(Scans.PROPERTY, one.scan);
        Path written = Files.createDirectory(folder.resolve("written"));
        one.checkpoint.write(written);
        MambaLanguageModel model = MambaCheckpoint.load(written, own, one.type);
        ParameterStore store = new ParameterStore(own, false);
        double[][] expected = new ReferenceModel(one.checkpoint).logits(one.ids);
        double[] flat = Arrays.stream(expected).flatMapToDouble(Arrays::stream).toArray();
        double[] whole = logits(model, store, new NDList(ids(own, one.ids)));
        assertNear(whole, flat, one.tolerance(), one.text);
        assertNear(inParts(model, store, one, own), flat, one.tolerance(), "parts, " + one.text);
        checkPadded(model, store, one, own, flat);
        for (Dialect dialect : Dialect.values()) {
            Path saved = folder.resolve(dialect.name());
            MambaCheckpoint.save(model, saved, dialect);
            if (dialect == Dialect.ORIGINAL && one.random.nextBoolean()) {
                Files.delete(saved.resolve("model.safetensors")); // leaves pytorch_model.bin
            }
            MambaLanguageModel again = MambaCheckpoint.load(saved, own, one.type);
            Assert.assertEquals(again.getConfig(), model.getConfig(), one.text);
            double[] same = logits(again, store, new NDList(ids(own, one.ids)));
            Assert.assertEquals(same, whole, dialect + ", " + one.text);
        }
    }

    private double[] inParts(
            MambaLanguageModel model, ParameterStore store, Case one, NDManager own) {
        int cut = 1 + one.random.nextInt(one.ids.length - 1);
        NDList first = new NDList(ids(own, Arrays.copyOf(one.ids, cut)));
        NDList result = model.forward(store, first, false);
        NDList rest = new NDList(ids(own, Arrays.copyOfRange(one.ids, cut, one.ids.length)));
        rest.addAll(result.subNDList(1));
        double[] end = logits(model, store, rest);
        double[] begin = doubles(result.get(0));
        double[] joined = Arrays.copyOf(begin, begin.length + end.length);
        System.arraycopy(end, 0, joined, begin.length, end.length);
        return joined;
    }

    /**
     * The last row of a batch has all ids but one, behind or before pads; then that one follows.
     */
    private void checkPadded(
            MambaLanguageModel model,
            ParameterStore store,
            Case one,
            NDManager own,
            double[] expected) {
        int count = one.ids.length - 1;
        int pads = 1 + one.random.nextInt(4);
        int length = count + pads;
        int at = one.random.nextBoolean() ? 0 : pads;
        long[] batch = one.random.longs(2L * length, 0, one.checkpoint.sizes.vocab()).toArray();
        long[] mask = new long[2 * length];
        Arrays.fill(mask, 0, length, 1);
        Arrays.fill(mask, length + at, length + at + count, 1);
        System.arraycopy(one.ids, 0, batch, length + at, count);
        Shape shape = new Shape(2, length);
        NDList input = new NDList(own.create(batch, shape), own.create(mask, shape));
        NDList result = model.forward(store, input, false);
        int width = expected.length / one.ids.length;
        int from = (length + at) * width;
        double[] row = Arrays.copyOfRange(doubles(result.get(0)), from, from + count * width);
        double[] begin = Arrays.copyOf(expected, count * width);
        assertNear(row, begin, one.tolerance(), "padded, " + one.text);
        NDList next = new NDList(own.create(new long[] {0, one.ids[count]}, new Shape(2, 1)));
        next.addAll(result.subNDList(1));
        double[] after = Arrays.copyOfRange(logits(model, store, next), width, 2 * width);
        double[] end = Arrays.copyOfRange(expected, count * width, expected.length);
        assertNear(after, end, one.tolerance(), "after padding, " + one.text);
    }

    private static NDArray ids(NDManager manager, long[] ids) {
        return manager.create(ids, new Shape(1, ids.length));
    }

    private static double[] logits(MambaLanguageModel model, ParameterStore store, NDList input) {
        return doubles(model.forward(store, input, false).get(0));
    }
}

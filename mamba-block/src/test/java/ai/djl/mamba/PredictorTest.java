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

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Trained models behind DJL's Predictor, on one thread and on several, and in files. */
public class PredictorTest extends ModelSuite {

    private static final int THREADS = 4;
    private static final int PREDICTIONS = 24;

    @Factory(dataProvider = "mixers", dataProviderClass = ModelSuite.class)
    public PredictorTest(EngineSetup engine, Mixer mixer) {
        super(engine, mixer);
    }

    /** Token ids in, logits of the token after them out. */
    static final class NextToken implements Translator<long[], float[]> {

        @Override
        public NDList processInput(TranslatorContext ctx, long[] ids) {
            return new NDList(ctx.getNDManager().create(ids));
        }

        @Override
        public float[] processOutput(TranslatorContext ctx, NDList output) {
            NDArray logits = output.singletonOrThrow(); // (L, V)
            return logits.get(logits.getShape().get(0) - 1).toFloatArray();
        }

        @Override
        public Batchifier getBatchifier() {
            return Batchifier.STACK;
        }
    }

    /** Prompts of different lengths. */
    private static long[] prompt(int index) {
        return counting(1, LENGTH + index % 5 * 7 + 1);
    }

    private static float[][] predictAll(Model model) throws TranslateException {
        float[][] logits = new float[PREDICTIONS][];
        try (Predictor<long[], float[]> predictor = model.newPredictor(new NextToken())) {
            for (int i = 0; i < PREDICTIONS; i++) {
                logits[i] = predictor.predict(prompt(i));
            }
        }
        return logits;
    }

    @Test
    public void predictsOneByOneAndInBatches() throws TranslateException {
        try (Model model = languageModel();
                Predictor<long[], float[]> predictor = model.newPredictor(new NextToken())) {
            float[] alone = predictor.predict(prompt(0));
            Assert.assertEquals(alone.length, VOCAB);
            for (float[] row : predictor.batchPredict(List.of(prompt(0), prompt(0), prompt(0)))) {
                assertNear(manager.create(row), manager.create(alone), 1e-6, "row of a batch");
            }
        }
    }

    @Test
    public void predictsWhatItWasTrainedFor() throws TranslateException {
        try (Model model = languageModel()) {
            try (var trainer = trainer(model, 0.02f)) {
                trainer.initialize(new Shape(8, LENGTH));
                for (int i = 0; i < 40; i++) {
                    step(trainer, 8);
                }
            }
            float[][] logits = predictAll(model);
            for (int i = 0; i < PREDICTIONS; i++) {
                long[] prompt = prompt(i);
                long next = (prompt[prompt.length - 1] + 1) % VOCAB;
                Assert.assertEquals(manager.create(logits[i]).argMax().getLong(), next);
            }
        }
    }

    @Test
    public void manyThreadsShareAModel()
            throws TranslateException, InterruptedException, ExecutionException {
        try (Model model = languageModel()) {
            float[][] expected = predictAll(model);
            ExecutorService pool = Executors.newFixedThreadPool(THREADS);
            try {
                List<Future<float[][]>> futures = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    futures.add(pool.submit(() -> predictAll(model)));
                }
                for (Future<float[][]> future : futures) {
                    Assert.assertEquals(future.get(), expected, "logits on another thread");
                }
            } finally {
                pool.shutdown();
            }
        }
    }

    private void assertSurvivesSaving(MambaConfig config)
            throws IOException, MalformedModelException, TranslateException {
        Path dir = Files.createTempDirectory("mamba-save");
        try (Model model = model(new MambaLanguageModel(config));
                Model loaded = model(new MambaLanguageModel(config))) {
            model.getBlock()
                    .initialize(model.getNDManager(), model.getDataType(), new Shape(1, LENGTH));
            model.setProperty("Epoch", "3");
            model.save(dir, "tiny");
            loaded.load(dir, "tiny");
            Assert.assertEquals(predictAll(loaded), predictAll(model), "logits after loading");
        } finally {
            ProcessFiles.delete(dir);
        }
    }

    private static Mixer biased(Mixer mixer) {
        return mixer instanceof Mamba2Options mamba2
                ? Mamba2Options.builder(mamba2).optBias(true).build()
                : MambaOptions.builder((MambaOptions) mixer).optBias(true).build();
    }

    private static Mixer withFiveStates(Mixer mixer) {
        return mixer instanceof Mamba2Options mamba2
                ? Mamba2Options.builder(mamba2).optStateSize(5).build()
                : MambaOptions.builder((MambaOptions) mixer).optStateSize(5).build();
    }

    @Test
    public void savedAndLoadedModelsAreEqual()
            throws IOException, MalformedModelException, TranslateException {
        assertSurvivesSaving(smallConfig(mixer()).build());
        assertSurvivesSaving(
                smallConfig(biased(mixer()))
                        .optTiedHead(false)
                        .optNorm(Norm.layer(1e-5))
                        .optPadVocabMultiple(16)
                        .build());
    }

    @Test
    public void parametersOfAnotherModelAreRefused() throws IOException {
        MambaConfig config = smallConfig(mixer()).build();
        MambaConfig other = smallConfig(withFiveStates(mixer())).build();
        Path dir = Files.createTempDirectory("mamba-save");
        try (Model model = languageModel();
                Model different = model(new MambaLanguageModel(other))) {
            model.save(dir, "tiny");
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class, () -> different.load(dir, "tiny"));
            String message = messages(e);
            Assert.assertTrue(message.contains(config.toJson()), message);
            Assert.assertTrue(message.contains(other.toJson()), message);
        } finally {
            ProcessFiles.delete(dir);
        }
    }

    private static String messages(Throwable thrown) {
        StringBuilder messages = new StringBuilder();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            messages.append(t.getMessage()).append('\n');
        }
        return messages.toString();
    }

    @Test
    public void damagedParametersAreRefused() throws IOException {
        Path dir = Files.createTempDirectory("mamba-save");
        try (Model model = languageModel()) {
            model.save(dir, "tiny");
            Path file = dir.resolve("tiny-0000.params");
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
            try (Model damaged = model(new MambaLanguageModel(smallConfig(mixer()).build()))) {
                Exception e = Assert.expectThrows(Exception.class, () -> damaged.load(dir, "tiny"));
                Assert.assertTrue(
                        e instanceof IOException || e instanceof MalformedModelException,
                        "a half file gave " + e);
            }
        } finally {
            ProcessFiles.delete(dir);
        }
    }
}

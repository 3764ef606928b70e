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
package ai.djl.mamba.families;

import ai.djl.Device;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.training.AdamW;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.tracker.Tracker;
import java.io.IOException;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * A family that is not part of the project, in models: saved and loaded, generated from and
 * trained. Its files are four, and the registries know it by a line each.
 */
public class GatedLinearModelTest extends ModelSuite {

    private Path folder;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public GatedLinearModelTest(EngineSetup engine) {
        super(engine, new GatedLinearOptions());
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = TempFiles.folder("families");
    }

    private MambaConfig config() {
        return MambaConfig.builder()
                .setVocabSize(ByteTokenizer.VOCAB_SIZE)
                .setModelSize(8)
                .setNumLayers(2)
                .optMixer(new GatedLinearOptions(3))
                .build();
    }

    @Test
    public void configurationsAreSavedAsJson() {
        Assert.assertTrue(Mixer.kinds().contains("gated-linear"), Mixer.kinds().toString());
        String json = config().toJson();
        Assert.assertTrue(json.contains("{\"kind\":\"gated-linear\",\"expand\":3"), json);
        Assert.assertEquals(MambaConfig.parse(json), config());
    }

    @Test
    public void aSavedModelLoadsAndGenerates() throws Exception {
        Path saving = folder.resolve("saved");
        MambaLanguageModel saved = new MambaLanguageModel(config(), true);
        saved.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        MambaCheckpoint.save(saved, saving);
        MambaLanguageModel loaded = MambaCheckpoint.load(saving, manager);
        Assert.assertEquals(loaded.getConfig(), config());
        NDArray ids = manager.create(new long[] {1, 2, 3, 4}, new Shape(1, 4));
        Assert.assertEquals(logits(loaded, ids), logits(saved, ids));
        try (TextModel text =
                TextModel.builder().setModel(saving.toString()).optEngine(engineName).load()) {
            GenerationOptions greedy =
                    GenerationOptions.builder().optMaxNewTokens(5).optTemperature(0).build();
            String first = text.generate("ab", greedy).text();
            Assert.assertEquals(text.generate("ab", greedy).text(), first);
        }
    }

    @Test
    public void theOriginalDialectRefusesItByName() {
        MambaLanguageModel model = new MambaLanguageModel(config());
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        Exception refused =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                MambaCheckpoint.save(
                                        model, folder.resolve("model"), Dialect.ORIGINAL));
        Assert.assertTrue(refused.getMessage().contains("gated-linear"), refused.getMessage());
    }

    private float[] logits(MambaLanguageModel model, NDArray ids) {
        ParameterStore parameters = new ParameterStore(manager, false);
        return model.forward(parameters, new NDList(ids), false).get(0).toFloatArray();
    }

    @Test
    public void itLearns() {
        try (var model = languageModel()) {
            DefaultTrainingConfig training =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optDevices(new Device[] {device()})
                            .optOptimizer(
                                    AdamW.builder()
                                            .optLearningRateTracker(Tracker.fixed(0.03f))
                                            .build());
            try (Trainer trainer = model.newTrainer(training)) {
                trainer.initialize(new Shape(4, LENGTH));
                float first = step(trainer);
                float last = first;
                for (int i = 0; i < 40; i++) {
                    last = step(trainer);
                }
                Assert.assertTrue(last < first / 4, first + " → " + last);
            }
        }
    }

    /** Learns to continue 0 1 2 … 7 0 1 …, each row from another start. */
    private float step(Trainer trainer) {
        long[] ids = new long[4 * LENGTH];
        long[] next = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = ((long) i % LENGTH + i / LENGTH) % VOCAB;
            next[i] = (ids[i] + 1) % VOCAB;
        }
        try (var scratch = trainer.getManager().newSubManager();
                var collector = trainer.newGradientCollector()) {
            NDArray x = scratch.create(ids, new Shape(4, LENGTH));
            NDArray y = scratch.create(next, new Shape(4, LENGTH, 1));
            NDArray loss =
                    trainer.getLoss().evaluate(new NDList(y), trainer.forward(new NDList(x)));
            collector.backward(loss);
            trainer.step();
            return loss.getFloat();
        }
    }
}

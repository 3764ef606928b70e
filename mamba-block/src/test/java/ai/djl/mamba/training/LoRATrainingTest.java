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
package ai.djl.mamba.training;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.Adapters;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.Trainer;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Which parameters are adapted, and which train. */
public class LoRATrainingTest extends ModelSuite {

    private static final int ROWS = 8;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public LoRATrainingTest(EngineSetup engine) {
        super(engine);
    }

    private static LoRA lora(String... targets) {
        return LoRA.builder().setRank(2).optAlpha(8).optTargets(targets).build();
    }

    private MambaLanguageModel block(MambaConfig config) {
        MambaLanguageModel block = new MambaLanguageModel(config);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        return block;
    }

    private static Set<String> trainable(Block block) {
        Set<String> names = new TreeSet<>();
        for (Pair<String, Parameter> pair : block.getParameters()) {
            if (pair.getValue().requiresGradient()) {
                names.add(pair.getKey());
            }
        }
        return names;
    }

    /** Trains and asserts that it improves, and that exactly what is not frozen changes. */
    private void assertTrains(Model model, Trainer trainer, Set<String> expected) {
        Block block = model.getBlock();
        Assert.assertEquals(trainable(block), expected, "trainable parameters");
        Map<String, float[]> before = values(block);
        float first = step(trainer, ROWS);
        float last = first;
        for (int i = 0; i < 15; i++) {
            last = step(trainer, ROWS);
        }
        Assert.assertTrue(last < 0.95 * first, "loss " + first + " became " + last);
        Map<String, float[]> after = values(block);
        Set<String> changed = new TreeSet<>(before.keySet());
        changed.removeIf(name -> Arrays.equals(before.get(name), after.get(name)));
        Assert.assertEquals(changed, expected, "changed parameters");
    }

    private static Set<String> adapters(Block block) {
        Set<String> names = new TreeSet<>(block.getParameters().keys());
        names.removeIf(name -> !name.matches(".*_lora_[AB]"));
        return names;
    }

    @Test
    public void trainsTheAdaptersOfANewModel() {
        try (Model model = languageModel()) {
            Block block = model.getBlock();
            lora(Adapters.names()).apply(block, model.getNDManager());
            Assert.assertEquals(adapters(block).size(), 2 * 2 * 4);
            try (Trainer trainer = trainer(model, 0.05f)) {
                trainer.initialize(new Shape(ROWS, LENGTH));
                assertTrains(model, trainer, adapters(block));
            }
        }
    }

    /** PyTorch's newTrainer unfreezes what was loaded. */
    @Test
    public void trainsTheAdaptersOfALoadedModel() throws IOException, MalformedModelException {
        Path dir = Files.createTempDirectory("mamba-lora");
        try (Model saved = languageModel();
                Model model = model(new MambaLanguageModel(smallConfig().build()))) {
            saved.save(dir, "mamba");
            model.load(dir, "mamba");
            Block block = model.getBlock();
            LoRA lora = LoRA.builder().setRank(2).optTrainable("norm_f", "*02layer_*D").build();
            lora.apply(block, model.getNDManager());
            try (Trainer trainer = trainer(model, 0.05f)) {
                lora.freeze(block);
                trainer.initialize(new Shape(ROWS, LENGTH));
                Set<String> expected = adapters(block);
                Assert.assertEquals(expected.size(), 2 * 2 * 2);
                expected.add("01backbone_03norm_f_weight");
                expected.add("01backbone_02layer_02mixer_03ssm_D");
                assertTrains(model, trainer, expected);
            }
        } finally {
            ProcessFiles.delete(dir);
        }
    }

    @Test
    public void anotherHeadTrainsBesideTheAdapters() {
        MambaClassifier block =
                MambaClassifier.builder().setConfig(smallConfig().build()).setNumClasses(3).build();
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        LoRA.builder().setRank(2).optTrainable("head").build().apply(block, manager);
        Set<String> expected = adapters(block);
        expected.add("02head_weight");
        expected.add("02head_bias");
        Assert.assertEquals(trainable(block), expected);
    }

    @Test
    public void countsWhatTrains() {
        MambaLanguageModel block = block(smallConfig().build());
        long total = LoRA.count(block).total();
        Assert.assertEquals(LoRA.count(block), new LoRA.TrainableCount(total, total));
        lora("in_proj").apply(block, manager);
        long added = 2 * (2 * 16 + 64 * 2); // layers · (A (2, 16) + B (64, 2))
        LoRA.TrainableCount count = LoRA.count(block);
        Assert.assertEquals(count, new LoRA.TrainableCount(added, total + added));
        Assert.assertEquals(count.share(), (double) added / (total + added));
        LoRA.detach(block);
        Assert.assertEquals(LoRA.count(block), new LoRA.TrainableCount(0, total));
    }

    /** The bar of fine-tuning: under 2 % of the parameters, on a model of the size we ship. */
    @Test
    public void aSmallPartOfAModelTrains() {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(256).setModelSize(192).setNumLayers(2).build();
        MambaLanguageModel block = block(config);
        LoRA.builder().setRank(4).optTargets("in_proj").build().apply(block, manager);
        double share = LoRA.count(block).share();
        Assert.assertTrue(share > 0.005 && share < 0.02, "share " + share);
    }

    @Test
    public void patternsNameSomeLayers() {
        MambaLanguageModel block = block(smallConfig().build());
        lora("*02layer_*{in,out}_proj").apply(block, manager);
        Assert.assertEquals(
                adapters(block),
                new TreeSet<>(
                        List.of(
                                "01backbone_02layer_02mixer_01in_proj_lora_A",
                                "01backbone_02layer_02mixer_01in_proj_lora_B",
                                "01backbone_02layer_02mixer_04out_proj_lora_A",
                                "01backbone_02layer_02mixer_04out_proj_lora_B")));
    }

    private static void assertRefused(String message, Assert.ThrowingRunnable call) {
        IllegalArgumentException e = Assert.expectThrows(IllegalArgumentException.class, call);
        Assert.assertEquals(e.getMessage(), message);
    }

    @Test
    public void namesWhatIsWrong() {
        MambaLanguageModel block = block(smallConfig().build());
        Set<String> before = trainable(block);
        assertRefused(
                "LoRA: no projection is named \"lm_head\"; there are"
                        + " [dt_proj, in_proj, out_proj, x_proj]",
                () -> lora("in_proj", "lm_head").apply(block, manager));
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                LoRA.builder()
                                        .setRank(2)
                                        .optTrainable("haed")
                                        .build()
                                        .apply(block, manager));
        Assert.assertTrue(
                e.getMessage()
                        .startsWith(
                                "LoRA: no block or parameter is named \"haed\"; there are"
                                        + " [embedding, 01backbone_01layer_01norm_weight,"),
                e.getMessage());
        Assert.assertEquals(trainable(block), before, "after refusals");
        lora("x_proj").apply(block, manager);
        assertRefused(
                "LoRA: 01backbone_01layer_02mixer_03ssm_01x_proj already has an adapter",
                () -> lora("in_proj", "x_proj").apply(block, manager));
        Assert.assertEquals(adapters(block).size(), 4, "after a refusal");
    }

    @Test
    public void optionsAreChecked() {
        assertRefused("LoRA: setRank is required", () -> LoRA.builder().build());
        assertRefused(
                "LowRankAdapter: alpha must be positive, got -1.0",
                () -> LoRA.builder().setRank(1).optAlpha(-1).build());
        assertRefused(
                "LowRankAdapter: dropout must be in [0, 1), got 1.0",
                () -> LoRA.builder().setRank(1).optDropout(1).build());
        assertRefused(
                "LoRA: expected at least one target",
                () -> LoRA.builder().setRank(1).optTargets().build());
        assertRefused(
                "LoRA: names of parts must not be empty",
                () -> LoRA.builder().setRank(1).optTargets(""));
        assertRefused(
                "LoRA: \"*{a\" is not a valid pattern", () -> LoRA.builder().optTrainable("*{a"));
    }
}

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
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.Trainer;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Training changes the parameters that are not frozen, all of them and no others. */
public class FreezingTest extends ModelSuite {

    private static final int ROWS = 8;

    @Factory(dataProvider = "mixers", dataProviderClass = ModelSuite.class)
    public FreezingTest(EngineSetup engine, Mixer mixer) {
        super(engine, mixer);
    }

    private static MambaLanguageModel block(Model model) {
        return (MambaLanguageModel) model.getBlock();
    }

    private static Set<String> names(Block block, Predicate<Parameter> which) {
        Set<String> names = new TreeSet<>();
        for (Pair<String, Parameter> pair : block.getParameters()) {
            if (which.test(pair.getValue())) {
                names.add(pair.getKey());
            }
        }
        return names;
    }

    private void assertTrainsUnfrozenOnly(Model model, Trainer trainer, int frozen) {
        Block block = model.getBlock();
        Set<String> unfrozen = names(block, Parameter::requiresGradient);
        Assert.assertEquals(block.getParameters().size() - unfrozen.size(), frozen, "frozen");
        Map<String, float[]> before = values(block);
        for (int i = 0; i < 3; i++) {
            step(trainer, ROWS);
        }
        Map<String, float[]> after = values(block);
        Set<String> changed = new TreeSet<>(before.keySet());
        changed.removeIf(name -> Arrays.equals(before.get(name), after.get(name)));
        Assert.assertEquals(changed.toString(), unfrozen.toString(), "changed parameters");
    }

    @Test
    public void trainsEveryParameter() {
        try (Model model = languageModel();
                Trainer trainer = trainer(model, 0.01f)) {
            trainer.initialize(new Shape(ROWS, LENGTH));
            assertTrainsUnfrozenOnly(model, trainer, 0);
        }
    }

    @Test
    public void frozenBeforeTheTrainer() {
        try (Model model = languageModel()) {
            Block first = block(model).getBackbone().getLayers().get(0);
            first.freezeParameters(true);
            int frozen = first.getParameters().size();
            try (Trainer trainer = trainer(model, 0.01f)) {
                trainer.initialize(new Shape(ROWS, LENGTH));
                assertTrainsUnfrozenOnly(model, trainer, frozen);
            }
        }
    }

    @Test
    public void frozenAfterTheTrainer() {
        try (Model model = languageModel();
                Trainer trainer = trainer(model, 0.01f)) {
            trainer.initialize(new Shape(ROWS, LENGTH));
            MambaLanguageModel block = block(model);
            block.getEmbedding().freeze(true); // tied: the head is frozen with it
            Block layer = block.getBackbone().getLayers().get(1);
            int frozen = Freezing.freeze(layer, "A_log", "dt_*");
            Assert.assertEquals(frozen, mixer() instanceof Mamba2Options ? 2 : 3);
            assertTrainsUnfrozenOnly(model, trainer, 1 + frozen);
        }
    }

    @Test
    public void frozenInPartWhileTraining() {
        try (Model model = languageModel();
                Trainer trainer = trainer(model, 0.01f)) {
            trainer.initialize(new Shape(ROWS, LENGTH));
            assertTrainsUnfrozenOnly(model, trainer, 0);
            Block last = block(model).getBackbone().getLayers().get(1);
            last.freezeParameters(true);
            assertTrainsUnfrozenOnly(model, trainer, last.getParameters().size());
            last.freezeParameters(false);
            assertTrainsUnfrozenOnly(model, trainer, 0);
        }
    }

    /** Fine-tuning: PyTorch's newTrainer unfreezes a loaded model, so freeze after it. */
    @Test
    public void frozenAfterLoading() throws IOException, MalformedModelException {
        Path dir = Files.createTempDirectory("mamba-freeze");
        try (Model saved = languageModel();
                Model model = model(new MambaLanguageModel(smallConfig(mixer()).build()))) {
            saved.save(dir, "mamba");
            model.load(dir, "mamba");
            try (Trainer trainer = trainer(model, 0.01f)) {
                trainer.initialize(new Shape(ROWS, LENGTH));
                Block block = model.getBlock();
                block.freezeParameters(true);
                block.freezeParameters(false, parameter -> parameter.getName().equals("A_log"));
                assertTrainsUnfrozenOnly(model, trainer, block.getParameters().size() - 2);
            }
        } finally {
            ProcessFiles.delete(dir);
        }
    }
}

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
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.training.LoRA;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Models of which each layer has a mixer of another kind are trained, saved and adapted. */
public class HybridModelTest extends ModelSuite {

    private static final List<Mixer> LAYERS =
            List.of(MAMBA, MAMBA2, S4DOptions.builder().optStateSize(4).build(), MAMBA);

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public HybridModelTest(EngineSetup engine) {
        super(engine);
    }

    private static MambaConfig config(List<Mixer> layers) {
        return MambaConfig.builder().setVocabSize(VOCAB).setModelSize(16).setLayers(layers).build();
    }

    private Model hybrid() {
        Model model = model(new MambaLanguageModel(config(LAYERS)));
        model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, LENGTH));
        return model;
    }

    @Test
    public void eachLayerHasItsMixer() {
        try (Model model = hybrid()) {
            MambaLanguageModel block = (MambaLanguageModel) model.getBlock();
            List<Object> mixers = new ArrayList<>();
            block.getBackbone().getLayers().forEach(layer -> mixers.add(layer.getMixer()));
            Assert.assertEquals(
                    mixers.stream().map(Object::getClass).toList(),
                    List.of(
                            MambaBlock.class,
                            Mamba2Block.class,
                            MambaBlock.class,
                            MambaBlock.class));
            Assert.assertTrue(((MambaBlock) mixers.get(2)).getSsm() instanceof S4D);
            Assert.assertEquals(block.getStateSpecs().size(), 8);
        }
    }

    @Test
    public void learnsToCount() throws TranslateException, IOException {
        try (Model model = hybrid();
                Trainer trainer = trainer(model, 0.02f)) {
            trainer.initialize(new Shape(8, LENGTH));
            ArrayDataset data = countingData();
            double before = loss(trainer, data);
            for (int i = 0; i < 40; i++) {
                step(trainer, 8);
            }
            double after = loss(trainer, data);
            Assert.assertTrue(after < 0.1 * before, before + " became " + after);
        }
    }

    @Test
    public void isSavedAndLoaded() throws IOException, MalformedModelException {
        Path dir = TempFiles.folder("mamba-hybrid");
        List<Mixer> turned = new ArrayList<>(LAYERS);
        Collections.reverse(turned.subList(1, 4));
        try (Model model = hybrid();
                Model loaded = model(new MambaLanguageModel(config(LAYERS)));
                Model other = model(new MambaLanguageModel(config(turned)))) {
            model.save(dir, "hybrid");
            loaded.load(dir, "hybrid");
            NDArray ids = ids(manager, 2);
            assertNear(infer(loaded.getBlock(), ids), infer(model.getBlock(), ids), 1e-6, "loaded");
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class, () -> other.load(dir, "hybrid"));
            String message = String.valueOf(e.getCause() == null ? e : e.getCause());
            Assert.assertTrue(message.contains(config(LAYERS).toJson()), message);
            Assert.assertTrue(message.contains(config(turned).toJson()), message);
        }
    }

    @Test
    public void isAdapted() {
        try (Model model = hybrid()) {
            NDArray ids = ids(manager, 2);
            double[] before = doubles(infer(model.getBlock(), ids));
            LoRA.builder().setRank(2).build().apply(model.getBlock(), model.getNDManager());
            assertNear(doubles(infer(model.getBlock(), ids)), before, 1e-6, "new adapters");
            try (Trainer trainer = trainer(model, 0.02f)) {
                trainer.initialize(new Shape(8, LENGTH));
                float first = step(trainer, 8);
                for (int i = 0; i < 10; i++) {
                    step(trainer, 8);
                }
                Assert.assertTrue(step(trainer, 8) < first, "adapters do not learn");
            }
        }
    }

    @Test
    public void mixersOfOneKindWithOtherSizes() {
        Mixer wide = MambaOptions.builder().optStateSize(6).optExpand(3).build();
        MambaLanguageModel block = new MambaLanguageModel(config(List.of(MAMBA, wide)), true);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        Assert.assertEquals(
                block.getStateShapes(2),
                List.of(
                        new Shape(2, 3, 32),
                        new Shape(2, 32, 4),
                        new Shape(2, 3, 48),
                        new Shape(2, 48, 6)));
        NDArray ids = ids(manager, 2);
        Assert.assertEquals(infer(block, ids).getShape(), new Shape(2, LENGTH, VOCAB));
    }
}

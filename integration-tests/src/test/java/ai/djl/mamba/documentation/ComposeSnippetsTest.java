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
package ai.djl.mamba.documentation;

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.SequenceStack;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The examples of docs/compose.md work on every engine. */
public class ComposeSnippetsTest extends EngineSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public ComposeSnippetsTest(EngineSetup engine) {
        super(engine);
    }

    @Test
    public void blocksCompose() {
        for (Block block : new Block[] {ComposeSnippets.compose(), ComposeSnippets.ablation()}) {
            block.initialize(manager, DataType.FLOAT32, new Shape(2, 5, 8));
            NDArray x = normal(1, DataType.FLOAT32, 2, 5, 8);
            NDList y = block.forward(new ParameterStore(manager, false), new NDList(x), false);
            Assert.assertEquals(y.getShapes(), block.getOutputShapes(new Shape[] {x.getShape()}));
        }
    }

    /** What follows with a state is what one pass over both parts gives. */
    @Test
    public void aStackHandsOnItsState() {
        SequenceStack stack = ComposeSnippets.stack();
        stack.initialize(manager, DataType.FLOAT32, new Shape(1, 5, 8));
        ParameterStore parameters = new ParameterStore(manager, false);
        NDArray x = normal(1, DataType.FLOAT32, 1, 5, 8);
        NDArray whole = stack.forward(parameters, new NDList(x), false).get(0);
        NDList first = stack.forward(parameters, new NDList(x.get(":, :3")), false);
        NDList rest = new NDList(x.get(":, 3:"));
        rest.addAll(first.subNDList(1));
        NDArray continued = stack.forward(parameters, rest, false).get(0);
        assertNear(continued, whole.get(":, 3:"), 1e-5, "the rest");
    }

    @DataProvider
    public Object[][] hybrids() {
        return new Object[][] {
            {ComposeSnippets.mixed(), List.of("s4d", "mamba", "mamba", "s4d")},
            {DesignSnippets.hybrid(), List.of("mamba", "mamba", "mamba2", "mamba")}
        };
    }

    @Test(dataProvider = "hybrids")
    public void layersDiffer(MambaConfig config, List<String> kinds) {
        Assert.assertEquals(config.layers().stream().map(Mixer::kind).toList(), kinds);
        Assert.assertEquals(MambaConfig.parse(config.toJson()), config);
        MambaLanguageModel model = new MambaLanguageModel(config);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        NDArray ids = manager.create(new long[] {72, 105, 33}, new Shape(1, 3));
        NDList outputs = model.forward(new ParameterStore(manager, false), new NDList(ids), false);
        Assert.assertEquals(outputs.get(0).getShape(), new Shape(1, 3, 256));
    }

    @Test
    public void configurationMakesMamba2() {
        MambaLanguageModel model = new MambaLanguageModel(ComposeSnippets.mamba2(), true);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        NDArray ids = manager.create(new long[] {72, 105, 33}, new Shape(1, 3));
        NDList outputs = model.forward(new ParameterStore(manager, false), new NDList(ids), false);
        Assert.assertEquals(outputs.get(0).getShape(), new Shape(1, 3, 256));
        Assert.assertEquals(outputs.get(2).getShape(), new Shape(1, 8, 16, 64), "the first state");
    }

    @Test
    public void paddingIsExact() {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(9).setModelSize(8).setNumLayers(1).build();
        MambaLanguageModel block = new MambaLanguageModel(config);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        ParameterStore parameters = new ParameterStore(manager, false);
        NDArray padded = ComposeSnippets.pad(manager, parameters, block);
        NDArray alone = manager.create(new long[] {8}, new Shape(1, 1));
        NDList expected = block.forward(parameters, new NDList(alone), false);
        assertNear(padded.get("1:2, 2:3"), expected.get(0), 1e-6, "the padded row");
    }

    @Test
    public void packedDocumentsAreAlone() {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(9).setModelSize(8).setNumLayers(1).build();
        MambaLanguageModel block = new MambaLanguageModel(config);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        ParameterStore parameters = new ParameterStore(manager, false);
        NDArray packed = ComposeSnippets.pack(manager, parameters, block);
        NDArray second = manager.create(new long[] {8, 4}, new Shape(1, 2));
        NDArray alone = block.forward(parameters, new NDList(second), false).get(0);
        assertNear(packed.get(":, 3:5"), alone, 1e-6, "the second document");
    }
}

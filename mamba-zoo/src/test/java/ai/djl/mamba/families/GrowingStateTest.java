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

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.MambaState;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.testing.ContractSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.zoo.text.Generated;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.TextGenerator;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * A state that grows with the tokens, as the keys and values of attention do, is a state like any
 * other: in a hybrid model it is carried, reordered, saved and continued.
 */
public class GrowingStateTest extends ContractSuite {

    private static final int VOCABULARY = 13;
    private static final long[] PROMPT = {3, 1, 4, 1, 5, 9, 2, 6};

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public GrowingStateTest(EngineSetup engine) {
        super(engine);
    }

    private MambaLanguageModel model() {
        MambaOptions mamba = MambaOptions.builder().optStateSize(4).build();
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(VOCABULARY)
                        .setModelSize(8)
                        .setLayers(List.of(mamba, new CausalAttentionOptions(), mamba))
                        .build();
        MambaLanguageModel model = new MambaLanguageModel(config, true);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        // larger than initial weights, so that the next token depends on what was read
        model.getParameters()
                .values()
                .forEach(p -> p.getArray().addi(normal(5, DataType.FLOAT32, shape(p.getArray()))));
        return model;
    }

    private static long[] shape(NDArray array) {
        return array.getShape().getShape();
    }

    private NDList run(MambaLanguageModel model, long[] ids, int rows, NDList state) {
        long[] repeated = new long[ids.length * rows];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(ids, 0, repeated, row * ids.length, ids.length);
        }
        NDList inputs = new NDList(manager.create(repeated, new Shape(rows, ids.length)));
        inputs.addAll(state);
        return model.forward(new ParameterStore(manager, false), inputs, false);
    }

    private static void assertAllClose(NDList found, NDList expected, String what) {
        Assert.assertEquals(found.size(), expected.size(), what);
        for (int i = 0; i < found.size(); i++) {
            Assert.assertEquals(found.get(i).getShape(), expected.get(i).getShape(), what + i);
            assertClose(found.get(i), expected.get(i), 1e-4, what + i);
        }
    }

    @Test
    public void anySplitGivesWhatTheWholeGives() {
        MambaLanguageModel model = model();
        NDList whole = run(model, PROMPT, 2, new NDList());
        Assert.assertEquals(whole.get(3).getShape(), new Shape(2, PROMPT.length, 8), "keys");
        NDList state = new NDList();
        int read = 0;
        for (int length : new int[] {1, 3, 1, 1, 2}) {
            NDList result = run(model, Arrays.copyOfRange(PROMPT, read, read + length), 2, state);
            for (int t = 0; t < length; t++) {
                assertClose(
                        result.get(0).get(":, " + t),
                        whole.get(0).get(":, " + (read + t)),
                        1e-4,
                        "logits of step " + (read + t));
            }
            read += length;
            state = result.subNDList(1);
        }
        assertAllClose(state, whole.subNDList(1), "state ");
    }

    @Test
    public void anEmptyStateIsTheStart() {
        MambaLanguageModel model = model();
        MambaState start = MambaState.start(model, manager, 1);
        Assert.assertEquals(start.toNDList().get(2).getShape(), new Shape(1, 0, 8), "keys");
        MambaState two = start.select(0, 0);
        Assert.assertEquals(two.batchSize(), 2);
        assertAllClose(
                run(model, PROMPT, 2, two.toNDList()),
                run(model, PROMPT, 2, new NDList()),
                "from an empty state ");
    }

    @Test
    public void aStateIsReorderedSavedAndContinued() throws IOException {
        MambaLanguageModel model = model();
        NDList first = run(model, PROMPT, 1, new NDList());
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        try (MambaState state = new MambaState(first.subNDList(1))) {
            state.save(saved);
        }
        MambaState loaded = MambaState.load(manager, new ByteArrayInputStream(saved.toByteArray()));
        MambaState rows = MambaState.join(List.of(loaded.select(0, 0), loaded.copy(manager)));
        NDList continued = run(model, new long[] {7, 0}, 3, rows.toNDList());
        long[] all = Arrays.copyOf(PROMPT, PROMPT.length + 2);
        all[PROMPT.length] = 7;
        NDList whole = run(model, all, 3, new NDList());
        assertClose(
                continued.get(0).get(":, 1"),
                whole.get(0).get(":, " + (all.length - 1)),
                1e-4,
                "logits");
        assertAllClose(continued.subNDList(1), whole.subNDList(1), "state ");
    }

    @Test
    public void aStateOfAnotherShapeIsRefusedByName() {
        MambaLanguageModel model = model();
        NDList state = run(model, PROMPT, 1, new NDList()).subNDList(1);
        state.set(2, manager.zeros(new Shape(1, 5, 7)));
        Exception refused =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> run(model, new long[] {1}, 1, state));
        Assert.assertTrue(refused.getMessage().contains("keys (1, -1, 8)"), refused.getMessage());
    }

    @Test
    public void promptStatesAndBeamsCarryIt() throws IOException, MalformedModelException {
        MambaLanguageModel model = model();
        TextGenerator generator = new TextGenerator(model, manager);
        GenerationOptions beams =
                GenerationOptions.builder().optBeams(3).optMaxNewTokens(4).build();
        Generated whole = generator.generate(List.of(PROMPT), beams).get(0);
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        try (PromptState half = generator.read(Arrays.copyOf(PROMPT, 4))) {
            half.save(saved);
        }
        PromptState restored =
                PromptState.load(manager, new ByteArrayInputStream(saved.toByteArray()), model);
        long[] rest = Arrays.copyOfRange(PROMPT, 4, PROMPT.length);
        Generated continued =
                generator
                        .generateAll(generator.read(restored, rest), beams, (row, token) -> true)
                        .get(0);
        Assert.assertEquals(continued.ids(), whole.ids());
        Assert.assertEquals(continued.score(), whole.score(), 1e-4);
        // what the beam search adds up is what the model says of prompt and continuation together
        long[] all = Arrays.copyOf(PROMPT, PROMPT.length + whole.ids().length);
        for (int i = 0; i < whole.ids().length; i++) {
            all[PROMPT.length + i] = whole.ids()[i];
        }
        double nll = generator.score(all).totalNll() - generator.score(PROMPT).totalNll();
        Assert.assertEquals(whole.score(), -nll / whole.ids().length, 1e-3);
    }
}

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

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterServer;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** AdamW computes torch's steps, knows groups, and goes on exactly where it was saved. */
public class AdamWTest extends ModelSuite {

    private static final JsonObject ORACLE = TorchOracle.read("adamw.json").getAsJsonObject();

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public AdamWTest(EngineSetup engine) {
        super(engine);
    }

    /** A block of the oracle's parameters, whose output has the gradients that are its input. */
    private static final class LinearForm extends AbstractBlock {

        private LinearForm() {
            super((byte) 1);
            for (JsonElement element : ORACLE.getAsJsonArray("parameters")) {
                JsonObject json = element.getAsJsonObject();
                Parameter parameter =
                        Parameter.builder()
                                .setName(json.get("name").getAsString())
                                .setType(Parameter.Type.OTHER)
                                .optInitializer(Initializer.ZEROS)
                                .optShape(new Shape(TorchOracle.longs(json.get("shape"))))
                                .build();
                addParameter(parameter);
            }
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                PairList<String, Object> options) {
            NDArray sum = null;
            for (int i = 0; i < inputs.size(); i++) {
                NDArray gradient = inputs.get(i);
                Parameter parameter = getDirectParameters().valueAt(i);
                NDArray value = store.getValue(parameter, gradient.getDevice(), training);
                NDArray term = gradient.mul(value).sum();
                sum = sum == null ? term : sum.add(term);
            }
            return new NDList(sum);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return new Shape[] {new Shape()};
        }
    }

    private static JsonObject parameter(int i) {
        return ORACLE.getAsJsonArray("parameters").get(i).getAsJsonObject();
    }

    private static ParameterGroups oracleGroups(Block block) {
        ParameterGroups.Builder groups = ParameterGroups.builder().setBlock(block);
        for (JsonElement element : ORACLE.getAsJsonArray("parameters")) {
            JsonObject json = element.getAsJsonObject();
            groups.optGroup(
                    json.get("name").getAsString(),
                    json.get("rateFactor").getAsFloat(),
                    json.get("decay").getAsFloat());
        }
        return groups.build();
    }

    private AdamW oracleOptimizer(Block block) {
        return AdamW.builder()
                .optLearningRateTracker((id, step) -> ORACLE.get("rate").getAsFloat())
                .optBetas(0.9f, 0.999f)
                .optEpsilon(1e-8f)
                .optGroups(oracleGroups(block))
                .build();
    }

    /** Without a Trainer: the one of DJL looks at gradients in a way that fails with FLOAT64. */
    private void assertTorchSteps(DataType type) {
        LinearForm block = new LinearForm();
        block.initialize(manager, type, new Shape(1));
        for (int i = 0; i < block.getParameters().size(); i++) {
            NDArray value = block.getParameters().valueAt(i).getArray();
            double[] initial = TorchOracle.doubles(parameter(i).get("initial"));
            manager.create(initial, value.getShape()).toType(type, false).copyTo(value);
        }
        try (AdamW optimizer = oracleOptimizer(block);
                ParameterServer server = engine().newParameterServer(optimizer)) {
            ParameterStore store = new ParameterStore(manager, false);
            store.setParameterServer(server, new Device[] {device()});
            for (int step = 0; step < 10; step++) {
                oracleStep(store, block, type, step);
                for (int i = 0; i < block.getParameters().size(); i++) {
                    JsonElement expected = parameter(i).getAsJsonArray("steps").get(step);
                    assertNear(
                            doubles(block.getParameters().valueAt(i).getArray()),
                            TorchOracle.doubles(expected),
                            1e-6,
                            parameter(i).get("name") + " after step " + (step + 1));
                }
            }
            Assert.assertEquals(optimizer.getStep(), 10, "steps");
        }
    }

    private void oracleStep(ParameterStore store, Block block, DataType type, int step) {
        try (NDManager batch = manager.newSubManager();
                GradientCollector collector = record()) {
            NDList gradients = new NDList();
            for (int i = 0; i < block.getParameters().size(); i++) {
                JsonElement values = parameter(i).getAsJsonArray("gradients").get(step);
                Shape shape = block.getParameters().valueAt(i).getShape();
                gradients.add(batch.create(TorchOracle.doubles(values), shape).toType(type, false));
            }
            collector.backward(block.forward(store, gradients, true).singletonOrThrow());
        }
        store.updateAllParameters();
    }

    @Test
    public void tenStepsAreTorchs() {
        assertTorchSteps(DataType.FLOAT32);
        assertTorchSteps(DataType.FLOAT64);
    }

    private DefaultTrainingConfig config(AdamW optimizer) {
        return new DefaultTrainingConfig(new MaskedCrossEntropy())
                .optOptimizer(optimizer)
                .optDevices(new Device[] {device()});
    }

    private AdamW optimizer(Block block) {
        return AdamW.builder()
                .optLearningRateTracker((id, step) -> 0.01f / step)
                .optGroups(ParameterGroups.of(block))
                .build();
    }

    private static byte[] saved(AdamW optimizer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        optimizer.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static void load(AdamW optimizer, byte[] state)
            throws IOException, MalformedModelException {
        optimizer.load(new DataInputStream(new ByteArrayInputStream(state)));
    }

    @Test
    public void resumedStepsAreTheSameBitForBit() throws IOException, MalformedModelException {
        try (Model whole = languageModel();
                Model resumed = languageModel();
                AdamW first = optimizer(whole.getBlock());
                AdamW second = optimizer(resumed.getBlock())) {
            byte[] state;
            try (Trainer trainer = whole.newTrainer(config(first))) {
                trainer.initialize(new Shape(4, LENGTH));
                for (int i = 0; i < 3; i++) {
                    step(trainer, 4);
                }
                state = saved(first);
                for (int i = 0; i < resumed.getBlock().getParameters().size(); i++) {
                    whole.getBlock()
                            .getParameters()
                            .valueAt(i)
                            .getArray()
                            .copyTo(resumed.getBlock().getParameters().valueAt(i).getArray());
                }
                for (int i = 0; i < 3; i++) {
                    step(trainer, 4);
                }
            }
            load(second, state);
            Assert.assertEquals(second.getStep(), 3, "steps");
            Assert.assertEquals(second.getLearningRate(), 0.01f / 3, "learning rate");
            Assert.assertEquals(saved(second), state, "a state that was loaded and saved again");
            try (Trainer trainer = resumed.newTrainer(config(second))) {
                trainer.initialize(new Shape(4, LENGTH));
                for (int i = 0; i < 3; i++) {
                    step(trainer, 4);
                }
            }
            Map<String, float[]> expected = values(whole.getBlock());
            values(resumed.getBlock())
                    .forEach((name, got) -> Assert.assertEquals(got, expected.get(name), name));
            Assert.assertEquals(saved(second), saved(first), "the states afterwards");
        }
    }

    @Test
    public void keepsNothingButItsState() {
        try (Model model = languageModel();
                AdamW optimizer = optimizer(model.getBlock());
                Trainer trainer = model.newTrainer(config(optimizer))) {
            trainer.initialize(new Shape(2, LENGTH));
            step(trainer, 2);
            int arrays = manager.getParentManager().getManagedArrays().size();
            for (int i = 0; i < 200; i++) {
                step(trainer, 2);
            }
            Assert.assertEquals(
                    manager.getParentManager().getManagedArrays().size(),
                    arrays,
                    "arrays after 200 further steps");
            Assert.assertEquals(
                    optimizer.getStates().size(), model.getBlock().getParameters().size());
        }
    }

    @Test
    public void frozenParametersKeepTheirValuesAndTheirCounts() {
        try (Model model = languageModel();
                AdamW optimizer = optimizer(model.getBlock());
                Trainer trainer = model.newTrainer(config(optimizer))) {
            trainer.initialize(new Shape(2, LENGTH));
            step(trainer, 2);
            Assert.assertEquals(Freezing.freeze(model.getBlock(), "A_log"), 2);
            Map<String, float[]> before = values(model.getBlock());
            step(trainer, 2);
            step(trainer, 2);
            values(model.getBlock())
                    .forEach(
                            (name, value) ->
                                    Assert.assertEquals(
                                            Arrays.equals(value, before.get(name)),
                                            name.endsWith("A_log"),
                                            name + " is unchanged"));
            optimizer
                    .getStates()
                    .forEach(
                            (name, state) ->
                                    Assert.assertEquals(
                                            state.updates(),
                                            name.endsWith("A_log") ? 1 : 3,
                                            "updates of " + name));
            Assert.assertEquals(optimizer.getStep(), 3, "steps");
        }
    }

    @Test
    public void saysWhatInAStateDoesNotFit() throws IOException, MalformedModelException {
        Mixer wide = MambaOptions.builder().optStateSize(8).build();
        try (Model model = languageModel();
                Model other = model(new MambaLanguageModel(smallConfig(wide).build()));
                AdamW optimizer = optimizer(model.getBlock());
                AdamW wider = optimizer(other.getBlock());
                AdamW nameless = AdamW.builder().build()) {
            try (Trainer trainer = model.newTrainer(config(optimizer))) {
                trainer.initialize(new Shape(2, LENGTH));
                step(trainer, 2);
            }
            byte[] state = saved(optimizer);
            Assert.assertTrue(
                    Assert.expectThrows(IllegalStateException.class, () -> load(wider, state))
                            .getMessage()
                            .contains("initialize the block"));
            other.getBlock()
                    .initialize(other.getNDManager(), DataType.FLOAT32, new Shape(1, LENGTH));
            assertMalformed(wider, state, "x_proj_weight", "(17, 32)", "(9, 32)", "float32");
            assertMalformed(optimizer, new byte[100], "not the state of an AdamW");
            assertMalformed(
                    optimizer, new byte[4], "\"Adam\" (4164616d), found \"....\" (00000000)");
            assertMalformed(optimizer, new byte[2], "truncated: it ends in its header");
            int count = ByteBuffer.wrap(state).getInt(16);
            assertMalformed(
                    optimizer,
                    Arrays.copyOf(state, state.length - 1),
                    String.format("it ends in parameter %d of %d", count, count));
            assertMalformed(optimizer, Arrays.copyOf(state, state.length - 1), "truncated");
            assertMalformed(optimizer, forged(state, "FLOAT32", 7, -1), "expected at most 32 axes");
            assertMalformed(optimizer, forged(state, "FLOAT32", 7, 1 << 30), "1073741824");
            assertMalformed(optimizer, forged(state, "Adam", 8, -1), "number of steps, got -1");
            assertMalformed(optimizer, forged(state, "Adam", 16, -1), "of parameters, got -1");
            state[7]++;
            assertMalformed(optimizer, state, "version 1", "got 2");
            Assert.assertEquals(optimizer.getStep(), 1, "the state before");
            Exception e = Assert.expectThrows(IllegalStateException.class, () -> saved(nameless));
            Assert.assertTrue(e.getMessage().contains("optGroups"), e.getMessage());
        }
    }

    /** With a number behind a text. */
    private static byte[] forged(byte[] state, String text, int behind, int value) {
        int at = new String(state, StandardCharsets.ISO_8859_1).indexOf(text);
        return ByteBuffer.wrap(state.clone()).putInt(at + behind, value).array();
    }

    private static void assertMalformed(AdamW optimizer, byte[] state, String... parts) {
        Exception e =
                Assert.expectThrows(MalformedModelException.class, () -> load(optimizer, state));
        for (String part : parts) {
            Assert.assertTrue(e.getMessage().contains(part), part + " in: " + e.getMessage());
        }
    }

    @Test
    public void refusesParametersThatItsGroupsDoNotHave() {
        try (Model model = languageModel();
                Model other = languageModel();
                AdamW optimizer = optimizer(other.getBlock())) {
            NDArray weight = model.getBlock().getParameters().valueAt(0).getArray();
            String id = model.getBlock().getParameters().valueAt(0).getId();
            Exception e =
                    Assert.expectThrows(
                            IllegalStateException.class,
                            () -> optimizer.update(id, weight, weight));
            Assert.assertTrue(e.getMessage().contains("parameter groups"), e.getMessage());
        }
    }
}

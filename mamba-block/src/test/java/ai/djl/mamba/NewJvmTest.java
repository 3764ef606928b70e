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

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Parameters and a state that one JVM saved give the same numbers, bit by bit, in another. */
public class NewJvmTest extends ModelSuite {

    private static final String NAME = "tiny";
    private static final String STATE = "state.bin";
    private static final String CONFIG = "config.json";

    @Factory(dataProvider = "mixers", dataProviderClass = ModelSuite.class)
    public NewJvmTest(EngineSetup engine, Mixer mixer) {
        super(engine, mixer);
    }

    @Test
    public void aNewJvmContinuesWhereThisOneStopped()
            throws IOException, MalformedModelException, InterruptedException {
        Path dir = Files.createTempDirectory("mamba-jvm");
        MambaConfig config = smallConfig(mixer()).build();
        try (Model model = newModel(engineName, config)) {
            var block = (MambaLanguageModel) model.getBlock();
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, LENGTH));
            model.save(dir, NAME);
            Files.writeString(dir.resolve(CONFIG), config.toJson());
            NDList inputs = new NDList(manager.create(counting(2, 9), new Shape(2, 9)));
            NDList outputs = block.forward(new ParameterStore(manager, false), inputs, false);
            try (MambaState state = new MambaState(outputs.subNDList(1));
                    OutputStream out = Files.newOutputStream(dir.resolve(STATE))) {
                state.save(out);
            }
            List<String> expected = outputs(model, dir);
            List<String> found = ProcessFiles.java(Child.class, engineName, dir.toString());
            // not bit by bit: in a JVM with other engines and threads one logit rounds otherwise
            assertNear(numbers(found), numbers(expected), 1e-6, "outputs of the new JVM");
            Assert.assertTrue(expected.size() > 2 * VOCAB, expected.toString());
        } finally {
            ProcessFiles.delete(dir);
        }
    }

    private static double[] numbers(List<String> bits) {
        return bits.stream()
                .mapToDouble(hex -> Float.intBitsToFloat(Integer.parseUnsignedInt(hex, 16)))
                .toArray();
    }

    private static Model newModel(String engineName, MambaConfig config) {
        Model model = Model.newInstance(NAME, Device.cpu(), engineName);
        model.setBlock(new MambaLanguageModel(config, true));
        return model;
    }

    /** The bits of logits and states, from the start of a sequence and from the saved state. */
    private static List<String> outputs(Model model, Path dir) throws IOException {
        List<String> bits = new ArrayList<>();
        try (NDManager manager = model.getNDManager().newSubManager();
                InputStream in = Files.newInputStream(dir.resolve(STATE));
                MambaState state = MambaState.load(manager, in)) {
            NDArray ids = manager.create(counting(2, 5), new Shape(2, 5));
            NDList continued = new NDList(ids);
            continued.addAll(state.toNDList());
            ParameterStore store = new ParameterStore(manager, false);
            for (NDList inputs : List.of(new NDList(ids), continued)) {
                for (NDArray output : model.getBlock().forward(store, inputs, false)) {
                    for (float value : output.toFloatArray()) {
                        bits.add(Integer.toHexString(Float.floatToRawIntBits(value)));
                    }
                }
            }
        }
        return bits;
    }

    /** What the new JVM runs: loads, computes and prints. */
    static final class Child {

        private Child() {}

        public static void main(String[] args) throws IOException, MalformedModelException {
            Path dir = Path.of(args[1]);
            MambaConfig config = MambaConfig.parse(Files.readString(dir.resolve(CONFIG)));
            try (Model model = newModel(args[0], config)) {
                model.load(dir, NAME);
                outputs(model, dir).forEach(System.out::println);
            }
        }
    }
}

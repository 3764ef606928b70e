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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsReader;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsWriter;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Files of adapters that do not fit are refused before anything has changed, by name. */
public class LoraRefusalTest extends LoraFilesSuite {

    private static final String MIXER = "base_model.model.backbone.layers.0.mixer.";

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public LoraRefusalTest(EngineSetup engine) {
        super(engine);
    }

    /** What is done to the tensors, and the complaint. */
    @DataProvider
    public Object[][] wrongTensors() {
        Consumer<Map<String, NDArray>> none =
                arrays -> arrays.remove(MIXER + "in_proj.lora_B.weight");
        Consumer<Map<String, NDArray>> surplus =
                arrays ->
                        arrays.put(
                                MIXER + "conv1d.lora_A.weight",
                                arrays.get(MIXER + "in_proj.lora_A.weight"));
        Consumer<Map<String, NDArray>> shape =
                arrays ->
                        arrays.put(
                                MIXER + "x_proj.lora_A.weight",
                                arrays.get(MIXER + "in_proj.lora_A.weight"));
        Consumer<Map<String, NDArray>> norm =
                arrays -> arrays.remove("base_model.model.backbone.norm_f.weight");
        Consumer<Map<String, NDArray>> layer =
                arrays -> arrays.keySet().removeIf(name -> name.contains("layers.1"));
        return new Object[][] {
            {none, "missing " + MIXER + "in_proj.lora_B.weight (128, 3)"},
            {surplus, "unexpected " + MIXER + "conv1d.lora_A.weight (3, 32)"},
            {shape, MIXER + "x_proj.lora_A.weight has shape (3, 32), expected (3, 64)"},
            {norm, "missing base_model.model.backbone.norm_f.weight (32)"},
            {layer, "missing base_model.model.backbone.layers.1.mixer.dt_proj.lora_A.weight"}
        };
    }

    @Test(dataProvider = "wrongTensors")
    public void wrongTensorsAreNamed(Consumer<Map<String, NDArray>> change, String complaint)
            throws Exception {
        Path folder = Fixtures.copy("peft-tiny", work);
        try (SafetensorsReader reader = new SafetensorsReader(folder.resolve(TENSORS))) {
            Map<String, NDArray> arrays = read(reader);
            change.accept(arrays);
            SafetensorsWriter.write(folder.resolve(TENSORS), arrays);
        }
        assertRefused(folder, complaint);
    }

    private void assertRefused(Path folder, String complaint) throws Exception {
        MambaLanguageModel model = tiny();
        Map<String, float[]> before = values(model);
        int arrays = manager.getManagedArrays().size();
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> LoraCheckpoint.load(model, folder));
        Assert.assertTrue(e.getMessage().contains(complaint), e.getMessage());
        Assert.assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
        Map<String, float[]> after = values(model);
        Assert.assertEquals(after.keySet(), before.keySet());
        before.forEach((name, value) -> Assert.assertEquals(after.get(name), value, name));
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
    }

    @DataProvider
    public Object[][] wrongConfigs() {
        return new Object[][] {
            {"peft_type", "\"LOHA\"", "other adapters are not supported, got \"LOHA\""},
            {"peft_type", "null", "\"peft_type\" should be \"LORA\""},
            {"bias", "\"all\"", "\"bias\" should be one of [none], got \"all\""},
            {"use_dora", "true", "\"use_dora\" should be absent, null or false"},
            {"lora_bias", "true", "\"lora_bias\" should be absent"},
            {"fan_in_fan_out", "true", "\"fan_in_fan_out\" should be absent"},
            {"layers_to_transform", "[0]", "\"layers_to_transform\" should be absent"},
            {"layer_replication", "[[0, 1]]", "\"layer_replication\" should be absent"},
            {"target_parameters", "[\"A_log\"]", "\"target_parameters\" should be absent"},
            {"alora_invocation_tokens", "[1]", "\"alora_invocation_tokens\" should be absent"},
            {"init_lora_weights", "\"pissa_niter_4\"", "\"init_lora_weights\" should be true"},
            {"r", "0", "\"r\" should be a positive whole number"},
            {"r", "2000000000", "has shape (3, 32), expected (2000000000, 32)"},
            {"lora_alpha", "-1", "\"lora_alpha\" should be positive"},
            {"lora_dropout", "1", "\"lora_dropout\" should be in [0, 1)"},
            {"rank_pattern", "{\"x_proj\": 0.5}", "\"rank_pattern.x_proj\" should be a"},
            {"alpha_pattern", "{\"x_proj\": 0}", "\"alpha_pattern.x_proj\" should be a"},
            {"rank_pattern", "{\"(\": 2}", "\"rank_pattern\" should be names of modules or"},
            {"target_modules", "null", "\"target_modules\" should be names of modules"},
            {"target_modules", "[7]", "\"target_modules\" should be names of modules"},
            {"target_modules", "\"*\"", "\"target_modules\" should be names of modules or a"},
            {"target_modules", "[\"q_proj\"]", "names of some of the modules [backbone.layers.0"},
            {"target_modules", "\"all-linear\"", "missing " + MIXER + "out_proj.lora_A.weight"},
            {"exclude_modules", "[\"dt_proj\"]", "unexpected " + MIXER + "dt_proj.lora_A.weight"},
            {"modules_to_save", "[\"lm_head\"]", "unexpected base_model.model.backbone.norm_f"}
        };
    }

    @Test(dataProvider = "wrongConfigs")
    public void wrongConfigurationsAreNamed(String key, String value, String complaint)
            throws Exception {
        Path folder = Fixtures.copy("peft-tiny", work);
        JsonObject config = config(folder);
        config.add(key, JsonParser.parseString(value));
        Files.writeString(folder.resolve(CONFIG), config.toString());
        assertRefused(folder, complaint);
    }
}

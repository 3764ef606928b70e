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
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.Fixtures;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What config.json says in both dialects, and what of it is refused by name. */
public class CheckpointConfigTest {

    /** As {@code state-spaces/mamba-130m-hf} has it: the keys of both dialects. */
    private static final String PUBLISHED =
            """
            {"architectures": ["MambaForCausalLM"], "bos_token_id": 0, "conv_kernel": 4,
             "d_inner": 1536, "d_model": 768, "eos_token_id": 0, "expand": 2,
             "fused_add_norm": true, "hidden_act": "silu", "hidden_size": 768,
             "initializer_range": 0.1, "intermediate_size": 1536, "layer_norm_epsilon": 1e-05,
             "model_type": "mamba", "n_layer": 24, "num_hidden_layers": 24, "pad_token_id": 0,
             "pad_vocab_size_multiple": 8, "rescale_prenorm_residual": false,
             "residual_in_fp32": true, "rms_norm": true, "ssm_cfg": {}, "state_size": 16,
             "time_step_floor": 0.0001, "time_step_init_scheme": "random", "time_step_max": 0.1,
             "time_step_min": 0.001, "time_step_rank": 48, "time_step_scale": 1.0,
             "torch_dtype": "float32", "use_bias": false, "use_cache": true,
             "use_conv_bias": true, "vocab_size": 50280}
            """;

    private Path work;

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-config");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    /** A folder with a configuration and weights with tensors enough for any number of layers. */
    private Path folder(String config) throws Exception {
        Path folder = Fixtures.copy("hf-tiny", work);
        Files.writeString(folder.resolve("config.json"), config);
        return folder;
    }

    private static MambaConfig.Builder sizes(int vocabSize, int modelSize, int numLayers) {
        return MambaConfig.builder()
                .setVocabSize(vocabSize)
                .setModelSize(modelSize)
                .setNumLayers(numLayers);
    }

    @Test
    public void modelTypeDecidesFirst() throws Exception {
        Path folder =
                folder(PUBLISHED.replace("num_hidden_layers\": 24", "num_hidden_layers\": 2"));
        Assert.assertEquals(MambaCheckpoint.dialect(folder), Dialect.TRANSFORMERS);
        Assert.assertTrue(MambaCheckpoint.isCheckpoint(folder));
        Assert.assertFalse(MambaCheckpoint.isClassifier(folder));
        MambaConfig expected = sizes(50280, 768, 2).optPadVocabMultiple(8).build();
        Assert.assertEquals(MambaCheckpoint.readConfig(folder), expected);
    }

    @Test
    public void absentKeysHaveTheDefaultsOfEachLibrary() throws Exception {
        Path folder =
                folder(
                        """
                        {"model_type": "mamba", "hidden_size": 72, "num_hidden_layers": 3,
                         "vocab_size": 50}
                        """);
        MambaConfig config = MambaCheckpoint.readConfig(folder);
        Assert.assertEquals(config, sizes(50, 72, 3).build());
        Assert.assertEquals(((MambaOptions) config.layers().get(0)).timeStepRank(), 5);
        folder = folder("{\"d_model\": 72, \"n_layer\": 3, \"vocab_size\": 50, \"ssm_cfg\": null}");
        Assert.assertEquals(MambaCheckpoint.dialect(folder), Dialect.ORIGINAL);
        config = MambaCheckpoint.readConfig(folder);
        Assert.assertEquals(config, sizes(50, 72, 3).optPadVocabMultiple(8).build());
        Assert.assertEquals(config.paddedVocabSize(), 56);
    }

    @Test
    public void everyOptionOfTheOriginalIsRead() throws Exception {
        Path folder =
                folder(
                        """
                        {"d_model": 32, "d_intermediate": 0, "n_layer": 2, "vocab_size": 50,
                         "ssm_cfg": {"layer": "Mamba1", "d_state": 5, "d_conv": 3, "expand": 3,
                          "dt_rank": "auto", "dt_min": 0.01, "dt_max": 0.2, "dt_init": "constant",
                          "dt_scale": 0.5, "dt_init_floor": 0.002, "conv_bias": false, "bias": true,
                          "use_fast_path": true},
                         "attn_layer_idx": [], "attn_cfg": {}, "rms_norm": false,
                         "residual_in_fp32": false, "fused_add_norm": false,
                         "pad_vocab_size_multiple": 16, "tie_embeddings": false}
                        """);
        MambaConfig expected =
                sizes(50, 32, 2)
                        .optPadVocabMultiple(16)
                        .optTiedHead(false)
                        .optMixer(
                                MambaOptions.builder()
                                        .optStateSize(5)
                                        .optConvKernel(3)
                                        .optExpand(3)
                                        .optTimeStepRank(2)
                                        .optTimeStepInit(new TimeStepInit(0.01, 0.2, 0.002))
                                        .optTimeStepWeightInit(0.5, true)
                                        .optConvBias(false)
                                        .optBias(true)
                                        .build())
                        .optNorm(Norm.layer(1e-5))
                        .build();
        Assert.assertEquals(MambaCheckpoint.readConfig(folder), expected);
    }

    @DataProvider
    public Object[][] otherModels() {
        String original = "{'d_model': 32, 'n_layer': 2, 'vocab_size': 96, ";
        String mamba =
                "{'model_type': 'mamba', 'hidden_size': 32, 'num_hidden_layers': 2,"
                        + " 'vocab_size': 96, ";
        return new Object[][] {
            {"{'model_type': 'falcon_mamba', 'hidden_size': 32}", "FalconMamba"},
            {"{'model_type': 'mamba3'}", "\"mamba3\""},
            {"{'model_type': 'gpt_neox', 'd_model': 1, 'n_layer': 1}", "\"gpt_neox\""},
            {"{'model_type': 7}", "\"model_type\" should be a string"},
            {"{'hidden_size': 32}", "not the configuration of a Mamba model"},
            {"{}", "not the configuration of a Mamba model"},
            {"[]", "expected a JSON object"},
            {"{'d_model'", "not valid JSON"},
            {mamba + "'mixer_rms_eps': 1e-6}", "norms on B, C and Δ"},
            {mamba + "'quantization_config': {'bits': 4}}", "quantized weights"},
            {mamba + "'hidden_act': 'gelu'}", "\"hidden_act\""},
            {mamba + "'intermediate_size': 65}", "expand · hidden_size = 64"},
            {mamba + "'time_step_rank': 'all'}", "\"time_step_rank\""},
            {original + "'attn_layer_idx': [1]}", "attention layers"},
            {original + "'d_intermediate': 64}", "MLP layers"},
            {mamba + "'ssm_cfg': {'layer': 'Mamba2'}}", "\"ssm_cfg.layer\""},
            {original + "'ssm_cfg': {'layer': 'Mamba3'}}", "\"ssm_cfg.layer\""},
            {original + "'ssm_cfg': {'bc_norm': true, 'd_state': 8}}", "[bc_norm]"},
            {original + "'ssm_cfg': {'d_state': 8.5}}", "\"ssm_cfg.d_state\""},
            {original + "'ssm_cfg': [8]}", "\"ssm_cfg\" should be an object"},
            {original + "'quantization_config': {'bits': 4}}", "quantized weights"}
        };
    }

    @Test(dataProvider = "otherModels")
    public void otherModelsAreRefusedByName(String config, String reason) throws Exception {
        assertRefused(folder(config.replace('\'', '"')), reason);
    }

    private static void assertRefused(Path folder, String reason) {
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> MambaCheckpoint.readConfig(folder));
        Assert.assertTrue(e.getMessage().contains(reason), e.getMessage());
        Assert.assertTrue(
                e.getMessage().startsWith(folder.resolve("config.json").toString()),
                e.getMessage());
    }

    @DataProvider
    public Object[][] required() {
        return new Object[][] {
            {"hf-tiny", "hidden_size"},
            {"hf-tiny", "num_hidden_layers"},
            {"hf-tiny", "vocab_size"},
            {"original-tiny", "vocab_size"}
        };
    }

    @Test(dataProvider = "required")
    public void sizesMustBeThere(String fixture, String key) throws Exception {
        Path folder = Fixtures.copy(fixture, work);
        Fixtures.edit(folder, config -> config.remove(key));
        assertRefused(folder, '"' + key + "\" is missing");
    }

    @DataProvider
    public Object[][] impossibleSizes() {
        return new Object[][] {
            {"hf-tiny", "num_hidden_layers", 1_000_000_000L},
            {"original-tiny", "n_layer", 2_000_000_000L},
            {"hf-tiny", "hidden_size", 1L << 30},
            {"hf-tiny", "expand", 1L << 30},
            {"original-tiny", "vocab_size", (1L << 31) - 1},
            {"original-tiny", "pad_vocab_size_multiple", (1L << 31) - 1},
            {"hf-tiny", "vocab_size", 1L << 40}
        };
    }

    @Test(dataProvider = "impossibleSizes")
    public void impossibleSizesAreRefused(String fixture, String key, long size) throws Exception {
        Path folder = Fixtures.copy(fixture, work);
        Fixtures.edit(folder, config -> config.remove("intermediate_size"));
        Fixtures.edit(folder, config -> config.addProperty(key, size));
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> MambaCheckpoint.readConfig(folder));
        Assert.assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    }

    @Test
    public void foreignFoldersAreNoCheckpoints() throws Exception {
        Assert.assertFalse(MambaCheckpoint.isCheckpoint(work.resolve("absent")));
        Assert.assertFalse(MambaCheckpoint.isCheckpoint(work));
        Path file = Files.writeString(work.resolve("file"), "{}");
        Assert.assertFalse(MambaCheckpoint.isCheckpoint(file));
        Assert.assertFalse(MambaCheckpoint.isCheckpoint(folder("{'model_type'")));
        Assert.assertFalse(MambaCheckpoint.isCheckpoint(folder("{\"model_type\": \"bert\"}")));
        Path noWeights = folder(PUBLISHED);
        Files.delete(noWeights.resolve("model.safetensors"));
        Assert.assertFalse(MambaCheckpoint.isCheckpoint(noWeights));
        for (String name : Fixtures.MODELS) {
            Assert.assertTrue(MambaCheckpoint.isCheckpoint(Fixtures.folder(name)), name);
        }
        Assert.assertEquals(
                MambaCheckpoint.dialect(Fixtures.folder("original-tiny")), Dialect.ORIGINAL);
        for (String architectures : new String[] {"[]", "{}", "[[]]", "[\"X\"]"}) {
            JsonObject config = JsonParser.parseString(PUBLISHED).getAsJsonObject();
            config.add("architectures", JsonParser.parseString(architectures));
            Assert.assertFalse(MambaCheckpoint.isClassifier(folder(config.toString())));
        }
    }
}

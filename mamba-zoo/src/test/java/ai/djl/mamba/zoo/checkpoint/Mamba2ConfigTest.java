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
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.Mamba2Options.GatedNorm;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What config.json says of Mamba-2 in both dialects, and what of it is refused by name. */
public class Mamba2ConfigTest {

    /** As {@code state-spaces/mamba2-130m} has it. */
    private static final String PUBLISHED =
            """
            {"d_model": 768, "d_intermediate": 0, "n_layer": 2, "vocab_size": 50277,
             "ssm_cfg": {"layer": "Mamba2"}, "attn_layer_idx": [], "attn_cfg": {},
             "rms_norm": true, "residual_in_fp32": true, "fused_add_norm": true,
             "pad_vocab_size_multiple": 16, "tie_embeddings": true}
            """;

    private Path work;

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba2-config");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    /** A folder with a configuration and weights, with a tied head, for at least two layers. */
    private Path folder(String config) throws Exception {
        Path folder = Fixtures.copy("original-tiny-mamba2", work);
        Files.writeString(folder.resolve("config.json"), config);
        return folder;
    }

    private MambaConfig read(String config) throws Exception {
        return MambaCheckpoint.readConfig(folder(config));
    }

    private static MambaConfig.Builder sizes(int vocabSize, int modelSize) {
        return MambaConfig.builder()
                .setVocabSize(vocabSize)
                .setModelSize(modelSize)
                .setNumLayers(2)
                .optMixer(new Mamba2Options());
    }

    private static Mamba2Options mixer(MambaConfig config) {
        return (Mamba2Options) config.layers().get(0);
    }

    @Test
    public void publishedModelsAreRead() throws Exception {
        MambaConfig config = read(PUBLISHED);
        Assert.assertEquals(config, sizes(50277, 768).optPadVocabMultiple(16).build());
        Assert.assertEquals(
                config.modelSize() * mixer(config).expand() / mixer(config).headSize(), 24);
        Assert.assertEquals(mixer(config).stateSize(), 128);
        Assert.assertEquals(config.paddedVocabSize(), 50288);
    }

    @Test
    public void absentKeysHaveTheDefaultsOfTransformers() throws Exception {
        MambaConfig config =
                read(
                        """
                        {"model_type": "mamba2", "hidden_size": 4096, "num_hidden_layers": 2,
                         "vocab_size": 50}
                        """);
        Mamba2Options options = Mamba2Options.builder().optGroups(8).build();
        Assert.assertEquals(config, sizes(50, 4096).optTiedHead(false).optMixer(options).build());
    }

    @Test
    public void everyOptionOfTheOriginalIsRead() throws Exception {
        MambaConfig config =
                read(
                        """
                        {"d_model": 24, "n_layer": 2, "vocab_size": 50, "ssm_cfg": {
                          "layer": "Mamba2", "d_state": 5, "d_conv": 3, "conv_init": 0.1,
                          "expand": 3, "headdim": 4, "d_ssm": 72, "ngroups": 3,
                          "A_init_range": [2, 3], "D_has_hdim": true, "rmsnorm": true,
                          "norm_before_gate": true, "dt_min": 0.01, "dt_max": 0.2,
                          "dt_init_floor": 0.002, "dt_limit": [0.125, Infinity], "bias": true,
                          "conv_bias": false, "chunk_size": 64, "use_mem_eff_path": false,
                          "process_group": null, "sequence_parallel": true}}
                        """);
        Mamba2Options options =
                Mamba2Options.builder()
                        .optHeadSize(4)
                        .optGroups(3)
                        .optDecayInit(2, 3)
                        .optChannelSkip(true)
                        .optGatedNorm(GatedNorm.BEFORE_GATE)
                        .optTimeStepLimit(0.125, Double.POSITIVE_INFINITY)
                        .optStateSize(5)
                        .optConvKernel(3)
                        .optExpand(3)
                        .optTimeStepInit(new TimeStepInit(0.01, 0.2, 0.002))
                        .optBias(true)
                        .optConvBias(false)
                        .build();
        MambaConfig expected = sizes(50, 24).optPadVocabMultiple(8).optMixer(options).build();
        Assert.assertEquals(config, expected);
        String noNorm = PUBLISHED.replace("\"Mamba2\"", "\"Mamba2\", \"rmsnorm\": false");
        Assert.assertEquals(mixer(read(noNorm)).gatedNorm(), GatedNorm.NONE);
    }

    private static String transformers(String more) {
        String sizes =
                Stream.of(", 'num_heads': 8", ", 'head_dim': 8", ", 'n_groups': 4")
                        .filter(size -> !more.contains(size.substring(0, size.indexOf(':'))))
                        .collect(Collectors.joining());
        return ("{'model_type': 'mamba2', 'hidden_size': 32, 'num_hidden_layers': 2,"
                        + " 'vocab_size': 96"
                        + sizes
                        + more
                        + '}')
                .replace('\'', '"');
    }

    @DataProvider
    public Object[][] limits() {
        return new Object[][] {
            {"[0.0, Infinity]", 0, Double.POSITIVE_INFINITY},
            {"[0.25, {'__float__': 'Infinity'}]", 0.25, Double.POSITIVE_INFINITY},
            {"[0, 1e999]", 0, Double.POSITIVE_INFINITY},
            {"[0.001, 0.1]", 0.001, 0.1},
            {"null", 0, Double.POSITIVE_INFINITY}
        };
    }

    @Test(dataProvider = "limits")
    public void limitsMayBeInfinite(String json, double min, double max) throws Exception {
        Mamba2Options ssd = mixer(read(transformers(", 'time_step_limit': " + json)));
        Assert.assertEquals(ssd.timeStepLimitMin(), min);
        Assert.assertEquals(ssd.timeStepLimitMax(), max);
    }

    @Test
    public void whatTransformersIgnoresIsIgnored() throws Exception {
        MambaConfig config =
                read(transformers(", 'norm_before_gate': true, 'time_step_rank': 7, 'x': 1"));
        Assert.assertEquals(config, read(transformers("")));
        Assert.assertEquals(mixer(config).gatedNorm(), GatedNorm.AFTER_GATE);
    }

    @DataProvider
    public Object[][] refused() {
        return new Object[][] {
            {transformers(", 'num_heads': 9"), "\"num_heads\" should be expand · hidden_size"},
            {transformers(", 'head_dim': 7"), "64 / 7"},
            {transformers(", 'n_groups': 3"), "\"n_groups\" should be a divisor"},
            {transformers(", 'chunk_size': 0"), "\"chunk_size\""},
            {transformers(", 'time_step_limit': [1, 0]"), "\"time_step_limit\""},
            {transformers(", 'time_step_limit': [NaN, 1]"), "\"time_step_limit\""},
            {transformers(", 'time_step_limit': [-Infinity, 1]"), "\"time_step_limit\""},
            {transformers(", 'time_step_limit': [true, 1]"), "\"time_step_limit\""},
            {transformers(", 'time_step_limit': [0]"), "\"time_step_limit\""},
            {transformers(", 'time_step_limit': 0"), "\"time_step_limit\" should be a list"},
            {transformers(", 'A_initializer_range': [0, 1]"), "\"A_initializer_range\""},
            {transformers(", 'gated_norm': 'both'"), "\"gated_norm\""},
            {transformers(", 'ssm': 's4d'"), "\"ssm\""},
            {transformers(", 'gated': false"), "gate"},
            {transformers(", 'ssm_cfg': {'layer': 'Mamba1'}"), "\"ssm_cfg.layer\""},
            {transformers(", 'attn_layer_idx': [1]"), "attention layers"},
            {original("'d_ssm': 32"), "\"ssm_cfg.d_ssm\" should be absent or the inner size, 64"},
            {original("'headdim': 7"), "\"ssm_cfg.headdim\""},
            {original("'headdim': 8, 'ngroups': 3"), "\"ssm_cfg.ngroups\""},
            {original("'dt_limit': [0, -1]"), "\"ssm_cfg.dt_limit\""},
            {original("'A_init_range': [1, Infinity]"), "\"ssm_cfg.A_init_range\""},
            {original("'dt_rank': 3"), "[dt_rank]"},
            {original("'d_state': 8}, 'attn_layer_idx': [0], 'attn_cfg': {"), "attention layers"},
            {original("'d_state': 8}, 'd_intermediate': 64, 'attn_cfg': {"), "MLP layers"}
        };
    }

    private static String original(String more) {
        return ("{'d_model': 32, 'n_layer': 2, 'vocab_size': 96, 'ssm_cfg': {'layer': 'Mamba2', "
                        + more
                        + "}}")
                .replace('\'', '"');
    }

    @Test(dataProvider = "refused")
    public void othersAreRefusedByName(String config, String reason) throws Exception {
        Path folder = folder(config);
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> MambaCheckpoint.readConfig(folder));
        Assert.assertTrue(e.getMessage().contains(reason), e.getMessage());
        Assert.assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    }

    @Test
    public void filesSayWhatTheLibrariesWantToKnow() throws Exception {
        Mamba2Options own = Mamba2Options.builder().optHeadSize(8).optChunkSize(32).build();
        Assert.assertTrue(saved(own, Dialect.TRANSFORMERS).contains("\"chunk_size\": 32"));
        Mamba2Options usual = Mamba2Options.builder(own).optChunkSize(0).build();
        String config = saved(usual, Dialect.TRANSFORMERS).replaceAll("\\s+", "");
        for (String part :
                new String[] {
                    "\"architectures\":[\"Mamba2ForCausalLM\"]",
                    "\"model_type\":\"mamba2\"",
                    "\"num_heads\":2,\"head_dim\":8,\"n_groups\":1,\"chunk_size\":256",
                    "\"time_step_limit\":[0.0,Infinity]",
                    "\"tie_word_embeddings\":true"
                }) {
            Assert.assertTrue(config.contains(part), part + " in " + config);
        }
        for (String key :
                new String[] {"dt_rank", "time_step_rank", "gated_norm", "A_initializer_range"}) {
            Assert.assertFalse(config.contains(key), config);
        }
        config = saved(usual, Dialect.ORIGINAL);
        Assert.assertFalse(config.contains("Infinity"), config);
        Assert.assertFalse(config.contains("dt_rank"), config);
        Assert.assertTrue(config.contains("\"layer\": \"Mamba2\""), config);
    }

    /** Saves a model and returns its configuration. */
    private String saved(Mamba2Options options, Dialect dialect) throws IOException {
        MambaConfig config = sizes(9, 8).optMixer(options).build();
        Path folder = TinyModels.of(work.resolve("saved"), config, dialect);
        return Files.readString(folder.resolve("config.json"));
    }

    @Test
    public void chunksOfAFileAreNotOurs() throws Exception {
        Assert.assertEquals(mixer(read(transformers(", 'chunk_size': 64"))).chunkSize(), 0);
        Mamba2Options options = Mamba2Options.builder().optHeadSize(8).optChunkSize(32).build();
        saved(options, Dialect.TRANSFORMERS);
        MambaConfig loaded = MambaCheckpoint.readConfig(work.resolve("saved"));
        Assert.assertEquals(mixer(loaded), Mamba2Options.builder(options).optChunkSize(0).build());
    }
}

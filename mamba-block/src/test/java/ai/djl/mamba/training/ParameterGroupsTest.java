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

import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.mamba.training.ParameterGroups.Setting;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Which parameters are trained how, by default and by globs on names. */
public class ParameterGroupsTest {

    private static MambaConfig config() {
        return MambaConfig.builder().setVocabSize(8).setModelSize(16).setNumLayers(2).build();
    }

    /** The last parts of the names of the parameters whose setting passes. */
    private static String ends(Block block, Predicate<Setting> which) {
        Set<String> ends = new TreeSet<>();
        ParameterGroups.of(block)
                .getSettings()
                .forEach(
                        (name, setting) -> {
                            if (which.test(setting)) {
                                ends.add(name.replaceAll("^(.*_)?\\d\\d", ""));
                            }
                        });
        return ends.toString();
    }

    @Test
    public void decaysWeightsOnly() {
        Block model = new MambaLanguageModel(config());
        Assert.assertEquals(
                ends(model, setting -> setting.weightDecay() == 0),
                "[conv1d_bias, dt_proj_bias, norm_f_weight, norm_weight, ssm_A_log, ssm_D]");
        Assert.assertEquals(
                ends(model, setting -> setting.weightDecay() == 0.01f),
                "[conv1d_weight, dt_proj_weight, embedding, in_proj_weight, out_proj_weight,"
                        + " x_proj_weight]");
        Assert.assertEquals(ends(model, setting -> setting.rateFactor() != 1), "[]");
        Block classifier = MambaClassifier.builder().setConfig(config()).setNumClasses(2).build();
        Assert.assertTrue(
                ends(classifier, setting -> setting.weightDecay() == 0).contains("head_bias"));
    }

    @Test
    public void polesOfS4dLearnSlowly() {
        Block block = MambaBlock.builder().optSsm(S4D.builder().build()).build();
        Predicate<Setting> slow = setting -> setting.rateFactor() == 0.1f;
        Assert.assertEquals(ends(block, slow), "[ssm_A_imag, ssm_log_A_real, ssm_log_dt]");
        Assert.assertEquals(ends(block, slow.and(setting -> setting.weightDecay() != 0)), "[]");
        Assert.assertTrue(ends(block, setting -> setting.weightDecay() > 0).contains("ssm_C"));
    }

    @Test
    public void knowsTheBlocksOfDjl() {
        Block block = new TransformerEncoderBlock(16, 2, 32, 0, Activation::relu);
        ParameterGroups.of(block)
                .getSettings()
                .forEach(
                        (name, setting) ->
                                Assert.assertEquals(
                                        setting.weightDecay() > 0,
                                        name.endsWith("weight"),
                                        name + " decays"));
    }

    @Test
    public void laterGroupsOverrideEarlierOnes() {
        Map<String, Setting> settings =
                ParameterGroups.builder()
                        .setBlock(new MambaLanguageModel(config()))
                        .optWeightDecay(0.2f)
                        .optGroup("02layer_*", 0.5f, 0.3f)
                        .optGroup("backbone_layer_mixer_ssm_A_?og", 0.25f, 0)
                        .optGroup("embedding", 1, 0)
                        .build()
                        .getSettings();
        String first = "01backbone_01layer_02mixer_";
        String second = "01backbone_02layer_02mixer_";
        Assert.assertEquals(settings.get("embedding"), new Setting(1, 0));
        Assert.assertEquals(settings.get(first + "01in_proj_weight"), new Setting(1, 0.2f));
        Assert.assertEquals(settings.get(second + "01in_proj_weight"), new Setting(0.5f, 0.3f));
        Assert.assertEquals(settings.get(second + "03ssm_D"), new Setting(0.5f, 0.3f));
        Assert.assertEquals(settings.get(second + "03ssm_A_log"), new Setting(0.25f, 0));
        Assert.assertEquals(settings.get(first + "03ssm_D"), new Setting(1, 0));
    }

    @Test
    public void saysWhatIsWrong() {
        Block block = new MambaLanguageModel(config());
        ParameterGroups.Builder unknown =
                ParameterGroups.builder().setBlock(block).optGroup("Alog", 1, 0);
        Exception e = Assert.expectThrows(IllegalArgumentException.class, unknown::build);
        Assert.assertTrue(
                e.getMessage().contains("\"Alog\"") && e.getMessage().contains("03ssm_A_log"),
                e.getMessage());
        Assert.assertThrows(
                IllegalArgumentException.class, () -> ParameterGroups.builder().build());
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> ParameterGroups.builder().optGroup("*", -1, 0));
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> ParameterGroups.builder().optWeightDecay(Float.NaN));
    }
}

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

import ai.djl.mamba.layer.CausalConv1d;
import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.s4d.S4DOptions;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.testng.Assert;
import org.testng.Assert.ThrowingRunnable;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Configurations contradict themselves nowhere, and what is saved of them can be compared. */
public class MambaConfigTest {

    private static final Mixer MAMBA2 = Mamba2Options.builder().optHeadSize(8).build();

    private static MambaConfig.Builder builder() {
        return MambaConfig.builder().setVocabSize(20).setModelSize(16);
    }

    private static void assertRefused(ThrowingRunnable call, String... words) {
        String message = Assert.expectThrows(IllegalArgumentException.class, call).getMessage();
        for (String word : words) {
            Assert.assertTrue(message.contains(word), "'" + word + "' is missing in: " + message);
        }
    }

    // ---- what is saved

    @Test
    public void defaultsAreLeftOut() {
        Assert.assertEquals(
                builder().setNumLayers(24).build().toJson(),
                "{\"vocabSize\":20,\"modelSize\":16,\"layers\":["
                        + "{\"kind\":\"mamba\",\"timeStepRank\":1,\"count\":24}]}");
        Assert.assertEquals(
                builder().setNumLayers(2).optMixer(new S4DOptions()).build().toJson(),
                "{\"vocabSize\":20,\"modelSize\":16,\"layers\":[{\"kind\":\"s4d\",\"count\":2}]}");
        Assert.assertEquals(
                builder().setNumLayers(1).optMixer(MAMBA2).build().toJson(),
                "{\"vocabSize\":20,\"modelSize\":16,\"layers\":["
                        + "{\"kind\":\"mamba2\",\"headSize\":8,\"count\":1}]}");
    }

    @Test
    public void whatDiffersIsThere() {
        MambaConfig config =
                builder()
                        .optPadVocabMultiple(8)
                        .optNorm(Norm.layer(1e-6))
                        .optTiedHead(false)
                        .optDropout(0.1f)
                        .setLayers(
                                List.of(
                                        MAMBA2,
                                        MAMBA2,
                                        new S4DOptions(),
                                        Mamba2Options.builder()
                                                .optHeadSize(8)
                                                .optTimeStepInit(new TimeStepInit(0.01, 0.1, 1e-4))
                                                .optTimeStepLimit(0.25, 0.5)
                                                .build()))
                        .build();
        Assert.assertEquals(
                config.toJson(),
                "{\"vocabSize\":20,\"padVocabMultiple\":8,\"modelSize\":16,"
                        + "\"norm\":{\"rms\":false,\"epsilon\":1.0E-6},"
                        + "\"tiedHead\":false,\"dropout\":0.1,\"layers\":["
                        + "{\"kind\":\"mamba2\",\"headSize\":8,\"count\":2},"
                        + "{\"kind\":\"s4d\",\"count\":1},"
                        + "{\"kind\":\"mamba2\",\"headSize\":8,\"timeStepInit\":{\"min\":0.01},"
                        + "\"timeStepLimitMin\":0.25,\"timeStepLimitMax\":0.5,\"count\":1}]}");
        Assert.assertEquals(MambaConfig.parse(config.toJson()), config);
    }

    @Test
    public void equalConfigurationsHaveEqualTexts() {
        RandomConfigs random = new RandomConfigs(3);
        Map<MambaConfig, String> texts = new HashMap<>();
        Set<String> kinds = new HashSet<>();
        int repeated = 0;
        for (int i = 0; i < 20_000; i++) {
            MambaConfig config = random.next();
            String text = config.toJson();
            MambaConfig read = MambaConfig.parse(text);
            Assert.assertEquals(read, config, text);
            Assert.assertEquals(read.hashCode(), config.hashCode(), text);
            Assert.assertEquals(read.toJson(), text);
            String other = texts.put(config, text);
            if (other != null) {
                Assert.assertEquals(text, other);
                repeated++;
            }
            config.mixers().forEach(mixer -> kinds.add(mixer.kind()));
        }
        Assert.assertTrue(repeated > 0, "no configuration came twice");
        Assert.assertEquals(new HashSet<>(texts.values()).size(), texts.size(), "different texts");
        Assert.assertEquals(kinds, Mixer.kinds());
    }

    @Test
    public void theOrderOfKeysDoesNotMatter() {
        MambaConfig config = builder().setLayers(List.of(MAMBA2, new MambaOptions())).build();
        String text =
                "{ \"layers\" : [ {\"count\": 1, \"headSize\": 8, \"kind\": \"mamba2\"},\n"
                        + "{\"stateSize\": 16, \"kind\": \"mamba\"} ],"
                        + " \"tiedHead\": true, \"modelSize\": 16, \"vocabSize\": 20 }";
        Assert.assertEquals(MambaConfig.parse(text), config);
    }

    @DataProvider
    public Object[][] wrongTexts() {
        String unknown = "unknown options";
        return new Object[][] {
            {"", "not the JSON of a MambaConfig"},
            {"{", "not the JSON of a MambaConfig"},
            {"[1]", "not the JSON of a MambaConfig"},
            {"model.bin", "not the JSON of a MambaConfig"},
            {"{\"vocabSize\":20,\"vocabSize\":21}", "the key \"vocabSize\" occurs twice"},
            {
                "{\"layers\":[{\"kind\":\"s4d\",\"kind\":\"mamba\"}]}",
                "the key \"layers[0].kind\" occurs twice"
            },
            {"{\"vocabSize\":20,\"modelSize\":16}", "MambaConfig: the key \"layers\" is missing"},
            {
                "{\"modelSize\":16,\"layers\":[{\"kind\":\"s4d\"}]}",
                "MambaConfig: the key \"vocabSize\" is missing in {\"modelSize\":16,"
            },
            {
                "{\"vocabSize\":20,\"layers\":[{\"kind\":\"s4d\"}]}",
                "MambaConfig: the key \"modelSize\" is missing in {\"vocabSize\":20,"
            },
            {frame("\"colour\":1"), "MambaConfig: " + unknown + " [colour]"},
            {frame("\"vocabSize\":\"20\""), "MambaConfig.vocabSize: expected a value such as 0"},
            {frame("\"vocabSize\":2.5"), "MambaConfig.vocabSize: expected a value such as 0"},
            {frame("\"vocabSize\":4294967316"), "MambaConfig.vocabSize: expected"},
            {frame("\"vocabSize\":[20]"), "MambaConfig.vocabSize: expected"},
            {frame("\"vocabSize\":null"), "MambaConfig.vocabSize: expected"},
            {frame("\"vocabSize\":-20"), "MambaConfig: vocabSize must be positive, got -20"},
            {frame("\"tiedHead\":\"true\""), "MambaConfig.tiedHead: expected"},
            {frame("\"tiedHead\":1"), "MambaConfig.tiedHead: expected"},
            {frame("\"dropout\":\"0.5\""), "MambaConfig.dropout: expected"},
            {frame("\"dropout\":true"), "MambaConfig.dropout: expected"},
            {frame("\"dropout\":\"NaN\""), "MambaConfig: dropout must be in [0, 1), got NaN"},
            {frame("\"norm\":\"rms\""), "MambaConfig.norm: expected an object, got \"rms\""},
            {frame("\"norm\":{\"rms\":0}"), "MambaConfig.norm.rms: expected"},
            {frame("\"norm\":{\"eps\":0}"), "MambaConfig.norm: " + unknown + " [eps]"},
            {frame("\"norm\":{\"epsilon\":-1}"), "Norm: epsilon"},
            {frame("\"layers\":{}"), "MambaConfig.layers: expected a list, got {}"},
            {frame("\"layers\":5"), "MambaConfig.layers: expected a list, got 5"},
            {
                frame("\"layers\":[5]"),
                "MambaConfig.layers: expected an object for each layer, got 5"
            },
            {frame("\"layers\":[]"), "between 1 and 65536 layers, got 0"},
            {frame("\"layers\":[null]"), "MambaConfig.layers: expected an object for each layer"},
            {frame("\"layers\":[{}]"), "Mixer: expected the name of a kind under the key \"kind\""},
            {layer("null"), "under the key \"kind\""},
            {layer("[\"s4d\"]"), "under the key \"kind\""},
            {layer("\"rwkv\""), "Mixer: unknown kind rwkv, expected one of [mamba, mamba2, s4d]"},
            {layer("\"mamba\",\"headSize\":8"), "MambaOptions: " + unknown + " [headSize]"},
            {layer("\"s4d\",\"timeStepRank\":8"), "S4DOptions: " + unknown + " [timeStepRank]"},
            {layer("\"mamba2\",\"gate\":false"), "Mamba2Options: " + unknown + " [gate]"},
            {layer("\"mamba\",\"stateSize\":true"), "MambaOptions.stateSize: expected"},
            {layer("\"mamba\",\"timeStepInit\":{\"min\":\"a\"}"), "MambaOptions.timeStepInit.min:"},
            {layer("\"mamba\",\"timeStepInit\":{\"min\":1}"), "TimeStepInit: expected a time step"},
            {layer("\"mamba2\",\"gatedNorm\":\"OFTEN\""), "Mamba2Options.gatedNorm: expected"},
            {layer("\"mamba2\",\"gatedNorm\":0"), "Mamba2Options.gatedNorm: expected"},
            {layer("\"mamba2\""), "Mamba2Options: the number of channels, E = 32"}
        };
    }

    private static String frame(String more) {
        String given = more.substring(0, more.indexOf(':') + 1);
        String base = "{\"vocabSize\":20,\"modelSize\":16,\"layers\":[{\"kind\":\"s4d\"}],";
        String key = given.equals("\"vocabSize\":") ? "\"vocabSize\":20," : "";
        if (given.equals("\"layers\":")) {
            key = "\"layers\":[{\"kind\":\"s4d\"}],";
        }
        return base.replace(key, "") + more + '}';
    }

    private static String layer(String kind) {
        return "{\"vocabSize\":20,\"modelSize\":16,\"layers\":[{\"kind\":" + kind + "}]}";
    }

    @Test(dataProvider = "wrongTexts")
    public void wrongTextsAreRefusedByName(String text, String message) {
        assertRefused(() -> MambaConfig.parse(text), message);
    }

    @Test
    public void countsAreLimited() {
        String limit = "between 1 and 65536 layers";
        for (String count : List.of("0", "-1", "65537", "2147483647")) {
            assertRefused(
                    () -> MambaConfig.parse(layer("\"s4d\",\"count\":" + count)), limit, count);
        }
        for (String count : List.of("1.5", "4294967297", "1e400", "\"2\"", "null", "[2]", "true")) {
            assertRefused(
                    () -> MambaConfig.parse(layer("\"s4d\",\"count\":" + count)),
                    "MambaConfig.layers.count: expected");
        }
        String more = "\"s4d\",\"count\":65536},{\"kind\":\"mamba\",\"count\":";
        for (String count : List.of("1", "2147483647")) { // together below 0 as an int
            assertRefused(() -> MambaConfig.parse(layer(more + count)), limit, count);
        }
        Assert.assertEquals(MambaConfig.parse(layer("\"s4d\",\"count\":65536")).numLayers(), 65536);
        assertRefused(() -> builder().setNumLayers(65537).build(), limit, "65537");
        assertRefused(() -> builder().setNumLayers(Integer.MAX_VALUE).build(), limit);
    }

    // ---- what version 0.1 saved

    private static String legacy(String... changes) {
        String text =
                "MambaConfig[vocabSize=20, padVocabMultiple=1, modelSize=16, numLayers=2,"
                        + " stateSize=6, convKernel=4, expand=2, timeStepRank=1,"
                        + " timeStepMin=0.001, timeStepMax=0.1, timeStepFloor=1.0E-4,"
                        + " timeStepScale=1.0, constantTimeStepInit=false, normEpsilon=1.0E-5,"
                        + " rmsNorm=true, bias=false, convBias=true, tiedHead=true, dropout=0.1,"
                        + " ssm=SSD, gated=true, ssd=SSDConfig[headSize=8, groups=2, chunkSize=0,"
                        + " timeStepLimitMin=0.0, timeStepLimitMax=Infinity, decayMin=1.0,"
                        + " decayMax=16.0, channelSkip=false, gatedNorm=AFTER_GATE]]";
        for (int i = 0; i < changes.length; i += 2) {
            Assert.assertTrue(text.contains(changes[i]), changes[i]);
            text = text.replace(changes[i], changes[i + 1]);
        }
        return text;
    }

    @Test
    public void readsWhatVersion01Saved() {
        MambaConfig.Builder expected = builder().setNumLayers(2).optDropout(0.1f);
        Assert.assertEquals(
                MambaConfig.parse(legacy()),
                expected.optMixer(
                                Mamba2Options.builder()
                                        .optStateSize(6)
                                        .optHeadSize(8)
                                        .optGroups(2)
                                        .build())
                        .build());
        Assert.assertEquals(
                MambaConfig.parse(legacy("ssm=SSD", "ssm=SELECTIVE", "gated=true", "gated=false")),
                expected.optMixer(MambaOptions.builder().optStateSize(6).optGate(false).build())
                        .build());
        Assert.assertEquals(
                MambaConfig.parse(legacy("ssm=SSD", "ssm=S4D", "rmsNorm=true", "rmsNorm=false")),
                expected.optMixer(S4DOptions.builder().optStateSize(6).build())
                        .optNorm(Norm.layer(1e-5))
                        .build());
    }

    @Test
    public void damagedTextsOfVersion01AreRefusedByName() {
        assertRefused(() -> MambaConfig.parse("MambaConfig["), "MambaConfig", "missing");
        assertRefused(() -> MambaConfig.parse(legacy("expand", "expnd")), "expand is missing");
        assertRefused(() -> MambaConfig.parse(legacy("ssm=SSD", "ssm=RWKV")), "RWKV");
        assertRefused(() -> MambaConfig.parse(legacy("Size=6", "Size=x")), "stateSize", "got x");
        assertRefused(
                () -> MambaConfig.parse(legacy("s=2, state", "s=2000000000, state")), "65536");
    }

    // ---- contradictions

    @Test
    public void missingSizesAreNamed() {
        MambaConfig.Builder builder = MambaConfig.builder();
        assertRefused(builder::build, "MambaConfig: setVocabSize is required");
        builder.setVocabSize(20);
        assertRefused(builder::build, "MambaConfig: setModelSize is required");
        builder.setModelSize(16);
        assertRefused(builder::build, "MambaConfig: setNumLayers or setLayers is required");
        Assert.assertEquals(builder.setNumLayers(2).build().numLayers(), 2);
    }

    @Test
    public void wrongSizesAreNamed() {
        MambaConfig.Builder builder = builder().setNumLayers(1);
        assertRefused(() -> builder().setNumLayers(-1).build(), "numLayers", "-1");
        assertRefused(builder.setVocabSize(-2)::build, "vocabSize", "-2");
        assertRefused(builder.setVocabSize(1 << 30)::build, "vocabulary", "1073741824");
        assertRefused(builder.setVocabSize(20).setModelSize(-3)::build, "modelSize", "-3");
        assertRefused(builder.setModelSize(1 << 30)::build, "MambaOptions", "expand · modelSize");
        assertRefused(
                builder.setModelSize(16).optPadVocabMultiple(0)::build, "padVocabMultiple", "0");
    }

    /** Before a block is made, let alone initialized. */
    @Test
    public void sizesWithoutMeaningAreRefusedAtOnce() {
        int huge = Integer.MAX_VALUE;
        String limit = "must be at most 1073741824, got 2147483647";
        assertRefused(MambaOptions.builder().optStateSize(huge)::build, "stateSize " + limit);
        assertRefused(MambaOptions.builder().optConvKernel(huge)::build, "convKernel " + limit);
        assertRefused(MambaOptions.builder().optExpand(huge)::build, "expand " + limit);
        assertRefused(
                MambaOptions.builder().optTimeStepRank(huge)::build, "timeStepRank", "" + huge);
        assertRefused(Mamba2Options.builder().optStateSize(huge)::build, "stateSize " + limit);
        assertRefused(Mamba2Options.builder().optHeadSize(huge)::build, "headSize " + limit);
        assertRefused(Mamba2Options.builder().optGroups(huge)::build, "groups " + limit);
        assertRefused(
                Mamba2Options.builder().optGroups(1 << 20).optStateSize(1 << 20)::build,
                "groups · stateSize must be at most 1073741824, got 1048576 · 1048576");
        assertRefused(
                S4DOptions.builder().optStateSize(huge - 1)::build, "stateSize must be at most");
        assertRefused(SelectiveSSM.builder().optStateSize(huge)::build, "stateSize " + limit);
        assertRefused(CausalConv1d.builder().setKernel(huge)::build, "kernel " + limit);
        assertRefused(LowRankAdapter.builder().setRank(huge)::build, "rank " + limit);
        MambaConfig.Builder wide = builder().setNumLayers(1).setModelSize(1 << 16);
        assertRefused(
                wide::build,
                "MambaOptions: in_proj would have the shape (262144, 65536): more than 2147483647");
        assertRefused(
                wide.optMixer(S4DOptions.builder().build())::build, "S4DOptions: in_proj would");
        assertRefused(
                wide.optMixer(Mamba2Options.builder().build())::build,
                "Mamba2Options: out_proj would");
        assertRefused(
                builder().setNumLayers(1).setVocabSize(1 << 29)::build,
                "MambaConfig: the embedding would have the shape (536870912, 16)");
    }

    @Test
    public void aLayerHasOneMixer() {
        List<Mixer> layers = List.of(MAMBA2, new MambaOptions());
        assertRefused(
                () -> builder().setLayers(layers).setNumLayers(2).build(),
                "MambaConfig",
                "setLayers",
                "setNumLayers");
        assertRefused(
                () -> builder().optMixer(MAMBA2).setLayers(layers).build(),
                "MambaConfig",
                "setLayers",
                "optMixer");
        assertRefused(() -> builder().setLayers(List.of()), "MambaConfig", "layers");
        assertRefused(() -> builder().setLayers(null), "MambaConfig", "layers", "null");
        assertRefused(
                () -> builder().setLayers(Arrays.asList(MAMBA2, null)), "MambaConfig", "null");
        assertRefused(() -> builder().optMixer(null), "MambaConfig", "optMixer", "null");
        assertRefused(
                () -> new MambaConfig(20, 1, 16, null, Norm.DEFAULT, true, 0),
                "MambaConfig",
                "layers");
    }

    @Test
    public void optionsThatCannotBeAreRefused() {
        MambaConfig.Builder builder = builder().setNumLayers(1);
        for (float dropout : new float[] {2, 1, -0.1f, Float.NaN}) {
            assertRefused(builder.optDropout(dropout)::build, "MambaConfig", "dropout", "[0, 1)");
        }
        builder.optDropout(0.5f);
        assertRefused(builder.optNorm(null)::build, "MambaConfig", "norm must not be null");
        for (double epsilon : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(() -> Norm.rms(epsilon), "Norm", "epsilon", "" + epsilon);
        }
        for (double[] range :
                new double[][] {
                    {0.1, 0.01, 0},
                    {0, 0.1, 0},
                    {0.1, Double.POSITIVE_INFINITY, 0},
                    {0.1, 0.2, -1},
                    {Double.NaN, 1, 0},
                    {0.1, Double.NaN, 0},
                    {0.1, 0.2, Double.NaN}
                }) {
            assertRefused(
                    () -> new TimeStepInit(range[0], range[1], range[2]),
                    "TimeStepInit",
                    "[" + range[0] + ", " + range[1] + "], " + range[2]);
        }
        S4DOptions.Builder s4d = S4DOptions.builder();
        assertRefused(s4d.optTimeStepInit(0.2, 0.1)::build, "S4DOptions", "[0.2, 0.1]");
        assertRefused(s4d.optStateSize(7)::build, "S4DOptions", "even", "7");
        MambaOptions.Builder mamba = MambaOptions.builder();
        assertRefused(mamba.optTimeStepRank(-1)::build, "MambaOptions", "timeStepRank", "-1");
        assertRefused(
                mamba.optTimeStepRank(0).optTimeStepWeightInit(Double.NaN, true)::build,
                "MambaOptions",
                "timeStepScale");
        assertRefused(
                mamba.optTimeStepWeightInit(1, true).optTimeStepInit(null)::build,
                "MambaOptions",
                "timeStepInit");
    }

    @Test
    public void headsHaveToDivide() {
        MambaConfig.Builder builder = builder().setNumLayers(1);
        assertRefused(
                builder.optMixer(new Mamba2Options())::build,
                "Mamba2Options",
                "E = 32",
                "headSize = 64");
        assertRefused(
                builder.optMixer(Mamba2Options.builder().optHeadSize(8).optGroups(3).build())
                        ::build,
                "Mamba2Options",
                "heads, 4",
                "groups, 3");
    }

    // ---- layers

    @Test
    public void mixersAreFittedToTheModel() {
        MambaOptions mixer = new MambaOptions();
        MambaConfig config =
                MambaConfig.builder().setVocabSize(5).setModelSize(40).setNumLayers(3).build();
        Assert.assertEquals(mixer.timeStepRank(), 0);
        MambaOptions fitted = (MambaOptions) config.layers().get(2);
        Assert.assertEquals(fitted.timeStepRank(), 3);
        MambaConfig same =
                MambaConfig.builder()
                        .setVocabSize(5)
                        .setModelSize(40)
                        .setLayers(
                                Collections.nCopies(
                                        3, MambaOptions.builder().optTimeStepRank(3).build()))
                        .build();
        Assert.assertEquals(same, config);
        Assert.assertEquals(same.toJson(), config.toJson());
    }

    @Test
    public void listsItsDifferentMixers() {
        MambaConfig config =
                builder()
                        .setLayers(
                                List.of(
                                        MAMBA2,
                                        new S4DOptions(),
                                        MAMBA2,
                                        S4DOptions.builder().build()))
                        .build();
        Assert.assertEquals(List.copyOf(config.mixers()), List.of(MAMBA2, new S4DOptions()));
        Assert.assertEquals(config.numLayers(), 4);
        Assert.assertThrows(UnsupportedOperationException.class, () -> config.layers().remove(0));
        Assert.assertThrows(UnsupportedOperationException.class, () -> config.mixers().clear());
    }

    @Test
    public void laterChangesOfAListDoNotMatter() {
        Mixer[] layers = {MAMBA2, new S4DOptions()};
        MambaConfig.Builder builder = builder().setLayers(Arrays.asList(layers));
        layers[0] = new MambaOptions();
        Assert.assertEquals(builder.build().layers().get(0), MAMBA2);
    }
}

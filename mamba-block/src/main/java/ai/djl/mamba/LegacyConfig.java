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

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.Mamba2Options.GatedNorm;
import ai.djl.mamba.layer.s4d.S4DOptions;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the configurations in files of version 0.1. They are the text of a record with the options
 * of all kinds of mixers, as {@code name=value} separated by commas: in a {@code .params} file
 * {@code MambaConfig[vocabSize=…, ssd=SSDConfig[headSize=…]]}, in a prompt state without the record
 * names.
 */
final class LegacyConfig {

    private static final Pattern PAIR = Pattern.compile("(\\w+)=([^,\\[\\]]+)(?![\\w\\[])");

    private final Map<String, String> values = new HashMap<>();

    private LegacyConfig(String text) {
        Matcher matcher = PAIR.matcher(text);
        while (matcher.find()) {
            values.put(matcher.group(1), matcher.group(2));
        }
    }

    static boolean isLegacy(String text) {
        return text.startsWith("MambaConfig[") || text.startsWith("vocabSize=");
    }

    static MambaConfig parse(String text) {
        return new LegacyConfig(text).config();
    }

    private MambaConfig config() {
        double epsilon = real("normEpsilon");
        return new MambaConfig(
                whole("vocabSize"),
                whole("padVocabMultiple"),
                whole("modelSize"),
                Collections.nCopies(whole("numLayers"), mixer()),
                flag("rmsNorm") ? Norm.rms(epsilon) : Norm.layer(epsilon),
                flag("tiedHead"),
                number("dropout", Float::valueOf));
    }

    private Mixer mixer() {
        String ssm = value("ssm");
        return switch (ssm) {
            case "SELECTIVE" -> mamba();
            case "S4D" -> s4d();
            case "SSD" -> mamba2();
            default ->
                    throw new IllegalArgumentException(
                            "MambaConfig: unknown state space layer " + ssm);
        };
    }

    private MambaOptions mamba() {
        return MambaOptions.builder()
                .optStateSize(whole("stateSize"))
                .optConvKernel(whole("convKernel"))
                .optExpand(whole("expand"))
                .optTimeStepRank(whole("timeStepRank"))
                .optTimeStepInit(timeStepInit())
                .optTimeStepWeightInit(real("timeStepScale"), flag("constantTimeStepInit"))
                .optGate(flag("gated"))
                .optBias(flag("bias"))
                .optConvBias(flag("convBias"))
                .build();
    }

    private S4DOptions s4d() {
        return S4DOptions.builder()
                .optStateSize(whole("stateSize"))
                .optConvKernel(whole("convKernel"))
                .optExpand(whole("expand"))
                .optTimeStepInit(real("timeStepMin"), real("timeStepMax"))
                .optGate(flag("gated"))
                .optBias(flag("bias"))
                .optConvBias(flag("convBias"))
                .build();
    }

    private Mamba2Options mamba2() {
        return Mamba2Options.builder()
                .optStateSize(whole("stateSize"))
                .optHeadSize(whole("headSize"))
                .optGroups(whole("groups"))
                .optConvKernel(whole("convKernel"))
                .optExpand(whole("expand"))
                .optTimeStepInit(timeStepInit())
                .optTimeStepLimit(real("timeStepLimitMin"), real("timeStepLimitMax"))
                .optDecayInit(real("decayMin"), real("decayMax"))
                .optChannelSkip(flag("channelSkip"))
                .optGatedNorm(GatedNorm.valueOf(value("gatedNorm")))
                .optBias(flag("bias"))
                .optConvBias(flag("convBias"))
                .optChunkSize(whole("chunkSize"))
                .build();
    }

    private TimeStepInit timeStepInit() {
        return new TimeStepInit(real("timeStepMin"), real("timeStepMax"), real("timeStepFloor"));
    }

    private String value(String name) {
        String value = values.get(name);
        Checks.require(value != null, "MambaConfig", "%s is missing from the saved text", name);
        return value;
    }

    private int whole(String name) {
        return number(name, Integer::valueOf);
    }

    private double real(String name) {
        return number(name, Double::valueOf);
    }

    private <T> T number(String name, Function<String, T> parser) {
        String value = value(name);
        try {
            return parser.apply(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    String.format("MambaConfig: expected a number for %s, got %s", name, value), e);
        }
    }

    private boolean flag(String name) {
        return Boolean.parseBoolean(value(name));
    }
}

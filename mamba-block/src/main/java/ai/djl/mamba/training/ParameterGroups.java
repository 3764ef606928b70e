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

import ai.djl.mamba.internal.Checks;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The learning rate factor and the weight decay of each parameter of a block.
 *
 * <p>The defaults are those of the reference implementations: no decay for {@code A_log}, {@code
 * D}, biases (including that of Δ) and norms; no decay and a tenth of the learning rate for the
 * parameters of the poles and time steps of an LTI layer ({@code log_A_real}, {@code A_imag},
 * {@code log_dt}); full rate and decay for everything else. They apply to DJL's own blocks, too.
 *
 * <pre>{@code
 * ParameterGroups groups =
 *         ParameterGroups.builder()
 *                 .setBlock(model.getBlock())
 *                 .optWeightDecay(0.1f)
 *                 .optGroup("embedding", 1, 0) // no decay on the embedding
 *                 .optGroup("02layer_*", 0.5f, 0.1f) // the second layer at half the rate
 *                 .build();
 * }</pre>
 *
 * <p>A glob is matched against the name of a parameter in {@code block.getParameters()} ({@code
 * 01backbone_02layer_02mixer_03ssm_A_log}), against this name without numbers ({@code
 * backbone_layer_mixer_ssm_A_log}), and against every suffix of both that follows an underscore:
 * {@code A_log} matches that of every layer, {@code 02layer_*} everything in the second layer.
 * {@code *} stands for any characters and {@code ?} for a single one.
 */
public final class ParameterGroups {

    private static final String NAME = "ParameterGroups";

    /**
     * As in the reference implementation of the LTI layer: the rate is 0.01 for the model and 0.001
     * for these.
     */
    private static final float STATE_SPACE_RATE = 0.1f;

    private static final Set<String> UNDECAYED = Set.of("A_log", "D", "bias", "dt_bias");
    private static final Set<String> STATE_SPACE = Set.of("log_A_real", "A_imag", "log_dt");
    private static final Set<Parameter.Type> WEIGHTS =
            Set.of(Parameter.Type.WEIGHT, Parameter.Type.OTHER);

    private final Map<String, Member> byName = new LinkedHashMap<>();
    private final Map<String, Member> byId = new HashMap<>();

    private ParameterGroups(Builder builder) {
        ParameterNames names = new ParameterNames(builder.block, NAME);
        Map<String, Setting> settings = new LinkedHashMap<>();
        Set<Parameter> norms = new HashSet<>();
        collectNorms(builder.block, norms);
        names.all()
                .forEach(
                        (name, parameter) ->
                                settings.put(
                                        name,
                                        initial(parameter, norms::contains, builder.weightDecay)));
        for (Group group : builder.groups) {
            for (String name : names.matching(group.glob()).keySet()) {
                settings.put(name, group.setting());
            }
        }
        names.all()
                .forEach(
                        (name, parameter) -> {
                            Member member = new Member(name, parameter, settings.get(name));
                            byName.put(name, member);
                            byId.put(parameter.getId(), member);
                        });
    }

    private static Setting initial(Parameter parameter, Predicate<Parameter> norm, float decay) {
        String name = parameter.getName();
        if (STATE_SPACE.contains(name)) {
            return new Setting(STATE_SPACE_RATE, 0);
        }
        boolean decays =
                WEIGHTS.contains(parameter.getType())
                        && !UNDECAYED.contains(name)
                        && !norm.test(parameter);
        return new Setting(1, decays ? decay : 0);
    }

    /** Adds the parameters of blocks that are norms by the name of their class. */
    private static void collectNorms(Block block, Set<Parameter> norms) {
        if (block.getClass().getSimpleName().endsWith("Norm")) {
            norms.addAll(block.getParameters().values());
        }
        for (Block child : block.getChildren().values()) {
            collectNorms(child, norms);
        }
    }

    /**
     * Creates the default groups.
     *
     * @param block the block to train; it need not be initialized, but must have all its parameters
     * @return the groups, with the default decay of {@link Builder#optWeightDecay}
     */
    public static ParameterGroups of(Block block) {
        return builder().setBlock(block).build();
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the settings of each parameter.
     *
     * @return the settings by parameter name, in the order of the block
     */
    public Map<String, Setting> getSettings() {
        Map<String, Setting> settings = new LinkedHashMap<>();
        byName.forEach((name, member) -> settings.put(name, member.setting()));
        return settings;
    }

    /** Returns the parameter with an id, or null if the block has none. */
    Member withId(String parameterId) {
        return byId.get(parameterId);
    }

    /** Returns the parameter with a name, or null if the block has none. */
    Member withName(String name) {
        return byName.get(name);
    }

    /**
     * The settings of a parameter.
     *
     * @param rateFactor the factor applied to the learning rate
     * @param weightDecay the decoupled weight decay
     */
    public record Setting(float rateFactor, float weightDecay) {

        /** Checks the settings. */
        public Setting {
            Checks.require(
                    rateFactor >= 0 && Float.isFinite(rateFactor),
                    NAME,
                    "the learning rate factor must be finite and at least 0, got %s",
                    rateFactor);
            Checks.require(
                    weightDecay >= 0 && Float.isFinite(weightDecay),
                    NAME,
                    "the weight decay must be finite and at least 0, got %s",
                    weightDecay);
        }
    }

    /** A parameter of the block. */
    record Member(String name, Parameter parameter, Setting setting) {}

    private record Group(String glob, Setting setting) {}

    /** The builder of {@link ParameterGroups}. */
    public static final class Builder {

        private final List<Group> groups = new ArrayList<>();
        private Block block;
        private float weightDecay = 0.01f;

        private Builder() {}

        /**
         * Sets the <b>required</b> block whose parameters are grouped.
         *
         * @param block the block; it need not be initialized, but must have all its parameters
         * @return this builder
         */
        public Builder setBlock(Block block) {
            this.block = block;
            return this;
        }

        /**
         * Sets the weight decay of parameters that decay by default.
         *
         * @param weightDecay the decay (default: 0.01, as in torch)
         * @return this builder
         */
        public Builder optWeightDecay(float weightDecay) {
            this.weightDecay = new Setting(1, weightDecay).weightDecay();
            return this;
        }

        /**
         * Adds a group. If a parameter is in several groups, the last one applies.
         *
         * @param glob the parameters of the group; see {@link ParameterGroups}
         * @param rateFactor the factor applied to the learning rate
         * @param weightDecay the weight decay
         * @return this builder
         */
        public Builder optGroup(String glob, float rateFactor, float weightDecay) {
            groups.add(new Group(glob, new Setting(rateFactor, weightDecay)));
            return this;
        }

        /**
         * Builds the groups.
         *
         * @return the groups
         * @throws IllegalArgumentException if the block is missing or a glob matches no parameter
         */
        public ParameterGroups build() {
            Checks.require(block != null, NAME, "setBlock is required");
            return new ParameterGroups(this);
        }
    }
}

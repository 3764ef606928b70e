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
import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.layer.Projection;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Low-rank adaptation (LoRA, Hu et al. 2021): fine-tunes a model by training small adapters next to
 * its projections while everything else is frozen.
 *
 * <pre>
 *   LoRA lora = LoRA.builder().setRank(8).optAlpha(16).optTargets("in_proj", "x_proj").build();
 *   lora.apply(model.getBlock(), model.getNDManager());
 *   try (Trainer trainer = model.newTrainer(config)) {
 *       lora.freeze(model.getBlock()); // newTrainer unfreezes a model that was loaded
 *       …
 *   }
 *   LoRA.merge(model.getBlock());
 * </pre>
 *
 * <p>Parts of a model, such as targets, are named in one of two ways: by the plain name of a child
 * block or parameter at any depth, such as {@code in_proj}, {@code head} or {@code A_log}; or by a
 * pattern with wildcards, such as {@code *_01layer_*in_proj}, in the glob syntax of {@link
 * java.nio.file.FileSystem#getPathMatcher}. Patterns match full names as in {@link
 * Block#getParameters}.
 *
 * <p>Gradients of frozen weights are not computed, and optimizers keep no moments of them. {@link
 * Block#saveParameters} saves the adapters, too, and {@link Block#loadParameters} loads them into a
 * block to which the same adapters were applied.
 */
public final class LoRA {

    private static final Logger logger = LoggerFactory.getLogger(LoRA.class);

    private static final String TIME_STEP = "dt_proj";

    private static final List<NamePattern> DEFAULT_TARGETS = NamePattern.of("in_proj", "x_proj");

    private final Builder options;

    LoRA(Builder builder) {
        options = builder;
    }

    /**
     * Adds new adapters, which initially do not change the outputs, and freezes everything else.
     *
     * @param block the block; the adapters are initialized at once if it is, otherwise with it
     * @param manager the manager that owns the parameters of the adapters, usually the model's
     * @throws IllegalArgumentException if a target or a trainable part does not exist, or a target
     *     already has an adapter; then nothing changes
     */
    public void apply(Block block, NDManager manager) {
        List<Projection> targets = targets(block);
        trainableParameters(block); // throws before anything changes
        for (Projection target : targets) {
            target.addAdapter(options.adapter.build(), manager);
        }
        freeze(block);
        explainTimeStep(block);
    }

    private static void explainTimeStep(Block block) {
        List<String> names = new ArrayList<>();
        projections(block)
                .forEach(
                        (name, projection) -> {
                            if (projection.getAdapter() != null
                                    && BlockParts.plainName(name).equals(TIME_STEP)) {
                                names.add(name);
                            }
                        });
        if (!names.isEmpty()) {
            logger.warn(
                    "The adapters of {} are applied here, but in Python PEFT leaves them out until"
                            + " they are merged, since transformers reads the weight of {} by"
                            + " itself: merge them before the model is used there",
                    names,
                    TIME_STEP);
        }
    }

    private List<Projection> targets(Block block) {
        Map<String, Projection> projections = projections(block);
        Map<String, Projection> targets = new LinkedHashMap<>();
        List<NamePattern> patterns = options.targets == null ? DEFAULT_TARGETS : options.targets;
        for (NamePattern pattern : patterns) {
            Map<String, Projection> found = new LinkedHashMap<>(projections);
            found.keySet().removeIf(name -> !pattern.matches(BlockParts.plainName(name), name));
            // some mixers have only in_proj, which then also does the work of x_proj
            boolean isOptional = patterns == DEFAULT_TARGETS && !targets.isEmpty();
            Checks.require(
                    isOptional || !found.isEmpty(),
                    "LoRA",
                    "no projection is named \"%s\"; there are %s",
                    pattern,
                    projections.keySet().stream()
                            .map(BlockParts::plainName)
                            .collect(Collectors.toCollection(TreeSet::new)));
            targets.putAll(found);
        }
        targets.forEach(
                (name, projection) ->
                        Checks.require(
                                projection.getAdapter() == null,
                                "LoRA",
                                "%s already has an adapter",
                                name));
        return List.copyOf(targets.values());
    }

    /**
     * Freezes everything but the adapters and the trainable parts. Call this again whenever the
     * model may have been unfrozen, as {@code Model.newTrainer} does on PyTorch with a model loaded
     * from files; and before {@code Trainer.initialize} to train on devices other than that of the
     * model.
     *
     * @param block the block
     * @throws IllegalArgumentException if a trainable part does not exist
     */
    public void freeze(Block block) {
        List<Parameter> trainable = trainableParameters(block);
        for (Projection projection : projections(block).values()) {
            LowRankAdapter adapter = projection.getAdapter();
            if (adapter != null) {
                trainable.add(adapter.getDown());
                trainable.add(adapter.getUp());
            }
        }
        for (Parameter parameter : block.getParameters().values()) {
            boolean trains = trainable.contains(parameter); // parameters are compared by identity
            if (parameter.requiresGradient() != trains) {
                parameter.freeze(!trains);
            }
        }
    }

    /**
     * Returns what is trained in addition to the adapters.
     *
     * @param block the block
     * @return the parameters named by {@link Builder#optTrainable}, in a new list
     * @throws IllegalArgumentException if one of the names does not exist
     */
    public List<Parameter> trainableParameters(Block block) {
        List<Parameter> trainable = new ArrayList<>();
        for (NamePattern pattern : options.trainable) {
            List<Parameter> found = BlockParts.parameters(block, pattern);
            Checks.require(
                    !found.isEmpty(),
                    "LoRA",
                    "no block or parameter is named \"%s\"; there are %s",
                    pattern,
                    block.getParameters().keys());
            trainable.addAll(found);
        }
        return trainable;
    }

    /**
     * Returns the projections of a block, all of which can be adapted.
     *
     * @param block the block
     * @return its projections by full name, in the order of the layers
     */
    public static Map<String, Projection> projections(Block block) {
        return BlockParts.projections(Checks.given("LoRA", "block", block));
    }

    /**
     * Merges the adapters of a block into its weights, and removes them. Except for rounding, the
     * outputs do not change. Frozen parameters stay frozen.
     *
     * @param block the block
     */
    public static void merge(Block block) {
        projections(block).values().forEach(Projection::mergeAdapter);
    }

    /**
     * Removes the adapters of a block without merging them: the block computes what it computed
     * before they were added. Frozen parameters stay frozen.
     *
     * @param block the block
     */
    public static void detach(Block block) {
        projections(block).values().forEach(Projection::removeAdapter);
    }

    /**
     * Returns whether a block has adapters.
     *
     * @param block the block
     * @return whether it has an adapter at any depth
     */
    public static boolean isAdapted(Block block) {
        return projections(block).values().stream()
                .anyMatch(projection -> projection.getAdapter() != null);
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link LoRA}. */
    public static final class Builder {

        final LowRankAdapter.Builder adapter = LowRankAdapter.builder();
        private int rank;
        List<NamePattern> targets; // null for the default targets
        List<NamePattern> trainable = List.of();

        Builder() {}

        /**
         * Sets the <b>required</b> rank of the adapters.
         *
         * @param rank r
         * @return this builder
         */
        public Builder setRank(int rank) {
            this.rank = rank;
            adapter.setRank(rank);
            return this;
        }

        /**
         * Sets α (default: the rank). The outputs of the adapters are scaled by α/r.
         *
         * @param alpha α
         * @return this builder
         */
        public Builder optAlpha(double alpha) {
            adapter.optAlpha(alpha);
            return this;
        }

        /**
         * Sets the dropout rate on the input of the adapters in training (default: 0).
         *
         * @param dropout the rate, in [0, 1)
         * @return this builder
         */
        public Builder optDropout(double dropout) {
            adapter.optDropout(dropout);
            return this;
        }

        /**
         * Sets whether the outputs are scaled by α/√r instead of α/r (default: false).
         *
         * @param rankStabilized whether to scale by α/√r
         * @return this builder
         */
        public Builder optRankStabilized(boolean rankStabilized) {
            adapter.optRankStabilized(rankStabilized);
            return this;
        }

        /**
         * Sets which projections get an adapter (default: in_proj and, if the blocks have it,
         * x_proj).
         *
         * @param names plain names, such as in_proj, x_proj, dt_proj, out_proj, lm_head (unless it
         *     is tied) or head, or patterns
         * @return this builder
         */
        public Builder optTargets(String... names) {
            targets = NamePattern.of(Checks.given("LoRA", "names", names));
            return this;
        }

        /**
         * Sets what is trained in addition to the adapters, such as a new head (default: nothing).
         *
         * @param names plain names of blocks or parameters, or patterns
         * @return this builder
         */
        public Builder optTrainable(String... names) {
            trainable = NamePattern.of(Checks.given("LoRA", "names", names));
            return this;
        }

        /**
         * Builds the instance.
         *
         * @return the instance, which can be applied to models
         * @throws IllegalArgumentException if an option is missing or out of range
         */
        public LoRA build() {
            Checks.require(rank != 0, "LoRA", "setRank is required");
            Checks.require(
                    targets == null || !targets.isEmpty(), "LoRA", "expected at least one target");
            adapter.build(); // throws if an option is out of range
            return new LoRA(this);
        }
    }
}

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

/**
 * Low-rank adaptation (LoRA, Hu et al. 2021): fine-tunes a model by training small adapters beside
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
 * <p>Names of parts of a model, in targets and elsewhere, are either the plain name of a child
 * block or parameter, wherever it is, such as {@code in_proj}, {@code head}, {@code A_log}; or,
 * where they contain a wildcard, a pattern in the glob syntax of {@link
 * java.nio.file.FileSystem#getPathMatcher} for the full name, in the form that {@link
 * Block#getParameters} gives it, such as {@code *_01layer_*in_proj}.
 *
 * <p>Gradients of frozen weights are not computed, and optimizers keep no moments of them. {@link
 * Block#saveParameters} writes the adapters with the rest, and {@link Block#loadParameters} reads
 * them into a block that had the same ones applied.
 */
public final class LoRA {

    private static final List<NamePattern> DEFAULT_TARGETS = NamePattern.of("in_proj", "x_proj");

    private final Builder options;

    LoRA(Builder builder) {
        options = builder;
    }

    /**
     * Adds new adapters, which change nothing at first, and freezes everything else.
     *
     * @param block the block; if it is initialized, so are the adapters, else they are when it is
     * @param manager the manager that owns the parameters of the adapters, usually the model's
     * @throws IllegalArgumentException if a target or the name of a trainable part is that of
     *     nothing, or a target has an adapter already; then nothing is changed
     */
    public void apply(Block block, NDManager manager) {
        List<Projection> targets = targets(block);
        trainableParameters(block); // throws before anything has changed
        for (Projection target : targets) {
            target.addAdapter(options.adapter.build(), manager);
        }
        freeze(block);
    }

    private List<Projection> targets(Block block) {
        Map<String, Projection> projections = projections(block);
        Map<String, Projection> targets = new LinkedHashMap<>();
        List<NamePattern> patterns = options.targets == null ? DEFAULT_TARGETS : options.targets;
        for (NamePattern pattern : patterns) {
            Map<String, Projection> found = new LinkedHashMap<>(projections);
            found.keySet().removeIf(name -> !pattern.matches(BlockParts.plainName(name), name));
            // some mixers have only in_proj, which then also does the work of x_proj
            boolean mayLack = patterns == DEFAULT_TARGETS && !targets.isEmpty();
            Checks.require(
                    mayLack || !found.isEmpty(),
                    "LoRA",
                    "no projection is called \"%s\"; there are %s",
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
                                "%s has an adapter already",
                                name));
        return List.copyOf(targets.values());
    }

    /**
     * Freezes everything but the adapters and the parts that stay trainable. To be called again
     * whenever something has unfrozen the model, as {@code Model.newTrainer} of the PyTorch engine
     * does with a model that was loaded from files; and before {@code Trainer.initialize} where it
     * is to train on other devices than that of the model.
     *
     * @param block the block
     * @throws IllegalArgumentException if the name of a trainable part is that of nothing
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
            boolean trains = trainable.contains(parameter); // parameters have identities only
            if (parameter.requiresGradient() != trains) {
                parameter.freeze(!trains);
            }
        }
    }

    /**
     * Finds what trains beside the adapters.
     *
     * @param block the block
     * @return the parameters that {@link Builder#optTrainable} names, in a new list
     * @throws IllegalArgumentException if one of the names is that of nothing
     */
    public List<Parameter> trainableParameters(Block block) {
        List<Parameter> trainable = new ArrayList<>();
        for (NamePattern pattern : options.trainable) {
            List<Parameter> found = BlockParts.parameters(block, pattern);
            Checks.require(
                    !found.isEmpty(),
                    "LoRA",
                    "no block or parameter is called \"%s\"; there are %s",
                    pattern,
                    block.getParameters().keys());
            trainable.addAll(found);
        }
        return trainable;
    }

    /**
     * Finds what can be adapted.
     *
     * @param block the block
     * @return all projections in it by their full names, the first layer's first
     */
    public static Map<String, Projection> projections(Block block) {
        return BlockParts.projections(block);
    }

    /**
     * Adds what the adapters of a block do to its weights, and removes them. The outputs stay the
     * same but for rounding; what was frozen stays frozen.
     *
     * @param block the block
     */
    public static void merge(Block block) {
        projections(block).values().forEach(Projection::mergeAdapter);
    }

    /**
     * Removes the adapters of a block and what they do: it computes what it did before they were
     * added. What was frozen stays frozen.
     *
     * @param block the block
     */
    public static void detach(Block block) {
        projections(block).values().forEach(Projection::removeAdapter);
    }

    /**
     * Tells whether a block has adapters.
     *
     * @param block the block
     * @return whether there is one anywhere in it
     */
    public static boolean isAdapted(Block block) {
        return projections(block).values().stream()
                .anyMatch(projection -> projection.getAdapter() != null);
    }

    /**
     * Counts the parameters of a block that train.
     *
     * @param block an initialized block
     * @return the counts
     */
    public static TrainableCount count(Block block) {
        long trainable = 0;
        long total = 0;
        for (Parameter parameter : block.getParameters().values()) {
            long size = parameter.getArray().size();
            total += size;
            trainable += parameter.requiresGradient() ? size : 0;
        }
        return new TrainableCount(trainable, total);
    }

    /**
     * How many numbers of a model train.
     *
     * @param trainable those that are not frozen
     * @param total all of them
     */
    public record TrainableCount(long trainable, long total) {

        /**
         * Returns the share of those that train.
         *
         * @return trainable / total
         */
        public double share() {
            return (double) trainable / total;
        }
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
        List<NamePattern> targets; // null for the default ones
        List<NamePattern> trainable = List.of();

        Builder() {}

        /**
         * Sets the <b>required</b> rank of the adapters.
         *
         * @param rank r
         * @return this builder
         */
        public Builder setRank(int rank) {
            adapter.setRank(rank);
            return this;
        }

        /**
         * Sets α: what the adapters compute is scaled by α/r (default: the rank).
         *
         * @param alpha α
         * @return this builder
         */
        public Builder optAlpha(double alpha) {
            adapter.optAlpha(alpha);
            return this;
        }

        /**
         * Sets the rate of dropout on the input of the adapters while training (default: 0).
         *
         * @param dropout the rate, in [0, 1)
         * @return this builder
         */
        public Builder optDropout(double dropout) {
            adapter.optDropout(dropout);
            return this;
        }

        /**
         * Sets whether the factor is α/√r in place of α/r (default: false).
         *
         * @param rankStabilized whether it is
         * @return this builder
         */
        public Builder optRankStabilized(boolean rankStabilized) {
            adapter.optRankStabilized(rankStabilized);
            return this;
        }

        /**
         * Sets which projections get an adapter (default: in_proj and, where the blocks have one,
         * x_proj).
         *
         * @param names plain names, such as in_proj, x_proj, dt_proj, out_proj, lm_head (where it
         *     is not tied) or head, or patterns
         * @return this builder
         */
        public Builder optTargets(String... names) {
            targets = NamePattern.of(names);
            return this;
        }

        /**
         * Sets what is trained beside the adapters, such as a new head (default: nothing).
         *
         * @param names plain names of blocks or parameters, or patterns
         * @return this builder
         */
        public Builder optTrainable(String... names) {
            trainable = NamePattern.of(names);
            return this;
        }

        /**
         * Builds it.
         *
         * @return what adds the adapters to a model
         * @throws IllegalArgumentException if an option is missing or out of range
         */
        public LoRA build() {
            Checks.require(
                    targets == null || !targets.isEmpty(), "LoRA", "expected at least one target");
            adapter.build(); // throws if an option is wrong
            return new LoRA(this);
        }
    }
}

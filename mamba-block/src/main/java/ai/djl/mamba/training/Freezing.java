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

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * Freezes parameters by their names: frozen ones get no gradient and are not changed.
 *
 * <p>To be called <b>after</b> {@code model.newTrainer}, which unfreezes a loaded model in the
 * PyTorch engine, and with several devices before {@code trainer.initialize}, where DJL copies the
 * parameters.
 *
 * <pre>{@code
 * try (Trainer trainer = model.newTrainer(config)) {
 *     Freezing.freeze(model.getBlock(), "embedding", "01layer_*"); // all of the first layer
 *     …
 * }
 * }</pre>
 *
 * <p>Globs are those of {@link ParameterGroups}: they mean the name that {@code
 * block.getParameters()} gives, with or without DJL's numbers, or an end of it that follows an
 * underscore.
 */
public final class Freezing {

    private static final String NAME = "Freezing";

    private Freezing() {}

    /**
     * Freezes parameters.
     *
     * @param block the block
     * @param globs which ones
     * @return how many the globs match
     * @throws IllegalArgumentException if a glob matches none; no parameter is frozen then
     */
    public static int freeze(Block block, String... globs) {
        return set(block, true, globs);
    }

    /**
     * Unfreezes parameters.
     *
     * @param block the block
     * @param globs which ones
     * @return how many the globs match
     * @throws IllegalArgumentException if a glob matches none; no parameter is unfrozen then
     */
    public static int unfreeze(Block block, String... globs) {
        return set(block, false, globs);
    }

    private static int set(Block block, boolean frozen, String... globs) {
        List<Parameter> matching = matching(block, globs);
        matching.forEach(parameter -> parameter.freeze(frozen));
        return matching.size();
    }

    /**
     * Freezes all parameters but some, which are unfrozen.
     *
     * @param block the block
     * @param globs which ones are to be trained
     * @return how many are
     * @throws IllegalArgumentException if a glob matches none; nothing is changed then
     */
    public static int freezeAllBut(Block block, String... globs) {
        List<Parameter> trained = matching(block, globs);
        block.freezeParameters(true);
        trained.forEach(parameter -> parameter.freeze(false));
        return trained.size();
    }

    private static List<Parameter> matching(Block block, String... globs) {
        ParameterNames names = new ParameterNames(block, NAME);
        List<Parameter> matching = new ArrayList<>();
        for (String glob : globs) {
            for (Parameter parameter : names.matching(glob).values()) {
                if (!matching.contains(parameter)) {
                    matching.add(parameter);
                }
            }
        }
        return matching;
    }

    /**
     * Counts what is trained and what is frozen.
     *
     * @param block the block, initialized
     * @return the counts
     */
    public static Count count(Block block) {
        int trained = 0;
        int frozen = 0;
        long trainedNumbers = 0;
        long frozenNumbers = 0;
        for (Parameter parameter : block.getParameters().values()) {
            long size = parameter.getArray().size();
            if (parameter.requiresGradient()) {
                trained++;
                trainedNumbers += size;
            } else {
                frozen++;
                frozenNumbers += size;
            }
        }
        return new Count(trained, frozen, trainedNumbers, frozenNumbers);
    }

    /**
     * What of a block is trained.
     *
     * @param trained the number of parameter arrays that are trained
     * @param frozen the number of those that are frozen
     * @param trainedNumbers how many numbers are in the former
     * @param frozenNumbers how many are in the latter
     */
    public record Count(int trained, int frozen, long trainedNumbers, long frozenNumbers) {

        /**
         * Returns which part of the numbers is trained.
         *
         * @return the part, between 0 and 1
         */
        public double trainedPart() {
            return (double) trainedNumbers / Math.max(1, trainedNumbers + frozenNumbers);
        }
    }
}

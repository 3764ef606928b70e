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
import java.util.List;

/**
 * Freezes parameters by name: frozen parameters get no gradient and do not change.
 *
 * <p>Call this <b>after</b> {@code model.newTrainer}, which unfreezes a loaded model on PyTorch,
 * and with several devices before {@code trainer.initialize}, where DJL copies the parameters.
 *
 * <pre>{@code
 * try (Trainer trainer = model.newTrainer(config)) {
 *     Freezing.freeze(model.getBlock(), "embedding", "01layer_*"); // all of the first layer
 *     …
 * }
 * }</pre>
 *
 * <p>Globs are those of {@link ParameterGroups}: they match a name in {@code
 * block.getParameters()}, with or without DJL's numbers, or a suffix of it that follows an
 * underscore.
 */
public final class Freezing {

    private static final String NAME = "Freezing";

    private Freezing() {}

    /**
     * Freezes parameters.
     *
     * @param block the block
     * @param globs the parameters to freeze
     * @return the number of parameters that match
     * @throws IllegalArgumentException if a glob matches nothing; then nothing is frozen
     */
    public static int freeze(Block block, String... globs) {
        return set(block, true, globs);
    }

    /**
     * Unfreezes parameters.
     *
     * @param block the block
     * @param globs the parameters to unfreeze
     * @return the number of parameters that match
     * @throws IllegalArgumentException if a glob matches nothing; then nothing is unfrozen
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
     * Unfreezes some parameters and freezes all others.
     *
     * @param block the block
     * @param globs the parameters to train
     * @return the number of parameters that match
     * @throws IllegalArgumentException if a glob matches nothing; then nothing changes
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
     * Counts trained and frozen parameters.
     *
     * @param block the block, initialized
     * @return the counts
     */
    public static Count count(Block block) {
        Checks.given("Freezing", "block", block);
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
     * The numbers of trained and frozen parameters of a block.
     *
     * @param trained the number of trained parameter arrays
     * @param frozen the number of frozen parameter arrays
     * @param trainedNumbers the number of elements of the trained arrays
     * @param frozenNumbers the number of elements of the frozen arrays
     */
    public record Count(int trained, int frozen, long trainedNumbers, long frozenNumbers) {

        /**
         * Returns the share of the elements that is trained.
         *
         * @return the share, in [0, 1]
         */
        public double trainedPart() {
            return (double) trainedNumbers / Math.max(1, trainedNumbers + frozenNumbers);
        }
    }
}

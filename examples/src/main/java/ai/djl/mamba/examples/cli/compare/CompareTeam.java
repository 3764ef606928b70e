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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Creates the models of a comparison, all of them with as many parameters as Mamba.
 *
 * @param shape the sizes
 * @param device where they compute
 * @param engine the engine
 */
record CompareTeam(CompareShape shape, Device device, Engine engine) {

    private static final double MAX_DIFFERENCE = 0.02;

    /**
     * Creates the models.
     *
     * @param kinds which ones, or {@code null} for all
     * @param output where to print how large they are
     * @return the models, to be closed
     */
    List<Competitor> build(Set<ModelKind> kinds, Output output) {
        List<Competitor> competitors = new ArrayList<>();
        boolean isComplete = false;
        try (NDManager scratch = NDManager.newBaseManager(device, engine.getEngineName())) {
            List<Contender> all = Contenders.all(shape);
            Contender reference = all.get(0);
            long wanted = Contenders.parameters(reference.block(reference.usualWidth()), scratch);
            for (Contender contender : all) {
                if (kinds == null || kinds.contains(contender.kind())) {
                    int width = Contenders.width(contender, wanted, scratch);
                    Competitor competitor = competitor(contender, width);
                    competitors.add(competitor);
                    check(competitor, wanted, output);
                }
            }
            isComplete = true;
            return competitors;
        } finally {
            if (!isComplete) {
                competitors.forEach(Competitor::close);
            }
        }
    }

    private Competitor competitor(Contender contender, int width) {
        return new Competitor(contender, width, shape.vocabSize(), device, engine.getEngineName());
    }

    private static void check(Competitor competitor, long wanted, Output output) {
        String name = competitor.contender().name();
        double difference = (double) competitor.parameters() / wanted - 1;
        output.line(
                "%s: %,d parameters (%+.2f %%), width %d",
                name, competitor.parameters(), 100 * difference, competitor.width());
        if (Math.abs(difference) > MAX_DIFFERENCE) {
            throw new Failure(
                    String.format(
                            "%s has %,d parameters and Mamba %,d, and no width brings them"
                                    + " closer: choose other sizes",
                            name, competitor.parameters(), wanted));
        }
    }

    /** The same model with initial weights. */
    Competitor again(Competitor competitor, int seed) {
        engine.setRandomSeed(seed);
        return competitor(competitor.contender(), competitor.width());
    }
}

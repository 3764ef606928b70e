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
package ai.djl.mamba.examples;

import ai.djl.Device;
import ai.djl.mamba.examples.CompareResult.LearningPoint;
import java.util.ArrayList;
import java.util.List;

/** Trains models on the same bytes in the same order, with the same optimizer. */
final class CompareLearning {

    private static final int VALIDATION_BYTES = 1 << 14;
    private static final int REPORTS = 10;

    private final Corpus corpus;
    private final ByteModelTrainer.Settings settings;
    private final Device device;
    private final Output output;

    CompareLearning(
            Corpus corpus, ByteModelTrainer.Settings settings, Device device, Output output) {
        this.corpus = corpus;
        this.settings = settings;
        this.device = device;
        this.output = output;
    }

    /** Trains a model and judges it ten times by the text that was held out. */
    List<LearningPoint> learn(Competitor competitor) {
        String name = competitor.contender().name();
        List<LearningPoint> points = new ArrayList<>();
        try (ByteModelTrainer trainer =
                new ByteModelTrainer(competitor.model(), device, corpus, settings)) {
            int every = Math.max(1, settings.steps() / REPORTS);
            for (int step = 1; step <= settings.steps(); step++) {
                trainer.step();
                if (step % every == 0 || step == settings.steps()) {
                    double bits = trainer.validate(VALIDATION_BYTES);
                    points.add(new LearningPoint(name, step, bits));
                    output.line("learning, step %d:  %s %.4f bits per byte", step, name, bits);
                }
            }
        }
        return points;
    }
}

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

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.KindNames;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options of {@code mamba compare} that say what is measured, and how often. */
final class CompareFlags {

    @Option(
            names = "--models",
            split = ",",
            paramLabel = "NAME",
            converter = KindNames.OfCompare.class,
            completionCandidates = KindNames.OfCompare.class,
            description = "only these of ${COMPLETION-CANDIDATES} (default: all)")
    private Set<ModelKind> models;

    @Option(
            names = "--measure",
            split = ",",
            paramLabel = "WHAT",
            defaultValue = "memory,inference,training,decode,learning",
            description = "${COMPLETION-CANDIDATES} (default: all)")
    private Set<Measure> measures;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "2",
            description =
                    "seconds for each model at each length; a call that has started is finished"
                            + " (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "20",
            description = "maximum number of rounds at each length (default: ${DEFAULT-VALUE})")
    private int repeats;

    @Option(
            names = "--text",
            arity = "1..*",
            paramLabel = "FILE_OR_DIR",
            description =
                    "text that all models learn, byte by byte, to compare their loss (default:"
                            + " none); needs a --vocab of 256")
    private List<Path> text;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "200",
            description = "training steps on that text (default: ${DEFAULT-VALUE})")
    private int steps;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            defaultValue = "0.002",
            description = "peak learning rate, the same for all (default: ${DEFAULT-VALUE})")
    private float learningRate;

    private CompareFlags() {}

    /** What is measured. */
    enum Measure {
        /** Peak memory, in child processes. */
        MEMORY,
        /** All logits. */
        INFERENCE,
        /** Steps of training. */
        TRAINING,
        /** Tokens after a context. */
        DECODE,
        /** The loss on the same text. */
        LEARNING;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    void check(CommonOptions common, CompareShape shape) {
        common.atLeast("--repeats", repeats, 1);
        common.atLeast("--steps", steps, 1);
        boolean isTime = seconds > 0 && Double.isFinite(seconds);
        common.require("--seconds", isTime, "expected a positive number, got " + seconds);
        boolean isRate = learningRate > 0 && Float.isFinite(learningRate);
        common.require("--lr", isRate, "expected a positive number, got " + learningRate);
        common.require(
                "--text",
                text == null || shape.vocabSize() == ByteTokenizer.VOCAB_SIZE,
                "the tokens are bytes: expected --vocab " + ByteTokenizer.VOCAB_SIZE);
    }

    /** Whether something is to be measured. */
    boolean isWanted(Measure measure) {
        return measures.contains(measure);
    }

    /** The kinds of models, or {@code null} for all. */
    Set<ModelKind> models() {
        return models;
    }

    /** How often a figure is measured. */
    CompareRun.Rounds rounds(int maxCalls) {
        return new CompareRun.Rounds(repeats, seconds, maxCalls);
    }

    /** The text to learn, or {@code null} if there is none. */
    /** The texts as they were named. */
    String[] textNames() {
        List<Path> named = text == null ? List.of() : text;
        return named.stream().map(Path::toString).toArray(String[]::new);
    }

    List<Path> text() {
        return text;
    }

    int steps() {
        return steps;
    }

    float learningRate() {
        return learningRate;
    }

    /** How it is measured, for the report. */
    Map<String, String> described() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(
                "rounds", repeats + " at most, or " + seconds + " s for each model and length");
        if (text != null) {
            settings.put(
                    "learning",
                    String.format(
                            Locale.ROOT,
                            "%d steps of %d sequences of %d bytes, Adam, peak rate %s",
                            steps,
                            CompareLearning.BATCH,
                            CompareLearning.LENGTH,
                            learningRate));
        }
        return settings;
    }
}

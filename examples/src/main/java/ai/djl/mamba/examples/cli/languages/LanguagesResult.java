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
package ai.djl.mamba.examples.cli.languages;

import ai.djl.mamba.examples.cli.languages.LanguageData.Count;
import ai.djl.mamba.training.Evaluation;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What {@code mamba languages} measured.
 *
 * @param created when, in UTC
 * @param command the command that measures it again
 * @param model the pretrained model
 * @param machine what it ran on
 * @param settings the options of data and training
 * @param languages the languages and their files
 * @param runs the classifiers
 * @param best the key of the one with the best accuracy
 * @param confusion of that one: for each language, how many files it took for each of them
 */
record LanguagesResult(
        String created,
        String command,
        String model,
        Map<String, String> machine,
        Map<String, String> settings,
        List<Count> languages,
        List<Run> runs,
        String best,
        List<List<Integer>> confusion) {

    /**
     * A classifier.
     *
     * @param key what it starts from
     * @param learningRate the peak learning rate
     * @param trained the number of trained parameters
     * @param parameters the number of all parameters
     * @param seconds the duration of its training
     * @param curve its evaluations, the last one at the end
     */
    record Run(
            String key,
            float learningRate,
            long trained,
            long parameters,
            double seconds,
            List<Evaluation> curve) {

        LanguageStart start() {
            return LanguageStart.of(key);
        }

        /** The fraction of the files that the trained classifier recognized. */
        double accuracy() {
            return curve.get(curve.size() - 1).accuracy();
        }

        long steps() {
            return curve.get(curve.size() - 1).step();
        }

        double trainedPart() {
            return (double) trained / parameters;
        }

        /** The first evaluation with at least this accuracy, or null. */
        Evaluation reaching(double accuracy) {
            return curve.stream().filter(e -> e.accuracy() >= accuracy).findFirst().orElse(null);
        }
    }

    /** The best run; of equal ones the first. */
    static Run best(List<Run> runs) {
        return runs.stream()
                .sorted(Comparator.comparingDouble(Run::accuracy).reversed())
                .findFirst()
                .orElseThrow();
    }

    /** The classifier with a start, or null if there is none. */
    Run run(LanguageStart start) {
        return runs.stream().filter(run -> run.start() == start).findFirst().orElse(null);
    }

    List<String> names() {
        return languages.stream().map(Count::language).toList();
    }

    /** The number of files to evaluate on. */
    int tests() {
        return languages.stream().mapToInt(Count::test).sum();
    }
}

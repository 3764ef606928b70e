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
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.zoo.data.LabelSource;
import ai.djl.mamba.zoo.training.TrainingTexts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The options that choose the training data. */
final class DataFlags {

    @Option(
            names = {"--data", "--text"},
            required = true,
            arity = "1..*",
            paramLabel = "FILE_OR_DIR",
            description =
                    "training data: text, JSON lines (.jsonl), CSV (.csv, .tsv), compressed or not,"
                            + " archives, and folders to search for them")
    private List<Path> paths;

    @Option(
            names = "--include",
            paramLabel = "GLOB",
            description = "the files to take from folders, such as '*.java' (default: all text)")
    private String include;

    @Option(
            names = "--validation",
            arity = "1..*",
            paramLabel = "FILE_OR_DIR",
            description = "data to evaluate on (default: --holdout)")
    private List<Path> validation;

    @Option(
            names = "--holdout",
            paramLabel = "FRACTION",
            defaultValue = "0.1",
            description =
                    "fraction of the documents held out for evaluation (default:"
                            + " ${DEFAULT-VALUE})")
    private double holdout;

    @Option(
            names = "--text-field",
            paramLabel = "NAME",
            description = "field or column with the text (default: text)")
    private String textField;

    @Option(
            names = "--stop-at-bad-rows",
            description = "fail at the first row that cannot be read (default: skip it)")
    private boolean stopAtBadRows;

    private DataFlags() {}

    void check(CommonOptions common) {
        common.require("--holdout", holdout >= 0 && holdout < 1, "expected a number in [0, 1)");
    }

    boolean hasValidation() {
        return validation != null || holdout > 0;
    }

    /** Finds the texts. */
    TrainingTexts texts(CommonOptions common, LabelSource labels, String labelFieldOrNull)
            throws IOException {
        return TrainingTexts.builder()
                .setPaths(paths)
                .optInclude(include)
                .optValidation(validation == null ? List.of() : validation)
                .optHoldout(holdout)
                .optTextField(textField)
                .optLabels(labels)
                .optLabelField(labelFieldOrNull)
                .optSeed(common.seed())
                .optStopAtBadRows(stopAtBadRows)
                .build();
    }
}

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

import ai.djl.engine.Engine;
import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.zoo.data.LabelSource;
import ai.djl.mamba.zoo.text.CharacterTokenizer;
import ai.djl.mamba.zoo.training.FineTuning;
import ai.djl.mamba.zoo.training.FineTuning.Task;
import ai.djl.mamba.zoo.training.TrainingTexts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mamba finetune}: trains a model further, or turns it into a classifier. */
@Command(
        name = "finetune",
        description =
                "Train a model further on other text (--task lm), or turn it into a classifier (--task"
                        + " classify): all of it, or adapters only (--lora). Ctrl-C (exit code 130)"
                        + " and SIGTERM (143) save first, and --resume continues.")
final class FinetuneCommand implements Callable<Integer> {

    private static final float USUAL_RATE = 0.001f;
    private static final int USUAL_LENGTH = 512;

    /** Where the labels of texts come from. */
    enum Labels {
        /** A field or column. */
        FIELD,
        /** The folder of a file. */
        FOLDER,
        /** The extension of its name. */
        EXTENSION
    }

    @Mixin private CommonOptions common;
    @Mixin private ModelOption model;
    @Mixin private AlphabetFlags alphabet;
    @Mixin private TrainingFlags training;
    @Mixin private LoraFlags lora;

    @Option(
            names = "--task",
            paramLabel = "TASK",
            defaultValue = "lm",
            description = "lm or classify (default: ${DEFAULT-VALUE})")
    private Task task;

    @Option(
            names = "--labels-from",
            paramLabel = "SOURCE",
            defaultValue = "field",
            description =
                    "field of JSON lines or CSV, folder of a file, or extension of its name"
                            + " (default: ${DEFAULT-VALUE})")
    private Labels labels;

    @Option(
            names = "--label-field",
            paramLabel = "NAME",
            description = "field or column with the label (default: label)")
    private String labelField;

    @Option(
            names = "--pooling",
            paramLabel = "NAME",
            defaultValue = "last",
            description =
                    "what a classifier looks at: the last token or the mean of all, last or mean (default: ${DEFAULT-VALUE})")
    private Pooling pooling;

    @Option(
            names = "--freeze",
            arity = "1..*",
            paramLabel = "GLOB",
            description = "parameters that are not trained, such as embedding or '01layer_*'")
    private List<String> frozen;

    @Option(
            names = "--from-scratch",
            description =
                    "classifiers: start from random weights of the model's sizes, for comparison")
    private boolean fromScratch;

    private FinetuneCommand() {}

    @Override
    public Integer call() throws Exception {
        training.check(common);
        lora.check(common);
        alphabet.check(common, model.tokenizer());
        common.require(
                "--adapter",
                model.adapter() == null,
                "finetune trains a model itself: save one that is merged with its adapters first,"
                        + " by finetune --merge");
        common.require(
                "--from-scratch",
                !fromScratch || (task == Task.CLASSIFY && !lora.isWanted()),
                "for --task classify without --lora only");
        common.require(
                "--carry-state",
                task == Task.LM || !training.carryState(),
                "for language models only");
        if (training.isFinished(common, model.name(), model.tokenizer())) {
            return 0;
        }
        Engine engine = common.openEngine();
        TrainingTexts texts = training.data.texts(common, labelSource(), fieldName());
        FineTuning.Builder tuning =
                FineTuning.builder()
                        .setModel(model.name())
                        .setTask(task)
                        .setTexts(texts)
                        .setOptions(training.options(common, USUAL_RATE, USUAL_LENGTH).build())
                        .setFolder(training.folder())
                        .optEngine(engine.getEngineName())
                        .optDevices(training.devices(common, engine))
                        .optBatch(training.batch())
                        .optLength(training.length(USUAL_LENGTH))
                        .optStreamed(training.streamed())
                        .optFrozen(frozen == null ? List.of() : frozen)
                        .optFromScratch(fromScratch)
                        .optPooling(pooling)
                        .optSaveType(training.saveType());
        CharacterTokenizer characters = alphabet.tokenizer(common);
        if (characters != null) {
            tuning.optTokenizer(characters);
        } else if (model.tokenizer() != null) {
            tuning.optTokenizer(model.tokenizer());
        }
        if (lora.isWanted()) {
            tuning.optLora(lora.builder()).optMerge(lora.merge());
        }
        return run(tuning, texts);
    }

    private int run(FineTuning.Builder tuning, TrainingTexts texts) throws Exception {
        boolean isClassifier = task == Task.CLASSIFY;
        try (TrainingSession session =
                new TrainingSession(common, training, isClassifier, "token")) {
            FineTuning.Result result =
                    tuning.addListener(session.listener())
                            .optStarting(session::start)
                            .build()
                            .run();
            Map<String, Object> further = new LinkedHashMap<>();
            further.put("trained_parameters", result.parameters().trainedNumbers());
            further.put("trained_part", result.parameters().trainedPart());
            if (isClassifier) {
                further.put("classes", result.classes().size());
            }
            further.put("bad_rows", texts.badRows());
            session.end(result.training(), further);
            return 0;
        }
    }

    /** Only a classifier needs labels. */
    private LabelSource labelSource() {
        if (task == Task.LM) {
            return LabelSource.NONE;
        }
        return switch (labels) {
            case FIELD -> LabelSource.FIELD;
            case FOLDER -> LabelSource.FOLDER;
            case EXTENSION -> LabelSource.EXTENSION;
        };
    }

    private String fieldName() {
        return task == Task.CLASSIFY && labels == Labels.FIELD ? labelField : null;
    }
}

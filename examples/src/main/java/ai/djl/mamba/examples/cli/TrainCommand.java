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

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.mamba.examples.cli.TrainModelOptions.NewModel;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.training.Freezing;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.data.LabelSource;
import ai.djl.mamba.zoo.data.RandomWindows;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.training.TextBatches;
import ai.djl.mamba.zoo.training.TrainingTexts;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code mamba train}: trains a byte model on text files. */
@Command(
        name = "train",
        description =
                "Train a language model on text, byte by byte, and save it. A tenth of the text is"
                        + " held out for evaluation; losses are in bits per byte. Ctrl-C (exit code"
                        + " 130) and SIGTERM (143) save first, and --resume continues.")
final class TrainCommand implements Callable<Integer> {

    private static final String MODEL = "model";
    private static final float USUAL_RATE = 0.01f;
    private static final int USUAL_LENGTH = 128;

    @Mixin private CommonOptions common;
    @Mixin private TrainModelOptions size;
    @Mixin private TrainingFlags training;

    private TrainCommand() {}

    @Override
    public Integer call() throws IOException {
        training.check(common);
        size.check(common);
        if (training.isFinished(common, "")) {
            return 0;
        }
        Engine engine = common.openEngine();
        TrainingTexts texts = training.data.texts(common, LabelSource.NONE, null);
        try (TextBatches data = batches(texts)) {
            MambaCheckpoint.checkWritable(training.out());
            NewModel made = size.newModel(training.carryState());
            try (Model model =
                    Model.newInstance("mamba", common.device(), engine.getEngineName())) {
                model.setBlock(made.block());
                Shape input = new Shape(training.batch(), training.length(USUAL_LENGTH));
                made.block().initialize(model.getNDManager(), DataType.FLOAT32, input);
                announce(texts, data, made.block(), engine);
                return train(run(model, made, data, engine), made, texts);
            }
        }
    }

    private TextBatches batches(TrainingTexts texts) throws IOException {
        TextBatches.Form form =
                new TextBatches.Form(
                        training.batch(),
                        training.length(USUAL_LENGTH),
                        new ByteTokenizer(),
                        common.seed());
        if (training.carryState()) {
            return TextBatches.continued(texts, form);
        }
        return training.streamed()
                ? TextBatches.packed(texts, form)
                : TextBatches.ofWindows(texts, form);
    }

    private void announce(TrainingTexts texts, TextBatches data, Block block, Engine engine) {
        common.output()
                .line(
                        "%s; %,d parameters; %s on %s",
                        describe(texts, data),
                        Freezing.count(block).trainedNumbers(),
                        engine.getEngineName(),
                        common.deviceName());
    }

    private static String describe(TrainingTexts texts, TextBatches data) {
        if (!(data.training() instanceof RandomWindows windows)) {
            return String.format("%,d files", texts.files());
        }
        int heldOut = data.validation() instanceof RandomWindows held ? held.bytes() : 0;
        return String.format(
                "%,d files, %,d bytes to train on, %,d held out",
                texts.files(), windows.bytes(), heldOut);
    }

    private TrainingRun.Builder run(Model model, NewModel made, TextBatches data, Engine engine)
            throws IOException {
        TrainingOptions.Builder options = training.options(common, USUAL_RATE, USUAL_LENGTH);
        JsonObject fingerprint = new JsonObject();
        fingerprint.addProperty(MODEL, made.description());
        return TrainingRun.builder()
                .setModel(model)
                .setData(data.training())
                .optValidation(data.validation())
                .setOptions(options.build())
                .optDevices(training.devices(common, engine))
                .optFingerprint(fingerprint);
    }

    private int train(TrainingRun.Builder run, NewModel made, TrainingTexts texts)
            throws IOException {
        long parameters = Freezing.count(made.block()).trainedNumbers();
        try (TrainingSession session = new TrainingSession(common, training, false, "byte")) {
            TrainingResult result =
                    training.folder()
                            .run(
                                    run.addListener(session.listener()),
                                    session::start,
                                    folder -> made.saver().save(folder, training.saveType()));
            session.end(result, Map.of("parameters", parameters, "bad_rows", texts.badRows()));
            return 0;
        }
    }
}

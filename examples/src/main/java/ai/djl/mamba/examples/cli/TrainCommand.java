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

import ai.djl.MalformedModelException;
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
import ai.djl.mamba.zoo.internal.model.ModelTokenizer;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.mamba.zoo.training.TextBatches;
import ai.djl.mamba.zoo.training.TrainingTexts;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mamba train}: trains a language model on text files. */
@Command(
        name = "train",
        description =
                "Train a language model on text, byte by byte or with a tokenizer, and save it. A"
                        + " tenth of the text is held out for evaluation; losses are in bits per"
                        + " byte, or per token. Ctrl-C (exit code"
                        + " 130) and SIGTERM (143) save first, and --resume continues.")
final class TrainCommand implements Callable<Integer> {

    private static final String MODEL = "model";
    private static final int ANY_SIZE = Integer.MAX_VALUE; // bytes have a size of their own
    private static final float USUAL_RATE = 0.01f;
    private static final int USUAL_LENGTH = 128;

    @Mixin private CommonOptions common;
    @Mixin private TrainModelOptions size;
    @Mixin private TrainingFlags training;
    @Mixin private AlphabetFlags alphabet;

    @Option(
            names = "--tokenizer",
            paramLabel = "TOKENIZER",
            description =
                    "folder or model of the hub with the tokenizer to use, which is saved with the"
                            + " model (default: the tokens are bytes)")
    private String tokenizerName;

    private TrainCommand() {}

    @Override
    public Integer call() throws IOException, MalformedModelException {
        training.check(common);
        size.check(common);
        alphabet.check(common, tokenizerName);
        if (training.isFinished(common, tokenizerName)) {
            return 0;
        }
        Engine engine = common.openEngine();
        TrainingTexts texts = training.data.texts(common, LabelSource.NONE, null);
        training.folder().check(texts);
        try (Tokenizer tokenizer = tokenizer();
                TextBatches data = batches(texts, tokenizer)) {
            common.require(
                    "--mixer",
                    !size.isTransformer() || isOfBytes(tokenizer),
                    "a transformer is trained on bytes only");
            MambaCheckpoint.checkWritable(training.out());
            NewModel made = size.newModel(training.carryState(), tokenizer);
            try (Model model =
                    Model.newInstance("mamba", common.device(), engine.getEngineName())) {
                model.setBlock(made.block());
                Shape input = new Shape(training.batch(), training.length(USUAL_LENGTH));
                made.block().initialize(model.getNDManager(), DataType.FLOAT32, input);
                announce(texts, data, made.block(), engine);
                return train(run(model, made, data, engine), made, texts, tokenizer);
            }
        }
    }

    private Tokenizer tokenizer() throws IOException, MalformedModelException {
        Tokenizer characters = alphabet.tokenizer(common);
        if (characters != null) {
            return characters;
        }
        Path folder = training.out();
        if (tokenizerName != null) {
            folder = ModelTokenizer.folder(tokenizerName);
        } else if (!training.folder().resume() || !Tokenizer.exists(folder, ANY_SIZE)) {
            return new ByteTokenizer();
        }
        return Tokenizer.open(folder, ANY_SIZE);
    }

    private static boolean isOfBytes(Tokenizer tokenizer) {
        return tokenizer instanceof ByteTokenizer;
    }

    private TextBatches batches(TrainingTexts texts, Tokenizer tokenizer) throws IOException {
        TextBatches.Form form =
                new TextBatches.Form(
                        training.batch(), training.length(USUAL_LENGTH), tokenizer, common.seed());
        if (training.carryState()) {
            return TextBatches.continued(texts, form);
        }
        return training.streamed() || !isOfBytes(tokenizer)
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

    private int train(
            TrainingRun.Builder run, NewModel made, TrainingTexts texts, Tokenizer tokenizer)
            throws IOException {
        String unit = isOfBytes(tokenizer) ? "byte" : "token";
        long parameters = Freezing.count(made.block()).trainedNumbers();
        try (TrainingSession session = new TrainingSession(common, training, false, unit)) {
            TrainingResult result =
                    training.folder()
                            .run(
                                    run.addListener(session.listener()),
                                    started -> {
                                        save(tokenizer);
                                        session.start(started);
                                    },
                                    folder -> made.saver().save(folder, training.saveType()));
            session.end(result, Map.of("parameters", parameters, "bad_rows", texts.badRows()));
            return 0;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Saves the tokenizer before the model, so that --resume finds it. */
    private void save(Tokenizer tokenizer) {
        try {
            tokenizer.save(training.out());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

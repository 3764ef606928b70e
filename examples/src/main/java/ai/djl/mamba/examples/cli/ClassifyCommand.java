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
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.common.TextClassifier;
import ai.djl.mamba.examples.cli.common.TextWindow;
import ai.djl.mamba.examples.cli.common.TextWindow.Place;
import ai.djl.modality.Classifications;
import ai.djl.modality.Classifications.Classification;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mamba classify}: the classes that a classifier assigns to files. */
@Command(
        name = "classify",
        description =
                "Print the most likely classes of files, by a classifier such as one that 'mamba"
                        + " finetune --task classify' or 'mamba languages' has trained.")
final class ClassifyCommand implements Callable<Integer> {

    @Mixin private CommonOptions common;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description = "a folder with a classifier, or a model of the hub")
    private String model;

    @Option(
            names = "--bytes",
            paramLabel = "N",
            description =
                    "maximum number of bytes read of each file, best as many as in training"
                            + " (default: all of it)")
    private Integer bytes;

    @Option(
            names = "--window",
            paramLabel = "PLACE",
            defaultValue = "start",
            description = "where these bytes are: start, middle or random (default: start)")
    private Place place;

    @Option(
            names = "--top",
            paramLabel = "N",
            defaultValue = "1",
            description = "classes printed for each file (default: ${DEFAULT-VALUE})")
    private int top;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "files of text in UTF-8")
    private List<Path> files;

    private ClassifyCommand() {}

    @Override
    public Integer call() throws Exception {
        common.atLeast("--bytes", bytes, 1);
        common.atLeast("--top", top, 1);
        Random random = new Random(common.seed());
        List<String> texts = new ArrayList<>();
        for (Path file : files) {
            texts.add(read(file, random));
        }
        String engine = common.openEngine().getEngineName();
        try (TextClassifier classifier = TextClassifier.open(model, engine, common)) {
            print(classifier.classify(texts));
        }
        return 0;
    }

    private String read(Path file, Random random) throws IOException {
        if (Files.isDirectory(file)) {
            throw new Failure(file + ": a folder, expected a file");
        }
        byte[] all = Files.readAllBytes(file); // once: it may be a pipe
        if (all.length == 0) {
            throw new Failure(file + ": empty, expected at least one character");
        }
        return TextWindow.of(all, bytes == null ? all.length : bytes, place, random);
    }

    private void print(List<Classifications> results) {
        Output output = common.output();
        JsonArray array = new JsonArray();
        for (int i = 0; i < results.size(); i++) {
            List<String> line = new ArrayList<>();
            JsonArray classes = new JsonArray();
            for (Classification found : results.get(i).<Classification>topK(top)) {
                double probability = found.getProbability();
                line.add(
                        String.format(
                                Locale.ROOT,
                                "%s %.1f %%",
                                found.getClassName(),
                                100 * probability));
                JsonObject json = new JsonObject();
                json.addProperty("class", found.getClassName());
                json.add("probability", Output.number(probability));
                classes.add(json);
            }
            output.line("%s: %s", files.get(i), String.join(", ", line));
            JsonObject json = new JsonObject();
            json.addProperty("file", files.get(i).toString());
            json.add("classes", classes);
            array.add(json);
        }
        JsonObject result = new JsonObject();
        result.add("files", array);
        output.result(result);
    }
}

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

import ai.djl.MalformedModelException;
import ai.djl.engine.Engine;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.Failures.Failure;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.TextGenerator;
import ai.djl.mamba.zoo.text.TokenStream;
import ai.djl.mamba.zoo.text.Utf8Stream;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mamba generate}: continues a text with a byte model. */
@Command(
        name = "generate",
        description =
                "Continue a text with a model that 'mamba train' made. The prompt is printed first,"
                        + " then the text as it is made.")
final class GenerateCommand implements Callable<Integer> {

    @Mixin private CommonOptions common;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "folder with config.json and model.safetensors")
    private Path model;

    @Option(
            names = "--prompt",
            required = true,
            paramLabel = "TEXT",
            description = "text to continue")
    private String prompt;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "length of the continuation in bytes (default: ${DEFAULT-VALUE})")
    private int maxNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.8",
            description =
                    "0 takes the most likely byte, higher is more varied (default:"
                            + " ${DEFAULT-VALUE})")
    private double temperature;

    private GenerateCommand() {}

    @Override
    public Integer call() throws IOException, MalformedModelException {
        checkOptions();
        Engine engine = common.openEngine();
        try (NDManager manager =
                NDManager.newBaseManager(common.device(), engine.getEngineName())) {
            MambaLanguageModel loaded = MambaCheckpoint.load(model, manager);
            int vocabSize = loaded.getConfig().vocabSize();
            if (vocabSize != ByteTokenizer.VOCAB_SIZE) {
                throw new Failure(
                        String.format(
                                "%s: the model has %d tokens, expected a byte model with %d",
                                model, vocabSize, ByteTokenizer.VOCAB_SIZE));
            }
            generate(new TextGenerator(loaded, manager));
        }
        return 0;
    }

    private void checkOptions() {
        common.require("--prompt", !prompt.isEmpty(), "expected at least one character");
        common.atLeast("--max-new-tokens", maxNewTokens, 1);
        common.require(
                "--temperature",
                temperature >= 0 && !Double.isInfinite(temperature),
                "expected a number of at least 0, got " + temperature);
    }

    private void generate(TextGenerator generator) {
        Output output = common.output();
        PrintWriter people = output.people();
        long[] ids = new ByteTokenizer().encode(prompt);
        GenerationOptions options =
                GenerationOptions.builder()
                        .optMaxNewTokens(maxNewTokens)
                        .optTemperature(temperature)
                        .optSeed(common.seed())
                        .build();
        StringBuilder text = new StringBuilder();
        Utf8Stream decoder = new Utf8Stream();
        long start = System.nanoTime();
        int tokens = 0;
        people.print(prompt);
        people.flush();
        try (TokenStream stream = generator.generate(ids, options)) {
            while (stream.hasNext() && !people.checkError()) {
                emit(decoder.next(ByteTokenizer.toByte(stream.nextInt())), text, people);
                tokens++;
            }
        }
        emit(decoder.finish(), text, people);
        people.println();
        double seconds = (System.nanoTime() - start) / 1e9;
        output.err().printf("%d tokens, %.0f tokens/s%n", tokens, tokens / seconds);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("prompt", prompt);
        figures.put("text", text);
        figures.put("prompt_tokens", ids.length);
        figures.put("tokens", tokens);
        figures.put("seconds", seconds);
        figures.put("tokens_per_second", tokens / seconds);
        output.result(figures);
    }

    private static void emit(String piece, StringBuilder text, PrintWriter people) {
        text.append(piece);
        people.print(piece);
        people.flush();
    }
}

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
package ai.djl.mamba.documentation;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.MambaState;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.Score;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The examples of docs/generate.md, word for word; {@link GenerateSnippetsTest} runs them. */
final class GenerateSnippets {

    private GenerateSnippets() {}

    static void printed() throws IOException, ModelNotFoundException, MalformedModelException {
        try (TextModel text = TextModel.load("mamba-130m-hf")) {
            System.out.println(text.generate("Mamba is a state space model that"));
        }
    }

    static String generate(TextModel text) {
        GenerationOptions options =
                GenerationOptions.builder()
                        .optMaxNewTokens(60)
                        .optTemperature(0.8)
                        .optTopP(0.95)
                        .optRepetitionPenalty(1.1)
                        .optStopStrings(List.of("\n\n"))
                        .optSeed(7)
                        .build();
        try (TextStream stream = text.stream("Once upon a time", options)) {
            while (stream.hasNext()) {
                System.out.print(stream.next()); // whole characters, as soon as they are certain
            }
        }
        // prompts of any lengths in one batch, or several continuations of one prompt, read once
        List<GeneratedText> batch = text.generate(List.of("One", "Two and three"), options);
        List<GeneratedText> three =
                text.generate(List.of("One"), options.toBuilder().optSamples(3).build());
        return batch.get(1).text() + three.get(2).text();
    }

    static List<GeneratedText> reuse(TextModel text, Path file, GenerationOptions options)
            throws IOException, MalformedModelException {
        try (PromptState prefix = text.read("A long document that many questions are about. ");
                OutputStream out = Files.newOutputStream(file)) {
            prefix.save(out); // as small after a million tokens as after one
        }
        // any time later, in this process or another one
        List<GeneratedText> answers;
        try (InputStream in = Files.newInputStream(file);
                PromptState prefix = text.restore(in);
                PromptState question = text.read(prefix, "What is it?")) {
            answers = text.generate(question, options);
        }
        return answers;
    }

    static double score(TextModel text, String document) {
        Score score = text.score(document);
        double perplexity = score.perplexity();
        return perplexity;
    }

    static boolean step(NDManager manager) throws IOException {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(256).setModelSize(32).setNumLayers(2).build();
        MambaLanguageModel block = new MambaLanguageModel(config, true);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        ParameterStore parameters = new ParameterStore(manager, false);

        // the whole prompt at once, then token by token
        NDArray prompt = manager.create(new long[] {72, 101, 108, 108}, new Shape(1, 4));
        NDList outputs = block.forward(parameters, new NDList(prompt), false);
        MambaState state = new MambaState(outputs.subNDList(1));
        NDArray next = manager.create(new long[] {111}, new Shape(1, 1));
        NDList inputs = new NDList(next);
        inputs.addAll(state.toNDList());
        NDList stepped = block.forward(parameters, inputs, false); // logits (1, 1, 256), new state

        // a state is a value: copy its row for two beams, save it, go on in another process
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.save(bytes);
        MambaState restored =
                MambaState.load(manager, new ByteArrayInputStream(bytes.toByteArray()), block);
        MambaState beams = restored.select(0, 0);
        return beams.batchSize() == 2 && stepped.get(0).getShape().equals(new Shape(1, 1, 256));
    }
}

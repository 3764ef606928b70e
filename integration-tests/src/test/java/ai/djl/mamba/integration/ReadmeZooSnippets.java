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
package ai.djl.mamba.integration;

import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.Score;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The examples of the README about pretrained models, as they stand there. */
final class ReadmeZooSnippets {

    private ReadmeZooSnippets() {}

    static String load()
            throws IOException,
                    ModelNotFoundException,
                    MalformedModelException,
                    TranslateException {
        String continuation;
        Criteria<String, String> criteria =
                Criteria.builder()
                        .setTypes(String.class, String.class)
                        .optModelUrls("state-spaces/mamba-130m-hf") // or optModelPath(folder)
                        .optArgument("max_new_tokens", 40)
                        .optArgument("temperature", 0.8)
                        .optArgument("seed", 7)
                        .build();
        try (ZooModel<String, String> model = criteria.loadModel();
                Predictor<String, String> predictor = model.newPredictor()) {
            continuation = predictor.predict("Mamba is a state space model that");
        }
        return continuation;
    }

    static ZooModel<NDList, NDList> open(String nameOrFolder)
            throws IOException, ModelNotFoundException, MalformedModelException {
        return MambaModels.criteria(nameOrFolder, NDList.class, NDList.class).build().loadModel();
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
        // prompts of any lengths in one batch, or several continuations from one reading
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
                PromptState question =
                        text.generator().read(prefix, text.tokenizer().encode("What is it?"))) {
            answers = text.generate(question, options);
        }
        return answers;
    }

    static double score(TextModel text, String document) {
        Score score = text.score(document);
        double perplexity = score.perplexity();
        return perplexity;
    }

    static void convert(ZooModel<NDList, NDList> model, Path folder) throws IOException {
        MambaLanguageModel block = (MambaLanguageModel) model.getBlock();
        MambaCheckpoint.save(block, folder, Dialect.TRANSFORMERS); // or ORIGINAL
    }
}

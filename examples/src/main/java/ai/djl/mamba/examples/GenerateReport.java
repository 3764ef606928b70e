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

import ai.djl.mamba.zoo.text.FinishReason;
import ai.djl.mamba.zoo.text.Generated;
import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.TextModel;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.mamba.zoo.text.Token;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Makes continuations, shows them to people and describes them as JSON. */
final class GenerateReport {

    private final Output output;
    private final PrintWriter people;
    private final JsonObject json = new JsonObject();
    private final JsonArray continuations = new JsonArray();
    private final long start = System.nanoTime();
    private String prompt = "";
    private long tokens;

    GenerateReport(Output output) {
        this.output = output;
        people = output.people();
    }

    /** Shows the prompt. */
    void prompt(String text, long[] ids) {
        if (text == null) {
            prompt = LongStream.of(ids).mapToObj(Long::toString).collect(Collectors.joining(" "));
            prompt += " ";
        } else {
            prompt = text;
        }
        json.addProperty("prompt", prompt);
        json.addProperty("prompt_tokens", ids.length);
    }

    /** Continues as text. */
    void texts(TextModel model, PromptState state, GenerationOptions options) {
        if (options.samples() > 1 || options.beams() > 1) {
            for (GeneratedText text : model.generate(state, options)) {
                people.println(prompt + text.text());
                add(text.text(), text.tokens(), text.finishReason());
            }
            return;
        }
        people.print(prompt);
        people.flush();
        try (TextStream stream = model.stream(state, options)) {
            while (stream.hasNext() && !people.checkError()) {
                people.print(stream.next());
                people.flush();
            }
            people.println();
            GeneratedText text = stream.result();
            add(text.text(), text.tokens(), text.finishReason());
        }
    }

    /** Continues as ids. */
    void ids(TextModel model, PromptState state, GenerationOptions options) {
        List<Generated> all =
                model.generator().generateAll(state, model.complete(options), (row, token) -> true);
        for (Generated one : all) {
            String ids =
                    one.tokens().stream()
                            .map(token -> Integer.toString(token.id()))
                            .collect(Collectors.joining(" "));
            people.println(prompt + ids);
            add(null, one.tokens(), one.finishReason());
        }
    }

    private void add(String text, List<Token> made, FinishReason reason) {
        tokens += made.size();
        JsonObject continuation = new JsonObject();
        if (text != null) {
            continuation.addProperty("text", text);
        }
        continuation.addProperty("tokens", made.size());
        JsonArray ids = new JsonArray();
        JsonArray logProbs = new JsonArray();
        for (Token token : made) {
            ids.add(token.id());
            if (!Float.isNaN(token.logProb())) {
                logProbs.add(describe(token));
            }
        }
        continuation.add("ids", ids);
        if (!logProbs.isEmpty()) {
            continuation.add("log_probs", logProbs);
        }
        if (reason != null) {
            continuation.addProperty("finish_reason", reason.name().toLowerCase(Locale.ROOT));
        }
        continuations.add(continuation);
    }

    private static JsonObject describe(Token token) {
        JsonObject described = new JsonObject();
        described.addProperty("id", token.id());
        described.addProperty("log_prob", token.logProb());
        JsonArray top = new JsonArray();
        for (int i = 0; i < token.topIds().length; i++) {
            JsonObject likely = new JsonObject();
            likely.addProperty("id", token.topIds()[i]);
            likely.addProperty("log_prob", token.topLogProbs()[i]);
            top.add(likely);
        }
        if (!top.isEmpty()) {
            described.add("top", top);
        }
        return described;
    }

    /** Prints the figures: of one continuation in the object itself, of several as a list. */
    void finish() {
        double seconds = (System.nanoTime() - start) / 1e9;
        output.err().printf("%d tokens, %.0f tokens/s%n", tokens, tokens / seconds);
        if (continuations.size() == 1) {
            continuations.get(0).getAsJsonObject().asMap().forEach(json::add);
        } else {
            json.add("continuations", continuations);
        }
        json.addProperty("seconds", seconds);
        json.addProperty("tokens_per_second", tokens / seconds);
        output.result(json);
    }
}

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

import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.text.FinishReason;
import ai.djl.mamba.zoo.text.Generated;
import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.TextGenerator.TokenListener;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.mamba.zoo.text.Token;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Generates continuations, prints them for people, and describes them as JSON. */
final class GenerateReport {

    private static final TokenListener ALL = (row, token) -> true;

    private final Output output;
    private final PrintWriter people;
    private final JsonObject json = new JsonObject();
    private final JsonArray continuations = new JsonArray();
    private final long start = System.nanoTime();
    private String prompt = "";
    private int promptTokens;
    private long read = start; // when the prompt was read
    private long tokens;

    GenerateReport(Output output) {
        this.output = output;
        people = output.people();
    }

    /** Sets the prompt, which is printed before its continuations. */
    void prompt(String text, long[] ids) {
        prompt = text == null ? words(LongStream.of(ids)) + " " : text;
        json.addProperty("prompt", text == null ? prompt.strip() : prompt);
        json.addProperty("prompt_tokens", ids.length);
        promptTokens = ids.length;
    }

    /** Notes that the prompt was read: what follows is generation. */
    void promptRead() {
        read = System.nanoTime();
    }

    private static String words(LongStream ids) {
        return ids.mapToObj(Long::toString).collect(Collectors.joining(" "));
    }

    /** Continues as text. */
    void texts(TextModel model, PromptState state, GenerationOptions options) {
        if (!isShownAsMade(options)) {
            for (GeneratedText text : model.generate(state, options)) {
                people.println(shown(prompt + text.text()));
                add(text.text(), text.tokens(), text.finishReason());
            }
            return;
        }
        people.print(shown(prompt));
        people.flush();
        try (TextStream stream = model.stream(state, options)) {
            while (stream.hasNext() && !people.checkError()) {
                people.print(shown(stream.next()));
                people.flush();
            }
            people.println();
            GeneratedText text = stream.result();
            add(text.text(), text.tokens(), text.finishReason());
        }
    }

    /** The text itself, for a file or a program; without control characters for a terminal. */
    private static String shown(String text) {
        return Output.isTerminal() ? Printable.lines(text) : text;
    }

    /** Continues as ids. */
    void ids(TextModel model, PromptState state, GenerationOptions options) {
        GenerationOptions complete = model.complete(options);
        if (!isShownAsMade(options)) {
            for (Generated one : model.generator().generateAll(state, complete, ALL)) {
                people.println(prompt + words(IntStream.of(one.ids()).asLongStream()));
                add(null, one.tokens(), one.finishReason());
            }
            return;
        }
        people.print(prompt);
        TokenListener show =
                (row, token) -> {
                    people.print(token.id() + " ");
                    return !people.checkError(); // flushes
                };
        for (Generated one : model.generator().generateAll(state, complete, show)) {
            people.println();
            add(null, one.tokens(), one.finishReason());
        }
    }

    private static boolean isShownAsMade(GenerationOptions options) {
        return options.samples() == 1 && options.beams() == 1;
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
        described.add("log_prob", Output.number(token.logProb()));
        JsonArray top = new JsonArray();
        for (int i = 0; i < token.topIds().length; i++) {
            JsonObject likely = new JsonObject();
            likely.addProperty("id", token.topIds()[i]);
            likely.add("log_prob", Output.number(token.topLogProbs()[i]));
            top.add(likely);
        }
        if (!top.isEmpty()) {
            described.add("top", top);
        }
        return described;
    }

    /**
     * Prints the figures: those of one continuation in the object itself, those of several as a
     * list.
     */
    void finish() {
        double seconds = (System.nanoTime() - read) / 1e9;
        double promptSeconds = (read - start) / 1e9;
        output.err()
                .printf(
                        "%d tokens of the prompt, %.0f tokens/s; %d tokens, %.0f tokens/s%n",
                        promptTokens, promptTokens / promptSeconds, tokens, tokens / seconds);
        if (continuations.size() == 1) {
            continuations.get(0).getAsJsonObject().asMap().forEach(json::add);
        } else {
            json.add("continuations", continuations);
        }
        json.addProperty("prompt_seconds", promptSeconds);
        json.addProperty("prompt_tokens_per_second", promptTokens / promptSeconds);
        json.addProperty("seconds", seconds);
        json.addProperty("tokens_per_second", tokens / seconds);
        output.result(json);
    }
}

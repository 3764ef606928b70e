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
package ai.djl.mamba.zoo.text;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A language model with its tokenizer: continues, scores and embeds text.
 *
 * <p>Several threads may use a text model at once; each stream is for one thread at a time. What
 * works on ids alone is at {@link #generator}.
 */
public final class TextModel implements AutoCloseable {

    private static final double NATS_PER_BIT = Math.log(2);

    private final Model model;
    private final MambaLanguageModel block;
    private final NDManager manager;
    private final TextGenerator generator;
    private final Tokenizer tokenizer; // null where there is none
    private final Exception whyNone; // null where nothing went wrong
    private final int[] endIds;

    private TextModel(Model model, MambaLanguageModel block)
            throws IOException, MalformedModelException {
        this.model = model;
        this.block = block;
        Tokenizer found = null;
        Exception failure = null;
        try {
            int vocabSize = block.getConfig().paddedVocabSize();
            found = ModelTokenizer.find(model, vocabSize).orElse(null);
        } catch (IOException | MalformedModelException e) {
            failure = e; // of no concern to those who use ids
        }
        tokenizer = found;
        whyNone = failure;
        endIds = EndOfText.ids(model.getModelPath(), tokenizer);
        manager = model.getNDManager().newSubManager();
        generator = new TextGenerator(block, manager);
    }

    /**
     * Opens the text model of a loaded model. Where there is no tokenizer, or one that cannot be
     * opened, it is for ids only.
     *
     * @param model a model that the zoo loaded; it has to stay open
     * @return the text model, which uses the block of the model
     * @throws IOException if the files that name the ids at the end of a text cannot be read
     * @throws MalformedModelException if they make no sense
     * @throws IllegalArgumentException if the model is no language model
     */
    public static TextModel of(Model model) throws IOException, MalformedModelException {
        if (model.getBlock() instanceof MambaLanguageModel block) {
            return new TextModel(model, block);
        }
        throw new IllegalArgumentException(model.getName() + " is no Mamba language model");
    }

    /**
     * Returns the tokenizer.
     *
     * @return the tokenizer
     * @throws IllegalStateException if there is none, or it could not be opened; the message says
     *     why
     */
    public Tokenizer tokenizer() {
        if (whyNone != null) {
            throw new IllegalStateException(whyNone.getMessage(), whyNone);
        }
        if (tokenizer == null) {
            throw new IllegalStateException(
                    String.format(
                            "%s has no tokenizer.json: give ids, or name a tokenizer by the"
                                    + " argument \"%s\"",
                            model.getModelPath(), TextArguments.TOKENIZER));
        }
        return tokenizer;
    }

    /**
     * Returns what works on ids.
     *
     * @return the generator
     */
    public TextGenerator generator() {
        return generator;
    }

    /**
     * Tells whether this model takes text.
     *
     * @return whether there is a tokenizer
     */
    public boolean hasTokenizer() {
        return tokenizer != null;
    }

    /**
     * Continues a text.
     *
     * @param prompt the text
     * @param options how to continue it, with one sample
     * @return the continuation
     */
    public GeneratedText generate(String prompt, GenerationOptions options) {
        return generate(List.of(prompt), options).get(0);
    }

    /**
     * Continues texts of any lengths as one batch.
     *
     * @param prompts the texts
     * @param options how to continue them
     * @return the continuations, {@code samples} of the first text, then those of the next; each is
     *     what its text gives alone
     */
    public List<GeneratedText> generate(List<String> prompts, GenerationOptions options) {
        List<long[]> ids = prompts.stream().map(this::encode).toList();
        List<TextBuilder> texts = builders(prompts.size(), options);
        return build(texts, generator.generate(ids, complete(options), listener(texts)));
    }

    /**
     * Continues a text that was read.
     *
     * @param prompt the text's state; it stays as it is
     * @param options how to continue it
     * @return the continuations, as many as {@code samples}
     */
    public List<GeneratedText> generate(PromptState prompt, GenerationOptions options) {
        List<TextBuilder> texts = builders(1, options);
        return build(texts, generator.generateAll(prompt, complete(options), listener(texts)));
    }

    private List<TextBuilder> builders(int prompts, GenerationOptions options) {
        List<TextBuilder> texts = new ArrayList<>();
        for (int i = 0; i < prompts * options.samples(); i++) {
            texts.add(new TextBuilder(tokenizer(), options.stopStrings()));
        }
        return texts;
    }

    /** Ends a continuation at its stop string. */
    private static TokenListener listener(List<TextBuilder> texts) {
        return (row, token) -> {
            texts.get(row).add(token);
            return !texts.get(row).isComplete();
        };
    }

    private static List<GeneratedText> build(List<TextBuilder> texts, List<Generated> results) {
        List<GeneratedText> built = new ArrayList<>();
        for (int row = 0; row < results.size(); row++) {
            built.add(texts.get(row).complete(results.get(row)));
        }
        return built;
    }

    /**
     * Continues a text piece by piece.
     *
     * @param prompt the text
     * @param options how to continue it, with one beam and one sample
     * @return the continuation, computed as it is asked for, to be closed
     */
    public TextStream stream(String prompt, GenerationOptions options) {
        TokenStream tokens = generator.generate(encode(prompt), complete(options));
        return new TextStream(tokens, new TextBuilder(tokenizer(), options.stopStrings()));
    }

    /**
     * Continues a text that was read, piece by piece.
     *
     * @param prompt the text's state; it stays as it is and may be closed
     * @param options how to continue it, with one beam and one sample
     * @return the continuation, computed as it is asked for, to be closed
     */
    public TextStream stream(PromptState prompt, GenerationOptions options) {
        TokenStream tokens = generator.generate(prompt, complete(options));
        return new TextStream(tokens, new TextBuilder(tokenizer(), options.stopStrings()));
    }

    /**
     * Reads a text for any number of continuations.
     *
     * @param text the text
     * @return the state after it, to be closed
     */
    public PromptState read(String text) {
        return generator.read(encode(text));
    }

    /**
     * Restores a state that {@link PromptState#save} wrote.
     *
     * @param in the stream, which stays open
     * @return the state, to be closed
     * @throws IOException if reading fails, or the stream holds no state or a damaged one
     * @throws MalformedModelException if the state is that of another model
     */
    public PromptState load(InputStream in) throws IOException, MalformedModelException {
        return PromptState.load(manager, in, block);
    }

    /**
     * Measures how well the model predicts a text of any length.
     *
     * @param text the text
     * @return the score
     */
    public Score score(String text) {
        return generator.score(encode(text));
    }

    /**
     * Returns a score as a compression: the bits that a byte of UTF-8 takes.
     *
     * @param score the score of ids
     * @param ids the ids
     * @return bits per byte of the text of all ids but the first, NaN for a single one; {@code
     *     null} where there is no tokenizer to tell the bytes
     */
    public Double bitsPerByte(Score score, long[] ids) {
        if (tokenizer == null) {
            return null;
        }
        long bytes = Arrays.stream(ids).skip(1).map(tokenizer::byteLength).sum();
        return score.totalNll() / NATS_PER_BIT / bytes;
    }

    /**
     * Turns a text into a vector.
     *
     * @param text the text
     * @param pooling the vector of the last token, or the mean of all
     * @return the vector, (d)
     */
    public float[] embed(String text, Pooling pooling) {
        return generator.embed(List.of(encode(text)), pooling)[0];
    }

    private long[] encode(String text) {
        long[] ids = tokenizer().encode(text);
        if (ids.length == 0) {
            throw new IllegalArgumentException("The text is empty: expected at least one token");
        }
        return ids;
    }

    /**
     * Adds what only the model knows, as the methods here do: which ids end a text, unless the
     * options name some, and which ids the tokenizer can read.
     *
     * @param options options
     * @return options for {@link #generator}
     */
    public GenerationOptions complete(GenerationOptions options) {
        GenerationOptions.Builder builder = options.toBuilder();
        if (options.endIds().isEmpty()) {
            builder.optEndIds(endIds);
        }
        if (options.vocabLimit() == 0 && tokenizer != null) {
            builder.optVocabLimit(Math.min(tokenizer.vocabSize(), block.getConfig().vocabSize()));
        }
        return builder.build();
    }

    /** Releases what it holds; the model stays open. */
    @Override
    public void close() {
        manager.close();
    }
}

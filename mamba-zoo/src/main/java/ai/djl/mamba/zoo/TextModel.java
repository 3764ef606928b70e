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
package ai.djl.mamba.zoo;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.EngineChecks;
import ai.djl.mamba.zoo.internal.model.EndOfText;
import ai.djl.mamba.zoo.internal.model.GenerationDefaults;
import ai.djl.mamba.zoo.internal.model.LoadedModels;
import ai.djl.mamba.zoo.internal.model.ModelTokenizer;
import ai.djl.mamba.zoo.internal.model.TextArguments;
import ai.djl.mamba.zoo.internal.tokens.ModelIds;
import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.Score;
import ai.djl.mamba.zoo.text.TextGenerator;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.mamba.zoo.text.TokenStream;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;

/**
 * A language model that continues, scores and embeds text.
 *
 * <pre>{@code
 * try (TextModel model = TextModel.load("mamba-130m-hf")) {
 *     System.out.println(model.generate("The capital of France is"));
 * }
 * }</pre>
 *
 * <p>{@link #load} takes a name that the zoo knows, a model of the Hugging Face hub, or a folder,
 * and downloads what is missing. {@link #builder} chooses engine, device and data type, and adds
 * adapters. {@link #of} wraps a model that DJL's {@code Criteria} loaded.
 *
 * <p>{@link #generate(String)} returns the continuation of a text, {@link #stream(String)} gives it
 * piece by piece while it is computed. With {@link GenerationOptions} both sample, search with
 * beams, penalize repetition, and stop where they are told to; a list of texts is continued as one
 * batch.
 *
 * <p>{@link #read} keeps what the model knows after a text, in a size that does not depend on the
 * length of the text. Any number of continuations start from such a {@link PromptState} without
 * reading the text again, also in another process: {@link PromptState#save}, {@link #restore}.
 *
 * <p>{@link #score} measures how well the model predicts a text, {@link #embed} turns a text into a
 * vector, and {@link #generator} does all of this with token ids.
 *
 * <p>Several threads may use a text model at once; each stream is for one thread at a time. Closing
 * a model that {@link #load} or the builder has loaded frees all of its memory; what is used after
 * that throws an {@link IllegalStateException}.
 */
public final class TextModel implements AutoCloseable {

    private static final String NAME = "TextModel";
    private static final double NATS_PER_BIT = Math.log(2);
    private static final GenerationOptions PLAIN = GenerationOptions.builder().build();

    private final Model model;
    private final boolean ownsModel;
    private final MambaLanguageModel block;
    private final NDManager manager;
    private final TextGenerator generator;
    private final Tokenizer tokenizer; // null if there is none
    private final Exception tokenizerFailure; // null if there is none
    private final int[] endIds;
    private final GenerationOptions defaults;

    private TextModel(Model model, boolean ownsModel, Tokenizer given)
            throws IOException, MalformedModelException {
        if (!(model.getBlock() instanceof MambaLanguageModel language)) {
            throw new IllegalArgumentException(
                    model.getName()
                            + (model.getBlock() instanceof MambaClassifier
                                    ? " is a classifier: it is not a Mamba language model"
                                    : " is not a Mamba language model"));
        }
        if (!language.returnsState()) {
            throw new IllegalArgumentException(
                    model.getName()
                            + " does not return its state, from which text is continued: create it"
                            + " with new MambaLanguageModel(config, true)");
        }
        this.model = model;
        this.ownsModel = ownsModel;
        block = language;
        Tokenizer found = null;
        Exception failure = null;
        try {
            int vocabSize = block.getConfig().vocabSize();
            found = given != null ? given : ModelTokenizer.find(model, vocabSize).orElse(null);
        } catch (IOException | MalformedModelException e) {
            failure = e; // does not matter to those who use ids
        }
        tokenizer = found;
        tokenizerFailure = failure;
        endIds = EndOfText.ids(model.getModelPath(), LoadedModels.config(model), tokenizer);
        defaults = GenerationDefaults.of(model.getModelPath(), PLAIN);
        manager = model.getNDManager().newSubManager();
        generator = new TextGenerator(block, manager);
    }

    /**
     * Loads a model with the default engine, device and data type.
     *
     * @param model a folder with a checkpoint, or else a name of {@link PretrainedModel#list} or
     *     {@link BundledModel#list}, or else a model of the hub as owner/name
     * @return the model, to be closed
     * @throws IOException if a file cannot be downloaded or read
     * @throws ModelNotFoundException if there is no such model, or the folder does not hold one
     * @throws MalformedModelException if the files are damaged or contradict one another
     * @throws IllegalArgumentException if the model is a classifier
     */
    public static TextModel load(String model)
            throws IOException, ModelNotFoundException, MalformedModelException {
        return builder().setModel(Objects.requireNonNull(model, "model")).load();
    }

    /**
     * Loads a model from a folder with the default engine, device and data type.
     *
     * @param folder a folder with a checkpoint
     * @return the model, to be closed
     * @throws IOException if a file cannot be read
     * @throws ModelNotFoundException if the folder does not hold a model
     * @throws MalformedModelException if the files are damaged or contradict one another
     * @throws IllegalArgumentException if the model is a classifier
     */
    public static TextModel load(Path folder)
            throws IOException, ModelNotFoundException, MalformedModelException {
        Objects.requireNonNull(folder, "folder");
        return load(folder.toAbsolutePath().toString());
    }

    /**
     * Starts to choose how a model is loaded.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Wraps a model that is loaded already. Without a tokenizer, or with one that cannot be opened,
     * the text model takes token ids only.
     *
     * @param model a model that the zoo loaded; it must stay open, and is not closed with the text
     *     model
     * @return the text model, which uses the block of the model
     * @throws IOException if the files that name the ids at the end of a text cannot be read
     * @throws MalformedModelException if they make no sense
     * @throws IllegalArgumentException if the model is not a language model, or does not return its
     *     state
     */
    public static TextModel of(Model model) throws IOException, MalformedModelException {
        Objects.requireNonNull(model, "model");
        return new TextModel(model, false, null);
    }

    /**
     * Wraps a model that is loaded already, with a tokenizer of your own.
     *
     * @param model a model that the zoo loaded; it must stay open, and is not closed with the text
     *     model
     * @param tokenizer the tokenizer, which is not closed with the text model
     * @return the text model, which uses the block of the model
     * @throws IOException if the files that name the ids at the end of a text cannot be read
     * @throws MalformedModelException if they make no sense
     * @throws IllegalArgumentException if the model is not a language model, or does not return its
     *     state
     */
    public static TextModel of(Model model, Tokenizer tokenizer)
            throws IOException, MalformedModelException {
        Objects.requireNonNull(model, "model");
        return new TextModel(model, false, Objects.requireNonNull(tokenizer, "tokenizer"));
    }

    /**
     * Continues a text with {@link #defaults}: the most likely token follows, unless the model
     * wants its texts sampled, until the model ends the text or the default number of tokens is
     * reached.
     *
     * @param prompt the text
     * @return the continuation, without the prompt
     */
    public String generate(String prompt) {
        return generate(prompt, defaults).text();
    }

    /**
     * Continues a text.
     *
     * @param prompt the text
     * @param options how to continue it, with one sample
     * @return the continuation and its tokens
     * @throws IllegalArgumentException if the options ask for several samples
     */
    public GeneratedText generate(String prompt, GenerationOptions options) {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(options, "options");
        Checks.require(
                options.samples() == 1,
                NAME,
                "one text is returned, but %d samples are asked for: give a list of prompts",
                options.samples());
        return generate(List.of(prompt), options).get(0);
    }

    /**
     * Continues texts of any lengths as one batch.
     *
     * @param prompts the texts
     * @param options how to continue them
     * @return the continuations, {@code samples} of the first text, then those of the next; each is
     *     the same as that of its text alone
     */
    public List<GeneratedText> generate(List<String> prompts, GenerationOptions options) {
        Objects.requireNonNull(prompts, "prompts");
        Objects.requireNonNull(options, "options");
        List<long[]> ids =
                prompts.stream().map(prompt -> encode(Tokenizer::encode, prompt)).toList();
        return generator.generate(ids, complete(options), tokenizer());
    }

    /**
     * Continues a text that has been read.
     *
     * @param prompt the state after the text; it does not change
     * @param options how to continue it
     * @return the continuations, as many as {@code samples}
     */
    public List<GeneratedText> generate(PromptState prompt, GenerationOptions options) {
        requireOpen();
        Objects.requireNonNull(prompt, "prompt");
        return generator.generateAll(prompt, complete(options), tokenizer());
    }

    /**
     * Continues a text piece by piece with the default options, as {@link #generate(String)} does.
     *
     * @param prompt the text
     * @return the continuation, computed as it is asked for, to be closed
     */
    public TextStream stream(String prompt) {
        return stream(prompt, defaults);
    }

    /**
     * Continues a text piece by piece.
     *
     * @param prompt the text
     * @param options how to continue it, with one beam and one sample
     * @return the continuation, computed as it is asked for, to be closed
     */
    public TextStream stream(String prompt, GenerationOptions options) {
        Objects.requireNonNull(prompt, "prompt");
        return text(
                generator.generate(encode(Tokenizer::encode, prompt), complete(options)), options);
    }

    /**
     * Continues a text that has been read, piece by piece.
     *
     * @param prompt the state after the text; it does not change and may be closed
     * @param options how to continue it, with one beam and one sample
     * @return the continuation, computed as it is asked for, to be closed
     */
    public TextStream stream(PromptState prompt, GenerationOptions options) {
        requireOpen();
        Objects.requireNonNull(prompt, "prompt");
        return text(generator.generate(prompt, complete(options)), options);
    }

    private TextStream text(TokenStream tokens, GenerationOptions options) {
        return new TextStream(tokens, tokenizer(), options.stopStrings());
    }

    /**
     * Reads a text for any number of continuations, without the special tokens that the tokenizer
     * puts behind a text.
     *
     * @param text the text
     * @return the state after it, to be closed
     */
    public PromptState read(String text) {
        return generator.read(encode(Tokenizer::encodeStart, text));
    }

    /**
     * Reads on: the text follows what was read before, without anything between them.
     *
     * @param before what was read before; it does not change
     * @param text the text that continues it
     * @return the state after both, to be closed
     */
    public PromptState read(PromptState before, String text) {
        return generator.read(before, encode(Tokenizer::encodeContinuation, text));
    }

    /**
     * Restores a state that {@link PromptState#save} wrote.
     *
     * @param in the stream, which stays open
     * @return the state, to be closed
     * @throws IOException if reading fails, or the stream does not hold an intact state
     * @throws MalformedModelException if the state is that of another model
     */
    public PromptState restore(InputStream in) throws IOException, MalformedModelException {
        requireOpen();
        return PromptState.load(manager, Objects.requireNonNull(in, "in"), block);
    }

    /**
     * Measures how well the model predicts a text of any length.
     *
     * @param text the text
     * @return the score
     */
    public Score score(String text) {
        return generator.score(encode(Tokenizer::encode, text));
    }

    /**
     * Measures how well the model predicts a text of any length that follows another.
     *
     * @param before what was read before; it does not change
     * @param text the text that continues it
     * @return the score, of all tokens of the text
     */
    public Score score(PromptState before, String text) {
        return generator.score(before, encode(Tokenizer::encodeContinuation, text));
    }

    /**
     * Returns a score as a compression: the number of bits for each byte of UTF-8.
     *
     * @param score the score of ids
     * @param ids the ids
     * @return bits per byte of the text of all ids but the first, NaN for a single id; {@code null}
     *     if there is no tokenizer to count the bytes
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
        return generator.embed(List.of(encode(Tokenizer::encode, text)), pooling)[0];
    }

    /** Encodes a text in a form that the tokenizer has: whole, to be continued, or continuing. */
    private long[] encode(BiFunction<Tokenizer, String, long[]> form, String text) {
        requireOpen();
        Objects.requireNonNull(text, "text");
        long[] ids = form.apply(tokenizer(), text);
        if (ids.length == 0) {
            throw new IllegalArgumentException("The text is empty: expected at least one token");
        }
        return ModelIds.require(ids, block.getConfig().vocabSize(), tokenizer::decode);
    }

    private void requireOpen() {
        if (!manager.isOpen()) {
            throw new IllegalStateException(
                    "The TextModel of " + model.getName() + " is closed, or its model");
        }
    }

    /**
     * Returns the tokenizer.
     *
     * @return the tokenizer
     * @throws IllegalStateException if there is none, or it could not be opened; the message says
     *     why
     */
    public Tokenizer tokenizer() {
        if (tokenizerFailure != null) {
            throw new IllegalStateException(tokenizerFailure.getMessage(), tokenizerFailure);
        }
        if (tokenizer == null) {
            throw new IllegalStateException(
                    String.format(
                            "%s has no tokenizer.json or alphabet.json: give ids, or name a tokenizer by the"
                                    + " argument \"%s\"",
                            model.getModelPath(), TextArguments.TOKENIZER));
        }
        return tokenizer;
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
     * Returns the generator, which works with token ids.
     *
     * @return the generator
     */
    public TextGenerator generator() {
        return generator;
    }

    /**
     * Returns how the model wants its texts continued, as its {@code generation_config.json} says.
     * {@link #generate(String)} and {@link #stream(String)} use it, and predictors, unless their
     * arguments say otherwise; methods that take options use these alone.
     *
     * @return the options of the model, or the default ones if it has no such file
     */
    public GenerationOptions defaults() {
        return defaults;
    }

    /**
     * Adds to options what only the model knows, as all methods here do: the ids that end a text,
     * unless the options name some, and which ids the tokenizer can decode.
     *
     * @param options options
     * @return options for {@link #generator}
     */
    public GenerationOptions complete(GenerationOptions options) {
        Objects.requireNonNull(options, "options");
        GenerationOptions.Builder builder = options.toBuilder();
        if (options.endIds().isEmpty()) {
            builder.optEndIds(endIds);
        }
        if (options.vocabLimit() == 0 && tokenizer != null) {
            builder.optVocabLimit(Math.min(tokenizer.vocabSize(), block.getConfig().vocabSize()));
        }
        return builder.build();
    }

    /**
     * Returns the model of DJL.
     *
     * @return the model, with its block, path and properties
     */
    public Model model() {
        return model;
    }

    /** Frees all memory; a model that was given to {@link #of} stays open. */
    @Override
    public void close() {
        manager.close();
        if (ownsModel) {
            model.close();
        }
    }

    /** Chooses how a {@link TextModel} is loaded. */
    public static final class Builder {

        private String name;
        private String engine;
        private Device device;
        private DataType dataType = DataType.FLOAT32;
        private Path adapter;
        private Boolean mergeAdapter; // null: the default
        private String tokenizer;
        private Tokenizer given;

        Builder() {}

        /**
         * Sets the <b>required</b> model.
         *
         * @param model what {@link TextModel#load(String)} takes
         * @return this builder
         */
        public Builder setModel(String model) {
            name = model;
            return this;
        }

        /**
         * Sets the engine (default: PyTorch if it is on the class path).
         *
         * @param engine the name of the engine
         * @return this builder
         */
        public Builder optEngine(String engine) {
            this.engine = engine;
            return this;
        }

        /**
         * Sets the device (default: the engine's first GPU, or the CPU).
         *
         * @param device the device
         * @return this builder
         */
        public Builder optDevice(Device device) {
            this.device = device;
            return this;
        }

        /**
         * Sets the type of the parameters (default: FLOAT32).
         *
         * @param dataType FLOAT32, FLOAT64, or FLOAT16 with PyTorch on a GPU
         * @return this builder
         */
        public Builder optDataType(DataType dataType) {
            this.dataType = dataType;
            return this;
        }

        /**
         * Adds the adapters of a folder, in the format of PEFT (default: none).
         *
         * @param adapter the folder
         * @return this builder
         */
        public Builder optAdapter(Path adapter) {
            this.adapter = adapter;
            return this;
        }

        /**
         * Sets whether the adapters become part of the weights, which costs no time later (default:
         * true), or stay beside them.
         *
         * @param mergeAdapter whether they are merged
         * @return this builder
         */
        public Builder optMergeAdapter(boolean mergeAdapter) {
            this.mergeAdapter = mergeAdapter;
            return this;
        }

        /**
         * Sets the tokenizer (default: that of the model).
         *
         * @param tokenizer a folder with {@code tokenizer.json}, or a model of the hub that has one
         * @return this builder
         */
        public Builder optTokenizer(String tokenizer) {
            this.tokenizer = tokenizer;
            given = null;
            return this;
        }

        /**
         * Sets a tokenizer of your own (default: that of the model).
         *
         * @param tokenizer the tokenizer, which is not closed with the model
         * @return this builder
         */
        public Builder optTokenizer(Tokenizer tokenizer) {
            given = tokenizer;
            this.tokenizer = null;
            return this;
        }

        /**
         * Loads the model.
         *
         * @return the model, to be closed
         * @throws IOException if a file cannot be downloaded or read
         * @throws ModelNotFoundException if there is no such model, or the folder does not hold one
         * @throws MalformedModelException if the files are damaged or contradict one another
         * @throws IllegalArgumentException if no model is set, it is a classifier, the engine or
         *     the device does not exist, the engine cannot compute in the data type, or adapters
         *     are to be merged or not, but there are none
         */
        public TextModel load()
                throws IOException, ModelNotFoundException, MalformedModelException {
            Checks.require(name != null, "TextModel", "setModel is required");
            Checks.require(
                    mergeAdapter == null || adapter != null,
                    "TextModel",
                    "optMergeAdapter says what becomes of adapters, but optAdapter names none");
            if (tokenizer != null) {
                ModelTokenizer.check(tokenizer);
            }
            ZooModel<NDList, NDList> model;
            try {
                model = criteria().build().loadModel();
            } catch (IOException e) { // which the block factory has to wrap
                if (e.getCause() instanceof MalformedModelException malformed) {
                    throw malformed;
                }
                throw e;
            }
            try {
                return new TextModel(model, true, given);
            } catch (IOException | MalformedModelException | RuntimeException e) {
                model.close();
                throw e;
            }
        }

        private Criteria.Builder<NDList, NDList> criteria() throws ModelNotFoundException {
            Criteria.Builder<NDList, NDList> criteria =
                    MambaModels.criteria(name, NDList.class, NDList.class)
                            .optArgument(
                                    MambaBlockFactory.TYPE,
                                    dataType.name().toLowerCase(Locale.ROOT));
            if (engine != null) {
                EngineChecks.requireEngine("TextModel", engine);
                criteria.optEngine(engine);
            }
            if (device != null) {
                criteria.optDevice(device);
            }
            if (adapter != null) {
                criteria.optArgument(MambaModels.ADAPTER, adapter.toString());
            }
            if (mergeAdapter != null) {
                criteria.optArgument(MambaModels.MERGE_ADAPTER, mergeAdapter);
            }
            if (tokenizer != null) {
                criteria.optArgument(TextArguments.TOKENIZER, tokenizer);
            }
            return criteria;
        }
    }
}

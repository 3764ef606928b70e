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

import ai.djl.Application;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.zoo.internal.model.LoadedModels;
import ai.djl.mamba.zoo.internal.model.ModelTokenizer;
import ai.djl.mamba.zoo.internal.model.TextArguments;
import ai.djl.mamba.zoo.text.GenerationArguments;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.nlp.translator.TextClassificationServingTranslator;
import ai.djl.modality.nlp.translator.TextEmbeddingServingTranslator;
import ai.djl.ndarray.NDList;
import ai.djl.translate.DefaultTranslatorFactory;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives predictors of Mamba models their input and output types.
 *
 * <table>
 * <caption>Types</caption>
 * <tr><th>input</th><th>output</th><th>computes</th></tr>
 * <tr><td>{@code NDList}</td><td>{@code NDList}</td><td>ids (B, L) → logits</td></tr>
 * <tr><td>{@code String}</td><td>{@code String}</td><td>prompt → continuation</td></tr>
 * <tr><td>{@code String}</td><td>{@link TextStream}</td><td>prompt → continuation, piece by piece</td></tr>
 * <tr><td>{@code String[]}</td><td>{@code String[]}</td><td>prompts → continuations, as a batch</td></tr>
 * <tr><td>{@code String}</td><td>{@code float[]}</td><td>text → embedding</td></tr>
 * <tr><td>{@code String}</td><td>{@link Classifications}</td><td>text → classes, of a classifier</td></tr>
 * <tr><td>{@link Input}</td><td>{@link Output}</td><td>requests to DJL Serving</td></tr>
 * </table>
 *
 * <p>Arguments of {@code Criteria} are those of {@link GenerationArguments}, which have the names
 * that the transformers library uses, such as {@code max_new_tokens}; without them texts are
 * continued as the model's {@code generation_config.json} says. An option of generation that is not
 * supported, or a name that is nearly that of one, is refused. Further ones are {@code tokenizer},
 * the folder or the model of the hub that has the tokenizer (default: the model's own), and {@code
 * pooling} of embeddings, {@code mean} (default) or {@code last}. With the application {@code
 * nlp/text_embedding} DJL Serving gets embeddings of a language model.
 */
public final class MambaTranslatorFactory implements TranslatorFactory {

    private static final Set<Pair<Type, Type>> LANGUAGE_MODEL =
            Set.of(
                    new Pair<>(String.class, String.class),
                    new Pair<>(String.class, TextStream.class),
                    new Pair<>(String[].class, String[].class),
                    new Pair<>(String.class, float[].class));

    private static final Set<Pair<Type, Type>> CLASSIFIER =
            Set.of(new Pair<>(String.class, Classifications.class));

    private static final Set<Pair<Type, Type>> ANY_MODEL =
            Set.of(new Pair<>(NDList.class, NDList.class), new Pair<>(Input.class, Output.class));

    /** Creates the factory, as DJL's loader does. */
    public MambaTranslatorFactory() {}

    /** {@inheritDoc} */
    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        Set<Pair<Type, Type>> types = new HashSet<>(ANY_MODEL);
        types.addAll(LANGUAGE_MODEL);
        types.addAll(CLASSIFIER);
        return types;
    }

    /**
     * {@inheritDoc}
     *
     * <p>If this fails while DJL's loader loads the model, the model is closed: the loader would
     * leave it open.
     *
     * @throws TranslateException if the types are not for this kind of model
     * @throws IllegalStateException if the types need text and the tokenizer is missing or cannot
     *     be read
     */
    @Override
    public <I, O> Translator<I, O> newInstance(
            Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
            throws TranslateException {
        boolean isLoading = LoadedModels.endLoading(model);
        try {
            return translator(input, output, model, arguments);
        } catch (TranslateException | RuntimeException | Error e) {
            if (isLoading) {
                model.close();
            }
            throw e;
        }
    }

    @SuppressWarnings("unchecked") // the types were compared
    private static <I, O> Translator<I, O> translator(
            Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
            throws TranslateException {
        if (!MambaModelZoo.ENGINES.contains(model.getNDManager().getEngine().getEngineName())) {
            // an engine that loaded the folder in its own way, such as DJL's Python engine
            return new DefaultTranslatorFactory().newInstance(input, output, model, arguments);
        }
        Pair<Type, Type> types = new Pair<>(input, output);
        MambaClassifier classifier =
                model.getBlock() instanceof MambaClassifier block ? block : null;
        if (!ANY_MODEL.contains(types)
                && !(classifier != null ? CLASSIFIER : LANGUAGE_MODEL).contains(types)) {
            throw new TranslateException(
                    String.format(
                            "%s cannot turn %s into %s: it is a %s",
                            model.getName(),
                            input.getSimpleName(),
                            output.getSimpleName(),
                            classifier != null ? "classifier" : "language model"));
        }
        if (input == NDList.class) {
            return (Translator<I, O>) new IdsTranslator();
        }
        try {
            return (Translator<I, O>)
                    (classifier != null
                            ? classification(input, model, classifier)
                            : text(input, output, model, arguments));
        } catch (IOException | MalformedModelException e) {
            throw new TranslateException(e.getMessage(), e);
        }
    }

    private static Translator<?, ?> classification(
            Class<?> input, Model model, MambaClassifier classifier)
            throws IOException, MalformedModelException {
        List<String> labels = LoadedModels.labels(model);
        int vocabSize = classifier.getConfig().vocabSize();
        ClassificationTranslator translator =
                new ClassificationTranslator(ModelTokenizer.open(model, vocabSize), labels);
        return input == Input.class
                ? new TextClassificationServingTranslator(translator)
                : translator;
    }

    private static Translator<?, ?> text(
            Class<?> input, Class<?> output, Model model, Map<String, ?> arguments)
            throws IOException, MalformedModelException {
        TextModel text = TextModel.of(model);
        text.tokenizer(); // fails now rather than at the first text
        GenerationOptions options = TextArguments.options(arguments, text.defaults());
        if (output == float[].class) {
            return embedding(text, arguments);
        }
        if (input == String[].class) {
            return new TextBatchTranslator(text, options);
        }
        if (output == TextStream.class) {
            return new TextStreamTranslator(text, options);
        }
        if (input == String.class) {
            return new TextTranslator(text, options);
        }
        Object application = arguments.get("application");
        return Application.NLP.TEXT_EMBEDDING.getPath().equals(application)
                ? new TextEmbeddingServingTranslator(embedding(text, arguments))
                : new ServingTranslator(text, options);
    }

    private static EmbeddingTranslator embedding(TextModel text, Map<String, ?> arguments) {
        return new EmbeddingTranslator(text, TextArguments.pooling(arguments));
    }
}

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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.zoo.internal.tensors.TensorInfo;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a saved model, opened: its configuration has been read and checked, and the files
 * with its weights are open. Every way to load a model goes through here, so that each file is read
 * once.
 *
 * <pre>{@code
 * try (Checkpoint checkpoint = Checkpoint.open(folder)) {
 *     MambaConfig config = checkpoint.config();
 *     SequenceBlock block = checkpoint.load(manager, DataType.FLOAT32);
 * }
 * }</pre>
 */
public final class Checkpoint implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(Checkpoint.class);

    private final CheckpointConfig config;
    private final boolean isClassifier;
    private final TensorSource source;
    private final TensorNames names;
    private final MambaConfig sizes;

    private Checkpoint(CheckpointConfig config, boolean isClassifier, TensorSource source)
            throws IOException {
        this.config = config;
        this.isClassifier = isClassifier;
        this.source = source;
        names = new TensorNames(source);
        sizes = isClassifier ? config.sizes() : untied(config, names);
    }

    /**
     * A head that differs from the embedding is used as it is, whatever the configuration says:
     * transformers does the same.
     */
    private static MambaConfig untied(CheckpointConfig config, TensorNames names)
            throws IOException {
        MambaConfig sizes = config.sizes();
        if (!sizes.tiedHead() || !names.hasOtherHead()) {
            return sizes;
        }
        logger.warn(
                "{}: the head differs from the embedding, although {} says that they are tied: the"
                        + " model has both",
                names.source().path(),
                config.file());
        return sizes.withTiedHead(false);
    }

    /**
     * Opens a folder.
     *
     * @param folder the folder
     * @return the checkpoint, to be closed
     * @throws IOException if a file is missing or cannot be read
     * @throws MalformedModelException if the configuration is not that of a model that can be
     *     loaded, or the weights contradict themselves or are too few for the number of layers
     */
    public static Checkpoint open(Path folder) throws IOException, MalformedModelException {
        CheckpointConfig config = CheckpointConfig.in(folder);
        boolean isClassifier = config.isClassifier();
        TensorSource source = CheckpointFolder.open(folder, config.sizes());
        try {
            return new Checkpoint(config, isClassifier, source);
        } catch (IOException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /**
     * Returns the sizes and options of the model.
     *
     * @return the configuration; its head is not tied if the weights have another one than the
     *     embedding
     */
    public MambaConfig config() {
        return sizes;
    }

    /**
     * Returns the dialect of the configuration.
     *
     * @return the dialect
     */
    public Dialect dialect() {
        return config.dialect();
    }

    /**
     * Returns the configuration as it is in the file.
     *
     * @return {@code config.json}
     */
    public ConfigFile file() {
        return config.file();
    }

    /**
     * Tells whether the model has a classification head in place of the head of a language model.
     *
     * @return whether it is a classifier
     */
    public boolean isClassifier() {
        return isClassifier;
    }

    /**
     * Returns the names of the classes of a classifier.
     *
     * @return the names, by the index of their logit; LABEL_0, LABEL_1, … if they have no names
     * @throws MalformedModelException if the model is not a classifier, or its names make no sense
     */
    public List<String> labels() throws MalformedModelException {
        config.requireClassifier();
        return ClassifierHead.labels(config.file());
    }

    /**
     * Returns the types in which numbers are stored.
     *
     * @return the types in the words of the safetensors format, such as BF16
     */
    public Set<String> storedTypes() {
        return source.tensors().values().stream()
                .map(TensorInfo::dtype)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Loads the model, whichever it is, as {@link #loadLanguageModel} or {@link #loadClassifier}
     * does.
     *
     * @param manager the manager that owns the parameters; it decides engine and device
     * @param type the type of all parameters
     * @return the language model or classifier
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder does not hold the complete model
     * @throws IllegalArgumentException if the engine cannot compute in the type
     */
    public SequenceBlock load(NDManager manager, DataType type)
            throws IOException, MalformedModelException {
        return isClassifier ? loadClassifier(manager, type) : loadLanguageModel(manager, type);
    }

    /**
     * Loads a language model for inference: frozen, and returning its state.
     *
     * @param manager the manager that owns the parameters; it decides engine and device
     * @param type the type of all parameters, whatever that of the file is: FLOAT32, FLOAT64, or
     *     FLOAT16 with PyTorch on a GPU
     * @return the model
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder does not hold a complete language model; the
     *     message lists all tensors that are missing, left over, or of another shape or type
     * @throws IllegalArgumentException if the engine cannot compute in the type
     */
    public MambaLanguageModel loadLanguageModel(NDManager manager, DataType type)
            throws IOException, MalformedModelException {
        LoadTypes.check(type, manager);
        if (isClassifier) {
            throw config.file().malformed("the model is a classifier, not a language model");
        }
        MambaLanguageModel model = build(() -> new MambaLanguageModel(sizes, true));
        // before they exist: an engine may reserve memory for gradients
        model.freezeParameters(true);
        new ModelFiller(
                        model,
                        new Shape(1, 1),
                        ParameterNames.of(model, Dialect.TRANSFORMERS, config.codec()),
                        names)
                .fill(manager, type);
        return model;
    }

    /**
     * Loads a classifier for inference, frozen.
     *
     * @param manager the manager that owns the parameters; it decides engine and device
     * @param type the type of all parameters, as for {@link #loadLanguageModel}
     * @return the classifier
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder does not hold a complete classifier; the
     *     message lists all tensors that are missing, left over, or of another shape or type
     * @throws IllegalArgumentException if the engine cannot compute in the type
     */
    public MambaClassifier loadClassifier(NDManager manager, DataType type)
            throws IOException, MalformedModelException {
        LoadTypes.check(type, manager);
        config.requireClassifier();
        ConfigFile file = config.file();
        MambaClassifier.Builder builder = ClassifierHead.read(file, config.sizes());
        MambaClassifier model = build(builder::build);
        model.freezeParameters(true);
        new ModelFiller(
                        model,
                        ClassifierHead.inputShape(file),
                        ParameterNames.of(model, config.codec()),
                        names)
                .fill(manager, type);
        return model;
    }

    /** Builds a model, or reports what in the configuration forbids it. */
    private <T> T build(Supplier<T> builder) throws MalformedModelException {
        try {
            return builder.get();
        } catch (IllegalArgumentException e) {
            throw config.file().malformed(e.getMessage());
        }
    }

    /**
     * Closes the files; loaded models are not affected.
     *
     * @throws IOException if closing fails
     */
    @Override
    public void close() throws IOException {
        source.close();
    }
}

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
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.zoo.checkpoint.CheckpointFolder.Content;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsWriter;
import ai.djl.mamba.zoo.internal.tensors.TemporarySibling;
import ai.djl.mamba.zoo.internal.tensors.TensorFiles;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import ai.djl.mamba.zoo.internal.tensors.TorchWriter;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Saves and loads language models, as folders with a configuration and weights, in the dialects of
 * the transformers library and of {@code state-spaces/mamba}.
 *
 * <p>Weights may be one file or shards, safetensors or PyTorch's, in float32, float16, bfloat16 or
 * float64; {@link TensorFiles} finds them. Which dialect the configuration has does not matter to
 * the weights: their names are recognized by themselves. Those of a bare {@code MambaModel}, saved
 * without head, load if the head is tied.
 */
public final class MambaCheckpoint {

    static final String SAFETENSORS = "model.safetensors";
    private static final String TORCH = "pytorch_model.bin";

    /** How the names of classes end that transformers has for language models. */
    private static final String ARCHITECTURE = "ForCausalLM";

    private static final List<String> ENGINE_SUFFIXES = List.of(".pt", ".onnx", ".params");

    /** How the names of files end with which DJL's engines load weights that are not ours. */
    private static final List<String> SERVING_SUFFIXES = List.of(".py", "serving.properties");

    private MambaCheckpoint() {}

    /**
     * Tells what the library that a dialect comes from does not have: it would load the files of
     * such a model and compute something else, while this library loads them as they are.
     *
     * @param config the sizes and options of a model
     * @param dialect the dialect
     * @return what the model has, such as "a norm before the gate"; empty if the library computes
     *     the model
     * @throws IllegalArgumentException if no checkpoint of the dialect can describe the model
     */
    public static Optional<String> foreign(MambaConfig config, Dialect dialect) {
        if (dialect == Dialect.TRANSFORMERS && !config.norm().rms()) {
            return Optional.of("LayerNorm");
        }
        return Codecs.requireWriting(config, dialect).foreign(config, dialect);
    }

    /**
     * Saves a model in the dialect of transformers.
     *
     * @param model an initialized model
     * @param folder the folder, made if it does not exist; files in it that are no weights stay
     * @throws IOException if the folder cannot be written
     * @throws IllegalArgumentException if the model has adapters, see {@link LoraCheckpoint}
     */
    public static void save(MambaLanguageModel model, Path folder) throws IOException {
        save(model, folder, Dialect.TRANSFORMERS);
    }

    /**
     * Saves a model: {@code config.json} and {@code model.safetensors}, and in the original dialect
     * the same weights as {@code pytorch_model.bin} as well, since its reference implementation
     * opens nothing else; either file may be deleted.
     *
     * <p>The files are written under other names and moved into place at the end: an interrupted
     * save leaves the folder without a model, or with the one that it had. Weights that the folder
     * had in any form are deleted.
     *
     * @param model an initialized model
     * @param folder the folder, made if it does not exist; files in it that are no weights stay
     * @param dialect the dialect
     * @throws IOException if the folder cannot be written
     * @throws IllegalArgumentException if the model has adapters, see {@link LoraCheckpoint}
     */
    public static void save(MambaLanguageModel model, Path folder, Dialect dialect)
            throws IOException {
        save(model, folder, dialect, model.dataType());
    }

    /**
     * Saves a model as {@link #save(MambaLanguageModel, Path, Dialect)} does it, its numbers in a
     * given type.
     *
     * @param model an initialized model
     * @param folder the folder, made if it does not exist; files in it that are no weights stay
     * @param dialect the dialect
     * @param type the type in the files; FLOAT16 halves them
     * @throws IOException if the folder cannot be written
     * @throws IllegalArgumentException if the model has adapters, see {@link LoraCheckpoint}, or a
     *     number is beyond the range of the type, or the dialect's files cannot have it
     */
    public static void save(MambaLanguageModel model, Path folder, Dialect dialect, DataType type)
            throws IOException {
        AdapterNames.requireNone(model);
        MambaConfig config = model.getConfig();
        CheckpointCodec codec = Codecs.requireWriting(config, dialect);
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        ParameterNames.of(model, dialect, codec)
                .forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
        Map<String, CheckpointFolder.Writer> weights = new LinkedHashMap<>();
        weights.put(SAFETENSORS, file -> SafetensorsWriter.write(file, arrays, type));
        if (dialect == Dialect.ORIGINAL) {
            if (type != model.dataType()) {
                throw new IllegalArgumentException(
                        String.format(
                                "The original dialect is saved in the model's type, %s, not %s",
                                model.dataType(), type));
            }
            // the reference wants the head also where it is tied; its file has it once
            arrays.putIfAbsent(ParameterNames.HEAD, model.getEmbedding().getArray());
            weights.put(TORCH, file -> TorchWriter.write(file, arrays));
        }
        JsonObject json =
                codec.write(config, new CheckpointCodec.Form(dialect, ARCHITECTURE, type));
        CheckpointFolder.save(Content.MODEL, folder, json, weights);
    }

    /**
     * Checks that {@link #save} can write to a folder, for a caller about to start long work.
     *
     * @param folder the folder, which need not exist
     * @throws IOException if nothing can be written there; the message says why
     */
    public static void checkWritable(Path folder) throws IOException {
        Path existing = folder.toAbsolutePath().normalize();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isDirectory(existing)) {
            throw new FileSystemException(folder.toString(), null, existing + " is not a folder");
        }
        Path probe = TemporarySibling.of(existing.resolve("probe"));
        try {
            Files.createFile(probe);
        } catch (IOException e) {
            throw new IOException(folder + ": cannot write to " + existing, e);
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /**
     * Tells whether a folder looks like a checkpoint of a Mamba model, without reading weights.
     *
     * @param folder the folder, which need not exist
     * @return whether there are weights and a {@code config.json} of either dialect
     */
    public static boolean isCheckpoint(Path folder) {
        if (TensorFiles.find(folder).isEmpty()) {
            return false;
        }
        try {
            dialect(folder);
            return true;
        } catch (IOException | MalformedModelException e) {
            return false; // loading it reports why
        }
    }

    /**
     * Tells whether a folder is one to load, or to refuse by name: that of a Mamba model, complete
     * or not, or of a relative such as FalconMamba or a hybrid. Without weights that can be loaded,
     * or of a relative, it must not hold a model in a format of DJL's engines.
     *
     * @param folder the folder, which need not exist
     * @return whether it {@linkplain #isCheckpoint looks like a checkpoint}, its configuration
     *     looks like that of a relative, or only the configuration of a model is missing
     */
    public static boolean isRelated(Path folder) {
        try {
            if (FolderContent.lacksConfig(folder)) {
                return !has(folder, ENGINE_SUFFIXES) && !has(folder, SERVING_SUFFIXES);
            }
            ConfigFile config = ConfigFile.in(folder);
            return (TensorFiles.find(folder).isPresent() && isKnown(config))
                    || (Relatives.isRelated(config) && !has(folder, ENGINE_SUFFIXES));
        } catch (IOException | MalformedModelException e) {
            return false;
        }
    }

    private static boolean isKnown(ConfigFile config) {
        try {
            Dialect.of(config);
            return true;
        } catch (MalformedModelException e) {
            return false; // loading it reports why
        }
    }

    private static boolean has(Path folder, List<String> suffixes) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .anyMatch(name -> suffixes.stream().anyMatch(name::endsWith));
        }
    }

    /**
     * Tells whether a folder looks like a checkpoint that {@link ClassifierCheckpoint} loads.
     *
     * @param folder the folder, which need not exist
     * @return whether it {@linkplain #isCheckpoint looks like a checkpoint} of a classifier
     */
    public static boolean isClassifier(Path folder) {
        try {
            return TensorFiles.find(folder).isPresent()
                    && CheckpointConfig.in(folder).isClassifier();
        } catch (IOException | MalformedModelException e) {
            return false; // loading it reports why
        }
    }

    /**
     * Recognizes the dialect of a checkpoint by its configuration.
     *
     * @param folder the folder of the model
     * @return the dialect
     * @throws IOException if the configuration cannot be read
     * @throws MalformedModelException if it is not that of a Mamba model
     */
    public static Dialect dialect(Path folder) throws IOException, MalformedModelException {
        return Dialect.of(ConfigFile.in(folder));
    }

    /**
     * Loads a model for inference in float32, as {@link #load(Path, NDManager, DataType)} does.
     *
     * @param folder the folder
     * @param manager the manager that owns the parameters; it decides engine and device
     * @return the model
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder holds no complete Mamba model
     */
    public static MambaLanguageModel load(Path folder, NDManager manager)
            throws IOException, MalformedModelException {
        return load(folder, manager, DataType.FLOAT32);
    }

    /**
     * Loads a model for inference: frozen, and returning its state, as a text generator needs it.
     *
     * @param folder the folder
     * @param manager the manager that owns the parameters; it decides engine and device
     * @param type the type of all parameters, whatever that of the file is: FLOAT32, FLOAT64, or
     *     FLOAT16 with PyTorch on a GPU
     * @return the model
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder holds no complete Mamba model, or a classifier
     * @throws IllegalArgumentException if the engine cannot compute in the type
     */
    public static MambaLanguageModel load(Path folder, NDManager manager, DataType type)
            throws IOException, MalformedModelException {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.loadLanguageModel(manager, type);
        }
    }

    /**
     * Reads the configuration of a model, and checks that the weights beside it have about as many
     * layers, so that a model may be built from it.
     *
     * @param folder the folder of the model
     * @return the sizes and options
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if it is not the configuration of a Mamba model
     */
    public static MambaConfig readConfig(Path folder) throws IOException, MalformedModelException {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.config();
        }
    }

    /**
     * Checks that a folder holds a model that can be loaded, as far as possible without opening the
     * weights.
     *
     * @param folder the folder of the model
     * @throws IOException if a file is missing or cannot be read
     * @throws MalformedModelException if the configuration is not that of a model that can be
     *     loaded
     */
    public static void check(Path folder) throws IOException, MalformedModelException {
        CheckpointConfig.in(folder);
        TensorFiles.require(folder);
    }

    /**
     * Fills a model from a folder; it is initialized by that.
     *
     * @param model a model that is not initialized, of the configuration of the folder
     * @param folder the folder
     * @param manager the manager that owns the parameters
     * @param type FLOAT32, FLOAT64, or FLOAT16 with PyTorch on a GPU
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if tensors are missing, left over, or of another shape or
     *     type; the message lists all of them
     * @throws IllegalArgumentException if the engine cannot compute in the type
     * @throws IllegalStateException if the model is initialized
     */
    public static void fill(MambaLanguageModel model, Path folder, NDManager manager, DataType type)
            throws IOException, MalformedModelException {
        LoadTypes.check(type, manager);
        try (TensorSource source = CheckpointFolder.open(folder)) {
            new ModelFiller(model, new Shape(1, 1), names(model), new TensorNames(source))
                    .fill(manager, type);
        }
    }

    private static Map<String, Parameter> names(MambaLanguageModel model) {
        Dialect dialect = Dialect.TRANSFORMERS;
        CheckpointCodec codec = Codecs.writing(model.getConfig(), dialect).orElse(null);
        return ParameterNames.of(model, dialect, codec);
    }
}

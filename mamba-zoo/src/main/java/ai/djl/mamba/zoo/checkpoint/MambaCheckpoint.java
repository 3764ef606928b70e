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
import ai.djl.mamba.zoo.tensors.SafetensorsReader;
import ai.djl.mamba.zoo.tensors.SafetensorsWriter;
import ai.djl.mamba.zoo.tensors.TemporarySibling;
import ai.djl.mamba.zoo.tensors.TensorSource;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Saves and loads language models as folders in the dialect of the transformers library: {@code
 * config.json} and {@code model.safetensors}. Transformers opens what is saved here, and the other
 * way round.
 */
public final class MambaCheckpoint {

    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.safetensors";

    /** A layer takes more bytes than this, if only for the names of its tensors. */
    private static final long SMALLEST_LAYER = 256;

    private MambaCheckpoint() {}

    /**
     * Saves a model.
     *
     * <p>The files are written under other names and moved into place at the end: an interrupted
     * save leaves the folder without a model or with the one it had.
     *
     * @param model an initialized model
     * @param folder the folder, made if it does not exist; other files in it stay
     * @throws IOException if the folder cannot be written
     */
    public static void save(MambaLanguageModel model, Path folder) throws IOException {
        Path parent = folder.toAbsolutePath().normalize().getParent();
        Path temporary = Files.isDirectory(folder) ? null : TemporarySibling.of(folder);
        try {
            if (temporary == null) {
                replaceFiles(model, folder);
            } else {
                Files.createDirectories(parent);
                Files.createDirectory(temporary);
                SafetensorsWriter.write(temporary.resolve(WEIGHTS), arrays(model));
                TransformersConfig.write(model.getConfig(), temporary.resolve(CONFIG));
                Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            if (temporary != null) {
                deleteFolder(temporary);
            }
        }
    }

    /** Without its configuration a folder holds no model, so that goes first and comes last. */
    private static void replaceFiles(MambaLanguageModel model, Path folder) throws IOException {
        Path config = TemporarySibling.of(folder.resolve(CONFIG));
        Path weights = TemporarySibling.of(folder.resolve(WEIGHTS));
        try {
            SafetensorsWriter.write(weights, arrays(model));
            TransformersConfig.write(model.getConfig(), config);
            Files.deleteIfExists(folder.resolve(CONFIG));
            Files.move(weights, folder.resolve(WEIGHTS), StandardCopyOption.REPLACE_EXISTING);
            Files.move(config, folder.resolve(CONFIG), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(config);
            Files.deleteIfExists(weights);
        }
    }

    private static Map<String, NDArray> arrays(MambaLanguageModel model) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        TransformersNames.of(model)
                .forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
        return arrays;
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
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
     * Loads a model for inference: frozen, float32, and returning its state, as {@link
     * ai.djl.mamba.zoo.text.TextGenerator} needs it.
     *
     * @param folder the folder
     * @param manager the manager that owns the parameters; it decides engine and device
     * @return the model
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder holds no complete Mamba-1 model
     */
    public static MambaLanguageModel load(Path folder, NDManager manager)
            throws IOException, MalformedModelException {
        MambaConfig config = readConfig(folder);
        MambaLanguageModel model;
        try {
            model = new MambaLanguageModel(config, true);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(folder.resolve(CONFIG) + ": " + e.getMessage(), e);
        }
        fill(model, folder, manager, DataType.FLOAT32);
        model.freezeParameters(true);
        return model;
    }

    /**
     * Reads the configuration of a model.
     *
     * @param folder the folder of the model
     * @return the sizes and options
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is not the configuration of a Mamba-1 model
     */
    public static MambaConfig readConfig(Path folder) throws IOException, MalformedModelException {
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString(), null, "there is no such folder");
        }
        for (String name : List.of(CONFIG, WEIGHTS)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new NoSuchFileException(
                        folder.toString(), null, "there is no " + name + " in the folder");
            }
        }
        MambaConfig config = TransformersConfig.read(folder.resolve(CONFIG));
        if (config.numLayers() > Files.size(folder.resolve(WEIGHTS)) / SMALLEST_LAYER) {
            throw new MalformedModelException(
                    folder
                            + ": "
                            + WEIGHTS
                            + " is too small for "
                            + config.numLayers()
                            + " layers");
        }
        return config;
    }

    /**
     * Fills a model from a folder; it is initialized by that.
     *
     * @param model a model that is not initialized, of the configuration of the folder
     * @param folder the folder
     * @param manager the manager that owns the parameters
     * @param type FLOAT32 or FLOAT64
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if tensors are missing, left over or of another shape; the
     *     message lists all of them
     */
    public static void fill(MambaLanguageModel model, Path folder, NDManager manager, DataType type)
            throws IOException, MalformedModelException {
        try (TensorSource source = new SafetensorsReader(folder.resolve(WEIGHTS))) {
            new ModelFiller(model, source, type).fill(manager);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}

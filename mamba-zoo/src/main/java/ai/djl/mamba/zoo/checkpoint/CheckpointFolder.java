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

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.internal.FileErrors;
import ai.djl.mamba.internal.Malformed;
import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.mamba.zoo.internal.tensors.TemporarySibling;
import ai.djl.mamba.zoo.internal.tensors.TensorFiles;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The files of a checkpoint: a configuration and weights. */
final class CheckpointFolder {

    /** What is in a folder. */
    enum Content {
        /** A model. */
        MODEL(ConfigFile.NAME, ModelFiles.WEIGHTS),
        /** Adapters of a model. */
        ADAPTER(AdapterConfig.NAME, ModelFiles.ADAPTER_WEIGHTS);

        private final String config;

        private final Pattern weights;

        Content(String config, Pattern weights) {
            this.config = config;
            this.weights = weights;
        }
    }

    private CheckpointFolder() {}

    /** Writes weights to a file. */
    interface Writer {
        void write(Path file) throws IOException;
    }

    /**
     * Saves a model or adapters: the files are written under other names and moved into place at
     * the end, so that an interrupted save leaves the folder without a model, or with the one that
     * it had. A link in the place of a file is replaced, and not followed; one in the place of the
     * folder is refused.
     *
     * @param content what is saved
     * @param folder the folder, made if it does not exist; files that are no weights stay
     * @param config the configuration
     * @param weights the writers of the files with the weights, by the names of the files
     */
    static void save(Content content, Path folder, JsonObject config, Map<String, Writer> weights)
            throws IOException {
        String text = new GsonBuilder().setPrettyPrinting().create().toJson(config) + "\n";
        PlainFiles.requireFolder(folder);
        if (PlainFiles.exists(folder)) {
            replaceFiles(content, folder, text, weights);
            return;
        }
        Files.createDirectories(folder.toAbsolutePath().normalize().getParent());
        Path temporary = TemporarySibling.of(folder);
        try {
            Files.createDirectory(temporary);
            for (Map.Entry<String, Writer> file : weights.entrySet()) {
                file.getValue().write(temporary.resolve(file.getKey()));
            }
            FileErrors.write(temporary.resolve(content.config), text.getBytes(UTF_8));
            Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FileErrors.naming(folder, temporary, e);
        } finally {
            deleteFolder(temporary);
        }
    }

    /** A folder without a configuration holds no model: it is deleted first and written last. */
    private static void replaceFiles(
            Content content, Path folder, String config, Map<String, Writer> weights)
            throws IOException {
        Map<Path, Path> moves = new LinkedHashMap<>();
        for (String name : weights.keySet()) {
            moves.put(TemporarySibling.of(folder.resolve(name)), folder.resolve(name));
        }
        Path configFile = folder.resolve(content.config);
        Path newConfig = TemporarySibling.of(configFile);
        List<Path> olds = new ArrayList<>(List.of(configFile));
        for (Path file : PlainFiles.list(folder)) {
            if (content.weights.matcher(file.getFileName().toString()).matches()) {
                olds.add(file);
            }
        }
        ModelFiles.requireReplaceable(folder);
        try {
            for (Map.Entry<Path, Path> move : moves.entrySet()) {
                write(weights.get(move.getValue().getFileName().toString()), move);
            }
            write(
                    file -> FileErrors.write(file, config.getBytes(UTF_8)),
                    Map.entry(newConfig, configFile));
            for (Path old : olds) {
                Files.deleteIfExists(old);
            }
            moves.put(newConfig, configFile);
            for (Map.Entry<Path, Path> move : moves.entrySet()) {
                Files.move(move.getKey(), move.getValue(), StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            Files.deleteIfExists(newConfig);
            for (Path left : moves.keySet()) {
                Files.deleteIfExists(left);
            }
        }
    }

    private static void write(Writer weights, Map.Entry<Path, Path> move) throws IOException {
        try {
            weights.write(move.getKey());
        } catch (IOException e) {
            throw FileErrors.naming(move.getValue(), move.getKey(), e);
        }
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            for (Path file : PlainFiles.list(folder)) {
                Files.delete(file);
            }
            Files.delete(folder);
        }
    }

    /** Opens the weights of a model. An index may list a tied weight twice that is stored once. */
    static TensorSource open(Path folder) throws IOException, MalformedModelException {
        return TensorFiles.open(TensorFiles.require(folder), ParameterNames.TIED);
    }

    /**
     * Opens the weights of a model.
     *
     * @throws MalformedModelException if they contradict themselves, or are too few for the layers
     *     of the configuration: a model of so many must not even be built
     */
    static TensorSource open(Path folder, MambaConfig config)
            throws IOException, MalformedModelException {
        TensorSource source = open(folder);
        int tensors = source.tensors().size();
        if (config.numLayers() <= tensors) {
            return source;
        }
        try (source) {
            throw Malformed.of(
                    String.format(
                            "%s has %d tensors, too few for the %d layers of %s",
                            source.path(), tensors, config.numLayers(), ConfigFile.NAME));
        }
    }
}

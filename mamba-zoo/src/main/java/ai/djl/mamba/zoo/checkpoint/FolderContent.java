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
import ai.djl.mamba.training.CheckpointStore;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.mamba.zoo.internal.tensors.TensorFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Says what a folder holds in place of a file that should be there. */
final class FolderContent {

    /** The description of a training run, which this project writes. */
    private static final String RUN = "run.json";

    private static final int MAX_NAMED = 8;

    private FolderContent() {}

    /**
     * Explains why a file cannot be read.
     *
     * @param name the name of the file, which does not exist
     * @param folder the folder
     * @return what is missing, and what is there
     * @throws IOException if the folder cannot be read
     */
    static String whyNo(String name, Path folder) throws IOException {
        if (Files.isRegularFile(folder)) {
            return "is a file, expected a folder with " + name;
        }
        if (!Files.isDirectory(folder)) {
            return "there is no such folder";
        }
        String content = files(folder);
        if (name.equals(ConfigFile.NAME)) {
            content = other(folder).orElse(content);
        }
        return "there is no " + name + " in the folder, which " + content;
    }

    /** Whether a folder holds weights, an adapter or a training run, but no configuration. */
    static boolean lacksConfig(Path folder) throws IOException {
        return Files.isDirectory(folder)
                && !Files.exists(folder.resolve(ConfigFile.NAME))
                && other(folder).isPresent();
    }

    /** What the folder is if not that of a model. */
    private static Optional<String> other(Path folder) throws IOException {
        String what = null;
        if (Files.isRegularFile(folder.resolve(AdapterConfig.NAME))) {
            what =
                    String.format(
                            "holds an adapter: load %s, and name this folder as the adapter",
                            baseOf(folder));
        } else if (Files.isRegularFile(folder.resolve(RUN))) {
            what =
                    "is a checkpoint of a training run: its model is saved when the run has finished";
        } else if (CheckpointStore.isUnfinished(folder.resolve(ModelFiles.CHECKPOINTS))) {
            what = "holds an unfinished training run: its model is saved when the run has finished";
        } else if (TensorFiles.find(folder).isPresent()) {
            what = files(folder) + ": weights need the config.json that they were saved with";
        }
        return Optional.ofNullable(what);
    }

    private static String baseOf(Path folder) {
        try {
            String base =
                    ConfigFile.in(folder, AdapterConfig.NAME).text("base_model_name_or_path", null);
            return base == null ? "its model" : "its model, \"" + base + "\"";
        } catch (IOException | MalformedModelException e) {
            return "its model"; // loading the adapter reports why
        }
    }

    private static String files(Path folder) throws IOException {
        List<String> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.map(file -> file.getFileName().toString()).sorted().toList();
        }
        if (names.isEmpty()) {
            return "is empty";
        }
        String shown = String.join(", ", names.subList(0, Math.min(MAX_NAMED, names.size())));
        int more = names.size() - MAX_NAMED;
        return "holds " + shown + (more > 0 ? " and " + more + " more" : "");
    }
}

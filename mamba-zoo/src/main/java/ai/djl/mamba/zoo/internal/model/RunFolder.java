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
package ai.djl.mamba.zoo.internal.model;

import ai.djl.mamba.training.CheckpointStore;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a training run: its model is in the folder itself when the run has finished, and
 * beside its checkpoint if it was stopped.
 */
public final class RunFolder {

    private static final Logger LOGGER = LoggerFactory.getLogger(RunFolder.class);

    /** The folder of the adapters that were trained. */
    public static final String ADAPTER = "adapter";

    private static final String MODEL = "model";

    private RunFolder() {}

    /**
     * Returns where a run that is stopped saves its model.
     *
     * @param checkpoint the folder of its last checkpoint
     * @return the folder of the model
     */
    public static Path model(Path checkpoint) {
        return checkpoint.resolve(MODEL);
    }

    /**
     * Returns where the newest model of a folder is.
     *
     * @param folder a folder with a model, or that of a run
     * @return the folder itself, unless it is that of a run which was stopped before it had a model
     * @throws IOException if the run of the folder was killed before it saved a model
     */
    public static Path newestModel(Path folder) throws IOException {
        return newest(folder, ModelFiles.CONFIG).orElse(folder);
    }

    /**
     * Returns where the newest adapters of a folder are.
     *
     * @param folder a folder with adapters, or where a run saves them when it has finished, or the
     *     folder of the run
     * @return the folder of the adapters
     * @throws IOException if the run was killed before it saved adapters
     */
    public static Path newestAdapter(Path folder) throws IOException {
        if (hasAdaptersBelow(folder)) {
            return newestAdapter(folder.resolve(ADAPTER));
        }
        Path run = folder.toAbsolutePath().normalize().getParent();
        boolean isOfRun = folder.endsWith(ADAPTER) && !Files.exists(folder) && run != null;
        return isOfRun
                ? newest(run, ADAPTER).map(model -> model.resolve(ADAPTER)).orElse(folder)
                : folder;
    }

    /** Whether a folder is that of a run rather than of adapters. */
    private static boolean hasAdaptersBelow(Path folder) {
        return !Files.exists(folder.resolve(ModelFiles.ADAPTER_CONFIG))
                && (Files.isDirectory(folder.resolve(ADAPTER))
                        || Files.isDirectory(folder.resolve(ModelFiles.CHECKPOINTS)));
    }

    /** Where a stopped run has left a result that its folder lacks; empty if the folder is none. */
    private static Optional<Path> newest(Path folder, String result) throws IOException {
        if (Files.exists(folder.resolve(result))) {
            return Optional.empty();
        }
        Optional<Path> checkpoint = CheckpointStore.newest(folder.resolve(ModelFiles.CHECKPOINTS));
        if (checkpoint.isEmpty()) {
            return Optional.empty();
        }
        Path model = model(checkpoint.get());
        if (Files.exists(model.resolve(result))) {
            LOGGER.info("{}: the run was stopped: reading {}", folder, model);
            return Optional.of(model);
        }
        throw new IOException(folder + ": " + whyNo(folder, model, result));
    }

    private static String whyNo(Path folder, Path model, String result) {
        boolean hasAdapter =
                Files.exists(folder.resolve(ADAPTER)) || Files.exists(model.resolve(ADAPTER));
        if (hasAdapter) {
            return "the run there trains adapters: load the model that they belong to, and name"
                    + " this folder as the adapter";
        }
        return Files.exists(model) || Files.exists(folder.resolve(ModelFiles.CONFIG))
                ? "the run there did not train adapters"
                : "there is no "
                        + result
                        + " in the folder, which holds an unfinished training run that was killed"
                        + " before it saved a model: resume it";
    }
}

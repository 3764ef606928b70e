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
package ai.djl.mamba.training;

import ai.djl.mamba.internal.PlainFiles;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names in the folder of a {@link CheckpointStore}, and how checkpoints are deleted: only what
 * a run makes there, by its names, and never through a link.
 */
final class StoreFolder {

    private static final Logger LOGGER = LoggerFactory.getLogger(StoreFolder.class);

    /** Names the current checkpoint. */
    static final String LATEST = "latest";

    /** What {@link #LATEST} is written to first. */
    static final String NEW_LATEST = ".latest";

    /** Is locked while the store is open. */
    static final String LOCK = "lock";

    /** How the metrics of a run begin that has no checkpoint yet. */
    static final String METRICS = "metrics";

    private static final Set<String> FILES = Set.of(LATEST, NEW_LATEST, LOCK, METRICS);

    /** A checkpoint, or one that is not complete yet. */
    private static final Pattern STEP = Pattern.compile("\\.?step-\\d{9,18}");

    private static final Pattern STEP_FILE = Pattern.compile("run\\.json|\\w+\\.bin");

    /** The model that a stopped run saves beside its arrays, or one that is not complete yet. */
    private static final Pattern MODEL = ofModel("model");

    /** Adapters in the folder of a model. */
    private static final Pattern ADAPTER = ofModel("adapter");

    /** The files of models, adapters and tokenizers. */
    private static final Pattern MODEL_FILE =
            ofModel(
                    "(generation_|adapter_|tokenizer_)?config\\.json|tokenizer\\.json"
                            + "|special_tokens_map\\.json|alphabet\\.json"
                            + "|((pytorch_|adapter_)?model)(-\\d+-of-\\d+)?"
                            + "\\.(safetensors|bin)(\\.index\\.json)?");

    private StoreFolder() {}

    /** A name, or that which is written first and then renamed to it. */
    private static Pattern ofModel(String name) {
        return Pattern.compile("(" + name + ")|\\.(" + name + ")\\.[0-9a-f-]{36}");
    }

    /**
     * Checks that a folder is empty or does not exist, or is that of a run: it has no other names
     * than a run makes, or says which checkpoint is current.
     */
    static void requireOwn(Path folder) throws IOException {
        PlainFiles.requireFolder(folder);
        if (!PlainFiles.exists(folder) || PlainFiles.exists(folder.resolve(LATEST))) {
            return;
        }
        for (Path entry : PlainFiles.list(folder)) {
            String name = entry.getFileName().toString();
            if (!FILES.contains(name) && !STEP.matcher(name).matches()) {
                throw new FileSystemException(
                        folder.toString(),
                        null,
                        "neither empty nor a folder of checkpoints: it has " + name);
            }
        }
    }

    /** Deletes all checkpoints but one, and what was not completed; all else stays. */
    static void deleteAllBut(Path folder, String name) throws IOException {
        for (Path entry : PlainFiles.list(folder)) {
            String found = entry.getFileName().toString();
            if (STEP.matcher(found).matches() && !found.equals(name)) {
                delete(entry);
            } else if (isPassing(found) && PlainFiles.isFile(entry)) {
                Files.delete(entry);
            }
        }
    }

    /** Whether a file is there only until the next checkpoint. */
    private static boolean isPassing(String name) {
        return name.equals(NEW_LATEST) || name.equals(METRICS);
    }

    /** Deletes links in the place of files, and not what they lead to. */
    static void deleteLinks(Path folder, String... names) throws IOException {
        for (String name : names) {
            if (Files.isSymbolicLink(folder.resolve(name))) {
                Files.delete(folder.resolve(name));
            }
        }
    }

    /** Deletes the folder of a run that has no checkpoint, unless something else is in it. */
    static void deleteUnused(Path folder) throws IOException {
        List<Path> made = List.of(folder.resolve(LOCK), folder.resolve(METRICS));
        List<Path> found = PlainFiles.isFolder(folder) ? PlainFiles.list(folder) : List.of();
        if (!found.isEmpty() && made.containsAll(found)) {
            for (Path file : found) {
                Files.delete(file);
            }
            Files.delete(folder);
        }
    }

    /** Deletes a checkpoint; what a run does not make stays, and so does the folder then. */
    private static void delete(Path step) throws IOException {
        if (PlainFiles.isFolder(step)) {
            for (Path entry : PlainFiles.list(step)) {
                String name = entry.getFileName().toString();
                if (STEP_FILE.matcher(name).matches() && PlainFiles.isFile(entry)) {
                    Files.delete(entry);
                } else if (MODEL.matcher(name).matches() && PlainFiles.isFolder(entry)) {
                    deleteModel(entry);
                }
            }
            if (deletesIfEmpty(step)) {
                return;
            }
        }
        LOGGER.warn("{} stays: it is not, or not only, what a run has saved", step);
    }

    /** Deletes the files of a model; a link in their place is deleted, and not what it leads to. */
    private static void deleteModel(Path folder) throws IOException {
        for (Path entry : PlainFiles.list(folder)) {
            String name = entry.getFileName().toString();
            boolean isFile = PlainFiles.isFile(entry) || Files.isSymbolicLink(entry);
            if (MODEL_FILE.matcher(name).matches() && isFile) {
                Files.delete(entry);
            } else if (ADAPTER.matcher(name).matches() && PlainFiles.isFolder(entry)) {
                deleteModel(entry);
            }
        }
        deletesIfEmpty(folder);
    }

    /** Deletes a folder if it is empty; returns whether it was. */
    private static boolean deletesIfEmpty(Path folder) throws IOException {
        try {
            Files.delete(folder);
            return true;
        } catch (DirectoryNotEmptyException e) {
            LOGGER.debug("{} is not empty", folder, e);
            return false;
        }
    }

    /** Deletes what was left of a checkpoint, so that another can be made in its place. */
    static void makeRoom(Path step) throws IOException {
        if (PlainFiles.exists(step)) {
            delete(step);
            if (PlainFiles.exists(step)) {
                throw new FileSystemException(
                        step.toString(),
                        null,
                        "in the way of a checkpoint, and not, or not only, what a run has saved");
            }
        }
    }
}

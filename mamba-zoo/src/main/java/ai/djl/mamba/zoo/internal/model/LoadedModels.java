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

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.zoo.checkpoint.Checkpoint;
import ai.djl.mamba.zoo.checkpoint.ClassifierCheckpoint;
import ai.djl.mamba.zoo.checkpoint.ConfigFile;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.nn.Block;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * What the checkpoints of loaded models hold beside the parameters, so that translators and
 * tokenizers do not read {@code config.json} again. DJL has no place for it: a block factory
 * returns a block only.
 */
public final class LoadedModels {

    private static final Map<Block, Facts> FACTS = Collections.synchronizedMap(new WeakHashMap<>());

    /** Blocks that DJL's loader is loading: whoever asked for them does not have them yet. */
    private static final Set<Block> LOADING =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** The content of a checkpoint; a language model has no labels. */
    private record Facts(ConfigFile config, List<String> labels) {}

    private LoadedModels() {}

    /**
     * Remembers the checkpoint from which a block was loaded.
     *
     * @param block the block
     * @param checkpoint the checkpoint
     * @throws MalformedModelException if the names of the classes make no sense
     */
    public static void put(Block block, Checkpoint checkpoint) throws MalformedModelException {
        List<String> labels = checkpoint.isClassifier() ? checkpoint.labels() : List.of();
        FACTS.put(block, new Facts(checkpoint.file(), labels));
    }

    /**
     * Notes that DJL's loader is about to get a block, and makes its translator next.
     *
     * @param block the block
     */
    public static void startLoading(Block block) {
        LOADING.add(block);
    }

    /**
     * Tells whether DJL's loader is loading a model, of which the user knows nothing yet; only once
     * for each load.
     *
     * @param model the model
     * @return whether nobody but the caller can close it
     */
    public static boolean endLoading(Model model) {
        return LOADING.remove(model.getBlock()) && !(model instanceof ZooModel);
    }

    /**
     * Returns the configuration of a model.
     *
     * @param model the model
     * @return {@code config.json}, or null if the zoo has not loaded the model and it has none
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is not a JSON object
     */
    public static ConfigFile config(Model model) throws IOException, MalformedModelException {
        Facts facts = FACTS.get(model.getBlock());
        if (facts != null) {
            return facts.config();
        }
        Path file = model.getModelPath().resolve(ModelFiles.CONFIG);
        return Files.exists(file) ? ConfigFile.read(file) : null;
    }

    /**
     * Returns the names of the classes of a classifier.
     *
     * @param model the model
     * @return the names, by the index of their logit
     * @throws IOException if the configuration cannot be read
     * @throws MalformedModelException if it is not that of a classifier
     */
    public static List<String> labels(Model model) throws IOException, MalformedModelException {
        Facts facts = FACTS.get(model.getBlock());
        return facts != null ? facts.labels() : ClassifierCheckpoint.labels(model.getModelPath());
    }
}

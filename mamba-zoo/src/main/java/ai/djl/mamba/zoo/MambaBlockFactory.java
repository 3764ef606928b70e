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

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.EngineChecks;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.zoo.checkpoint.Checkpoint;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.internal.model.LoadedModels;
import ai.djl.mamba.zoo.internal.model.RunFolder;
import ai.djl.mamba.zoo.internal.model.TextArguments;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.translate.ArgumentsUtil;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * Builds and fills the block of a checkpoint for DJL's loader: a {@code MambaLanguageModel} that
 * returns its state, or a {@code MambaClassifier}, frozen.
 *
 * <p>The argument {@code dtype} chooses the type of the parameters: {@code float32} (default),
 * {@code float64}, or {@code float16} on a GPU; {@link MambaModels#ADAPTER} names a folder with
 * adapters to add, and {@link MambaModels#MERGE_ADAPTER} tells whether to merge them.
 */
public final class MambaBlockFactory implements BlockFactory {

    private static final long serialVersionUID = 1L;
    static final String TYPE = "dtype";
    private static final String NAME = "MambaBlockFactory";

    /** Creates the factory. */
    public MambaBlockFactory() {}

    /**
     * {@inheritDoc}
     *
     * @return the block, or {@code null} for an engine that loads the folder in its own way
     * @throws IOException if a file cannot be read, or with a {@link MalformedModelException} as
     *     cause if the folder does not hold a complete Mamba model, or that of the adapters does
     *     not hold adapters for it
     */
    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments)
            throws IOException {
        if (!MambaModelZoo.ENGINES.contains(model.getNDManager().getEngine().getEngineName())) {
            return null;
        }
        try {
            NDManager manager = model.getNDManager();
            EngineChecks.requireDevice(NAME, manager.getEngine(), manager.getDevice());
            TextArguments.check(arguments);
            DataType type = dataType(arguments.get(TYPE));
            model.setDataType(type);
            try (Checkpoint checkpoint = Checkpoint.open(modelPath)) {
                Block block = checkpoint.load(manager, type);
                LoadedModels.put(block, checkpoint);
                addAdapter(block, arguments);
                LoadedModels.startLoading(block);
                return block;
            }
        } catch (MalformedModelException e) {
            model.close();
            throw new IOException(e.getMessage(), e); // all that the interface allows
        } catch (IOException | RuntimeException e) {
            model.close(); // DJL's loader would leave it open
            throw e;
        }
    }

    private static void addAdapter(Block block, Map<String, ?> arguments)
            throws IOException, MalformedModelException {
        Object folder = arguments.get(MambaModels.ADAPTER);
        if (folder == null) {
            Checks.require(
                    !arguments.containsKey(MambaModels.MERGE_ADAPTER),
                    NAME,
                    "\"%s\" says what becomes of adapters, but \"%s\" names none",
                    MambaModels.MERGE_ADAPTER,
                    MambaModels.ADAPTER);
            return;
        }
        LoraCheckpoint.load(block, RunFolder.newestAdapter(Path.of(folder.toString())));
        if (ArgumentsUtil.booleanValue(arguments, MambaModels.MERGE_ADAPTER, true)) {
            LoRA.merge(block);
        }
    }

    private static DataType dataType(Object name) {
        String type = name == null ? "float32" : name.toString().toLowerCase(Locale.ROOT);
        return switch (type) {
            case "float32" -> DataType.FLOAT32;
            case "float64" -> DataType.FLOAT64;
            case "float16" -> DataType.FLOAT16;
            default ->
                    throw new IllegalArgumentException(
                            "\"" + TYPE + "\" should be float32, float64 or float16, got " + name);
        };
    }
}

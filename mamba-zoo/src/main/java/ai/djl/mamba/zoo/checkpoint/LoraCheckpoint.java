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
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.zoo.checkpoint.CheckpointFolder.Content;
import ai.djl.mamba.zoo.internal.tensors.RenamedSource;
import ai.djl.mamba.zoo.internal.tensors.TensorFiles;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Saves and loads the adapters of a {@link MambaLanguageModel} or {@code MambaClassifier}, without
 * the model, as folders in the layout of Hugging Face PEFT: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}.
 *
 * <p>Modules that were trained beside the adapters, such as a new head, are in the same files; PEFT
 * calls them {@code modules_to_save}. PEFT opens what is saved here, together with the model in the
 * dialect of transformers, but refuses adapters of out_proj, as the kernels that it expects bypass
 * them.
 *
 * <p>What PEFT saves loads here: adapters of type LORA, also with a stabilized rank, and with ranks
 * and α by patterns. Adapters of embeddings and convolutions, DoRA, biases, and everything else
 * that changes the computation are refused by name.
 */
public final class LoraCheckpoint {

    private static final String SAFETENSORS = "adapter_model.safetensors";
    private static final String TORCH = "adapter_model.bin";

    /** The names of the weights, in order of preference. */
    private static final List<String> FILES =
            List.of(SAFETENSORS, SAFETENSORS + ".index.json", TORCH, TORCH + ".index.json");

    private LoraCheckpoint() {}

    /**
     * Saves the adapters of a model, as {@link #save(Block, LoRA, Path, String)} does, without
     * naming the model that they are for.
     *
     * @param block the model
     * @param lora the options with which the adapters were added; they name what was trained beside
     *     them
     * @param folder the folder, made if it does not exist; other files in it stay
     * @throws IOException if the folder cannot be written
     * @throws IllegalArgumentException if the model has no adapters, or the files cannot hold them
     */
    public static void save(Block block, LoRA lora, Path folder) throws IOException {
        save(block, lora, folder, null);
    }

    /**
     * Saves the adapters of a model. The files replace those in the folder as {@link
     * MambaCheckpoint#save} does it, and a model that is in the folder stays.
     *
     * @param block the model
     * @param lora the options with which the adapters were added; they name what was trained beside
     *     them
     * @param folder the folder, made if it does not exist; other files in it stay
     * @param baseModel the folder or name of the model on the hub without the adapters, by which
     *     PEFT finds it, or {@code null}
     * @throws IOException if the folder cannot be written
     * @throws IllegalArgumentException if the model has no adapters, or the files cannot hold them:
     *     part of a module was trained, or the adapters differ in options that the files have once
     *     for all
     */
    public static void save(Block block, LoRA lora, Path folder, String baseModel)
            throws IOException {
        AdapterWriter writer =
                new AdapterWriter(block, Set.copyOf(lora.trainableParameters(block)));
        CheckpointFolder.save(
                Content.ADAPTER,
                folder,
                writer.config(baseModel),
                Map.of(SAFETENSORS, writer::writeTensors));
    }

    /**
     * Adds the adapters of a folder to a model, frozen, and replaces the parameters that were
     * trained beside them. Whether those and all others are frozen does not change: a model loaded
     * for inference remains one, and {@link LoRA#freeze} of the result continues the training.
     *
     * <p>The head of a model is {@linkplain MambaLanguageModel#untieHead untied} where the folder
     * has an adapter of it, or embedding and head are not both trained to the same weight.
     *
     * @param block an initialized model without adapters where the folder has some
     * @param folder the folder
     * @return the options that add such adapters, all with the common rank and α of the folder
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder does not hold complete adapters for this model,
     *     or they are not supported; the message lists all tensors that are missing, left over, or
     *     of another shape or type
     * @throws IllegalArgumentException if one of the targets has an adapter already
     */
    public static LoRA load(Block block, Path folder) throws IOException, MalformedModelException {
        AdapterNames.requireModel(block);
        AdapterConfig config = AdapterConfig.in(folder);
        try (TensorSource source = open(folder)) {
            AdapterFiller filler = new AdapterFiller(block, config, source);
            filler.fill();
            return filler.lora();
        }
    }

    private static TensorSource open(Path folder) throws IOException, MalformedModelException {
        Optional<Path> file = TensorFiles.find(folder, FILES);
        if (file.isEmpty()) {
            TensorFiles.requireReadable(folder, FILES);
            throw new NoSuchFileException(
                    folder.toString(), null, "there is neither " + SAFETENSORS + " nor " + TORCH);
        }
        TensorSource source = TensorFiles.open(file.get(), Set.of());
        return RenamedSource.of(source, AdapterNames.canonical(source.tensors().keySet()));
    }
}

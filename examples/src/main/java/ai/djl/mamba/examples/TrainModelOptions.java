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
package ai.djl.mamba.examples;

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of {@code mamba train} that say what the model is. */
final class TrainModelOptions {

    /** What mixes the tokens of a sequence. */
    enum Mixer {
        /** The selective state space layer. */
        MAMBA,
        /** The LTI baseline in the same block. */
        S4D
    }

    @Option(
            names = "--mixer",
            paramLabel = "NAME",
            defaultValue = "mamba",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Mixer mixer;

    @Option(
            names = "--model-size",
            paramLabel = "D",
            defaultValue = "96",
            description = "size of the hidden vectors (default: ${DEFAULT-VALUE})")
    private int modelSize;

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "2",
            description = "number of blocks (default: ${DEFAULT-VALUE})")
    private int layers;

    @Option(
            names = "--state-size",
            paramLabel = "N",
            defaultValue = "4",
            description = "states of a channel (default: ${DEFAULT-VALUE})")
    private int stateSize;

    @Option(
            names = "--dropout",
            paramLabel = "RATE",
            defaultValue = "0",
            description = "dropout on the output of each block (default: ${DEFAULT-VALUE})")
    private float dropout;

    private TrainModelOptions() {}

    void check(CommonOptions common) {
        common.atLeast("--model-size", modelSize, 1);
        common.atLeast("--layers", layers, 1);
        common.atLeast("--state-size", stateSize, 1);
        common.require("--dropout", dropout >= 0 && dropout < 1, "expected a number in [0, 1)");
    }

    /**
     * A model to train.
     *
     * @param block the block, (B, L) bytes → (B, L, V)
     * @param description what it is; a run goes on only with the same
     * @param saver what saves it
     */
    record NewModel(Block block, String description, Saver saver) {}

    /** Saves a trained model. */
    @FunctionalInterface
    interface Saver {
        void save(Path folder, DataType type) throws IOException;
    }

    /** Makes a byte model. */
    NewModel newModel(boolean returnState) {
        return switch (mixer) {
            case MAMBA -> mamba(MambaConfig.Ssm.SELECTIVE, returnState);
            case S4D -> mamba(MambaConfig.Ssm.S4D, returnState);
        };
    }

    private NewModel mamba(MambaConfig.Ssm ssm, boolean returnState) {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(ByteTokenizer.VOCAB_SIZE)
                        .setModelSize(modelSize)
                        .setNumLayers(layers)
                        .optStateSize(stateSize)
                        .optDropout(dropout)
                        .optSsm(ssm)
                        .build();
        MambaLanguageModel block = new MambaLanguageModel(config, returnState);
        return new NewModel(
                block,
                config.toString(),
                (folder, type) -> MambaCheckpoint.save(block, folder, Dialect.TRANSFORMERS, type));
    }
}

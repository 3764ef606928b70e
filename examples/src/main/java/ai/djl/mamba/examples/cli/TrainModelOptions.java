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
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.DualFlags;
import ai.djl.mamba.examples.cli.transformer.TransformerLanguageModel;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.internal.tensors.TemporarySibling;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code mamba train} that say what the model is. */
final class TrainModelOptions {

    private static final String TRANSFORMER_FILE = "transformer-0000.params";

    private static final int EXPAND = 2;
    private static final int SELECTIVE_STATES = 4;
    private static final int DUAL_STATES = 128;

    /** What mixes the tokens of a sequence. */
    enum Mixer {
        /** The selective state space layer. */
        MAMBA,
        /** The state space dual layer, in the block of Mamba-2. */
        MAMBA2,
        /** The LTI baseline in the same block. */
        S4D,
        /** Attention, in DJL's blocks, to compare with. */
        TRANSFORMER
    }

    @Option(
            names = "--mixer",
            paramLabel = "NAME",
            defaultValue = "mamba",
            description =
                    "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}); the last one is attention"
                            + " in DJL's blocks, to compare with, saved in DJL's own format")
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
            description = "states of a channel (default: 4; 128 with --mixer mamba2)")
    private Integer stateSize;

    @Mixin private DualFlags dual;

    @Option(
            names = "--dropout",
            paramLabel = "RATE",
            defaultValue = "0",
            description = "dropout on the output of each block (default: ${DEFAULT-VALUE})")
    private float dropout;

    @Option(
            names = "--hidden-size",
            paramLabel = "N",
            description =
                    "width of a transformer's feed-forward layers (default: four times"
                            + " --model-size)")
    private Integer hiddenSize;

    private TrainModelOptions() {}

    void check(CommonOptions common) {
        common.atLeast("--model-size", modelSize, 1);
        common.atLeast("--layers", layers, 1);
        common.atLeast("--state-size", stateSize, 1);
        common.atLeast("--hidden-size", hiddenSize, 1);
        common.require(
                "--hidden-size",
                hiddenSize == null || mixer == Mixer.TRANSFORMER,
                "only --mixer transformer has it");
        common.require(
                "--state-size",
                stateSize == null || mixer != Mixer.TRANSFORMER,
                "a transformer has no state");
        dual.check(common, mixer == Mixer.MAMBA2, "--mixer mamba2", inner());
        common.require("--dropout", dropout >= 0 && dropout < 1, "expected a number in [0, 1)");
    }

    private int inner() {
        return EXPAND * modelSize;
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
            case MAMBA2 -> mamba(MambaConfig.Ssm.SSD, returnState);
            case S4D -> mamba(MambaConfig.Ssm.S4D, returnState);
            case TRANSFORMER -> transformer(returnState);
        };
    }

    private NewModel transformer(boolean returnState) {
        if (returnState) {
            throw new Failure("a transformer has no state to carry: --carry-state is not for it");
        }
        int hidden = hiddenSize == null ? 4 * modelSize : hiddenSize;
        TransformerLanguageModel block =
                TransformerLanguageModel.builder()
                        .setVocabSize(ByteTokenizer.VOCAB_SIZE)
                        .setModelSize(modelSize)
                        .setNumLayers(layers)
                        .optHiddenSize(hidden)
                        .optDropout(dropout)
                        .optPreNorm(true)
                        .build();
        String description =
                String.format(
                        "transformer, d %d, %d layers, hidden %d, dropout %s",
                        modelSize, layers, hidden, dropout);
        return new NewModel(block, description, (folder, type) -> save(block, folder));
    }

    private static void save(Block block, Path folder) throws IOException {
        Files.createDirectories(folder);
        TemporarySibling.write(
                folder.resolve(TRANSFORMER_FILE),
                channel -> {
                    DataOutputStream out =
                            new DataOutputStream(
                                    new BufferedOutputStream(Channels.newOutputStream(channel)));
                    block.saveParameters(out);
                    out.flush();
                });
    }

    private NewModel mamba(MambaConfig.Ssm ssm, boolean returnState) {
        int usualStates = ssm == MambaConfig.Ssm.SSD ? DUAL_STATES : SELECTIVE_STATES;
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(ByteTokenizer.VOCAB_SIZE)
                        .setModelSize(modelSize)
                        .setNumLayers(layers)
                        .optExpand(EXPAND)
                        .optStateSize(stateSize == null ? usualStates : stateSize)
                        .optDropout(dropout)
                        .optSsm(ssm)
                        .optSsd(dual.config(inner()))
                        .build();
        MambaLanguageModel block = new MambaLanguageModel(config, returnState);
        return new NewModel(
                block,
                config.toString(),
                (folder, type) -> MambaCheckpoint.save(block, folder, Dialect.TRANSFORMERS, type));
    }
}

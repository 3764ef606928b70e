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

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.HeadFlags;
import ai.djl.mamba.examples.cli.common.KindNames;
import ai.djl.mamba.examples.cli.common.MixerSizes;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.ModelKind.Use;
import ai.djl.mamba.examples.cli.common.ModelKinds;
import ai.djl.mamba.examples.cli.transformer.TransformerLanguageModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.internal.tensors.TemporarySibling;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code mamba train} that describe the model. */
final class TrainModelOptions {

    private static final String TRANSFORMER_FILE = "transformer-0000.params";

    @Option(
            names = "--mixer",
            paramLabel = "NAME",
            defaultValue = ModelKinds.DEFAULT,
            converter = KindNames.OfTrain.class,
            completionCandidates = KindNames.OfTrain.class,
            description =
                    "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}); the last one is attention"
                            + " in DJL's blocks, for comparison, saved in DJL's own format")
    private ModelKind kind;

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
            description = "states of a channel (default: " + ModelKinds.TRAIN_STATES + ")")
    private Integer stateSize;

    @Mixin private HeadFlags heads;

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
                hiddenSize == null || kind.isAttention(),
                ModelKinds.only("--mixer", Use.TRAIN, ModelKind::isAttention));
        common.require(
                "--state-size",
                stateSize == null || kind.hasState(),
                "a " + kind + " has no state");
        heads.check(common, List.of(kind), "--mixer", Use.TRAIN, inner());
        common.require("--dropout", dropout >= 0 && dropout < 1, "expected a number in [0, 1)");
    }

    private int inner() {
        return MixerSizes.EXPAND * modelSize;
    }

    /**
     * A model to train.
     *
     * @param block the block, (B, L) ids → (B, L, V)
     * @param description what it is; a run is resumed only with the same
     * @param saver saves it
     */
    record NewModel(Block block, String description, Saver saver) {}

    /** Saves a trained model. */
    @FunctionalInterface
    interface Saver {
        void save(Path folder, DataType type) throws IOException;
    }

    /** Makes a model for the tokens of a tokenizer, which is saved with it. */
    NewModel newModel(boolean returnState, Tokenizer tokenizer) {
        return kind.isAttention() ? transformer(returnState) : mamba(returnState, tokenizer);
    }

    /** Whether the model is a transformer. */
    boolean isTransformer() {
        return kind.isAttention();
    }

    private NewModel transformer(boolean returnState) {
        if (returnState) {
            throw new Failure(
                    "a transformer has no state to carry: --carry-state does not apply to it");
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

    private NewModel mamba(boolean returnState, Tokenizer tokenizer) {
        MixerSizes sizes = heads.sizes(kind, Use.TRAIN, inner()).withStates(stateSize);
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(tokenizer.vocabSize())
                        .setModelSize(modelSize)
                        .setNumLayers(layers)
                        .optMixer(kind.mixer(modelSize, sizes))
                        .optDropout(dropout)
                        .build();
        MambaLanguageModel block = new MambaLanguageModel(config, returnState);
        return new NewModel(
                block,
                config.toJson(),
                (folder, type) -> {
                    MambaCheckpoint.save(block, folder, Dialect.TRANSFORMERS, type);
                    tokenizer.save(folder);
                });
    }
}

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
import ai.djl.mamba.zoo.text.ByteTokenizer;
import picocli.CommandLine.Option;

/** The options of {@code mamba train} that say how large the model is. */
final class TrainModelOptions {

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
            description = "number of Mamba blocks (default: ${DEFAULT-VALUE})")
    private int layers;

    @Option(
            names = "--state-size",
            paramLabel = "N",
            defaultValue = "4",
            description = "states of a channel (default: ${DEFAULT-VALUE})")
    private int stateSize;

    private TrainModelOptions() {}

    void check(CommonOptions common) {
        common.atLeast("--model-size", modelSize, 1);
        common.atLeast("--layers", layers, 1);
        common.atLeast("--state-size", stateSize, 1);
    }

    /** The configuration of a byte model. */
    MambaConfig config() {
        return MambaConfig.builder()
                .setVocabSize(ByteTokenizer.VOCAB_SIZE)
                .setModelSize(modelSize)
                .setNumLayers(layers)
                .optStateSize(stateSize)
                .build();
    }
}

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
package ai.djl.mamba.examples.cli.bench;

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.ModelKind;
import picocli.CommandLine.Option;

/** The shape of the language model of {@code mamba bench prefill} and {@code decode}. */
final class BenchModelOptions {

    /** How the figures of two scans differ. */
    static final String WHAT_DIFFERS =
            "Each scan is chosen as by -Dai.djl.mamba.scan=NAME; nothing else about the model"
                    + " changes.";

    /** How to choose the shape for which others publish figures. */
    static final String SHAPES =
            "The weights are random. The defaults suit a laptop; the shape of Mamba-130m"
                    + " and mamba2-130m is --model-size 768 --layers 24 --vocab 50280.";

    @Option(
            names = "--model-size",
            paramLabel = "D",
            defaultValue = "256",
            description = "size of the hidden vectors (default: ${DEFAULT-VALUE})")
    private int modelSize;

    @Option(
            names = "--inner",
            paramLabel = "E",
            description = "channels of a block, a multiple of D (default: twice D)")
    private Integer inner;

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "4",
            description = "number of blocks (default: ${DEFAULT-VALUE})")
    private int layers;

    @Option(
            names = "--vocab",
            paramLabel = "V",
            defaultValue = "1024",
            description = "number of token ids (default: ${DEFAULT-VALUE})")
    private int vocab;

    private BenchModelOptions() {}

    void check(CommonOptions common) {
        common.atLeast("--model-size", modelSize, 1);
        common.atLeast("--inner", inner, 1);
        common.atLeast("--layers", layers, 1);
        common.atLeast("--vocab", vocab, 1);
        common.require(
                "--inner",
                inner == null || inner % modelSize == 0,
                "expected a multiple of --model-size, " + modelSize + ", got " + inner);
    }

    /** The channels of a block, E. */
    int inner() {
        return inner == null ? 2 * modelSize : inner;
    }

    /** Describes the case. */
    String caseName(ModelKind mixer, BenchOptions options, int length) {
        return String.format(
                "%s, B %d, L %d, d %d, E %d, %d layers, V %d, %s",
                mixer,
                options.batch(),
                length,
                modelSize,
                inner(),
                layers,
                vocab,
                options.describe(mixer, inner()));
    }

    MambaConfig config(ModelKind mixer, BenchOptions options) {
        return MambaConfig.builder()
                .setVocabSize(vocab)
                .setModelSize(modelSize)
                .setNumLayers(layers)
                .optMixer(mixer.mixer(modelSize, options.sizes(mixer, inner())))
                .build();
    }
}

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
package ai.djl.mamba.examples.cli.synthetic;

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.cli.common.MixerSizes;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.transformer.TransformerLanguageModel;
import ai.djl.nn.Block;

/**
 * A model that is to learn a synthetic task.
 *
 * @param kind its kind
 * @param modelSize d
 * @param layers the number of layers
 * @param sizes the sizes of its mixers, if it has any
 */
record SyntheticModel(ModelKind kind, int modelSize, int layers, MixerSizes sizes) {

    /** The name for people. */
    String title() {
        return kind.title();
    }

    /** Makes the model, not initialized, without returned state: it is to be trained. */
    Block newBlock() {
        if (kind.isAttention()) {
            return TransformerLanguageModel.builder()
                    .setVocabSize(SyntheticTask.VOCABULARY)
                    .setModelSize(modelSize)
                    .setNumLayers(layers)
                    .optPreNorm(true)
                    .build();
        }
        return new MambaLanguageModel(
                MambaConfig.builder()
                        .setVocabSize(SyntheticTask.VOCABULARY)
                        .setModelSize(modelSize)
                        .setNumLayers(layers)
                        .optMixer(kind.mixer(modelSize, sizes))
                        .build());
    }

    /**
     * The sizes of its state, for people.
     *
     * @return such as "N 16, ", or nothing if there is no state
     */
    String describe() {
        if (kind.hasHeads()) {
            return String.format(
                    "N %d, P %d, G %d, ", sizes.states(), sizes.headSize(), sizes.groups());
        }
        return kind.hasState() ? String.format("N %d, ", sizes.states()) : "";
    }

    /**
     * The accuracy in percent that the paper reports, or {@code null} if its text names none.
     *
     * @param task the task
     * @param length the length of the test sequences; copying is tested as it is trained
     */
    Double paperPercent(SyntheticTask task, int length) {
        ModelKind.Paper paper = kind.paper();
        if (paper == null) {
            return null;
        }
        return switch (task) {
            case COPYING -> null;
            case SELECTIVE_COPYING -> paper.selectiveCopying();
            case INDUCTION_HEADS ->
                    paper.from() <= length && length <= paper.to() ? (Double) 100.0 : null;
        };
    }

    /** The name on the command line. */
    @Override
    public String toString() {
        return kind.toString();
    }
}

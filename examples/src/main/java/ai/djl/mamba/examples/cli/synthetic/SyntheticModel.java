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

import ai.djl.mamba.examples.cli.transformer.TransformerLanguageModel;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.nn.Block;

/** A model that is to learn a synthetic task. */
enum SyntheticModel {

    /** The Mamba block with its selective layer. */
    MAMBA("mamba", "Mamba (S6)"),

    /** The Mamba-2 block with its state space dual layer. */
    MAMBA2("mamba2", "Mamba-2 (SSD)"),

    /** The LTI layer in the Mamba block. */
    S4D("s4d", "S4D in the Mamba block"),

    /** The LTI layer in the Mamba block without its gate. */
    S4D_UNGATED("s4d-ungated", "S4D without gate"),

    /** DJL's attention, with a causal mask. */
    TRANSFORMER("transformer", "Transformer");

    /** Where the paper's induction heads are trained, and how far they are tested. */
    private static final int PAPER_LENGTH = 256;

    private static final int PAPER_LONGEST = 1 << 20;

    private final String id;
    private final String title;

    SyntheticModel(String id, String title) {
        this.id = id;
        this.title = title;
    }

    /** The name for people. */
    String title() {
        return title;
    }

    /** Whether it can read a sequence in parts, so that memory does not grow with the length. */
    boolean hasState() {
        return this != TRANSFORMER;
    }

    /** Makes the model, not initialized, without returned state: it is to be trained. */
    Block newBlock(SyntheticSizes sizes) {
        if (this == TRANSFORMER) {
            return TransformerLanguageModel.builder()
                    .setVocabSize(SyntheticTask.VOCABULARY)
                    .setModelSize(sizes.modelSize())
                    .setNumLayers(sizes.layers())
                    .optPreNorm(true)
                    .build();
        }
        return new MambaLanguageModel(config(sizes));
    }

    /**
     * The sizes of its state, for people.
     *
     * @return such as "N 16, ", or nothing where there is no state
     */
    String describe(SyntheticSizes sizes) {
        return switch (this) {
            case MAMBA, S4D, S4D_UNGATED -> String.format("N %d, ", states(sizes));
            case MAMBA2 ->
                    String.format(
                            "N %d, P %d, G %d, ",
                            states(sizes), sizes.ssd().headSize(), sizes.ssd().groups());
            case TRANSFORMER -> "";
        };
    }

    /** N. */
    int states(SyntheticSizes sizes) {
        return this == MAMBA2 ? sizes.dualStateSize() : sizes.stateSize();
    }

    private MambaConfig.Ssm ssm() {
        return switch (this) {
            case MAMBA -> MambaConfig.Ssm.SELECTIVE;
            case MAMBA2 -> MambaConfig.Ssm.SSD;
            case S4D, S4D_UNGATED -> MambaConfig.Ssm.S4D;
            case TRANSFORMER -> throw new IllegalStateException("a transformer has none");
        };
    }

    private MambaConfig config(SyntheticSizes sizes) {
        return MambaConfig.builder()
                .setVocabSize(SyntheticTask.VOCABULARY)
                .setModelSize(sizes.modelSize())
                .setNumLayers(sizes.layers())
                .optExpand(SyntheticSizes.EXPAND)
                .optStateSize(states(sizes))
                .optTimeStepRange(sizes.timeStepMin(), sizes.timeStepMax(), sizes.timeStepMin())
                .optSsm(ssm())
                .optSsd(sizes.ssd())
                .optGate(this != S4D_UNGATED)
                .build();
    }

    /**
     * The accuracy in per cent that the paper reports (tables 1 and 2: two layers, d 64), or {@code
     * null} where its text names none.
     *
     * @param length the length of the test sequences; copying is tested as it is trained
     */
    Double paperPercent(SyntheticTask task, int length) {
        return switch (task) {
            case COPYING -> null;
            case SELECTIVE_COPYING ->
                    switch (this) {
                        case MAMBA -> 99.8;
                        case S4D -> 56.4;
                        case S4D_UNGATED -> 18.3;
                        case MAMBA2, TRANSFORMER -> null;
                    };
            case INDUCTION_HEADS -> {
                boolean perfect =
                        (this == MAMBA && length <= PAPER_LONGEST)
                                || (this == TRANSFORMER && length == PAPER_LENGTH);
                yield perfect ? 100.0 : null;
            }
        };
    }

    @Override
    public String toString() {
        return id;
    }
}

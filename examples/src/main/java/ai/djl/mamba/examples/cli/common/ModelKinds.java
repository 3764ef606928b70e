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
package ai.djl.mamba.examples.cli.common;

import ai.djl.mamba.examples.cli.common.ModelKind.Paper;
import ai.djl.mamba.examples.cli.common.ModelKind.Use;
import ai.djl.mamba.examples.cli.common.ModelKind.Usual;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.ops.SSDScanInput;
import ai.djl.mamba.ops.Scans;
import ai.djl.mamba.ops.SelectiveScanInput;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The kinds of models on the command line. No other class of it names a family: a new one is a
 * constant here, and its name in the list.
 */
public final class ModelKinds {

    /** The name of {@link #reference}. */
    public static final String DEFAULT = "mamba";

    /** The default state sizes of {@link Use#TRAIN}, for a help text. */
    public static final String TRAIN_STATES = "4; 128 of mamba2";

    /** The default state sizes of {@link Use#BENCH}, for a help text. */
    public static final String BENCH_STATES = "16; 128 of mamba2";

    /** The default state sizes of {@link Use#COPYING} and {@link Use#RECALL}, for a help text. */
    public static final String SYNTHETIC_STATES =
            "16; of mamba2 32, and 64 for induction heads, which gives about as many parameters";

    /** What {@code mamba synthetic} trains if nothing is chosen. */
    public static final String SYNTHETIC_DEFAULT = "mamba,s4d";

    /** The Mamba block with its selective state space layer. */
    private static final ModelKind MAMBA =
            new ModelKind(
                    "mamba",
                    "Mamba",
                    "Mamba (S6)",
                    "Mamba blocks with the selective state space layer, state size {width}.",
                    Map.of(
                            Use.TRAIN, new Usual(4),
                            Use.BENCH, new Usual(16),
                            Use.COMPARE, new Usual(16),
                            Use.COPYING, new Usual(16),
                            Use.RECALL, new Usual(16))) {

                @Override
                public Mixer mixer(int modelSize, MixerSizes sizes) {
                    return MambaOptions.builder()
                            .optExpand(sizes.expand(modelSize))
                            .optStateSize(sizes.states())
                            .optTimeStepInit(sizes.timeStepInit())
                            .build();
                }

                @Override
                public ScanSet<?> scans() {
                    return new ScanSet<>(
                            Scans.SELECTIVE,
                            MixerSizes::inner,
                            MixerSizes::states,
                            ModelKinds::decayOfEachState,
                            ModelKinds::selectiveInput);
                }

                @Override
                public String timeStepProjection() {
                    return "dt_proj_*";
                }

                @Override
                public Paper paper() {
                    return new Paper(99.8, 1, 1 << 20);
                }
            };

    /** The Mamba-2 block with its state space dual layer. */
    private static final ModelKind MAMBA2 =
            new ModelKind(
                    "mamba2",
                    "Mamba-2",
                    "Mamba-2 (SSD)",
                    "Mamba-2 blocks with the state space dual layer, heads of {head size} channels; the"
                            + " state size is {width}, which gives them the parameters of Mamba.",
                    Map.of(
                            Use.TRAIN, new Usual(128, 64),
                            Use.BENCH, new Usual(128, 64),
                            Use.COMPARE, new Usual(16, 64),
                            // small heads: each forgets at its own pace, so many of them learn to
                            // count
                            // sooner; the state sizes give about the parameters of Mamba
                            Use.COPYING, new Usual(32, 4),
                            Use.RECALL, new Usual(64, 64))) {

                @Override
                public Mixer mixer(int modelSize, MixerSizes sizes) {
                    return Mamba2Options.builder()
                            .optExpand(sizes.expand(modelSize))
                            .optStateSize(sizes.states())
                            .optHeadSize(sizes.headSize())
                            .optGroups(sizes.groups())
                            .optTimeStepInit(sizes.timeStepInit())
                            .build();
                }

                @Override
                public ScanSet<?> scans() {
                    return new ScanSet<>(
                            Scans.SSD,
                            MixerSizes::heads,
                            sizes -> (long) sizes.groups() * sizes.states(),
                            (manager, sizes) ->
                                    manager.randomUniform(-16, -1, new Shape(sizes.heads())),
                            ModelKinds::ssdInput);
                }
            };

    /** The linear time-invariant layer in the Mamba block. */
    private static final ModelKind S4D =
            new ModelKind(
                    "s4d",
                    "S4D",
                    "S4D in the Mamba block",
                    "Mamba blocks with S4D, the linear time-invariant layer, in place of the selective one;"
                            + " the state size is {width}, which makes up for the parameters of the"
                            + " selection.",
                    Map.of(
                            Use.TRAIN, new Usual(4),
                            Use.COMPARE, new Usual(16),
                            Use.COPYING, new Usual(16),
                            Use.RECALL, new Usual(16))) {

                @Override
                public Mixer mixer(int modelSize, MixerSizes sizes) {
                    return s4d(modelSize, sizes, true);
                }

                @Override
                public Paper paper() {
                    return new Paper(56.4, 0, 0);
                }
            };

    /** The linear time-invariant layer in the Mamba block without its gate. */
    private static final ModelKind S4D_UNGATED =
            new ModelKind(
                    "s4d-ungated",
                    "S4D without gate",
                    "S4D without gate",
                    "",
                    Map.of(Use.COPYING, new Usual(16), Use.RECALL, new Usual(16))) {

                @Override
                public Mixer mixer(int modelSize, MixerSizes sizes) {
                    return s4d(modelSize, sizes, false);
                }

                @Override
                public Paper paper() {
                    return new Paper(18.3, 0, 0);
                }
            };

    /** Attention, in DJL's blocks. */
    private static final ModelKind TRANSFORMER =
            new ModelKind(
                    "transformer",
                    "Transformer (DJL encoder blocks)",
                    "Transformer",
                    "DJL's TransformerEncoderBlock as it is, with a causal mask and feed-forward blocks of"
                            + " width {width}; inference computes all scores of the attention at once, as"
                            + " the block does.",
                    Map.of(
                            Use.TRAIN, Usual.NONE,
                            Use.COMPARE, Usual.NONE,
                            Use.COPYING, Usual.NONE,
                            Use.RECALL, Usual.NONE)) {

                @Override
                public boolean isAttention() {
                    return true;
                }

                @Override
                public Paper paper() {
                    return new Paper(null, 256, 256);
                }
            };

    /** Attention that reads a sequence in parts, with earlier keys and values cached. */
    private static final ModelKind TRANSFORMER_PARTS =
            new ModelKind(
                    "transformer-parts",
                    "Transformer (pre-norm, read in parts)",
                    "Transformer, read in parts",
                    "DJL's attention and feed-forward blocks (width {width}) in pre-norm layers; inference"
                            + " reads parts of {part} tokens with earlier keys and values cached, which"
                            + " saves half of the scores and nearly all of their memory.",
                    Map.of(Use.COMPARE, Usual.NONE)) {

                @Override
                public boolean isAttention() {
                    return true;
                }

                @Override
                public boolean readsInParts() {
                    return true;
                }
            };

    private static final List<ModelKind> ALL =
            List.of(MAMBA, MAMBA2, S4D, S4D_UNGATED, TRANSFORMER, TRANSFORMER_PARTS);

    private ModelKinds() {}

    /**
     * Returns the kind that commands take if none is chosen, and that others are compared with.
     *
     * @return the first kind
     */
    public static ModelKind reference() {
        return ALL.get(0);
    }

    /**
     * Returns the kinds that a command offers.
     *
     * @param use what for
     * @return the kinds, in the order in which they are listed
     */
    public static List<ModelKind> all(Use use) {
        return ALL.stream().filter(kind -> kind.isFor(use)).toList();
    }

    /**
     * Says which kinds have an option, to refuse it for others.
     *
     * @param option the option that chooses the kind, such as {@code --mixer}
     * @param use what for
     * @param has tells whether a kind has it
     * @return such as "only --mixer mamba2 has it"
     */
    public static String only(String option, Use use, Predicate<ModelKind> has) {
        return all(use).stream()
                .filter(has)
                .map(ModelKind::toString)
                .collect(Collectors.joining(" or ", "only " + option + ' ', " has it"));
    }

    private static Mixer s4d(int modelSize, MixerSizes sizes, boolean gate) {
        return S4DOptions.builder()
                .optExpand(sizes.expand(modelSize))
                .optStateSize(sizes.states())
                .optTimeStepInit(sizes.timeStepInit().min(), sizes.timeStepInit().max())
                .optGate(gate)
                .build();
    }

    /** A of the selective layer as it starts, −1 … −N for each channel: (E, N). */
    private static NDArray decayOfEachState(NDManager manager, MixerSizes sizes) {
        return manager.arange(1, sizes.states() + 1)
                .toType(DataType.FLOAT32, false)
                .neg()
                .reshape(1, sizes.states())
                .broadcast(new Shape(sizes.inner(), sizes.states()))
                .mul(1);
    }

    private static SelectiveScanInput selectiveInput(NDList arrays, MixerSizes sizes) {
        return new SelectiveScanInput(
                arrays.get(0),
                arrays.get(1),
                null,
                arrays.get(2),
                arrays.get(3),
                arrays.get(4),
                null,
                null,
                null,
                null,
                null,
                false);
    }

    private static SSDScanInput ssdInput(NDList arrays, MixerSizes sizes) {
        return new SSDScanInput(
                arrays.get(0),
                arrays.get(1),
                null,
                arrays.get(2),
                arrays.get(3),
                arrays.get(4),
                null,
                null,
                null,
                null,
                sizes.groups(),
                0,
                Double.POSITIVE_INFINITY,
                false,
                0);
    }
}

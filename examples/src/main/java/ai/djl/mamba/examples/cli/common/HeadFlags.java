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

import ai.djl.mamba.examples.cli.common.ModelKind.Use;
import java.util.Collection;
import picocli.CommandLine.Option;

/** The options of models whose channels are split into heads. */
public final class HeadFlags {

    @Option(
            names = "--head-size",
            paramLabel = "P",
            description =
                    "channels of a head, for models that have heads; a divisor of the channels of a"
                            + " block (default: the largest up to 64; up to 4 where 'mamba"
                            + " synthetic' copies)")
    private Integer headSize;

    @Option(
            names = "--groups",
            paramLabel = "G",
            description =
                    "groups of heads that share B and C, a divisor of the number of heads (default:"
                            + " 1)")
    private Integer groups;

    private HeadFlags() {}

    /**
     * Checks the options.
     *
     * @param common the options of the command, which refuse them
     * @param kinds the kinds of models that were chosen
     * @param chosenBy the option that chooses them
     * @param use what the models are used for
     * @param inner the channels of a block, E
     */
    public void check(
            CommonOptions common,
            Collection<ModelKind> kinds,
            String chosenBy,
            Use use,
            int inner) {
        common.atLeast("--head-size", headSize, 1);
        common.atLeast("--groups", groups, 1);
        if (kinds.stream().noneMatch(ModelKind::hasHeads)) {
            String only = ModelKinds.only(chosenBy, use, ModelKind::hasHeads);
            common.require("--head-size", headSize == null, only);
            common.require("--groups", groups == null, only);
        }
        for (ModelKind kind : kinds) {
            if (kind.hasHeads()) {
                check(common, sizes(kind, use, inner));
            }
        }
    }

    private static void check(CommonOptions common, MixerSizes sizes) {
        common.require(
                "--head-size",
                sizes.inner() % sizes.headSize() == 0,
                String.format(
                        "expected a divisor of the %,d channels of a block, got %,d",
                        sizes.inner(), sizes.headSize()));
        common.require(
                "--groups",
                sizes.heads() % sizes.groups() == 0,
                String.format(
                        "expected a divisor of the number of heads, %,d, got %,d",
                        sizes.heads(), sizes.groups()));
    }

    /**
     * Returns the sizes of a mixer.
     *
     * @param kind the kind of model
     * @param use what it is used for
     * @param inner the channels of a block, E
     * @return the usual sizes, except for what these options set
     */
    public MixerSizes sizes(ModelKind kind, Use use, int inner) {
        MixerSizes usual = MixerSizes.usual(kind, use, inner);
        return new MixerSizes(
                inner,
                usual.states(),
                headSize == null ? usual.headSize() : headSize,
                groups == null ? usual.groups() : groups,
                usual.timeStepInit());
    }
}

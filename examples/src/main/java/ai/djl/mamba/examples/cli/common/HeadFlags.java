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

import ai.djl.mamba.layer.mamba2.SSDConfig;
import picocli.CommandLine.Option;

/** The options that only models with the state space dual layer have. */
public final class DualFlags {

    @Option(
            names = "--head-size",
            paramLabel = "P",
            description =
                    "channels of a head of mamba2, a divisor of the channels of a block (default:"
                            + " the largest up to 64; up to 4 where 'mamba synthetic' copies)")
    private Integer headSize;

    @Option(
            names = "--groups",
            paramLabel = "G",
            description =
                    "groups of heads of mamba2 that share B and C, a divisor of the number of heads"
                            + " (default: 1)")
    private Integer groups;

    private DualFlags() {}

    /**
     * The head size that is taken where none is named.
     *
     * @param inner the channels of a block, E
     * @return the largest divisor of it up to that of the published models
     */
    public static int usualHeadSize(int inner) {
        return usualHeadSize(inner, SSDConfig.DEFAULT.headSize());
    }

    private static int usualHeadSize(int inner, int largest) {
        int size = Math.min(inner, largest);
        while (inner % size != 0) {
            size--;
        }
        return size;
    }

    /**
     * Checks the options.
     *
     * @param common what complains
     * @param isDual whether there is such a model
     * @param chosenBy the option that chooses it
     * @param inner the channels of a block, E
     */
    public void check(CommonOptions common, boolean isDual, String chosenBy, int inner) {
        check(common, isDual, chosenBy, inner, SSDConfig.DEFAULT.headSize());
    }

    /**
     * Checks the options.
     *
     * @param common what complains
     * @param isDual whether there is such a model
     * @param chosenBy the option that chooses it
     * @param inner the channels of a block, E
     * @param largest as {@link #config(int, int)} has it
     */
    public void check(CommonOptions common, boolean isDual, String chosenBy, int inner, int largest) {
        common.atLeast("--head-size", headSize, 1);
        common.atLeast("--groups", groups, 1);
        if (!isDual) {
            String only = "only " + chosenBy + " has it";
            common.require("--head-size", headSize == null, only);
            common.require("--groups", groups == null, only);
            return;
        }
        SSDConfig config = config(inner, largest);
        common.require(
                "--head-size",
                inner % config.headSize() == 0,
                String.format(
                        "expected a divisor of the %,d channels of a block, got %,d",
                        inner, config.headSize()));
        int heads = inner / config.headSize();
        common.require(
                "--groups",
                heads % config.groups() == 0,
                String.format(
                        "expected a divisor of the number of heads, %,d, got %,d",
                        heads, config.groups()));
    }

    /**
     * Returns the options of the layer.
     *
     * @param inner the channels of a block, E
     */
    public SSDConfig config(int inner) {
        return config(inner, SSDConfig.DEFAULT.headSize());
    }

    /**
     * Returns the options of the layer.
     *
     * @param inner the channels of a block, E
     * @param largest the head size where none is named and it divides E
     */
    public SSDConfig config(int inner, int largest) {
        return SSDConfig.builder()
                .optHeadSize(headSize == null ? usualHeadSize(inner, largest) : headSize)
                .optGroups(groups == null ? 1 : groups)
                .build();
    }
}

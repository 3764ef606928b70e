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
import ai.djl.mamba.training.LoRA;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of low-rank adapters. */
final class LoraFlags {

    @Option(
            names = "--lora",
            paramLabel = "R",
            description =
                    "train adapters of rank R and the head of a classifier (default: train all"
                            + " parameters)")
    private Integer rank;

    @Option(
            names = "--lora-alpha",
            paramLabel = "A",
            description = "adapters are scaled by A / R (default: R)")
    private Double alpha;

    @Option(
            names = "--lora-dropout",
            paramLabel = "RATE",
            defaultValue = "0",
            description = "dropout on the input of the adapters (default: ${DEFAULT-VALUE})")
    private double dropout;

    @Option(
            names = "--lora-targets",
            arity = "1..*",
            paramLabel = "NAME",
            description =
                    "projections with an adapter, some of in_proj, x_proj, dt_proj, out_proj (default:"
                            + " in_proj and, if there is one, x_proj)")
    private List<String> targets;

    @Option(
            names = "--merge",
            description = "also save the language model merged with its adapters")
    private boolean merge;

    private LoraFlags() {}

    void check(CommonOptions common) {
        common.atLeast("--lora", rank, 1);
        common.require(
                "--lora-dropout", dropout >= 0 && dropout < 1, "expected a number in [0, 1)");
        boolean isUseless = !isWanted() && (alpha != null || targets != null || merge);
        common.require(
                merge ? "--merge" : alpha != null ? "--lora-alpha" : "--lora-targets",
                !isUseless,
                "there are no adapters without --lora");
    }

    boolean isWanted() {
        return rank != null;
    }

    boolean merge() {
        return merge;
    }

    LoRA.Builder builder() {
        LoRA.Builder lora = LoRA.builder().setRank(rank).optDropout(dropout);
        if (alpha != null) {
            lora.optAlpha(alpha);
        }
        if (targets != null) {
            lora.optTargets(targets.toArray(new String[0]));
        }
        return lora;
    }
}

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
package ai.djl.mamba.documentation;

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.SequenceStack;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import java.util.List;

/** The examples of docs/compose.md, word for word; {@link ComposeSnippetsTest} runs them. */
final class ComposeSnippets {

    private ComposeSnippets() {}

    static Block compose() {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(32).build())
                        .add(MambaBlock.builder().optReturnState(false).build())
                        .add(ResidualBlock.builder().setMixer(MambaBlock.builder().build()).build())
                        .add(Mamba2Block.builder().optStateSize(64).optHeadSize(16).build())
                        .add(SelectiveSSM.builder().optStateSize(8).build())
                        .add(SSD.builder().optStateSize(32).optHeadSize(8).build());
        return block;
    }

    static Block ablation() {
        MambaBlock lti = MambaBlock.builder().optSsm(S4D.builder().build()).build();
        return lti;
    }

    static SequenceStack stack() {
        SequenceStack stack =
                SequenceStack.builder()
                        .add(Linear.builder().setUnits(32).build()) // computes each step by itself
                        .add(ResidualBlock.builder().setMixer(MambaBlock.builder().build()).build())
                        .add(
                                ResidualBlock.builder()
                                        .setMixer(Mamba2Block.builder().build())
                                        .build())
                        .optReturnState(true)
                        .build();
        return stack;
    }

    static MambaConfig mamba2() {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(256)
                        .setModelSize(64)
                        .setNumLayers(2)
                        .optMixer(Mamba2Options.builder().optStateSize(64).optHeadSize(16).build())
                        .build();
        return config;
    }

    static MambaConfig mixed() {
        Mixer mamba = new MambaOptions();
        Mixer s4d = S4DOptions.builder().optStateSize(32).build();
        List<Mixer> layers = "SMMS".chars().mapToObj(c -> c == 'S' ? s4d : mamba).toList();
        MambaConfig config =
                MambaConfig.builder().setVocabSize(256).setModelSize(64).setLayers(layers).build();
        return config;
    }

    static NDArray pad(NDManager manager, ParameterStore parameters, MambaLanguageModel block) {
        NDArray ids = manager.create(new long[] {5, 6, 7, 0, 0, 8}, new Shape(2, 3));
        NDArray mask = manager.create(new long[] {1, 1, 1, 0, 0, 1}, new Shape(2, 3));
        NDList outputs = block.forward(parameters, new NDList(ids, mask), false);
        return outputs.get(0);
    }

    static NDArray pack(NDManager manager, ParameterStore parameters, MambaLanguageModel block) {
        NDArray ids = manager.create(new long[] {5, 6, 7, 8, 4, 3, 0}, new Shape(1, 7));
        NDArray segments = manager.create(new long[] {1, 1, 1, 2, 2, 3, 0}, new Shape(1, 7));
        NDList outputs = block.forward(parameters, new NDList(ids, segments), false);
        return outputs.get(0);
    }
}

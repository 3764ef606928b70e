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
package ai.djl.mamba.layer;

import ai.djl.mamba.MambaBackbone;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.MambaState;
import ai.djl.mamba.layer.Mixer.Layer;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.training.CheckpointStore;
import ai.djl.mamba.training.Freezing;
import ai.djl.mamba.training.GradientAccumulation;
import ai.djl.mamba.training.GradientClipping;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.MetricsLog;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.testng.Assert;
import org.testng.Assert.ThrowingRunnable;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A builder can be used again: its blocks share nothing, and options change later ones only. */
public class BuildersTest {

    @DataProvider
    public Object[][] builders() {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(5).setModelSize(4).setNumLayers(2).build();
        Layer layer = new Layer(4, 1, Norm.DEFAULT);
        MambaOptions mamba = new MambaOptions();
        Mamba2Options mamba2 = Mamba2Options.builder().optHeadSize(2).build();
        S4DOptions s4d = new S4DOptions();
        return new Object[][] {
            {"MambaBlock", supplier(MambaBlock.builder()::build)},
            {"Mamba2Block", supplier(Mamba2Block.builder().optHeadSize(2)::build)},
            {"SelectiveSSM", supplier(SelectiveSSM.builder()::build)},
            {"SSD", supplier(SSD.builder().optHeadSize(2)::build)},
            {"S4D", supplier(S4D.builder()::build)},
            {"CausalConv1d", supplier(CausalConv1d.builder().setKernel(3)::build)},
            {"MambaClassifier", supplier(classifier(config)::build)},
            {"MambaOptions", supplier(() -> mamba.newBlock(layer))},
            {"Mamba2Options", supplier(() -> mamba2.newBlock(layer))},
            {"S4DOptions", supplier(() -> s4d.newBlock(layer))},
            {"Norm", supplier(Norm.DEFAULT::newBlock)}
        };
    }

    private static Supplier<Block> supplier(Supplier<? extends Block> builder) {
        return builder::get;
    }

    private static MambaClassifier.Builder classifier(MambaConfig config) {
        return MambaClassifier.builder().setConfig(config).setNumClasses(2);
    }

    @Test(dataProvider = "builders")
    public void blocksOfOneBuilderShareNothing(String name, Supplier<Block> builder) {
        assertDisjoint(builder.get(), builder.get(), name);
    }

    /** The mixer is the caller's; the norm that is there by default is not. */
    @Test
    public void residualBlocksHaveNormsOfTheirOwn() {
        ResidualBlock.Builder builder =
                ResidualBlock.builder().setMixer(MambaBlock.builder().build());
        ResidualBlock first = builder.build();
        builder.setMixer(MambaBlock.builder().build());
        assertDisjoint(first, builder.build(), "ResidualBlock");
    }

    private static void assertRefused(ThrowingRunnable call, String message) {
        String found = Assert.expectThrows(IllegalArgumentException.class, call).getMessage();
        Assert.assertTrue(found.startsWith(message), found);
    }

    /** Or two blocks would train and load the same parameters. */
    @Test
    public void blocksThatWereGivenAreNotShared() {
        MambaBlock.Builder mamba = MambaBlock.builder().optSsm(S4D.builder().build());
        MambaBlock first = mamba.build();
        assertRefused(mamba::build, "MambaBlock: the block of optSsm is part of the one that was");
        assertDisjoint(first, mamba.optSsm(S4D.builder().build()).build(), "MambaBlock");
        ResidualBlock.Builder residual = ResidualBlock.builder().setMixer(first);
        residual.build();
        assertRefused(residual::build, "ResidualBlock: the block of setMixer is part of the one");
        residual.setMixer(MambaBlock.builder().build()).optNorm(new RMSNorm()).build();
        residual.setMixer(MambaBlock.builder().build());
        assertRefused(residual::build, "ResidualBlock: the block of optNorm is part of the one");
        SequenceStack.Builder stack = SequenceStack.builder().add(MambaBlock.builder().build());
        stack.build();
        assertRefused(stack::build, "SequenceStack: the blocks of this builder are part of the");
    }

    @DataProvider
    public Object[][] nulls() {
        return new Object[][] {
            {call(() -> new MambaLanguageModel(null)), "MambaLanguageModel: config"},
            {call(() -> new MambaBackbone(null, false, false)), "MambaBackbone: config"},
            {call(() -> new MambaState(null)), "MambaState: arrays"},
            {call(() -> MambaState.start(null, null, 1)), "MambaState: block"},
            {call(() -> MambaState.join(null)), "MambaState: states"},
            {call(() -> MambaState.load(null, null)), "MambaState: manager"},
            {call(() -> new BidirectionalBlock(null, null)), "BidirectionalBlock: forward"},
            {call(() -> Mixer.fromJson(null)), "Mixers: json"},
            {call(() -> new Layer(1, 1, null)), "Mixer.Layer: norm"},
            {call(() -> new StateSpec("x", null)), "StateSpec: rowShape"},
            {call(() -> MambaOptions.builder(null)), "MambaOptions: options"},
            {call(() -> Mamba2Options.builder(null)), "Mamba2Options: options"},
            {call(() -> S4DOptions.builder(null)), "S4DOptions: options"},
            {call(() -> SequenceStack.builder().add(null)), "SequenceStack: block"},
            {call(() -> SequenceStack.builder().add("x", null)), "SequenceStack: block"},
            {call(() -> LoRA.merge(null)), "LoRA: block"},
            {call(() -> LoRA.builder().optTargets((String[]) null)), "LoRA: names"},
            {call(() -> Freezing.count(null)), "Freezing: block"},
            {call(() -> new GradientAccumulation(null)), "GradientAccumulation: block"},
            {call(() -> GradientClipping.clipGlobalNorm(null, 1)), "GradientClipping: block"},
            {call(() -> new CheckpointStore(null)), "CheckpointStore: folder"},
            {call(() -> MetricsLog.open(null)), "MetricsLog: file"},
            {call(() -> TrainingRun.builder().optDevices(null)), "TrainingRun: devices"},
            {
                call(() -> TrainingOptions.builder().optSteps(1).optSchedule(null).build()),
                "TrainingOptions: schedule"
            }
        };
    }

    private static ThrowingRunnable call(ThrowingRunnable call) {
        return call;
    }

    @Test(dataProvider = "nulls")
    public void missingArgumentsAreNamed(ThrowingRunnable call, String argument) {
        assertRefused(call, argument + " must not be null");
    }

    private static void assertDisjoint(Block first, Block second, String name) {
        Set<Parameter> ofFirst = parameters(first);
        Assert.assertFalse(ofFirst.isEmpty(), name + " has no parameters");
        Assert.assertEquals(parameters(second).size(), ofFirst.size());
        for (Parameter parameter : parameters(second)) {
            Assert.assertFalse(
                    ofFirst.contains(parameter), name + " shares " + parameter.getName());
        }
    }

    private static Set<Parameter> parameters(Block block) {
        Set<Parameter> parameters = Collections.newSetFromMap(new IdentityHashMap<>());
        parameters.addAll(block.getParameters().values());
        return parameters;
    }

    @Test
    public void laterOptionsLeaveBuiltBlocksAsTheyAre() {
        Mamba2Block.Builder builder = Mamba2Block.builder().optHeadSize(2);
        Mamba2Block first = builder.build();
        builder.optHeadSize(4).optBias(true);
        Assert.assertEquals(first.getOptions(), Mamba2Options.builder().optHeadSize(2).build());
        Assert.assertEquals(
                builder.build().getOptions(),
                Mamba2Options.builder().optHeadSize(4).optBias(true).build());
        MambaOptions.Builder options = MambaOptions.builder();
        MambaOptions built = options.build();
        options.optStateSize(3);
        Assert.assertEquals(built, new MambaOptions());
        Assert.assertEquals(
                List.of(options.build().stateSize(), built.stateSize()), List.of(3, 16));
    }

    @Test
    public void buildersStartFromGivenOptions() {
        MambaOptions mamba = MambaOptions.builder().optStateSize(3).optBias(true).build();
        Assert.assertEquals(MambaOptions.builder(mamba).build(), mamba);
        Mamba2Options mamba2 = Mamba2Options.builder().optGroups(2).optConvKernel(3).build();
        Assert.assertEquals(Mamba2Options.builder(mamba2).build(), mamba2);
        S4DOptions s4d = S4DOptions.builder().optTimeStepInit(0.01, 0.02).optGate(false).build();
        Assert.assertEquals(S4DOptions.builder(s4d).build(), s4d);
    }

    /** What follows from other options follows from them at each build. */
    @Test
    public void derivedDefaultsAreThoseOfTheBuild() {
        LowRankAdapter.Builder adapter = LowRankAdapter.builder().setRank(2);
        Assert.assertEquals(adapter.build().getAlpha(), 2d);
        Assert.assertEquals(adapter.setRank(8).build().getAlpha(), 8d);
        MambaClassifier.Builder classifier =
                MambaClassifier.builder()
                        .setConfig(
                                MambaConfig.builder()
                                        .setVocabSize(5)
                                        .setModelSize(4)
                                        .setNumLayers(1)
                                        .build())
                        .setNumClasses(2);
        Assert.assertEquals(classifier.build().getPooling(), MambaClassifier.Pooling.LAST);
        Assert.assertEquals(
                classifier.optBidirectional(true).build().getPooling(),
                MambaClassifier.Pooling.MEAN);
    }
}

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
package ai.djl.mamba.testing;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.training.CheckpointStore;
import ai.djl.mamba.training.Freezing;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Training runs that are over in a moment, each with something that a resumed run could forget.
 *
 * @param engine the name of the engine
 * @param scenario what is trained
 * @param options the options, of which a test may change some
 */
public record TinyTraining(String engine, Scenario scenario, TrainingOptions.Builder options) {

    /** What is trained. */
    public enum Scenario {
        PLAIN,
        ACCUMULATED,
        DROPOUT,
        CARRIED,
        FROZEN,
        LORA,
        CLASSIFIER,
        S4D,
        /** With carried state. */
        MAMBA2;

        private boolean carriesState() {
            return this == CARRIED || this == MAMBA2;
        }

        private Mixer mixer() {
            return switch (this) {
                case S4D -> S4DOptions.builder().optStateSize(4).build();
                case MAMBA2 ->
                        Mamba2Options.builder().optStateSize(4).optHeadSize(4).optGroups(2).build();
                default -> MambaOptions.builder().optStateSize(4).build();
            };
        }
    }

    public static final int STEPS = 7;

    public static TinyTraining of(String engine, Scenario scenario) {
        TrainingOptions.Builder options =
                TrainingOptions.builder()
                        .optSteps(STEPS)
                        .optLearningRate(0.02f)
                        .optWeightDecay(0.1f)
                        .optSeed(5)
                        .optEvaluateEvery(3)
                        .optAccumulation(scenario == Scenario.ACCUMULATED ? 3 : 1)
                        .optCarryState(scenario.carriesState());
        return new TinyTraining(engine, scenario, options);
    }

    /** What a session of a run left: how it ended, and all parameters by name. */
    public record Outcome(TrainingResult result, Map<String, float[]> parameters) {}

    /** Runs to the end. */
    public Outcome run() throws IOException {
        return session(null, false, run -> {});
    }

    /** Runs, or goes on, until it is stopped after some steps. */
    public Outcome session(Path folder, boolean resume, int steps) throws IOException {
        return session(folder, resume, run -> run.addListener(new Stop(run, steps)));
    }

    /**
     * Runs, or goes on, in a model of its own.
     *
     * @param folder the folder for checkpoints, or null for none
     * @param starting is told the run before it starts
     */
    public Outcome session(Path folder, boolean resume, Consumer<TrainingRun> starting)
            throws IOException {
        try (Model model = Model.newInstance("tiny", Device.cpu(), engine)) {
            prepare(model);
            try (CheckpointStore store = folder == null ? null : new CheckpointStore(folder);
                    TrainingRun run =
                            TrainingRun.builder()
                                    .setModel(model)
                                    .setData(data(1, 4))
                                    .optValidation(data(77, 2))
                                    .setOptions(options.build())
                                    .optCheckpoints(store)
                                    .optResume(resume)
                                    .build()) {
                starting.accept(run);
                return new Outcome(run.run(), values(model.getBlock()));
            }
        }
    }

    private RandomTokens data(long seed, int batches) {
        return switch (scenario) {
            case CLASSIFIER -> RandomTokens.classes(seed, batches);
            case CARRIED, MAMBA2 -> RandomTokens.continued(seed, batches);
            default -> RandomTokens.language(seed, batches);
        };
    }

    private void prepare(Model model) {
        model.getNDManager().getEngine().setRandomSeed(3);
        Block block = block();
        model.setBlock(block);
        Shape input = new Shape(RandomTokens.ROWS, RandomTokens.LENGTH);
        block.initialize(model.getNDManager(), DataType.FLOAT32, input);
        if (scenario == Scenario.FROZEN) {
            Freezing.freeze(block, "embedding", "A_log");
        }
        if (scenario == Scenario.LORA) {
            LoRA.builder().setRank(2).optDropout(0.2).build().apply(block, model.getNDManager());
        }
    }

    private Block block() {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(RandomTokens.VOCAB)
                        .setModelSize(8)
                        .setNumLayers(2)
                        .optDropout(scenario == Scenario.DROPOUT ? 0.3f : 0)
                        .optMixer(scenario.mixer())
                        .build();
        return scenario == Scenario.CLASSIFIER
                ? MambaClassifier.builder().setConfig(config).setNumClasses(2).build()
                : new MambaLanguageModel(config, scenario.carriesState());
    }

    private static Map<String, float[]> values(Block block) {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (Pair<String, Parameter> pair : block.getParameters()) {
            values.put(pair.getKey(), pair.getValue().getArray().toFloatArray());
        }
        return values;
    }

    /** Stops a run after some steps. */
    public static final class Stop implements RunListener {

        private final TrainingRun run;
        private long left;

        public Stop(TrainingRun run, long steps) {
            this.run = run;
            left = steps;
        }

        @Override
        public void onStep(StepReport report) {
            left--;
            if (left == 0) {
                run.stop();
            }
        }
    }
}

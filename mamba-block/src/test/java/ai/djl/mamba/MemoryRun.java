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
package ai.djl.mamba;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.RandomTokens;
import ai.djl.mamba.training.AdamW;
import ai.djl.mamba.training.CheckpointStore;
import ai.djl.mamba.training.GradientClipping;
import ai.djl.mamba.training.MaskedCrossEntropy;
import ai.djl.mamba.training.ParameterGroups;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.training.RunListener.StepReport;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What {@link MemoryTest} runs in a JVM of its own: many steps of one kind. Prints how many arrays
 * the engine's managers hold and the resident set, after the first third and at the end.
 */
final class MemoryRun {

    private static final int VOCAB = 16;
    private static final int ROWS = 16;
    private static final int LENGTH = 16;
    private static final int STATES = 4;
    private static final int INNER = 256;

    /** The size of an SSM state of a layer while decoding. */
    static final long STATE_BYTES = 4L * ROWS * INNER * STATES;

    /** The size of (B, L, E) in a step of a training run. */
    static final long RUN_ACTIVATION_BYTES = 4L * RandomTokens.ROWS * RandomTokens.LENGTH * INNER;

    /** The size of (B, L, E) while training, and of (1, B · L, E) while predicting. */
    static final long ACTIVATION_BYTES = 4L * ROWS * LENGTH * INNER;

    private final Model model;
    private final NDManager root;
    private long arraysAfterWarmUp;
    private long residentAfterWarmUp;

    private MemoryRun(String engineName, String kind, boolean returnState) {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(VOCAB)
                        .setModelSize(INNER / 2)
                        .setNumLayers(1)
                        .optMixer(mixer(kind))
                        .build();
        model = Model.newInstance("memory", Device.cpu(), engineName);
        model.setBlock(new MambaLanguageModel(config, returnState));
        // parameters stay unfrozen: an engine that records gradients keeps graphs
        model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 8));
        NDManager top = model.getNDManager();
        while (top.getParentManager() != null) {
            top = top.getParentManager();
        }
        root = top;
    }

    private static Mixer mixer(String kind) {
        return switch (kind) {
            case "mamba" -> MambaOptions.builder().optStateSize(STATES).build();
            case "mamba2" -> Mamba2Options.builder().optStateSize(STATES).build();
            default -> throw new IllegalArgumentException(kind);
        };
    }

    public static void main(String[] args) {
        try {
            String scenario = args[2];
            boolean withState = scenario.equals("decode") || scenario.equals("run");
            MemoryRun run = new MemoryRun(args[0], args[1], withState);
            switch (scenario) {
                case "decode" -> run.decode(2000);
                case "train" -> run.train(300);
                case "tools" -> run.trainWithTools(300);
                case "run" -> run.trainingRun(900);
                case "predict" -> run.predict(200);
                default -> throw new IllegalArgumentException(scenario);
            }
            System.exit(0); // pool threads would keep the JVM
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private void note(int step, int steps) throws IOException {
        if (step != steps / 3 && step != steps) {
            return;
        }
        long arrays = root.getManagedArrays().size();
        long resident = ProcessFiles.isLinux() ? ProcessFiles.status("VmRSS") : 0;
        if (step < steps) {
            arraysAfterWarmUp = arrays;
            residentAfterWarmUp = resident;
            return;
        }
        System.out.println("arrays " + arraysAfterWarmUp + ' ' + arrays);
        System.out.println("resident " + residentAfterWarmUp + ' ' + resident);
    }

    /** Decodes on a pool thread, where PyTorch records gradients. */
    private void decode(int steps) throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        Callable<Void> decoding =
                () -> {
                    decodeHere(steps);
                    return null;
                };
        pool.submit(decoding).get();
    }

    private void decodeHere(int steps) throws IOException {
        MambaLanguageModel block = (MambaLanguageModel) model.getBlock();
        ParameterStore store = new ParameterStore(model.getNDManager(), false);
        try (NDManager decoding = model.getNDManager().newSubManager()) {
            MambaState state = MambaState.start(block, decoding, ROWS);
            for (int step = 1; step <= steps; step++) {
                NDArray ids = decoding.zeros(new Shape(ROWS, 1), DataType.INT64);
                NDList inputs = new NDList(ids);
                inputs.addAll(state.toNDList());
                NDList outputs = block.forward(store, inputs, false);
                outputs.get(0).close();
                inputs.head().close();
                state.close();
                state = new MambaState(outputs.subNDList(1));
                note(step, steps);
            }
        }
    }

    private void train(int steps) throws IOException {
        train(steps, Loss.softmaxCrossEntropyLoss(), Optimizer.adam().build());
    }

    /** Trains with the loss, the optimizer and the clipping of this project. */
    private void trainWithTools(int steps) throws IOException {
        ParameterGroups groups = ParameterGroups.of(model.getBlock());
        try (AdamW optimizer = AdamW.builder().optGroups(groups).build()) {
            train(steps, new MaskedCrossEntropy().optLabelSmoothing(0.1f), optimizer);
        }
    }

    private void train(int steps, Loss loss, Optimizer optimizer) throws IOException {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(loss)
                        .optOptimizer(optimizer)
                        .optDevices(new Device[] {Device.cpu()});
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(ROWS, LENGTH));
            for (int step = 1; step <= steps; step++) {
                trainOnce(trainer, step);
                note(step, steps);
            }
        }
    }

    private static void trainOnce(Trainer trainer, int step) {
        try (NDManager batch = trainer.getManager().newSubManager();
                var collector = trainer.newGradientCollector()) {
            long[] ids = new long[ROWS * LENGTH];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = ((long) i + step) % VOCAB;
            }
            NDList data = new NDList(batch.create(ids, new Shape(ROWS, LENGTH)));
            NDList labels = new NDList(batch.create(ids, new Shape(ROWS, LENGTH, 1)));
            collector.backward(trainer.getLoss().evaluate(labels, trainer.forward(data)));
            GradientClipping.clipGlobalNorm(trainer.getModel().getBlock(), 1e-3);
            trainer.step();
        }
    }

    /** A whole training run: with accumulation, carried state, evaluations and checkpoints. */
    private void trainingRun(int steps) throws IOException {
        Path folder = Files.createTempDirectory("mamba-memory");
        RunListener listener =
                new RunListener() {
                    @Override
                    public void onStep(StepReport report) {
                        try {
                            note((int) report.step(), steps);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                };
        TrainingOptions options =
                TrainingOptions.builder()
                        .optSteps(steps)
                        .optAccumulation(2)
                        .optCarryState(true)
                        .optEvaluateEvery(10)
                        .optSaveEvery(50)
                        .build();
        try (CheckpointStore store = new CheckpointStore(folder);
                TrainingRun run =
                        TrainingRun.builder()
                                .setModel(model)
                                .setData(RandomTokens.continued(1, 40))
                                .optValidation(RandomTokens.continued(2, 3))
                                .setOptions(options)
                                .optCheckpoints(store)
                                .addListener(listener)
                                .build()) {
            run.run();
        } finally {
            ProcessFiles.delete(folder);
        }
    }

    /** Predicts on several pool threads, each with a Predictor that lives through all of it. */
    private void predict(int steps) throws Exception {
        ThreadLocal<Predictor<long[], float[]>> predictors =
                ThreadLocal.withInitial(() -> model.newPredictor(new PredictorTest.NextToken()));
        ExecutorService pool = Executors.newFixedThreadPool(4);
        for (int step = 4; step <= steps; step += 4) {
            Callable<float[]> prediction = () -> predictors.get().predict(new long[ROWS * LENGTH]);
            for (var future : pool.invokeAll(Collections.nCopies(4, prediction))) {
                future.get();
            }
            note(step, steps - steps % 12);
        }
    }
}

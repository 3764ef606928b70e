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
package ai.djl.mamba.integration;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.MambaState;
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.layer.mamba2.SSDConfig;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.mamba.ops.Ops;
import ai.djl.mamba.ops.Scans;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** The Java examples of the README, word for word; {@link ReadmeTest} compares and runs them. */
final class ReadmeSnippets {

    private ReadmeSnippets() {}

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

    static MambaConfig mamba2() {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(256)
                        .setModelSize(64)
                        .setNumLayers(2)
                        .optSsm(MambaConfig.Ssm.SSD) // the layers are Mamba2Blocks
                        .optStateSize(64)
                        .optSsd(SSDConfig.builder().optHeadSize(16).build())
                        .build();
        return config;
    }

    static float train(String engine, NDManager manager) throws IOException, TranslateException {
        NDArray ids = manager.randomInteger(0, 10, new Shape(64, 12), DataType.INT64);
        NDArray lengths = manager.full(new Shape(64), 12, DataType.INT64);
        NDArray labels = ids.get(":, 11").mod(2);

        MambaConfig config =
                MambaConfig.builder().setVocabSize(10).setModelSize(16).setNumLayers(2).build();
        float accuracy;
        try (Model model = Model.newInstance("parity", Device.cpu(), engine)) {
            model.setBlock(
                    MambaClassifier.builder()
                            .setConfig(config)
                            .setNumClasses(2)
                            .optBidirectional(true)
                            .build());
            DefaultTrainingConfig training =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .addEvaluator(new Accuracy())
                            .optDevices(new Device[] {Device.cpu()})
                            .optOptimizer(
                                    Optimizer.adam()
                                            .optLearningRateTracker(Tracker.fixed(0.01f))
                                            .build())
                            .addTrainingListeners(TrainingListener.Defaults.basic());
            ArrayDataset dataset =
                    new ArrayDataset.Builder()
                            .setData(ids, lengths)
                            .optLabels(labels)
                            .setSampling(16, true)
                            .build();
            try (Trainer trainer = model.newTrainer(training)) {
                trainer.initialize(new Shape(16, 12), new Shape(16));
                EasyTrain.fit(trainer, 10, dataset, null);
                accuracy = trainer.getTrainingResult().getTrainEvaluation("Accuracy");
            }
        }
        return accuracy;
    }

    static boolean step(NDManager manager) throws IOException {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(256).setModelSize(32).setNumLayers(2).build();
        MambaLanguageModel block = new MambaLanguageModel(config, true);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        ParameterStore parameters = new ParameterStore(manager, false);

        // the whole prompt at once, then token by token
        NDArray prompt = manager.create(new long[] {72, 101, 108, 108}, new Shape(1, 4));
        NDList outputs = block.forward(parameters, new NDList(prompt), false);
        MambaState state = new MambaState(outputs.subNDList(1));
        NDArray next = manager.create(new long[] {111}, new Shape(1, 1));
        NDList inputs = new NDList(next);
        inputs.addAll(state.toNDList());
        NDList stepped = block.forward(parameters, inputs, false); // logits (1, 1, 256), new state

        // a state is a value: copy its row for two beams, save it, go on in another process
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.save(bytes);
        MambaState restored =
                MambaState.load(manager, new ByteArrayInputStream(bytes.toByteArray()));
        MambaState beams = restored.select(0, 0);
        return beams.batchSize() == 2 && stepped.get(0).getShape().equals(new Shape(1, 1, 256));
    }

    static String[] nativeOperators(String engine) {
        String scan = Scans.SELECTIVE.forEngine(engine).name(); // "native", or else "chunked"
        String reason = Ops.nativeFor(engine).reason(); // null, or why nothing is native here
        return new String[] {scan, reason};
    }

    static NDArray pad(NDManager manager, ParameterStore parameters, MambaLanguageModel block) {
        NDArray ids = manager.create(new long[] {5, 6, 7, 0, 0, 8}, new Shape(2, 3));
        NDArray mask = manager.create(new long[] {1, 1, 1, 0, 0, 1}, new Shape(2, 3));
        NDList outputs = block.forward(parameters, new NDList(ids, mask), false);
        return outputs.get(0);
    }
}

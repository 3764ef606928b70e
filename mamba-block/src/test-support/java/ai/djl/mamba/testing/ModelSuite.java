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
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaConfig.Ssm;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.mamba2.SSDConfig;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.testng.annotations.DataProvider;

/** What the suites on the use of models with DJL share: small models, data to learn, a Trainer. */
public abstract class ModelSuite extends EngineSuite {

    protected static final int VOCAB = 8;
    protected static final int LENGTH = 12;

    /** The layers of Mamba and of Mamba-2. */
    protected static final Object[][] LAYERS = Engines.rows(List.of(Ssm.SELECTIVE, Ssm.SSD));

    private final Ssm ssm;

    protected ModelSuite(EngineSetup engine) {
        this(engine, Ssm.SELECTIVE);
    }

    /** Takes the layer that the models have. */
    protected ModelSuite(EngineSetup engine, Ssm ssm) {
        super(engine);
        this.ssm = ssm;
    }

    /** The engines with the layers of Mamba and of Mamba-2. */
    @DataProvider
    public static Object[][] layers() {
        return Engines.each(LAYERS);
    }

    /** The configuration of a model that trains in seconds. */
    protected static MambaConfig.Builder smallConfig() {
        return MambaConfig.builder()
                .setVocabSize(VOCAB)
                .setModelSize(16)
                .setNumLayers(2)
                .optStateSize(4);
    }

    /** The same with the blocks of Mamba-2: four heads in two groups. */
    protected static MambaConfig.Builder smallDualConfig() {
        return smallConfig()
                .optSsm(MambaConfig.Ssm.SSD)
                .optSsd(SSDConfig.builder().optHeadSize(8).optGroups(2).build());
    }

    /** The configuration of a model that trains in seconds, with a layer. */
    protected static MambaConfig.Builder smallConfig(Ssm ssm) {
        return ssm == Ssm.SSD ? smallDualConfig() : smallConfig().optSsm(ssm);
    }

    /** The layer that the models have. */
    protected Ssm ssm() {
        return ssm;
    }

    /** Names the engine: with both on the class path, DJL's default would be MXNet. */
    protected Model model(Block block) {
        Model model = Model.newInstance("mamba", device(), engineName);
        model.setBlock(block);
        return model;
    }

    /** A model of the small configuration with its initial parameters. */
    protected Model languageModel() {
        Model model = model(new MambaLanguageModel(smallConfig(ssm).build()));
        model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, LENGTH));
        return model;
    }

    protected Trainer trainer(Model model, float learningRate) {
        return model.newTrainer(trainingConfig(learningRate));
    }

    protected DefaultTrainingConfig trainingConfig(float learningRate) {
        Optimizer adam =
                Optimizer.adam().optLearningRateTracker(Tracker.fixed(learningRate)).build();
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(adam)
                .optDevices(new Device[] {device()});
    }

    /** Rows that count through the vocabulary from different starts, (rows, length). */
    protected static long[] counting(int rows, int length) {
        long[] ids = new long[rows * length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = ((long) i / length + i % length) % VOCAB;
        }
        return ids;
    }

    /** What follows each token of {@link #counting}. */
    protected static long[] following(long[] ids) {
        long[] next = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            next[i] = (ids[i] + 1) % VOCAB;
        }
        return next;
    }

    /** A batch of {@link #counting} rows. */
    protected NDArray ids(NDManager owner, int rows) {
        return owner.create(counting(rows, LENGTH), new Shape(rows, LENGTH));
    }

    /**
     * The labels of {@link #ids}, (rows, length, 1): DJL's loss takes (rows, length) on MXNet, but
     * on PyTorch only where both are equal, since its {@code pick} gets the shape of the index
     * wrong.
     */
    protected NDArray labels(NDManager owner, int rows) {
        return owner.create(following(counting(rows, LENGTH)), new Shape(rows, LENGTH, 1));
    }

    /** Next-token data of 16 rows; further inputs, such as lengths, follow the ids. */
    protected ArrayDataset countingData(NDArray... furtherInputs) {
        NDList data = new NDList(ids(manager, 16));
        data.addAll(new NDList(furtherInputs));
        return new ArrayDataset.Builder()
                .setData(data.toArray(new NDArray[0]))
                .optLabels(labels(manager, 16))
                .setSampling(8, false)
                .build();
    }

    /** The mean loss over a dataset, computed as in inference. */
    protected static double loss(Trainer trainer, Dataset dataset)
            throws IOException, TranslateException {
        double sum = 0;
        int batches = 0;
        for (Batch batch : trainer.iterateDataset(dataset)) {
            try (batch) {
                NDList predictions = trainer.evaluate(batch.getData());
                sum += trainer.getLoss().evaluate(batch.getLabels(), predictions).getFloat();
                batches++;
            }
        }
        return sum / batches;
    }

    /** One step of training on {@link #counting} rows, as EasyTrain does it; returns the loss. */
    protected float step(Trainer trainer, int rows) {
        try (NDManager batch = trainer.getManager().newSubManager()) {
            NDList data = new NDList(ids(batch, rows));
            NDList labels = new NDList(labels(batch, rows));
            NDArray loss;
            try (var collector = trainer.newGradientCollector()) {
                loss = trainer.getLoss().evaluate(labels, trainer.forward(data));
                collector.backward(loss);
            }
            trainer.step();
            return loss.getFloat();
        }
    }

    /** Runs a block in inference. */
    protected static NDArray infer(Block block, NDArray... inputs) {
        ParameterStore store = new ParameterStore(inputs[0].getManager(), false);
        return block.forward(store, new NDList(inputs), false).get(0);
    }

    /** A copy of the values of all parameters, by name. */
    protected static Map<String, float[]> values(Block block) {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (Pair<String, Parameter> pair : block.getParameters()) {
            values.put(pair.getKey(), pair.getValue().getArray().toFloatArray());
        }
        return values;
    }
}

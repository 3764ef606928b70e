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
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
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

    /** Mamba in models that train in seconds. */
    protected static final Mixer MAMBA = MambaOptions.builder().optStateSize(4).build();

    /** Mamba-2 in such models: four heads in two groups. */
    protected static final Mixer MAMBA2 =
            Mamba2Options.builder().optStateSize(4).optHeadSize(8).optGroups(2).build();

    private final Mixer mixer;

    protected ModelSuite(EngineSetup engine) {
        this(engine, MAMBA);
    }

    /** Takes the mixer that the models have. */
    protected ModelSuite(EngineSetup engine, Mixer mixer) {
        super(engine);
        this.mixer = mixer;
    }

    /** The engines with the mixers of Mamba and of Mamba-2. */
    @DataProvider
    public static Object[][] mixers() {
        return Engines.each(Engines.rows(List.of(MAMBA, MAMBA2)));
    }

    /** The configuration of a model that trains in seconds. */
    protected static MambaConfig.Builder smallConfig() {
        return smallConfig(MAMBA);
    }

    /** The same with another mixer. */
    protected static MambaConfig.Builder smallConfig(Mixer mixer) {
        return MambaConfig.builder()
                .setVocabSize(VOCAB)
                .setModelSize(16)
                .setNumLayers(2)
                .optMixer(mixer);
    }

    /** The mixer that the models have. */
    protected Mixer mixer() {
        return mixer;
    }

    /** Names the engine: with both on the class path, DJL's default would be MXNet. */
    protected Model model(Block block) {
        Model model = Model.newInstance("mamba", device(), engineName);
        model.setBlock(block);
        return model;
    }

    /** A model of the small configuration with its initial parameters. */
    protected Model languageModel() {
        Model model = model(new MambaLanguageModel(smallConfig(mixer).build()));
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

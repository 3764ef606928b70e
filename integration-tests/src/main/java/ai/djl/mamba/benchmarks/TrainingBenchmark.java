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
package ai.djl.mamba.benchmarks;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Mixers;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Times the forward and the backward pass of a language model, without the optimizer's step. Tokens
 * per second are batch · length divided by the time. The scan is chosen as everywhere, by {@link
 * ai.djl.mamba.ops.Scans#PROPERTY}. State sizes are those of the published models.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class TrainingBenchmark {

    @Param("PyTorch")
    public String engine;

    @Param("cpu")
    public String device;

    @Param("1")
    public int batch;

    @Param("256")
    public int length;

    @Param("256")
    public int modelSize;

    @Param("4")
    public int layers;

    @Param("1024")
    public int vocab;

    /** The kind of the mixers, one of {@link Mixers#kinds}. */
    @Param("mamba")
    public String mixer;

    private Model model;
    private Trainer trainer;
    private NDArray ids;

    /** Makes the model and the tokens. */
    @Setup(Level.Trial)
    public void setUp() {
        Device target = Device.fromName(device);
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(vocab)
                        .setModelSize(modelSize)
                        .setNumLayers(layers)
                        .optMixer(Mixers.defaults(mixer))
                        .build();
        model = Model.newInstance("training", target, engine);
        model.setBlock(new MambaLanguageModel(config));
        trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optDevices(new Device[] {target}));
        Shape shape = new Shape(batch, length);
        trainer.initialize(shape);
        NDManager manager = trainer.getManager();
        ids = manager.randomInteger(0, vocab, shape, DataType.INT64);
    }

    /** Releases the model. */
    @TearDown(Level.Trial)
    public void tearDown() {
        trainer.close();
        model.close();
    }

    /**
     * Times the forward and the backward pass.
     *
     * @return the loss
     */
    @Benchmark
    public float forwardBackward() {
        try (NDManager scratch = trainer.getManager().newSubManager();
                GradientCollector collector = trainer.newGradientCollector()) {
            NDArray data = ids.duplicate();
            data.attach(scratch);
            NDArray logits = trainer.forward(new NDList(data)).singletonOrThrow();
            NDArray rows = logits.reshape(-1, logits.getShape().get(2));
            NDArray loss =
                    trainer.getLoss().evaluate(new NDList(data.reshape(-1)), new NDList(rows));
            collector.backward(loss);
            return loss.getFloat();
        }
    }
}

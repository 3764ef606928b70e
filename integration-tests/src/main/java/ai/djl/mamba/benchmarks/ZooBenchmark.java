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
import ai.djl.ModelException;
import ai.djl.inference.Predictor;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.TokenStream;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.translate.TranslateException;
import ai.djl.util.PairList;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
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
 * What the zoo costs: loading a checkpoint beside reading its file, and prefill and decoding
 * through the zoo beside the bare block. The default is the 130m shape with random weights, 517 MB.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class ZooBenchmark {

    private static final int NEW_TOKENS = 16;

    @Param("PyTorch")
    public String engine;

    @Param("cpu")
    public String device;

    @Param("768")
    public int modelSize;

    @Param("24")
    public int layers;

    @Param("50280")
    public int vocab;

    @Param("512")
    public int length;

    private Path folder;
    private long[] prompt;
    private ZooModel<NDList, NDList> model;
    private TextModel text;
    private Predictor<NDList, NDList> predictor;
    private NDManager manager;

    /** Writes a checkpoint and loads it. */
    @Setup(Level.Trial)
    public void setUp() throws IOException, ModelException {
        folder = Files.createTempDirectory("mamba-zoo-benchmark");
        try (NDManager scratch = NDManager.newBaseManager(Device.cpu(), engine)) {
            MambaConfig config =
                    MambaConfig.builder()
                            .setVocabSize(vocab)
                            .setModelSize(modelSize)
                            .setNumLayers(layers)
                            .build();
            MambaLanguageModel block = new MambaLanguageModel(config);
            block.initialize(scratch, DataType.FLOAT32, new Shape(1, 1));
            MambaCheckpoint.save(block, folder);
        }
        prompt = new Random(1).longs(length, 0, vocab).toArray();
        model = load();
        text = TextModel.of(model);
        predictor = model.newPredictor();
        manager = model.getNDManager().newSubManager();
    }

    /** Deletes the checkpoint. */
    @TearDown(Level.Trial)
    public void tearDown() {
        model.close();
        Utils.deleteQuietly(folder);
    }

    private ZooModel<NDList, NDList> load() throws IOException, ModelException {
        return MambaModels.criteria(folder.toString(), NDList.class, NDList.class)
                .optEngine(engine)
                .optDevice(Device.fromName(device))
                .build()
                .loadModel();
    }

    /**
     * Reads the file of weights into fresh memory.
     *
     * @return the bytes
     */
    @Benchmark
    public byte[] loadingBareRead() throws IOException {
        return Files.readAllBytes(folder.resolve("model.safetensors"));
    }

    /** Loads the checkpoint and lets it go. */
    @Benchmark
    public void loadingZoo() throws IOException, ModelException {
        load().close();
    }

    /**
     * Computes all logits of the prompt with the block.
     *
     * @return one of them
     */
    @Benchmark
    public float prefillBare() {
        try (NDManager scratch = manager.newSubManager()) {
            NDList logits = forward(scratch, prompt, new NDList(), false);
            return logits.head().get(0, length - 1, 0).getFloat();
        }
    }

    /**
     * Computes all logits of the prompt with a predictor.
     *
     * @return one of them
     */
    @Benchmark
    public float prefillZoo() throws TranslateException {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray ids = scratch.create(prompt, new Shape(1, length));
            try (NDList logits = predictor.predict(new NDList(ids))) {
                return logits.head().get(0, length - 1, 0).getFloat();
            }
        }
    }

    /**
     * Computes the last logits and the state of the prompt with the block.
     *
     * @return one of the logits
     */
    @Benchmark
    public float readingBare() {
        try (NDManager scratch = manager.newSubManager()) {
            return forward(scratch, prompt, new NDList(), true).head().toFloatArray()[0];
        }
    }

    /**
     * Reads the prompt for a continuation.
     *
     * @return one of the logits
     */
    @Benchmark
    public float readingZoo() {
        try (PromptState state = text.generator().read(prompt)) {
            return state.logits()[0];
        }
    }

    /**
     * Decodes greedily with the block: the least that can be done.
     *
     * @return the last id
     */
    @Benchmark
    public long decodingBare() {
        try (NDManager run = manager.newSubManager()) {
            NDList state = new NDList();
            long id = 1;
            for (int i = 0; i < NEW_TOKENS; i++) {
                try (NDManager scratch = run.newSubManager()) {
                    NDList outputs = forward(scratch, new long[] {id}, state, true);
                    id = outputs.head().argMax(2).toLongArray()[0];
                    NDList next = outputs.subNDList(1);
                    next.attach(run);
                    state.close();
                    state = next;
                }
            }
            return id;
        }
    }

    /**
     * Decodes greedily with the generator.
     *
     * @return the last id
     */
    @Benchmark
    public long decodingZoo() {
        return generate(GenerationOptions.builder().optMaxNewTokens(NEW_TOKENS).build());
    }

    /**
     * Samples with the generator.
     *
     * @return the last id
     */
    @Benchmark
    public long decodingZooSampled() {
        return generate(
                GenerationOptions.builder()
                        .optMaxNewTokens(NEW_TOKENS)
                        .optTemperature(0.8)
                        .optTopK(40)
                        .optTopP(0.95)
                        .build());
    }

    private long generate(GenerationOptions options) {
        long id = 0;
        try (TokenStream stream = text.generator().generate(new long[] {1}, options)) {
            while (stream.hasNext()) {
                id = stream.nextInt();
            }
        }
        return id;
    }

    private NDList forward(NDManager scratch, long[] ids, NDList state, boolean lastOnly) {
        NDList inputs = new NDList(scratch.create(ids, new Shape(1, ids.length)));
        inputs.addAll(state);
        PairList<String, Object> options = new PairList<>();
        options.add(SequenceBlock.LAST_ONLY, lastOnly);
        ParameterStore parameters = new ParameterStore(manager, false);
        return model.getBlock().forward(parameters, inputs, false, options);
    }
}

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
package ai.djl.mamba.soak;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.Adapters;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.testng.Assert;

/** What one process does with models: predictions, loads, adapters and saved states. */
final class ModelTasks implements AutoCloseable {

    private static final GenerationOptions TOKENS =
            GenerationOptions.builder().optMaxNewTokens(12).build();
    private static final List<String> PROMPTS =
            List.of("a", "The scan is", "int i = 0;", "x".repeat(300), "über alles", "\n\n");

    private final Path folder;
    private final AtomicLong files = new AtomicLong();
    private final List<Path> models;
    private final Path damaged;
    private final List<Path> adapters;
    private final TextModel shared;
    private final List<String> continuations;
    private final List<Double> scores;
    private final List<Double> adaptedScores;

    ModelTasks(Path folder) throws Exception {
        this.folder = folder;
        Path mamba = TinyModels.ofBytes(folder.resolve("mamba"));
        models = List.of(mamba, TinyModels.mamba2OfBytes(folder.resolve("mamba2")), copy(mamba));
        damaged = damage(TinyModels.ofBytes(folder.resolve("damaged")));
        adapters = List.of(adapter("in_proj"), adapter("x_proj", "out_proj"));
        shared = TextModel.load(mamba);
        continuations =
                PROMPTS.stream().map(prompt -> shared.generate(prompt, TOKENS).text()).toList();
        scores = List.of(score(0, null), score(1, null), score(2, null));
        adaptedScores = List.of(score(0, adapters.get(0)), score(0, adapters.get(1)));
        Assert.assertNotEquals(adaptedScores.get(0), scores.get(0));
        Assert.assertNotEquals(adaptedScores.get(1), adaptedScores.get(0));
    }

    /** The same model in the other dialect. */
    private Path copy(Path model) throws IOException, MalformedModelException {
        Path copy = folder.resolve("original");
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            MambaCheckpoint.save(MambaCheckpoint.load(model, manager), copy, Dialect.ORIGINAL);
        }
        return copy;
    }

    private static Path damage(Path model) throws IOException {
        Path weights = model.resolve("model.safetensors");
        try (FileChannel file = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            file.truncate(file.size() / 2);
        }
        return model;
    }

    private Path adapter(String... targets) throws IOException, MalformedModelException {
        Path adapter = folder.resolve("adapter-" + String.join("-", targets));
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            MambaLanguageModel block = MambaCheckpoint.load(models.get(0), manager);
            LoraCheckpoint.save(block, Adapters.apply(block, manager, targets), adapter);
        }
        return adapter;
    }

    private double score(int model, Path adapter) throws Exception {
        TextModel.Builder builder = TextModel.builder().setModel(models.get(model).toString());
        if (adapter != null) {
            builder.optAdapter(adapter);
        }
        try (TextModel text = builder.load()) {
            return text.score("for (int i = 0; i < n; i++)").meanNll();
        }
    }

    private static int below(int bound) {
        return ThreadLocalRandom.current().nextInt(bound);
    }

    /** Continues a prompt with the model that all threads share. */
    void predict() {
        int prompt = below(PROMPTS.size());
        String text = shared.generate(PROMPTS.get(prompt), TOKENS).text();
        Assert.assertEquals(text, continuations.get(prompt));
    }

    /** Loads one of the models, or one that is damaged. */
    void load() throws Exception {
        int model = below(models.size() + 1);
        if (model < models.size()) {
            Assert.assertEquals(score(model, null), scores.get(model), 1e-4);
            return;
        }
        Exception e = Assert.expectThrows(Exception.class, () -> TextModel.load(damaged).close());
        Assert.assertTrue(e.toString().contains("model.safetensors"), e.toString());
    }

    /** Loads a model with one of the adapters. */
    void swapAdapter() throws Exception {
        int adapter = below(adapters.size());
        Assert.assertEquals(score(0, adapters.get(adapter)), adaptedScores.get(adapter), 1e-4);
    }

    /** Saves what the model knows after a prompt and continues from the file. */
    void restore() throws Exception {
        int prompt = below(PROMPTS.size());
        Path file = folder.resolve("state-" + files.incrementAndGet());
        try (PromptState state = shared.read(PROMPTS.get(prompt));
                OutputStream out = Files.newOutputStream(file)) {
            state.save(out);
        }
        try (InputStream in = Files.newInputStream(file);
                PromptState state = shared.restore(in)) {
            String text = shared.generate(state, TOKENS).get(0).text();
            Assert.assertEquals(text, continuations.get(prompt));
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public void close() {
        shared.close();
    }
}

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

import ai.djl.mamba.soak.Weights.Stored;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A random configuration of a language model with random weights, as a checkpoint that the library
 * did not write. Keys whose value is the default of the dialect are left out half of the time.
 */
final class RandomCheckpoint {

    /** The sizes and options that {@link ReferenceModel} computes with. */
    record Sizes(
            Family family,
            int vocab,
            int paddedVocab,
            int d,
            int layers,
            int inner,
            int n,
            int kernel,
            int rank,
            int headSize,
            int groups,
            double limitMin,
            double limitMax,
            boolean gated,
            String gatedNorm,
            boolean channelSkip,
            boolean bias,
            boolean convBias,
            boolean rms,
            double epsilon,
            boolean tied) {

        int heads() {
            return inner / headSize;
        }
    }

    final Dialect dialect;
    final Stored stored;
    final Sizes sizes;
    final Weights weights;
    private final JsonObject config = new JsonObject();
    private final Random random;
    private final int shards;
    private final int expand;
    private final int multiple;

    RandomCheckpoint(Random random) {
        this.random = random;
        dialect = oneOf(Dialect.TRANSFORMERS, Dialect.ORIGINAL);
        stored = oneOf(Stored.values());
        shards = oneOf(1, 1, 2, 3);
        expand = oneOf(1, 2, 2, 3);
        multiple = oneOf(1, 1, 2, 8);
        sizes = drawSizes();
        weights = new Weights(stored, random);
        drawWeights();
        describe();
    }

    @SafeVarargs
    private <T> T oneOf(T... values) {
        return values[random.nextInt(values.length)];
    }

    private boolean rarely() {
        return random.nextInt(4) == 0;
    }

    private Sizes drawSizes() {
        Family family = oneOf(Family.values());
        int d = oneOf(2, 4, 6, 8, 12, 16, 24);
        int inner = expand * d;
        int headSize = divisor(inner);
        int vocab = 5 + random.nextInt(36);
        boolean isMamba2 = family == Family.MAMBA2;
        boolean isLimited = isMamba2 && rarely();
        return new Sizes(
                family,
                vocab,
                (vocab + multiple - 1) / multiple * multiple,
                d,
                1 + random.nextInt(3),
                inner,
                family == Family.S4D ? oneOf(2, 4, 8, 16) : oneOf(1, 2, 3, 4, 8, 16, 20),
                1 + random.nextInt(5),
                rarely() ? (d + 15) / 16 : 1 + random.nextInt(4),
                headSize,
                divisor(inner / headSize),
                isLimited ? 0.0625 : 0,
                isLimited ? 0.5 : Double.POSITIVE_INFINITY,
                isMamba2 || !rarely(),
                isMamba2 ? oneOf("after_gate", "after_gate", "before_gate", "none") : null,
                isMamba2 && rarely(),
                rarely(),
                !rarely(),
                !rarely(),
                rarely() ? 0.001 : 1e-5,
                random.nextBoolean());
    }

    private int divisor(int size) {
        int[] divisors = IntStream.rangeClosed(1, size).filter(i -> size % i == 0).toArray();
        return divisors[random.nextInt(divisors.length)];
    }

    private void drawWeights() {
        String embedding = ReferenceModel.embedding(dialect);
        weights.normal(embedding, 1, sizes.paddedVocab, sizes.d);
        for (int i = 0; i < sizes.layers; i++) {
            String layer = "backbone.layers." + i;
            norm(layer + ".norm", sizes.d);
            drawMixer(layer + ".mixer.");
        }
        norm("backbone.norm_f", sizes.d);
        if (!sizes.tied) {
            linear("lm_head", sizes.d, sizes.paddedVocab, false);
        } else if (random.nextBoolean()) {
            weights.copy("lm_head.weight", embedding);
        }
    }

    private void drawMixer(String mixer) {
        int inner = sizes.inner;
        int n = sizes.n;
        int heads = sizes.heads();
        boolean isMamba2 = sizes.family == Family.MAMBA2;
        int channels = isMamba2 ? inner + 2 * sizes.groups * n : inner;
        int in = isMamba2 ? inner + channels + heads : sizes.gated ? 2 * inner : inner;
        linear(mixer + "in_proj", sizes.d, in, sizes.bias);
        weights.normal(mixer + "conv1d.weight", 0.6, channels, 1, sizes.kernel);
        if (sizes.convBias) {
            weights.normal(mixer + "conv1d.bias", 0.3, channels);
        }
        switch (sizes.family) {
            case MAMBA -> {
                linear(mixer + "x_proj", inner, sizes.rank + 2 * n, false);
                linear(mixer + "dt_proj", sizes.rank, inner, false);
                weights.uniform(mixer + "dt_proj.bias", -4, 0, inner);
                weights.uniform(mixer + "A_log", -1, 2, inner, n);
                weights.normal(mixer + "D", 1, inner);
            }
            case MAMBA2 -> {
                weights.uniform(mixer + "dt_bias", -4, 0, heads);
                weights.uniform(mixer + "A_log", -1, 2, heads);
                weights.normal(mixer + "D", 1, sizes.channelSkip ? inner : heads);
                if (!"none".equals(sizes.gatedNorm)) {
                    weights.uniform(mixer + "norm.weight", 0.7, 1.3, inner);
                }
            }
            case S4D -> {
                weights.uniform(mixer + "ssm.log_A_real", -1, 1, inner, n / 2);
                weights.uniform(mixer + "ssm.A_imag", -6, 6, inner, n / 2);
                weights.normal(mixer + "ssm.C", 0.7, inner, n / 2, 2);
                weights.uniform(mixer + "ssm.log_dt", -5, -1, inner);
                weights.normal(mixer + "ssm.D", 1, inner);
            }
        }
        linear(mixer + "out_proj", inner, sizes.d, sizes.bias);
    }

    private void norm(String name, int size) {
        weights.uniform(name + ".weight", 0.7, 1.3, size);
        if (!sizes.rms) {
            weights.normal(name + ".bias", 0.2, size);
        }
    }

    private void linear(String name, int in, int out, boolean hasBias) {
        weights.normal(name + ".weight", 1 / Math.sqrt(in), out, in);
        if (hasBias) {
            weights.normal(name + ".bias", 0.2, out);
        }
    }

    private void describe() {
        if (dialect == Dialect.TRANSFORMERS) {
            describeTransformers();
        } else {
            describeOriginal();
        }
        if (sizes.family == Family.S4D) {
            config.addProperty("ssm", "s4d");
        }
        if (!sizes.gated) {
            config.addProperty("gated", false);
        }
    }

    private void describeTransformers() {
        boolean isMamba2 = sizes.family == Family.MAMBA2;
        config.addProperty("model_type", isMamba2 ? "mamba2" : "mamba");
        config.addProperty("hidden_size", sizes.d);
        config.addProperty("num_hidden_layers", sizes.layers);
        config.addProperty("vocab_size", sizes.paddedVocab);
        if (sizes.vocab != sizes.paddedVocab) {
            config.addProperty("unpadded_vocab_size", sizes.vocab);
            config.addProperty("pad_vocab_size_multiple", multiple);
        }
        put(config, "expand", expand, 2);
        put(config, "state_size", sizes.n, isMamba2 ? 128 : 16);
        put(config, "conv_kernel", sizes.kernel, 4);
        put(config, "use_bias", sizes.bias, false);
        put(config, "use_conv_bias", sizes.convBias, true);
        put(config, "rms_norm", sizes.rms, true);
        put(config, "layer_norm_epsilon", sizes.epsilon, 1e-5);
        put(config, "tie_word_embeddings", sizes.tied, !isMamba2);
        if (random.nextBoolean()) {
            config.addProperty("intermediate_size", sizes.inner);
        }
        if (isMamba2) {
            put(config, "head_dim", sizes.headSize, 64);
            put(config, "num_heads", sizes.heads(), 128);
            put(config, "n_groups", sizes.groups, 8);
            put(config, "channel_skip", sizes.channelSkip, false);
            put(config, "gated_norm", sizes.gatedNorm, "after_gate");
            addLimit(config, "time_step_limit");
        } else {
            addRank(config, "time_step_rank");
        }
    }

    private void describeOriginal() {
        boolean isMamba2 = sizes.family == Family.MAMBA2;
        config.addProperty("d_model", sizes.d);
        config.addProperty("n_layer", sizes.layers);
        config.addProperty("vocab_size", sizes.vocab);
        put(config, "pad_vocab_size_multiple", multiple, 8);
        put(config, "rms_norm", sizes.rms, true);
        put(config, "norm_epsilon", sizes.epsilon, 1e-5);
        put(config, "tie_embeddings", sizes.tied, true);
        JsonObject ssm = new JsonObject();
        put(ssm, "expand", expand, 2);
        put(ssm, "d_state", sizes.n, isMamba2 ? 128 : 16);
        put(ssm, "d_conv", sizes.kernel, 4);
        put(ssm, "bias", sizes.bias, false);
        put(ssm, "conv_bias", sizes.convBias, true);
        if (isMamba2) {
            ssm.addProperty("layer", "Mamba2");
            put(ssm, "headdim", sizes.headSize, 64);
            put(ssm, "ngroups", sizes.groups, 1);
            put(ssm, "D_has_hdim", sizes.channelSkip, false);
            put(ssm, "rmsnorm", !"none".equals(sizes.gatedNorm), true);
            put(ssm, "norm_before_gate", "before_gate".equals(sizes.gatedNorm), false);
            addLimit(ssm, "dt_limit");
        } else {
            put(ssm, "layer", "Mamba1", "Mamba1");
            addRank(ssm, "dt_rank");
        }
        config.add("ssm_cfg", ssm);
    }

    private void put(JsonObject json, String key, Object value, Object defaultValue) {
        if (value.equals(defaultValue) && random.nextBoolean()) {
            return;
        }
        if (value instanceof Number number) {
            json.addProperty(key, number);
        } else if (value instanceof Boolean flag) {
            json.addProperty(key, flag);
        } else {
            json.addProperty(key, (String) value);
        }
    }

    private void addRank(JsonObject json, String key) {
        if (sizes.rank != (sizes.d + 15) / 16) {
            json.addProperty(key, sizes.rank);
        } else {
            put(json, key, "auto", "auto");
        }
    }

    private void addLimit(JsonObject json, String key) {
        if (sizes.limitMin > 0 || random.nextBoolean()) {
            JsonArray limit = new JsonArray();
            limit.add(sizes.limitMin);
            limit.add(sizes.limitMax); // a bare Infinity, as Python writes it
            json.add(key, limit);
        }
    }

    /** Writes the checkpoint into an empty folder. */
    void write(Path folder) throws IOException {
        Files.writeString(folder.resolve("config.json"), config.toString());
        weights.write(folder, shards);
    }

    @Override
    public String toString() {
        return dialect + " " + stored + " " + config;
    }
}

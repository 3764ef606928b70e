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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * What {@link ConfigFuzzTest} runs in a JVM of its own: changes the configurations of checkpoints
 * and loads them. Prints how many loaded and were refused, and the growth of the resident set.
 */
final class ConfigFuzzRun {

    private static final List<String> VALUES =
            List.of(
                    "0",
                    "-1",
                    "1",
                    "2",
                    "3",
                    "7",
                    "8",
                    "31",
                    "33",
                    "1e9",
                    "2147483647",
                    "2147483648",
                    "9223372036854775807",
                    "1e308",
                    "1e999",
                    "-0.0",
                    "0.5",
                    "1e-320",
                    "NaN",
                    "Infinity",
                    "-Infinity",
                    "null",
                    "true",
                    "false",
                    "\"\"",
                    "\"auto\"",
                    "\"s4d\"",
                    "\"constant\"",
                    "\"mamba\"",
                    "\"mamba2\"",
                    "\"Mamba2\"",
                    "\"before_gate\"",
                    "\"mean\"",
                    "[]",
                    "[1]",
                    "[0.5, Infinity]",
                    "[0, {\"__float__\": \"Infinity\"}]",
                    "[2, 1]",
                    "[NaN, Infinity]",
                    "{}",
                    "{\"0\": \"a\"}",
                    "[[",
                    "\"",
                    "\\",
                    "}",
                    "{",
                    ",",
                    ":");

    private static final List<String> KEYS =
            List.of(
                    "model_type",
                    "d_model",
                    "n_layer",
                    "ssm_cfg",
                    "hidden_size",
                    "vocab_size",
                    "num_hidden_layers",
                    "expand",
                    "state_size",
                    "conv_kernel",
                    "time_step_rank",
                    "pad_vocab_size_multiple",
                    "unpadded_vocab_size",
                    "ssm",
                    "dropout",
                    "rms_norm",
                    "layer_norm_epsilon",
                    "norm_epsilon",
                    "attn_layer_idx",
                    "d_intermediate",
                    "quantization_config",
                    "tie_word_embeddings",
                    "intermediate_size",
                    "num_heads",
                    "head_dim",
                    "n_groups",
                    "chunk_size",
                    "time_step_limit",
                    "A_initializer_range",
                    "gated_norm",
                    "channel_skip",
                    "headdim",
                    "ngroups",
                    "d_ssm",
                    "dt_limit",
                    "norm_before_gate",
                    "layer",
                    "num_labels",
                    "id2label",
                    "pooling",
                    "bidirectional",
                    "vector_size",
                    "architectures");

    private final Path folder;
    private final String config;
    private final Random random;

    private ConfigFuzzRun(Path folder, long seed) throws IOException {
        this.folder = folder;
        config = Files.readString(folder.resolve("config.json"));
        random = new Random(seed);
    }

    /** Arguments: the number of mutations, and folders that may be changed. */
    public static void main(String[] args) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            int count = Integer.parseInt(args[0]);
            long[] results = new long[2];
            long before = 0;
            for (int i = 1; i < args.length; i++) {
                ConfigFuzzRun run = new ConfigFuzzRun(Path.of(args[i]), i);
                run.load(manager, run.config); // unchanged: the first load takes memory of its own
                before = i == 1 ? resident() : before;
                run.mutate(manager, count / (args.length - 1), results);
            }
            System.out.println("loaded " + results[0]);
            System.out.println("refused " + results[1]);
            System.out.println("grown " + (ProcessFiles.isLinux() ? peak() - before : 0));
            System.exit(0);
        } catch (Throwable e) { // of the test, or what it looks for
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static long resident() throws IOException {
        return ProcessFiles.isLinux() ? ProcessFiles.status("VmRSS") : 0;
    }

    private static long peak() throws IOException {
        return ProcessFiles.status("VmHWM");
    }

    private void mutate(NDManager manager, int count, long[] results) throws IOException {
        for (int i = 0; i < count; i++) {
            String mutated = config;
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                mutated = change(mutated);
            }
            long start = System.nanoTime();
            results[load(manager, mutated) ? 0 : 1]++;
            if (System.nanoTime() - start > 10_000_000_000L) {
                throw new AssertionError("took more than 10 s: " + mutated);
            }
        }
    }

    /** Loads the model with a configuration; returns whether it could be loaded. */
    private boolean load(NDManager manager, String json) throws IOException {
        Path file = folder.resolve("config.json");
        Files.write(file, json.getBytes(StandardCharsets.ISO_8859_1)); // at times no UTF-8
        try (NDManager scratch = manager.newSubManager()) {
            if (MambaCheckpoint.isClassifier(folder)) {
                ClassifierCheckpoint.load(folder, scratch);
                ClassifierCheckpoint.labels(folder);
            } else {
                MambaCheckpoint.load(folder, scratch);
            }
            return true;
        } catch (MalformedModelException | IOException e) {
            if (!e.getMessage().contains("config.json")) {
                throw new AssertionError("names no file: " + e.getMessage() + " for " + json, e);
            }
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("for " + json, e);
        }
    }

    private String change(String json) {
        return switch (random.nextInt(8)) {
            case 0 -> replaceNumber(json);
            case 1 -> replaceValue(json);
            case 2 -> insertKey(json);
            case 3 -> renameKey(json);
            case 4 -> json.substring(0, random.nextInt(json.length() + 1));
            case 5 -> cut(json);
            case 6 -> splice(json, random.nextInt(json.length() + 1), pick(VALUES));
            default -> splice(json, random.nextInt(json.length() + 1), letters());
        };
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private String letters() {
        char letter = (char) random.nextInt(256);
        // at times brackets nested deeply
        return random.nextInt(50) == 0
                ? (random.nextBoolean() ? "[" : "{\"a\":").repeat(100_000)
                : String.valueOf(letter);
    }

    private static String splice(String json, int at, String text) {
        return json.substring(0, at) + text + json.substring(at);
    }

    private String cut(String json) {
        int from = random.nextInt(json.length() + 1);
        int to = Math.min(json.length(), from + random.nextInt(20));
        return json.substring(0, from) + json.substring(to);
    }

    private String replaceNumber(String json) {
        return replace(json, "[0-9][0-9.e-]*", pick(VALUES));
    }

    private String replaceValue(String json) {
        return replace(json, ":[^,}]*", ": " + pick(VALUES));
    }

    private String renameKey(String json) {
        return replace(json, "\"\\w+\"", '"' + pick(KEYS) + '"');
    }

    private String insertKey(String json) {
        int brace = json.indexOf('{');
        String pair = '"' + pick(KEYS) + "\": " + pick(VALUES);
        return brace < 0 ? json + pair : splice(json, brace + 1, pair + ',');
    }

    /** Replaces one match of a pattern. */
    private String replace(String json, String pattern, String by) {
        var matches = java.util.regex.Pattern.compile(pattern).matcher(json).results().toList();
        if (matches.isEmpty()) {
            return json + by;
        }
        var match = pick(matches);
        return json.substring(0, match.start()) + by + json.substring(match.end());
    }
}

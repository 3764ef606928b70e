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
package ai.djl.mamba.zoo.internal.model;

import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.zoo.text.GenerationArguments;
import ai.djl.mamba.zoo.text.GenerationOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names that the options of text models have as arguments of {@code Criteria}, in {@code
 * serving.properties} and in requests to DJL Serving: those that the transformers library uses.
 */
public final class TextArguments {

    /** The folder, or the model of the hub, that has the tokenizer; default: the model's own. */
    public static final String TOKENIZER = "tokenizer";

    /** How outputs become an embedding: {@code mean} (default) or {@code last}. */
    public static final String POOLING = "pooling";

    /** Further names that this project reads. */
    private static final Set<String> OWN =
            Set.of(TOKENIZER, POOLING, "adapter", "dtype", "mergeAdapter");

    /**
     * What DJL 0.36 passes on or reads itself (its loader, the queries of its URLs, its engines),
     * and DJL Serving, which keeps its settings in the same {@code serving.properties}.
     */
    private static final Set<String> OF_DJL =
            Set.of(
                    "adapters",
                    "application",
                    "artifact_id",
                    "async",
                    "batch_size",
                    "batchifier",
                    "blockFactory",
                    "chunked_read_timeout",
                    "continuous_batching",
                    "device",
                    "djl_rpc_uri",
                    "engine",
                    "extraFiles",
                    "gpu",
                    "hasParameter",
                    "ignore_real_uri",
                    "job_queue_size",
                    "load_on_devices",
                    "log_request_metric",
                    "log_model_metric",
                    "mapLocation",
                    "max_batch_delay",
                    "max_idle_time",
                    "maxWorkers",
                    "max_workers",
                    "metrics_aggregation",
                    "minWorkers",
                    "min_workers",
                    "modelName",
                    "model_name",
                    "required_memory_mb",
                    "reserved_memory_mb",
                    "retry_threshold",
                    "rolling_batch",
                    "trainParam",
                    "translator",
                    "translatorFactory");

    /** Settings of DJL Serving for one kind of device: {@code gpu.minWorkers}. */
    private static final Pattern OF_DEVICE = Pattern.compile("(cpu|gpu|nc|[0-9]+)\\..+");

    private static final List<String> MEANT =
            Stream.of(OWN, GenerationArguments.names(), OF_DJL)
                    .flatMap(names -> names.stream().sorted())
                    .toList();

    private TextArguments() {}

    /**
     * Reads the options of generation among the arguments of a model.
     *
     * @param arguments values by name: those of {@link GenerationArguments}, those that this
     *     project reads elsewhere, and those of DJL and DJL Serving
     * @param defaults the options for absent names
     * @return the options
     * @throws IllegalArgumentException if nobody reads a name, it is an option of generation that
     *     is not supported, or its value is of the wrong kind or out of range
     */
    public static GenerationOptions options(Map<String, ?> arguments, GenerationOptions defaults) {
        Map<String, Object> read = new LinkedHashMap<>(arguments);
        read.keySet().removeIf(TextArguments::isReadElsewhere);
        read.forEach(
                (name, value) ->
                        GenerationArguments.problem(name, value, "argument", MEANT)
                                .ifPresent(
                                        problem -> {
                                            throw new IllegalArgumentException(problem);
                                        }));
        return GenerationArguments.read(read, defaults);
    }

    /**
     * Refuses wrong arguments before a model is loaded.
     *
     * @param arguments values by name
     * @throws IllegalArgumentException as {@link #options} does
     */
    public static void check(Map<String, ?> arguments) {
        options(arguments, GenerationOptions.builder().build());
    }

    private static boolean isReadElsewhere(String name) {
        return OWN.contains(name) || OF_DJL.contains(name) || OF_DEVICE.matcher(name).matches();
    }

    /**
     * Reads how outputs become an embedding.
     *
     * @param arguments values by name
     * @return the pooling
     * @throws IllegalArgumentException if there is no such pooling
     */
    public static Pooling pooling(Map<String, ?> arguments) {
        Object value = arguments.get(POOLING);
        if (value == null) {
            return Pooling.MEAN;
        }
        try {
            return Pooling.valueOf(value.toString().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + POOLING + "\" should be mean or last, got " + value, e);
        }
    }
}

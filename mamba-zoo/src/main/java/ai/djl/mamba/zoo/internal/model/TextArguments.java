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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names that the options of text models have as arguments of {@code Criteria}, in {@code
 * serving.properties} and in requests to DJL Serving: those that the transformers library uses.
 */
public final class TextArguments {

    /** The folder, or the model of the hub, that has the tokenizer; default: the model's own. */
    public static final String TOKENIZER = "tokenizer";

    /** How outputs become an embedding: {@code mean} (default) or {@code last}. */
    public static final String POOLING = "pooling";

    private static final Logger LOGGER = LoggerFactory.getLogger(TextArguments.class);

    /** Arguments that are read elsewhere: by this project, by DJL, or by DJL Serving. */
    private static final Set<String> OTHERS =
            Set.of(
                    TOKENIZER,
                    POOLING,
                    "adapter",
                    "application",
                    "batch_size",
                    "batchifier",
                    "blockFactory",
                    "device",
                    "dtype",
                    "engine",
                    "gpu",
                    "hasParameter",
                    "job_queue_size",
                    "load_on_devices",
                    "log_model_metric",
                    "mapLocation",
                    "max_batch_delay",
                    "max_idle_time",
                    "maxWorkers",
                    "mergeAdapter",
                    "metrics_aggregation",
                    "minWorkers",
                    "modelName",
                    "retry_threshold",
                    "translatorFactory");

    private TextArguments() {}

    /**
     * Reads the options of generation among the arguments of a model.
     *
     * @param arguments values by name: those of {@link GenerationArguments}, and others, which are
     *     not read here
     * @param defaults the options for absent names
     * @return the options
     * @throws IllegalArgumentException if a name is an option of generation that is not supported,
     *     or nearly one that is; or a value is of the wrong kind or out of range
     */
    public static GenerationOptions options(Map<String, ?> arguments, GenerationOptions defaults) {
        arguments.forEach(
                (name, value) -> {
                    if (!OTHERS.contains(name)
                            && !isRead(name)
                            && GenerationArguments.problem(name, value).isPresent()) {
                        LOGGER.info("the argument \"{}\" is not read by the models here", name);
                    }
                });
        return GenerationArguments.read(read(arguments), defaults);
    }

    /**
     * Refuses wrong options of generation before a model is loaded.
     *
     * @param arguments values by name
     * @throws IllegalArgumentException as {@link #options} does
     */
    public static void check(Map<String, ?> arguments) {
        GenerationArguments.read(read(arguments), GenerationOptions.builder().build());
    }

    private static Map<String, Object> read(Map<String, ?> arguments) {
        Map<String, Object> read = new LinkedHashMap<>(arguments);
        read.keySet().removeIf(name -> !isRead(name));
        return read;
    }

    /** Whether a name is one of generation, known or nearly so. */
    private static boolean isRead(String name) {
        return GenerationArguments.names().contains(name)
                || (!OTHERS.contains(name) && GenerationArguments.isMeant(name));
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

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
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.common.OutputOptions;
import ai.djl.mamba.zoo.BundledModel;
import ai.djl.mamba.zoo.PretrainedModel;
import ai.djl.mamba.zoo.internal.hub.Hub;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code mamba zoo}: lists the models that are known by name. */
@Command(
        name = "zoo",
        description =
                "List the models that are known by name: parameters, size, licence, and location:"
                        + " in the zoo, in the cache, or on the hub. A size with ~ is that of the"
                        + " parameters in float32; it is downloaded when the model is first used.")
final class ZooCommand implements Callable<Integer> {

    private static final long FLOAT_BYTES = 4;

    @Spec private CommandSpec spec;

    @Mixin private OutputOptions outputOptions;

    private ZooCommand() {}

    @Override
    public Integer call() throws IOException {
        Output output = outputOptions.of(spec.commandLine());
        Hub hub = Hub.fromEnvironment();
        JsonArray models = new JsonArray();
        output.line("%-25s %13s %11s  %-10s %s", "name", "parameters", "size", "licence", "where");
        for (BundledModel model : BundledModel.list()) {
            JsonObject entry = entry(model.name(), model.parameters(), model.size());
            entry.addProperty("dialect", "transformers");
            entry.addProperty("licence", model.licence());
            entry.addProperty("bundled", true);
            entry.addProperty("cached", true);
            entry.addProperty("description", model.description());
            models.add(entry);
            print(output, entry, "", "here: " + model.description());
        }
        for (PretrainedModel model : PretrainedModel.list()) {
            Optional<Path> folder = hub.cached(model.id());
            long bytes = folder.isEmpty() ? model.parameters() * FLOAT_BYTES : size(folder.get());
            JsonObject entry = entry(model.name(), model.parameters(), bytes);
            entry.addProperty("hub", model.id().toString());
            entry.addProperty("dialect", model.dialect().name().toLowerCase(Locale.ROOT));
            entry.addProperty("licence", model.licence());
            entry.addProperty("bundled", false);
            entry.addProperty("cached", folder.isPresent());
            models.add(entry);
            print(output, entry, folder.isEmpty() ? "~" : "", where(folder));
        }
        JsonObject result = new JsonObject();
        result.add("models", models);
        output.result(result);
        return 0;
    }

    private static String where(Optional<Path> folder) {
        return folder.map(Path::toString).orElse("on the hub");
    }

    private static JsonObject entry(String name, long parameters, long bytes) {
        JsonObject entry = new JsonObject();
        entry.addProperty("name", name);
        entry.addProperty("parameters", parameters);
        entry.addProperty("bytes", bytes);
        return entry;
    }

    private static void print(Output output, JsonObject entry, String about, String where) {
        output.line(
                "%-25s %,13d %8s MB  %-10s %s",
                entry.get("name").getAsString(),
                entry.get("parameters").getAsLong(),
                about + String.format("%,.1f", entry.get("bytes").getAsLong() / 1e6),
                entry.get("licence").getAsString(),
                where);
    }

    private static long size(Path folder) throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }
}

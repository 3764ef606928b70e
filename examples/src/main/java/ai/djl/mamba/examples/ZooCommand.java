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
package ai.djl.mamba.examples;

import ai.djl.mamba.zoo.PretrainedModel;
import ai.djl.mamba.zoo.hub.Hub;
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
                "List the models that can be named: parameters, size, licence, and whether they are"
                        + " in the cache. A size with ~ is that of the parameters in float32; it is"
                        + " downloaded when the model is first used.")
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
        output.line("%-20s %14s %9s  %-10s %s", "name", "parameters", "size", "licence", "cached");
        for (PretrainedModel model : PretrainedModel.list()) {
            Optional<Path> folder = hub.cached(model.id());
            long bytes = folder.isEmpty() ? model.parameters() * FLOAT_BYTES : size(folder.get());
            output.line(
                    "%-20s %,14d %6s GB  %-10s %s",
                    model.name(),
                    model.parameters(),
                    (folder.isEmpty() ? "~" : "") + String.format("%.1f", bytes / 1e9),
                    model.licence(),
                    folder.map(Path::toString).orElse("no"));
            JsonObject entry = new JsonObject();
            entry.addProperty("name", model.name());
            entry.addProperty("hub", model.id().toString());
            entry.addProperty("dialect", model.dialect().name().toLowerCase(Locale.ROOT));
            entry.addProperty("parameters", model.parameters());
            entry.addProperty("bytes", bytes);
            entry.addProperty("licence", model.licence());
            entry.addProperty("cached", folder.isPresent());
            models.add(entry);
        }
        JsonObject result = new JsonObject();
        result.add("models", models);
        output.result(result);
        return 0;
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

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

import ai.djl.mamba.zoo.tensors.TemporarySibling;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@code mamba synthetic} found, beside what the paper reports. */
final class SyntheticReport {

    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

    private final SyntheticTask task;
    private final List<SyntheticResult> results;

    SyntheticReport(SyntheticTask task, List<SyntheticResult> results) {
        this.task = task;
        this.results = List.copyOf(results);
    }

    /** Prints a row for each model and length. */
    void print(Output output) {
        output.line(
                "%s, accuracy in %% (guessing gives %.1f)%n%-24s %10s %9s %9s %7s",
                task.title(), 100 * task.chance(), "", "tokens", "answers", "accuracy", "paper");
        for (SyntheticResult result : results) {
            Double paper = result.model().paperPercent(task);
            for (SyntheticEvaluator.Accuracy accuracy : result.accuracies()) {
                output.line(
                        "%-24s %,10d %,9d %9.2f %7s",
                        result.model().title(),
                        accuracy.length(),
                        accuracy.answers(),
                        100 * accuracy.value(),
                        paper == null ? "" : paper);
            }
        }
    }

    /** All results. */
    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("task", task.toString());
        JsonArray array = new JsonArray();
        results.forEach(result -> array.add(result.toJson()));
        json.add("results", array);
        return json;
    }

    /** Writes the files of the report. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        write(folder.resolve("results.json"), GSON.toJson(toJson()));
    }

    private static void write(Path file, String text) throws IOException {
        TemporarySibling.write(
                file,
                channel ->
                        Channels.newOutputStream(channel)
                                .write((text + "\n").getBytes(StandardCharsets.UTF_8)));
    }
}

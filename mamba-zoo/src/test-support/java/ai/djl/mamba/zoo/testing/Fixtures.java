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
package ai.djl.mamba.zoo.testing;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The checkpoints among the test resources, and changed copies of them. */
public final class Fixtures {

    /** Language models with what transformers computes with them, of both kinds and dialects. */
    public static final List<String> MODELS =
            List.of("hf-tiny", "original-tiny", "hf-tiny-mamba2", "original-tiny-mamba2");

    private static final String CONFIG = "config.json";

    private Fixtures() {}

    /** One entry of expected.json. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Expected(long[] input_ids, double[][] logits, Double mean_nll, int[] greedy_12) {}

    /** The names of the models for a data provider. */
    public static Object[][] models() {
        return MODELS.stream().map(name -> new Object[] {name}).toArray(Object[][]::new);
    }

    /** The folder of a fixture. */
    public static Path folder(String name) throws URISyntaxException {
        return Path.of(Fixtures.class.getResource("/reference/" + name).toURI());
    }

    /** Copies the checkpoint of a fixture to a new folder. */
    public static Path copy(String name, Path parent) throws IOException, URISyntaxException {
        Path copy = Files.createTempDirectory(parent, name);
        try (Stream<Path> files = Files.list(folder(name))) {
            for (Path file : files.toList()) {
                if (!file.endsWith("expected.json")) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
        return copy;
    }

    /** Reads the configuration in a folder. */
    public static JsonObject config(Path folder) throws IOException {
        return JsonParser.parseString(Files.readString(folder.resolve(CONFIG))).getAsJsonObject();
    }

    /** Writes the configuration of a folder. */
    public static Path write(Path folder, JsonElement config) throws IOException {
        return Files.writeString(folder.resolve(CONFIG), config.toString());
    }

    /** Changes the configuration of a folder. */
    public static void edit(Path folder, Consumer<JsonObject> change) throws IOException {
        JsonObject config = config(folder);
        change.accept(config);
        write(folder, config);
    }
}

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
package ai.djl.mamba.training;

import ai.djl.mamba.testing.Fuzz;
import ai.djl.mamba.testing.Mutations;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.TinyTraining;
import ai.djl.mamba.testing.TinyTraining.Scenario;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What {@link TrainingFuzzTest} runs: goes on from checkpoints that are damaged, with the right
 * sums of the damage.
 */
final class TrainingFuzzRun implements Fuzz.Format {

    private static final String JSON = "run.json";
    private static final String LATEST = "latest";
    private static final String SUM = "crc32";
    private static final String STEP = "step-000000004";

    private final boolean damagesJson;
    private final Map<String, byte[]> sound = new HashMap<>();

    private TrainingFuzzRun(String format) throws IOException {
        damagesJson = format.equals(JSON);
        Path folder = Files.createTempDirectory("mamba-run");
        try {
            training().session(folder, false, 4);
            sound.put(LATEST, Files.readAllBytes(folder.resolve(LATEST)));
            try (Stream<Path> files = Files.list(folder.resolve(STEP))) {
                for (Path file : files.toList()) {
                    sound.put(file.getFileName().toString(), Files.readAllBytes(file));
                }
            }
        } finally {
            ProcessFiles.delete(folder);
        }
    }

    /** Arguments: the format, and the number of folders. */
    public static void main(String[] args) throws Exception {
        try (TrainingFuzzRun run = new TrainingFuzzRun(args[0])) {
            Fuzz.run(run, Integer.parseInt(args[1]));
        }
    }

    private static TinyTraining training() {
        return TinyTraining.of("PyTorch", Scenario.CARRIED);
    }

    @Override
    public void write(Path folder) throws IOException {
        Path checkpoint = Files.createDirectory(folder.resolve(STEP));
        for (Map.Entry<String, byte[]> file : sound.entrySet()) {
            Path parent = file.getKey().equals(LATEST) ? folder : checkpoint;
            Files.write(parent.resolve(file.getKey()), file.getValue());
        }
    }

    @Override
    public void damage(Mutations mutations, Path folder) throws IOException {
        byte[] json = sound.get(JSON);
        Path checkpoint = folder.resolve(STEP);
        if (damagesJson) {
            byte[] damaged =
                    mutations.choose(8) == 0 ? mutations.bytes(json) : mutations.json(json);
            Files.write(checkpoint.resolve(JSON), summed(damaged));
            return;
        }
        String victim =
                sound.keySet().stream().sorted().toList().get(mutations.choose(sound.size()));
        byte[] damaged = mutations.numbers(sound.get(victim));
        if (victim.equals(LATEST) || victim.equals(JSON)) {
            Path parent = victim.equals(LATEST) ? folder : checkpoint;
            Files.write(parent.resolve(victim), damaged);
            return;
        }
        Files.write(checkpoint.resolve(victim), damaged);
        JsonObject run = parse(json);
        JsonObject file = run.getAsJsonObject("files").getAsJsonObject(victim);
        file.addProperty("bytes", damaged.length);
        file.addProperty(SUM, Mutations.checksum(damaged));
        Files.write(checkpoint.resolve(JSON), summed(bytes(run)));
    }

    private static JsonObject parse(byte[] json) {
        return JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
    }

    private static byte[] bytes(JsonObject json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** With the right sum, if it is JSON. */
    private static byte[] summed(byte[] json) {
        try {
            JsonObject parsed = parse(json);
            parsed.remove(SUM);
            parsed.addProperty(SUM, Mutations.checksum(bytes(parsed)));
            return bytes(parsed);
        } catch (JsonParseException | IllegalStateException e) {
            return json;
        }
    }

    @Override
    public void read(Path folder) throws Exception {
        CheckpointStore.progress(folder);
        try {
            training().session(folder, true, TrainingRun::stop);
        } catch (IllegalArgumentException e) {
            if (!String.valueOf(e.getMessage()).contains("belongs to another run")) {
                throw e;
            }
            throw new IOException(e.getMessage(), e);
        }
    }
}

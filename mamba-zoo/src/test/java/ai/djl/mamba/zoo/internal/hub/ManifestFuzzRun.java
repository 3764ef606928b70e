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
package ai.djl.mamba.zoo.internal.hub;

import ai.djl.mamba.testing.Fuzz;
import ai.djl.mamba.testing.Mutations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@link ManifestFuzzTest} runs: reads manifests that are damaged. */
final class ManifestFuzzRun implements Fuzz.Format {

    private static final HubId ID = HubId.parse("owner/model");

    private static final String ENDPOINT = "http://localhost";

    private ManifestFuzzRun() {}

    /** Arguments: a name for the test, and the number of folders. */
    public static void main(String[] args) throws Exception {
        Fuzz.run(new ManifestFuzzRun(), Integer.parseInt(args[1]));
    }

    @Override
    public void write(Path folder) throws IOException {
        Files.write(folder.resolve("config.json"), new byte[2]);
        Files.write(folder.resolve("model.safetensors"), new byte[9]);
        new Manifest(
                        ID.toString(),
                        "0123456789abcdef",
                        ENDPOINT,
                        List.of(
                                new Manifest.Entry("config.json", 2, "sha1:1234"),
                                new Manifest.Entry("model.safetensors", 9, null)))
                .write(folder);
    }

    @Override
    public void damage(Mutations mutations, Path folder) throws IOException {
        Path file = folder.resolve(Manifest.FILE);
        byte[] sound = Files.readAllBytes(file);
        Files.write(
                file, mutations.choose(3) == 0 ? mutations.bytes(sound) : mutations.json(sound));
    }

    /** What is missing would be downloaded again: that is how a manifest is refused. */
    @Override
    public void read(Path folder) throws IOException {
        List<String> missing = new HubFolder(folder, ID, WantedFiles.MODEL, ENDPOINT).missing();
        if (!missing.isEmpty()) {
            throw new IOException("missing: " + missing);
        }
    }
}

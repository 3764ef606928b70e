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

import ai.djl.mamba.testing.ProcessFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A hub on this machine and an empty cache, to which the system properties point for a while. */
public final class HubProperties implements AutoCloseable {

    private static final List<String> NAMES =
            List.of("HF_ENDPOINT", "DJL_CACHE_DIR", "ai.djl.offline");

    public final HubServer server = new HubServer();
    public final Path cache = Files.createTempDirectory("mamba-hub-cache");
    private final Map<String, String> before = new HashMap<>();

    public HubProperties() throws IOException {
        NAMES.forEach(name -> before.put(name, System.getProperty(name)));
        System.setProperty("HF_ENDPOINT", server.address());
        System.setProperty("DJL_CACHE_DIR", cache.toString());
        System.setProperty("ai.djl.offline", "false");
    }

    /** Lets the server have the files of a folder under these names, owner/name. */
    public void serve(Path folder, String... models) throws IOException {
        server.models.addAll(List.of(models));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                server.files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
    }

    @Override
    public void close() throws IOException {
        before.forEach(
                (name, value) -> {
                    if (value == null) {
                        System.clearProperty(name);
                    } else {
                        System.setProperty(name, value);
                    }
                });
        server.close();
        ProcessFiles.delete(cache);
    }
}

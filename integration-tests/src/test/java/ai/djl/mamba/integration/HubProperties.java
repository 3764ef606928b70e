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
package ai.djl.mamba.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** System properties that lead to a server on this machine and an empty cache, while it is open. */
final class HubProperties implements AutoCloseable {

    static final String OFFLINE = "ai.djl.offline";

    private final Map<String, String> before = new HashMap<>();
    private final Path cache;

    HubProperties(HubServer server) throws IOException {
        cache = Files.createTempDirectory("mamba-hub");
        set("HF_ENDPOINT", server.address());
        set("DJL_CACHE_DIR", cache.toString());
        set(OFFLINE, "false");
    }

    private void set(String name, String value) {
        before.put(name, System.getProperty(name));
        System.setProperty(name, value);
    }

    Path cache() {
        return cache;
    }

    /** Restores what was, and deletes the cache. */
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
        ProcessFiles.delete(cache);
    }
}

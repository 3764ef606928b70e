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

import ai.djl.mamba.zoo.testing.HubServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;

/** What the tests of the hub share: a server with a small model, and an empty cache. */
abstract class HubSuite {

    static final HubId ID = HubId.parse("owner/name");
    static final String WEIGHTS = "model.safetensors";
    static final int SIZE = 300_000;

    HubServer server;
    Path cache;

    @BeforeMethod
    public void startServer() throws IOException {
        server = new HubServer();
        server.files.put(
                "config.json", "{\"model_type\":\"mamba\"}".getBytes(StandardCharsets.UTF_8));
        server.files.put("tokenizer.json", "{}".getBytes(StandardCharsets.UTF_8));
        server.files.put("README.md", "nobody asks for it".getBytes(StandardCharsets.UTF_8));
        server.files.put(WEIGHTS, bytes(1, SIZE));
        cache = Files.createTempDirectory("mamba-hub");
    }

    @AfterMethod(alwaysRun = true)
    public void stopServer() throws IOException {
        server.close();
        try (Stream<Path> all = Files.walk(cache)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    static byte[] bytes(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    Hub.Builder builder() {
        return Hub.builder()
                .optEndpoint(server.address())
                .optOffline(false)
                .optCacheFolder(cache)
                .optTimeout(Duration.ofSeconds(5))
                .optRetry(4, Duration.ofMillis(1), Duration.ofMillis(20));
    }

    Hub hub() {
        return builder().build();
    }

    Path folder() {
        return hub().folder(ID);
    }

    /** The names in the folder of the model; without a folder the empty string. */
    String names() throws IOException {
        if (!Files.isDirectory(folder())) {
            return "";
        }
        try (Stream<Path> files = Files.list(folder())) {
            return files
                    .map(f -> f.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new))
                    .stream()
                    .collect(Collectors.joining(" "));
        }
    }

    void assertComplete() throws IOException {
        Assert.assertEquals(names(), ".manifest.json config.json " + WEIGHTS + " tokenizer.json");
        for (Map.Entry<String, byte[]> file : server.files.entrySet()) {
            if (!file.getKey().equals("README.md")) {
                Assert.assertEquals(
                        Files.readAllBytes(folder().resolve(file.getKey())), file.getValue());
            }
        }
        Assert.assertEquals(hub().cached(ID).orElseThrow(), folder());
    }

    /** Expects a failure whose message has all these words, and no complete model after it. */
    IOException assertFails(Hub hub, String... words) throws IOException {
        IOException e = Assert.expectThrows(IOException.class, () -> hub.download(ID, null));
        for (String word : words) {
            Assert.assertTrue(e.getMessage().contains(word), word + " in: " + e.getMessage());
        }
        Assert.assertTrue(hub.cached(ID).isEmpty());
        return e;
    }
}

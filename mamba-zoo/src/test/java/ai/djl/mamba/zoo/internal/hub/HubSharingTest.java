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

import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.zoo.testing.HubServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** One cache for many threads and processes, with and without a network. */
public class HubSharingTest extends HubSuite {

    private ChildJvm child() {
        // a real variable goes before the property that ChildJvm sets
        return new ChildJvm(HubRun.class)
                .withEnvironment("DJL_OFFLINE", "false")
                .withEnvironment("DJL_CACHE_DIR", cache.toString())
                .withEnvironment("HF_ENDPOINT", server.address());
    }

    @Override
    Hub.Builder builder() {
        return super.builder().optCacheFolder(cache.resolve("cache/repo"));
    }

    private void inParallel(List<Callable<String>> tasks) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(tasks.size());
        try {
            for (Future<String> future : pool.invokeAll(tasks)) {
                Assert.assertEquals(future.get(), folder().toString());
            }
        } finally {
            pool.shutdownNow();
        }
        assertComplete();
        for (String file : new String[] {"config.json", "tokenizer.json"}) {
            Assert.assertEquals(server.count("GET", "resolve/" + HubServer.COMMIT + '/' + file), 1);
        }
        Assert.assertEquals(server.count("GET", "/storage/" + WEIGHTS), 1);
    }

    @Test
    public void threadsDownloadOnce() throws Exception {
        List<Callable<String>> tasks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tasks.add(() -> hub().download(ID, null).toString());
        }
        inParallel(tasks);
    }

    @Test
    public void processesDownloadOnce() throws Exception {
        Callable<String> child = () -> String.join("|", child().run("owner/name"));
        Callable<String> here = () -> hub().download(ID, null).toString();
        inParallel(List.of(child, child, here));
    }

    @Test
    public void goesOnAfterAKilledProcess() throws Exception {
        server.cuts.addAll(List.of(Integer.MAX_VALUE, Integer.MAX_VALUE, 200_000));
        server.stallMillis = 60_000;
        Path part =
                folder().resolve(
                                "."
                                        + WEIGHTS
                                        + "."
                                        + HubServer.sha256(server.files.get(WEIGHTS))
                                        + ".part");
        Process process = child().start("owner/name");
        try {
            while (!Files.exists(part) || Files.size(part) < 200_000) {
                Assert.assertTrue(process.isAlive(), "it waits for the rest");
                Thread.sleep(10);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        Assert.assertEquals(names(), part.getFileName() + " config.json tokenizer.json");
        Assert.assertTrue(hub().cached(ID).isEmpty());
        hub().download(ID, null);
        assertComplete();
        String range = server.requests.get(server.requests.size() - 1).headers().get("range");
        Assert.assertEquals(range, "bytes=200000-");
    }

    /** What another user may have laid there who shares the cache. */
    @Test
    public void linksInTheCacheAreNotFollowed() throws IOException {
        Path precious = Files.writeString(cache.resolve("precious"), "mine");
        Files.createDirectories(folder());
        for (String name : new String[] {"config.json", "tokenizer.json", WEIGHTS}) {
            String sum = HubServer.sha256(server.files.get(name));
            Files.createSymbolicLink(folder().resolve("." + name + "." + sum + ".part"), precious);
            Files.createSymbolicLink(folder().resolve(name), precious);
        }
        hub().download(ID, null);
        assertComplete();
        Assert.assertEquals(Files.readString(precious), "mine");
        Files.delete(folder().resolve(Manifest.FILE));
        Path lock = folder().resolveSibling("." + folder().getFileName() + ".lock");
        Files.delete(lock);
        Path elsewhere = cache.resolve("elsewhere");
        Files.createSymbolicLink(lock, elsewhere);
        Assert.expectThrows(IOException.class, () -> hub().download(ID, null));
        Assert.assertFalse(Files.exists(elsewhere));
    }

    @DataProvider
    public Object[][] switches() {
        return new Object[][] {
            {"HF_HUB_OFFLINE", "1"}, {"HF_HUB_OFFLINE", "YES"}, {"DJL_OFFLINE", "true"}
        };
    }

    @Test(dataProvider = "switches")
    public void offlineInAChild(String name, String value) throws Exception {
        String line = String.join("|", child().withEnvironment(name, value).run("owner/name"));
        for (String word :
                new String[] {
                    "owner/name",
                    folder().toString(),
                    "config.json",
                    "model.safetensors",
                    name,
                    "forbids"
                }) {
            Assert.assertTrue(line.contains(word), line);
        }
        Assert.assertTrue(server.requests.isEmpty());
    }

    @Test
    public void offlineNamesWhatIsMissing() throws IOException {
        Hub offline = builder().optOffline(true).build();
        assertFails(offline, "owner/name", folder().toString(), "config.json", "optOffline");
        hub().download(ID, null);
        int requests = server.requests.size();
        Assert.assertEquals(offline.download(ID, null), folder());
        Files.delete(folder().resolve("tokenizer.json"));
        assertFails(offline, "missing: tokenizer.json)");
        Assert.assertEquals(server.requests.size(), requests);
    }

    @Test
    public void anInterruptEndsTheWaitForTheLock() throws IOException {
        Thread.currentThread().interrupt();
        Assert.expectThrows(InterruptedIOException.class, () -> hub().download(ID, null));
        Assert.assertTrue(Thread.interrupted(), "the thread stays marked");
        hub().download(ID, null);
        assertComplete();
    }

    @Test
    public void theTestsThemselvesAreOffline() {
        Hub hub = Hub.builder().optCacheFolder(cache).build();
        IOException e = Assert.expectThrows(IOException.class, () -> hub.download(ID, null));
        Assert.assertTrue(e.getMessage().contains("ai.djl.offline"), e.getMessage());
    }
}

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
import ai.djl.mamba.zoo.testing.HubServer.Reply;
import ai.djl.util.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What can go wrong while the bytes of a file arrive. */
public class HubTransferTest extends HubSuite {

    private static final String STORAGE = "/storage/" + WEIGHTS;

    /** Notes what it is told. */
    private static final class Notes implements Progress {
        private final List<Long> values = new ArrayList<>();
        private long total = -1;
        private int ends;

        @Override
        public void reset(String message, long max, String trailingMessage) {
            Assert.assertTrue(message.startsWith("Downloading owner/name"), message);
            total = max;
        }

        @Override
        public void start(long initialProgress) {
            values.add(initialProgress);
        }

        @Override
        public void end() {
            ends++;
        }

        @Override
        public void increment(long increment) {
            values.add(values.get(values.size() - 1) + increment);
        }

        @Override
        public void update(long progress, String message) {
            values.add(progress);
        }

        long last() {
            return values.get(values.size() - 1);
        }
    }

    private long total() {
        return server.files.entrySet().stream()
                .filter(file -> !file.getKey().equals("README.md"))
                .mapToLong(file -> file.getValue().length)
                .sum();
    }

    /** Lets the small files through and cuts those of the weights after these bytes. */
    private void cut(int... lengths) {
        server.cuts.add(Integer.MAX_VALUE);
        server.cuts.add(Integer.MAX_VALUE);
        for (int length : lengths) {
            server.cuts.add(length);
        }
    }

    @DataProvider
    public Object[][] rangesOrNot() {
        return new Object[][] {{true}, {false}};
    }

    @Test(dataProvider = "rangesOrNot")
    public void goesOnAfterCuts(boolean ranges) throws IOException {
        server.ranges = ranges;
        cut(0, 1, 1000, 100_000, 150_000, ranges ? 48_998 : 299_999);
        Notes notes = new Notes();
        hub().download(ID, notes);
        assertComplete();
        Assert.assertEquals(server.count("GET", STORAGE), 7);
        Assert.assertEquals(notes.total, total());
        Assert.assertEquals(notes.last(), total());
        Assert.assertEquals(notes.ends, 1);
        if (ranges) {
            List<Long> sorted = notes.values.stream().sorted().toList();
            Assert.assertEquals(notes.values, sorted);
            String last = server.requests.get(server.requests.size() - 1).headers().get("range");
            Assert.assertEquals(last, "bytes=299999-");
        }
    }

    @Test(dataProvider = "rangesOrNot")
    public void givesUpWithoutProgress(boolean ranges) throws IOException {
        server.ranges = ranges;
        cut(1000, 0, 0, 0, 0, 0, 0);
        if (!ranges) {
            server.cuts.clear();
            cut(1000, 1000, 1000, 1000, 1000, 1000, 1000);
        }
        Notes notes = new Notes();
        IOException e = Assert.expectThrows(IOException.class, () -> hub().download(ID, notes));
        Assert.assertTrue(e.getMessage().contains("gave up after 4 attempts"), e.getMessage());
        Assert.assertTrue(e.getMessage().contains(WEIGHTS), e.getMessage());
        Assert.assertEquals(notes.ends, 1);
        String hash = HubServer.sha256(server.files.get(WEIGHTS));
        String part = "." + WEIGHTS + "." + hash + ".part";
        Assert.assertEquals(names(), part + " config.json tokenizer.json");
        Assert.assertEquals(Files.size(folder().resolve(part)), 1000);

        server.cuts.clear();
        server.ranges = true;
        Notes next = new Notes();
        hub().download(ID, next);
        assertComplete();
        Assert.assertEquals(next.values.get(0).longValue(), total() - SIZE + 1000);
        Assert.assertEquals(next.last(), total());
    }

    @Test
    public void startsAnewWhereTheServerCannotGoOn() throws IOException {
        for (Reply reply :
                new Reply[] {
                    Reply.of(416, Map.of(), ""),
                    Reply.of(206, Map.of("Content-Range", "bytes 0-9/10"), "0123456789"),
                    Reply.of(206, Map.of(), "0123456789")
                }) {
            Path part =
                    folder().resolve(
                                    "."
                                            + WEIGHTS
                                            + "."
                                            + HubServer.sha256(server.files.get(WEIGHTS))
                                            + ".part");
            Files.createDirectories(folder());
            Files.deleteIfExists(folder().resolve(WEIGHTS));
            Files.write(part, bytes(1, 10));
            server.once("GET", STORAGE, reply);
            hub().download(ID, null);
            assertComplete();
        }
    }

    @Test
    public void aPartOfOtherContentIsNotKept() throws IOException {
        String hash = HubServer.sha256(server.files.get(WEIGHTS));
        Files.createDirectories(folder());
        for (int size : new int[] {100, SIZE, SIZE + 1}) {
            Files.deleteIfExists(folder().resolve(WEIGHTS));
            Files.write(folder().resolve("." + WEIGHTS + "." + hash + ".part"), bytes(9, size));
            Files.write(folder().resolve("." + WEIGHTS + ".older.part"), bytes(9, size));
            Notes notes = new Notes();
            hub().download(ID, notes);
            assertComplete();
            Assert.assertEquals(notes.last(), notes.total);
        }
    }

    @Test
    public void neverMixesTwoVersions() throws IOException {
        byte[] other = bytes(5, SIZE);
        cut(1000);
        server.afterBody = () -> server.files.put(WEIGHTS, other);
        server.statedHashes.put(WEIGHTS, HubServer.sha256(server.files.get(WEIGHTS)));
        assertFails(hub(), WEIGHTS, "expected the hash", HubServer.sha256(other));
        Assert.assertEquals(names(), "config.json tokenizer.json");
        server.afterBody = () -> {};
        server.statedHashes.clear();
        hub().download(ID, null);
        assertComplete();
    }

    @Test
    public void refusesAWrongHash() throws IOException {
        for (String file : new String[] {"config.json", WEIGHTS}) {
            String wrong = "ab".repeat(file.equals(WEIGHTS) ? 32 : 20);
            server.statedHashes.put(file, wrong);
            assertFails(hub(), file, wrong, "found", server.address());
            Assert.assertFalse(names().contains(file), names());
            server.statedHashes.clear();
        }
        Assert.assertEquals(server.count("GET", STORAGE), 2, "once more from its beginning");
        hub().download(ID, null);
        assertComplete();
    }

    @Test
    public void aWrongAnswerIsAskedForAgain() throws IOException {
        server.once("GET", STORAGE, Reply.of(200, Map.of(), bytes(8, SIZE)));
        Notes notes = new Notes();
        hub().download(ID, notes);
        assertComplete();
        Assert.assertEquals(notes.last(), total());
    }

    @Test
    public void refusesAWrongSize() throws IOException {
        for (long size : new long[] {SIZE - 1, SIZE + 1}) {
            server.statedSizes.put(WEIGHTS, size);
            assertFails(hub(), WEIGHTS, "expected " + size + " bytes", "found " + SIZE);
            Assert.assertEquals(names(), "config.json tokenizer.json");
        }
        server.statedSizes.clear();
        hub().download(ID, null);
        assertComplete();
    }

    @Test
    public void anUnknownEtagLeavesTheSize() throws IOException {
        server.statedHashes.put("config.json", "d41d8cd98f00b204e9800998ecf8427e");
        hub().download(ID, null);
        assertComplete();
        server.statedSizes.put("tokenizer.json", -5L);
        Files.delete(folder().resolve(".manifest.json"));
        assertFails(hub(), "tokenizer.json", "does not report the size");
    }

    @Test
    public void saysWhenTheDiskIsTooSmall() throws IOException {
        server.statedSizes.put(WEIGHTS, 900_000_000_000_000_000L);
        assertFails(hub(), "needs 9000000000000000", "are free", cache.toString());
        Assert.assertEquals(names(), "");
        Assert.assertEquals(server.count("GET", STORAGE), 0);
    }

    @Test
    public void aSilentServerDoesNotHangIt() throws IOException {
        cut(1000);
        server.stallMillis = 60_000;
        builder().optTimeout(Duration.ofSeconds(1)).build().download(ID, null);
        assertComplete();
    }

    @Test
    public void nobodyThere() throws IOException {
        Hub hub = hub();
        server.close();
        assertFails(hub, "no answer from " + server.address(), "gave up after 4 attempts");
        Assert.assertEquals(names(), "");
    }

    @Test
    public void anInterruptEndsTheWaiting() throws Exception {
        for (int i = 0; i < 4; i++) {
            server.once("GET", "/main", Reply.of(503, Map.of("Retry-After", "3600"), ""));
        }
        Hub hub = builder().optRetry(4, Duration.ZERO, Duration.ofHours(1)).build();
        List<Object> caught = new ArrayList<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                caught.add(hub.download(ID, null));
                            } catch (IOException e) {
                                caught.add(e);
                                caught.add(Thread.currentThread().isInterrupted());
                            }
                        });
        thread.start();
        while (thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(1);
        }
        thread.interrupt();
        thread.join(30_000);
        Assert.assertFalse(thread.isAlive());
        Assert.assertEquals(caught.get(0).getClass(), InterruptedIOException.class);
        Assert.assertEquals(caught.get(1), true);
        hub().download(ID, null);
        assertComplete();
    }
}

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
package ai.djl.mamba.zoo.data;

import ai.djl.mamba.testing.ChildJvm;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Data that is larger than the heap is read as a stream. */
public class DataStreamTest {

    private static final int HEAP = 48; // MiB
    private static final long TEXT = 52L << 20;
    private static final long ROWS = 8L << 20;

    @Test
    public void dataMayBeLargerThanTheHeap() throws IOException, InterruptedException {
        try (DataFolder folder = new DataFolder()) {
            Files.createDirectories(folder.path());
            long tokens = writeText(folder.path().resolve("long.txt"));
            tokens += writeRows(folder.path().resolve("many.jsonl"));
            List<String> output =
                    new ChildJvm(DataStreamRun.class)
                            .withMemory(HEAP, HEAP)
                            .run(folder.path().toString());
            Assert.assertEquals(output.size(), 3);
            long training = Long.parseLong(output.get(0));
            long validation = Long.parseLong(output.get(1));
            Assert.assertTrue(Math.min(training, validation) > 0, output.toString());
            Assert.assertEquals(training + validation, tokens);
            Assert.assertEquals(Long.parseLong(output.get(2)), tokens);
        }
    }

    private static long writeText(Path file) throws IOException {
        Random random = new Random(1);
        long written = 0;
        try (Writer writer = Files.newBufferedWriter(file)) {
            while (written < TEXT) {
                String line = Long.toString(random.nextLong(), 36) + '\n';
                writer.write(line);
                written += line.length();
            }
        }
        return written;
    }

    private static long writeRows(Path file) throws IOException {
        Random random = new Random(2);
        long tokens = 0;
        try (Writer writer = Files.newBufferedWriter(file)) {
            while (tokens < ROWS) {
                String text = Long.toString(random.nextLong(), 36).repeat(random.nextInt(100) + 1);
                writer.write("{\"text\": \"" + text + "\"}\n");
                tokens += text.length();
            }
        }
        return tokens;
    }
}

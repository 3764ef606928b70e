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

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.training.BatchSource;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Batches go on where they were, from each position of a source of any kind. */
public class BatchPositionTest extends EngineSuite {

    private static final Shuffle SHUFFLE = new Shuffle(5, 6, 1 << 20);

    private DataFolder folder;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public BatchPositionTest(EngineSetup engine) {
        super(engine);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = new DataFolder();
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        folder.close();
    }

    private interface Opener {
        BatchSource open() throws IOException;
    }

    private Map<String, Opener> allKinds() throws IOException {
        folder.documents(20, 700);
        TextData data = folder.labelled(50);
        Map<String, Opener> openers = new HashMap<>();
        openers.put("packed", () -> folder.packed(3, 512).optShuffle(SHUFFLE).build());
        openers.put("whole", () -> folder.packed(7, 512).optWhole(true).build());
        openers.put("dropped", () -> folder.packed(5, 700).optDropRemainder(true).build());
        openers.put("continued", () -> folder.continued(3, 512).optShuffle(SHUFFLE).build());
        openers.put("in order", () -> folder.continued(4, 300).build());
        openers.put(
                "classes",
                () -> DataFolder.classes(data, List.of("a", "c")).optShuffle(SHUFFLE).build());
        openers.put(
                "read ahead", () -> DataFolder.classes(data, List.of("a")).optReadAhead(2).build());
        openers.put(
                "windows",
                () ->
                        RandomWindows.builder()
                                .setRecords(folder.records())
                                .setBatch(5)
                                .setLength(700)
                                .build());
        return openers;
    }

    @Test
    public void eachPositionIsWhereBatchesGoOn() throws IOException {
        for (Map.Entry<String, Opener> kind : allKinds().entrySet()) {
            List<String> positions = new ArrayList<>();
            List<String> batches = new ArrayList<>();
            int ends = 0;
            try (BatchSource source = kind.getValue().open()) {
                while (ends < 2) {
                    positions.add(source.position().toString());
                    HostRows batch = HostRows.next(source, manager);
                    batches.add(batch == null ? "end" : batch.show());
                    ends += batch == null ? 1 : 0;
                }
            }
            Assert.assertTrue(batches.size() > 8, kind.getKey() + ": " + batches.size());
            try (BatchSource used = kind.getValue().open()) {
                for (int from = batches.size() - 1; from >= 0; from--) {
                    JsonObject position =
                            JsonParser.parseString(positions.get(from)).getAsJsonObject();
                    used.restore(position);
                    Assert.assertEquals(used.position().toString(), positions.get(from));
                    int to = Math.min(from + 4, batches.size());
                    checkGoesOn(used, batches.subList(from, to), kind.getKey() + from);
                }
            }
            try (BatchSource fresh = kind.getValue().open()) {
                int from = batches.size() / 3;
                fresh.restore(JsonParser.parseString(positions.get(from)).getAsJsonObject());
                checkGoesOn(fresh, batches.subList(from, batches.size()), kind.getKey());
            }
        }
    }

    /** By which a run tells whether a position is that of its steps. */
    @Test
    public void windowsAreCountedAndHaveAnEnd() throws IOException {
        try (BatchSource source = allKinds().get("windows").open()) {
            long batches = 0;
            for (int ends = 0; ends < 2; ) {
                Assert.assertEquals(source.batchesBefore(), OptionalLong.of(batches));
                boolean isEnd = HostRows.next(source, manager) == null;
                ends += isEnd ? 1 : 0;
                batches += isEnd ? 0 : 1;
            }
            long steps = batches / 2;
            for (long step : new long[] {-1, steps + 1, Long.MAX_VALUE}) {
                JsonObject position = source.position();
                position.addProperty("step", step);
                IllegalArgumentException e =
                        Assert.expectThrows(
                                IllegalArgumentException.class, () -> source.restore(position));
                String words = "step 0 to " + steps + " of an epoch, got step " + step;
                Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
            }
        }
        try (BatchSource source = allKinds().get("packed").open()) {
            Assert.assertEquals(source.batchesBefore(), OptionalLong.empty());
        }
    }

    private void checkGoesOn(BatchSource source, List<String> expected, String what)
            throws IOException {
        for (String batch : expected) {
            HostRows found = HostRows.next(source, manager);
            Assert.assertEquals(found == null ? "end" : found.show(), batch, what);
        }
    }

    @Test
    public void epochsDifferAndSeedsRepeat() throws IOException {
        folder.documents(20, 700);
        List<String> epochs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            try (BatchSource source = folder.packed(3, 512).optShuffle(SHUFFLE).build()) {
                for (int epoch = 0; epoch < 2; epoch++) {
                    StringBuilder all = new StringBuilder();
                    HostRows.epoch(source, manager).forEach(batch -> all.append(batch.show()));
                    epochs.add(all.toString());
                }
            }
        }
        Assert.assertNotEquals(epochs.get(0), epochs.get(1));
        Assert.assertEquals(epochs.subList(2, 4), epochs.subList(0, 2));
    }

    @Test
    public void positionsOfOtherDataOrOptionsAreRefused() throws IOException {
        folder.documents(3, 700);
        JsonObject position;
        try (BatchSource source = folder.packed(3, 512).build()) {
            position = source.position();
        }
        checkRefused(folder.packed(3, 256).build(), position, "length was 512, is now 256");
        checkRefused(
                folder.packed(3, 512).optShuffle(SHUFFLE).build(),
                position,
                "shuffle was \"null\"");
        checkRefused(folder.continued(3, 512).build(), position, "source was \"PackedBatches\"");
        checkRefused(folder.packed(3, 512).build(), new JsonObject(), "expected a position");
        folder.write("more.txt", "more");
        checkRefused(folder.packed(3, 512).build(), position, "files was \"3 files");
    }

    private static void checkRefused(BatchSource source, JsonObject position, String message)
            throws IOException {
        try (source) {
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> source.restore(position));
            Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
        }
    }

    @Test
    public void closedBatchesLeaveNoArrays() throws IOException {
        for (Opener opener : allKinds().values()) {
            try (BatchSource source = opener.open()) {
                int before = manager.getManagedArrays().size();
                HostRows.epoch(source, manager);
                Assert.assertEquals(manager.getManagedArrays().size(), before);
            }
        }
    }
}

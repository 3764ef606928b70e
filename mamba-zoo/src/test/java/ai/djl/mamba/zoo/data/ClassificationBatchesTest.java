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
import ai.djl.mamba.zoo.text.ByteTokenizer;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Batches for classifiers hold each record of a known class once, with little padding. */
public class ClassificationBatchesTest extends EngineSuite {

    private static final Shuffle SHUFFLE = new Shuffle(5, 6, 1 << 20);

    private DataFolder folder;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public ClassificationBatchesTest(EngineSetup engine) {
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

    @DataProvider
    public Object[][] readAheads() {
        return new Object[][] {{1}, {16}};
    }

    @Test(dataProvider = "readAheads")
    public void classifiersSeeEachRecordOnce(int readAhead) throws IOException {
        TextData data = folder.labelled(102);
        Map<String, Long> found = new TreeMap<>();
        int padding = 0;
        try (BatchSource source =
                DataFolder.classes(data, List.of("a", "b"))
                        .optReadAhead(readAhead)
                        .optShuffle(SHUFFLE)
                        .optEpochs(1)
                        .build()) {
            for (HostRows batch : HostRows.epoch(source, manager)) {
                Assert.assertNull(batch.continued());
                boolean isTight = false;
                for (int row = 0; row < batch.ids().length; row++) {
                    Assert.assertEquals(batch.labels()[row].length, 1);
                    long[] segments = batch.segments()[row];
                    int count = (int) Arrays.stream(segments).sum();
                    Assert.assertEquals(Arrays.stream(segments).limit(count).sum(), count);
                    String text =
                            new ByteTokenizer().decode(Arrays.copyOf(batch.ids()[row], count));
                    found.put(found.size() + text, batch.labels()[row][0]);
                    padding += segments.length - count;
                    isTight |= count == segments.length;
                    String known = text.replaceAll("[x0-9]", "");
                    Assert.assertTrue(
                            known.isEmpty() || known.charAt(0) - 'a' == batch.labels()[row][0]);
                }
                Assert.assertTrue(isTight && batch.ids()[0].length <= 30);
            }
        }
        Assert.assertEquals(found.size(), 68);
        Assert.assertEquals(found.values().stream().filter(id -> id == 1).count(), 34);
        Assert.assertEquals(data.badRows().count(), 34); // those of class c
        Assert.assertTrue(
                data.badRows().examples().get(0).contains("the label \"c\" is not one of [a, b]"));
        Assert.assertTrue(readAhead == 1 ? padding > 400 : padding < 200, "padding: " + padding);
    }

    @Test
    public void classesThatNoRecordHasAreAnError() throws IOException {
        TextData data = folder.labelled(10);
        try (BatchSource source = DataFolder.classes(data, List.of("z")).build()) {
            Assert.expectThrows(EOFException.class, () -> source.next(manager));
        }
    }
}

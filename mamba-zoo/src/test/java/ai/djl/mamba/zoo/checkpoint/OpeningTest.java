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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/**
 * How often a load reads {@code config.json}. Version 0.1 read that of a model given by its name 3
 * times, for text 4 times; by its folder 5 and 7 times, by {@code optModelPath} 4 and 6 times.
 */
public class OpeningTest {

    private static final String NAME = "mamba-java-bytes";

    private final AtomicInteger reads = new AtomicInteger();
    private Path work;

    @BeforeMethod
    public void countReads() throws IOException {
        work = Files.createTempDirectory("mamba-opening");
        reads.set(0);
        ConfigFile.setReadListener(
                file -> {
                    if (file.endsWith(ConfigFile.NAME)) {
                        reads.incrementAndGet();
                    }
                });
    }

    @AfterMethod(alwaysRun = true)
    public void stopCounting() throws IOException {
        ConfigFile.setReadListener(null);
        ProcessFiles.delete(work);
    }

    /** A model of bytes whose configuration names the id at the end of a text. */
    private Path folder() throws IOException {
        Path folder = TinyModels.ofBytes(work.resolve("model"));
        Path config = folder.resolve(ConfigFile.NAME);
        String text = Files.readString(config);
        Files.writeString(config, text.replaceFirst("\\{", "{\"eos_token_id\": 0,"));
        reads.set(0);
        return folder;
    }

    private <I, O> void assertReads(Criteria.Builder<I, O> criteria, int expected)
            throws Exception {
        try (ZooModel<I, O> model = criteria.optEngine("PyTorch").build().loadModel()) {
            model.newPredictor().close();
        }
        Assert.assertEquals(reads.getAndSet(0), expected);
    }

    @Test
    public void aModelGivenByItsNameIsReadOnce() throws Exception {
        assertReads(MambaModels.criteria(NAME, NDList.class, NDList.class), 1);
        assertReads(MambaModels.criteria(NAME, String.class, String.class), 1);
    }

    /** Once to find out whether the folder holds a model, and once to load it. */
    @Test
    public void aModelGivenByItsFolderIsReadTwice() throws Exception {
        Path folder = folder();
        assertReads(MambaModels.criteria(folder.toString(), NDList.class, NDList.class), 2);
        assertReads(MambaModels.criteria(folder.toString(), String.class, String.class), 2);
        assertReads(
                Criteria.builder().setTypes(NDList.class, NDList.class).optModelPath(folder), 2);
        assertReads(
                Criteria.builder().setTypes(String.class, String.class).optModelPath(folder), 2);
    }

    @Test
    public void aTextModelReadsNoMore() throws Exception {
        TextModel.load(NAME).close();
        Assert.assertEquals(reads.getAndSet(0), 1);
        TextModel.load(folder()).close();
        Assert.assertEquals(reads.getAndSet(0), 2);
    }

    @Test
    public void aCheckpointIsReadOnce() throws Exception {
        Path folder = folder();
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Assert.assertEquals(checkpoint.dialect(), Dialect.TRANSFORMERS);
            Assert.assertEquals(checkpoint.config(), MambaCheckpoint.readConfig(folder));
            Assert.assertFalse(checkpoint.isClassifier());
            Assert.assertEquals(reads.get(), 2); // one of them by readConfig
        }
    }
}

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
package ai.djl.mamba.zoo;

import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.HubProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** What is in the cache in the place of a model from the jar is not followed, and not deleted. */
public class BundledModelTest {

    private static final BundledModel MODEL = BundledModel.list().get(0);

    private HubProperties cache; // an empty one

    @BeforeMethod
    public void makeCache() throws IOException {
        cache = new HubProperties();
    }

    @AfterMethod(alwaysRun = true)
    public void deleteCache() throws IOException {
        cache.close();
    }

    @Test
    public void damagedModelsAreReplaced() throws IOException {
        Path folder = MODEL.extract();
        Files.writeString(folder.resolve("config.json"), "{}");
        Assert.assertEquals(MODEL.extract(), folder);
        Assert.assertNotEquals(Files.readString(folder.resolve("config.json")), "{}");
    }

    @Test
    public void linksAreNotFollowed() throws IOException {
        Path folder = MODEL.extract();
        Path target = cache.cache.resolve("target");
        Files.move(folder, target);
        Path mine = Files.writeString(target.resolve("mine.txt"), "mine");
        Files.delete(target.resolve("config.json"));
        Files.createSymbolicLink(folder, target);
        assertElsewhere(folder);
        Assert.assertEquals(Files.readString(mine), "mine");
        Assert.assertTrue(Files.exists(target.resolve("model.safetensors")));
        Assert.assertTrue(Files.isSymbolicLink(folder));
    }

    @Test
    public void filesOfOthersStay() throws IOException {
        Path folder = MODEL.extract();
        Path mine = Files.writeString(folder.resolve("mine.txt"), "mine");
        Files.writeString(folder.resolve("config.json"), "{}");
        assertElsewhere(folder);
        Assert.assertEquals(Files.readString(mine), "mine");
    }

    private static void assertElsewhere(Path folder) throws IOException {
        Path elsewhere = MODEL.extract();
        try {
            Assert.assertNotEquals(elsewhere.toRealPath(), folder.toRealPath());
            Assert.assertTrue(Files.exists(elsewhere.resolve("config.json")));
        } finally {
            ProcessFiles.delete(elsewhere);
        }
    }
}

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
import ai.djl.mamba.testing.OtherUsers;
import ai.djl.mamba.testing.ProcessFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Two users who share the cache of models: one reads what the other has, and changes nothing. */
public class HubTwoUsersTest extends HubSuite {

    private static final int ALICE = 12345;
    private static final int BOB = 12346;

    private Path base;
    private Path shared;

    @BeforeMethod(dependsOnMethods = "startServer")
    public void makeFolders() throws Exception {
        OtherUsers.skipWhereThereAreNone();
        base = OtherUsers.readableFolder("mamba-two-users");
        shared = OtherUsers.writableFolder(base.resolve("shared"), true);
        OtherUsers.writableFolder(base.resolve("tmp"), true);
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolders() throws IOException {
        if (base != null) {
            ProcessFiles.delete(base);
        }
    }

    private String download(int user) throws Exception {
        return String.join(
                "\n",
                new ChildJvm(HubRun.class)
                        .as(user, base)
                        .with("java.io.tmpdir", base.resolve("tmp"))
                        .withEnvironment("DJL_OFFLINE", "false")
                        .withEnvironment("DJL_CACHE_DIR", shared.toString())
                        .withEnvironment("HF_ENDPOINT", server.address())
                        .run("owner/name"));
    }

    /** What is in the shared folder, with its times. */
    private Map<Path, Object> files() throws IOException {
        Map<Path, Object> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(shared)) {
            for (Path file : walk.toList()) {
                files.put(
                        file,
                        new TreeMap<>(
                                Files.readAttributes(file, "unix:uid,mode,size,lastModifiedTime")));
            }
        }
        return files;
    }

    @Test
    public void aModelOfTheOtherIsReadAndNotChanged() throws Exception {
        Path folder = Path.of(download(ALICE));
        Assert.assertTrue(folder.startsWith(shared), folder.toString());
        Map<Path, Object> before = files();
        Assert.assertEquals(download(BOB), folder.toString());
        Assert.assertEquals(files(), before);
    }

    @Test
    public void anIncompleteModelOfTheOtherIsLeftAlone() throws Exception {
        Path folder = Path.of(download(ALICE));
        Files.delete(folder.resolve(WEIGHTS));
        Map<Path, Object> before = files();
        String said = download(BOB);
        Assert.assertTrue(said.contains(folder.getParent().toString()), said);
        Assert.assertEquals(files(), before);
        Assert.assertEquals(download(ALICE), folder.toString());
        Assert.assertEquals(Files.readAllBytes(folder.resolve(WEIGHTS)), server.files.get(WEIGHTS));
    }
}

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
package ai.djl.mamba.ops.pytorch;

import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.OtherUsers;
import ai.djl.mamba.testing.ProcessFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Two users who share DJL's cache: neither loads nor changes what the other has put there. */
public class TwoUsersTest {

    private static final String RESOURCE = "/META-INF/services/ai.djl.mamba.layer.Mixer";
    private static final int ALICE = 12345;
    private static final int BOB = 12346;

    private Path base;
    private String sha256;

    @BeforeMethod
    public void makeFolders() throws Exception {
        OtherUsers.skipWhereThereAreNone();
        base = OtherUsers.readableFolder("mamba-two-users");
        OtherUsers.writableFolder(base.resolve("tmp"), true);
        try (var in = ExtractedFile.class.getResourceAsStream(RESOURCE)) {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
            sha256 = HexFormat.of().formatHex(sum);
        }
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolders() throws IOException {
        if (base != null) {
            ProcessFiles.delete(base);
        }
    }

    private Path load(int user, Path cache) throws Exception {
        List<String> output =
                new ChildJvm(TwoUsersRun.class)
                        .as(user, base)
                        .withEnvironment("ENGINE_CACHE_DIR", cache.toString())
                        .with("java.io.tmpdir", base.resolve("tmp"))
                        .run(RESOURCE, sha256);
        List<String> loaded = output.stream().filter(line -> line.startsWith("load: ")).toList();
        Assert.assertEquals(loaded.size(), 1, output.toString());
        return Path.of(loaded.get(0).substring("load: ".length()));
    }

    /** The files of a folder with their owners, times and content. */
    private static Map<Path, String> files(Path folder) throws IOException {
        Map<Path, String> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                Map<String, Object> about =
                        Files.readAttributes(file, "unix:uid,mode,lastModifiedTime");
                files.put(file, new TreeMap<>(about) + Files.readString(file));
            }
        }
        return files;
    }

    @Test
    public void neitherLoadsTheFileOfTheOther() throws Exception {
        Path cache = OtherUsers.writableFolder(base.resolve("cache"), true);
        Path file = load(ALICE, cache);
        Assert.assertTrue(file.startsWith(cache), file.toString());
        Map<Path, String> before = files(cache);
        Assert.assertEquals(before.keySet(), Set.of(file));
        Path other = load(BOB, cache);
        Assert.assertTrue(other.startsWith(base.resolve("tmp")), other.toString());
        Assert.assertEquals(load(ALICE, cache), file);
        Assert.assertEquals(files(cache), before);
    }

    @Test
    public void aFolderInWhichTheOtherCanReplaceFilesIsNotUsed() throws Exception {
        Path cache = OtherUsers.writableFolder(base.resolve("cache"), false);
        for (int user : new int[] {ALICE, BOB}) {
            Path file = load(user, cache);
            Assert.assertTrue(file.startsWith(base.resolve("tmp")), file.toString());
        }
        Assert.assertEquals(files(cache), Map.of());
    }

    @Test
    public void aFileOfRootServesBoth() throws Exception {
        Path cache = Files.createDirectory(base.resolve("cache"));
        Path file = load(0, cache);
        Assert.assertTrue(file.startsWith(cache), file.toString());
        Assert.assertEquals(load(ALICE, cache), file);
        Assert.assertEquals(load(BOB, cache), file);
        Assert.assertEquals(files(base.resolve("tmp")), Map.of());
    }
}

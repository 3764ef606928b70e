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

import ai.djl.mamba.testing.TempFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A file is loaded from a folder only if nobody but this user and root can change it. */
public class ExtractedFileTest {

    private static final String RESOURCE = "/META-INF/services/ai.djl.mamba.layer.Mixer";
    private static final int SOMEBODY_ELSE = 12345;

    private final List<Path> elsewhere = new ArrayList<>();
    private byte[] content;
    private ExtractedFile extracted;
    private Path base;
    private Path folder;

    @BeforeMethod
    public void makeFolder() throws IOException, NoSuchAlgorithmException {
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("unix")) {
            throw new SkipException("no POSIX attributes here");
        }
        try (var in = ExtractedFile.class.getResourceAsStream(RESOURCE)) {
            content = in.readAllBytes();
        }
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(content);
        extracted = new ExtractedFile(RESOURCE, HexFormat.of().formatHex(sum));
        base = TempFiles.folder("mamba-extracted").toRealPath();
        skipWhereOthersMayWrite(base);
        folder = base.resolve("cache/mamba");
    }

    /** Skips a test, as where root tests a checkout of somebody else in a container. */
    static void skipWhereOthersMayWrite(Path folder) throws IOException {
        String problem = OwnFiles.folderProblem(folder);
        if (problem != null) {
            throw new SkipException("nothing is used from " + folder + ": " + problem);
        }
    }

    @AfterMethod(alwaysRun = true)
    public void deleteOtherFolders() throws IOException {
        for (Path file : elsewhere) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(file.getParent());
        }
        elsewhere.clear();
    }

    private Path assertUsed() throws IOException {
        Path file = extracted.in(folder);
        Assert.assertEquals(file.getParent(), folder);
        Assert.assertEquals(Files.readAllBytes(file), content);
        return file;
    }

    private void assertNotUsed() throws IOException {
        Path file = extracted.in(folder);
        elsewhere.add(file);
        Assert.assertFalse(file.startsWith(base), file.toString());
        Assert.assertEquals(Files.readAllBytes(file), content);
        Assert.assertEquals(permissions(file.getParent()), "rwx------");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void setMode(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode);
    }

    private static void setOwner(Path path, int user) throws IOException {
        if ((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) {
            throw new SkipException("only root can give files away");
        }
        Files.setAttribute(path, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    public void isWrittenSoThatOnlyItsOwnerCanChangeIt() throws IOException {
        Path file = assertUsed();
        Assert.assertEquals(permissions(file), "rw-r--r--");
        Assert.assertEquals(permissions(folder), "rwxr-xr-x");
        Assert.assertEquals(permissions(folder.getParent()), "rwxr-xr-x");
        Object written = Files.getLastModifiedTime(file);
        Assert.assertEquals(Files.getLastModifiedTime(assertUsed()), written);
    }

    @DataProvider
    public Object[][] folders() {
        return new Object[][] {{"cache/mamba"}, {"cache"}, {""}};
    }

    @Test(dataProvider = "folders")
    public void foldersThatAllMayWriteAreNotUsed(String name) throws IOException {
        Path file = assertUsed();
        Path open = base.resolve(name);
        setMode(open, 0777);
        assertNotUsed();
        Files.delete(file);
        assertNotUsed();
        Assert.assertFalse(Files.exists(file), "written to " + folder);
    }

    @Test(dataProvider = "folders")
    public void stickyFoldersAreUsedAboveOwnOnes(String name) throws IOException {
        assertUsed();
        Path sticky = base.resolve(name);
        setMode(sticky, 01777);
        if (sticky.equals(folder)) {
            assertNotUsed();
        } else {
            assertUsed();
        }
    }

    @Test(dataProvider = "folders")
    public void foldersOfSomebodyElseAreNotUsed(String name) throws IOException {
        assertUsed();
        setOwner(base.resolve(name), SOMEBODY_ELSE);
        assertNotUsed();
    }

    @Test
    public void foldersThatAGroupMayWriteAreNotUsed() throws IOException {
        assertUsed();
        setOwner(folder, 0);
        Files.setAttribute(folder, "unix:gid", SOMEBODY_ELSE);
        setMode(folder, 0775);
        assertNotUsed();
        Files.setAttribute(folder, "unix:gid", 0); // root's own
        assertUsed();
    }

    @Test
    public void filesThatAllMayWriteAreReplaced() throws IOException {
        Path file = assertUsed();
        setMode(file, 0666);
        assertUsed();
        Assert.assertEquals(permissions(file), "rw-r--r--");
    }

    @Test
    public void filesOfSomebodyElseAreReplaced() throws IOException {
        setOwner(assertUsed(), SOMEBODY_ELSE);
        Assert.assertEquals(Files.getAttribute(assertUsed(), "unix:uid"), 0);
    }

    @Test
    public void linksAreReplacedRatherThanFollowed() throws IOException {
        Path file = assertUsed();
        Path target = Files.write(base.resolve("target"), content);
        Files.delete(file);
        Files.createSymbolicLink(file, target);
        assertUsed();
        Assert.assertFalse(Files.isSymbolicLink(file));
        Assert.assertEquals(Files.readAllBytes(target), content);
    }

    @Test
    public void aLinkedFolderIsNamedByWhereItLies() throws IOException {
        Path link = Files.createSymbolicLink(base.resolve("link"), base.resolve("cache"));
        assertUsed();
        Path file = extracted.in(link.resolve("mamba"));
        Assert.assertEquals(file.getParent(), folder);
        setMode(base.resolve("cache"), 0777);
        Path other = extracted.in(link.resolve("mamba"));
        elsewhere.add(other);
        Assert.assertFalse(other.startsWith(base), other.toString());
    }

    @Test
    public void theReasonNamesTheFolder() throws IOException {
        assertUsed();
        Path cache = base.resolve("cache");
        setMode(cache, 0777);
        String problem = OwnFiles.folderProblem(folder);
        Assert.assertEquals(problem, cache + " may be written by all users");
        setMode(cache, 0755);
        Assert.assertNull(OwnFiles.folderProblem(folder));
        setOwner(cache, SOMEBODY_ELSE);
        problem = OwnFiles.folderProblem(folder);
        Assert.assertEquals(
                problem,
                cache + " belongs to " + SOMEBODY_ELSE + ", neither to this user nor to root");
    }

    @Test
    public void damagedFilesAreReplaced() throws IOException {
        Path file = assertUsed();
        Files.writeString(file, "something else", StandardCharsets.UTF_8);
        assertUsed();
    }
}

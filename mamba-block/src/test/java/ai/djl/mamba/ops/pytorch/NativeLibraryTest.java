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

import ai.djl.engine.Engine;
import ai.djl.mamba.ops.Ops;
import ai.djl.mamba.ops.Scans;
import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.NativeOperators;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.util.Utils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** How the native library is found, and what is said where it cannot be used. */
public class NativeLibraryTest {

    private static final String PYTORCH = "PyTorch";
    private static final String RESOURCE = "native/linux-x86_64/libmamba_torch";

    private Path folder;

    @BeforeMethod
    public void makeFolder() throws IOException {
        NativeOperators.skipWhereNoneWereBuilt();
        folder = Files.createTempDirectory("mamba-native").toRealPath();
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        if (folder != null) {
            ProcessFiles.delete(folder);
        }
    }

    private static ChildJvm jvm() {
        return new ChildJvm(NativeLibraryRun.class)
                .with("org.slf4j.simpleLogger.logFile", "System.out")
                .with("org.slf4j.simpleLogger.defaultLogLevel", "warn")
                .with("org.slf4j.simpleLogger.showThreadName", "false")
                .with("org.slf4j.simpleLogger.log.ai.djl.mamba", "info");
    }

    /** Asserts that the block ran, and what was logged about it, in one line. */
    private static void assertRuns(List<String> output, String... inTheLine) {
        String all = String.join("\n", output);
        Assert.assertTrue(output.contains("shape: (1, 3, 4)"), all);
        List<String> lines = output.stream().filter(line -> line.startsWith("INFO ")).toList();
        Assert.assertEquals(lines.size(), 1, all);
        for (String part : inTheLine) {
            Assert.assertTrue(lines.get(0).contains(part), part + " is not in\n" + all);
        }
    }

    private static byte[] library() throws IOException {
        ClassLoader loader = Ops.class.getClassLoader();
        try (InputStream in = loader.getResourceAsStream(RESOURCE + ".so")) {
            return in.readAllBytes();
        }
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("library.so"), content);
    }

    @Test
    public void isUsedWithoutAsking() throws Exception {
        List<String> output = jvm().run(PYTORCH);
        Assert.assertTrue(output.contains("reason: null"), output.toString());
        assertRuns(output, "INFO", "Operators on PyTorch, float32 on cpu: native");
    }

    @Test
    public void canBeSwitchedOff() throws Exception {
        List<String> output = jvm().with(Ops.NATIVE_PROPERTY, "off").run(PYTORCH);
        assertRuns(output, "INFO", "chunked", "-Dai.djl.mamba.native=off");
    }

    @Test
    public void forcedScanFailsLoudly() throws Exception {
        ChildJvm jvm =
                jvm().with(PyTorchOpsProvider.LIBRARY, file("?")).with(Scans.PROPERTY, "native");
        String all = String.join("\n", jvm.run(PYTORCH));
        Assert.assertTrue(all.contains("refused: The native operators cannot be used: "), all);
        Assert.assertTrue(all.contains("does not say which libtorch"), all);
        Assert.assertTrue(all.contains("cause: java.io.IOException"), all);
    }

    @Test
    public void otherEnginesNeedNoPyTorch() throws Exception {
        List<String> output = jvm().without(entry -> entry.contains("pytorch")).run("MXNet");
        assertRuns(
                output,
                "INFO",
                "MXNet, float32 on cpu: composed with chunked scans",
                "there are none for MXNet");
    }

    @Test
    public void ownBuildIsLoaded() throws Exception {
        Path own = Files.write(folder.resolve("own.so"), library());
        ChildJvm jvm =
                jvm().with(PyTorchOpsProvider.LIBRARY, own).withFirst(properties("9.9.9", "00"));
        assertRuns(jvm.run(PYTORCH), "native");
    }

    @DataProvider
    public Object[][] badBuilds() {
        String libtorch = Engine.getEngine(PYTORCH).getVersion().replaceAll("-.*", "");
        String marker = "MAMBA_BUILT_FOR_LIBTORCH=";
        return new Object[][] {
            {null, "is not a file"},
            {"\177ELF", "does not say which libtorch it was built for"},
            {marker + "1.2.3;", "was built for libtorch 1.2.3, but this is " + libtorch},
            {marker + libtorch + ";", "was built from the sources of another version"},
            {marker + libtorch + ";MAMBA_INTERFACE=4;", "could not be linked"}
        };
    }

    @Test(dataProvider = "badBuilds")
    public void badBuildIsRefused(String content, String reason) throws Exception {
        Path path = content == null ? folder.resolve("library.so") : file(content);
        List<String> output = jvm().with(PyTorchOpsProvider.LIBRARY, path).run(PYTORCH);
        assertRuns(output, "chunked", path.toString(), reason);
    }

    /** Makes a class path entry with other properties of the library. */
    private Path properties(String libtorch, String sha256) throws IOException {
        Path properties = folder.resolve("first").resolve(RESOURCE + ".properties");
        Files.createDirectories(properties.getParent());
        Files.writeString(properties, "libtorch=" + libtorch + "\nlibrary=" + sha256 + "\n");
        return folder.resolve("first");
    }

    @Test
    public void otherLibtorchIsRefused() throws Exception {
        List<String> output = jvm().withFirst(properties("9.9.9", "00")).run(PYTORCH);
        assertRuns(output, "chunked", "they were built for libtorch 9.9.9, but this is ");
    }

    @Test
    public void otherPlatformIsRefused() throws Exception {
        assertRuns(jvm().run(PYTORCH, "riscv64"), "chunked", "none were built for linux-riscv64");
    }

    @Test
    public void damagedResourceIsRefused() throws Exception {
        String libtorch = Engine.getEngine(PYTORCH).getVersion().replaceAll("-.*", "");
        Path first = properties(libtorch, "0123456789abcdef".repeat(4));
        assertRuns(
                jvm().withFirst(first).run(PYTORCH), "chunked", "is damaged", "0123456789abcdef");
    }

    /** A cache with nothing in it but the engine itself, where nobody else can change it. */
    private Path emptyCache() throws IOException {
        ExtractedFileTest.skipWhereOthersMayWrite(folder);
        Path cache = Files.createDirectory(folder.resolve("cache"));
        Files.createSymbolicLink(
                cache.resolve("pytorch"), Utils.getEngineCacheDir("pytorch").toAbsolutePath());
        return cache;
    }

    private static List<Path> files(Path cache) throws IOException {
        try (Stream<Path> walk = Files.walk(cache.resolve("mamba"))) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    public void severalJvmsExtractAtOnce() throws Exception {
        Engine.getEngine(PYTORCH); // whose own extraction is not what is tested
        Path cache = emptyCache();
        Callable<List<String>> run = () -> jvm().with("ENGINE_CACHE_DIR", cache).run(PYTORCH);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<List<String>> outputs = new ArrayList<>();
            for (Future<List<String>> result : pool.invokeAll(Collections.nCopies(4, run))) {
                outputs.add(result.get());
            }
            outputs.forEach(output -> assertRuns(output, "native"));
        } finally {
            pool.shutdown();
        }
        List<Path> files = files(cache);
        Assert.assertEquals(files.size(), 1, files.toString());
        Assert.assertEquals(Files.readAllBytes(files.get(0)), library());
    }

    @Test
    public void damagedFileIsReplaced() throws Exception {
        Path cache = emptyCache();
        assertRuns(jvm().with("ENGINE_CACHE_DIR", cache).run(PYTORCH), "native");
        Path file = files(cache).get(0);
        byte[] damaged = library();
        damaged[damaged.length / 2] ^= 1;
        Files.write(file, damaged);
        assertRuns(jvm().with("ENGINE_CACHE_DIR", cache).run(PYTORCH), "native");
        Assert.assertEquals(files(cache), List.of(file));
        Assert.assertEquals(Files.readAllBytes(file), library());
    }

    @Test
    public void cacheThatCannotBeWrittenIsNotNeeded() throws Exception {
        Path cache = emptyCache();
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Files.createFile(cache.resolve("mamba")); // where a folder would have to be
        List<String> output =
                jvm().with("ENGINE_CACHE_DIR", cache)
                        .with("java.io.tmpdir", temporary)
                        .run(PYTORCH);
        String all = String.join("\n", output);
        Assert.assertTrue(all.contains("reason: null"), all);
        Assert.assertTrue(all.contains("cannot be written to " + cache), all);
        try (Stream<Path> left = Files.list(temporary)) {
            Assert.assertFalse(
                    left.anyMatch(path -> path.getFileName().toString().startsWith("mamba")));
        }
    }

    @Test
    public void cacheThatOthersMayWriteIsNotUsed() throws Exception {
        Path cache = emptyCache();
        assertRuns(jvm().with("ENGINE_CACHE_DIR", cache).run(PYTORCH), "native");
        byte[] theirs = {1, 2, 3};
        Path file = Files.write(files(cache).get(0), theirs);
        Path open = cache.resolve("mamba");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        List<String> output =
                jvm().with("ENGINE_CACHE_DIR", cache)
                        .with("java.io.tmpdir", temporary)
                        .run(PYTORCH);
        String all = String.join("\n", output);
        Assert.assertTrue(all.contains("reason: null"), all);
        Assert.assertTrue(all.contains("cannot be loaded from " + file.getParent()), all);
        Assert.assertTrue(all.contains(open + " may be written by all users"), all);
        Assert.assertEquals(files(cache), List.of(file));
        Assert.assertEquals(Files.readAllBytes(file), theirs);
    }

    private static final String NOEXEC = "failed to map segment from shared object";

    private static ExtractedFile extracted() throws IOException, NoSuchAlgorithmException {
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(library());
        return new ExtractedFile('/' + RESOURCE + ".so", HexFormat.of().formatHex(sum));
    }

    @Test
    public void cacheThatMayNotBeExecutedIsNotNeeded() throws Exception {
        List<String> loaded = new ArrayList<>();
        Path file =
                NativeLibrary.load(
                        extracted(),
                        folder,
                        path -> {
                            if (Path.of(path).startsWith(folder)) {
                                throw new UnsatisfiedLinkError(path + ": " + NOEXEC);
                            }
                            loaded.add(path);
                        });
        Assert.assertEquals(loaded, List.of(file.toString()));
        Assert.assertFalse(file.startsWith(folder));
        Assert.assertEquals(Files.readAllBytes(file), library());
        ProcessFiles.delete(file.getParent());
    }

    @Test
    public void nowhereToExecuteIsAReason() throws Exception {
        List<Path> temporary = new ArrayList<>();
        IOException e =
                Assert.expectThrows(
                        IOException.class,
                        () ->
                                NativeLibrary.load(
                                        extracted(),
                                        folder,
                                        path -> {
                                            temporary.add(Path.of(path).getParent());
                                            throw new UnsatisfiedLinkError(path + ": " + NOEXEC);
                                        }));
        String message = e.getMessage();
        Assert.assertTrue(
                message.contains("can neither be executed from " + folder)
                        && message.contains("nor from a temporary folder (")
                        && message.endsWith("ENGINE_CACHE_DIR names another folder"),
                message);
        ProcessFiles.delete(temporary.get(1));
    }

    @Test
    public void librariesThatDoNotFitAreNotTriedTwice() throws Exception {
        UnsatisfiedLinkError error = new UnsatisfiedLinkError("undefined symbol: x");
        UnsatisfiedLinkError e =
                Assert.expectThrows(
                        UnsatisfiedLinkError.class,
                        () ->
                                NativeLibrary.load(
                                        extracted(),
                                        folder,
                                        path -> {
                                            throw error;
                                        }));
        Assert.assertSame(e, error);
    }

    @Test
    public void nowhereToExtractIsAReason() throws Exception {
        Path cache = emptyCache();
        Files.createFile(cache.resolve("mamba"));
        Path missing = folder.resolve("missing");
        List<String> output =
                jvm().with("ENGINE_CACHE_DIR", cache).with("java.io.tmpdir", missing).run(PYTORCH);
        assertRuns(
                output,
                "chunked",
                "can neither be written to " + cache,
                missing.toString(),
                "ENGINE_CACHE_DIR names another folder");
    }
}

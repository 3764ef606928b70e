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
package ai.djl.mamba.testing;

import ai.djl.MalformedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.testng.Assert;

/**
 * Damaged files of a format load, or are refused by a checked exception with a message: in a JVM
 * with little memory, where a size that is believed unchecked shows; within a few seconds; and
 * without touching anything beside their folder.
 */
public final class Fuzz {

    /** The system property with the number of damaged files. */
    private static final String COUNT = "ai.djl.mamba.test.mutations";

    private static final int LONGEST_SECONDS = 5;
    private static final int MAX_NAMED = 3;

    /** The files take kilobytes; what the engine needs of its own is some megabytes. */
    private static final long MOST_MEMORY = 32L << 20;

    /** Before the file was last changed, so that the system notes when it is read. */
    private static final FileTime LONG_AGO = FileTime.from(1, TimeUnit.DAYS);

    private final Format format;
    private final Path parent;
    private final Path folder;
    private final Path outside;
    private int loaded;
    private int refused;

    private Fuzz(Format format, Path parent) throws IOException {
        this.format = format;
        this.parent = parent;
        folder = Files.createDirectory(parent.resolve("f"));
        outside = Files.write(parent.resolve("x"), new byte[1 << 10]); // some damages name ../x
        Files.getFileAttributeView(outside, BasicFileAttributeView.class)
                .setTimes(null, LONG_AGO, null);
    }

    /** A format of files. */
    public interface Format extends AutoCloseable {

        /** Writes the sound files to an empty folder. */
        void write(Path folder) throws Exception;

        /** Damages the files, which are sound. */
        void damage(Mutations mutations, Path folder) throws Exception;

        /** Reads the files; what is wrong with them is a checked exception. */
        void read(Path folder) throws Exception;

        @Override
        default void close() {}
    }

    /** Runs the main method of a class, which calls {@link #run}; {@code format} is for that. */
    public static void assertSurvives(Class<?> main, String format) throws Exception {
        List<String> output =
                new ChildJvm(main)
                        .withMemory(96, 64)
                        .run(format, Integer.toString(Integer.getInteger(COUNT, 1000)));
        List<String> failed = output.stream().filter(line -> line.startsWith("FAILED")).toList();
        Assert.assertTrue(
                failed.isEmpty(),
                failed.size() + " times: " + failed.stream().limit(MAX_NAMED).toList());
        String result = output.get(output.size() - 1);
        Assert.assertTrue(result.matches("loaded \\d+, refused [1-9]\\d*, grown \\d+ MiB"), result);
        System.out.println(format + ": " + result);
    }

    /** Damages and reads files, and prints what came of it. */
    public static void run(Format format, int count) throws Exception {
        Path parent = Files.createTempDirectory("mamba-fuzz");
        ExecutorService executor = Executors.newSingleThreadExecutor(Fuzz::daemon);
        try {
            Fuzz fuzz = new Fuzz(format, parent);
            executor.submit(fuzz::readSound).get(); // the first time takes memory of its own
            long before = resident("VmRSS");
            for (int seed = 1; seed <= count; seed++) {
                fuzz.tryOne(executor, seed);
            }
            fuzz.checkOutside();
            long grown = resident("VmHWM") - before;
            if (grown > MOST_MEMORY) {
                System.out.println("FAILED: needs " + grown + " bytes");
            }
            System.out.printf(
                    "loaded %d, refused %d, grown %d MiB%n",
                    fuzz.loaded, fuzz.refused, Math.max(0, grown) >> 20);
        } finally {
            executor.shutdownNow();
            format.close();
            ProcessFiles.delete(parent);
        }
    }

    /** A reader that hangs must not keep this JVM alive. */
    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    private static long resident(String key) throws IOException {
        return ProcessFiles.isLinux() ? ProcessFiles.status(key) : 0;
    }

    private Void readSound() throws Exception {
        for (int i = 0; i < 10; i++) {
            renew();
            format.read(folder);
        }
        return null;
    }

    private void renew() throws Exception {
        ProcessFiles.delete(folder);
        format.write(Files.createDirectory(folder));
    }

    private void tryOne(ExecutorService executor, long seed) throws Exception {
        renew();
        format.damage(new Mutations(seed), folder);
        try {
            executor.submit(() -> read(seed)).get(LONGEST_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            System.out.println("FAILED " + seed + ": takes too long");
            throw e;
        }
    }

    /** Everything thrown is caught: a run shows all failures. */
    private void read(long seed) {
        try {
            format.read(folder);
            loaded++;
        } catch (IOException | MalformedModelException e) {
            refused++;
            if (e.getMessage() == null) {
                System.out.println("FAILED " + seed + " without a message: " + e);
            }
        } catch (Throwable e) {
            System.out.println("FAILED " + seed + ": " + e + ' ' + List.of(e.getStackTrace()));
        }
    }

    private void checkOutside() throws IOException {
        try (Stream<Path> files = Files.list(parent)) {
            if (files.count() != 2) {
                System.out.println("FAILED: left files outside the folder");
            }
        }
        BasicFileAttributes now = Files.readAttributes(outside, BasicFileAttributes.class);
        if (now.size() != 1 << 10 || !now.lastAccessTime().equals(LONG_AGO)) {
            System.out.println("FAILED: used a file outside the folder");
        }
    }
}

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

import ai.djl.mamba.internal.FileErrors;
import ai.djl.mamba.internal.PlainFiles;
import ai.djl.util.JsonUtils;
import ai.djl.util.Utils;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A small model that this project has trained and that comes in the jar of the zoo: it loads
 * without a network. Its card, {@code README.md} beside the weights, describes how it was trained
 * and on what, how good it is, and what it is not for.
 *
 * @param name its name in the zoo
 * @param description what it does, in one line
 * @param parameters the number of parameters, a tied head counted once
 * @param licence its licence, as an SPDX identifier
 * @param files the names of its files
 */
public record BundledModel(
        String name, String description, long parameters, String licence, List<String> files) {

    private static final String ROOT = "models/"; // beside this class
    private static final String INDEX = ROOT + "index.json";
    private static final int DIGITS = 16;
    private static final List<BundledModel> ALL = readIndex();

    /** Checks that the files are listed. */
    public BundledModel {
        files = List.copyOf(files);
    }

    private static List<BundledModel> readIndex() {
        try (InputStream in = resource(INDEX);
                Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            return List.copyOf(
                    Arrays.asList(JsonUtils.GSON.fromJson(reader, BundledModel[].class)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JsonParseException e) {
            throw new IllegalStateException(INDEX + " of the jar is damaged", e);
        }
    }

    /**
     * Returns all models that come with the zoo.
     *
     * @return the models
     */
    public static List<BundledModel> list() {
        return ALL;
    }

    /**
     * Finds a model by its name.
     *
     * @param name the name
     * @return the model, if there is one
     */
    public static Optional<BundledModel> find(String name) {
        return ALL.stream().filter(model -> model.name.equals(name)).findFirst();
    }

    /**
     * Puts the files of the model into DJL's cache unless they are there, or into a temporary
     * folder where the cache cannot be written, or has a link or other files in their place.
     * Several JVMs may do so at once.
     *
     * @return the folder, whose name contains a digest of the content
     * @throws IOException if the files can be written nowhere
     */
    public Path extract() throws IOException {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (String file : files) {
            try (InputStream in = resource(ROOT + name + '/' + file)) {
                contents.put(file, in.readAllBytes());
            }
        }
        Path parent = Utils.getCacheDir().resolve("cache").resolve("bundled");
        Path folder = parent.resolve(name + '-' + digest(contents));
        if (isComplete(folder, contents)) {
            return folder;
        }
        try {
            Files.createDirectories(parent);
            return publish(contents, folder);
        } catch (IOException e) {
            Path elsewhere = Files.createTempDirectory("mamba-" + name);
            elsewhere.toFile().deleteOnExit(); // after the files in it: the last one goes first
            write(contents, elsewhere);
            contents.keySet().forEach(f -> elsewhere.resolve(f).toFile().deleteOnExit());
            return elsewhere;
        }
    }

    /**
     * Returns the bytes of all files.
     *
     * @return the size
     * @throws IOException if they cannot be read
     */
    public long size() throws IOException {
        long sum = 0;
        for (String file : files) {
            try (InputStream in = resource(ROOT + name + '/' + file)) {
                sum += in.transferTo(OutputStream.nullOutputStream());
            }
        }
        return sum;
    }

    private static InputStream resource(String name) throws IOException {
        InputStream in = BundledModel.class.getResourceAsStream(name);
        if (in == null) {
            throw new IOException("the resource " + name + " of the zoo's jar is missing");
        }
        return in;
    }

    private static boolean isComplete(Path folder, Map<String, byte[]> contents)
            throws IOException {
        if (!PlainFiles.isFolder(folder)) {
            return false;
        }
        for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
            Path file = folder.resolve(entry.getKey());
            if (!PlainFiles.isFile(file)
                    || !Arrays.equals(Files.readAllBytes(file), entry.getValue())) {
                return false;
            }
        }
        return true;
    }

    /** Writes a folder beside the wanted one and moves it there in one step. */
    private static Path publish(Map<String, byte[]> contents, Path folder) throws IOException {
        Path written = folder.resolveSibling("." + folder.getFileName() + '.' + UUID.randomUUID());
        Files.createDirectory(written);
        try {
            write(contents, written);
            PlainFiles.requireFolder(folder);
            delete(folder, contents.keySet()); // damaged by somebody, if it is there
            Files.move(written, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!isComplete(folder, contents)) { // otherwise another JVM was faster
                throw e;
            }
        } finally {
            delete(written, contents.keySet());
        }
        return folder;
    }

    private static void write(Map<String, byte[]> contents, Path folder) throws IOException {
        for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
            FileErrors.write(folder.resolve(entry.getKey()), entry.getValue());
        }
    }

    /** Deletes a folder with files of the model; with others it stays, which is an error. */
    private static void delete(Path folder, Set<String> names) throws IOException {
        if (!PlainFiles.isFolder(folder)) {
            return;
        }
        for (String name : names) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.delete(folder);
    }

    private static String digest(Map<String, byte[]> contents) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            contents.values().forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}

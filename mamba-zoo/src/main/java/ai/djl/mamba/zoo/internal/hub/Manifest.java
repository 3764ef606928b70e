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

import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.zoo.internal.tensors.TemporarySibling;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The manifest of a complete folder, which lists its files. It is written last.
 *
 * @param id the {@link HubId} as text
 * @param commit the commit that the files are from
 * @param endpoint the hub that they are from
 * @param files the files
 */
record Manifest(String id, String commit, String endpoint, List<Entry> files) {

    static final String FILE = ".manifest.json";

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    /**
     * A file.
     *
     * @param name its name, without folders
     * @param size its size in bytes
     * @param hash its hash; null if the server reported none
     */
    record Entry(String name, long size, String hash) {}

    /** Reads the manifest of a folder; returns null if it is missing or malformed. */
    static Manifest read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        byte[] bytes = Files.readAllBytes(file); // may be damaged and not UTF-8
        try {
            return GSON.fromJson(new String(bytes, StandardCharsets.UTF_8), Manifest.class);
        } catch (JsonParseException e) {
            return null; // as if missing: the folder is downloaded again
        }
    }

    /** Returns what is missing in the folder; empty if it is complete. */
    List<String> missing(Path folder, HubId of, String from, WantedFiles wanted)
            throws IOException {
        boolean readable = of.toString().equals(id) && files != null;
        if (!readable || !files.stream().allMatch(entry -> isOf(wanted, entry))) {
            return List.of(FILE);
        }
        if (!wanted.isComplete(files.stream().map(Entry::name).toList())) {
            return List.of(FILE);
        }
        if (!from.equals(endpoint)) { // another hub may have another model by this name
            return List.of("the files of " + from + ", as those there are of " + shown(endpoint));
        }
        List<String> missing = new ArrayList<>();
        for (Entry entry : files) {
            Path file = folder.resolve(entry.name);
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    || Files.size(file) != entry.size) {
                missing.add(entry.name);
            }
        }
        return missing;
    }

    private static String shown(String endpointOrNull) {
        return endpointOrNull == null ? "an unknown hub" : Printable.of(endpointOrNull);
    }

    private static boolean isOf(WantedFiles wanted, Entry entry) {
        return entry != null && entry.name != null && wanted.isWanted(entry.name);
    }

    /** Writes the manifest of a folder. */
    void write(Path folder) throws IOException {
        TemporarySibling.write(
                folder.resolve(FILE),
                channel -> {
                    ByteBuffer bytes = StandardCharsets.UTF_8.encode(GSON.toJson(this));
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                });
    }
}

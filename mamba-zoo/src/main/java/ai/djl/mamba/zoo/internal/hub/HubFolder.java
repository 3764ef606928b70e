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
import ai.djl.util.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of the cache for the wanted files of one revision. */
final class HubFolder {

    /** The suffix of the names of incomplete files. */
    static final String PART = ".part";

    private static final Logger LOGGER = LoggerFactory.getLogger(HubFolder.class);

    private final Path path;
    private final HubId id;
    private final WantedFiles wanted;
    private final String endpoint;

    HubFolder(Path path, HubId id, WantedFiles wanted, String endpoint) {
        this.endpoint = endpoint;
        this.path = path;
        this.id = id;
        this.wanted = wanted;
    }

    /** Returns the names of missing files; empty if the folder is complete. */
    List<String> missing() throws IOException {
        Manifest manifest = Manifest.read(path);
        if (manifest != null) {
            return manifest.missing(path, id, endpoint, wanted);
        }
        List<String> missing = new ArrayList<>(wanted.required());
        missing.removeIf(file -> Files.isRegularFile(path.resolve(file)));
        List<String> weights = wanted.weights();
        if (!weights.isEmpty()
                && weights.stream().noneMatch(file -> Files.exists(path.resolve(file)))) {
            missing.add(String.join(" or ", weights));
        }
        missing.add(Manifest.FILE);
        return missing;
    }

    /** Downloads missing files. The caller must hold the lock. */
    void complete(HubApi api, RetryPolicy policy, Progress progress) throws IOException {
        HubApi.Listing listing = api.list(id);
        List<RemoteFile> files = new ArrayList<>();
        for (String file : wanted.select(listing.files(), "model " + id + " at " + endpoint)) {
            files.add(api.describe(id, listing.commit(), file));
        }
        Files.createDirectories(path);
        // from now on, the folder may have files of two commits
        Files.deleteIfExists(path.resolve(Manifest.FILE));
        fetch(files, api, policy, progress);
        List<Manifest.Entry> entries = new ArrayList<>();
        for (RemoteFile file : files) {
            entries.add(new Manifest.Entry(file.name(), file.size(), file.hash()));
        }
        deleteOthers(files);
        new Manifest(id.toString(), listing.commit(), endpoint, entries).write(path);
    }

    private void fetch(List<RemoteFile> files, HubApi api, RetryPolicy policy, Progress progress)
            throws IOException {
        List<RemoteFile> needed = new ArrayList<>();
        long total = 0;
        long bytesNeeded = 0;
        for (RemoteFile file : files) {
            total = saturatedSum(total, file.size());
            if (!file.isSurely(path.resolve(file.name()))) {
                needed.add(file);
                long rest = Math.max(0, file.size() - sizeOf(file.part(path)));
                bytesNeeded = saturatedSum(bytesNeeded, rest);
            }
        }
        List<String> unhashed =
                needed.stream().filter(file -> file.hash() == null).map(RemoteFile::name).toList();
        if (!unhashed.isEmpty()) {
            LOGGER.warn(
                    "{}: {} states no hash of {}: only the sizes are checked",
                    id,
                    endpoint,
                    Printable.of(unhashed.toString()));
        }
        checkSpace(bytesNeeded);
        try (ByteProgress bytes =
                new ByteProgress(progress, "Downloading " + id, total, total - bytesNeeded)) {
            for (RemoteFile file : needed) {
                new FileDownload(api, file, path, policy, bytes).run();
            }
        }
    }

    private static long saturatedSum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    private static long sizeOf(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private void checkSpace(long needed) throws IOException {
        long usable = Files.getFileStore(path).getUsableSpace();
        if (needed > usable) {
            throw new IOException(
                    "model "
                            + id
                            + " needs "
                            + needed
                            + " more bytes in "
                            + path
                            + ", where "
                            + usable
                            + " are free");
        }
    }

    /** Deletes parts of other versions, and weights that are no longer in the repository. */
    private void deleteOthers(List<RemoteFile> files) throws IOException {
        Set<String> names = new HashSet<>();
        files.forEach(file -> names.add(file.name()));
        List<Path> others;
        try (Stream<Path> all = Files.list(path)) {
            others = all.filter(file -> isOther(file.getFileName().toString(), names)).toList();
        }
        for (Path file : others) {
            Files.delete(file);
        }
    }

    private boolean isOther(String name, Set<String> names) {
        return name.endsWith(PART)
                || name.startsWith("." + Manifest.FILE) // a manifest that was not moved into place
                || (wanted.isWanted(name) && !names.contains(name));
    }
}

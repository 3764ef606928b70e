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

import ai.djl.mamba.internal.FileErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Downloads a file into a folder. Received bytes are kept in a part file next to the target, so
 * that a later attempt, even by another process, requests only the rest. The part file is moved
 * into place when it is complete and verified.
 */
final class FileDownload {

    private final HubApi api;
    private final RemoteFile file;
    private final Path target;
    private final Path part;
    private final ByteProgress progress;
    private final Attempts attempts;

    /** The largest size of the part file so far: only more than this is progress. */
    private long largest;

    FileDownload(
            HubApi api, RemoteFile file, Path folder, RetryPolicy policy, ByteProgress progress) {
        this.api = api;
        this.file = file;
        this.target = folder.resolve(file.name());
        this.part = file.part(folder);
        this.progress = progress;
        this.attempts = new Attempts(policy);
    }

    /** Downloads the file; if verification fails, it is fetched once more from the start. */
    void run() throws IOException {
        if (fetchAndCheck() == null) {
            return;
        }
        largest = 0;
        String mismatch = fetchAndCheck();
        if (mismatch != null) {
            throw new IOException(
                    target + " from " + HubHttp.shown(file.address()) + ": " + mismatch);
        }
    }

    private String fetchAndCheck() throws IOException {
        String mismatch = fetch();
        if (mismatch == null) {
            mismatch = file.mismatch(part);
        }
        if (mismatch != null) {
            restart();
            Files.deleteIfExists(part);
            return mismatch;
        }
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true); // the content must be on disk before the move
        }
        Files.move(
                part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return null;
    }

    /** Fetches the rest of the file; returns null, or why the file cannot be right. */
    private String fetch() throws IOException {
        // somebody else may have laid a link there, which leads to a file of this user
        if (!Files.isRegularFile(part, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(part);
            Files.createFile(part);
        }
        while (Files.size(part) < file.size()) {
            try {
                String mismatch = fetchRest(Files.size(part));
                if (mismatch != null) {
                    return mismatch;
                }
            } catch (TransientException e) {
                if (Files.size(part) > largest) {
                    largest = Files.size(part);
                    attempts.progressed();
                }
                attempts.failed(e);
            }
        }
        return null;
    }

    private String fetchRest(long from) throws IOException {
        try (HubResponse response = api.open(file, from)) {
            if (from > 0 && !response.continues(from, file.size())) {
                restart();
                if (response.status() != 200) {
                    throw new TransientException(
                            file.name() + ": the server did not resume the file", Duration.ZERO);
                }
            }
            long present = Files.size(part);
            long reported = response.bodySize();
            if (reported >= 0 && present + reported != file.size()) {
                return "expected " + file.size() + " bytes, found " + (present + reported);
            }
            return append(response, present);
        }
    }

    private String append(HubResponse response, long from) throws IOException {
        long present = from;
        byte[] buffer = new byte[1 << 16];
        try (InputStream body = response.body(file.name());
                OutputStream out =
                        Files.newOutputStream(
                                part, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS)) {
            for (int n = 0; n >= 0; n = response.read(body, buffer, file.name())) {
                if (Thread.currentThread().isInterrupted()) {
                    throw Attempts.interrupted(file.name() + ": interrupted while downloading");
                }
                present += n;
                if (present > file.size()) {
                    return "expected " + file.size() + " bytes, found more";
                }
                write(out, buffer, n);
                progress.add(n);
            }
        }
        if (present < file.size()) {
            throw new TransientException(
                    file.name() + ": cut off after " + present + " of " + file.size() + " bytes",
                    Duration.ZERO);
        }
        return null;
    }

    private void write(OutputStream out, byte[] buffer, int n) throws IOException {
        try {
            out.write(buffer, 0, n);
        } catch (IOException e) {
            throw FileErrors.naming(part, e);
        }
    }

    private void restart() throws IOException {
        progress.add(-Math.min(Files.size(part), file.size()));
        Files.newOutputStream(
                        part,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        LinkOption.NOFOLLOW_LINKS)
                .close();
    }
}

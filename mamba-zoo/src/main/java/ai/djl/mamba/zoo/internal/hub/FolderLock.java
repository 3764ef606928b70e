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

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock on a folder, held by one thread of one process at a time.
 *
 * <p>A file lock belongs to the whole process, and on POSIX systems is lost as soon as the process
 * closes any channel of the file. Threads of this JVM therefore take turns before they open the
 * file. The file is never deleted: otherwise two processes could lock two different files.
 */
final class FolderLock {

    private static final Map<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

    private final ReentrantLock threads;
    private final FileChannel channel;

    private FolderLock(ReentrantLock threads, FileChannel channel) {
        this.threads = threads;
        this.channel = channel;
    }

    /** Waits for the lock of a folder; creates the parent of the folder if necessary. */
    static FolderLock of(Path folder) throws IOException {
        Path parent = Files.createDirectories(folder.getParent()).toRealPath();
        Path file = parent.resolve("." + folder.getFileName() + ".lock");
        ReentrantLock threads = LOCKS.computeIfAbsent(file, key -> new ReentrantLock());
        try {
            threads.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Attempts.interrupted(
                    folder + ": interrupted while waiting for another thread that downloads it");
        }
        FileChannel channel = null;
        try {
            channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
            channel.lock();
            return new FolderLock(threads, channel);
        } catch (IOException | RuntimeException e) {
            try {
                if (channel != null) {
                    channel.close();
                }
            } finally {
                threads.unlock();
            }
            throw e;
        }
    }

    /** Releases the lock. */
    void close() throws IOException {
        try {
            channel.close();
        } finally {
            threads.unlock();
        }
    }
}

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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.mamba.internal.PlainFiles;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file open for random access reading.
 *
 * @param file its path, for messages
 * @param channel the open file
 * @param size its size in bytes when it was opened
 */
record FileBytes(Path file, FileChannel channel, long size) implements AutoCloseable {

    static FileBytes open(Path file) throws IOException {
        PlainFiles.requireReadable(file); // a folder could be opened, but not read
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new FileBytes(file, channel, channel.size());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Fills a buffer with the bytes from a position. */
    void read(ByteBuffer target, long position) throws IOException {
        long next = position;
        while (target.hasRemaining()) {
            int count = channel.read(target, next);
            if (count < 0) {
                throw new EOFException(file + ": the file was truncated while it was read");
            }
            next += count;
        }
    }

    /** Returns bytes as a little-endian buffer. */
    ByteBuffer read(long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        read(bytes, position);
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

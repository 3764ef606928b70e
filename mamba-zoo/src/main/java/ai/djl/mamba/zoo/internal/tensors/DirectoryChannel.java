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

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/**
 * What is read of a zip archive besides the content of its records: not much, unless there are far
 * more records than tensors, each of which takes far more memory than bytes of the file.
 */
final class DirectoryChannel implements SeekableByteChannel {

    /** Enough for some 30,000 records. */
    private static final long MAX_BYTES = 1 << 22;

    private final SeekableByteChannel file;
    private long bytes;
    private boolean hasFailed;

    DirectoryChannel(SeekableByteChannel file) {
        this.file = file;
    }

    /** Whether the file could not be read: all other failures are those of its content. */
    boolean hasFailed() {
        return hasFailed;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int read;
        try {
            read = file.read(target);
        } catch (IOException e) {
            hasFailed = true;
            throw e;
        }
        bytes += Math.max(0, read);
        if (bytes > MAX_BYTES) {
            throw new IOException(
                    "the names and places of its records have more than " + MAX_BYTES + " bytes");
        }
        return read;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return file.write(source);
    }

    @Override
    public long position() throws IOException {
        return file.position();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
        file.position(position);
        return this;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
        file.truncate(size);
        return this;
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

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
package ai.djl.mamba.zoo.tensors;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;

/**
 * Reads a safetensors file tensor by tensor.
 *
 * <p>Each tensor is mapped into memory when it is read, so that files may be of any size and a load
 * takes no more memory than the tensors asked for. A single tensor is limited to 2 GiB.
 */
public final class SafetensorsReader implements TensorSource {

    private static final int LENGTH_BYTES = 8;

    /** The limit of the reference implementation. */
    private static final int LONGEST_HEADER = 100_000_000;

    private final Path file;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, TensorInfo> tensors;

    /**
     * Opens a file and checks its header.
     *
     * @param file the file
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is no safetensors file, cut off, or contradicts itself
     */
    public SafetensorsReader(Path file) throws IOException, MalformedModelException {
        this.file = file;
        channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            long headerLength = readHeaderLength();
            dataStart = LENGTH_BYTES + headerLength;
            String json = decode(readFully(LENGTH_BYTES, (int) headerLength));
            tensors = SafetensorsHeader.parse(file.toString(), json, channel.size() - dataStart);
        } catch (IOException | MalformedModelException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private long readHeaderLength() throws IOException, MalformedModelException {
        long size = channel.size();
        if (size < LENGTH_BYTES) {
            throw malformed("a safetensors file has at least 8 bytes, this one " + size);
        }
        long length = readFully(0, LENGTH_BYTES).getLong();
        if (length < 0 || length > LONGEST_HEADER || length > size - LENGTH_BYTES) {
            throw malformed(
                    String.format(
                            "the header would be %s bytes long in a file of %d: it is no"
                                    + " safetensors file, or cut off",
                            Long.toUnsignedString(length), size));
        }
        return length;
    }

    private ByteBuffer readFully(long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new IOException(file + ": the file became shorter while it was read");
            }
        }
        return bytes.flip();
    }

    private String decode(ByteBuffer bytes) throws MalformedModelException {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(bytes);
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new MalformedModelException(file + ": the header is not UTF-8", e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public Path path() {
        return file;
    }

    /** {@inheritDoc} */
    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** {@inheritDoc} */
    @Override
    public NDArray read(NDManager manager, String name, DataType type)
            throws IOException, MalformedModelException {
        TensorInfo tensor = tensors.get(name);
        if (tensor == null) {
            throw malformed("there is no tensor " + name);
        }
        FloatFormat format = FloatFormat.of(tensor.dtype());
        if (format == null) {
            throw malformed(
                    String.format(
                            "tensor %s has dtype %s, expected F32, F16, BF16 or F64",
                            name, tensor.dtype()));
        }
        long count = tensor.shape().size();
        if (Math.max(count * type.getNumOfBytes(), tensor.bytes()) > Integer.MAX_VALUE) {
            throw malformed("tensor " + name + " is larger than 2 GiB");
        }
        ByteBuffer stored = map(tensor);
        return copy(manager, format.widen(stored, (int) count, type), tensor.shape(), type);
    }

    private ByteBuffer map(TensorInfo tensor) throws IOException {
        return channel.map(
                        FileChannel.MapMode.READ_ONLY, dataStart + tensor.begin(), tensor.bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** An engine may use the given buffer as the array's memory, and a mapped one is read-only. */
    private static NDArray copy(NDManager manager, ByteBuffer values, Shape shape, DataType type) {
        try (NDArray source = manager.create(values, shape, type)) {
            return source.duplicate();
        }
    }

    /** {@inheritDoc} */
    @Override
    public boolean isSame(String first, String second) throws IOException {
        TensorInfo a = tensors.get(first);
        TensorInfo b = tensors.get(second);
        return a.dtype().equals(b.dtype())
                && a.shape().equals(b.shape())
                && (a.bytes() > Integer.MAX_VALUE || map(a).mismatch(map(b)) < 0);
    }

    private MalformedModelException malformed(String what) {
        return new MalformedModelException(file + ": " + what);
    }

    /** {@inheritDoc} */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}

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

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Malformed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads a safetensors file tensor by tensor.
 *
 * <p>Opening a file reads only the header, so that files may have any size and loading needs no
 * more memory than the requested tensors. A single tensor is limited to 2 GiB.
 */
public final class SafetensorsReader extends TensorFile {

    private static final int LENGTH_BYTES = 8;

    /** The limit of the reference implementation, in bytes. */
    private static final int MAX_HEADER_BYTES = 100_000_000;

    private final FileBytes bytes;

    /**
     * Opens a file and checks its header.
     *
     * @param file the file
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is not a safetensors file, truncated, or inconsistent
     */
    public SafetensorsReader(Path file) throws IOException, MalformedModelException {
        super(file);
        bytes = FileBytes.open(file);
        try {
            int headerLength = readHeaderLength();
            String json = decode(bytes.read(LENGTH_BYTES, headerLength));
            SafetensorsHeader.parse(bytes, json, LENGTH_BYTES + headerLength).forEach(this::add);
        } catch (IOException | MalformedModelException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    private int readHeaderLength() throws IOException, MalformedModelException {
        long size = bytes.size();
        long length = size < LENGTH_BYTES ? -1 : bytes.read(0, LENGTH_BYTES).getLong();
        if (length < 0 || length > MAX_HEADER_BYTES || length > size - LENGTH_BYTES) {
            Optional<String> kind = FileKind.describe(path());
            if (kind.isPresent()) {
                throw malformed("expected a safetensors file, but it " + kind.get());
            }
            if (size < LENGTH_BYTES) {
                throw malformed("expected the at least 8 bytes of a safetensors file, got " + size);
            }
            throw malformed(
                    String.format(
                            "the header has %s bytes in a file of %d bytes: the file is truncated"
                                    + " or not a safetensors file",
                            Long.toUnsignedString(length), size));
        }
        return (int) length;
    }

    private String decode(ByteBuffer header) throws MalformedModelException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(header).toString();
        } catch (CharacterCodingException e) {
            throw Malformed.of(path() + ": the header is not UTF-8", e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public void close() throws IOException {
        bytes.close();
    }
}

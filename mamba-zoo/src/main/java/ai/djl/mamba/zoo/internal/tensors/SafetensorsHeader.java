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
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses the JSON header of a safetensors file, without trusting anything in it. */
final class SafetensorsHeader {

    private static final String METADATA = "__metadata__";
    private static final int MAX_AXES = 64;
    private static final int MAX_TENSORS = 100_000;

    private final FileBytes file;
    private final long dataStart;
    private final Map<String, Extent> extents = new LinkedHashMap<>();

    /** A tensor in the header; the offsets are relative to the end of the header. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Extent(ElementType type, long[] shape, long begin, long end) {}

    private SafetensorsHeader(FileBytes file, long dataStart) {
        this.file = file;
        this.dataStart = dataStart;
    }

    /**
     * Parses a header.
     *
     * @param file the file with the header
     * @param json the header
     * @param dataStart the position in the file where the data starts
     * @return the tensors in the order of the header
     * @throws MalformedModelException if the header is malformed or contradicts the file
     */
    static Map<String, StoredTensor> parse(FileBytes file, String json, long dataStart)
            throws MalformedModelException {
        SafetensorsHeader header = new SafetensorsHeader(file, dataStart);
        header.read(json);
        header.checkLayout(file.size() - dataStart);
        return header.tensors();
    }

    private void read(String json) throws MalformedModelException {
        try (JsonReader reader = new JsonReader(new StringReader(json))) {
            reader.setStrictness(Strictness.STRICT);
            reader.beginObject();
            while (reader.hasNext()) {
                readEntry(reader);
            }
            reader.endObject();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw malformed("unexpected text after the header");
            }
        } catch (IOException
                | IllegalStateException
                | NumberFormatException
                | JsonParseException e) {
            throw Malformed.of(
                    file.file()
                            + ": the header is not valid JSON of the safetensors format: "
                            + firstLine(e),
                    e);
        }
    }

    private Map<String, StoredTensor> tensors() {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        extents.forEach(
                (name, extent) ->
                        tensors.put(
                                name,
                                new StoredTensor(
                                        file,
                                        dataStart + extent.begin(),
                                        extent.type(),
                                        extent.shape(),
                                        StoredTensor.contiguous(extent.shape()))));
        return tensors;
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private void readEntry(JsonReader reader) throws IOException, MalformedModelException {
        String name = reader.nextName();
        if (METADATA.equals(name)) {
            reader.skipValue();
            return;
        }
        if (extents.size() == MAX_TENSORS) {
            throw malformed("expected at most " + MAX_TENSORS + " tensors, found more");
        }
        if (extents.containsKey(name)) {
            throw malformed("tensor " + name + " occurs twice");
        }
        String dtype = null;
        long[] shape = null;
        long[] offsets = null;
        reader.beginObject();
        while (reader.hasNext()) {
            String key = reader.nextName();
            switch (key) {
                case "dtype" -> dtype = reader.nextString();
                case "shape" -> shape = readLongs(reader, name, key, MAX_AXES);
                case "data_offsets" -> offsets = readLongs(reader, name, key, 2);
                default -> throw malformed("tensor " + name + " has an unknown key " + key);
            }
        }
        reader.endObject();
        if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
            throw malformed("tensor " + name + " must have dtype, shape and two data_offsets");
        }
        extents.put(name, checked(name, dtype, shape, offsets));
    }

    private long[] readLongs(JsonReader reader, String name, String key, int maxCount)
            throws IOException, MalformedModelException {
        List<Long> values = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            long value = reader.nextLong();
            if (value < 0 || values.size() == maxCount) {
                throw malformed("tensor " + name + " has a negative value or too many in " + key);
            }
            values.add(value);
        }
        reader.endArray();
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private Extent checked(String name, String dtype, long[] shape, long[] offsets)
            throws MalformedModelException {
        ElementType type =
                ElementType.of(dtype)
                        .orElseThrow(
                                () ->
                                        malformed(
                                                "tensor "
                                                        + name
                                                        + " has an unknown dtype "
                                                        + dtype));
        long bytes;
        try {
            bytes = type.bytes(shape);
        } catch (ArithmeticException e) {
            throw malformed("tensor " + name + " has an impossible shape " + new Shape(shape));
        }
        if (offsets[1] - offsets[0] != bytes) {
            throw malformed(
                    String.format(
                            "tensor %s of shape %s and dtype %s has %d bytes, but its offsets are"
                                    + " %d to %d",
                            name, new Shape(shape), dtype, bytes, offsets[0], offsets[1]));
        }
        return new Extent(type, shape, offsets[0], offsets[1]);
    }

    /** Checks that the tensors fill the data exactly, as required: no overlaps, gaps or rest. */
    private void checkLayout(long dataBytes) throws MalformedModelException {
        List<Map.Entry<String, Extent>> entries = new ArrayList<>(extents.entrySet());
        entries.sort(
                Comparator.comparingLong(
                                (Map.Entry<String, Extent> entry) -> entry.getValue().begin())
                        .thenComparingLong(entry -> entry.getValue().end()));
        long position = 0;
        for (Map.Entry<String, Extent> entry : entries) {
            Extent tensor = entry.getValue();
            if (tensor.end() > dataBytes) {
                throw malformed(
                        String.format(
                                "tensor %s ends at byte %d of the data, which has only %d: is the"
                                        + " file truncated?",
                                entry.getKey(), tensor.end(), dataBytes));
            }
            if (tensor.begin() != position) {
                throw malformed(
                        String.format(
                                "tensor %s begins at byte %d of the data, expected %d: tensors"
                                        + " overlap or leave a gap",
                                entry.getKey(), tensor.begin(), position));
            }
            position = tensor.end();
        }
        if (position != dataBytes) {
            throw malformed(
                    String.format(
                            "the tensors end at byte %d of the data, which has %d",
                            position, dataBytes));
        }
    }

    private MalformedModelException malformed(String what) {
        return Malformed.of(file.file() + ": " + what);
    }
}

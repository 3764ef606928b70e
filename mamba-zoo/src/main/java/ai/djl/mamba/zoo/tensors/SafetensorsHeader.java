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

/** Parses the JSON header of a safetensors file and believes nothing that it says unchecked. */
final class SafetensorsHeader {

    private static final String METADATA = "__metadata__";
    private static final int MOST_AXES = 64;
    private static final Map<String, Integer> ELEMENT_SIZES =
            Map.ofEntries(
                    Map.entry("F64", 8),
                    Map.entry("F32", 4),
                    Map.entry("F16", 2),
                    Map.entry("BF16", 2),
                    Map.entry("F8_E4M3", 1),
                    Map.entry("F8_E5M2", 1),
                    Map.entry("I64", 8),
                    Map.entry("I32", 4),
                    Map.entry("I16", 2),
                    Map.entry("I8", 1),
                    Map.entry("U64", 8),
                    Map.entry("U32", 4),
                    Map.entry("U16", 2),
                    Map.entry("U8", 1),
                    Map.entry("BOOL", 1));

    private final String file;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    private SafetensorsHeader(String file) {
        this.file = file;
    }

    /**
     * Parses a header.
     *
     * @param file the name of the file, for messages
     * @param json the header
     * @param dataBytes the number of bytes after the header
     * @return the tensors in the order of the header
     * @throws MalformedModelException if the header is no such header or contradicts the file
     */
    static Map<String, TensorInfo> parse(String file, String json, long dataBytes)
            throws MalformedModelException {
        SafetensorsHeader header = new SafetensorsHeader(file);
        try (JsonReader reader = new JsonReader(new StringReader(json))) {
            reader.setStrictness(Strictness.STRICT);
            reader.beginObject();
            while (reader.hasNext()) {
                header.readEntry(reader);
            }
            reader.endObject();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw header.malformed("text follows the header");
            }
        } catch (IOException
                | IllegalStateException
                | NumberFormatException
                | JsonParseException e) {
            throw new MalformedModelException(
                    file + ": the header is not valid JSON of the format: " + firstLine(e), e);
        }
        header.checkLayout(dataBytes);
        return header.tensors;
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
        if (tensors.containsKey(name)) {
            throw malformed("tensor " + name + " is named twice");
        }
        String dtype = null;
        long[] shape = null;
        long[] offsets = null;
        reader.beginObject();
        while (reader.hasNext()) {
            String key = reader.nextName();
            switch (key) {
                case "dtype" -> dtype = reader.nextString();
                case "shape" -> shape = readLongs(reader, name, key, MOST_AXES);
                case "data_offsets" -> offsets = readLongs(reader, name, key, 2);
                default -> throw malformed("tensor " + name + " has the unknown key " + key);
            }
        }
        reader.endObject();
        if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
            throw malformed("tensor " + name + " needs dtype, shape and two data_offsets");
        }
        tensors.put(name, checked(name, dtype, shape, offsets));
    }

    private long[] readLongs(JsonReader reader, String name, String key, int most)
            throws IOException, MalformedModelException {
        List<Long> values = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            long value = reader.nextLong();
            if (value < 0 || values.size() == most) {
                throw malformed("tensor " + name + " has a negative or overlong " + key);
            }
            values.add(value);
        }
        reader.endArray();
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private TensorInfo checked(String name, String dtype, long[] shape, long[] offsets)
            throws MalformedModelException {
        Integer elementSize = ELEMENT_SIZES.get(dtype);
        if (elementSize == null) {
            throw malformed("tensor " + name + " has the unknown dtype " + dtype);
        }
        long bytes = elementSize;
        try {
            for (long size : shape) {
                bytes = Math.multiplyExact(bytes, size);
            }
        } catch (ArithmeticException e) {
            throw malformed("tensor " + name + " has the impossible shape " + new Shape(shape));
        }
        if (offsets[1] - offsets[0] != bytes) {
            throw malformed(
                    String.format(
                            "tensor %s of shape %s and dtype %s takes %d bytes, but its offsets are"
                                    + " %d to %d",
                            name, new Shape(shape), dtype, bytes, offsets[0], offsets[1]));
        }
        return new TensorInfo(dtype, new Shape(shape), offsets[0], offsets[1]);
    }

    /** The format wants the tensors to fill the data exactly: no overlap, no gap, no rest. */
    private void checkLayout(long dataBytes) throws MalformedModelException {
        List<Map.Entry<String, TensorInfo>> entries = new ArrayList<>(tensors.entrySet());
        entries.sort(
                Comparator.comparingLong(
                                (Map.Entry<String, TensorInfo> entry) -> entry.getValue().begin())
                        .thenComparingLong(entry -> entry.getValue().end()));
        long position = 0;
        for (Map.Entry<String, TensorInfo> entry : entries) {
            TensorInfo tensor = entry.getValue();
            if (tensor.end() > dataBytes) {
                throw malformed(
                        String.format(
                                "tensor %s ends at byte %d of the data, which has only %d: is the"
                                        + " file cut off?",
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
        return new MalformedModelException(file + ": " + what);
    }
}

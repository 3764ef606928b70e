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
import ai.djl.mamba.internal.Printable;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Parses the index of sharded tensors: {@code {"weight_map": {tensor: file}}}. */
final class ShardIndex {

    private static final String WEIGHT_MAP = "weight_map";
    private static final int MAX_BYTES = 100_000_000;

    private final Path file;
    private final Map<String, String> shards = new LinkedHashMap<>();

    private ShardIndex(Path file) {
        this.file = file;
    }

    /**
     * Reads an index.
     *
     * @param file the index
     * @return the name of the file, in the folder of the index, of each tensor, in the order of the
     *     index
     * @throws IOException if the index cannot be read
     * @throws MalformedModelException if the index is malformed or names a file in another folder
     */
    static Map<String, String> read(Path file) throws IOException, MalformedModelException {
        ShardIndex index = new ShardIndex(file);
        String json;
        try (FileBytes bytes = FileBytes.open(file)) {
            if (bytes.size() > MAX_BYTES) {
                throw index.malformed("expected an index of at most " + MAX_BYTES + " bytes");
            }
            json =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(bytes.read(0, (int) bytes.size()))
                            .toString();
        } catch (CharacterCodingException e) {
            throw index.notJson("it is not UTF-8", e);
        }
        index.parse(json);
        return index.shards;
    }

    private void parse(String json) throws IOException, MalformedModelException {
        Set<String> keys = new HashSet<>();
        try (JsonReader reader = new JsonReader(new StringReader(json))) {
            reader.setStrictness(Strictness.STRICT);
            reader.beginObject();
            while (reader.hasNext()) {
                String key = reader.nextName();
                if (!keys.add(key)) {
                    throw malformed("the key " + key + " occurs twice");
                }
                if (WEIGHT_MAP.equals(key)) {
                    readMap(reader);
                } else {
                    reader.skipValue();
                }
            }
            reader.endObject();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw malformed("unexpected text after the index");
            }
        } catch (IOException | IllegalStateException | JsonParseException e) {
            throw notJson(e.getMessage(), e);
        }
        if (!keys.contains(WEIGHT_MAP)) {
            throw malformed("the index must have the key " + WEIGHT_MAP);
        }
    }

    private void readMap(JsonReader reader) throws IOException, MalformedModelException {
        reader.beginObject();
        while (reader.hasNext()) {
            String tensor = reader.nextName();
            if (reader.peek() != JsonToken.STRING) {
                throw malformed("tensor " + tensor + " must have the name of a file");
            }
            String shard = reader.nextString();
            if (!isPlainName(shard)) {
                throw malformed(
                        String.format(
                                "tensor %s is in \"%s\", expected the plain name of a file in the"
                                        + " folder of the index",
                                tensor, shard));
            }
            if (shards.put(tensor, shard) != null) {
                throw malformed("tensor " + tensor + " occurs twice");
            }
        }
        reader.endObject();
    }

    private MalformedModelException notJson(String reason, Exception cause) throws IOException {
        Optional<String> kind = FileKind.describe(file);
        String what =
                kind.isPresent()
                        ? "expected a JSON index, but it " + kind.get()
                        : "the index is not a valid JSON index: " + reason;
        return Malformed.of(file + ": " + what, cause);
    }

    /** Returns whether a name cannot refer to anything outside the folder. */
    private static boolean isPlainName(String name) {
        if (!name.equals(Printable.of(name))) {
            return false;
        }
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            return false;
        }
        if (name.indexOf('/') >= 0 || name.indexOf('\\') >= 0) {
            return false;
        }
        try {
            Path path = Path.of(name);
            return !path.isAbsolute() && path.getRoot() == null && path.getNameCount() == 1;
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private MalformedModelException malformed(String what) {
        return Malformed.of(file + ": " + what);
    }
}

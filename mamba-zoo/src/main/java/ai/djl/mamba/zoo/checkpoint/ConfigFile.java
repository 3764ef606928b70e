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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Malformed;
import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.internal.UniqueKeys;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.mamba.zoo.internal.tensors.FileKind;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The configuration of a model as it is in a file, for a {@link CheckpointCodec} to read. Methods
 * check what they return; their complaints name the file, the key and the value found.
 */
public final class ConfigFile {

    /** The name of the file in the folder of a model. */
    static final String NAME = ModelFiles.CONFIG;

    private static final String FLOAT_TAG = "__float__";
    private static final long MAX_BYTES = 1 << 20;
    private static final int MAX_SHOWN = 80;

    /** Called for each file that is read: tests count how often a load reads a file. */
    private static volatile Consumer<Path> readListener = file -> {};

    private final Path file;
    private final String prefix; // of the keys, for messages
    private final JsonObject json;

    private ConfigFile(Path file, String prefix, JsonObject json) {
        this.file = file;
        this.prefix = prefix;
        this.json = json;
    }

    /**
     * Reads the configuration in the folder of a model.
     *
     * @throws IOException if it is not there or cannot be read
     * @throws MalformedModelException if it is not a JSON object
     */
    static ConfigFile in(Path folder) throws IOException, MalformedModelException {
        return in(folder, NAME);
    }

    /** Reads a file in a folder, with the same complaints. */
    static ConfigFile in(Path folder, String name) throws IOException, MalformedModelException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    folder.toString(), null, FolderContent.whyNo(name, folder));
        }
        return read(file);
    }

    /**
     * Reads a file.
     *
     * @param file the file
     * @return its content
     * @throws IOException if it cannot be read
     * @throws MalformedModelException if it is not a JSON object, or too large for a configuration
     */
    public static ConfigFile read(Path file) throws IOException, MalformedModelException {
        readListener.accept(file);
        PlainFiles.requireReadable(file);
        if (Files.size(file) > MAX_BYTES) {
            throw notJson(file, "the file is larger than a configuration can be", null);
        }
        try {
            // not strict: Python writes an infinite number as the bare word
            String text = Files.readString(file);
            JsonElement root = JsonParser.parseString(text);
            if (!root.isJsonObject()) {
                throw notJson(file, "expected a JSON object", null);
            }
            Optional<String> repeated = UniqueKeys.findRepeated(text);
            if (repeated.isPresent()) {
                throw Malformed.of(file + ": the key \"" + repeated.get() + "\" occurs twice");
            }
            return new ConfigFile(file, "", root.getAsJsonObject());
        } catch (CharacterCodingException | JsonParseException e) {
            throw notJson(file, "not valid JSON", e);
        } catch (StackOverflowError e) { // brackets nested without end
            throw Malformed.of(file + ": not a configuration", e);
        }
    }

    private static MalformedModelException notJson(Path file, String otherwise, Exception cause)
            throws IOException {
        String what =
                FileKind.describe(file)
                        .map("expected a JSON object, but it "::concat)
                        .orElse(otherwise);
        return Malformed.of(file + ": " + what, cause);
    }

    /** Sets the listener that is called for each file that is read, or null for none. */
    static void setReadListener(Consumer<Path> listener) {
        readListener = listener == null ? file -> {} : listener;
    }

    /**
     * Tells whether there is a value.
     *
     * @param key the key
     * @return whether the key is there and not null
     */
    public boolean has(String key) {
        return json.has(key) && !json.get(key).isJsonNull();
    }

    /**
     * Returns all keys.
     *
     * @return the keys, also those whose values are null
     */
    public Set<String> keys() {
        return json.keySet();
    }

    /**
     * Returns the object under a key.
     *
     * @param key the key
     * @return the object, empty if there is none; its complaints name both keys
     * @throws MalformedModelException if the value is not an object
     */
    public ConfigFile section(String key) throws MalformedModelException {
        if (has(key) && !json.get(key).isJsonObject()) {
            throw malformed(key, "an object");
        }
        JsonObject section = has(key) ? json.getAsJsonObject(key) : new JsonObject();
        return new ConfigFile(file, prefix + key + ".", section);
    }

    /**
     * Returns the elements of a list.
     *
     * @param key the key
     * @return the elements; none if there is no list
     * @throws MalformedModelException if the value is not a list
     */
    public List<JsonElement> list(String key) throws MalformedModelException {
        if (!has(key)) {
            return List.of();
        }
        if (!json.get(key).isJsonArray()) {
            throw malformed(key, "a list");
        }
        return json.getAsJsonArray(key).asList();
    }

    /**
     * Returns a value of any type.
     *
     * @param key the key
     * @return the value, or null if the key is not there
     */
    public JsonElement get(String key) {
        return json.get(key);
    }

    /**
     * Returns a positive whole number that must be there.
     *
     * @param key the key
     * @return the number
     * @throws MalformedModelException if there is none, or the value is something else
     */
    public int positive(String key) throws MalformedModelException {
        if (!has(key)) {
            throw malformed("the key \"" + prefix + key + "\" is missing");
        }
        int value = natural(key, 0);
        if (value == 0) {
            throw malformed(key, "a positive whole number");
        }
        return value;
    }

    /**
     * Returns a positive whole number.
     *
     * @param key the key
     * @param orElse the number if there is none
     * @return the number
     * @throws MalformedModelException if the value is something else
     */
    public int positive(String key, int orElse) throws MalformedModelException {
        return has(key) ? positive(key) : orElse;
    }

    /**
     * Returns a whole number that is not negative.
     *
     * @param key the key
     * @param orElse the number if there is none
     * @return the number
     * @throws MalformedModelException if the value is something else
     */
    public int natural(String key, int orElse) throws MalformedModelException {
        double value = number(key, orElse);
        if (value < 0 || value > Integer.MAX_VALUE || value != Math.rint(value)) {
            throw malformed(key, "a whole number");
        }
        return (int) value;
    }

    /**
     * Returns a finite number.
     *
     * @param key the key
     * @param orElse the number if there is none
     * @return the number
     * @throws MalformedModelException if the value is something else
     */
    public double number(String key, double orElse) throws MalformedModelException {
        if (!has(key)) {
            return orElse;
        }
        double value =
                json.get(key) instanceof JsonPrimitive primitive && primitive.isNumber()
                        ? primitive.getAsDouble()
                        : Double.NaN;
        if (!Double.isFinite(value)) {
            throw malformed(key, "a number");
        }
        return value;
    }

    /**
     * A range of numbers that are not negative.
     *
     * @param min the lower end
     * @param max the upper end, not below the lower one, possibly infinite
     */
    public record Range(double min, double max) {}

    /**
     * Returns a range.
     *
     * @param key the key
     * @param orElse the range if there is none
     * @return the range
     * @throws MalformedModelException if the value is not a list of two such numbers
     */
    public Range range(String key, Range orElse) throws MalformedModelException {
        if (!has(key)) {
            return orElse;
        }
        List<JsonElement> ends = list(key);
        if (ends.size() == 2) {
            Range range = new Range(number(ends.get(0)), number(ends.get(1)));
            if (range.min() >= 0 && range.min() <= range.max()) {
                return range;
            }
        }
        throw malformed(key, "[min, max] with 0 ≤ min ≤ max");
    }

    /**
     * Reads a number that may be infinite. JSON has no such numbers: Python writes the bare word,
     * which Gson, not being strict, takes for a string; newer versions of transformers write {@code
     * {"__float__": "Infinity"}}.
     *
     * @return the number, or NaN if the value is not a number
     */
    private static double number(JsonElement value) {
        if (value instanceof JsonObject tagged && tagged.keySet().equals(Set.of(FLOAT_TAG))) {
            return number(tagged.get(FLOAT_TAG));
        }
        if (!(value instanceof JsonPrimitive primitive) || primitive.isBoolean()) {
            return Double.NaN;
        }
        if (primitive.isNumber()) {
            return primitive.getAsDouble();
        }
        return switch (primitive.getAsString()) {
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> Double.NaN;
        };
    }

    /**
     * Returns a truth value.
     *
     * @param key the key
     * @param orElse the value if there is none
     * @return the value
     * @throws MalformedModelException if the value is something else
     */
    public boolean flag(String key, boolean orElse) throws MalformedModelException {
        if (!has(key)) {
            return orElse;
        }
        if (json.get(key) instanceof JsonPrimitive primitive && primitive.isBoolean()) {
            return primitive.getAsBoolean();
        }
        throw malformed(key, "true or false");
    }

    /**
     * Returns a text.
     *
     * @param key the key
     * @param orElse the text if there is none
     * @return the text
     * @throws MalformedModelException if the value is something else
     */
    public String text(String key, String orElse) throws MalformedModelException {
        if (!has(key)) {
            return orElse;
        }
        if (!isText(key)) {
            throw malformed(key, "a string");
        }
        return json.get(key).getAsString();
    }

    /**
     * Returns one of several texts.
     *
     * @param key the key
     * @param values the texts, first that which an absent key means
     * @return the text
     * @throws MalformedModelException if the value is something else
     */
    public String oneOf(String key, String... values) throws MalformedModelException {
        String value = text(key, values[0]);
        if (!List.of(values).contains(value)) {
            throw malformed(key, "one of " + List.of(values));
        }
        return value;
    }

    /**
     * Tells whether there is a text.
     *
     * @param key the key
     * @return whether the value is a string
     */
    public boolean isText(String key) {
        return json.get(key) instanceof JsonPrimitive primitive && primitive.isString();
    }

    /**
     * Makes a complaint about a value.
     *
     * @param key the key
     * @param expected what the value should be
     * @return the complaint, which names file, key and value
     */
    public MalformedModelException malformed(String key, String expected) {
        String value = String.valueOf(json.get(key));
        String shown = value.length() > MAX_SHOWN ? value.substring(0, MAX_SHOWN) + "…" : value;
        return malformed(
                "the key \"" + prefix + key + "\" should be " + expected + ", got " + shown);
    }

    /**
     * Makes a complaint.
     *
     * @param what what is wrong
     * @return the complaint, which names the file
     */
    public MalformedModelException malformed(String what) {
        return Malformed.of(file + ": " + what);
    }

    /** Returns the path of the file. */
    @Override
    public String toString() {
        return file.toString();
    }
}

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
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A JSON object read from a file, whose complaints name the file and the key. */
public final class ConfigFile {

    private static final long LONGEST = 1 << 20;

    private final Path file;
    private final JsonObject json;

    /**
     * Reads a file.
     *
     * @param file the file
     * @throws IOException if it cannot be read
     * @throws MalformedModelException if it is no JSON object, or too large for a configuration
     */
    public ConfigFile(Path file) throws IOException, MalformedModelException {
        this.file = file;
        if (Files.size(file) > LONGEST) {
            throw malformed("the file is larger than a configuration can be");
        }
        try {
            JsonElement root = JsonParser.parseString(Files.readString(file));
            if (!root.isJsonObject()) {
                throw malformed("expected a JSON object");
            }
            json = root.getAsJsonObject();
        } catch (java.nio.charset.MalformedInputException | JsonParseException e) {
            throw new MalformedModelException(file + ": not valid JSON", e);
        } catch (StackOverflowError e) { // brackets nested without end
            throw new MalformedModelException(file + ": not a configuration", e);
        }
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
     * Returns a value of any type.
     *
     * @param key the key
     * @return the value, or null if the key is not there
     */
    public JsonElement get(String key) {
        return json.get(key);
    }

    /** A positive whole number that must be there. */
    int positive(String key) throws MalformedModelException {
        if (!has(key)) {
            throw malformed("the key \"" + key + "\" is missing");
        }
        double value = number(key, 0);
        if (value < 1 || value > Integer.MAX_VALUE || value != Math.rint(value)) {
            throw malformed(key, "a positive whole number");
        }
        return (int) value;
    }

    /**
     * Returns a positive whole number.
     *
     * @param key the key
     * @param orElse the number where there is none
     * @return the number
     * @throws MalformedModelException if the value is something else
     */
    public int positive(String key, int orElse) throws MalformedModelException {
        return has(key) ? positive(key) : orElse;
    }

    /** A finite number. */
    double number(String key, double orElse) throws MalformedModelException {
        if (!has(key)) {
            return orElse;
        }
        try {
            double value = json.get(key).getAsDouble();
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (RuntimeException e) {
            // the message below says it
        }
        throw malformed(key, "a number");
    }

    /** True or false. */
    boolean flag(String key, boolean orElse) throws MalformedModelException {
        if (!has(key)) {
            return orElse;
        }
        JsonElement value = json.get(key);
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isBoolean()) {
            throw malformed(key, "true or false");
        }
        return value.getAsBoolean();
    }

    /** A text. */
    String text(String key, String orElse) throws MalformedModelException {
        if (!has(key)) {
            return orElse;
        }
        if (!isText(key)) {
            throw malformed(key, "a string");
        }
        return json.get(key).getAsString();
    }

    /** Whether the value is a text. */
    boolean isText(String key) {
        JsonElement value = json.get(key);
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
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
        String shown = value.length() > 80 ? value.substring(0, 80) + "…" : value;
        return malformed("the key \"" + key + "\" should be " + expected + ", got " + shown);
    }

    /** A complaint. */
    MalformedModelException malformed(String what) {
        return new MalformedModelException(file + ": " + what);
    }
}

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
package ai.djl.mamba.training;

import ai.djl.mamba.internal.Printable;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * The description of a training run, or an object in it. Complaints name the file and the key, what
 * was expected and what was found.
 */
final class RunJson {

    private static final int MAX_DIGITS = 20; // of a long
    private static final int MAX_SHOWN = 80;

    private final Path file;
    private final String prefix;
    private final JsonObject json;

    private RunJson(Path file, String prefix, JsonObject json) {
        this.file = file;
        this.prefix = prefix;
        this.json = json;
    }

    /** Parses the text of a file. */
    static RunJson parse(Path file, String text) throws IOException {
        JsonElement root;
        try {
            root = JsonParser.parseString(text);
        } catch (JsonParseException e) {
            throw complaint(file, "expected a JSON object, got " + shown(text), e);
        }
        if (!root.isJsonObject()) {
            throw complaint(file, "expected a JSON object, got " + shown(root.toString()), null);
        }
        return new RunJson(file, "", root.getAsJsonObject());
    }

    /** Takes what was parsed before. */
    static RunJson of(Path file, JsonObject json) {
        return new RunJson(file, "", json);
    }

    /** All of it. */
    JsonObject json() {
        return json;
    }

    Set<String> keys() {
        return json.keySet();
    }

    boolean has(String key) {
        return json.has(key);
    }

    boolean isNull(String key) {
        return has(key) && json.get(key).isJsonNull();
    }

    /** Returns an object. */
    RunJson object(String key) throws IOException {
        if (json.get(key) instanceof JsonObject object) {
            return new RunJson(file, prefix + key + '.', object);
        }
        throw damaged(key, "an object", null);
    }

    /** Returns a whole number of 0 or more. */
    long count(String key) throws IOException {
        return count(key, Long.MAX_VALUE);
    }

    /** Returns a whole number from 0 to a limit. */
    long count(String key, long most) throws IOException {
        String expected =
                most == Long.MAX_VALUE
                        ? "a whole number that is not negative"
                        : "a whole number from 0 to " + most;
        if (!(json.get(key) instanceof JsonPrimitive number)
                || !number.isNumber()
                || number.getAsString().length() > MAX_DIGITS) {
            throw damaged(key, expected, null);
        }
        long found;
        try {
            found = number.getAsBigDecimal().longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw damaged(key, expected, e);
        }
        if (found < 0 || found > most) {
            throw damaged(key, expected, null);
        }
        return found;
    }

    /** Returns a number, which may be a text such as "NaN". */
    double number(String key) throws IOException {
        if (json.get(key) instanceof JsonPrimitive number && !number.isBoolean()) {
            try {
                return number.getAsDouble();
            } catch (NumberFormatException e) {
                throw damaged(key, "a number", e);
            }
        }
        throw damaged(key, "a number", null);
    }

    /** Returns a number of seconds. */
    double seconds(String key) throws IOException {
        double seconds = number(key);
        if (seconds >= 0) {
            return seconds;
        }
        throw damaged(key, "a number that is not negative", null);
    }

    /** Returns a truth value. */
    boolean flag(String key) throws IOException {
        if (json.get(key) instanceof JsonPrimitive flag && flag.isBoolean()) {
            return flag.getAsBoolean();
        }
        throw damaged(key, "true or false", null);
    }

    /** The exception for a value that cannot be. */
    IOException damaged(String key, String expected, RuntimeException causeOrNull) {
        String found = has(key) ? shown(json.get(key).toString()) : "none";
        String what =
                String.format(
                        "the key \"%s%s\" should be %s, got %s", prefix, key, expected, found);
        return complaint(file, what, causeOrNull);
    }

    private static String shown(String text) {
        String start = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
        return Printable.of(start.strip());
    }

    private static IOException complaint(Path file, String what, RuntimeException causeOrNull) {
        return new IOException(
                file + ": damaged: not a description of a training run: " + what, causeOrNull);
    }
}

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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.zoo.text.GenerationOptions.EarlyStopping;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The value of an argument of {@link GenerationArguments}, given as such or, in properties, as
 * text.
 *
 * @param name the name of the argument
 * @param value a number, a truth value, a text, or a list or an array of these
 */
record ArgumentValue(String name, Object value) {

    private IllegalArgumentException wrong(String expected, Exception causeOrNull) {
        return new IllegalArgumentException(
                String.format("\"%s\" should be %s, got %s", name, expected, shown()), causeOrNull);
    }

    private Object shown() {
        return value.getClass().isArray() ? items(value) : value;
    }

    double real() {
        try {
            return Double.parseDouble(value.toString());
        } catch (NumberFormatException e) {
            throw wrong("a number", e);
        }
    }

    int whole() {
        return wholeInt(value);
    }

    private int wholeInt(Object number) {
        try {
            return new BigDecimal(number.toString().strip()).intValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw wrong("a whole number", e);
        }
    }

    long wholeLong() {
        try {
            return new BigDecimal(value.toString()).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw wrong("a whole number", e);
        }
    }

    boolean truth() {
        return switch (value.toString().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong("true or false", null);
        };
    }

    EarlyStopping earlyStopping() {
        return switch (value.toString().toLowerCase(Locale.ROOT)) {
            case "true" -> EarlyStopping.ON;
            case "false" -> EarlyStopping.OFF;
            case "never" -> EarlyStopping.NEVER;
            default -> throw wrong("true, false or \"never\"", null);
        };
    }

    int[] ids() {
        List<?> ids;
        if (isList()) {
            ids = items(value);
        } else if (value instanceof CharSequence text && isJson(text)) {
            ids = json().orElseThrow(() -> wrong("an id or a list of ids", null));
        } else if (value instanceof CharSequence text) {
            ids = Arrays.asList(text.toString().split(","));
        } else if (value instanceof Number) {
            ids = List.of(value);
        } else {
            throw wrong("an id or a list of ids", null);
        }
        return ids.stream().mapToInt(this::wholeId).toArray();
    }

    private int wholeId(Object id) {
        if (id instanceof Number || id instanceof CharSequence) {
            return wholeInt(id);
        }
        throw wrong("an id or a list of ids", null);
    }

    /** A text in brackets that is no list in JSON may well be one to stop at: "[INST]". */
    List<String> texts() {
        List<?> texts =
                isList()
                        ? items(value)
                        : json().filter(list -> list.stream().allMatch(this::isText))
                                .orElse(List.of(value));
        if (!texts.stream().allMatch(this::isText)) {
            throw wrong("a text or a list of texts", null);
        }
        return texts.stream().map(Object::toString).toList();
    }

    private boolean isText(Object item) {
        return item instanceof CharSequence || item instanceof Character;
    }

    private boolean isList() {
        return value instanceof Collection<?> || value.getClass().isArray();
    }

    private static List<?> items(Object list) {
        return list instanceof Collection<?> items
                ? new ArrayList<>(items)
                : IntStream.range(0, Array.getLength(list))
                        .mapToObj(i -> Array.get(list, i))
                        .toList();
    }

    private static boolean isJson(CharSequence text) {
        return text.toString().strip().startsWith("[");
    }

    /** The list that the value is as a text in JSON. */
    private Optional<List<?>> json() {
        if (!(value instanceof CharSequence text) || !isJson(text)) {
            return Optional.empty();
        }
        try {
            JsonReader reader = new JsonReader(new StringReader(text.toString()));
            reader.setStrictness(Strictness.STRICT); // [INST] would be a list otherwise
            JsonElement json = JsonUtils.GSON.getAdapter(JsonElement.class).read(reader);
            return Optional.of(List.of(JsonUtils.GSON.fromJson(json, Object[].class)));
        } catch (IOException | JsonParseException | NullPointerException e) {
            return Optional.empty(); // no JSON, or with null
        }
    }
}

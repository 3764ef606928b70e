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
package ai.djl.mamba.zoo.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;

/** Reads JSON lines. */
final class JsonLinesReader extends RowsReader {

    private static final int MAX_SHOWN = 40;

    private final TextOptions options;
    private final String fileLabel;

    JsonLinesReader(
            RowReader rows,
            TextOptions options,
            String fileLabel,
            String origin,
            BadRows.Pass badRows) {
        super(rows, origin, badRows);
        this.options = options;
        this.fileLabel = fileLabel;
    }

    @Override
    boolean isHeader(String row) {
        return false;
    }

    @Override
    boolean canContinue() {
        return true;
    }

    @Override
    TextRecord parse(String row, String where) throws RowException {
        JsonElement element = element(row);
        if (!(element instanceof JsonObject object)) {
            throw new RowException("expected a JSON object on each line, got " + show(element));
        }
        JsonElement text = field(object, options.textField());
        if (!text.isJsonPrimitive() || !text.getAsJsonPrimitive().isString()) {
            throw new RowException(
                    String.format(
                            "expected a string in the field \"%s\", got %s",
                            options.textField(), show(text)));
        }
        String label = options.labels() == LabelSource.FIELD ? label(object) : fileLabel;
        return new TextRecord(
                requireText(text.getAsString(), '"' + options.textField() + '"'), label, where);
    }

    private static JsonElement element(String row) throws RowException {
        try (JsonReader reader = new JsonReader(new StringReader(row))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new RowException("expected one JSON object on each line, got more");
            }
            return element;
        } catch (JsonParseException e) {
            throw malformed(e.getCause() == null ? e : e.getCause());
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    private static RowException malformed(Throwable e) {
        // the other lines refer to Gson's documentation
        String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new RowException("malformed JSON: " + first);
    }

    private String label(JsonObject object) throws RowException {
        JsonElement label = field(object, options.labelField());
        if (!label.isJsonPrimitive()) {
            throw new RowException(
                    String.format(
                            "expected a string, a number or a boolean in the field \"%s\", got"
                                    + " %s",
                            options.labelField(), show(label)));
        }
        return label.getAsString();
    }

    private static JsonElement field(JsonObject object, String field) throws RowException {
        JsonElement value = object.get(field);
        if (value == null) {
            throw new RowException(
                    String.format(
                            "expected a field \"%s\", found %s", field, show(object.keySet())));
        }
        return value;
    }

    private static String show(Object value) {
        String text = String.valueOf(value);
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}

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

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/**
 * Turns a {@code tokenizer.json} into one for text that continues another: nothing is put before
 * the text, no space before it is left out, and decoding does not take a first space for one that
 * was put there.
 */
final class ContinuationJson {

    private static final String TYPE = "type";
    private static final String PREFIX = "add_prefix_space";
    private static final String REGEX = "Regex";
    private static final String SCHEME = "prepend_scheme";
    private static final JsonPrimitive NEVER = new JsonPrimitive("never");
    private static final JsonPrimitive NO = new JsonPrimitive(false);
    private static final JsonPrimitive NONE = new JsonPrimitive(0);

    private final JsonObject json;
    private boolean isChanged;
    private boolean prependsToSections;

    private ContinuationJson(JsonObject json) {
        this.json = json;
    }

    /** Derives the form for continuations. */
    static ContinuationJson of(JsonObject json) {
        ContinuationJson made = new ContinuationJson(json.deepCopy());
        made.change("normalizer", "normalizers");
        made.change("pre_tokenizer", "pretokenizers");
        made.change("decoder", "decoders");
        return made;
    }

    /** Whether the form differs at all from that for whole texts. */
    boolean isChanged() {
        return isChanged;
    }

    /** Whether a whole text gets something put before each part that follows an added token. */
    boolean prependsToSections() {
        return prependsToSections;
    }

    /** The content of the file. */
    String text() {
        return json.toString();
    }

    private void change(String part, String list) {
        JsonElement step = json.get(part);
        if (step != null && step.isJsonObject() && isLeftOut(step.getAsJsonObject(), list)) {
            json.remove(part);
        }
    }

    /** Changes a step, or the steps of a sequence; returns whether it has to go altogether. */
    private boolean isLeftOut(JsonObject step, String list) {
        switch (step.get(TYPE).getAsString()) {
            case "Sequence" -> {
                JsonArray kept = new JsonArray();
                for (JsonElement each : step.getAsJsonArray(list)) {
                    if (!isLeftOut(each.getAsJsonObject(), list)) {
                        kept.add(each);
                    }
                }
                step.add(list, kept);
            }
            case "Prepend" -> {
                isChanged = true;
                prependsToSections = true;
                return true;
            }
            case "Metaspace" -> changeMetaspace(step, list.equals("pretokenizers"));
            case "ByteLevel" -> {
                if (list.equals("pretokenizers") && set(step, PREFIX, NO)) {
                    prependsToSections = true;
                }
            }
            case "Strip" -> {
                set(step, "strip_left", NO); // of a normalizer
                set(step, "start", NONE); // of a decoder
            }
            case "Replace" -> {
                return isLeftOutAnchored(step);
            }
            default -> {
                // does the same anywhere in a text
            }
        }
        return false;
    }

    /**
     * Changes a replacement at the start of a text; returns whether it has to go altogether. The
     * start of each line is what {@code ^} means there.
     */
    private boolean isLeftOutAnchored(JsonObject step) {
        JsonElement pattern = step.get("pattern");
        if (pattern == null || !pattern.isJsonObject() || !pattern.getAsJsonObject().has(REGEX)) {
            return false;
        }
        String regex = pattern.getAsJsonObject().get(REGEX).getAsString();
        boolean isOfText = regex.startsWith("\\A");
        if (regex.indexOf('|') >= 0 || !(isOfText || regex.startsWith("^"))) {
            return false;
        }
        isChanged = true;
        String ofOtherLines = "(?<=\n)" + regex.substring(1);
        pattern.getAsJsonObject().addProperty(REGEX, ofOtherLines);
        return isOfText;
    }

    private void changeMetaspace(JsonObject step, boolean isPreTokenizer) {
        JsonElement scheme = step.get(SCHEME);
        JsonElement prefix = step.get(PREFIX);
        boolean isOff = scheme == null ? NO.equals(prefix) : NEVER.equals(scheme);
        if (!isOff) {
            isChanged = true;
            prependsToSections |= isPreTokenizer && !new JsonPrimitive("first").equals(scheme);
        }
        step.add(SCHEME, NEVER);
        if (prefix != null) { // files of older versions, which contradict the scheme otherwise
            step.add(PREFIX, NO);
        }
    }

    /** Sets a value that is there and differs; returns whether it did. */
    private boolean set(JsonObject step, String key, JsonPrimitive value) {
        boolean differs = step.has(key) && !value.equals(step.get(key));
        if (differs) {
            step.add(key, value);
            isChanged = true;
        }
        return differs;
    }
}

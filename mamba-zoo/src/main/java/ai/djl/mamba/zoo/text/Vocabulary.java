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

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Malformed;
import ai.djl.mamba.internal.PlainFiles;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The tokens in a {@code tokenizer.json}, and how they become text.
 *
 * @param ids the ids by token
 * @param tokens the tokens by id
 * @param added the ids of the tokens that are found before a text is cut into others
 * @param special the ids of the special tokens, which stand for no text
 * @param decoding how tokens become text
 */
record Vocabulary(
        Map<String, Integer> ids,
        Map<Integer, String> tokens,
        Set<Integer> added,
        Set<Integer> special,
        Decoding decoding) {

    private static final Pattern BYTE_TOKEN = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
    private static final char SPACE = '\u2581'; // what SentencePiece writes for a space

    /** How tokens become text, as far as it matters to text that is made token by token. */
    enum Decoding {
        /** Tokens are bytes of UTF-8, written as printable characters: the BPE of GPT-2. */
        BYTE_LEVEL,
        /** Bytes of UTF-8, with further steps. */
        BYTE_LEVEL_AND_MORE,
        /** Tokens are text, but {@code <0xE4>} is a byte: SentencePiece. */
        BYTE_FALLBACK,
        /** Tokens are text. */
        TEXT
    }

    /** Reads a file, and derives the form for continuations. */
    static TokenizerFile read(Path file) throws IOException, MalformedModelException {
        PlainFiles.requireReadable(file);
        try {
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            return new TokenizerFile(read(json), ContinuationJson.of(json));
        } catch (CharacterCodingException | JsonParseException e) {
            throw Malformed.of(file + ": not valid JSON", e);
        } catch (StackOverflowError e) { // brackets nested without end
            throw Malformed.of(file + ": not a tokenizer", e);
        } catch (IllegalStateException
                | UnsupportedOperationException
                | NumberFormatException
                | NullPointerException
                | IndexOutOfBoundsException e) { // thrown by Gson for values of other types
            throw Malformed.of(
                    file + ": not a tokenizer: expected model.vocab, added_tokens and decoder", e);
        }
    }

    /** What a file says. */
    record TokenizerFile(Vocabulary vocabulary, ContinuationJson continuation) {}

    private static Vocabulary read(JsonObject json) {
        Map<String, Integer> ids = modelTokens(json.getAsJsonObject("model").get("vocab"));
        Set<Integer> special = new HashSet<>();
        Set<Integer> addedIds = new HashSet<>();
        if (isThere(json, "added_tokens")) {
            for (JsonElement element : json.getAsJsonArray("added_tokens")) {
                JsonObject added = element.getAsJsonObject();
                String token = added.get("content").getAsString();
                ids.putIfAbsent(token, added.get("id").getAsInt());
                addedIds.add(ids.get(token));
                if (isThere(added, "special") && added.get("special").getAsBoolean()) {
                    special.add(ids.get(token));
                }
            }
        }
        Map<Integer, String> tokens = new HashMap<>();
        ids.forEach((token, id) -> tokens.put(id, token));
        return new Vocabulary(ids, tokens, addedIds, special, decoding(json));
    }

    private static Map<String, Integer> modelTokens(JsonElement vocab) {
        Map<String, Integer> ids = new HashMap<>();
        if (vocab.isJsonArray()) { // pieces with their scores
            JsonArray pieces = vocab.getAsJsonArray();
            for (int id = 0; id < pieces.size(); id++) {
                ids.put(pieces.get(id).getAsJsonArray().get(0).getAsString(), id);
            }
        } else {
            vocab.getAsJsonObject().asMap().forEach((token, id) -> ids.put(token, id.getAsInt()));
        }
        return ids;
    }

    private static Decoding decoding(JsonObject json) {
        Set<String> steps = new HashSet<>();
        if (isThere(json, "decoder")) {
            addSteps(json.getAsJsonObject("decoder"), steps);
        }
        if (steps.contains("ByteLevel")) {
            return steps.size() == 1 ? Decoding.BYTE_LEVEL : Decoding.BYTE_LEVEL_AND_MORE;
        }
        return steps.contains("ByteFallback") ? Decoding.BYTE_FALLBACK : Decoding.TEXT;
    }

    private static void addSteps(JsonObject decoder, Set<String> steps) {
        String type = decoder.get("type").getAsString();
        if (type.equals("Sequence")) {
            decoder.getAsJsonArray("decoders")
                    .forEach(step -> addSteps(step.getAsJsonObject(), steps));
        } else {
            steps.add(type);
        }
    }

    private static boolean isThere(JsonObject json, String key) {
        return json.has(key) && !json.get(key).isJsonNull();
    }

    /** Throws unless all ids can be ids. */
    void requireIds(Path file) throws MalformedModelException {
        for (Map.Entry<Integer, String> token : tokens.entrySet()) {
            if (token.getKey() < 0) {
                throw Malformed.of(
                        String.format(
                                "%s: the token \"%s\" has the id %d, expected at least 0",
                                file, token.getValue(), token.getKey()));
            }
        }
    }

    /** One more than the highest id. */
    int size() {
        return Math.incrementExact(Collections.max(tokens.keySet()));
    }

    /** Refuses numbers that cannot be ids. */
    static void requireId(long id) {
        if (id < 0 || id > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "Expected token ids of at least 0 that fit 32 bits, got " + id);
        }
    }

    /** The token that stands for text, or null where the id is a special token or none at all. */
    String textToken(long id) {
        requireId(id);
        return special.contains((int) id) ? null : tokens.get((int) id);
    }

    /** The number of bytes of text that a token was made of. */
    int byteLength(long id) {
        requireId(id);
        String token = tokens.get((int) id);
        if (token == null) {
            return 0;
        }
        if (special.contains((int) id)) {
            return token.getBytes(StandardCharsets.UTF_8).length;
        }
        return switch (decoding) {
            case BYTE_LEVEL, BYTE_LEVEL_AND_MORE -> ByteLevelDecoder.toBytes(token).length;
            case BYTE_FALLBACK -> BYTE_TOKEN.matcher(token).matches() ? 1 : spaced(token).length;
            case TEXT -> spaced(token).length;
        };
    }

    private static byte[] spaced(String token) {
        return token.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
    }
}

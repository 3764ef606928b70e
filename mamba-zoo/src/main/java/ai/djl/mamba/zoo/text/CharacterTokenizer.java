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
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Malformed;
import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.zoo.internal.files.TokenizerFiles;
import ai.djl.mamba.zoo.internal.tokens.ModelIds;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The tokenizer of a vocabulary of single characters, such as those of DNA: the tokens of a text
 * are its characters, and the id of a character is its place in the alphabet.
 *
 * <pre>{@code
 * Tokenizer dna = CharacterTokenizer.of("ACGTN", 'N'); // other characters become N
 * }</pre>
 *
 * <p>Beside a model it is the file {@code alphabet.json}, {@code {"alphabet": "ACGTN", "unknown":
 * "N"}}. Characters are code points of Unicode.
 */
public final class CharacterTokenizer implements Tokenizer {

    private static final String NAME = "CharacterTokenizer";
    private static final String ALPHABET = "alphabet";
    private static final String UNKNOWN = "unknown";

    private final int[] alphabet;
    private final Map<Integer, Integer> ids = new HashMap<>();
    private final OptionalInt unknown; // a code point
    private final int modelVocabSize;

    private CharacterTokenizer(String alphabet, OptionalInt unknown, int modelVocabSize) {
        this.modelVocabSize = modelVocabSize;
        this.alphabet = alphabet.codePoints().toArray();
        this.unknown = unknown;
        Checks.require(!alphabet.isEmpty(), NAME, "the alphabet is empty");
        for (int id = 0; id < this.alphabet.length; id++) {
            int character = this.alphabet[id];
            Checks.require(
                    character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE,
                    NAME,
                    "the alphabet has half a surrogate pair at place %d",
                    id);
            Checks.require(
                    ids.put(character, id) == null,
                    NAME,
                    "the alphabet has \"%s\" twice",
                    Character.toString(character));
        }
        Checks.require(
                unknown.isEmpty() || ids.containsKey(unknown.getAsInt()),
                NAME,
                "the character for unknown ones, \"%s\", is not in the alphabet \"%s\"",
                unknown.isEmpty() ? "" : Character.toString(unknown.getAsInt()),
                alphabet);
    }

    /**
     * Creates a tokenizer that refuses characters which are not in the alphabet.
     *
     * @param alphabet the characters, each once
     * @return the tokenizer, which needs no closing
     * @throws IllegalArgumentException if there are none, or one is there twice
     */
    public static CharacterTokenizer of(String alphabet) {
        return new CharacterTokenizer(alphabet, OptionalInt.empty(), Integer.MAX_VALUE);
    }

    /**
     * Creates a tokenizer that takes characters which are not in the alphabet for a certain one.
     *
     * @param alphabet the characters, each once
     * @param unknown what other characters are taken for, a character of the alphabet
     * @return the tokenizer, which needs no closing
     * @throws IllegalArgumentException if there are none, one is there twice, or {@code unknown} is
     *     not there
     */
    public static CharacterTokenizer of(String alphabet, int unknown) {
        return new CharacterTokenizer(alphabet, OptionalInt.of(unknown), Integer.MAX_VALUE);
    }

    /** Reads the file of a model; ids of a text must be below the size of its vocabulary. */
    static CharacterTokenizer read(Path file, int vocabSize)
            throws IOException, MalformedModelException {
        PlainFiles.requireReadable(file);
        try {
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            String alphabet = json.get(ALPHABET).getAsString();
            JsonElement unknown = json.get(UNKNOWN);
            OptionalInt instead =
                    unknown == null || unknown.isJsonNull()
                            ? OptionalInt.empty()
                            : OptionalInt.of(unknown.getAsString().codePointAt(0));
            return new CharacterTokenizer(alphabet, instead, vocabSize);
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | NullPointerException
                | IndexOutOfBoundsException e) { // thrown by Gson for values of other types
            throw Malformed.of(
                    file + ": expected {\"alphabet\": \"…\", \"unknown\": \"…\" or null}", e);
        } catch (IllegalArgumentException e) {
            throw Malformed.of(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Returns the characters.
     *
     * @return the alphabet
     */
    public String alphabet() {
        return new String(alphabet, 0, alphabet.length);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if a character is not in the alphabet, and there is none for
     *     unknown ones
     */
    @Override
    public long[] encode(String text) {
        long[] made = text.codePoints().mapToLong(this::id).toArray();
        return ModelIds.require(made, modelVocabSize, this::character);
    }

    private int id(int character) {
        Integer id = ids.get(character);
        if (id == null) {
            Checks.require(
                    unknown.isPresent(),
                    NAME,
                    "the character \"%s\" (U+%04X) is not in the alphabet \"%s\"",
                    Character.toString(character),
                    character,
                    alphabet());
            return ids.get(unknown.getAsInt());
        }
        return id;
    }

    /** {@inheritDoc} */
    @Override
    public long[] encodeContinuation(String text) {
        return encode(text);
    }

    /** {@inheritDoc} */
    @Override
    public String decode(long... idsOfText) {
        StringBuilder text = new StringBuilder(idsOfText.length);
        for (long id : idsOfText) {
            text.append(character(id));
        }
        return text.toString();
    }

    /** The character of an id; none for ids above, which a padded vocabulary may have. */
    private String character(long id) {
        Vocabulary.requireId(id);
        return id < alphabet.length ? Character.toString(alphabet[(int) id]) : "";
    }

    /** {@inheritDoc} */
    @Override
    public Decoder newDecoder() {
        return new Decoder() {
            @Override
            public String next(long id) {
                return character(id);
            }

            @Override
            public String finish() {
                return "";
            }
        };
    }

    /**
     * {@inheritDoc}
     *
     * @return the number of characters
     */
    @Override
    public int vocabSize() {
        return alphabet.length;
    }

    /**
     * {@inheritDoc}
     *
     * @param token the character
     */
    @Override
    public OptionalInt idOf(String token) {
        boolean isOne = !token.isEmpty() && token.codePointCount(0, token.length()) == 1;
        Integer id = isOne ? ids.get(token.codePointAt(0)) : null;
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /**
     * {@inheritDoc}
     *
     * @return false: every character is text
     */
    @Override
    public boolean isSpecial(long id) {
        return false;
    }

    /** {@inheritDoc} */
    @Override
    public int byteLength(long id) {
        return character(id).getBytes(StandardCharsets.UTF_8).length;
    }

    /** {@inheritDoc} */
    @Override
    public boolean save(Path folder) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty(ALPHABET, alphabet());
        unknown.ifPresent(character -> json.addProperty(UNKNOWN, Character.toString(character)));
        byte[] content = json.toString().getBytes(StandardCharsets.UTF_8);
        TokenizerFiles.write(folder, Map.of(TokenizerFiles.ALPHABET, content));
        return true;
    }

    /** Does nothing: there is nothing to release. */
    @Override
    public void close() {}
}

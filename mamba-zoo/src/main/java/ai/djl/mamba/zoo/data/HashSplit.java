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

import ai.djl.mamba.internal.Checks;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Decides by a hash which documents are held out: a document is always in the same part, no matter
 * what is added or in which order the documents are read.
 *
 * @param by what is hashed
 * @param validation the fraction held out for validation, in [0, 1)
 * @param test the fraction held out for a final test, in [0, 1)
 * @param salt a number that changes the split
 */
public record HashSplit(By by, double validation, double test, long salt) {

    /**
     * Checks the fractions.
     *
     * @throws IllegalArgumentException if they are out of range
     */
    public HashSplit {
        Checks.require(
                validation >= 0 && test >= 0 && validation + test < 1,
                "HashSplit",
                "the held-out fractions and their sum must be in [0, 1), got %s and %s",
                validation,
                test);
    }

    /**
     * Splits by content, without a test part.
     *
     * @param validation the fraction held out for validation
     * @return the split
     */
    public static HashSplit of(double validation) {
        return new HashSplit(By.CONTENT, validation, 0, 0);
    }

    /** What is hashed. */
    public enum By {
        /**
         * The text (its first 65,536 characters): copies of a text are in the same part, wherever
         * they are.
         */
        CONTENT,
        /** The path of the file relative to the given folder: a file is in one part as a whole. */
        NAME
    }

    /** A part of the split. */
    public enum Part {
        /** The training data. */
        TRAINING,
        /** Held out for evaluations during training. */
        VALIDATION,
        /** Held out for a single evaluation at the end. */
        TEST,
        /** All documents, without a split. */
        ALL
    }

    /**
     * Returns the part of a document.
     *
     * @param key what is hashed, of any length
     * @return the part, never {@link Part#ALL}
     */
    public Part of(String key) {
        MessageDigest digest = sha256();
        digest.update(Long.toString(salt).getBytes(StandardCharsets.US_ASCII));
        digest.update((byte) 0);
        byte[] hash =
                digest.digest(
                        key.substring(0, TextCutter.end(key, 0)).getBytes(StandardCharsets.UTF_8));
        long bits = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            bits = bits << Byte.SIZE | Byte.toUnsignedInt(hash[i]);
        }
        double place = (bits >>> 11) * 0x1p-53; // uniform in [0, 1)
        return place < test
                ? Part.TEST
                : place < test + validation ? Part.VALIDATION : Part.TRAINING;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}

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
package ai.djl.mamba.zoo.internal.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The hashes that a hub reports: SHA-256 of the content (64 digits), or for small files the git
 * blob id (40 digits), which is the SHA-1 of "blob", the size, a zero byte and the content.
 */
final class ContentHash {

    private static final Pattern FORM = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final int GIT_DIGITS = 40;

    private ContentHash() {}

    /** Parses an ETag; returns null if it is weak or not a hash of the content. */
    static String ofEtag(String etag) {
        if (etag == null) {
            return null;
        }
        String tag = etag.strip().toLowerCase(Locale.ROOT);
        if (tag.length() > 1 && tag.startsWith("\"") && tag.endsWith("\"")) {
            tag = tag.substring(1, tag.length() - 1);
        }
        return FORM.matcher(tag).matches() ? tag : null;
    }

    /** Computes the hash of a file, of the same kind as another hash. */
    static String compute(Path file, String likeThis) throws IOException {
        boolean git = likeThis.length() == GIT_DIGITS;
        MessageDigest digest = digest(git ? "SHA-1" : "SHA-256");
        if (git) {
            digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has " + algorithm, e);
        }
    }
}

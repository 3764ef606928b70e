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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.mamba.internal.PlainFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recognizes by its first bytes what a file is that does not have the format of its name, and says
 * what to do about it.
 */
public final class FileKind {

    /** The start of files that {@code torch.save} writes, and of any other zip archive. */
    static final String ZIP = "PK\u0003\u0004";

    /** Part of a file that is read to recognize it; a pointer of Git LFS is shorter. */
    private static final int HEAD_BYTES = 1024;

    private static final int SHOWN_CHARACTERS = 40;
    private static final String LFS = "version https://git-lfs.github.com/spec/";
    private static final Pattern LFS_SIZE = Pattern.compile("\nsize (\\d{1,18})\\s");
    private static final Pattern HTML = Pattern.compile("(<!--.*?-->|\\s)*<(!doctype html|html).*");
    private static final String SAVE_AGAIN =
            "load it in Python and save its tensors as safetensors";

    private final Path file;
    private final long size;
    private final byte[] head;
    private final String latin; // one character for each byte

    private FileKind(Path file, long size, byte[] head) {
        this.file = file;
        this.size = size;
        this.head = head;
        latin = new String(head, StandardCharsets.ISO_8859_1);
    }

    /**
     * Describes a file that is not what its name says.
     *
     * @param file the file
     * @return what it is and what to do, to follow the path in a message: "is a Git LFS pointer …";
     *     empty if the start of the file is of no known kind
     * @throws IOException if the file cannot be read
     */
    public static Optional<String> describe(Path file) throws IOException {
        PlainFiles.requireReadable(file);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(HEAD_BYTES);
            return Optional.ofNullable(new FileKind(file, Files.size(file), head).describe());
        }
    }

    private String describe() {
        if (head.length == 0) {
            return "is empty: was its download interrupted?";
        }
        if (latin.startsWith(LFS)) {
            return pointer();
        }
        if (isSafetensors()) {
            return named(".safetensors")
                    ? null
                    : "is a safetensors file: rename it to " + name(".bin", ".safetensors");
        }
        if (latin.startsWith(ZIP)) {
            return named(".bin")
                    ? null
                    : "is a zip archive, as torch.save writes it: if that is what it is, rename it"
                            + " to "
                            + name(".safetensors", ".bin");
        }
        String binary = binary();
        return binary != null ? binary : text();
    }

    /** Formats that cannot be read under any name. */
    private String binary() {
        if (latin.startsWith("\u0080") && head.length > 1 && head[1] <= 5) {
            return "is a Python pickle, perhaps of PyTorch before 1.6: " + SAVE_AGAIN;
        }
        if (latin.startsWith("GGUF")) {
            return "is a GGUF file, which is not supported: get the same model as safetensors";
        }
        if (latin.startsWith("\u0089HDF")) {
            return "is an HDF5 file, which is not supported: " + SAVE_AGAIN;
        }
        if (latin.startsWith("\u001f\u008b")) {
            return "is compressed by gzip: unpack it";
        }
        return null;
    }

    private String pointer() {
        Matcher object = LFS_SIZE.matcher(latin);
        return String.format(
                Locale.ROOT,
                "is a Git LFS pointer (%d bytes) to %s, not the object itself: run `git lfs pull`"
                        + " in its folder",
                size,
                object.find() ? "an object of " + bytes(object.group(1)) : "an object");
    }

    /** The size as the hub shows it. */
    private static String bytes(String digits) {
        double value = Double.parseDouble(digits);
        String[] units = {"bytes", "kB", "MB", "GB", "TB"};
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, value < 10 && unit > 0 ? "%.1f " : "%.0f ", value)
                + units[unit];
    }

    /** Whether there is the length of a header, and then the start of a JSON object. */
    private boolean isSafetensors() {
        if (head.length < 2 + Long.BYTES || head[Long.BYTES] != '{') {
            return false;
        }
        long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return length >= 2 && length <= size - Long.BYTES;
    }

    private boolean named(String suffix) {
        return file.getFileName().toString().endsWith(suffix);
    }

    /** The name that the file should have. */
    private String name(String suffix, String otherSuffix) {
        String name = file.getFileName().toString();
        if (!name.endsWith(suffix)) {
            return "a name that ends with " + otherSuffix;
        }
        String stem = name.substring(0, name.length() - suffix.length());
        return switch (stem) {
            case "model" -> "pytorch_model" + otherSuffix;
            case "pytorch_model" -> "model" + otherSuffix;
            default -> stem + otherSuffix;
        };
    }

    private String text() {
        String start;
        try {
            start = decode();
        } catch (CharacterCodingException e) {
            return null;
        }
        if (start.chars().anyMatch(c -> c < ' ' && !Character.isWhitespace(c))) {
            return null;
        }
        String line = start.strip().lines().findFirst().orElse("");
        if (named(".json") && (line.startsWith("{") || line.startsWith("["))) {
            return null;
        }
        if (HTML.matcher(start.toLowerCase(Locale.ROOT).replaceAll("\\R", " ")).matches()) {
            return "is an HTML page, perhaps of a login or an error: download the file itself";
        }
        boolean isShort = line.length() <= SHOWN_CHARACTERS;
        String shown = isShort ? line : line.substring(0, SHOWN_CHARACTERS) + "…";
        return String.format(
                "is a text of %d bytes that starts with \"%s\": download the file itself",
                size, shown);
    }

    /** Decodes UTF-8, except for a character that is cut off at the end. */
    private String decode() throws CharacterCodingException {
        int end = head.length;
        if (size > end) {
            while (end > 0 && (head[end - 1] & 0xc0) == 0x80) {
                end--;
            }
            end = Math.max(0, end - 1);
        }
        CharBuffer decoded =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(Arrays.copyOf(head, end)));
        return decoded.toString();
    }
}

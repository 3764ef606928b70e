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
package ai.djl.mamba.testing;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Damages sound files: blindly, or where it hurts in the format. The same seed, the same damage.
 */
public final class Mutations {

    private static final Pattern NUMBER = Pattern.compile("-?\\d+");
    private static final Pattern STRING = Pattern.compile("\"[^\"]*\"");
    private static final String[] NUMBERS = {
        "0",
        "-0",
        "-1",
        "1",
        "64",
        "65535",
        "2147483647",
        "2147483648",
        "4294967296",
        "1e400",
        "4611686018427387904",
        "9223372036854775807",
        "-9223372036854775808",
        "1.5",
        "9223372036854775808",
        "18446744073709551615",
        "NaN",
        "null",
        "[]",
        "{}",
        "\"1\""
    };
    private static final String[] STRINGS = {
        "\"\"",
        "\"..\"",
        "\"../x\"",
        "\"../../x\"",
        "\"/etc/passwd\"",
        "\"x/y\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"F64\"",
        "\"I8\"",
        "\"F7\"",
        "\"__metadata__\"",
        "\"weight_map\"",
        "\"shape\"",
        "7"
    };
    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        255,
        65_535,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 32,
        1L << 40,
        1L << 61,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private final Random random;

    /** Those of a seed. */
    public Mutations(long seed) {
        random = new Random(seed);
    }

    /** Flips, inserts, deletes, copies or cuts off bytes. */
    public byte[] bytes(byte[] sound) {
        if (sound.length == 0) {
            return random(1 + random.nextInt(32));
        }
        int at = random.nextInt(sound.length);
        int length = 1 + random.nextInt(Math.min(32, sound.length - at));
        return switch (random.nextInt(6)) {
            case 0 -> flip(sound, 1);
            case 1 -> flip(sound, 1 + random.nextInt(16));
            case 2 -> splice(sound, at, at, random(length));
            case 3 -> splice(sound, at, at + length, new byte[0]);
            case 4 -> splice(sound, at, at, Arrays.copyOfRange(sound, at, at + length));
            default -> Arrays.copyOf(sound, at);
        };
    }

    private byte[] flip(byte[] sound, int count) {
        byte[] damaged = sound.clone();
        for (int i = 0; i < count; i++) {
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return damaged;
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Replaces a range of bytes. */
    public static byte[] splice(byte[] sound, int begin, int end, byte[] replacement) {
        byte[] damaged = Arrays.copyOf(sound, sound.length - (end - begin) + replacement.length);
        System.arraycopy(replacement, 0, damaged, begin, replacement.length);
        System.arraycopy(sound, end, damaged, begin + replacement.length, sound.length - end);
        return damaged;
    }

    /** A number beside another, or one of those that are too large or too small. */
    public long near(long value) {
        return random.nextBoolean() ? value + random.nextInt(5) - 2 : anyExtreme();
    }

    private long anyExtreme() {
        return EXTREMES[random.nextInt(EXTREMES.length)];
    }

    /** Replaces numbers and texts of JSON, moves them, or nests too deeply. */
    public byte[] json(byte[] sound) {
        String text = new String(sound, StandardCharsets.UTF_8);
        for (int i = random.nextInt(2); i < 2; i++) {
            text = damagedJson(text);
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String damagedJson(String text) {
        List<MatchResult> numbers = NUMBER.matcher(text).results().toList();
        List<MatchResult> strings = STRING.matcher(text).results().toList();
        int kind = random.nextInt(numbers.isEmpty() ? 4 : 6);
        if (strings.isEmpty() || kind == 0) {
            int at = random.nextInt(text.length() + 1);
            String nested =
                    (random.nextBoolean() ? "[" : "{\"a\":").repeat(1 << random.nextInt(16));
            return text.substring(0, at) + nested + text.substring(at);
        }
        MatchResult string = strings.get(random.nextInt(strings.size()));
        MatchResult other = strings.get(random.nextInt(strings.size()));
        if (kind == 1) {
            return replace(text, string, STRINGS[random.nextInt(STRINGS.length)]);
        }
        if (kind < 4) { // a name twice, or one in another's place
            return replace(text, string, other.group());
        }
        MatchResult number = numbers.get(random.nextInt(numbers.size()));
        String value =
                kind == 4
                        ? NUMBERS[random.nextInt(NUMBERS.length)]
                        : new BigInteger(number.group())
                                .add(BigInteger.valueOf(random.nextInt(5) - 2))
                                .toString();
        return replace(text, number, value);
    }

    private static String replace(String text, MatchResult where, String by) {
        return text.substring(0, where.start()) + by + text.substring(where.end());
    }

    /** A number from 0 to a limit that is not reached. */
    public int choose(int limit) {
        return random.nextInt(limit);
    }

    /** Damages data with numbers in them: blindly, or a number somewhere. */
    public byte[] numbers(byte[] sound) {
        if (sound.length < Long.BYTES || random.nextInt(3) == 0) {
            return bytes(sound);
        }
        ByteBuffer damaged = ByteBuffer.wrap(sound.clone());
        int at = random.nextInt(sound.length - Long.BYTES + 1);
        switch (random.nextInt(3)) {
            case 0 -> damaged.putShort(at, (short) near(damaged.getShort(at)));
            case 1 -> damaged.putInt(at, (int) near(damaged.getInt(at)));
            default -> damaged.putLong(at, near(damaged.getLong(at)));
        }
        return damaged.array();
    }

    /** Damages an array of a saved state, whose size and sum are those of the damage. */
    public byte[] state(byte[] sound) {
        if (random.nextInt(4) == 0) {
            return numbers(sound);
        }
        int victim = random.nextInt(ByteBuffer.wrap(sound).getInt(Integer.BYTES));
        int at = 2 * Integer.BYTES; // behind the magic number and the count
        for (int i = 0; i < victim; i++) {
            at += Integer.BYTES + ByteBuffer.wrap(sound).getInt(at) + Long.BYTES;
        }
        int begin = at + Integer.BYTES;
        int end = begin + ByteBuffer.wrap(sound).getInt(at);
        byte[] array = numbers(Arrays.copyOfRange(sound, begin, end));
        ByteBuffer framed = ByteBuffer.allocate(Integer.BYTES + array.length + Long.BYTES);
        framed.putInt(array.length).put(array).putLong(checksum(array));
        return splice(sound, at, end + Long.BYTES, framed.array());
    }

    /** The sum that files of ours have. */
    public static long checksum(byte[] bytes) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        return checksum.getValue();
    }
}

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

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Damages sound files: blindly, or where it hurts in the format. The same seed, the same damage.
 */
final class Mutations {

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
        "\"\"", "\"..\"", "\"../x\"", "\"/etc/passwd\"", "\"x/y\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"F64\"", "\"I8\"", "\"F7\"", "\"__metadata__\"", "\"weight_map\"", "\"shape\"", "7"
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

    Mutations(long seed) {
        random = new Random(seed);
    }

    /** Flips, inserts, deletes, copies or cuts off bytes. */
    byte[] bytes(byte[] sound) {
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

    private static byte[] splice(byte[] sound, int begin, int end, byte[] replacement) {
        byte[] damaged = Arrays.copyOf(sound, sound.length - (end - begin) + replacement.length);
        System.arraycopy(replacement, 0, damaged, begin, replacement.length);
        System.arraycopy(sound, end, damaged, begin + replacement.length, sound.length - end);
        return damaged;
    }

    /** Damages the header of a safetensors file, or the number before it. */
    byte[] safetensors(byte[] sound) {
        ByteBuffer buffer = ByteBuffer.wrap(sound.clone()).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) buffer.getLong(0);
        if (random.nextInt(8) == 0) {
            return buffer.putLong(0, near(length)).array();
        }
        byte[] header = json(Arrays.copyOfRange(sound, 8, 8 + length));
        byte[] damaged = splice(sound, 8, 8 + length, header);
        ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length);
        return damaged;
    }

    private long near(long value) {
        return random.nextBoolean() ? value + random.nextInt(5) - 2 : anyExtreme();
    }

    private long anyExtreme() {
        return EXTREMES[random.nextInt(EXTREMES.length)];
    }

    /** Replaces numbers and texts of JSON, moves them, or nests too deeply. */
    byte[] json(byte[] sound) {
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

    /** Changes a field of a zip archive's directories. */
    byte[] zip(byte[] sound) {
        List<Integer> signatures = new ArrayList<>();
        for (int i = 0; i + 32 < sound.length; i++) {
            if (sound[i] == 'P' && sound[i + 1] == 'K' && sound[i + 2] < 9) {
                signatures.add(i);
            }
        }
        ByteBuffer damaged = ByteBuffer.wrap(sound.clone()).order(ByteOrder.LITTLE_ENDIAN);
        int at = signatures.get(random.nextInt(signatures.size())) + 2 * random.nextInt(15);
        if (random.nextBoolean()) {
            damaged.putShort(at, (short) near(damaged.getShort(at)));
        } else {
            damaged.putInt(at, (int) near(damaged.getInt(at)));
        }
        return damaged.array();
    }

    /** Damages the pickle or other records of PyTorch's file, in an archive that is sound. */
    byte[] torch(byte[] sound, Path work) throws IOException {
        Path file = Files.write(work.resolve("sound.zip"), sound);
        Map<String, byte[]> records = TorchArchives.read(file);
        List<String> names = List.copyOf(records.keySet());
        String pickle =
                names.stream().filter(n -> n.endsWith("data.pkl")).findFirst().orElseThrow();
        String victim = names.get(random.nextInt(names.size()));
        switch (random.nextInt(12)) {
            case 0 -> records.remove(victim);
            case 1 -> records.put(victim + "x", records.remove(victim));
            case 2 -> records.put(victim, bytes(records.get(victim)));
            case 3 -> records.put(victim.substring(victim.indexOf('/') + 1), new byte[9]);
            default -> records.put(pickle, pickle(records.get(pickle)));
        }
        return Files.readAllBytes(TorchArchives.write(work.resolve("damaged.zip"), records));
    }

    /** Replaces opcodes and numbers, or nests too deeply. */
    private byte[] pickle(byte[] sound) {
        int at = random.nextInt(sound.length);
        byte opcode = sound[random.nextInt(sound.length)];
        return switch (random.nextInt(6)) {
            case 0 -> splice(sound, at, at + 1, new byte[] {opcode});
            case 1 -> splice(sound, at, at, new byte[] {opcode});
            case 2 -> splice(sound, at, at, repeated(opcode));
            case 3 -> bytes(sound);
            default -> replaceNumber(sound, at);
        };
    }

    private byte[] repeated(byte opcode) {
        byte[] repeated = new byte[1 << random.nextInt(18)];
        Arrays.fill(repeated, opcode);
        return repeated;
    }

    /** Replaces the first one-byte number from a place on: an offset, a size, a stride, a count. */
    private byte[] replaceNumber(byte[] sound, int from) {
        int at = from;
        while (at < sound.length - 1 && sound[at] != 'K') {
            at++;
        }
        if (at == sound.length - 1) {
            return flip(sound, 1);
        }
        long value = near(sound[at + 1]);
        return splice(sound, at, at + 2, TorchArchives.pickle(TorchArchives.integer(value)));
    }
}

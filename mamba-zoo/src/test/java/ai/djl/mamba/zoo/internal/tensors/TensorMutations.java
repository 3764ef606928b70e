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

import ai.djl.mamba.testing.Mutations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Damages files of tensors where it hurts in their formats. */
public final class TensorMutations {

    private final Mutations mutations;

    /** Draws from these. */
    public TensorMutations(Mutations mutations) {
        this.mutations = mutations;
    }

    /** Damages the header of a safetensors file, or the number before it. */
    public byte[] safetensors(byte[] sound) {
        ByteBuffer buffer = ByteBuffer.wrap(sound.clone()).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) buffer.getLong(0);
        if (mutations.choose(8) == 0) {
            return buffer.putLong(0, mutations.near(length)).array();
        }
        byte[] header = mutations.json(Arrays.copyOfRange(sound, 8, 8 + length));
        byte[] damaged = Mutations.splice(sound, 8, 8 + length, header);
        ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length);
        return damaged;
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
        int at = signatures.get(mutations.choose(signatures.size())) + 2 * mutations.choose(15);
        if (mutations.choose(2) == 0) {
            damaged.putShort(at, (short) mutations.near(damaged.getShort(at)));
        } else {
            damaged.putInt(at, (int) mutations.near(damaged.getInt(at)));
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
        String victim = names.get(mutations.choose(names.size()));
        switch (mutations.choose(12)) {
            case 0 -> records.remove(victim);
            case 1 -> records.put(victim + "x", records.remove(victim));
            case 2 -> records.put(victim, mutations.bytes(records.get(victim)));
            case 3 -> records.put(victim.substring(victim.indexOf('/') + 1), new byte[9]);
            default -> records.put(pickle, pickle(records.get(pickle)));
        }
        return Files.readAllBytes(TorchArchives.write(work.resolve("damaged.zip"), records));
    }

    /** Replaces opcodes and numbers, or nests too deeply. */
    private byte[] pickle(byte[] sound) {
        int at = mutations.choose(sound.length);
        byte opcode = sound[mutations.choose(sound.length)];
        return switch (mutations.choose(6)) {
            case 0 -> Mutations.splice(sound, at, at + 1, new byte[] {opcode});
            case 1 -> Mutations.splice(sound, at, at, new byte[] {opcode});
            case 2 -> Mutations.splice(sound, at, at, repeated(opcode));
            case 3 -> mutations.bytes(sound);
            default -> replaceNumber(sound, at);
        };
    }

    private byte[] repeated(byte opcode) {
        byte[] repeated = new byte[1 << mutations.choose(18)];
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
            return mutations.bytes(sound);
        }
        long value = mutations.near(sound[at + 1]);
        return Mutations.splice(
                sound, at, at + 2, TorchArchives.pickle(TorchArchives.integer(value)));
    }
}

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

import ai.djl.Device;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.Fuzz;
import ai.djl.mamba.testing.Mutations;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDManager;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What {@link TextFuzzTest} runs: reads prompt states and alphabets that are damaged. */
final class TextFuzzRun implements Fuzz.Format {

    private static final String ALPHABET = "alphabet.json";
    private static final int MAX_TOKENS = 64;

    /** Behind the magic number, the version, the length and the sum. */
    private static final int HEADER = 3 * Integer.BYTES + Long.BYTES;

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final MambaLanguageModel model;
    private final String format;
    private final byte[] sound;

    private TextFuzzRun(String format) throws Exception {
        this.format = format;
        model = MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager);
        if (format.equals(ALPHABET)) {
            sound =
                    "{\"alphabet\": \"ACGT\\u00e4\\ud83d\\ude00N\", \"unknown\": \"N\"}"
                            .getBytes(StandardCharsets.UTF_8);
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PromptState state = new TextGenerator(model, manager).read(new long[] {7, 30, 12})) {
            state.save(bytes);
        }
        sound = bytes.toByteArray();
    }

    /** Arguments: the format, and the number of files. */
    public static void main(String[] args) throws Exception {
        try (TextFuzzRun run = new TextFuzzRun(args[0])) {
            Fuzz.run(run, Integer.parseInt(args[1]));
        }
    }

    @Override
    public void write(Path folder) throws IOException {
        Files.write(folder.resolve(ALPHABET), sound);
    }

    @Override
    public void damage(Mutations mutations, Path folder) throws IOException {
        byte[] damaged;
        if (format.equals(ALPHABET)) {
            damaged = mutations.choose(2) == 0 ? mutations.bytes(sound) : mutations.json(sound);
        } else {
            damaged = prompt(mutations);
        }
        Files.write(folder.resolve(ALPHABET), damaged);
    }

    /** Damages the header, what is before the state, or the state. */
    private byte[] prompt(Mutations mutations) {
        int state = new String(sound, StandardCharsets.ISO_8859_1).indexOf("MST1");
        return switch (mutations.choose(8)) {
            case 0 -> mutations.numbers(sound);
            case 1, 2, 3 -> {
                byte[] start = mutations.numbers(Arrays.copyOfRange(sound, HEADER, state));
                yield framed(start, Arrays.copyOfRange(sound, state, sound.length));
            }
            default -> {
                byte[] rest = mutations.state(Arrays.copyOfRange(sound, state, sound.length));
                yield framed(Arrays.copyOfRange(sound, HEADER, state), rest);
            }
        };
    }

    private byte[] framed(byte[] start, byte[] state) {
        byte[] content = Arrays.copyOf(start, start.length + state.length);
        System.arraycopy(state, 0, content, start.length, state.length);
        return ByteBuffer.allocate(HEADER + content.length)
                .put(sound, 0, 2 * Integer.BYTES)
                .putInt(content.length)
                .putLong(Mutations.checksum(content))
                .put(content)
                .array();
    }

    @Override
    public void read(Path folder) throws Exception {
        Path file = folder.resolve(ALPHABET);
        if (format.equals(ALPHABET)) {
            CharacterTokenizer tokenizer = CharacterTokenizer.read(file, 1 << 20);
            tokenizer.decode(tokenizer.encode(tokenizer.alphabet()));
            return;
        }
        try (InputStream in = Files.newInputStream(file);
                PromptState state = PromptState.load(manager, in, model)) {
            new TextGenerator(model, manager)
                    .generate(
                            state,
                            GenerationOptions.builder()
                                    .optMaxNewTokens(1 + (int) (state.tokens() % MAX_TOKENS))
                                    .optRepetitionPenalty(1.5)
                                    .build())
                    .close();
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}

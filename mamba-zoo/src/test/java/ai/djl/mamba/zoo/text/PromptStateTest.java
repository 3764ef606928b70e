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
import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.testng.Assert;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** A prompt is read once and continued many times, here and in another JVM. */
public class PromptStateTest extends EngineSuite {

    private static final long[] PROMPT = {7, 7, 30, 12, 55, 8, 1};

    private TextGenerator generator;
    private MambaLanguageModel model;

    private final String fixture;

    /** Takes the model to read with. */
    @Factory(dataProvider = "models")
    public PromptStateTest(EngineSetup engine, String fixture) {
        super(engine);
        this.fixture = fixture;
    }

    /** A model of each kind. */
    @DataProvider
    public static Object[][] models() {
        return Engines.each(new Object[][] {{"hf-tiny"}, {"hf-tiny-mamba2"}});
    }

    @BeforeMethod(dependsOnMethods = "openManager")
    public void loadModel() throws Exception {
        model = MambaCheckpoint.load(Fixtures.folder(fixture), manager);
        generator = new TextGenerator(model, manager);
    }

    private static GenerationOptions hot() {
        return GenerationOptions.builder()
                .optMaxNewTokens(15)
                .optTemperature(1)
                .optRepetitionPenalty(1.5)
                .build();
    }

    private static int[] ids(TokenStream stream) {
        List<Integer> ids = new ArrayList<>();
        try (stream) {
            stream.forEachRemaining(token -> ids.add(token.id()));
        }
        return ids.stream().mapToInt(id -> id).toArray();
    }

    @Test
    public void manyContinuationsOfOnePrefix() {
        int[] expected = ids(generator.generate(PROMPT, hot()));
        int arrays = manager.getManagedArrays().size();
        try (PromptState state = generator.read(PROMPT)) {
            Assert.assertEquals(state.tokens(), PROMPT.length);
            float[] logits = state.logits();
            Assert.assertEquals(ids(generator.generate(state, hot())), expected);
            Assert.assertEquals(ids(generator.generate(state, hot())), expected);
            GenerationOptions three = hot().toBuilder().optSamples(3).build();
            List<Generated> samples = generator.generateAll(state, three, (row, token) -> true);
            List<Generated> direct = generator.generate(List.of(PROMPT), three);
            for (int i = 0; i < 3; i++) {
                Assert.assertEquals(samples.get(i).ids(), direct.get(i).ids());
            }
            Assert.assertEquals(state.logits(), logits);
        }
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
    }

    @Test
    public void readingOnIsReadingAtOnce() {
        int[] expected = ids(generator.generate(PROMPT, hot()));
        for (int split = 1; split < PROMPT.length; split++) {
            PromptState first = generator.read(Arrays.copyOf(PROMPT, split));
            long[] rest = Arrays.copyOfRange(PROMPT, split, PROMPT.length);
            TokenStream stream;
            try (PromptState all = generator.read(first, rest)) {
                Assert.assertEquals(all.tokens(), PROMPT.length);
                stream = generator.generate(all, hot());
            }
            Assert.assertEquals(ids(stream), expected); // the stream has a copy
            Assert.assertEquals(first.tokens(), split);
            first.close();
        }
    }

    private static byte[] bytes(PromptState state) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        state.save(out);
        return out.toByteArray();
    }

    @Test
    public void aSavedStateGoesOnBitEqually() throws Exception {
        GenerationOptions options =
                hot().toBuilder()
                        .optTemperature(0)
                        .optRepetitionPenalty(1.1)
                        .optLogProbs(5)
                        .build();
        try (PromptState state = generator.read(PROMPT)) {
            byte[] saved = bytes(state);
            InputStream in = new ByteArrayInputStream(saved);
            try (PromptState loaded = PromptState.load(manager, in, model)) {
                Assert.assertEquals(loaded.logits(), state.logits());
                Assert.assertEquals(loaded.tokens(), state.tokens());
                Assert.assertEquals(bytes(loaded), saved);
                TokenStream one = generator.generate(state, options);
                TokenStream other = generator.generate(loaded, options);
                while (one.hasNext()) {
                    Token expected = one.next();
                    Token found = other.next();
                    Assert.assertEquals(found.id(), expected.id());
                    Assert.assertEquals(found.topLogProbs(), expected.topLogProbs());
                }
                Assert.assertFalse(other.hasNext());
            }
        }
    }

    @Test
    public void damagedStatesAreRefused() throws Exception {
        byte[] saved;
        try (PromptState state = generator.read(PROMPT)) {
            saved = bytes(state);
        }
        int arrays = manager.getManagedArrays().size();
        for (int place = 0; place < saved.length; place += place < 40 ? 1 : 97) {
            byte[] damaged = saved.clone();
            damaged[place] ^= 0x40;
            assertRefused(damaged);
            assertRefused(Arrays.copyOf(saved, place));
        }
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
    }

    /** What was expected, and what was found. */
    @Test
    public void messagesSayWhatWasFound() throws Exception {
        byte[] saved;
        try (PromptState state = generator.read(PROMPT)) {
            saved = bytes(state);
        }
        byte[] zip = saved.clone();
        System.arraycopy(new byte[] {'P', 'K', 3, 4}, 0, zip, 0, 4);
        assertSaid(zip, "begin with \"MPST\" (4d505354), found \"PK..\" (504b0304)");
        assertSaid(Arrays.copyOf(saved, 9), "it ends too early: in its header");
        int header = 3 * Integer.BYTES + Long.BYTES;
        assertSaid(
                Arrays.copyOf(saved, saved.length - 1),
                String.format(
                        "it ends too early: expected %d bytes, found %d",
                        saved.length - header, saved.length - header - 1));
        byte[] damaged = saved.clone();
        damaged[header + 9] ^= 1;
        assertSaid(
                damaged,
                String.format(
                        "expected the checksum %08x, found ",
                        ByteBuffer.wrap(saved).getLong(header - Long.BYTES)));
        // a configuration that none can be is no other model
        assertForged(
                saved,
                bytes -> bytes.put(header + Short.BYTES, (byte) '!'),
                "expected the configuration of a model, found another text");
    }

    private void assertSaid(byte[] damaged, String words) {
        InputStream in = new ByteArrayInputStream(damaged);
        IOException e =
                Assert.expectThrows(IOException.class, () -> PromptState.load(manager, in, model));
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    private void assertRefused(byte[] damaged) {
        InputStream in = new ByteArrayInputStream(damaged);
        IOException e =
                Assert.expectThrows(IOException.class, () -> PromptState.load(manager, in, model));
        Assert.assertTrue(e.getMessage().contains("prompt state"), e.getMessage());
    }

    /** A sum can be forged together with what it is the sum of. */
    @Test
    public void forgedStatesAreRefused() throws Exception {
        byte[] saved;
        try (PromptState state = generator.read(PROMPT)) {
            saved = bytes(state);
        }
        int header = 2 * Integer.BYTES + Integer.BYTES + Long.BYTES;
        int tokens = header + Short.BYTES + ByteBuffer.wrap(saved).getShort(header);
        int seen = tokens + Long.BYTES;
        int size = ByteBuffer.wrap(saved).getInt(seen);
        int logits = seen + Integer.BYTES + size;
        assertForged(saved, bytes -> bytes.putLong(tokens, -1), "a number of tokens, found -1");
        assertForged(saved, bytes -> bytes.putInt(seen, -1), "a set of the token ids, found -1");
        assertForged(saved, bytes -> bytes.putInt(seen, 1 << 30), "a set of the token ids");
        assertForged(saved, bytes -> bytes.putInt(logits, -1), "logits, found -1");
        assertForged(saved, bytes -> bytes.putInt(logits, 1 << 30), "logits, found 1073741824");
        int state = logits + Integer.BYTES + Float.BYTES * ByteBuffer.wrap(saved).getInt(logits);
        assertForged(saved, bytes -> bytes.putInt(state + Integer.BYTES, 1), "arrays, found 1");
        assertForged(saved, bytes -> bytes.putShort(header, (short) -1), "ends too early");
    }

    private void assertForged(byte[] saved, Consumer<ByteBuffer> change, String words) {
        ByteBuffer bytes = ByteBuffer.wrap(saved.clone());
        change.accept(bytes);
        int header = 2 * Integer.BYTES + Integer.BYTES + Long.BYTES;
        CRC32 checksum = new CRC32();
        checksum.update(bytes.array(), header, saved.length - header);
        bytes.putLong(header - Long.BYTES, checksum.getValue());
        InputStream in = new ByteArrayInputStream(bytes.array());
        IOException e =
                Assert.expectThrows(IOException.class, () -> PromptState.load(manager, in, model));
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    @Test
    public void anotherModelIsRefusedWithTheDifference() throws Exception {
        Path work = Files.createTempDirectory("mamba-prompt");
        MambaConfig config;
        try {
            Path folder = Fixtures.copy(fixture, work);
            Fixtures.edit(folder, json -> json.addProperty("num_hidden_layers", 3));
            config = MambaCheckpoint.readConfig(folder);
        } finally {
            ProcessFiles.delete(work);
        }
        MambaLanguageModel other = new MambaLanguageModel(config, true);
        other.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        try (PromptState state = generator.read(PROMPT)) {
            InputStream in = new ByteArrayInputStream(bytes(state));
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> PromptState.load(manager, in, other));
            Assert.assertTrue(
                    e.getMessage().endsWith("found numLayers=2; expected numLayers=3"),
                    e.getMessage());
            TextGenerator stranger = new TextGenerator(other, manager);
            Assert.expectThrows(
                    IllegalArgumentException.class, () -> stranger.generate(state, hot()));
        }
    }

    /** Two models of other kinds differ in everything: only the kinds are named. */
    @Test
    public void anotherKindIsNamed() throws Exception {
        boolean isMamba = "hf-tiny".equals(fixture);
        MambaLanguageModel other =
                MambaCheckpoint.load(
                        Fixtures.folder(isMamba ? "hf-tiny-mamba2" : "hf-tiny"), manager);
        try (PromptState state = generator.read(PROMPT)) {
            InputStream in = new ByteArrayInputStream(bytes(state));
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> PromptState.load(manager, in, other));
            Assert.assertTrue(
                    e.getMessage()
                            .endsWith(
                                    isMamba
                                            ? "found layers of mamba; expected mamba2"
                                            : "found layers of mamba2; expected mamba"),
                    e.getMessage());
        }
    }

    @Test
    public void aFileOfAFewBytesIsNotAState() {
        for (int bytes : new int[] {0, 3}) {
            InputStream in = new ByteArrayInputStream(new byte[bytes]);
            IOException e =
                    Assert.expectThrows(
                            IOException.class, () -> PromptState.load(manager, in, model));
            Assert.assertEquals(
                    e.getMessage(),
                    "This is not a saved prompt state: it has " + bytes + " bytes only");
        }
    }

    @Test
    public void aNewJvmGoesOn() throws Exception {
        Path file = Files.createTempFile("mamba-prompt", ".bin");
        String folder = Fixtures.folder(fixture).toString();
        try {
            List<String> written =
                    ProcessFiles.java(Child.class, engineName, folder, file.toString(), "write");
            List<String> read =
                    ProcessFiles.java(Child.class, engineName, folder, file.toString(), "read");
            Assert.assertEquals(read, written); // bit by bit: the same engine and threads
            Assert.assertEquals(read.size(), 15);
            try (InputStream in = Files.newInputStream(file);
                    PromptState state = PromptState.load(manager, in, model)) {
                String ids = Arrays.toString(ids(generator.generate(state, Child.options())));
                String expected =
                        read.stream()
                                .map(line -> line.substring(0, line.indexOf(' ')))
                                .toList()
                                .toString();
                Assert.assertEquals(ids, expected);
            }
        } finally {
            Files.delete(file);
        }
    }

    /** What the new JVMs run: the first one reads the prompt, the second one loads it. */
    static final class Child {

        private Child() {}

        static GenerationOptions options() {
            return GenerationOptions.builder().optMaxNewTokens(15).optLogProbs(88).build();
        }

        public static void main(String[] args) throws IOException, MalformedModelException {
            Path file = Path.of(args[2]);
            try (NDManager manager = NDManager.newBaseManager(Device.cpu(), args[0])) {
                MambaLanguageModel model = MambaCheckpoint.load(Path.of(args[1]), manager);
                TextGenerator generator = new TextGenerator(model, manager);
                if (args[3].equals("write")) {
                    try (var out = Files.newOutputStream(file);
                            PromptState state = generator.read(PROMPT)) {
                        state.save(out);
                        print(generator.generate(state, options()));
                    }
                } else {
                    try (var in = Files.newInputStream(file);
                            PromptState state = PromptState.load(manager, in, model)) {
                        print(generator.generate(state, options()));
                    }
                }
            }
        }

        private static void print(TokenStream stream) {
            while (stream.hasNext()) {
                Token token = stream.next();
                int[] bits = new int[token.topLogProbs().length];
                Arrays.setAll(bits, i -> Float.floatToRawIntBits(token.topLogProbs()[i]));
                System.out.println(token.id() + " " + Arrays.hashCode(bits));
            }
        }
    }
}

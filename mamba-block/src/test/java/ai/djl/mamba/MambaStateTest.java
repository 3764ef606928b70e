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
package ai.djl.mamba;

import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.testing.BlockFixture;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The contract of {@link MambaState}. */
public class MambaStateTest extends BlockFixture {

    private static final int ROWS = 4;

    private static final Mixer MAMBA = MambaOptions.builder().optStateSize(3).build();
    private static final Mixer MAMBA2 =
            Mamba2Options.builder().optStateSize(3).optHeadSize(2).optGroups(2).build();

    private final List<Mixer> layers;

    @Factory(dataProvider = "enginesAndMixers")
    public MambaStateTest(EngineSetup engine, List<Mixer> layers) {
        super(engine, 0);
        this.layers = layers;
    }

    @DataProvider
    public static Object[][] enginesAndMixers() {
        return Engines.eachAndComposed(
                Engines.rows(
                        List.of(
                                List.of(MAMBA, MAMBA),
                                List.of(MAMBA2, MAMBA2),
                                List.of(MAMBA, MAMBA2, new S4DOptions(), MAMBA))));
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(VOCABULARY)
                        .setModelSize(4)
                        .setLayers(layers)
                        .build();
        return new MambaLanguageModel(config, returnState);
    }

    private MambaState readPrompt(SequenceBlock block, int rows) {
        return new MambaState(
                run(block, data(block, rows, DataType.FLOAT32, rows, 6)).subNDList(1));
    }

    private NDArray next(SequenceBlock block, NDList ids, MambaState state) {
        return run(block, inputs(ids, null, state.toNDList())).get(0);
    }

    @Test
    public void startIsTheStartOfASequence() {
        SequenceBlock block = block(DataType.FLOAT32);
        NDList ids = data(block, 3, DataType.FLOAT32, ROWS, 3);
        try (MambaState start = MambaState.start(block, manager, ROWS)) {
            Assert.assertEquals(start.batchSize(), ROWS);
            Assert.assertEquals(start.dataType(), DataType.FLOAT32);
            assertNear(next(block, ids, start), run(block, ids).get(0), 1e-6, "start");
        }
    }

    @Test
    public void selectedRowsContinueAsTheyWould() {
        SequenceBlock block = block(DataType.FLOAT32);
        MambaState state = readPrompt(block, ROWS);
        NDList ids = data(block, 3, DataType.FLOAT32, ROWS, 2);
        NDList all = new NDList(next(block, ids, state));
        for (int[] rows : new int[][] {{3, 2, 1, 0}, {1}, {2, 2, 0, 2, 1}, {0, 1, 2, 3}}) {
            int before = manager.getManagedArrays().size();
            try (MambaState selected = state.select(rows)) {
                int arrays = selected.toNDList().size();
                Assert.assertEquals(manager.getManagedArrays().size(), before + arrays);
                Assert.assertEquals(selected.batchSize(), rows.length);
                for (int i = 0; i < rows.length; i++) {
                    NDList row = row(selected.toNDList(), i);
                    assertAllEqual(row, row(state.toNDList(), rows[i]), "row " + i);
                }
                NDList selectedIds = new NDList(selectRows(ids.get(0), rows));
                NDList result = new NDList(next(block, selectedIds, selected));
                for (int i = 0; i < rows.length; i++) {
                    String what = Arrays.toString(rows) + ", row " + i;
                    assertAllNear(row(result, i), row(all, rows[i]), 1e-6, what);
                }
            }
        }
    }

    private static NDArray selectRows(NDArray ids, int... rows) {
        NDArray selected = null;
        for (int row : rows) {
            NDArray next = row(new NDList(ids), row).get(0);
            selected = selected == null ? next : selected.concat(next, 0);
        }
        return selected;
    }

    @Test
    public void joinedRowsContinueAsTheyWould() {
        SequenceBlock block = block(DataType.FLOAT32);
        MambaState first = readPrompt(block, 2);
        MambaState second = readPrompt(block, 3);
        try (MambaState joined = MambaState.join(List.of(first, second))) {
            Assert.assertEquals(joined.batchSize(), 5);
            NDList ids = data(block, 3, DataType.FLOAT32, 5, 2);
            NDArray result = next(block, ids, joined);
            NDList firstIds = new NDList(selectRows(ids.get(0), 0, 1));
            NDList secondIds = new NDList(selectRows(ids.get(0), 2, 3, 4));
            NDArray expected =
                    next(block, firstIds, first).concat(next(block, secondIds, second), 0);
            assertNear(result, expected, 1e-6, "joined");
        }
        try (MambaState alone = MambaState.join(List.of(first))) {
            assertAllEqual(alone.toNDList(), first.toNDList(), "joined alone");
        }
    }

    @Test
    public void copiesAreIndependent() {
        SequenceBlock block = block(DataType.FLOAT32);
        MambaState state = readPrompt(block, 2);
        NDList kept = new NDList();
        state.toNDList().forEach(array -> kept.add(array.mul(1)));
        try (NDManager other = NDManager.newBaseManager(manager.getDevice(), engineName)) {
            MambaState copy = state.copy(other);
            Assert.assertEquals(other.getManagedArrays().size(), kept.size());
            state.toNDList().forEach(array -> array.addi(1));
            assertAllEqual(copy.toNDList(), kept, "copy");
            state.close();
            assertAllEqual(copy.toNDList(), kept, "copy after closing");
        }
    }

    private static byte[] save(MambaState state) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        state.save(out);
        return out.toByteArray();
    }

    private MambaState load(byte[] bytes) throws IOException {
        return MambaState.load(manager, new ByteArrayInputStream(bytes));
    }

    @Test
    public void savedStatesAreRestoredBitByBit() throws IOException {
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
            MambaState state = new MambaState(state(block(type), 20, ROWS));
            MambaState loaded = load(save(state));
            Assert.assertEquals(loaded.dataType(), type);
            assertAllEqual(loaded.toNDList(), state.toNDList(), "loaded");
        }
    }

    @Test
    public void damagedStatesAreRefused() throws IOException {
        byte[] saved = save(readPrompt(block(DataType.FLOAT32), 2));
        int before = manager.getManagedArrays().size();
        for (int length = 0; length < saved.length; length += 7) {
            assertDamaged(Arrays.copyOf(saved, length));
        }
        for (int position = 0; position < saved.length; position += 3) {
            byte[] changed = saved.clone();
            changed[position] ^= 0x41;
            assertDamaged(changed);
        }
        Assert.assertEquals(manager.getManagedArrays().size(), before, "arrays left behind");
    }

    /** What was expected, what was found, and where. */
    @Test
    public void messagesSayWhatWasFound() throws IOException {
        byte[] saved = save(readPrompt(block(DataType.FLOAT32), 2));
        byte[] zip = saved.clone();
        System.arraycopy(ascii("PK\3\4"), 0, zip, 0, 4);
        assertSaid(zip, "begin with \"MST1\" (4d535431), found \"PK..\" (504b0304)");
        byte[] none = saved.clone();
        ByteBuffer.wrap(none).putInt(Integer.BYTES, 0);
        assertSaid(none, "expected 1 to 65536 arrays, found 0");
        assertSaid(Arrays.copyOf(saved, 2), "it ends too early, in its header");
        int size = ByteBuffer.wrap(saved).getInt(2 * Integer.BYTES);
        int sum = 3 * Integer.BYTES + size;
        assertSaid(Arrays.copyOf(saved, sum + 1), "it ends too early, in array 0 of ");
        long expected = ByteBuffer.wrap(saved).getLong(sum);
        byte[] damaged = saved.clone();
        ByteBuffer.wrap(damaged).putLong(sum, 0xabc);
        assertSaid(damaged, String.format("expected the checksum 00000abc, found %08x", expected));
        int array = new String(saved, StandardCharsets.ISO_8859_1).indexOf("NDAR");
        assertForged(saved, bytes -> bytes.put(array, ascii("ndar")), "\"NDAR\", found \"ndar\"");
        int type = new String(saved, StandardCharsets.ISO_8859_1).indexOf("FLOAT32");
        assertForged(saved, bytes -> bytes.put(type, ascii("DOUBLES")), "found \"DOUBLES\"");
    }

    private void assertSaid(byte[] bytes, String words) {
        IOException e = Assert.expectThrows(IOException.class, () -> load(bytes));
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    private void assertDamaged(byte[] bytes) {
        IOException e = Assert.expectThrows(IOException.class, () -> load(bytes));
        Assert.assertTrue(
                e.getMessage().startsWith("The saved Mamba state is damaged: ")
                        && !e.getMessage().contains("null"),
                e.getMessage());
    }

    /** Sums and sizes of a file can be forged together: what the headers say is checked as well. */
    @Test
    public void forgedStatesAreRefused() throws IOException {
        SequenceBlock block = block(DataType.FLOAT32);
        byte[] saved = save(readPrompt(block, 2));
        int before = manager.getManagedArrays().size();
        int type = new String(saved, StandardCharsets.ISO_8859_1).indexOf("FLOAT32");
        int axes = type + 7;
        int first = axes + Integer.BYTES;
        int count = ByteBuffer.wrap(saved).getInt(axes);
        int layout = first + Long.BYTES * count;
        int length = layout + Integer.BYTES + Character.BYTES * count + 1;
        assertForged(saved, bytes -> bytes.put(type, ascii("FLOAT64")), "bytes of an array");
        assertForged(saved, bytes -> bytes.put(type, ascii("UNKNOWN")), "expected the type");
        assertForged(saved, bytes -> bytes.put(type, ascii("BOOLEAN")), "bytes of an array");
        assertForged(saved, bytes -> bytes.putInt(axes, count + 1), "");
        assertForged(saved, bytes -> bytes.putInt(axes, -1), "expected at most 32 axes, found -1");
        assertForged(saved, bytes -> bytes.putInt(axes, 1 << 30), "expected at most 32 axes");
        assertForged(saved, bytes -> bytes.putInt(layout, count + 1), "expected a layout");
        assertForged(saved, bytes -> bytes.putLong(first, 3), "bytes of an array");
        assertForged(saved, bytes -> bytes.putLong(first, -2), "expected no negative sizes");
        assertForged(saved, bytes -> bytes.putLong(first, (1L << 32) + 2), "less than 2 GiB");
        assertForged(saved, bytes -> bytes.putInt(length, bytes.getInt(length) + 4), "found");
        assertForged(saved, bytes -> bytes.putInt(length, -4), "found -4");
        assertForged(saved, bytes -> bytes.putInt(Integer.BYTES, 1 << 16), "");
        Assert.assertEquals(manager.getManagedArrays().size(), before, "arrays left behind");
        try (MambaState sound = MambaState.load(manager, new ByteArrayInputStream(saved), block)) {
            Assert.assertEquals(save(sound), saved);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Changes the first array, with the right sum of it. */
    private void assertForged(byte[] saved, Consumer<ByteBuffer> change, String words) {
        ByteBuffer bytes = ByteBuffer.wrap(saved.clone());
        change.accept(bytes);
        int start = 3 * Integer.BYTES; // behind the magic number, the count and its size
        int size = bytes.getInt(2 * Integer.BYTES);
        CRC32 checksum = new CRC32();
        checksum.update(bytes.array(), start, size);
        bytes.putLong(start + size, checksum.getValue());
        assertDamaged(bytes.array());
        IOException e = Assert.expectThrows(IOException.class, () -> load(bytes.array()));
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    @Test
    public void statesOfOtherModelsAreRefused() throws IOException {
        SequenceBlock block = block(DataType.FLOAT32);
        MambaLanguageModel wider =
                new MambaLanguageModel(
                        MambaConfig.builder()
                                .setVocabSize(VOCABULARY)
                                .setModelSize(6)
                                .setLayers(layers)
                                .build(),
                        true);
        wider.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        MambaState other = readPrompt(wider, 2);
        assertOther(block, other, "The saved Mamba state is damaged: expected array ");
        NDList one = new NDList(readPrompt(block, 2).toNDList().get(0));
        assertOther(block, new MambaState(one), "arrays, found 1");
        MambaState wide = new MambaState(state(block(DataType.FLOAT64), 20, ROWS));
        assertOther(block, wide, "float32 in rows of shape (");
        try (MambaState any = load(save(other))) {
            Assert.assertEquals(any.batchSize(), 2);
        }
    }

    private void assertOther(SequenceBlock block, MambaState other, String words)
            throws IOException {
        byte[] saved = save(other);
        IOException e =
                Assert.expectThrows(
                        IOException.class,
                        () -> MambaState.load(manager, new ByteArrayInputStream(saved), block));
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    @Test
    public void wrongRowsAndStatesAreRefused() {
        MambaState state = new MambaState(state(block(DataType.FLOAT32), 20, ROWS));
        MambaState wide = new MambaState(state(block(DataType.FLOAT64), 20, ROWS));
        MambaState other = new MambaState(new NDList(manager.zeros(new Shape(2, 3, 4))));
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        Assert.expectThrows(refused, () -> state.select(ROWS));
        Assert.expectThrows(refused, () -> state.select(0, -1));
        Assert.expectThrows(refused, () -> state.select());
        Assert.expectThrows(refused, () -> MambaState.join(List.of()));
        Assert.expectThrows(refused, () -> MambaState.join(List.of(state, other)));
        Assert.expectThrows(refused, () -> MambaState.join(List.of(state, wide)));
        Assert.expectThrows(refused, () -> new MambaState(new NDList()));
        NDArray scalar = manager.create(1f);
        Assert.expectThrows(refused, () -> new MambaState(new NDList(scalar)));
        NDList uneven = new NDList(manager.zeros(new Shape(2, 3)), manager.zeros(new Shape(3, 3)));
        Assert.expectThrows(refused, () -> new MambaState(uneven));
    }
}

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

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.EncodedArray;
import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.StateSpec;
import ai.djl.mamba.ops.Padding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The state of a batch of sequences between two calls: for each layer, the arrays of its mixer,
 * such as the window of a convolution, (B, K−1, E), and the state of a scan, (B, E, N). Unless a
 * mixer keeps something that {@linkplain ai.djl.mamba.layer.StateSpec#grows grows}, the size does
 * not depend on the number of tokens read.
 *
 * <p>A state is a value: operations return a new state with its own arrays and leave this one
 * unchanged. Each state must be closed, or belong to a manager that is closed.
 */
public final class MambaState implements AutoCloseable {

    private static final int MAGIC = 0x4d535431; // "MST1"
    private static final int MAX_ARRAYS = 1 << 16;

    private final NDList arrays;

    /**
     * Wraps the arrays that a {@link SequenceBlock} returned after its output.
     *
     * @param arrays the arrays, each with B rows; the state takes ownership
     * @throws IllegalArgumentException if there are none or their numbers of rows differ
     */
    public MambaState(NDList arrays) {
        Checks.given("MambaState", "arrays", arrays);
        Checks.require(!arrays.isEmpty(), "MambaState", "a state needs at least one array");
        List<Shape> shapes = Arrays.asList(arrays.getShapes());
        Shape first = shapes.get(0);
        long rows = first.dimension() > 0 ? first.get(0) : 0;
        for (Shape shape : shapes) {
            Checks.require(
                    shape.dimension() > 1 && shape.get(0) == rows && rows > 0,
                    "MambaState",
                    "expected the same number of rows in every array, got %s",
                    shapes); // formatted only on failure: formatting took 1 ms per token
        }
        this.arrays = new NDList(arrays);
    }

    /**
     * Returns the state at the start of a sequence.
     *
     * @param block the block
     * @param manager the manager that owns the state
     * @param batchSize the number of rows
     * @return zeros
     */
    public static MambaState start(SequenceBlock block, NDManager manager, long batchSize) {
        Checks.given("MambaState", "block", block);
        Checks.given("MambaState", "manager", manager);
        NDList zeros = new NDList();
        for (Shape shape : block.getStateShapes(batchSize)) {
            zeros.add(manager.zeros(shape, block.dataType()));
        }
        return new MambaState(zeros);
    }

    /**
     * Returns the arrays, in the form that a block accepts as its begin state.
     *
     * @return the arrays, owned by this state
     */
    public NDList toNDList() {
        return new NDList(arrays);
    }

    /**
     * Returns the number of rows.
     *
     * @return B
     */
    public int batchSize() {
        return Math.toIntExact(arrays.get(0).getShape().get(0));
    }

    /**
     * Takes rows in any order, each any number of times: reordering for beam search, slicing out
     * for continuous batching.
     *
     * @param rows the rows of the new state
     * @return a new state of {@code rows.length} rows
     * @throws IllegalArgumentException if a row does not exist or no rows are given
     */
    public MambaState select(int... rows) {
        int batch = batchSize();
        Checks.require(rows.length > 0, "MambaState", "no rows to select");
        for (int row : rows) {
            Checks.require(
                    row >= 0 && row < batch,
                    "MambaState",
                    "expected rows in [0, %d), got %s",
                    batch,
                    Arrays.toString(rows));
        }
        long[] index = Arrays.stream(rows).asLongStream().toArray();
        NDManager manager = arrays.get(0).getManager();
        NDList taken =
                Scoped.run(
                        manager,
                        () -> {
                            // a copy, so that a backward pass after the scope works
                            NDArray ids = Padding.indices(manager, index, new Shape(index.length));
                            NDList result = new NDList();
                            for (NDArray array : arrays) {
                                result.add(select(array, ids));
                            }
                            return result;
                        });
        return new MambaState(taken);
    }

    private static NDArray select(NDArray array, NDArray rows) {
        Shape row = array.getShape().slice(1);
        Shape selected = new Shape(rows.size()).addAll(row);
        if (row.size() == 0) { // an array that grows with the tokens, before the first token
            return array.getManager().zeros(selected, array.getDataType());
        }
        NDArray table = array.reshape(array.getShape().get(0), row.size());
        return Embedding.embedding(rows, table, SparseFormat.DENSE)
                .singletonOrThrow()
                .reshape(selected);
    }

    /**
     * Joins the rows of several states.
     *
     * @param states the states, all from the same model
     * @return a new state with the rows of all, first to last
     * @throws IllegalArgumentException if the states come from different models or there are none
     */
    public static MambaState join(List<MambaState> states) {
        Checks.given("MambaState", "states", states);
        Checks.require(!states.isEmpty(), "MambaState", "no states to join");
        MambaState first = states.get(0);
        for (MambaState state : states) {
            Checks.require(
                    state.rowShapes().equals(first.rowShapes())
                            && state.dataType() == first.dataType(),
                    "MambaState",
                    "cannot join states of different models: rows of %s %s and %s %s",
                    first.dataType(),
                    first.rowShapes(),
                    state.dataType(),
                    state.rowShapes());
        }
        NDList joined = new NDList();
        for (int i = 0; i < first.arrays.size(); i++) {
            NDList parts = new NDList();
            for (MambaState state : states) {
                parts.add(state.arrays.get(i));
            }
            joined.add(NDArrays.concat(parts, 0));
        }
        return new MambaState(joined);
    }

    private List<Shape> rowShapes() {
        return Arrays.stream(arrays.getShapes()).map(shape -> shape.slice(1)).toList();
    }

    /**
     * Copies the state.
     *
     * @param manager the manager that owns the copy
     * @return the copy
     */
    public MambaState copy(NDManager manager) {
        NDList copies = new NDList();
        for (NDArray array : arrays) {
            NDArray copy = array.duplicate();
            copy.attach(manager);
            copies.add(copy);
        }
        return new MambaState(copies);
    }

    /**
     * Writes the state. {@link #load} restores it bit by bit, in this or another process.
     *
     * @param out the stream, which is left open
     * @throws IOException if writing fails
     */
    public void save(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(MAGIC);
        data.writeInt(arrays.size());
        for (NDArray array : arrays) {
            byte[] encoded = array.encode();
            data.writeInt(encoded.length);
            data.write(encoded);
            data.writeLong(checksum(encoded));
        }
        data.flush();
    }

    private static long checksum(byte[] bytes) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        return checksum.getValue();
    }

    /**
     * Reads a state that {@link #save} wrote, whatever its model: only what the state says of
     * itself is checked, against itself and the bytes that are there. Where the model is at hand,
     * {@link #load(NDManager, InputStream, SequenceBlock)} also refuses states of other models.
     *
     * @param manager the manager that owns the state
     * @param in the stream, which is left open
     * @return the state
     * @throws IOException if reading fails or the stream does not hold a state
     */
    public static MambaState load(NDManager manager, InputStream in) throws IOException {
        return load(manager, in, List.of(), DataType.UNKNOWN);
    }

    /**
     * Reads a state that {@link #save} wrote, for the model that continues from it.
     *
     * @param manager the manager that owns the state
     * @param in the stream, which is left open
     * @param block the model, initialized
     * @return the state
     * @throws IOException if reading fails or the stream does not hold a state of the model
     */
    public static MambaState load(NDManager manager, InputStream in, SequenceBlock block)
            throws IOException {
        Checks.given("MambaState", "block", block);
        List<StateSpec> specs = block.getStateSpecs();
        Checks.require(!specs.isEmpty(), "MambaState", "the block has no state");
        return load(manager, in, specs, block.dataType());
    }

    /** Without specs, any arrays of floating-point numbers are a state. */
    private static MambaState load(
            NDManager manager, InputStream in, List<StateSpec> specs, DataType type)
            throws IOException {
        Checks.given("MambaState", "manager", manager);
        DataInputStream data = new DataInputStream(Checks.given("MambaState", "in", in));
        NDList loaded = new NDList();
        String place = "its header";
        try {
            int count = readCount(data);
            if (!specs.isEmpty() && count != specs.size()) {
                throw new IOException("expected " + specs.size() + " arrays, found " + count);
            }
            for (int i = 0; i < count; i++) {
                StateSpec spec = specs.isEmpty() ? null : specs.get(i);
                place = String.format("array %d of %d", i, count);
                long rows = i == 0 ? 0 : loaded.get(0).getShape().get(0);
                loaded.add(readArray(manager, data, header(i, rows, spec, type)));
            }
            return new MambaState(loaded);
        } catch (EOFException e) {
            loaded.close();
            throw new IOException(
                    "The saved Mamba state is damaged: it ends too early, in " + place, e);
        } catch (IOException | RuntimeException e) {
            loaded.close();
            throw new IOException("The saved Mamba state is damaged: " + e.getMessage(), e);
        }
    }

    private static int readCount(DataInputStream data) throws IOException {
        int magic = data.readInt();
        if (magic != MAGIC) {
            throw new IOException(
                    String.format(
                            "expected it to begin with %s, found %s: not a saved state, or of an"
                                    + " unknown version",
                            Printable.start(MAGIC), Printable.start(magic)));
        }
        int count = data.readInt();
        if (count < 1 || count > MAX_ARRAYS) {
            throw new IOException("expected 1 to " + MAX_ARRAYS + " arrays, found " + count);
        }
        return count;
    }

    /** What the header of an array is to be; 0 rows for any number. */
    private static EncodedArray.Check header(
            int index, long rows, StateSpec specOrNull, DataType expected) {
        return (type, shape) -> {
            long found = shape.dimension() < 2 ? 0 : shape.get(0);
            boolean fits = found > 0 && (rows == 0 || found == rows);
            fits &=
                    specOrNull == null
                            ? type.isFloating()
                            : type == expected && specOrNull.accepts(shape, found);
            if (!fits) {
                String wanted =
                        specOrNull == null
                                ? "floating-point numbers in rows of any shape"
                                : String.format(
                                        "%s, %s in rows of shape %s",
                                        specOrNull.name(), expected, specOrNull.rowShape());
                throw new IOException(
                        String.format(
                                "expected array %d to be %s, %s of them, found %s of shape %s",
                                index, wanted, rows == 0 ? "any number" : rows, type, shape));
            }
        };
    }

    private static NDArray readArray(
            NDManager manager, DataInputStream data, EncodedArray.Check check) throws IOException {
        int size = data.readInt();
        if (size < 0) {
            throw new IOException("negative size " + size);
        }
        byte[] encoded = data.readNBytes(size); // its memory grows with the bytes that are there
        if (encoded.length < size) {
            throw new IOException("expected " + size + " bytes, found " + encoded.length);
        }
        long expected = data.readLong();
        long found = checksum(encoded);
        if (expected != found) {
            throw new IOException(
                    String.format("expected the checksum %08x, found %08x", expected, found));
        }
        ByteArrayInputStream bytes = new ByteArrayInputStream(encoded);
        NDArray array = EncodedArray.read(manager, new DataInputStream(bytes), check);
        if (bytes.available() > 0) {
            array.close();
            throw new IOException(
                    "expected the end of an array, found " + bytes.available() + " more bytes");
        }
        return array;
    }

    /**
     * Returns the type of the arrays.
     *
     * @return the data type
     */
    public DataType dataType() {
        return arrays.get(0).getDataType();
    }

    /** Releases the arrays. */
    @Override
    public void close() {
        arrays.close();
    }
}

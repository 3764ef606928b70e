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

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.MambaState;
import ai.djl.mamba.internal.Malformed;
import ai.djl.mamba.internal.Printable;
import ai.djl.ndarray.NDManager;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The file form of a {@link PromptState}, big endian: magic number, version, length and CRC-32 of
 * the rest; then a text with the configuration of the model and its type, the number of tokens, the
 * set of ids, the logits, and the {@link MambaState}. {@link MambaConfig#parse} also reads the
 * configurations that version 0.1 wrote.
 */
final class PromptStateFormat {

    private static final int MAGIC = 0x4d505354; // "MPST"
    private static final int VERSION = 1;

    /** Stands between the configuration of the model and the type of its parameters. */
    private static final String TYPE = ", type=";

    private PromptStateFormat() {}

    static void write(PromptState prompt, OutputStream out) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(bytes)) {
            data.writeUTF(describe(prompt.model()));
            data.writeLong(prompt.read().count());
            byte[] seen = prompt.read().seen().toByteArray();
            data.writeInt(seen.length);
            data.write(seen);
            float[] logits = prompt.paddedLogits();
            ByteBuffer buffer = ByteBuffer.allocate(4 * logits.length);
            buffer.asFloatBuffer().put(logits);
            data.writeInt(logits.length);
            data.write(buffer.array());
            prompt.state().save(data);
        }
        byte[] content = bytes.toByteArray();
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(MAGIC);
        data.writeInt(VERSION);
        data.writeInt(content.length);
        data.writeLong(checksum(content));
        data.write(content);
        data.flush();
    }

    private static long checksum(byte[] bytes) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        return checksum.getValue();
    }

    static PromptState read(NDManager manager, InputStream in, MambaLanguageModel model)
            throws IOException, MalformedModelException {
        byte[] content = content(in);
        NDManager own = manager.newSubManager();
        boolean complete = false;
        try {
            PromptState state =
                    read(own, new DataInputStream(new ByteArrayInputStream(content)), model);
            complete = true;
            return state;
        } catch (EOFException | UTFDataFormatException e) {
            throw new IOException("The saved prompt state is damaged: it ends too early", e);
        } finally {
            if (!complete) {
                own.close();
            }
        }
    }

    private static PromptState read(NDManager own, DataInputStream data, MambaLanguageModel model)
            throws IOException, MalformedModelException {
        checkModel(data.readUTF(), model);
        int vocabulary = model.getConfig().paddedVocabSize();
        long tokens = data.readLong();
        require(tokens > 0, "a number of tokens", tokens);
        int length = data.readInt();
        require(length >= 0 && length <= vocabulary / 8 + 1, "a set of the token ids", length);
        BitSet seen = BitSet.valueOf(data.readNBytes(length));
        require(seen.length() <= vocabulary, "ids below " + vocabulary, seen.length() - 1);
        int count = data.readInt();
        require(count == vocabulary, vocabulary + " logits", count);
        float[] logits = new float[count];
        for (int i = 0; i < count; i++) {
            logits[i] = data.readFloat();
        }
        MambaState state = MambaState.load(own, data, model);
        require(state.batchSize() == 1, "one row", state.batchSize());
        require(data.available() == 0, "no bytes behind the state", data.available());
        return new PromptState(
                model, own, new Reading(logits, state), ReadTokens.restored(seen, tokens));
    }

    private static void require(boolean condition, String expected, long found) throws IOException {
        if (!condition) {
            throw new IOException(
                    String.format(
                            "The saved prompt state is damaged: expected %s, found %d",
                            expected, found));
        }
    }

    /** Reads all and checks it, before anything of it is believed. */
    private static byte[] content(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        try {
            checkMagic(data.readNBytes(Integer.BYTES));
            int version = data.readInt();
            if (version != VERSION) {
                throw new IOException(
                        "The saved prompt state is of version "
                                + version
                                + ", expected "
                                + VERSION);
            }
            int length = data.readInt();
            long checksum = data.readLong();
            byte[] content = data.readNBytes(Math.max(0, length));
            if (content.length != length) {
                throw new EOFException(
                        String.format("expected %d bytes, found %d", length, content.length));
            }
            long found = checksum(content);
            if (found != checksum) {
                throw new IOException(
                        String.format(
                                "The saved prompt state is damaged: expected the checksum %08x,"
                                        + " found %08x",
                                checksum, found));
            }
            return content;
        } catch (EOFException e) {
            String place = e.getMessage() == null ? "in its header" : e.getMessage();
            throw new IOException(
                    "The saved prompt state is damaged: it ends too early: " + place, e);
        }
    }

    private static void checkMagic(byte[] start) throws IOException {
        if (start.length < Integer.BYTES) {
            throw new IOException(
                    String.format(
                            "This is not a saved prompt state: it has %d bytes only",
                            start.length));
        }
        int found = ByteBuffer.wrap(start).getInt();
        if (found != MAGIC) {
            throw new IOException(
                    String.format(
                            "This is not a saved prompt state: expected it to begin with %s, found"
                                    + " %s",
                            Printable.start(MAGIC), Printable.start(found)));
        }
    }

    private static String describe(MambaLanguageModel model) {
        return model.getConfig().toJson() + TYPE + model.dataType();
    }

    private static MambaConfig configuration(String saved) throws IOException {
        try {
            return MambaConfig.parse(saved);
        } catch (IllegalArgumentException e) {
            String message =
                    "The saved prompt state is damaged: expected the configuration of a model,"
                            + " found another text: "
                            + e.getMessage();
            throw new IOException(Printable.lines(message), e);
        }
    }

    /** A sound state of another model is not the fault of the file. */
    private static void checkModel(String saved, MambaLanguageModel model)
            throws IOException, MalformedModelException {
        int end = saved.lastIndexOf(TYPE);
        MambaConfig config = configuration(saved.substring(0, Math.max(0, end)));
        String foundKinds = ConfigDifferences.kinds(config);
        String expectedKinds = ConfigDifferences.kinds(model.getConfig());
        if (!foundKinds.equals(expectedKinds)) {
            throw Malformed.of(
                    String.format(
                            "The saved prompt state is that of another kind of model: found layers"
                                    + " of %s; expected %s",
                            foundKinds, expectedKinds));
        }
        Map<String, String> found = ConfigDifferences.options(config);
        Map<String, String> expected = ConfigDifferences.options(model.getConfig());
        found.put("type", saved.substring(end + TYPE.length()));
        expected.put("type", model.dataType().toString());
        if (!found.equals(expected)) {
            throw Malformed.of(
                    String.format(
                            "The saved prompt state is that of another model: found %s; expected"
                                    + " %s",
                            ConfigDifferences.list(found, expected),
                            ConfigDifferences.list(expected, found)));
        }
    }
}

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
package ai.djl.mamba.training;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.EncodedArray;
import ai.djl.mamba.internal.Printable;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UTFDataFormatException;
import java.util.HashMap;
import java.util.Map;

/**
 * The file format of the state of an {@link AdamW}: a magic number and a version; the number of
 * steps, the last learning rate and the number of parameters; for each parameter its name, its
 * number of updates and both running means in DJL's encoding, which includes shape and type.
 */
final class AdamStateFormat {

    private static final int MAGIC = 0x4164616d; // "Adam"
    private static final int VERSION = 1;

    private AdamStateFormat() {}

    static void write(
            DataOutputStream out, int step, float learningRate, Map<String, AdamW.State> states)
            throws IOException {
        out.writeInt(MAGIC);
        out.writeInt(VERSION);
        out.writeInt(step);
        out.writeFloat(learningRate);
        out.writeInt(states.size());
        for (Map.Entry<String, AdamW.State> entry : states.entrySet()) {
            AdamW.State state = entry.getValue();
            out.writeUTF(entry.getKey());
            out.writeInt(state.updates());
            out.write(state.mean().encode());
            out.write(state.variance().encode());
        }
    }

    static Content read(DataInputStream in, ParameterGroups groups)
            throws IOException, MalformedModelException {
        Map<String, AdamState.Moments> moments = new HashMap<>();
        boolean complete = false;
        String place = "its header";
        try {
            int magic = in.readInt();
            check(
                    magic == MAGIC,
                    String.format(
                            "this is not the state of an AdamW: expected it to begin with %s, found"
                                    + " %s",
                            Printable.start(MAGIC), Printable.start(magic)));
            int version = in.readInt();
            check(version == VERSION, "expected version " + VERSION + ", got " + version);
            int step = in.readInt();
            float learningRate = in.readFloat();
            check(step >= 0, "expected a number of steps, got " + step);
            int count = in.readInt();
            check(count >= 0, "expected a number of parameters, got " + count);
            for (int i = 0; i < count; i++) {
                place = String.format("parameter %d of %d", i + 1, count);
                readParameter(in, groups, moments);
            }
            complete = true;
            return new Content(step, learningRate, moments);
        } catch (UTFDataFormatException e) {
            throw new MalformedModelException(
                    "AdamW: the state is damaged: a name is no text, in " + place, e);
        } catch (EOFException e) {
            throw new MalformedModelException(
                    "AdamW: the state is truncated: it ends in " + place, e);
        } finally {
            if (!complete) {
                for (AdamState.Moments state : moments.values()) {
                    state.mean.close();
                    state.variance.close();
                }
            }
        }
    }

    private static void readParameter(
            DataInputStream in, ParameterGroups groups, Map<String, AdamState.Moments> moments)
            throws IOException, MalformedModelException {
        String name = in.readUTF();
        ParameterGroups.Member member = groups.withName(name);
        check(member != null, "the block has no parameter " + name);
        Parameter parameter = member.parameter();
        if (!parameter.isInitialized()) {
            throw new IllegalStateException(
                    "AdamW: initialize the block before loading its optimizer; parameter "
                            + name
                            + " has no values yet");
        }
        NDArray weight = parameter.getArray();
        int updates = in.readInt();
        check(updates >= 0, "expected a number of updates of " + name + ", got " + updates);
        check(!moments.containsKey(parameter.getId()), "two states of parameter " + name);
        NDArray mean = readArray(in, weight, name);
        try {
            NDArray variance = readArray(in, weight, name);
            moments.put(parameter.getId(), new AdamState.Moments(updates, mean, variance));
        } catch (IOException | MalformedModelException | RuntimeException e) {
            mean.close();
            throw e;
        }
    }

    /** An array is read only if its header is that of the weight. */
    private static NDArray readArray(DataInputStream in, NDArray weight, String name)
            throws IOException, MalformedModelException {
        try {
            return EncodedArray.read(
                    weight.getManager(),
                    in,
                    (type, shape) -> {
                        if (!shape.equals(weight.getShape()) || type != weight.getDataType()) {
                            throw new StreamCorruptedException(
                                    String.format(
                                            "it is %s %s in the block, but its state is %s %s",
                                            weight.getDataType(), weight.getShape(), type, shape));
                        }
                    });
        } catch (StreamCorruptedException | UTFDataFormatException e) {
            throw malformed("parameter " + name + ": " + e.getMessage());
        }
    }

    private static void check(boolean condition, String message) throws MalformedModelException {
        if (!condition) {
            throw malformed(message);
        }
    }

    private static MalformedModelException malformed(String message) {
        return new MalformedModelException("AdamW: " + message);
    }

    /** What was read: the moments are keyed by parameter id. */
    record Content(int step, float learningRate, Map<String, AdamState.Moments> moments) {}
}
